import type { AccessTokens } from './access-token.ts'
import {
  type Answer,
  ApiConnectionError,
  errorOf,
  isSuccess,
  type PaydeskError,
  secondsFrom,
} from './errors.ts'
import type { Machine } from './machine.ts'

/** What a single call may say of itself. */
export type CallOptions = {
  /**
   * Names the change, so that it is made once however often it is asked for. A random text unless given:
   * give your own, such as an order's number, where your own program may ask again.
   */
  readonly idempotencyKey?: string
  /** Ends the call. What the server has begun by then goes on. */
  readonly signal?: AbortSignal
}

/** Parameters of a query. What is undefined is left out. */
export type QueryValues = Readonly<Record<string, string | number | undefined>>

/** A call, as the resources make it. */
export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api/v1`. */
  readonly path: string
  readonly query?: QueryValues | undefined
  readonly body?: unknown
  readonly options?: CallOptions | undefined
}

/** Carries a call out, and gives the body of its success. Throws a `PaydeskError`. */
export type Send = (call: Call) => Promise<Readonly<Record<string, unknown>>>

/** How calls are made. */
export type Transport = {
  readonly fetch: typeof fetch
  readonly machine: Machine
  /** How long one try may take, in milliseconds. */
  readonly timeoutMs: number
  /** How often a call is tried again. */
  readonly retries: number
}

/** The longest wait before the first try again, in milliseconds. It doubles with each. */
const FIRST_WAIT_MS = 500
/** The longest wait that is the client's own, in milliseconds. */
const WAIT_MS_MAX = 8_000
/** The longest wait that a server may ask for, in seconds. Beyond it the caller is told at once. */
const RETRY_AFTER_SECONDS_MAX = 60

/** Makes the function that all calls of the API go through. */
export function createSend({
  accountId,
  apiUrl,
  repeatsPosts,
  tokens,
  transport,
}: {
  readonly accountId: string
  /** With `/api/v1`. */
  readonly apiUrl: string
  /** Whether a POST may be sent again when nobody knows whether it was carried out. */
  readonly repeatsPosts: boolean
  readonly tokens: AccessTokens
  readonly transport: Transport
}): Send {
  const { machine } = transport
  return async ({ body, method, options = {}, path, query }) => {
    const url = new URL(`${apiUrl}${path}`)
    for (const [name, value] of Object.entries({ account_id: accountId, ...query })) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const headers: Record<string, string> = { accept: 'application/json' }
    if (body !== undefined) headers['content-type'] = 'application/json'
    // The same for every try: that is what makes a second one safe.
    if (method === 'POST') headers['idempotency-key'] = options.idempotencyKey ?? machine.newKey()
    const mayRepeat = method !== 'POST' || repeatsPosts

    let token = await tokens.take()
    let isTokenNew = false
    let wasLost = false
    for (let tryCount = 1; ; tryCount += 1) {
      headers.authorization = `Zoho-oauthtoken ${token}`
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const came = await tryOnce(transport, url, { method, headers, ...sent }, options.signal)
      if (!(came instanceof Error) && isSuccess(came)) return came.body

      const failure = came instanceof Error ? came : errorOf(came)
      if (failure.status === 401 && tokens.canReplace && !isTokenNew) {
        token = await tokens.take(token)
        isTokenNew = true
        tryCount -= 1
        continue
      }
      // What the answer that was lost has deleted is not there any more.
      if (failure.status === 404 && method === 'DELETE' && wasLost) return {}
      wasLost ||= isLost(failure)
      const waitMs = waitBeforeNext(tryCount, came, failure, mayRepeat, machine)
      if (waitMs === undefined || tryCount > transport.retries) throw failure
      await machine.wait(waitMs, options.signal)
    }
  }
}

/** Makes the function that asks for tokens. A refresh changes nothing, so it is tried again like a GET. */
export function createTokenPost(
  url: string,
  transport: Transport,
): (form: URLSearchParams) => Promise<Answer> {
  return async (form) => {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    }
    for (let tryCount = 1; ; tryCount += 1) {
      const came = await tryOnce(transport, new URL(url), request)
      if (!(came instanceof Error) && isSuccess(came)) return came
      const failure = came instanceof Error ? came : errorOf(came)
      const waitMs = waitBeforeNext(tryCount, came, failure, true, transport.machine)
      if (waitMs === undefined || tryCount > transport.retries) {
        // What it says of the refresh token is read where tokens are.
        if (came instanceof Error) throw came
        return came
      }
      await transport.machine.wait(waitMs, undefined)
    }
  }
}

/** Gives the answer, or the error that there was none. */
async function tryOnce(
  { fetch, timeoutMs }: Transport,
  url: URL,
  request: RequestInit,
  signal?: AbortSignal,
): Promise<Answer | ApiConnectionError> {
  signal?.throwIfAborted()
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      ...request,
      // A token goes where it was meant to go, and no further.
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
    const { headers, status } = response
    return { headers, status, body: parsed(await response.text()) }
  } catch (cause) {
    if (signal?.aborted) throw signal.reason
    const why = timeout.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(cause)
    return new ApiConnectionError(`There was no answer from ${url.origin}: ${why}.`, {
      code: timeout.aborted ? 'timeout' : 'connection_failed',
      cause,
    })
  }
}

function parsed(text: string): Answer['body'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined
  } catch {
    return undefined
  }
}

/** Whether nobody knows if the request was carried out. */
function isLost({ status }: PaydeskError): boolean {
  return status === undefined || status < 300 || status >= 500
}

/** Gives how long to wait before the call is tried again, in milliseconds. Undefined: it is not. */
function waitBeforeNext(
  tryCount: number,
  came: Answer | ApiConnectionError,
  failure: PaydeskError,
  mayRepeat: boolean,
  { chance }: Machine,
): number | undefined {
  const askedSeconds = came instanceof Error ? undefined : secondsFrom(came.headers)
  // Too many calls: it was not carried out. A conflict with a time to wait: the first is under way.
  const isNotNow =
    failure.status === 429 || (failure.status === 409 && askedSeconds !== undefined && mayRepeat)
  if (!isNotNow && !(mayRepeat && isLost(failure))) return undefined
  if (askedSeconds !== undefined) {
    return askedSeconds > RETRY_AFTER_SECONDS_MAX ? undefined : askedSeconds * 1_000
  }
  // At least half of it, so that calls that failed together do not come together again.
  const spanMs = Math.min(FIRST_WAIT_MS * 2 ** (tryCount - 1), WAIT_MS_MAX)
  return spanMs * (0.5 + chance() / 2)
}

function reasonOf(error: unknown): string {
  const { cause = error } = error as Error
  const { code, message } = cause as { readonly code?: string; readonly message?: string }
  return message || code || 'the connection failed'
}
