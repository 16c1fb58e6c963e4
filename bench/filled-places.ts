/**
 * The filled databases of the benchmark `growth`. They can stay in a folder, because a fill takes much longer than a
 * measurement.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  initializeServer,
  makeClusterPlace,
  startServer,
} from '../test/support/postgres-cluster.ts'
import type { Lifetime } from './lifetime.ts'
import {
  type FilledLists,
  type FillFacts,
  filledListsOf,
  fillLists,
  type Parts,
} from './lists-rows.ts'
import { type EngineName, makeFolder, makePlaceOn, newSecretKey, type Place } from './places.ts'

/** Settings of PostgreSQL during a fill. The server starts again without them before a measurement. */
const FILL_SETTINGS = [
  'shared_buffers=2GB',
  'maintenance_work_mem=1GB',
  'max_wal_size=16GB',
  'wal_level=minimal',
  'max_wal_senders=0',
]

export type FilledPlace = FilledLists & {
  readonly place: Place
  /** False: the database is deleted at the end of the run. */
  readonly isKept: boolean
}

/** The file beside a filled database. A fill that was interrupted has none. */
type Label = { readonly secretKey: string; readonly facts: FillFacts }

/**
 * Opens the database with this number of rows in a folder, and fills it first if it is not there. On PostgreSQL each
 * database has its own server, whose user must be able to read the folder. `folder` undefined: a new temporary one.
 */
export async function openFilledPlace(
  lifetime: Lifetime,
  engineName: EngineName,
  { folder, parts, rowCount }: { folder: string | undefined; parts: Parts; rowCount: number },
): Promise<FilledPlace> {
  const isKept = folder !== undefined
  const home = isKept ? join(folder, `${engineName}-${rowCount}`) : await makeFolder(lifetime)
  const labelFile = join(home, 'label.json')
  if (!existsSync(labelFile)) {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home, { recursive: true })
    const secretKey = newSecretKey()
    const filling = await openPlace(home, engineName, { isFill: true, secretKey })
    await lifetime.keep(filling, ({ stop }) => stop())
    const { facts } = await fillLists(filling.place, rowCount, parts)
    await filling.stop()
    writeFileSync(labelFile, JSON.stringify({ secretKey, facts } satisfies Label))
  }
  const { facts, secretKey } = JSON.parse(readFileSync(labelFile, 'utf8')) as Label
  const { place } = await lifetime.keep(
    openPlace(home, engineName, { isFill: false, secretKey }),
    ({ stop }) => stop(),
  )
  return { ...filledListsOf(facts), place, isKept }
}

async function openPlace(
  home: string,
  engineName: EngineName,
  { isFill, secretKey }: { isFill: boolean; secretKey: string },
): Promise<{ place: Place; stop: () => Promise<void> }> {
  if (engineName === 'sqlite') {
    const data = join(home, 'paydesk.db')
    const place = await makePlaceOn({ data }, 'live', undefined, secretKey)
    return { place, stop: async () => undefined }
  }
  const cluster = makeClusterPlace(home)
  const data = join(home, 'data')
  if (!existsSync(data)) initializeServer(cluster, data)
  const { pid, stop, url } = await startServer(cluster, data, !isFill, isFill ? FILL_SETTINGS : [])
  try {
    return { place: await makePlaceOn({ databaseUrl: url }, 'live', pid, secretKey), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
