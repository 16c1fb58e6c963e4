import type { DestinationStream, Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import { createPublicIds } from '../domain/public-id.ts'
import type { Random } from '../domain/random.ts'
import { deriveKeys, type Keys, openSealedWithAny } from '../domain/secret.ts'
import { type InSpan, withSpans } from '../operations/spans.ts'
import type { Store } from '../operations/store.ts'
import type { Tenant } from '../operations/tenant.ts'
import { COMMAND_NAME } from '../program/command-name.ts'
import { createCachedStore } from '../store/cached-store.ts'
import type { NodeEvent } from '../store/engine/citus-nodes.ts'
import { lockDataFile } from '../store/engine/data-file-lock.ts'
import { type CountBatch, DatabaseUnusable, type Engine } from '../store/engine/engine.ts'
import { isUpToDate, migrate } from '../store/engine/migrate.ts'
import type { PrimaryEvent } from '../store/engine/primary.ts'
import type { ReadPlace, ReplicaEvent } from '../store/engine/replica.ts'
import { openSqlite } from '../store/engine/sqlite.ts'
import { firstHiddenId } from '../store/hidden-ids-from.ts'
import { hasInstallation } from '../store/installation.ts'
import { createPublicIdStore } from '../store/public-id-store.ts'
import { createStore } from '../store/store.ts'
import { createDifferenceWarning, followClock, systemClock } from './clock.ts'
import { createIds } from './ids.ts'
import { createLogger } from './logger.ts'
import { dataFiles, keepPrivate } from './private-files.ts'
import { createRandom } from './random.ts'
import type { Settings } from './settings/read-settings.ts'

/** The part of a tenant for commands that work on a database. It serves no requests and calls no processor. */
export type Core = Pick<
  Tenant,
  'mode' | 'clock' | 'signingClock' | 'ids' | 'random' | 'keys' | 'store'
> & { readonly logger: Logger }

/** The functions that count the batches of a database, and the lists that each of its servers answers. */
export type DatabaseCounters = {
  readonly countBatch: CountBatch
  readonly countListRead: (place: ReadPlace) => void
}

/**
 * Opens the database of the settings, without changing its schema. `image`: the first content of a database in memory.
 * Throws DatabaseUnusable.
 */
export async function openEngine(
  { database }: Pick<Settings, 'database'>,
  logger?: Logger,
  counters?: DatabaseCounters,
  image?: Uint8Array,
): Promise<Engine> {
  const { countBatch, countListRead = () => {} } = counters ?? {}
  if (database.kind === 'sqlite') {
    const isInMemory = dataFileOf({ database }) === undefined
    return openSqlite(database.file, isInMemory ? image : undefined, countBatch)
  }
  // Loaded only here, so that the embedded database starts without it.
  const { openPostgres, readFromReplica } = await import('../store/engine/postgres.ts')
  const report = (event: PrimaryEvent | NodeEvent) => {
    switch (event.kind) {
      case 'lost':
        logger?.error({ hosts: event.hosts }, 'no database server accepts writes')
        break
      case 'found':
        logger?.warn({ host: event.host }, 'this database server accepts writes and is used')
        break
      case 'node_lost':
        logger?.error({ node: event.place }, 'a machine of the database does not answer')
        break
      case 'node_found':
        logger?.warn({ node: event.place }, 'the machine of the database answers again')
        break
      case 'node_path':
        reportPath(event, logger)
    }
  }
  const { connectionCountMax, readUrl } = database
  const engine = await openPostgres(database.url, connectionCountMax, report, countBatch)
  if (readUrl === undefined) return engine
  const replica = { url: readUrl, report: reportReplica(logger), countRead: countListRead }
  return closeOnFailure(engine, () => readFromReplica(engine, replica, connectionCountMax))
}

/** Logs whether the statements for one machine of the database go to it directly or through the coordinator. */
function reportPath(
  { place: node, reason }: Extract<NodeEvent, { kind: 'node_path' }>,
  logger: Logger | undefined,
): void {
  if (reason === undefined) logger?.info({ node }, 'statements go directly to the machine')
  else logger?.warn({ node, reason }, 'statements for the machine go through the coordinator')
}

const reportReplica =
  (logger: Logger | undefined) =>
  (event: ReplicaEvent): void => {
    const { host } = event
    if (event.kind === 'replica_found') logger?.info({ host }, 'lists are read from the replica')
    else {
      const { reason } = event
      logger?.warn({ host, reason }, 'the replica cannot be used: lists are read from the primary')
    }
  }

/** The database of a server. No other program may serve a data file at the same time. */
export type ServedEngine = Engine & {
  /** Writes the server's address into the lock, for the message of a second program on the same data file. */
  readonly recordAddress: (address: string) => void
}

/**
 * Opens the database of the settings and, for a data file, takes its lock until the database is
 * closed. Any number of programs may serve one PostgreSQL database. Throws DatabaseUnusable.
 */
export async function openServedEngine(
  settings: Pick<Settings, 'database'>,
  logger: Logger,
  counters: DatabaseCounters,
  image?: Uint8Array,
): Promise<ServedEngine> {
  const engine = await openEngine(settings, logger, counters, image)
  const file = dataFileOf(settings)
  if (file === undefined) return { ...engine, recordAddress: () => {} }
  return closeOnFailure(engine, () => {
    const lock = lockDataFile(file, systemClock.nowMs())
    return {
      ...engine,
      recordAddress: lock.recordAddress,
      close: async () => {
        await engine.close()
        lock.release()
      },
    }
  })
}

/** Closes the engine if the step fails: no lock or connection is left. */
async function closeOnFailure<Result>(
  engine: Pick<Engine, 'close'>,
  open: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await open()
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** The longest time for which a command waits for another process that updates the same schema. */
const COMMAND_WAIT_MS_MAX = 2_000

/**
 * Brings the schema of a database up to date for a command, and returns the names of the migrations. If there are
 * any, no server may use the data file, because it could no longer read its database. Throws DatabaseUnusable.
 */
export async function bringUpToDate(
  engine: Engine,
  settings: Pick<Settings, 'database'>,
): Promise<readonly string[]> {
  const file = dataFileOf(settings)
  if (file === undefined || (await isUpToDate(engine))) return migrate(engine)
  const lock = lockDataFile(file, systemClock.nowMs(), COMMAND_WAIT_MS_MAX)
  try {
    return await migrate(engine)
  } finally {
    lock.release()
  }
}

/** Warns of a data file that other users may read, or removes the permission if `fixesPermissions` is true. */
export function keepDatabasePrivate(
  settings: Pick<Settings, 'database' | 'fixesPermissions'>,
  logger: Logger,
): void {
  const file = dataFileOf(settings)
  if (file !== undefined) keepPrivate(dataFiles(file), settings.fixesPermissions, logger)
}

/** Undefined: the database is not in a file of this machine. */
function dataFileOf({ database }: Pick<Settings, 'database'>): string | undefined {
  if (database.kind !== 'sqlite' || database.file === ':memory:') return undefined
  return database.file
}

/**
 * Opens the database, brings its schema up to date, and makes sure that it belongs to this mode and
 * secret key. `makesInstallation`: false refuses a database without an installation, and changes nothing in it.
 * Throws DatabaseUnusable.
 */
export async function openCore(
  settings: Settings,
  {
    logTo,
    makesInstallation = true,
  }: { readonly logTo?: DestinationStream; readonly makesInstallation?: boolean } = {},
): Promise<Core> {
  const keys = deriveKeys(settings.secretKey, settings.previousSecretKey)
  const logger = createLogger(settings, logTo)
  const engine = await openEngine(settings, logger)
  await closeOnFailure(engine, async () => {
    if (!makesInstallation) await requireInstallation(engine, settings.mode)
    return bringUpToDate(engine, settings)
  })
  const { clock: machine, stop } = await openClock(engine, undefined, logger)
  const random = createRandom()
  const store = await openStore(engine, { clock: machine, random }, settings, keys)
  const clock = await clockOf(settings, store, machine)
  // Checked after the open, so that a failed start prints one sentence without warnings before it.
  keepDatabasePrivate(settings, logger)
  return {
    mode: settings.mode,
    clock,
    signingClock: clock,
    random,
    keys,
    store: {
      ...store,
      close: () => {
        stop()
        return store.close()
      },
    },
    ids: createIds(clock, random, store.publicIds),
    logger,
  }
}

/**
 * Refuses a database in which no server or command has created an installation. Throws
 * DatabaseUnusable.
 */
async function requireInstallation(engine: Engine, mode: Settings['mode']): Promise<void> {
  if (await hasInstallation(engine)) return
  throw new DatabaseUnusable(
    mode === 'live'
      ? `The database is empty: Paydesk has not used it yet. To start a server on this database: ${COMMAND_NAME} serve --live`
      : `The database is empty: Paydesk has not used it yet. For real payments, add --live to this command. To start a sandbox on this database: ${COMMAND_NAME} serve`,
  )
}

/**
 * Opens the program's clock: a test's clock, otherwise the database's, which all servers share, otherwise the
 * machine's. Warns if the machine's and the database's differ. Closes the engine if the database does not return its
 * time.
 */
export async function openClock(
  engine: Pick<Engine, 'clockMs' | 'close'>,
  testClock: Clock | undefined,
  logger: Logger,
): Promise<{ readonly clock: Clock; readonly stop: () => void }> {
  const { clockMs } = engine
  if (testClock !== undefined || clockMs === undefined) {
    return { clock: testClock ?? systemClock, stop: () => {} }
  }
  const onTime = createDifferenceWarning(
    (differenceSeconds) =>
      logger.warn(
        { differenceSeconds },
        'the clocks of this machine and of the database differ: Paydesk uses the database’s clock; check both',
      ),
    () => logger.info('the clocks of this machine and of the database agree again'),
  )
  const clock = await closeOnFailure(engine, () => followClock(clockMs, onTime))
  clock.start()
  return { clock, stop: clock.stop }
}

/**
 * Returns the clock of a server or command without a control API: in live mode the program's. A sandbox's clock that
 * was moved continues, so that it never shows an earlier time than the stored rows.
 */
export async function clockOf(
  { mode }: Pick<Settings, 'mode'>,
  { installation }: Pick<Store, 'installation'>,
  machine: Clock,
): Promise<Clock> {
  if (mode === 'live') return machine
  const { openKeptClock } = await import('../sandbox/tenants/kept-clock.ts')
  return openKeptClock(installation, machine)
}

/**
 * Makes the store on a database that has its schema, and belongs to this mode and secret key.
 * `claim` runs before anything is read with a key. `rememberedCountMax`: the number of tokens and accounts in its cache.
 */
export async function makeStore(
  engine: Engine,
  { clock, inSpan, random, rememberedCountMax, steadyClock }: StoreNeeds,
  keys: Keys,
  claim?: (store: Store) => Promise<void>,
): Promise<Store> {
  const innerStore = createStore(engine, random)
  await claim?.(innerStore)
  const hiddenFromId = await firstHiddenId(engine, innerStore, clock.nowMs())
  const publicIds = createPublicIds(await publicIdKeyOf(innerStore, keys), hiddenFromId)
  const publicStore = createPublicIdStore(innerStore, publicIds)
  const store = createCachedStore(publicStore, rememberedCountMax, steadyClock)
  return inSpan === undefined ? store : withSpans(store, 'store', inSpan)
}

type StoreNeeds = {
  readonly clock: Clock
  readonly random: Random
  readonly rememberedCountMax?: number | undefined
  /** The monotonic clock of the cache. Undefined: the process's. */
  readonly steadyClock?: Clock | undefined
  /** Undefined: there are no traces. */
  readonly inSpan?: InSpan | undefined
}

/** Opens the store on a database, with its schema up to date. Throws DatabaseUnusable. */
export async function openStore(
  engine: Engine,
  needs: StoreNeeds,
  { mode }: Pick<Settings, 'mode'>,
  keys: Keys,
): Promise<Store> {
  return closeOnFailure(engine, async () => {
    await migrate(engine)
    return makeStore(engine, needs, keys, (store) => claimDatabase(store, mode, keys))
  })
}

/**
 * Records the mode and a check of the secret key of a new database. Refuses a database of another mode or key: that of
 * a sandbox has a well-known token, so it must never be used in live mode. Throws DatabaseUnusable.
 */
async function claimDatabase(store: Store, mode: string, keys: Keys): Promise<void> {
  const databaseMode = await store.installation.stateFact('mode', mode)
  if (databaseMode !== mode) {
    throw new DatabaseUnusable(
      `The database was created in ${databaseMode} mode and cannot be used in ${mode} mode. Name another database.`,
    )
  }
  if (!keys.use(await store.installation.stateFact('secret_key_check', keys.check))) {
    throw new DatabaseUnusable(
      keys.derivedKeys.length === 1
        ? `The database has another secret key. Set PAYDESK_SECRET_KEY to the key of the database. To replace that key instead, set PAYDESK_PREVIOUS_SECRET_KEY to that key, and run: ${COMMAND_NAME} database rekey`
        : 'The database has another secret key: neither PAYDESK_SECRET_KEY nor PAYDESK_PREVIOUS_SECRET_KEY is its key.',
    )
  }
}

/** The key of public ids never changes, even if the secret key is replaced. */
async function publicIdKeyOf(store: Store, keys: Keys): Promise<Uint8Array> {
  const sealedKey = await store.installation.findFact('public_id_key_sealed')
  return sealedKey === undefined
    ? keys.publicId
    : new Uint8Array(Buffer.from(openSealedWithAny(sealedKey, keys), 'base64url'))
}
