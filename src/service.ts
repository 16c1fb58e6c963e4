import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type DestinationStream, type Logger, pino } from 'pino'
import { type ApiDeps, createApp } from './api/app.ts'
import { createMetrics } from './api/metrics.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config.ts'
import { deriveKeys } from './domain/secret.ts'
import { createIds } from './ids.ts'
import { registerOauthRoutes } from './oauth/routes.ts'
import type { Clock, Random, Store } from './operations/ports.ts'
import { isProcessor } from './processors/processor.ts'
import { createRandom } from './random.ts'
import { prepareSandbox } from './sandbox/prepare.ts'
import { createCachedStore } from './store/cached-store.ts'
import { DatabaseUnusable, type Engine } from './store/engine.ts'
import { migrate } from './store/migrate.ts'
import { openSqlite } from './store/sqlite.ts'
import { createStore } from './store/store.ts'
import { startDeletingExpired } from './workers/delete-expired.ts'

/** The program cannot start, in a sentence for the person who started it. */
export class CannotStart extends Error {}

/** Everything that runs without a port: the store and what operations need beside it. */
export type Core = Pick<ApiDeps, 'mode' | 'clock' | 'ids' | 'random' | 'keys' | 'store' | 'logger'>

/** A running server. */
export type Service = {
  readonly core: Core
  /** Where it listens: `http://127.0.0.1:4242`. */
  readonly baseUrl: string
  /** Stops taking connections, answers what is in flight, and lets the database go. */
  readonly close: () => Promise<void>
}

/** Requests in flight get this long to end when the program stops, in milliseconds. */
const DRAIN_MS_MAX = 8_000

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
    logTo = logDestination(),
  }: {
    readonly clock?: Clock
    readonly random?: Random
    readonly logTo?: DestinationStream
  } = {},
): Promise<Core> {
  const engine = await openEngine(config)
  try {
    await migrate(engine)
    const store = createCachedStore(createStore(engine, random))
    const keys = deriveKeys(config.secretKey)
    await claimDatabase(store, config.mode, keys.check)
    const core: Core = {
      mode: config.mode,
      clock,
      random,
      keys,
      store,
      ids: createIds(clock, random),
      logger: pino({ level: config.logLevel, base: null }, logTo),
    }
    return core
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** How much a log that is not taken may pile up, in bytes, before lines are dropped. */
const LOG_BYTES_MAX = 1_048_576

/** The standard error output, which must never hold up the service nor its end: a disk can be full. */
function logDestination(): DestinationStream {
  const destination = pino.destination({ dest: 2, sync: false, maxLength: LOG_BYTES_MAX })
  destination.on('error', () => {
    destination.flushSync = () => {}
  })
  return destination
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

/** Starts the server: opens what it needs and listens. Throws CannotStart or DatabaseUnusable. */
export async function startService(
  config: Config,
  options: Parameters<typeof openCore>[1] = {},
): Promise<Service> {
  if (config.processorModule !== undefined) await loadProcessor(config.processorModule)
  const core = await openCore(config, options)
  // Only what serves lays out the sandbox: a command that looks at a database changes nothing in it.
  if (config.mode === 'sandbox') await prepareSandbox(core, config.sandbox)
  let isDraining = false
  const app = await createApp(
    {
      ...core,
      metrics: createMetrics(),
      accessLog: config.accessLog,
      limitsRates: config.limitsRates,
      trustsProxy: config.trustsProxy,
      isDraining: () => isDraining,
    },
    (instance) =>
      registerOauthRoutes(instance, {
        ...core,
        limitsRates: config.limitsRates,
        publicUrl: config.publicUrl,
      }),
  )
  const deleting = startDeletingExpired(core)

  async function close(): Promise<void> {
    isDraining = true
    deleting.stop()
    // A request that does not end in time is cut off; what it had committed stays.
    const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS_MAX)
    await app.close()
    clearTimeout(cut)
    await deleting.stopped
    await core.store.close()
    await flush(core.logger)
  }

  try {
    await app.listen({ port: config.port, host: config.host })
  } catch (error) {
    await close()
    throw new CannotStart(sentenceFrom(error, config))
  }
  return { core, baseUrl: config.publicUrl ?? addressOf(app.server.address()), close }
}

function addressOf(address: ReturnType<import('node:net').Server['address']>): string {
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}

function flush(logger: Logger): Promise<void> {
  return new Promise((done) => logger.flush(() => done()))
}

async function loadProcessor(path: string): Promise<void> {
  let exported: unknown
  try {
    const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown }
    exported = module.default
  } catch (error) {
    throw new CannotStart(
      `The processor module ${path} cannot be loaded: ${(error as Error).message}. Check --processor.`,
    )
  }
  if (!isProcessor(exported)) {
    throw new CannotStart(
      `The processor module ${path} must have a default export with name, charge and findCharge.`,
    )
  }
}

function sentenceFrom(error: unknown, { host, port }: Config): string {
  const { code, message } = error as { code?: string; message: string }
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use. End the program that uses it, or choose another with --port (0 picks a free one).`
    case 'EACCES':
      return `Port ${port} may not be used by this user. Choose one above 1023 with --port.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Choose another with --host.`
    default:
      return `The server cannot listen on ${host}:${port}: ${message}.`
  }
}
