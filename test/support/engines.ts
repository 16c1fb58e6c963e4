import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import type { PublicIds } from '../../src/domain/public-id.ts'
import { openCore } from '../../src/server/core.ts'
import { readSettings, type Settings } from '../../src/server/settings/read-settings.ts'
import { createMigratedFile } from './memory-store.ts'
import { createMigratedDatabase } from './postgres-cluster.ts'

/** One storage engine. */
export type EngineName = 'file' | 'memory' | 'postgres'
/** The storage engines. Suites run on each. In the run on Citus, `postgres` is a Citus cluster, and the only engine. */
export const ENGINES: readonly EngineName[] =
  process.env.PAYDESK_TEST_CITUS === '1' ? ['postgres'] : ['file', 'memory', 'postgres']

/** A place for one test's data. */
export type Place = {
  /** The flags that select it, by the settings' names. */
  readonly flags: Readonly<Record<string, string | boolean>>
  readonly remove: () => void
}

/** Makes an empty place on an engine. */
export async function makePlace(engine: EngineName): Promise<Place> {
  if (engine === 'memory') return { flags: { memory: true }, remove: () => {} }
  if (engine === 'postgres') {
    return {
      flags: { databaseUrl: await createMigratedDatabase(inject('postgresUrl')) },
      remove: () => {},
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-test-'))
  const file = join(folder, 'paydesk.db')
  await createMigratedFile(file)
  return {
    flags: { data: file },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Returns the translation of ids for a place's database. */
export async function publicIdsAt(place: Place): Promise<PublicIds> {
  const { store } = await openCore(settingsAt(place))
  await store.close()
  return store.publicIds
}

/** Returns the settings of a server with a place's data, on a free port and with little logging. */
export function settingsAt(
  place: Place,
  more: Readonly<Record<string, string | boolean>> = {},
): Settings {
  return readSettings({ port: '0', logLevel: 'silent', ...place.flags, ...more }, {})
}

/** A module of a live processor. `approving-processor` approves everything at once, so nothing changes later. */
type LiveProcessor = 'processor-module' | 'approving-processor'

/** Returns the settings of a live server with a place's data. */
export function liveSettingsAt(
  place: Place,
  more: Readonly<Record<string, string | boolean>> = {},
  processor: LiveProcessor = 'processor-module',
): Settings {
  return settingsAt(place, {
    live: true,
    secretKey: 'ab'.repeat(32),
    processor: fileURLToPath(new URL(`${processor}.ts`, import.meta.url)),
    ...more,
  })
}
