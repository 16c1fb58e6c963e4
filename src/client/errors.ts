/** What an error says beside its sentence. */
export type PaydeskErrorFacts = {
  /** The HTTP status. Undefined: there was no answer. */
  readonly status?: number | undefined
  /** The answer's `code`, such as `invalid_parameter`. */
  readonly code: string
  /** The path of the input that is wrong, such as `meta_data[0].key`. Paydesk names it, the real service does not. */
  readonly field?: string | undefined
  /** What the log line of the request is found by. */
  readonly requestId?: string | undefined
  readonly cause?: unknown
}

/** A call that did not do what was asked for. Every error of the client is one of these. */
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

/** The token is not good, or does not allow this; or no new one was given for the refresh token. */
export class AuthenticationError extends PaydeskError {
  override readonly name = 'AuthenticationError'
}

/** The request cannot be carried out as it is. `field` says what is wrong with it, where that is known. */
export class InvalidRequestError extends PaydeskError {
  override readonly name = 'InvalidRequestError'
}

/** There is no such object on this account. */
export class NotFoundError extends PaydeskError {
  override readonly name = 'NotFoundError'
}

/** The idempotency key came with another body before, or its first request is still under way. */
export class ConflictError extends PaydeskError {
  override readonly name = 'ConflictError'
}

/** There were too many calls. The request was not carried out. */
export class RateLimitError extends PaydeskError {
  override readonly name = 'RateLimitError'
  /** After how many seconds it may be tried again. Undefined: the answer did not say. */
  readonly retryAfterSeconds: number | undefined

  constructor(message: string, facts: PaydeskErrorFacts, retryAfterSeconds: number | undefined) {
    super(message, facts)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** No answer came, or none in time. Whether the request was carried out is not known. */
export class ApiConnectionError extends PaydeskError {
  override readonly name = 'ApiConnectionError'
}

/** The server failed, or answered what this API never does. Whether the request was carried out is not known. */
export class ApiError extends PaydeskError {
  override readonly name = 'ApiError'
}

/** An answer as it came. */
export type Answer = {
  readonly status: number
  readonly headers: Pick<Headers, 'get'>
  /** Undefined: it held something else than a JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** Whether an answer is a success that can be read. */
export function isSuccess(answer: Answer): answer is Answer & { readonly body: object } {
  return answer.status >= 200 && answer.status < 300 && answer.body !== undefined
}

/** Makes the error of an answer that is no success. */
export function errorOf({ body, headers, status }: Answer): PaydeskError {
  const text = (name: string) => {
    const value = body?.[name]
    return typeof value === 'string' ? value : undefined
  }
  const message = text('message') ?? `The server answered ${status} and nothing that this API says.`
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

/** Reads `Retry-After` where it is a number of seconds. Undefined: it is not there, or a date. */
export function secondsFrom(headers: Pick<Headers, 'get'>): number | undefined {
  const text = headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined
}
