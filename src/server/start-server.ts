import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { clearTimeout, setTimeout } from 'node:timers'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createApp } from '../api/app.ts'
import { createOperations } from '../api/operation-routes.ts'
import { type Backlog, createBacklog } from '../api/overload.ts'
import { basePathOf } from '../domain/base-path.ts'
import { listenUrlOf } from '../domain/listen-url.ts'
import type { Keys } from '../domain/secret.ts'
import { registerOauthRoutes } from '../oauth/routes.ts'
import type { Tenant } from '../operations/tenant.ts'
import type { Impersonation } from '../sandbox/drop-in/announce-impersonation.ts'
import type { Impersonator } from '../sandbox/drop-in/impersonate.ts'
import { CannotStart, listenSentence } from './cannot-start.ts'
import { steadyClock, systemClock } from './clock.ts'
import { flushLog } from './logger.ts'
import { webhookTargetsOf } from './open-tenant.ts'
import { type OperationsServer, startOperationsServer } from './operations-server.ts'
import { registerPages } from './page-routes.ts'
import { keepPrivate } from './private-files.ts'
import { createRandom } from './random.ts'
import { type CoreOptions, openServerCore } from './server-core.ts'
import { accessRulesOf, accessWarnings } from './settings/access-settings.ts'
import type { Config } from './settings/read-settings.ts'
import { openTenants } from './tenants.ts'
import { startWatchingOpenWork } from './watch-open-work.ts'
import type { linkToPrimary } from './worker-link.ts'

/** A running server. */
export type Service = {
  /** The tenant on the program's database. */
  readonly tenant: Tenant
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
  const core = await openServerCore(config, options)
  const { keys, logger, metrics } = core
  const tenants = await openTenants(core)
  const { main, sandbox } = tenants
  const watching = startWatchingOpenWork({ tenant: main, logger, report: metrics.setOldestOpen })
  if (config.mode === 'live' && config.publicUrl !== undefined && !config.trustsProxy) {
    logger.warn(
      'behind a proxy all customers seem to have one address, and share its limits: set --trust-proxy',
    )
  }
  const around = sandbox && (await aroundRequestsOf(keys))
  for (const warning of accessWarnings(config)) logger.warn(warning)
  const access = accessRulesOf(config)
  const backlog =
    options.backlog ?? (config.refusesWhenBehind ? createBacklog(steadyClock) : undefined)
  let isDraining = false
  const own = createOperations({
    tenant: main,
    logger,
    metrics,
    isDraining: () => isDraining,
  })
  const operations = options.linkOperations?.(own, metrics.snapshot) ?? own
  const app = await createApp(
    {
      mode: config.mode,
      tenantOf: tenants.tenantOf,
      random: main.random,
      logger,
      metrics,
      accessLog: config.accessLog,
      limitsRates: config.limitsRates,
      trustsProxy: config.trustsProxy,
      basePath: basePathOf(config.publicUrl),
      access,
      webhookTargets: webhookTargetsOf(config),
      operations: config.operationsPort === undefined ? operations : undefined,
      backlog,
      isDraining: () => isDraining,
    },
    async (instance) => {
      await registerOauthRoutes(instance, config)
      await registerPages(instance, config, {
        logger,
        playsPayer: main.sandboxProcessor !== undefined,
        isDraining: () => isDraining,
      })
      if (sandbox !== undefined) {
        const { registerControlRoutes } = await import('../sandbox/control/control-routes.ts')
        const { attemptLifeMs, mode } = config
        await registerControlRoutes(instance, sandbox, { access, attemptLifeMs, mode })
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
    const workStopped = tenants.stopWork()
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
    core.stopClock()
    await tenants.close()
    await flushLog(logger)
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
  tenants.serve(listener, baseUrl)
  core.engine.stateAddress(localUrl)
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
      await keepAuthorityPrivate(config, logger)
      const how = { ...config.impersonation, host: config.host }
      impersonator = await impersonate(listener, how, createRandom(), systemClock.nowMs())
    } catch (error) {
      await close()
      throw error
    }
  }
  return {
    tenant: main,
    baseUrl,
    localUrl,
    operationsUrl: operationsServer?.url,
    impersonation: impersonator?.facts,
    close,
  }
}

/** Warns of a folder of the certificate authority that others may read, or takes the permission away. */
async function keepAuthorityPrivate(config: Config, logger: Logger): Promise<void> {
  const { AUTHORITY_FILE, authorityFolder } = await import(
    '../sandbox/drop-in/certificate-authority.ts'
  )
  const folder = authorityFolder(config.impersonation?.caFolder)
  // A key that others may read is refused later, unless it is fixed here.
  const paths = config.fixesPermissions ? [folder, join(folder, AUTHORITY_FILE)] : [folder]
  keepPrivate(paths, config.fixesPermissions, logger)
}

/** Makes the hooks around the requests of a sandbox with a control API. */
async function aroundRequestsOf(keys: Keys) {
  const { holdRequests } = await import('../sandbox/tenants/hold-requests.ts')
  const { watchRequests } = await import('../sandbox/log/watch-requests.ts')
  return (app: FastifyInstance) => {
    holdRequests(app)
    watchRequests(app, keys)
  }
}
