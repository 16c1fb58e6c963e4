import {
  type Answer,
  ApiConnectionError,
  type Exchange,
  errorOf,
  isSuccess,
  type PaydeskError,
  secondsFrom,
} from './errors.ts'
import type { Machine } from './machine.ts'

/** The settings of a transport. */
type TransportOptions = {
  readonly fetch: typeof fetch
  readonly machine: Pick<Machine, 'chance' | 'wait'>
  /** The longest time for one try, in milliseconds. */
  readonly timeoutMs: number
  /** The number of tries after the first. */
  readonly retries: number
}

/** One HTTP request. */
export type HttpRequest = {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** Ends the request. The server may still carry it out. */
  readonly signal?: AbortSignal | undefined
}

/** Sends HTTP requests. Every call of a client goes through its transport. */
export type Transport = {
  /** Sends a request once. Rejects only if the request's signal aborts, with the signal's reason. */
  readonly exchange: (request: HttpRequest) => Promise<Exchange>
  /** Sends a request until it succeeds, another try does not help, or the retries are used up. */
  readonly exchangeWithRetries: (request: HttpRequest, policy: RetryPolicy) => Promise<LastExchange>
}

/** The retries of one request. */
type RetryPolicy = {
  /** True: the request is sent again even if it may have been carried out. */
  readonly mayRepeat: boolean
  /** Returns another request to send at once. It does not count as a retry. Undefined: there is none. */
  readonly replace?: (exchange: Exchange) => Promise<HttpRequest | undefined>
}

/** The success of a request, or its last failure. */
type LastExchange = {
  readonly exchange: Exchange
  /** True: an earlier try may have been carried out, because its answer was lost. */
  readonly wasLost: boolean
}

/** The longest wait before the first retry, in milliseconds. This limit doubles with each retry. */
const FIRST_WAIT_MS = 500
/** The longest wait that the client chooses, in milliseconds. */
const WAIT_MS_MAX = 8_000
/** The longest wait that a server may ask for, in seconds. Above it the caller gets the error at once. */
const RETRY_AFTER_SECONDS_MAX = 60

/** Makes a transport. */
export function createTransport(options: TransportOptions): Transport {
  const exchange = (request: HttpRequest) => sendOnce(options, request)
  return {
    exchange,
    exchangeWithRetries: async (first, { mayRepeat, replace }) => {
      let request = first
      let wasLost = false
      for (let tryCount = 1; ; ) {
        const last = await exchange(request)
        if (isSuccess(last)) return { exchange: last, wasLost }
        const replacement = await replace?.(last)
        if (replacement !== undefined) {
          request = replacement
          continue
        }
        const waitMs = waitBeforeRetry(last, tryCount, mayRepeat, options.machine)
        if (waitMs === undefined || tryCount > options.retries) return { exchange: last, wasLost }
        wasLost ||= isLost(errorOf(last))
        await options.machine.wait(waitMs, request.signal)
        tryCount += 1
      }
    },
  }
}

/** Reads a JSON object or list. Undefined: the text is something else. */
export function parseJsonObject(text: string): Answer['body'] {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Returns true if a value is an object or a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

async function sendOnce(
  { fetch, timeoutMs }: TransportOptions,
  { body, headers, method, signal, url }: HttpRequest,
): Promise<Exchange> {
  signal?.throwIfAborted()
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      method,
      headers: { ...headers },
      ...(body !== undefined && { body }),
      // The token goes only to the configured address.
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
    const text = await response.text()
    return { headers: response.headers, status: response.status, body: parseJsonObject(text) }
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    const reason = timeout.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(cause)
    return new ApiConnectionError(`There was no answer from ${url.origin}: ${reason}.`, {
      code: timeout.aborted ? 'timeout' : 'connection_failed',
      cause,
    })
  }
}

/** Returns true if the request may have been carried out: there is no answer, an unreadable 2xx, or a 5xx. */
function isLost({ status }: PaydeskError): boolean {
  return status === undefined || status < 300 || status >= 500
}

/** Returns the wait before the next try, in milliseconds. Undefined: another try does not help. */
function waitBeforeRetry(
  exchange: Exchange,
  tryCount: number,
  mayRepeat: boolean,
  { chance }: Pick<Machine, 'chance'>,
): number | undefined {
  const error = errorOf(exchange)
  const requestedSeconds = exchange instanceof Error ? undefined : secondsFrom(exchange.headers)
  // 429: the request was not carried out. 409 with a Retry-After: the first request has not ended.
  const isNotNow =
    error.status === 429 || (error.status === 409 && requestedSeconds !== undefined && mayRepeat)
  if (!isNotNow && !(mayRepeat && isLost(error))) return undefined
  if (requestedSeconds !== undefined) {
    return requestedSeconds > RETRY_AFTER_SECONDS_MAX ? undefined : requestedSeconds * 1_000
  }
  // The wait is random, from half of this span to all of it, so that calls that failed together are not repeated
  // together.
  const spanMs = Math.min(FIRST_WAIT_MS * 2 ** (tryCount - 1), WAIT_MS_MAX)
  return spanMs * (0.5 + chance() / 2)
}

function reasonOf(error: unknown): string {
  const cause = isObject(error) ? (error.cause ?? error) : error
  const { code, message } = isObject(cause) ? cause : {}
  return String(message || code || 'the connection failed')
}
