import type { DestinationStream, Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import type { Random } from '../domain/random.ts'
import { deriveKeys, type Keys } from '../domain/secret.ts'
import type { Messenger } from '../messengers/messenger.ts'
import type { Processor } from '../processors/processor.ts'
import { openClock, openServedEngine, type ServedEngine } from './core.ts'
import { loadMessenger } from './load-messenger.ts'
import { loadProcessor } from './load-processor.ts'
import { createLogger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import type { Settings } from './settings/read-settings.ts'
import { openTracing } from './telemetry/open-tracing.ts'
import type { Tracing } from './telemetry/tracing.ts'

/** The parts of a server that all its tenants share. */
export type ServerCore = {
  readonly settings: Settings
  readonly keys: Keys
  readonly logger: Logger
  readonly metrics: Metrics
  /** The program's database. A sandbox's other tenants have databases in memory. */
  readonly engine: ServedEngine
  /** The database's clock, or the machine's. A sandbox's tenants have clocks that follow it. */
  readonly clock: Clock
  readonly stopClock: () => void
  /** A test's monotonic clock, for caches. Undefined: the process's. */
  readonly steadyClock: Clock | undefined
  /** The processor of the settings: a module or a server. Undefined: the sandbox's processor. */
  readonly module: Processor | undefined
  /** The messenger of the settings, not guarded. Undefined: there is none. */
  readonly messenger: Messenger | undefined
  /** Undefined: there are no traces. */
  readonly tracing: Tracing | undefined
  /** A test's own source of randomness. Undefined: true randomness, or that of the seed. */
  readonly random: Random | undefined
}

/** The parts of the core that a test can replace. */
export type CoreOptions = {
  readonly clock?: Clock
  readonly steadyClock?: Clock
  readonly random?: Random
  readonly logTo?: DestinationStream
  /** The first content of a database in memory, with the current schema. Undefined: the migrations make it. */
  readonly image?: Uint8Array
}

/** Opens the database to serve, and the other shared parts. Throws CannotStart and DatabaseUnusable. */
export async function openServerCore(
  settings: Settings,
  options: CoreOptions = {},
): Promise<ServerCore> {
  const tracing = await openTracing(settings.telemetry)
  const module = await loadProcessor(settings, tracing?.traceHeaders)
  const messenger = await loadMessenger(settings)
  const logger = createLogger(settings, options.logTo)
  const metrics = createMetrics()
  const engine = await openServedEngine(settings, logger, metrics, options.image)
  const { clock, stop } = await openClock(engine, options.clock, logger)
  return {
    settings,
    keys: deriveKeys(settings.secretKey, settings.previousSecretKey),
    logger,
    metrics,
    engine: { ...engine, close: once(engine.close) },
    clock,
    stopClock: stop,
    steadyClock: options.steadyClock,
    module,
    messenger,
    tracing,
    random: options.random,
  }
}

/** Makes a function that closes only once, because the owner and a failed start can both call it. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined
  return () => {
    closing ??= close()
    return closing
  }
}
