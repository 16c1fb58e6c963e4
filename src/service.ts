import { rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { type DestinationStream, type Logger, pino } from 'pino'
import { type ApiDeps, createApp } from './api/app.ts'
import { createMetrics, type Metrics } from './api/metrics.ts'
import { startBackgroundWork } from './background-work.ts'
import type { CheckoutRouteDeps } from './checkout/routes.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { PaymentAttemptId } from './domain/id.ts'
import { deriveKeys, type Keys } from './domain/secret.ts'
import { createIds } from './ids.ts'
import { registerOauthRoutes } from './oauth/routes.ts'
import type { PostWebhook } from './operations/deliver-webhooks.ts'
import type { Clock, Random, Store } from './operations/ports.ts'
import { type Assets, AssetsMissing, registerAssets } from './pages/assets.ts'
import { registerFavicon } from './pages/favicon.ts'
import { guardProcessor } from './processors/guarded-processor.ts'
import { isProcessor, type Processor } from './processors/processor.ts'
import { createSandboxProcessor, type SandboxProcessor } from './processors/sandbox.ts'
import { createRandom } from './random.ts'
import type { Impersonation } from './sandbox/announce-impersonation.ts'
import type { Impersonator } from './sandbox/impersonate.ts'
import { prepareSandbox } from './sandbox/prepare.ts'
import { createCachedStore } from './store/cached-store.ts'
import { DatabaseUnusable, type Engine } from './store/engine.ts'
import { migrate } from './store/migrate.ts'
import { openSqlite } from './store/sqlite.ts'
import { createStore } from './store/store.ts'
import type { WebhookTargets } from './webhooks/address-guard.ts'
import { createWebhookPoster } from './webhooks/post-webhook.ts'
import type { OpenWorlds } from './worlds.ts'

/** The program cannot start, in a sentence for the person who started it. */
export class CannotStart extends Error {}

/** Everything that runs without a port: the store and what operations need beside it. */
export type Core = Pick<ApiDeps, 'mode' | 'clock' | 'ids' | 'random' | 'keys' | 'store' | 'logger'>

/** A running server. */
export type Service = {
  readonly core: Core
  /** Where it listens: `http://127.0.0.1:4242`. */
  readonly baseUrl: string
  /** Where the real host names are answered; undefined: nowhere. */
  readonly impersonation: Impersonation | undefined
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

async function openStore(
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

function createLogger({ logLevel }: Pick<Config, 'logLevel'>, to = logDestination()): Logger {
  return pino({ level: logLevel, base: null, serializers: { err: shownError } }, to)
}

/** Opens the embedded database with an image in its place. What was open there has to be closed. */
function reopenSqlite({ database }: Pick<Config, 'database'>, image: Uint8Array): Engine {
  if (database.kind !== 'sqlite') throw new Error('only the embedded database has images')
  const { file } = database
  if (file === ':memory:') return openSqlite(file, image)
  for (const ending of ['-wal', '-shm']) rmSync(`${file}${ending}`, { force: true })
  writeFileSync(file, image)
  return openSqlite(file)
}

/**
 * What a log line says of an error. A database puts the row that it refused beside its message, with
 * what a customer has typed: that stays out.
 */
function shownError(error: unknown): object {
  const { code, constraint, message, name, stack, table } = (error ?? {}) as Error & {
    readonly code?: unknown
    readonly constraint?: unknown
    readonly table?: unknown
  }
  const cause = (error as Error | undefined)?.cause
  return {
    ...{ type: name, message, code, constraint, table, stack },
    ...(cause !== undefined && { cause: shownError(cause) }),
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

/** What the server's routes go by, and what runs behind them. */
type Behind = {
  readonly core: Core
  readonly processor: Processor
  readonly sandbox: SandboxProcessor | undefined
  readonly post: PostWebhook
  /** Only where the sandbox can be controlled. */
  readonly worlds?: OpenWorlds
  /** Ends what runs beside requests; before the store is closed. */
  readonly stopWork: () => Promise<void>
  readonly closeStore: () => Promise<void>
}

type CoreOptions = NonNullable<Parameters<typeof openCore>[1]>

/**
 * Starts the server: opens what it needs and listens. Throws CannotStart, DatabaseUnusable or
 * ImpersonationRefused.
 */
export async function startService(config: Config, options: CoreOptions = {}): Promise<Service> {
  const module =
    config.processorModule === undefined ? undefined : await loadProcessor(config.processorModule)
  const metrics = createMetrics()
  // One process of several cannot move the clock of the others.
  const isControlled = config.mode === 'sandbox' && config.workerCount === 1
  const behind = isControlled
    ? await openControlled(config, options, metrics, module)
    : await openAlone(config, options, metrics, module)
  const { core, processor, sandbox, worlds } = behind
  if (config.mode === 'live' && config.publicUrl !== undefined && !config.trustsProxy) {
    core.logger.warn(
      'behind a proxy all customers seem to have one address, and share its limits: set --trust-proxy',
    )
  }
  const watch = worlds && (await import('./sandbox/watch-requests.ts')).watchRequests
  let isDraining = false
  const app = await createApp(
    {
      ...core,
      metrics,
      accessLog: config.accessLog,
      limitsRates: config.limitsRates,
      trustsProxy: config.trustsProxy,
      webhookTargets: targetsOf(config),
      postWebhook: behind.post,
      isDraining: () => isDraining,
    },
    async (instance) => {
      const shared = { ...core, limitsRates: config.limitsRates, publicUrl: config.publicUrl }
      await registerOauthRoutes(instance, shared)
      await registerPages(instance, config, {
        ...{ ...shared, processor, sandbox },
        isDraining: () => isDraining,
        isControlled,
      })
      if (worlds !== undefined) {
        const { registerControlRoutes } = await import('./sandbox/control-routes.ts')
        await registerControlRoutes(instance, worlds, config.attemptLifeMs, core.keys)
      }
    },
    worlds && watch && ((instance) => watch(instance, worlds, core.keys)),
  )

  let impersonator: Impersonator | undefined
  async function close(): Promise<void> {
    isDraining = true
    const workStopped = behind.stopWork()
    // A request that does not end in time is cut off; what it had committed stays.
    const cut = setTimeout(() => {
      app.server.closeAllConnections()
      impersonator?.cut()
    }, DRAIN_MS_MAX)
    await Promise.all([app.close(), impersonator?.close()])
    clearTimeout(cut)
    await workStopped
    await behind.closeStore()
    await flush(core.logger)
  }

  try {
    await app.listen({ port: config.port, host: config.host })
  } catch (error) {
    await close()
    throw new CannotStart(sentenceFrom(error, config))
  }
  const baseUrl = config.publicUrl ?? addressOf(app.server.address())
  const listener: RequestListener = (request, response) => app.routing(request, response)
  worlds?.serveBy(listener, baseUrl)
  if (config.impersonation !== undefined) {
    try {
      // Loaded only where it is asked for. Certificates go by the machine's time and by true chance,
      // whatever a sandbox's own are.
      const { impersonate } = await import('./sandbox/impersonate.ts')
      const how = { ...config.impersonation, host: config.host }
      impersonator = await impersonate(listener, how, createRandom(), systemClock.nowMs())
    } catch (error) {
      await close()
      throw error
    }
  }
  return { core, baseUrl, impersonation: impersonator?.facts, close }
}

function targetsOf(config: Config): WebhookTargets {
  return { allowsLoopback: config.mode === 'sandbox', networks: config.webhookNetworks }
}

function guardFor(logger: Logger) {
  return (module: Processor, clock: Clock): Processor =>
    guardProcessor(module, {
      clock,
      // Money that could not be given back needs a person.
      report: (trouble) =>
        logger[trouble.call === 'refund' ? 'error' : 'warn'](
          trouble,
          'the processor’s answer was not a good one',
        ),
    })
}

/** The one database of a server that is live, or one of several. */
async function openAlone(
  config: Config,
  options: CoreOptions,
  metrics: Metrics,
  module: Processor | undefined,
): Promise<Behind> {
  const core = await openCore(config, options)
  const sandbox = module === undefined ? createSandboxProcessor(core.clock, core.store) : undefined
  const processor = guardFor(core.logger)(module ?? (sandbox as SandboxProcessor), core.clock)
  // Only what serves lays out the sandbox: a command that looks at a database changes nothing in it.
  if (config.mode === 'sandbox') await prepareSandbox(core, config.sandbox)
  const poster = createWebhookPoster({ targets: targetsOf(config), clock: core.clock })
  const retryWaitsMs = config.webhookRetryWaitsMs
  const work = startBackgroundWork({ core, metrics, poster, processor, retryWaitsMs })
  return {
    ...{ core, processor, post: poster.post },
    sandbox: config.mode === 'sandbox' ? sandbox : undefined,
    stopWork: work.stop,
    closeStore: core.store.close,
  }
}

/** The worlds of a sandbox, of which the main one has the program's database. */
async function openControlled(
  config: Config,
  options: CoreOptions,
  metrics: Metrics,
  module: Processor | undefined,
): Promise<Behind> {
  const { openWorlds } = await import('./worlds.ts')
  const logger = createLogger(config, options.logTo)
  const keys = deriveKeys(config.secretKey)
  const worlds = await openWorlds(
    {
      shared: { mode: config.mode, keys, logger },
      machine: options.clock ?? systemClock,
      ...{ metrics, module, guard: guardFor(logger) },
      retryWaitsMs: config.webhookRetryWaitsMs,
      openStore: (engine, random) => openStore(engine, random, config, keys),
      createPoster: (clock) => createWebhookPoster({ targets: targetsOf(config), clock }),
    },
    {
      engine: await openEngine(config),
      reopen: (image) => reopenSqlite(config, image),
      values: config.sandbox,
      seed: config.seed,
      ...(options.random !== undefined && { random: options.random }),
    },
  )
  return { ...worlds, worlds }
}

/** What customers see. Loaded only where it is served: a command that looks at a database needs none of it. */
async function registerPages(
  app: FastifyInstance,
  config: Config,
  deps: Core & {
    readonly processor: Processor
    readonly sandbox: SandboxProcessor | undefined
    readonly limitsRates: boolean
    readonly publicUrl: string | undefined
    readonly isDraining: () => boolean
    readonly isControlled: boolean
  },
): Promise<void> {
  const { registerCheckoutRoutes } = await import('./checkout/routes.ts')
  const { sandbox } = deps
  const panel = sandbox && (await import('./sandbox/test-panel.ts'))
  const assets = assetsOrSentence(app)
  const checkout: CheckoutRouteDeps = {
    ...deps,
    assets,
    patienceMs: config.processorTimeoutMs,
    attemptLifeMs: config.attemptLifeMs,
    panel: panel?.TEST_PANEL,
    act:
      sandbox &&
      panel &&
      ((opened, act) => panel.actOnPanel({ ...deps, processor: sandbox }, opened.session, act)),
    onLost: (attemptId, error) =>
      deps.logger.error({ err: error, attemptId }, 'a late answer could not be recorded'),
    onFault: (request, error) =>
      deps.logger.error({ err: error, requestId: request.id }, 'request failed'),
  }
  registerFavicon(app)
  await registerCheckoutRoutes(app, checkout)
  const { registerWidgetRoutes } = await import('./widget/routes.ts')
  await registerWidgetRoutes(app, { ...checkout, random: deps.random })
  if (sandbox !== undefined) {
    const { registerPayerPages } = await import('./sandbox/payer-pages.ts')
    registerPayerPages(app, { assets, processor: sandbox, merchantOf: merchantOf(deps.store) })
  }
  // With a processor of its own too: the shop's address is printed at every sandbox's start.
  if (config.mode === 'sandbox') {
    const { registerDemoShop } = await import('./sandbox/demo-shop.ts')
    registerDemoShop(app, { ...deps, assets, values: config.sandbox })
  }
  if (deps.isControlled) (await import('./console/routes.ts')).registerConsolePage(app, assets)
}

function assetsOrSentence(app: FastifyInstance): Assets {
  try {
    return registerAssets(app)
  } catch (error) {
    throw error instanceof AssetsMissing ? new CannotStart(error.message) : error
  }
}

/** Finds who is paid by an attempt. */
function merchantOf(store: Store) {
  return async (id: PaymentAttemptId) => {
    const attempt = await store.findPaymentAttempt(id)
    const session = attempt && (await store.findPaymentSession(attempt.paymentSessionId))
    return session && store.findAccount(session.accountId)
  }
}

function addressOf(address: ReturnType<import('node:net').Server['address']>): string {
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}

function flush(logger: Logger): Promise<void> {
  return new Promise((done) => logger.flush(() => done()))
}

async function loadProcessor(path: string): Promise<Processor> {
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
      `The processor module ${path} must have a default export with name, charge, findCharge and refund.`,
    )
  }
  return exported
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
