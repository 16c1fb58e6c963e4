import cluster, { type Worker } from 'node:cluster'
import { flushCompileCache } from 'node:module'
import { setTimeout } from 'node:timers'
import { embedding } from '../program/embedding.ts'
import { announceSandbox, sandboxFacts } from '../sandbox/announce.ts'
import {
  announceImpersonation,
  impersonationFacts,
} from '../sandbox/drop-in/announce-impersonation.ts'
import { isSandboxTenant } from '../sandbox/tenants/tenant.ts'
import { CannotStart } from './cannot-start.ts'
import { systemClock } from './clock.ts'
import { openCore } from './core.ts'
import {
  createOperationsApp,
  type OperationsServer,
  startOperationsServer,
} from './operations-server.ts'
import type { Settings } from './settings/read-settings.ts'
import { warnOfSettings } from './settings/setting-warnings.ts'
import { type Server, startServer } from './start-server.ts'
import { createWorkerLink, linkToPrimary } from './worker-link.ts'

/**
 * The wait before an ended worker is replaced, in milliseconds, so that a faulty one does not restart in a fast loop.
 */
const REPLACE_AFTER_MS = 1_000
/** The longest time between a signal and the end of the process. */
const STOP_MS_MAX = 9_500

/**
 * Serves until a signal. SIGTERM and SIGINT let running requests end; a second signal ends the process at once.
 * `asJson` prints the server's addresses, and a sandbox's credentials, as one line.
 */
export async function serve(settings: Settings, asJson: boolean): Promise<void> {
  if (settings.workerCount > 1 && cluster.isPrimary) return serveWithWorkers(settings, asJson)

  if (cluster.isWorker) return serveAsWorker(settings)
  const service = await startServer(settings)
  // Registered before the address is printed, because a reader of that line may send a signal at once.
  onStop(service.close)
  announce(settings, service, asJson)
  // Written now rather than at the end, so that the next start is fast even after a kill.
  flushCompileCache()
}

/** The message of a worker to the process that started it: its address, or the reason why it cannot listen. */
type WorkerMessage = {
  readonly listening?: Addresses
  readonly failure?: string
}

type Addresses = Pick<Server, 'baseUrl' | 'localUrl' | 'operationsUrl'>

async function serveAsWorker(settings: Settings): Promise<void> {
  try {
    const service = await startServer(settings, { linkOperations: linkToPrimary })
    onStop(service.close)
    const { baseUrl, localUrl, operationsUrl } = service
    const message: WorkerMessage = { listening: { baseUrl, localUrl, operationsUrl } }
    process.send?.(message)
  } catch (error) {
    const message: WorkerMessage = { failure: (error as Error).message }
    // An exit, because a timer of the processor module would keep this process alive.
    process.send?.(message, undefined, {}, () => process.exit(1))
  }
}

async function serveWithWorkers(settings: Settings, asJson: boolean): Promise<void> {
  // Opened once before the workers, so that a problem is printed once.
  const core = await openCore(settings)
  await core.store.close()
  warnOfSettings(settings, core.logger)

  if (embedding !== undefined) {
    // A single executable has no script: its first argument is the command.
    const [, , exec, ...args] = process.argv
    cluster.setupPrimary({ ...(exec !== undefined && { exec }), args, execArgv: [] })
  }
  let operationsServer: OperationsServer | undefined
  let isStopping = false
  let listeningCount = 0
  const workers = new Set<Worker>()
  const link = createWorkerLink()
  const start = Promise.withResolvers<Addresses>()

  function startWorker(): void {
    const worker = cluster.fork()
    workers.add(worker)
    link.add(worker)
    worker.on('message', (message: Partial<WorkerMessage>) => {
      if (message.failure !== undefined) return start.reject(new CannotStart(message.failure))
      if (message.listening === undefined) return
      listeningCount += 1
      // With port 0, the port is known only after all workers share it.
      if (listeningCount === settings.workerCount) start.resolve(message.listening)
    })
    worker.on('exit', (code) => {
      workers.delete(worker)
      if (isStopping) return
      // This has no effect after all workers have started.
      start.reject(new CannotStart(`A worker ended with code ${code} before it could listen.`))
      core.logger.error({ code, pid: worker.process.pid }, 'a worker ended and is replaced')
      setTimeout(() => isStopping || startWorker(), REPLACE_AFTER_MS)
    })
  }

  const stopAll = async () => {
    isStopping = true
    const ends = [...workers].map(
      (worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())),
    )
    for (const worker of workers) worker.process.kill('SIGTERM')
    await Promise.all(ends)
    await operationsServer?.close()
  }
  onStop(stopAll)
  for (let count = 0; count < settings.workerCount; count += 1) startWorker()
  try {
    const addresses = await start.promise
    // The console needs the database, so the workers serve the operations port if it has the console.
    if (settings.operationsPort !== undefined && settings.consoleOn === 'public') {
      operationsServer = await startOperationsServer(settings, createOperationsApp(link.operations))
    }
    const { operationsUrl = operationsServer?.url } = addresses
    announce(settings, { ...addresses, impersonation: undefined, operationsUrl }, asJson)
  } catch (error) {
    await stopAll()
    throw error
  }
}

function announce(
  settings: Settings,
  {
    baseUrl,
    impersonation,
    localUrl,
    operationsUrl,
    tenant,
  }: Pick<Server, 'baseUrl' | 'localUrl' | 'impersonation' | 'operationsUrl'> & {
    /** The tenant of this process. Undefined: the workers have the tenants. */
    readonly tenant?: Server['tenant']
  },
  asJson: boolean,
): void {
  const { database, mode, sandbox, workerCount } = settings
  const hasConsole = workerCount === 1
  if (asJson) {
    const facts = {
      mode,
      ...(mode === 'live' ? { base_url: baseUrl } : sandboxFacts(baseUrl, sandbox, hasConsole)),
      local_url: localUrl === baseUrl ? undefined : localUrl,
      operations_url: operationsUrl,
      console_url: consoleUrlOf(settings, operationsUrl),
      ...(impersonation && { impersonation: impersonationFacts(impersonation) }),
    }
    process.stdout.write(`${JSON.stringify(facts)}\n`)
    return
  }
  if (mode === 'live') {
    process.stdout.write(`Paydesk is live at ${baseUrl}\n`)
    // The proxy's configuration needs this address.
    if (localUrl !== baseUrl) process.stdout.write(`This server listens at ${localUrl}\n`)
  } else {
    const place = database.kind === 'postgres' ? 'PostgreSQL' : database.file
    const databaseText = place === ':memory:' ? 'in memory: lost when the program ends' : place
    const isMovable = tenant !== undefined && isSandboxTenant(tenant)
    process.stdout.write(
      announceSandbox({
        baseUrl,
        values: sandbox,
        database: databaseText,
        hasConsole,
        clock: isMovable ? tenant.clock.state() : undefined,
        machineMs: systemClock.nowMs(),
      }),
    )
    if (impersonation !== undefined) {
      process.stdout.write(announceImpersonation(impersonation, `${baseUrl}/docs`))
    }
  }
  if (operationsUrl !== undefined) {
    process.stdout.write(`Health and metrics: ${operationsUrl}/readyz, ${operationsUrl}/metrics\n`)
  }
  const consoleUrl = consoleUrlOf(settings, operationsUrl)
  if (consoleUrl !== undefined) process.stdout.write(`Console: ${consoleUrl}\n`)
}

/** Undefined: the console is on the public port. */
function consoleUrlOf(
  { consoleOn, consoleUrl }: Settings,
  operationsUrl: string | undefined,
): string | undefined {
  return consoleOn === 'operations' ? `${consoleUrl ?? operationsUrl}/console` : undefined
}

function onStop(stop: () => Promise<void>): void {
  let isStopping = false
  const onSignal = () => {
    // A signal to the process group reaches a worker twice: directly and from the process that started it.
    if (isStopping && cluster.isWorker) return
    if (isStopping) process.exit(1)
    isStopping = true
    setTimeout(() => process.exit(1), STOP_MS_MAX).unref()
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`paydesk: stopping failed: ${(error as Error).message}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
