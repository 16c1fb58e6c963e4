import { type DestinationStream, type Logger, pino } from 'pino'
import { logText } from './log-text.ts'
import type { Settings } from './settings/read-settings.ts'

/** A test has its own destination, which always gets JSON. */
export function createLogger(
  { logFormat, logLevel }: Pick<Settings, 'logFormat' | 'logLevel'>,
  to: DestinationStream = destinationFor(logFormat),
): Logger {
  return pino({ level: logLevel, base: null, serializers: { err: shownError } }, to)
}

/** Waits until all lines so far are written to the destination. */
export function flushLog(logger: Logger): Promise<void> {
  return new Promise((resolve) => logger.flush(() => resolve()))
}

/** Omits the refused row in a database error, because the row has the customer's input. */
function shownError(error: unknown): object {
  const { code, constraint, message, name, stack, table } = (error ?? {}) as Error & {
    readonly code?: unknown
    readonly constraint?: unknown
    readonly table?: unknown
  }
  const cause = (error as Error | undefined)?.cause
  return {
    type: name,
    message,
    code,
    constraint,
    table,
    stack,
    ...(cause !== undefined && { cause: shownError(cause) }),
  }
}

/** A destination whose lines can wait in memory. Pino calls `flush` and `flushSync`. */
type LogDestination = DestinationStream & {
  readonly flush: (done?: (error?: Error) => void) => void
  readonly flushSync: () => void
}

/** `auto`: text on a terminal, JSON otherwise. */
function destinationFor(format: Settings['logFormat']): LogDestination {
  const destination = logDestination()
  const isText = format === 'text' || (format === 'auto' && process.stderr.isTTY === true)
  if (!isText) return destination
  return {
    write: (line) => destination.write(logText(line, process.stderr)),
    flush: (done) => destination.flush(done),
    flushSync: () => destination.flushSync(),
  }
}

/** The maximum length of the log text that waits for a slow reader. Further lines are dropped. */
const LOG_BYTES_MAX = 1_048_576

/** The log goes to standard error. It must block neither the server nor its stop, because a disk can be full. */
function logDestination() {
  const destination = pino.destination({ dest: 2, sync: false, maxLength: LOG_BYTES_MAX })
  destination.on('error', () => {
    destination.flushSync = () => {}
  })
  return destination
}
