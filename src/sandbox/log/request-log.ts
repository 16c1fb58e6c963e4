import { terminalLines } from '../../domain/terminal-text.ts'
import { createLogRing, type LogRow } from './log-ring.ts'
import type { LoggedRequest, LogKind } from './logged-request.ts'

/** The largest number of calls in the log, without the queries below. */
export const LOG_COUNT_MAX = 1_000
/** The maximum memory of these calls, in bytes; the oldest calls are deleted first. A logged body has up to 16 KiB. */
const LOG_BYTES_MAX = 8 * 1024 * 1024
/** The largest number of queries without a final answer. */
export const QUERY_COUNT_MAX = 200
/** The maximum memory of these queries. */
const QUERY_BYTES_MAX = 1024 * 1024

/** Adds fields to a call later, because a call is listed before its answer arrives. */
type AddMore = (more: Partial<Omit<LoggedRequest, 'id'>>) => void

/** The newest calls of one tenant. */
export type RequestLog = {
  readonly add: (entry: Omit<LoggedRequest, 'id'>) => AddMore
  /**
   * Adds a call that is repeated until it has a final answer, such as a query to the processor.
   * A repetition with the same answer only increases the count in the last row of its call. Queries without a
   * final answer are in a separate ring, so that they never push other calls out of the log.
   */
  readonly addQuery: (entry: Omit<LoggedRequest, 'id'>) => AddMore
  /** In the order of their ids. */
  readonly entries: () => readonly LoggedRequest[]
  readonly clear: () => void
  /** Estimates the memory of the log. */
  readonly byteCount: () => number
  /** Calls the listener with each new call, and again when it changes. The returned function stops that. */
  readonly listen: (listener: (entry: LoggedRequest) => void) => () => void
}

/** Makes an empty log. */
export function createRequestLog(): RequestLog {
  const calls = createLogRing({ countMax: LOG_COUNT_MAX, bytesMax: LOG_BYTES_MAX })
  const queries = createLogRing({ countMax: QUERY_COUNT_MAX, bytesMax: QUERY_BYTES_MAX })
  /** The last row of each query without a final answer. */
  const openRows = new Map<string, LogRow>()
  const listeners = new Set<(entry: LoggedRequest) => void>()
  let madeCount = 0
  const notify = (entry: LoggedRequest) => {
    if (listeners.size > 0) for (const listener of listeners) listener(withIds(entry))
  }
  const withNumber = (entry: Omit<LoggedRequest, 'id'>): LoggedRequest => {
    madeCount += 1
    return { ...entry, id: madeCount }
  }
  const remember = (key: string, row: LogRow) => {
    openRows.delete(key)
    openRows.set(key, row)
    const [oldestKey] = openRows.keys()
    if (openRows.size > QUERY_COUNT_MAX && oldestKey !== undefined) openRows.delete(oldestKey)
  }
  return {
    add: (entry) => {
      const numberedEntry = withNumber(entry)
      const row = calls.add(numberedEntry)
      notify(numberedEntry)
      return (more) => change(row, more, notify)
    },
    addQuery: (entry) => {
      const numberedEntry = withNumber(entry)
      const key = `${numberedEntry.method} ${numberedEntry.path} ${numberedEntry.requestBody}`
      let row = queries.add(numberedEntry)
      notify(numberedEntry)
      return (more) => {
        const before = row.read()
        if (before === undefined) return
        const now = { ...before, ...more }
        const open = openRows.get(key)
        if (!isOpen(now)) {
          row.remove()
          row = calls.add(now)
          openRows.delete(key)
        } else if (open !== undefined && open !== row && isRepetition(open.read(), now)) {
          row.remove()
          row = open
          change(
            open,
            { repeatCount: (open.read()?.repeatCount ?? 0) + 1, lastAtMs: now.atMs },
            notify,
          )
          return
        } else remember(key, row)
        row.write(now)
        notify(now)
      }
    },
    entries: () =>
      [...calls.entries(), ...queries.entries()]
        .map(withIds)
        // A final answer moves a query to the end of the calls.
        .toSorted((one, other) => one.id - other.id),
    clear: () => {
      calls.clear()
      queries.clear()
      openRows.clear()
    },
    byteCount: () => calls.byteCount() + queries.byteCount(),
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function change(
  row: LogRow,
  more: Partial<Omit<LoggedRequest, 'id'>>,
  tell: (entry: LoggedRequest) => void,
): void {
  const before = row.read()
  if (before === undefined) return
  const now = { ...before, ...more }
  row.write(now)
  tell(now)
}

/** Returns true if the call will be repeated. */
function isOpen({ response }: LoggedRequest): boolean {
  return response === undefined || response.status === 'pending' || response.status === 'unknown'
}

/** Returns true if a query only repeats the one before. A query with a fault never does, so that no fault is hidden. */
function isRepetition(before: LoggedRequest | undefined, now: LoggedRequest): boolean {
  return (
    before !== undefined &&
    before.faultId === undefined &&
    now.faultId === undefined &&
    before.response?.status === now.response?.status &&
    before.failure === now.failure
  )
}

type LoggedIds = Pick<LoggedRequest, 'paymentSessionId' | 'paymentId' | 'eventId'>

const IDS = [
  ['paymentSessionId', /"payments_session_id":"?(\d{1,16})/],
  ['paymentId', /"payment_id":"?(\d{1,16})/],
  ['eventId', /"event_id":"?(\d{1,16})/],
] as const

/** The bodies are searched only when somebody reads the call, because most calls are never read. */
function withIds(entry: LoggedRequest): LoggedRequest {
  const { requestBody, response } = entry
  return { ...idsIn([requestBody, response?.body ?? '']), ...entry }
}

/**
 * Finds the ids of a session, a payment and an event in bodies. For each id, the first body that contains one is used.
 * Returns none for the answer of a list, because it has the ids of many objects.
 */
export function idsIn(bodies: readonly string[]): LoggedIds {
  if (bodies.some((body) => body.includes('"page_context"'))) return {}
  const ids = IDS.flatMap(([name, pattern]) => {
    const id = bodies.map((body) => pattern.exec(body)?.[1]).find((one) => one !== undefined)
    return id === undefined ? [] : [[name, id] as const]
  })
  return Object.fromEntries(ids)
}

type LogQuery = {
  readonly kind?: LogKind
  readonly paymentSessionId?: string
  /** The payments of the filter's session, because calls to the processor name only payments. */
  readonly paymentIds?: readonly string[]
  readonly paymentId?: string
  readonly eventId?: string
  /** Statuses, and classes of statuses such as `4xx`. */
  readonly statuses?: readonly string[]
  readonly sinceId?: number
  /** A text in the method and the path, without case: `POST /api/v1/payments`. */
  readonly path?: string
  /**
   * The period of the starts of calls. `fromMs` is included, `toMs` is not. A call with repetitions also matches by its
   * last one.
   */
  readonly fromMs?: number
  readonly toMs?: number
  readonly countMax: number
}

/** Returns the matching calls, by their times with the newest first. */
export function queryLog(
  entries: readonly LoggedRequest[],
  query: LogQuery,
): readonly LoggedRequest[] {
  const { eventId, kind, paymentId, paymentIds = [], paymentSessionId, sinceId, statuses } = query
  const { fromMs = Number.NEGATIVE_INFINITY, path = '', toMs = Number.POSITIVE_INFINITY } = query
  const lowerCasePath = path.toLowerCase()
  return (
    entries
      .filter(
        (one) =>
          (kind === undefined || one.kind === kind) &&
          `${one.method} ${one.path}`.toLowerCase().includes(lowerCasePath) &&
          (one.lastAtMs ?? one.atMs) >= fromMs &&
          one.atMs < toMs &&
          (paymentId === undefined || one.paymentId === paymentId) &&
          (eventId === undefined || one.eventId === eventId) &&
          (paymentSessionId === undefined ||
            one.paymentSessionId === paymentSessionId ||
            paymentIds.includes(one.paymentId ?? '')) &&
          (sinceId === undefined || one.id > sinceId) &&
          (statuses === undefined || statuses.some((status) => hasStatus(one, status))),
      )
      // A slow call gets its id after the faster ones that began later.
      .toSorted((one, other) => other.atMs - one.atMs || other.id - one.id)
      .slice(0, query.countMax)
  )
}

function hasStatus({ response }: LoggedRequest, filter: string): boolean {
  const status = String(response?.status ?? 'none')
  return status === filter || (filter.endsWith('xx') && status.startsWith(filter.charAt(0)))
}

/** Writes a call for the wire. */
export function loggedRequestFields(
  entry: LoggedRequest,
  { baseUrl }: { readonly baseUrl: string },
) {
  const { atMs, response } = entry
  return {
    id: String(entry.id),
    kind: entry.kind,
    time: new Date(atMs).toISOString(),
    time_ms: atMs,
    duration_ms: Math.round(entry.durationMs),
    repeat_count: entry.repeatCount,
    last_time_ms: entry.lastAtMs,
    method: entry.method,
    path: entry.path,
    request: { headers: entry.requestHeaders, body: entry.requestBody },
    response,
    failure: entry.failure,
    warnings: entry.warnings,
    payments_session_id: entry.paymentSessionId,
    payment_id: entry.paymentId,
    event_id: entry.eventId,
    fault_id: entry.faultId,
    curl: curlOf(entry, baseUrl),
  }
}

/** Writes a call in one line: `POST /api/v1/paymentsessions 201`. */
export function summaryOf({ failure, method, path, response }: LoggedRequest): string {
  return `${method} ${path.split('?')[0]} ${response?.status ?? failure ?? ''}`.trim()
}

/** The headers that each HTTP client adds automatically. */
const OWN_HEADERS: readonly string[] = [
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'transfer-encoding',
  'user-agent',
]

/** Undefined: the entry was no HTTP request. */
function curlOf(entry: LoggedRequest, baseUrl: string): string | undefined {
  const { kind, method, path, requestBody, requestHeaders } = entry
  if (kind === 'processor') return undefined
  const headers = Object.entries(requestHeaders).filter(
    ([name]) => !OWN_HEADERS.includes(name) && !name.startsWith('sec-'),
  )
  const hasBody = requestBody !== ''
  return [
    'curl',
    ...(method === (hasBody ? 'POST' : 'GET') ? [] : [`-X ${method}`]),
    quoteForShell(kind === 'api' ? `${baseUrl}${path}` : path),
    ...headers.map(([name, value]) => `-H ${quoteForShell(`${name}: ${value}`)}`),
    // Not --data, which reads a file if the text begins with @.
    ...(hasBody ? [`--data-raw ${quoteForShell(requestBody)}`] : []),
  ].join(' ')
}

/**
 * Quotes a text for a shell. A text with characters that a terminal obeys is written with the escapes of bash and zsh,
 * because a developer looks at the command and pastes it.
 */
function quoteForShell(text: string): string {
  const isHarmless = terminalLines(text) === text
  if (isHarmless) return `'${text.replaceAll("'", `'\\''`)}'`
  const escapes = text.replaceAll(/[^ -~]|[\\']/gu, (character) =>
    character === '\\' || character === "'"
      ? `\\${character}`
      : `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`,
  )
  return `$'${escapes}'`
}
