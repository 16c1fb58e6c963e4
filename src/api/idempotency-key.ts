import { ApiError } from './errors.ts'
import type { HttpRequest } from './http-route.ts'
import { type IdempotentRequest, identifyRequest } from './idempotency.ts'
import { Type } from './type.ts'

/** The schema of the header `Idempotency-Key`, for descriptions of routes. */
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x20-\\x7e]+$',
      description:
        'Makes the request safe to repeat for 24 hours: a repeated request gets the first answer. Paydesk extension.',
    }),
  ),
})

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/

/**
 * Reads the idempotency key of a request, and returns the request's identity. `callerId`, `body` and `otherBodies` are
 * those of `identifyRequest`. Undefined: the request has no key. Throws ApiError for an invalid key.
 */
export function idempotentRequest(
  { headers, params, routeOptions }: Omit<HttpRequest, 'account'>,
  callerId: string,
  body: string,
  otherBodies?: readonly string[],
): IdempotentRequest | undefined {
  const key = headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) {
    throw new ApiError(
      'invalid_parameter',
      'Idempotency-Key',
      'The Idempotency-Key header must have 1 to 255 printable ASCII characters.',
    )
  }
  // The route's pattern, because a path has many spellings.
  const { url: route = '' } = routeOptions
  const target = Object.values(params).join('/')
  const path = `${route} ${target}`
  return identifyRequest({
    callerId,
    path,
    key,
    body,
    ...(otherBodies !== undefined && { otherBodies }),
  })
}
