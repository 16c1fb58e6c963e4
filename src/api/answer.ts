import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { OnceAnswer } from './answer-once.ts'
import { ApiError } from './errors.ts'
import type { HttpAnswer } from './http-route.ts'
import { type IdempotentRequest, identifyRequest, type Replay } from './idempotency.ts'
import { readJson } from './read-json.ts'

/** The header by which a request is safe to send again, for its description. */
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x20-\\x7e]+$',
      description:
        'Makes the request safe to repeat for 24 hours: a repetition gets the first answer. Paydesk extension.',
    }),
  ),
})
const NO_BODY = new Uint8Array()

/** Reads a request's body, as text and as what it says. */
export function readBody(request: FastifyRequest) {
  return readJson((request.body as Buffer | undefined) ?? NO_BODY)
}

const EMPTY_OBJECT = Buffer.from('{}')

/** Reads the body of a request that need not have one: then it says nothing. */
export function readOptionalBody(request: FastifyRequest) {
  const body = request.body as Buffer | undefined
  return readJson(body === undefined || body.length === 0 ? EMPTY_OBJECT : body)
}

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/

/**
 * Reads the request's idempotency key, with what the key is for. Undefined: it has none. Throws
 * ApiError for a key that is none.
 */
export function idempotentRequest(
  request: FastifyRequest,
  body: string,
): IdempotentRequest | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key)) {
    throw new ApiError(
      'invalid_parameter',
      'Idempotency-Key',
      'The Idempotency-Key header must have 1 to 255 printable ASCII characters.',
    )
  }
  // The route, for the same one can be spelled in many ways.
  const { url: route = '' } = request.routeOptions
  const target = Object.values(request.params as Record<string, string>).join('/')
  const accountId = request.account.id
  return identifyRequest({ accountId, path: `${route} ${target}`, key, body })
}

/** The answer of a request, or the one that its key's first request got. */
export function answered(once: OnceAnswer<unknown> | Replay): HttpAnswer {
  if ('answer' in once) return once.answer
  return { ...once.replayed, headers: { 'idempotent-replayed': 'true' } }
}

/** An answer with status 200. */
export function ok(body: string): HttpAnswer {
  return { status: 200, body }
}

/** Sends a body that is JSON already. */
export function sendJson(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply.code(status).type('application/json').send(body)
}
