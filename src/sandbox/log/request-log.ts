import type { LoggedRequest, LogKind } from './logged-request.ts'

/** The largest number of calls in the log. */
export const LOG_COUNT_MAX = 1_000
/** The most memory of the log, in bytes; the oldest calls are deleted first. Bodies have up to 64 KiB. */
const LOG_BYTES_MAX = 8 * 1024 * 1024
/** The memory of a call besides its texts, in bytes: its objects, names and numbers. */
const ENTRY_BYTES = 1_000

/** The newest calls of one tenant. */
export type RequestLog = {
  /** Adds a call. The returned function adds fields to it later, because a call is listed before its answer arrives. */
  readonly add: (
    entry: Omit<LoggedRequest, 'id'>,
  ) => (more: Partial<Omit<LoggedRequest, 'id'>>) => void
  /** Oldest first. */
  readonly entries: () => readonly LoggedRequest[]
  readonly clear: () => void
  /** Estimates the memory of the log, in bytes. */
  readonly byteCount: () => number
  /** Calls the listener with each new call, and again when it changes. The returned function stops that. */
  readonly listen: (listener: (entry: LoggedRequest) => void) => () => void
}

/** Makes an empty log. */
export function createRequestLog(): RequestLog {
  // A ring: an entry's id decides its position.
  let ring: (LoggedRequest | undefined)[] = []
  /** The memory of each entry at its position. */
  const sizes = new Uint32Array(LOG_COUNT_MAX)
  let madeCount = 0
  let clearedCount = 0
  let byteCount = 0
  const resize = (place: number, bytes: number) => {
    byteCount += bytes - (sizes[place] ?? 0)
    sizes[place] = bytes
  }
  const dropOldest = () => {
    const place = clearedCount % LOG_COUNT_MAX
    resize(place, 0)
    ring[place] = undefined
    clearedCount += 1
  }
  const listeners = new Set<(entry: LoggedRequest) => void>()
  return {
    add: (entry) => {
      const place = madeCount % LOG_COUNT_MAX
      if (madeCount - clearedCount === LOG_COUNT_MAX) dropOldest()
      const put = (next: LoggedRequest): LoggedRequest => {
        resize(place, bytesOf(next))
        ring[place] = next
        while (byteCount > LOG_BYTES_MAX && clearedCount < madeCount - 1) dropOldest()
        if (listeners.size > 0) for (const listener of listeners) listener(withIds(next))
        return next
      }
      madeCount += 1
      const added = put({ ...entry, id: madeCount })
      return (more) => {
        const now = ring[place]
        if (now?.id === added.id) put({ ...now, ...more })
      }
    },
    entries: () => {
      return Array.from({ length: madeCount - clearedCount }, (_, index) =>
        withIds(ring[(clearedCount + index) % LOG_COUNT_MAX] as LoggedRequest),
      )
    },
    clear: () => {
      ring = []
      sizes.fill(0)
      clearedCount = madeCount
      byteCount = 0
    },
    byteCount: () => byteCount,
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function bytesOf({ path, requestBody, requestHeaders, response }: LoggedRequest): number {
  const requestBytes = ENTRY_BYTES + path.length + requestBody.length + lengthOf(requestHeaders)
  if (response === undefined) return requestBytes
  return requestBytes + response.body.length + lengthOf(response.headers)
}

function lengthOf(headers: Readonly<Record<string, string>>): number {
  let length = 0
  for (const name in headers) length += name.length + (headers[name]?.length ?? 0)
  return length
}

/** The ids by which a call can be found. */
type LoggedIds = Pick<LoggedRequest, 'paymentSessionId' | 'paymentId' | 'eventId'>

const IDS = [
  ['paymentSessionId', /"payments_session_id":"?(\d{1,16})/],
  ['paymentId', /"payment_id":"?(\d{1,16})/],
  ['eventId', /"event_id":"?(\d{1,16})/],
] as const

/**
 * Adds the ids that are only in the bodies of a call. They are searched when the call is read, because most calls never
 * are. A list has no ids itself.
 */
function withIds(entry: LoggedRequest): LoggedRequest {
  const { requestBody, response } = entry
  return { ...idsIn([requestBody, response?.body ?? '']), ...entry }
}

/** Finds the ids of a session, a payment and an event in bodies; the first body that has one decides. A list has none. */
export function idsIn(bodies: readonly string[]): LoggedIds {
  if (bodies.some((body) => body.includes('"page_context"'))) return {}
  const found = IDS.flatMap(([name, pattern]) => {
    const id = bodies.map((body) => pattern.exec(body)?.[1]).find((one) => one !== undefined)
    return id === undefined ? [] : [[name, id] as const]
  })
  return Object.fromEntries(found)
}

/** The filter of a list of calls. */
type LogQuery = {
  readonly kind?: LogKind
  readonly paymentSessionId?: string
  /** The payments of that session, because calls of the processor name only payments. */
  readonly paymentIds?: readonly string[]
  readonly paymentId?: string
  readonly eventId?: string
  /** Whole statuses, and classes of them such as `4xx`. */
  readonly statuses?: readonly string[]
  readonly sinceId?: number
  readonly countMax: number
}

/** Returns the matching calls, newest first. */
export function queryLog(
  entries: readonly LoggedRequest[],
  query: LogQuery,
): readonly LoggedRequest[] {
  const { eventId, kind, paymentId, paymentIds = [], paymentSessionId, sinceId, statuses } = query
  return entries
    .filter(
      (one) =>
        (kind === undefined || one.kind === kind) &&
        (paymentId === undefined || one.paymentId === paymentId) &&
        (eventId === undefined || one.eventId === eventId) &&
        (paymentSessionId === undefined ||
          one.paymentSessionId === paymentSessionId ||
          paymentIds.includes(one.paymentId ?? '')) &&
        (sinceId === undefined || one.id > sinceId) &&
        (statuses === undefined || statuses.some((status) => hasStatus(one, status))),
    )
    .slice(-query.countMax)
    .reverse()
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
    method: entry.method,
    path: entry.path,
    request: { headers: entry.requestHeaders, body: entry.requestBody },
    response,
    failure: entry.failure,
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

/** The headers that a client adds itself. */
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

/** Writes a curl command that sends the request again. Undefined: it was no HTTP request. */
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
    quoted(kind === 'api' ? `${baseUrl}${path}` : path),
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    // Not --data, which reads a file if the text begins with @.
    ...(hasBody ? [`--data-raw ${quoted(requestBody)}`] : []),
  ].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
