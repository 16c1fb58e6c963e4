import { statSync } from 'node:fs'
import { quote } from '../../program/command-name.ts'
import type { FoundSetting } from './find-settings.ts'
import type { Setting } from './setting.ts'
import { SETTINGS } from './settings-table.ts'
import { withoutPassword } from './shown-value.ts'

/**
 * Returns the paths of the files that have secrets of a server: those of variables such as
 * PAYDESK_SECRET_KEY_FILE, and a settings file with a secret in it. A sandbox's well-known values
 * are not secrets.
 */
export function secretFilesOf(foundSettings: ReadonlyMap<string, FoundSetting>): readonly string[] {
  const all: Readonly<Record<string, Setting>> = SETTINGS
  const files = [...foundSettings].flatMap(([key, setting]) => {
    if ('problem' in setting || setting.file === undefined) return []
    const { isSandboxValue = false, isSecret = false } = all[key] ?? {}
    const hasSecret = isSecret ? !isSandboxValue : withoutPassword(setting.value) !== setting.value
    return hasSecret ? [setting.file] : []
  })
  return [...new Set(files)]
}

/** The permission of all users to read. */
const READ_BIT_OF_OTHERS = 0o004
/** The permission of a group, and of all users, to change. */
const WRITE_BITS_OF_OTHERS = 0o022

/**
 * Returns a sentence for each file that every user of this machine can read, or that others can change. A group may
 * read it: container platforms give secrets to the group of the program.
 */
export function secretFileWarnings(files: readonly string[]): readonly string[] {
  // Windows does not use these bits.
  if (process.platform === 'win32') return []
  return files.flatMap((file) => {
    const stats = statSync(file, { throwIfNoEntry: false })
    // The pipe of a shell's `<(…)` belongs to its two programs.
    if (stats?.isFile() !== true) return []
    const isRead = (stats.mode & READ_BIT_OF_OTHERS) !== 0
    const isChanged = (stats.mode & WRITE_BITS_OF_OTHERS) !== 0
    if (!isRead && !isChanged) return []
    const verbs = [...(isRead ? ['read'] : []), ...(isChanged ? ['change'] : [])].join(' and ')
    return [
      `other users of this machine can ${verbs} ${file}, which contains a secret: chmod g-w,o= ${quote(file)}`,
    ]
  })
}
