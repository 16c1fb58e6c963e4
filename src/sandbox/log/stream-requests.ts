import { clearInterval, setInterval } from 'node:timers'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RouteFacts } from '../../api/http-route.ts'
import { Type } from '../../api/type.ts'
import { beginEventStream } from '../../pages/event-stream.ts'
import { describeControlRoute } from '../control/control-route.ts'
import { sandboxTenant } from '../tenants/tenant.ts'
import type { LoggedRequest } from './logged-request.ts'
import { summaryOf } from './request-log.ts'

/** The largest number of listeners at a time. */
const STREAM_COUNT_MAX = 50
/** The largest backlog of a slow listener. Above it the stream ends. */
const STREAM_BYTES_MAX = 1_048_576
/** The time between two empty lines, so that proxies keep the connection open. */
const HEARTBEAT_MS = 15_000

/** The stream is not a route value: its answer has no end. */
export const STREAM_ROUTE: RouteFacts = {
  method: 'GET',
  url: '/requests/stream',
  operationId: 'streamRequests',
  tag: 'Requests',
  summary: 'Stream the logged calls',
  description:
    'Streams server-sent events: one for each call, with its id, kind and summary, and one more when the call is answered.',
  answers: { 200: Type.String(), 204: Type.Null() },
}

/** Describes the stream for OpenAPI. */
export const STREAM_SCHEMA = {
  ...describeControlRoute(STREAM_ROUTE),
  produces: ['text/event-stream'],
}

/** The stream ends when the server stops. */
export function registerRequestStream(app: FastifyInstance): void {
  const streams = new Set<() => void>()
  app.addHook('preClose', (done) => {
    for (const end of streams) end()
    done()
  })
  app.get(
    STREAM_ROUTE.url,
    {
      exposeHeadRoute: false,
      schema: STREAM_SCHEMA,
    },
    (request, reply) => {
      if (streams.size < STREAM_COUNT_MAX) stream(request, reply, streams)
      // 204 tells a browser not to reconnect.
      else reply.code(204).send()
    },
  )
}

function stream(
  { raw: { socket }, tenant }: FastifyRequest,
  reply: FastifyReply,
  streams: Set<() => void>,
): void {
  const raw = beginEventStream(reply)
  raw.write(':\n\n')
  const stopListening = sandboxTenant(tenant).log.listen((entry) => {
    raw.write(`id: ${entry.id}\ndata: ${JSON.stringify(streamedFields(entry))}\n\n`)
    if (raw.writableLength > STREAM_BYTES_MAX) end()
  })
  const heartbeat = setInterval(() => raw.write(':\n\n'), HEARTBEAT_MS)
  const end = () => {
    clearInterval(heartbeat)
    stopListening()
    streams.delete(end)
    raw.end()
  }
  streams.add(end)
  socket.once('close', end)
}

function streamedFields(entry: LoggedRequest) {
  return {
    id: String(entry.id),
    kind: entry.kind,
    time_ms: entry.atMs,
    summary: summaryOf(entry),
    status: entry.response?.status,
    failure: entry.failure,
    warnings: entry.warnings,
    payments_session_id: entry.paymentSessionId,
    payment_id: entry.paymentId,
    event_id: entry.eventId,
    fault_id: entry.faultId,
  }
}
