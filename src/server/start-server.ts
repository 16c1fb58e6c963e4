import { clearTimeout, setTimeout } from 'node:timers'
import type { FastifyInstance } from 'fastify'
import { type Backlog, createBacklog } from '../api/overload.ts'
import { listenUrlOf } from '../domain/listen-url.ts'
import type { Tenant } from '../operations/tenant.ts'
import type { Impersonation } from '../sandbox/drop-in/announce-impersonation.ts'
import type { Impersonator } from '../sandbox/drop-in/impersonate.ts'
import type { SandboxTenants } from '../sandbox/tenants/tenants.ts'
import { CannotStart, listenSentence } from './cannot-start.ts'
import { checkFileContents, type FileContents, nameFileInErrors } from './check-contents.ts'
import { checkPortBeforeFile } from './check-port.ts'
import { steadyClock } from './clock.ts'
import type { ServerHandlers } from './http-server.ts'
import { flushLog } from './logger.ts'
import { openApp, openConsoleApp } from './open-app.ts'
import { openDropIn } from './open-drop-in.ts'
import { createOperations } from './operation-routes.ts'
import {
  createOperationsApp,
  type OperationsServer,
  startOperationsServer,
} from './operations-server.ts'
import { createMetricsRefresh } from './refresh-metrics.ts'
import { type CoreOptions, openServerCore, type ServerCore } from './server-core.ts'
import type { Settings } from './settings/read-settings.ts'
import { warnOfSettings } from './settings/setting-warnings.ts'
import { openTenants, type ServerTenants } from './tenants.ts'
import { startWatchingOpenWork } from './watch-open-work.ts'
import type { linkToPrimary } from './worker-link.ts'

/** A running server. */
export type Server = {
  /** The tenant on the program's database. */
  readonly tenant: Tenant
  /** The address for customers and applications: the public URL, otherwise `localUrl`. */
  readonly baseUrl: string
  /** The address of its socket: `http://127.0.0.1:4242`. */
  readonly localUrl: string
  /** The address of `/healthz`, `/readyz` and `/metrics`, if they have a separate port. */
  readonly operationsUrl: string | undefined
  /** The address under Zoho's host names. Undefined: the server does not answer under them. */
  readonly impersonation: Impersonation | undefined
  /** Stops accepting connections, answers the running requests, and closes the database. */
  readonly close: () => Promise<void>
}

/** The parts that a caller can replace: the core's parts for tests, and the answers of a worker. */
export type ServerOptions = CoreOptions & {
  readonly linkOperations?: typeof linkToPrimary
  readonly backlog?: Backlog
  /**
   * True: each answer closes its connection. Node's `fetch` reuses a connection after a global `setImmediate`, which a
   * test with fake timers has replaced, and the next request would wait forever.
   */
  readonly closesConnections?: boolean
}

/** The parts of a server, in the order in which they start. */
type Running = {
  readonly core: ServerCore
  isDraining: boolean
  tenants?: ServerTenants
  watching?: { readonly stop: () => void }
  backlog?: Backlog
  app?: FastifyInstance
  operationsServer?: OperationsServer
  dropIn?: Impersonator
}

const DRAIN_MS_MAX = 8_000

/** Throws CannotStart, DatabaseUnusable or ImpersonationRefused; then everything is closed again. */
export async function startServer(
  settings: Settings,
  options: ServerOptions = {},
): Promise<Server> {
  const contents = await checkFileContents(settings)
  await checkPortBeforeFile(settings)
  const core = await openServerCore(settings, options)
  const running: Running = { core, isDraining: false }
  try {
    return await startParts(running, options, contents)
  } catch (error) {
    await stopParts(running)
    throw error
  }
}

async function startParts(
  running: Running,
  options: ServerOptions,
  contents: FileContents | undefined,
): Promise<Server> {
  const { core } = running
  const { engine, logger, metrics, settings } = core
  const tenants = await openTenants(core)
  running.tenants = tenants
  const { main: tenant } = tenants
  running.watching = startWatchingOpenWork({ tenant, logger })
  const backlog = options.backlog ?? backlogOf(settings)
  if (backlog !== undefined) running.backlog = backlog
  // The process that starts the workers has already written the warnings.
  if (options.linkOperations === undefined) warnOfSettings(settings, logger)

  const isDraining = () => running.isDraining
  const refresh = createMetricsRefresh({ tenant, logger, metrics, steadyClock })
  const own = createOperations({
    tenant,
    logger,
    isDraining,
    printMetrics: () => refresh().then(metrics.print),
  })
  const link = options.linkOperations?.(own, () => refresh().then(metrics.snapshot))
  const { closesConnections = false } = options
  const parts = { backlog, isDraining, closesConnections }
  const app = await openApp(core, tenants, { ...parts, operations: link?.ofWorker ?? own })
  running.app = app
  const localUrl = await listen(app, settings)
  const baseUrl = settings.publicUrl ?? localUrl
  const handlers: ServerHandlers = {
    onRequest: (request, response) => app.routing(request, response),
    onMalformed: (error, socket) => app.server.emit('clientError', error, socket),
  }
  tenants.serve(handlers, baseUrl)
  engine.recordAddress(localUrl)
  if (contents !== undefined && tenants.sandbox !== undefined) {
    await fill(app, tenants.sandbox.main, contents)
  }

  if (settings.consoleOn === 'operations') {
    const operations = link?.ofAll ?? own
    const consoleApp = await openConsoleApp(core, tenants, { ...parts, operations })
    running.operationsServer = await startOperationsServer(settings, consoleApp)
  } else if (settings.operationsPort !== undefined && link === undefined) {
    // With several workers, the process that started them answers for all of them.
    running.operationsServer = await startOperationsServer(settings, createOperationsApp(own))
  }
  const dropIn = await openDropIn(core, handlers)
  if (dropIn !== undefined) running.dropIn = dropIn
  return {
    tenant,
    baseUrl,
    localUrl,
    operationsUrl: running.operationsServer?.url,
    impersonation: dropIn?.facts,
    close: () => stopParts(running),
  }
}

/** Throws CannotStart. */
async function fill(
  app: FastifyInstance,
  tenant: SandboxTenants['main'],
  { contents, path }: FileContents,
): Promise<void> {
  const { fillSandbox } = await import('../sandbox/control/fill-sandbox.ts')
  await nameFileInErrors(path, () => fillSandbox({ app, tenant }, contents))
}

async function stopParts(running: Running): Promise<void> {
  const { app, backlog, core, dropIn, operationsServer, tenants, watching } = running
  running.isDraining = true
  watching?.stop()
  backlog?.stop()
  const workEnd = tenants?.stopWork()
  // Requests that do not end in time are cut off. Their commits are kept.
  const cut = setTimeout(() => {
    app?.server.closeAllConnections()
    dropIn?.cut()
    operationsServer?.cut()
  }, DRAIN_MS_MAX)
  await Promise.all([app?.close(), dropIn?.close()])
  // The operations server closes last, so that load balancers can read that the main server is stopping.
  await operationsServer?.close()
  clearTimeout(cut)
  await workEnd
  core.stopClock()
  await core.tracing?.close()
  // If there are no tenants yet, only the database is open.
  await (tenants ?? core.engine).close()
  await flushLog(core.logger)
}

function backlogOf({ refusesWhenBehind }: Settings): Backlog | undefined {
  return refusesWhenBehind ? createBacklog(steadyClock) : undefined
}

async function listen(app: FastifyInstance, settings: Settings): Promise<string> {
  try {
    await app.listen({ port: settings.port, host: settings.host })
  } catch (error) {
    throw new CannotStart(listenSentence(error, settings))
  }
  return listenUrlOf(app.server.address())
}
