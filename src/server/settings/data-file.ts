import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Settings } from './read-settings.ts'
import { SettingsUnusable } from './settings-unusable.ts'

/** Throws SettingsUnusable for a data file that can neither be opened nor created. It opens nothing. */
export function checkDataFile({ database }: Pick<Settings, 'database'>): void {
  if (database.kind !== 'sqlite' || database.file === ':memory:') return
  const problem = problemOf(database.file)
  if (problem !== undefined) throw new SettingsUnusable([problem])
}

function problemOf(file: string): string | undefined {
  const folder = dirname(resolve(file))
  const folderStats = statSync(folder, { throwIfNoEntry: false })
  if (folderStats === undefined) {
    return `The folder of the data file ${file} does not exist. Make it, or name another file with --data.`
  }
  if (!folderStats.isDirectory())
    return `The data file ${file} cannot be used: ${folder} is not a folder. Name another file with --data.`
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats?.isDirectory() === true) return `${file} is a folder: name a file with --data.`
  for (const path of stats === undefined ? [folder] : [folder, file]) {
    try {
      accessSync(path, constants.R_OK | constants.W_OK)
    } catch {
      return `The data file ${file} cannot be used: this user needs the right to read and write ${path}.`
    }
  }
  return undefined
}
