/** The facts of an error besides its message. */
type PaydeskErrorFacts = {
  /** The HTTP status. Undefined: there was no answer. */
  readonly status?: number | undefined
  /**
   * The answer's `code`, such as `invalid_parameter`, or `error` if the answer has none. Without an answer: `timeout` or
   * `connection_failed`.
   */
  readonly code: string
  /** The path of the wrong input, such as `meta_data[0].key`. Paydesk only: the real service sends none. */
  readonly field?: string | undefined
  /** The id of the request in the server's log. */
  readonly requestId?: string | undefined
  readonly cause?: unknown
}

/**
 * A call that failed. Two failures are other errors: a wrong option or id is a `TypeError`, and if a
 * `signal` ends the call, the call rejects with the reason of the signal.
 */
export class PaydeskError extends Error {
  override readonly name: string = 'PaydeskError'
  readonly status: number | undefined
  readonly code: string
  readonly field: string | undefined
  readonly requestId: string | undefined

  constructor(message: string, { cause, code, field, requestId, status }: PaydeskErrorFacts) {
    super(message, cause === undefined ? undefined : { cause })
    this.status = status
    this.code = code
    this.field = field
    this.requestId = requestId
  }
}

/** The token is wrong or does not allow this call, the refresh failed, or the account is closed. */
export class AuthenticationError extends PaydeskError {
  override readonly name = 'AuthenticationError'
}

/** The request cannot be carried out. `field` names the wrong input if the server reports it. */
export class InvalidRequestError extends PaydeskError {
  override readonly name = 'InvalidRequestError'
}

/** The object does not exist on this account, or the account's edition does not have the call. */
export class NotFoundError extends PaydeskError {
  override readonly name = 'NotFoundError'
}

/** The idempotency key was used with another body, or its first request has not ended. */
export class ConflictError extends PaydeskError {
  override readonly name = 'ConflictError'
}

/** Too many calls. The request was not carried out. */
export class RateLimitError extends PaydeskError {
  override readonly name = 'RateLimitError'
  /** The seconds to wait before the next try. Undefined: the answer has no `Retry-After` in seconds. */
  readonly retryAfterSeconds: number | undefined

  constructor(message: string, facts: PaydeskErrorFacts, retryAfterSeconds: number | undefined) {
    super(message, facts)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** There was no answer, or none in time. The request may or may not have been carried out. */
export class ApiConnectionError extends PaydeskError {
  override readonly name = 'ApiConnectionError'
}

/**
 * The server failed, or its answer is not from this API. The request may or may not have been
 * carried out.
 */
export class ApiError extends PaydeskError {
  override readonly name = 'ApiError'
}

/** An HTTP answer. */
export type Answer = {
  readonly status: number
  readonly headers: Pick<Headers, 'get'>
  /** Undefined: the body is neither a JSON object nor a JSON list. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** The result of one request: its answer, or an error without an answer. */
export type Exchange = Answer | ApiConnectionError

/** Returns true if a request succeeded and its answer can be read. */
export function isSuccess(
  exchange: Exchange,
): exchange is Answer & { readonly body: NonNullable<Answer['body']> } {
  if (exchange instanceof ApiConnectionError) return false
  return exchange.status >= 200 && exchange.status < 300 && exchange.body !== undefined
}

/** Makes the error of a request that failed. */
export function errorOf(exchange: Exchange): PaydeskError {
  if (exchange instanceof ApiConnectionError) return exchange
  const { body, headers, status } = exchange
  const text = (name: string) => {
    const value = body?.[name]
    return typeof value === 'string' ? value : undefined
  }
  const message = text('message') ?? unknownAnswer(status)
  const facts: PaydeskErrorFacts = {
    status,
    code: text('code') ?? 'error',
    field: text('field'),
    requestId: headers.get('x-request-id') ?? undefined,
  }
  switch (status) {
    case 401:
    case 403:
      return new AuthenticationError(message, facts)
    case 404:
      return new NotFoundError(message, facts)
    case 409:
      return new ConflictError(message, facts)
    case 429:
      return new RateLimitError(message, facts, secondsFrom(headers))
    default:
      return status >= 400 && status < 500
        ? new InvalidRequestError(message, facts)
        : new ApiError(message, facts)
  }
}

/** Returns true if an answer has no message of the API. Another program may listen at the URL. */
export function isUnknownAnswer({ message, status }: PaydeskError): boolean {
  return status !== undefined && message === unknownAnswer(status)
}

function unknownAnswer(status: number): string {
  return `The server answered ${status} without a message of this API.`
}

/** Reads a `Retry-After` in seconds. Undefined: it is missing, or a date. */
export function secondsFrom(headers: Pick<Headers, 'get'>): number | undefined {
  const text = headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined
}
