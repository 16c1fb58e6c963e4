import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings, type Settings } from '../src/server/settings/read-settings.ts'
import { startPostgres } from '../test/support/postgres-cluster.ts'
import type { Lifetime } from './lifetime.ts'

/** The databases that are measured. */
export const ENGINES = ['sqlite', 'postgres'] as const
/** One of them. */
export type EngineName = (typeof ENGINES)[number]

/** An empty database of the run's own. */
export type Place = {
  /** The arguments of `paydesk serve` that name it. */
  readonly args: readonly string[]
  readonly database: Settings['database']
}

/** Makes an empty database that lasts as long as the run. Its commits wait for the disk. */
export async function makePlace(lifetime: Lifetime, engine: EngineName): Promise<Place> {
  if (engine === 'sqlite') {
    const data = join(await makeFolder(lifetime), 'paydesk.db')
    return { args: ['--data', data], database: readSettings({ data }, {}).database }
  }
  const cluster = await lifetime.keep(startPostgres({ isDurable: true }), ({ stop }) => stop())
  const databaseUrl = cluster.url
  return {
    args: ['--database-url', databaseUrl],
    database: readSettings({ databaseUrl }, {}).database,
  }
}

/** Makes a temporary folder that lasts as long as the run. */
export function makeFolder(lifetime: Lifetime): Promise<string> {
  return lifetime.keep(mkdtempSync(join(tmpdir(), 'paydesk-bench-')), (folder) =>
    rmSync(folder, { recursive: true, force: true }),
  )
}
