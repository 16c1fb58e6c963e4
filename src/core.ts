import { rmSync, writeFileSync } from 'node:fs'
import type { DestinationStream } from 'pino'
import type { ApiDeps } from './api/app.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { deriveKeys, type Keys } from './domain/secret.ts'
import { createIds } from './ids.ts'
import { createLogger } from './logger.ts'
import type { Clock, Random, Store } from './operations/ports.ts'
import { createRandom } from './random.ts'
import { createCachedStore } from './store/cached-store.ts'
import { DatabaseUnusable, type Engine } from './store/engine.ts'
import { migrate } from './store/migrate.ts'
import { openSqlite } from './store/sqlite.ts'
import { createStore } from './store/store.ts'

/** Everything that runs without a port: the store and what operations need beside it. */
export type Core = Pick<ApiDeps, 'mode' | 'clock' | 'ids' | 'random' | 'keys' | 'store' | 'logger'>

/** Opens the database that is configured, without touching its schema. Throws DatabaseUnusable. */
export async function openEngine({ database }: Pick<Config, 'database'>): Promise<Engine> {
  if (database.kind === 'sqlite') return openSqlite(database.file)
  // Loaded only where it is used: the embedded database starts without it.
  const { openPostgres } = await import('./store/postgres.ts')
  return openPostgres(database.url, database.connectionCountMax)
}

/**
 * Opens the database, brings its schema up to date, and makes sure that it belongs to this mode and
 * secret key. Throws DatabaseUnusable.
 */
export async function openCore(
  config: Config,
  {
    clock = systemClock,
    random = createRandom(),
    logTo,
  }: {
    readonly clock?: Clock
    readonly random?: Random
    readonly logTo?: DestinationStream
  } = {},
): Promise<Core> {
  const keys = deriveKeys(config.secretKey)
  return {
    mode: config.mode,
    clock,
    random,
    keys,
    store: await openStore(await openEngine(config), random, config, keys),
    ids: createIds(clock, random),
    logger: createLogger(config, logTo),
  }
}

/** Opens the store on a database, with its schema up to date. Throws DatabaseUnusable. */
export async function openStore(
  engine: Engine,
  random: Random,
  { mode }: Pick<Config, 'mode'>,
  keys: Keys,
): Promise<Store> {
  try {
    await migrate(engine)
    const store = createCachedStore(createStore(engine, random))
    await claimDatabase(store, mode, keys.check)
    return store
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** Replaces the embedded database by an image and opens it. The caller has closed the old one. */
export function reopenSqlite({ database }: Pick<Config, 'database'>, image: Uint8Array): Engine {
  if (database.kind !== 'sqlite') throw new Error('only the embedded database has images')
  const { file } = database
  if (file === ':memory:') return openSqlite(file, image)
  for (const ending of ['-wal', '-shm']) rmSync(`${file}${ending}`, { force: true })
  writeFileSync(file, image)
  return openSqlite(file)
}

/** A sandbox's database has a token in it that everybody knows, so it must never go live. */
async function claimDatabase(store: Store, mode: string, keyCheck: string): Promise<void> {
  const madeFor = await store.stateInstallationFact('mode', mode)
  if (madeFor !== mode) {
    throw new DatabaseUnusable(
      `The database was made in ${madeFor} mode and cannot be used in ${mode} mode. Name another database.`,
    )
  }
  if ((await store.stateInstallationFact('secret_key_check', keyCheck)) !== keyCheck) {
    throw new DatabaseUnusable(
      'The database was made with another secret key. Set PAYDESK_SECRET_KEY to the key it was made with.',
    )
  }
}
