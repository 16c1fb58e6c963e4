import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { type DestinationStream, type Logger, pino } from 'pino'
import { type ApiDeps, createApp } from './api/app.ts'
import { createMetrics } from './api/metrics.ts'
import type { CheckoutRouteDeps } from './checkout/routes.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config.ts'
import type { PaymentAttemptId } from './domain/id.ts'
import { deriveKeys } from './domain/secret.ts'
import { createIds } from './ids.ts'
import { registerOauthRoutes } from './oauth/routes.ts'
import { createDeliverer } from './operations/deliver-webhooks.ts'
import type { Clock, Random, Store } from './operations/ports.ts'
import { reconcileNext } from './operations/reconcile-attempts.ts'
import { refundNext } from './operations/refund-payment.ts'
import { type Assets, AssetsMissing, registerAssets } from './pages/assets.ts'
import { registerFavicon } from './pages/favicon.ts'
import { guardProcessor } from './processors/guarded-processor.ts'
import { isProcessor, type Processor } from './processors/processor.ts'
import { createSandboxProcessor, type SandboxProcessor } from './processors/sandbox.ts'
import { createRandom } from './random.ts'
import { prepareSandbox } from './sandbox/prepare.ts'
import { createCachedStore } from './store/cached-store.ts'
import { DatabaseUnusable, type Engine } from './store/engine.ts'
import { migrate } from './store/migrate.ts'
import { openSqlite } from './store/sqlite.ts'
import { createStore } from './store/store.ts'
import { createWebhookPoster } from './webhooks/post-webhook.ts'
import { startDeletingExpired } from './workers/delete-expired.ts'
import { startLoop } from './workers/loop.ts'

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

/** How often it is looked whether a processor is to be asked, in milliseconds. */
const LOOK_MS = 500
/** How many attempts are asked about at the same time. */
const LANE_COUNT = 4

/** Background work gets this long to end when the program stops, in milliseconds. */
const WORK_MS_MAX = 5_000
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
  const loaded =
    config.processorModule === undefined ? undefined : await loadProcessor(config.processorModule)
  const core = await openCore(config, options)
  const sandbox = loaded === undefined ? createSandboxProcessor(core.clock, core.store) : undefined
  const processor = guardProcessor(loaded ?? (sandbox as SandboxProcessor), {
    clock: core.clock,
    // Money that could not be given back needs a person.
    report: (trouble) =>
      core.logger[trouble.call === 'refund' ? 'error' : 'warn'](
        trouble,
        'the processor’s answer was not a good one',
      ),
  })
  // Only what serves lays out the sandbox: a command that looks at a database changes nothing in it.
  if (config.mode === 'sandbox') await prepareSandbox(core, config.sandbox)
  if (config.mode === 'live' && config.publicUrl !== undefined && !config.trustsProxy) {
    core.logger.warn(
      'behind a proxy all customers seem to have one address, and share its limits: set --trust-proxy',
    )
  }
  const webhookTargets = {
    allowsLoopback: config.mode === 'sandbox',
    networks: config.webhookNetworks,
  }
  const poster = createWebhookPoster({ targets: webhookTargets, clock: core.clock })
  let isDraining = false
  const app = await createApp(
    {
      ...core,
      metrics: createMetrics(),
      accessLog: config.accessLog,
      limitsRates: config.limitsRates,
      trustsProxy: config.trustsProxy,
      webhookTargets,
      postWebhook: poster.post,
      isDraining: () => isDraining,
    },
    async (instance) => {
      const shared = { ...core, limitsRates: config.limitsRates, publicUrl: config.publicUrl }
      await registerOauthRoutes(instance, shared)
      await registerPages(instance, config, {
        ...shared,
        processor,
        sandbox: config.mode === 'sandbox' ? sandbox : undefined,
        isDraining: () => isDraining,
      })
    },
  )
  const deleting = startDeletingExpired(core)
  const deliverer = createDeliverer(
    {
      ...core,
      post: poster.post,
      retryWaitsMs: config.webhookRetryWaitsMs,
      isStopping: () => isDraining,
      onDisabled: ({ accountId, id }) =>
        core.logger.warn({ accountId, endpointId: id }, 'a webhook endpoint was disabled'),
      onTrouble: (error) =>
        core.logger.error({ err: error }, 'a webhook delivery could not be recorded'),
    },
    () => delivering.wake(),
  )
  const delivering = startLoop({
    name: 'deliver webhooks',
    next: deliverer.deliverNext,
    idleMs: LOOK_MS,
    laneCount: 1,
    logger: core.logger,
  })
  core.store.onDeliveriesDue(delivering.wake)
  const loops = [
    delivering,
    startLoop({
      name: 'ask about attempts',
      next: () => reconcileNext({ ...core, processor }),
      idleMs: LOOK_MS,
      laneCount: LANE_COUNT,
      logger: core.logger,
    }),
    startLoop({
      name: 'send refunds',
      next: () => refundNext({ ...core, processor }),
      idleMs: LOOK_MS,
      laneCount: 1,
      logger: core.logger,
    }),
  ]

  async function close(): Promise<void> {
    isDraining = true
    deleting.stop()
    for (const loop of loops) loop.stop()
    // A request that does not end in time is cut off; what it had committed stays.
    const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS_MAX)
    await app.close()
    clearTimeout(cut)
    // What asks a processor that is slow is left to the next process: it is leased, not lost.
    const work = Promise.all([deleting, ...loops].map(({ stopped }) => stopped))
    await Promise.race([
      work.then(deliverer.allEnded),
      new Promise((done) => setTimeout(done, WORK_MS_MAX).unref()),
    ])
    // What is under way still fails now, and is sent again when its lease has passed.
    poster.close()
    await deliverer.allEnded()
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
    registerDemoShop(app, { assets, values: config.sandbox, publicUrl: deps.publicUrl })
  }
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
