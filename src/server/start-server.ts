import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { clearTimeout, setTimeout } from 'node:timers'
import type { FastifyInstance } from 'fastify'
import { createApp } from '../api/app.ts'
import { createMetrics, type Metrics } from '../api/metrics.ts'
import { createOperations } from '../api/operation-routes.ts'
import { type Backlog, createBacklog } from '../api/overload.ts'
import { basePathOf } from '../domain/base-path.ts'
import { listenUrlOf } from '../domain/listen-url.ts'
import { deriveKeys } from '../domain/secret.ts'
import { registerOauthRoutes } from '../oauth/routes.ts'
import type { Processor } from '../processors/processor.ts'
import { createSandboxProcessor, type SandboxProcessor } from '../processors/sandbox.ts'
import type { Impersonation } from '../sandbox/drop-in/announce-impersonation.ts'
import type { Impersonator } from '../sandbox/drop-in/impersonate.ts'
import { prepareSandbox } from '../sandbox/tenants/prepare.ts'
import type { OpenWorlds } from '../sandbox/tenants/tenants.ts'
import type { WebhookTargets } from '../webhooks/address-guard.ts'
import type { PostWebhook } from '../webhooks/post-webhook.ts'
import { createWebhookPoster } from '../webhooks/post-webhook.ts'
import { startBackgroundWork } from './background-work.ts'
import { CannotStart, listenSentence } from './cannot-start.ts'
import { steadyClock, systemClock } from './clock.ts'
import {
  type Core,
  keepDatabasePrivate,
  makeStore,
  openClock,
  openCore,
  openServedEngine,
  openStore,
} from './core.ts'
import { createLogger, flushLog } from './logger.ts'
import { type OperationsServer, startOperationsServer } from './operations-server.ts'
import { registerPages } from './page-routes.ts'
import { keepPrivate } from './private-files.ts'
import { guardFor, loadProcessor } from './processor-module.ts'
import { createRandom } from './random.ts'
import { accessRulesOf, accessWarnings } from './settings/access-settings.ts'
import type { Config } from './settings/read-settings.ts'
import { startWatchingOpenWork } from './watch-open-work.ts'
import type { linkToPrimary } from './worker-link.ts'

/** A running server. */
export type Service = {
  readonly core: Core
  /** The address for customers and applications: the public URL, else `localUrl`. */
  readonly baseUrl: string
  /** The address that it listens on: `http://127.0.0.1:4242`. */
  readonly localUrl: string
  /** The address of `/healthz`, `/readyz` and `/metrics`, where they have a port of their own. */
  readonly operationsUrl: string | undefined
  /** Where the real host names are answered; undefined: nowhere. */
  readonly impersonation: Impersonation | undefined
  /** Stops taking connections, answers what is in flight, and lets the database go. */
  readonly close: () => Promise<void>
}

/** Requests in flight get this long to end when the program stops, in milliseconds. */
const DRAIN_MS_MAX = 8_000

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
  /** States where the program listens, for a second program on the same data file. */
  readonly stateAddress: (address: string) => void
}

type CoreOptions = NonNullable<Parameters<typeof openCore>[1]>

/** The parts that a caller may replace: those of the core for tests, and the answers of a worker. */
type ServiceOptions = CoreOptions & {
  readonly linkOperations?: typeof linkToPrimary
  readonly backlog?: Backlog
}

/**
 * Starts the server: opens what it needs and listens. Throws CannotStart, DatabaseUnusable or
 * ImpersonationRefused.
 */
export async function startService(config: Config, options: ServiceOptions = {}): Promise<Service> {
  const module =
    config.processorModule === undefined ? undefined : await loadProcessor(config.processorModule)
  const metrics = createMetrics()
  // One process of several cannot move the clock of the others.
  const isControlled = config.mode === 'sandbox' && config.workerCount === 1
  const behind = isControlled
    ? await openControlled(config, options, metrics, module)
    : await openAlone(config, options, metrics, module)
  const { core, processor, sandbox, worlds } = behind
  const watching = startWatchingOpenWork({ ...core, report: metrics.setOldestOpen })
  if (config.mode === 'live' && config.publicUrl !== undefined && !config.trustsProxy) {
    core.logger.warn(
      'behind a proxy all customers seem to have one address, and share its limits: set --trust-proxy',
    )
  }
  const around = worlds && (await aroundRequestsOf(worlds, core.keys))
  for (const warning of accessWarnings(config)) core.logger.warn(warning)
  const access = accessRulesOf(config)
  const backlog =
    options.backlog ?? (config.refusesWhenBehind ? createBacklog(steadyClock) : undefined)
  let isDraining = false
  const own = createOperations({ ...core, metrics, isDraining: () => isDraining })
  const operations = options.linkOperations?.(own, metrics.snapshot) ?? own
  const app = await createApp(
    {
      ...core,
      metrics,
      accessLog: config.accessLog,
      limitsRates: config.limitsRates,
      trustsProxy: config.trustsProxy,
      basePath: basePathOf(config.publicUrl),
      access,
      webhookTargets: targetsOf(config),
      postWebhook: behind.post,
      operations: config.operationsPort === undefined ? operations : undefined,
      backlog,
      isDraining: () => isDraining,
    },
    async (instance) => {
      const shared = { ...core, limitsRates: config.limitsRates, publicUrl: config.publicUrl }
      await registerOauthRoutes(instance, shared)
      await registerPages(instance, config, {
        ...shared,
        processor,
        sandbox,
        isDraining: () => isDraining,
        isControlled,
      })
      if (worlds !== undefined) {
        const { registerControlRoutes } = await import('../sandbox/control/control-routes.ts')
        await registerControlRoutes(instance, worlds, {
          access,
          attemptLifeMs: config.attemptLifeMs,
          keys: core.keys,
          mode: config.mode,
        })
      }
    },
    around,
  )

  let impersonator: Impersonator | undefined
  let operationsServer: OperationsServer | undefined
  async function close(): Promise<void> {
    isDraining = true
    watching.stop()
    backlog?.stop()
    const workStopped = behind.stopWork()
    // A request that does not end in time is cut off; what it had committed stays.
    const cut = setTimeout(() => {
      app.server.closeAllConnections()
      impersonator?.cut()
    }, DRAIN_MS_MAX)
    await Promise.all([app.close(), impersonator?.close()])
    clearTimeout(cut)
    // Last, so that a load balancer sees until then that the program is stopping.
    await operationsServer?.close()
    await workStopped
    await behind.closeStore()
    await flushLog(core.logger)
  }

  try {
    await app.listen({ port: config.port, host: config.host })
  } catch (error) {
    await close()
    throw new CannotStart(listenSentence(error, config))
  }
  const localUrl = listenUrlOf(app.server.address())
  const baseUrl = config.publicUrl ?? localUrl
  const listener: RequestListener = (request, response) => app.routing(request, response)
  worlds?.serveBy(listener, baseUrl)
  behind.stateAddress(localUrl)
  // The process that started several workers answers for all of them.
  if (config.operationsPort !== undefined && options.linkOperations === undefined) {
    try {
      operationsServer = await startOperationsServer(config, operations)
    } catch (error) {
      await close()
      throw error
    }
  }
  if (config.impersonation !== undefined) {
    try {
      // Loaded only where it is asked for. Certificates go by the machine's time and by true chance,
      // whatever a sandbox's own are.
      const { impersonate } = await import('../sandbox/drop-in/impersonate.ts')
      await keepAuthorityPrivate(config, core.logger)
      const how = { ...config.impersonation, host: config.host }
      impersonator = await impersonate(listener, how, createRandom(), systemClock.nowMs())
    } catch (error) {
      await close()
      throw error
    }
  }
  return {
    core,
    baseUrl,
    localUrl,
    operationsUrl: operationsServer?.url,
    impersonation: impersonator?.facts,
    close,
  }
}

/** Warns of a folder of the certificate authority that others may read, or takes the permission away. */
async function keepAuthorityPrivate(config: Config, logger: Core['logger']): Promise<void> {
  const { AUTHORITY_FILE, authorityFolder } = await import(
    '../sandbox/drop-in/certificate-authority.ts'
  )
  const folder = authorityFolder(config.impersonation?.caFolder)
  // A key that others may read is refused later, unless it is fixed here.
  const paths = config.fixesPermissions ? [folder, join(folder, AUTHORITY_FILE)] : [folder]
  keepPrivate(paths, config.fixesPermissions, logger)
}

/** Makes the hooks around the requests of a sandbox with a control API. */
async function aroundRequestsOf(worlds: OpenWorlds, keys: Core['keys']) {
  const { holdRequests } = await import('../sandbox/tenants/hold-requests.ts')
  const { watchRequests } = await import('../sandbox/log/watch-requests.ts')
  return (app: FastifyInstance) => {
    holdRequests(app, worlds)
    watchRequests(app, worlds, keys)
  }
}

function targetsOf(config: Config): WebhookTargets {
  return { allowsLoopback: config.mode === 'sandbox', networks: config.webhookNetworks }
}

/** The one database of a server that is live, or one of several. */
async function openAlone(
  config: Config,
  options: CoreOptions,
  metrics: Metrics,
  module: Processor | undefined,
): Promise<Behind> {
  const engine = await openServedEngine(config, createLogger(config, options.logTo))
  const core = await openCore(config, { ...options, engine })
  const sandbox =
    module === undefined ? createSandboxProcessor(core.clock, core.store.sandboxCharges) : undefined
  const processor = guardFor(core.logger)(module ?? (sandbox as SandboxProcessor), core.clock)
  // Only what serves lays out the sandbox: a command that looks at a database changes nothing in it.
  if (config.mode === 'sandbox') await prepareSandbox(core, config.sandbox)
  const poster = createWebhookPoster({ targets: targetsOf(config), clock: core.clock })
  const retryWaitsMs = config.webhookRetryWaitsMs
  const work = startBackgroundWork({ core, metrics, poster, processor, retryWaitsMs })
  return {
    core,
    processor,
    post: poster.post,
    sandbox: config.mode === 'sandbox' ? sandbox : undefined,
    stopWork: work.stop,
    closeStore: core.store.close,
    stateAddress: engine.stateAddress,
  }
}

/** The worlds of a sandbox, of which the main one has the program's database. */
async function openControlled(
  config: Config,
  options: CoreOptions,
  metrics: Metrics,
  module: Processor | undefined,
): Promise<Behind> {
  const { openWorlds } = await import('../sandbox/tenants/tenants.ts')
  const logger = createLogger(config, options.logTo)
  const keys = deriveKeys(config.secretKey)
  const engine = await openServedEngine(config, logger)
  const { clock: machine, stop: stopClock } = await openClock(engine, options.clock, logger)
  const worlds = await openWorlds(
    {
      shared: { mode: config.mode, keys, logger },
      machine,
      webhookTime: config.webhookTime,
      metrics,
      module,
      guard: guardFor(logger),
      retryWaitsMs: config.webhookRetryWaitsMs,
      bytesMax: config.tenantBytesMax,
      idleMs: config.tenantIdleMs,
      openStore: (engine, by) => openStore(engine, { clock: machine, ...by }, config, keys),
      makeStore: (engine, by) => makeStore(engine, { clock: machine, ...by }, keys),
      createPoster: (clock) => createWebhookPoster({ targets: targetsOf(config), clock }),
    },
    {
      engine,
      values: config.sandbox,
      seed: config.seed,
      ...(options.random !== undefined && { random: options.random }),
    },
  )
  // Not before: a start that cannot be has one sentence.
  keepDatabasePrivate(config, logger)
  return {
    ...worlds,
    worlds,
    stateAddress: engine.stateAddress,
    closeStore: () => {
      stopClock()
      return worlds.closeStore()
    },
  }
}
