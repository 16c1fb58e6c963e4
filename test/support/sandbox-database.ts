import { openCore } from '../../src/server/core.ts'
import { readSettings } from '../../src/server/settings/read-settings.ts'

/** Prepares a data file as the first start of a sandbox does. Commands refuse an empty data file. */
export async function makeSandboxDatabase(file: string): Promise<void> {
  const { store } = await openCore(readSettings({ data: file, logLevel: 'silent' }, {}))
  await store.close()
}
