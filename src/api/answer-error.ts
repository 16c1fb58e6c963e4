import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { StoreUnavailable } from '../operations/store.ts'
import { ApiError, type ErrorAnswer, renderError } from './errors.ts'

/** Sends the answer that `errorAnswerOf` renders. */
export function answerError(
  logger: Logger,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { status, headers, body } = errorAnswerOf(logger, error, request.id)
  // The framework refuses some requests before any hook has run.
  reply.header('x-request-id', request.id)
  reply.code(status).headers(headers).type('application/json').send(body)
}

/** Renders the answer to an error, in the envelope, and logs the error if the fault is ours. */
export function errorAnswerOf(logger: Logger, error: unknown, requestId: string): ErrorAnswer {
  const failure = renderError(error)
  // Logged without the stack: in an outage, thousands of stacks would hide the one log line about the outage.
  if (error instanceof StoreUnavailable) {
    logger.warn({ requestId, reason: error.message }, 'request failed')
  } else if (failure.status >= 500) {
    logger.error({ requestId, err: error }, 'request failed')
  }
  return failure
}

/** Answers bytes that are not a complete HTTP request. There is no request object for them. */
export function answerMalformedRequest(
  requestId: string,
  error: { readonly code?: string },
  socket: Duplex,
): void {
  if (!socket.writable) return
  const { message, status } = UNREADABLE.get(error.code) ?? { message: undefined, status: 400 }
  const { body } = renderError(new ApiError('malformed_http', undefined, message))
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}

/** By Node's error code. A code that is not listed means that the bytes are malformed. */
const UNREADABLE: ReadonlyMap<
  string | undefined,
  { readonly message: string; readonly status: number }
> = new Map([
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { message: 'The complete request did not arrive in time.', status: 408 },
  ],
  ['HPE_HEADER_OVERFLOW', { message: 'The headers of the request are too large.', status: 431 }],
])
