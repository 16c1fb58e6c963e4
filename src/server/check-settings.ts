import { checkFileContents } from './check-contents.ts'
import { loadModule } from './load-processor.ts'
import { checkDataFile } from './settings/data-file.ts'
import type { Settings } from './settings/read-settings.ts'

/**
 * Checks what the settings name, without opening a database or a connection: the folder of the data file, the module
 * of the processor, and the contents of the settings file. Returns what only a start can check. Throws SettingsUnusable
 * or CannotStart.
 */
export async function checkSettings(
  settings: Settings,
): Promise<{ readonly unchecked: readonly string[] }> {
  const { database, processor } = settings
  checkDataFile(settings)
  if (processor?.kind === 'module') await loadModule(processor.path)
  await checkFileContents(settings)
  return {
    unchecked: [
      ...(database.kind === 'postgres' ? ['whether PostgreSQL answers'] : []),
      ...(processor?.kind === 'server' ? ['whether the processor server answers'] : []),
    ],
  }
}
