import type { IncomingMessage, RequestListener } from 'node:http'
import { clearInterval, setInterval } from 'node:timers'
import type { Logger } from 'pino'
import { withoutBasePath } from '../domain/base-path.ts'
import type { Clock } from '../domain/clock.ts'
import { ApiError, renderError } from './errors.ts'
import type { RequestMetrics } from './request-metrics.ts'

/**
 * The longest wait of the oldest work before the server refuses calls.
 *
 * In a burst, creations may wait as long as other calls. If the queue does not drain, the limit for creations is
 * shorter, so that the queue becomes short again.
 */
export const LIMITS_MS = { call: 2_000, creationInBurst: 2_000, creationInQueue: 50 } as const
/** The longest time of a burst. A queue that stays long for more time is treated as one that does not drain. */
const BURST_MS_MAX = 500
/** The time between two signals of the event loop. */
const TICK_MS = 10
/** The values of Retry-After. They vary, so that clients do not come back together. */
const RETRY_SECONDS = [1, 2, 3] as const

/** The backlog of a server: the state of its event loop and of its commits. */
export type Backlog = {
  /** Returns the wait of the oldest work. */
  readonly behindMs: () => number
  /** Returns true if the queue has been long for half a second. */
  readonly isStanding: () => boolean
  /** Counts a commit as waiting until it settles. Returns the same promise. */
  readonly track: <Result>(commit: Promise<Result>) => Promise<Result>
  readonly stop: () => void
}

/**
 * Makes the backlog of this process. `steady` is a monotonic clock. `everyTick` calls a function regularly, and returns
 * a function that stops it; a busy event loop calls it late.
 */
export function createBacklog(
  steady: Clock,
  everyTick: (tick: () => void) => () => void = everyFewMilliseconds,
): Backlog {
  // A Set keeps the order in which the commits began.
  const commits = new Set<{ readonly sinceMs: number }>()
  let tickedAtMs = steady.nowMs()
  let shortAtMs = tickedAtMs

  function behindMs(): number {
    const nowMs = steady.nowMs()
    const [oldest] = commits
    const loopMs = nowMs - tickedAtMs - TICK_MS
    const commitMs = oldest === undefined ? 0 : nowMs - oldest.sinceMs
    return Math.max(0, loopMs, commitMs)
  }
  const stop = everyTick(() => {
    // Measured before this tick is recorded, because the tick may be late.
    const isShort = behindMs() < LIMITS_MS.creationInQueue
    tickedAtMs = steady.nowMs()
    if (isShort) shortAtMs = tickedAtMs
  })

  return {
    behindMs,
    isStanding: () => steady.nowMs() - shortAtMs > BURST_MS_MAX,
    track: async (commit) => {
      const waiting = { sinceMs: steady.nowMs() }
      commits.add(waiting)
      try {
        return await commit
      } finally {
        commits.delete(waiting)
      }
    },
    stop,
  }
}

function everyFewMilliseconds(tick: () => void): () => void {
  const timer = setInterval(tick, TICK_MS).unref()
  return () => clearInterval(timer)
}

/** The shortest time between two log lines about refusals. */
const REPORT_EVERY_MS = 10_000

/** Makes a function that counts refusals and logs them from time to time: an overload must not fill the log. */
export function createRefusalReport({
  logger,
  metrics,
}: {
  readonly logger: Logger
  readonly metrics: RequestMetrics
}): (kind: RequestKind) => void {
  let count = 0
  let sinceLog = () => Number.POSITIVE_INFINITY
  return (kind) => {
    metrics.countRefusal(kind)
    count += 1
    if (sinceLog() < REPORT_EVERY_MS) return
    logger.warn({ refusedCount: count }, 'the server is overloaded and refuses calls')
    count = 0
    sinceLog = metrics.startTimer()
  }
}

/** The kinds of requests, in the order of their refusal. Requests of customers are never refused. */
type RequestKind = 'creation' | 'call' | 'customer'

/**
 * Returns the kind of a request. Only calls of the API can be refused: its clients can repeat them. Pages, payments and
 * returns from banks belong to customers, and health checks cost little.
 */
export function requestKindOf(
  { method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>,
  basePath: string,
): RequestKind {
  const path = withoutBasePath(url, basePath)
  if (!path.startsWith('/api/v1/')) return 'customer'
  const isCreation = method === 'POST' && /^\/api\/v1\/paymentsessions(?:\?|$)/.test(path)
  return isCreation ? 'creation' : 'call'
}

/** Returns true if a request of a kind must be refused now. */
export function isRefused(
  kind: RequestKind,
  { behindMs, isStanding }: Pick<Backlog, 'behindMs' | 'isStanding'>,
): boolean {
  if (kind === 'customer') return false
  if (kind === 'call') return behindMs() > LIMITS_MS.call
  return behindMs() > (isStanding() ? LIMITS_MS.creationInQueue : LIMITS_MS.creationInBurst)
}

/**
 * Makes a handler that refuses requests before a server's handler sees them, so that a refused request costs no
 * routing, no token check and no body. `onRefused` gets the kind of each refused request.
 */
export function refuseWhenBehind(
  handle: RequestListener,
  {
    backlog,
    basePath,
    nextRequestId,
    onRefused,
  }: {
    readonly backlog: Backlog
    readonly basePath: string
    readonly nextRequestId: () => string
    readonly onRefused: (kind: RequestKind) => void
  },
): RequestListener {
  const { body, headers, status } = renderError(new ApiError('overloaded'))
  const length = Buffer.byteLength(body)
  let refusedCount = 0
  return (request, response) => {
    const kind = requestKindOf(request, basePath)
    if (!isRefused(kind, backlog)) return handle(request, response)
    refusedCount += 1
    onRefused(kind)
    response.writeHead(status, {
      ...headers,
      'content-type': 'application/json',
      'content-length': length,
      'retry-after': String(RETRY_SECONDS[refusedCount % RETRY_SECONDS.length]),
      'x-request-id': nextRequestId(),
    })
    response.end(body)
  }
}
