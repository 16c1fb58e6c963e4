import { statSync } from 'node:fs'
import { importModule } from '../program/import-module.ts'
import { CannotStart } from './cannot-start.ts'
import { SettingsUnusable } from './settings/settings-unusable.ts'

/**
 * Imports a module by its path. `name`: the module in an error, such as `processor module`. `source`: the flag or
 * argument with the path. Throws SettingsUnusable if the path is not that of a file, otherwise CannotStart.
 */
export async function importNamedModule(
  name: string,
  path: string,
  source: string,
): Promise<Readonly<Record<string, unknown>>> {
  const problem = (reason: string) =>
    `The ${name} ${path} cannot be loaded: ${reason}. Check ${source}.`
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) throw new SettingsUnusable([problem('there is no such file')])
  if (!stats.isFile()) throw new SettingsUnusable([problem('it is a folder or a device')])
  try {
    return await importModule(path)
  } catch (error) {
    throw new CannotStart(problem(error instanceof Error ? error.message : String(error)))
  }
}
