import { openCore } from '../../src/server/core.ts'
import { readSettings } from '../../src/server/settings/read-settings.ts'

/** Makes a data file the database of a sandbox, as its first start does. Commands refuse an empty one. */
export async function makeSandboxDatabase(file: string): Promise<void> {
  const { store } = await openCore(readSettings({ data: file, logLevel: 'silent' }, {}))
  await store.close()
}
