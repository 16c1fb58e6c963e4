import { checkFileContents } from './check-contents.ts'
import { loadMessengerModule } from './load-messenger.ts'
import { loadModule } from './load-processor.ts'
import { checkDataFile } from './settings/data-file.ts'
import type { Settings } from './settings/read-settings.ts'
import { settingWarnings } from './settings/setting-warnings.ts'

/**
 * Checks the folder of the data file, the modules of the processor and the messenger, and the contents of the settings
 * file, without opening a database or a connection. Returns the checks that only a start can make, and the warnings of
 * a start. Throws SettingsUnusable or CannotStart.
 */
export async function checkSettings(
  settings: Settings,
): Promise<{ readonly skippedNames: readonly string[]; readonly warnings: readonly string[] }> {
  const { database, messenger, openid, processor, telemetry } = settings
  checkDataFile(settings)
  if (processor?.kind === 'module') await loadModule(processor.path)
  if (messenger?.kind === 'module') await loadMessengerModule(messenger.path)
  await checkFileContents(settings)
  return {
    warnings: settingWarnings(settings),
    skippedNames: [
      ...(database.kind === 'postgres' ? ['whether PostgreSQL answers'] : []),
      ...(processor?.kind === 'server' ? ['whether the processor server answers'] : []),
      ...(messenger?.kind === 'smtp' ? ['whether the mail server answers'] : []),
      ...(openid === undefined ? [] : ['whether the identity provider answers']),
      ...(telemetry === undefined ? [] : ['whether the collector of traces answers']),
    ],
  }
}
