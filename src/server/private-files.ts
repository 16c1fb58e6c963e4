import { chmodSync, existsSync, realpathSync, statSync } from 'node:fs'
import type { Logger } from 'pino'

/** The permissions of everybody except the owner. */
const OTHERS = 0o077
/** The mode of a folder that many users share, such as /tmp. Its permissions do not change. */
const STICKY = 0o1000
/** The endings of the files that SQLite and the lock put beside a data file. */
const SUFFIXES = ['-wal', '-shm', '-journal', '.lock', '.lock.json']

/**
 * Warns of each file or folder that other users of this machine may read or change, or removes that permission if
 * `fixes` is true. Missing paths are skipped.
 */
export function keepPrivate(
  paths: readonly string[],
  fixes: boolean,
  logger: Pick<Logger, 'warn' | 'info'>,
): void {
  // Windows does not use these bits.
  if (process.platform === 'win32') return
  for (const path of paths.filter((one) => existsSync(one))) {
    const before = modeOf(path)
    if ((before & OTHERS) === 0) continue
    if (fixes) takeFromOthers(path, before)
    const after = modeOf(path)
    if ((after & OTHERS) === 0) {
      logger.info({ path, from: octal(before), to: octal(after) }, 'permissions fixed')
    } else {
      logger.warn(
        { path, mode: octal(after) },
        fixes
          ? 'other users of this machine can read or change this file, and Paydesk could not remove this permission: ask the owner of the file to do it'
          : 'other users of this machine can read or change this file: start with --fix-permissions, or run the command chmod go= on this file',
      )
    }
  }
}

/** Returns the data file under its real name, with the files beside it. */
export function dataFiles(file: string): readonly string[] {
  if (!existsSync(file)) return []
  const path = realpathSync(file)
  return [path, ...SUFFIXES.map((ending) => `${path}${ending}`)]
}

function takeFromOthers(path: string, mode: number): void {
  if ((mode & STICKY) !== 0) return
  try {
    chmodSync(path, mode & ~OTHERS & 0o7777)
  } catch {
    // Only the owner may change the permissions. The caller then logs a warning.
  }
}

function modeOf(path: string): number {
  return statSync(path).mode
}

/** Writes a mode like `chmod`: `0644`. */
function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}
