import type { AccessTokens } from './access-token.ts'
import { checkIdempotencyKey } from './check-option.ts'
import type { Exchange } from './errors.ts'
import { errorOf, isSuccess } from './errors.ts'
import type { Machine } from './machine.ts'
import { refuseUnknownOptions } from './options.ts'
import type { HttpRequest, Transport } from './transport.ts'
import { type QueryValues, urlWithQuery } from './url.ts'

/** Options of a single call. */
export type CallOptions = {
  /**
   * The idempotency key: on a Paydesk server, several calls with the same key make only one change. Default for a POST:
   * a random text. Set the key, for example to the order's number, if your program may send the call again.
   */
  readonly idempotencyKey?: string
  /** Ends the call. The server may still carry it out. */
  readonly signal?: AbortSignal
}

const CALL_OPTION_NAMES: Record<keyof CallOptions, true> = { idempotencyKey: true, signal: true }

/** A call of the API. */
type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api/v1`. */
  readonly path: string
  readonly query?: QueryValues | undefined
  readonly body?: unknown
  readonly options?: CallOptions | undefined
}

/** Makes a call and returns the body of a success. Throws a `PaydeskError`. */
export type Send = (call: Call) => Promise<Readonly<Record<string, unknown>>>

/** Makes the function that sends all calls of the API. */
export function createSend({
  accountId,
  apiUrl,
  newKey,
  repeatsPosts,
  tokens,
  transport,
}: {
  readonly accountId: string
  /** With `/api/v1`. */
  readonly apiUrl: string
  readonly newKey: Machine['newKey']
  /** True: a POST is sent again even if it may have been carried out. */
  readonly repeatsPosts: boolean
  readonly tokens: AccessTokens
  readonly transport: Transport
}): Send {
  return async ({ body, method, options = {}, path, query }) => {
    refuseUnknownOptions('A call', options, CALL_OPTION_NAMES)
    if (options.idempotencyKey !== undefined) checkIdempotencyKey(options.idempotencyKey)
    const url = urlWithQuery(`${apiUrl}${path}`, { account_id: accountId, ...query })
    // The caller's query must not select another account of the token.
    url.searchParams.set('account_id', accountId)
    // Some PUT calls accept a key too.
    const key = options.idempotencyKey ?? (method === 'POST' ? newKey() : undefined)
    const plain: HttpRequest = {
      method,
      url,
      signal: options.signal,
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        // All tries have the same key, so retries are safe.
        ...(key !== undefined && { 'idempotency-key': key }),
      },
    }
    const withToken = (token: string): HttpRequest => {
      const headers = { ...plain.headers, authorization: `Zoho-oauthtoken ${token}` }
      return { ...plain, headers }
    }

    const token = await tokens.take()
    let isTokenNew = false
    const { exchange, wasLost } = await transport.exchangeWithRetries(withToken(token), {
      mayRepeat: method !== 'POST' || repeatsPosts,
      replace: async (exchange: Exchange) => {
        if (errorOf(exchange).status !== 401 || !tokens.canReplace || isTokenNew) return undefined
        isTokenNew = true
        return withToken(await tokens.take(token))
      },
    })
    if (isSuccess(exchange)) return exchange.body
    const error = errorOf(exchange)
    // An earlier try has already deleted the object; only its answer was lost.
    if (error.status === 404 && method === 'DELETE' && wasLost) return {}
    throw error
  }
}
