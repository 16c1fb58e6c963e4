import { clearInterval, setInterval } from 'node:timers'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { sendJson } from '../../api/answer.ts'
import { failures } from '../../api/describe-route.ts'
import { ApiError } from '../../api/errors.ts'
import { compileFields } from '../../api/read-fields.ts'
import type { JsonValue } from '../../api/read-json.ts'
import { renderOne } from '../../api/render-envelope.ts'
import type { PaymentSessionId } from '../../domain/id.ts'
import type { LoggedRequest, LogKind } from '../../operations/tenant.ts'
import { Done } from '../control/schemas.ts'
import { sandboxTenant } from '../tenants/tenant.ts'
import { loggedRequestFields, queryLog, summaryOf } from './request-log.ts'
import { RequestAnswer, RequestListQuery, RequestsAnswer } from './schemas.ts'

const readList = compileFields(RequestListQuery, {}, 'The query')
const LIMIT_DEFAULT = 100

/** How many pages and programs can listen at a time. */
const STREAM_COUNT_MAX = 50
/** How much of a stream may wait for a slow listener before it is ended, in bytes. */
const STREAM_BYTES_MAX = 1_048_576
/** A line that says nothing, so that proxies do not take the connection for dead, in milliseconds. */
const HEARTBEAT_MS = 15_000

/** Registers the routes by which it is seen what has happened. */
export function registerRequestRoutes(app: FastifyInstance): void {
  const described = (operationId: string, summary: string, description: string) => ({
    tags: ['Requests'],
    operationId,
    summary,
    description,
  })

  app.get(
    '/requests',
    {
      schema: {
        ...described(
          'listRequests',
          'List what has happened',
          'The last 1,000 API calls, webhooks and calls of the processor, newest first.',
        ),
        querystring: RequestListQuery,
        response: { 200: RequestsAnswer, ...failures(400) },
      },
    },
    async (request, reply) => {
      const tenant = sandboxTenant(request.tenant)
      const asked = readList(request.query as JsonValue, undefined) as Readonly<
        Record<string, string | undefined>
      >
      const { event_id, kind, limit, payment_id, payments_session_id, since, status } = asked
      const attempts =
        payments_session_id === undefined
          ? []
          : await tenant.store.paymentAttempts.listBySession(
              payments_session_id as PaymentSessionId,
            )
      const found = queryLog(tenant.log.entries(), {
        countMax: Number(limit ?? LIMIT_DEFAULT),
        paymentIds: attempts.map((attempt) => attempt.id),
        ...(kind !== undefined && { kind: kind as LogKind }),
        ...(payments_session_id !== undefined && { paymentSessionId: payments_session_id }),
        ...(payment_id !== undefined && { paymentId: payment_id }),
        ...(event_id !== undefined && { eventId: event_id }),
        ...(status !== undefined && { statuses: status.split(',') }),
        ...(since !== undefined && { sinceId: Number(since) }),
      })
      const rows = found.map((entry) => loggedRequestFields(entry, tenant))
      return sendJson(reply, 200, renderOne('requests', rows))
    },
  )

  app.delete(
    '/requests',
    {
      schema: {
        ...described(
          'clearRequests',
          'Forget what has happened',
          'Ids go on from where they were.',
        ),
        response: { 200: Done },
      },
    },
    (request, reply) => {
      sandboxTenant(request.tenant).log.clear()
      return sendJson(reply, 200, JSON.stringify({ code: 0, message: 'success' }))
    },
  )

  app.get(
    '/requests/:id',
    {
      schema: {
        ...described('retrieveRequest', 'Retrieve an exchange', 'With headers, bodies and curl.'),
        params: Type.Object({ id: Type.String() }),
        response: { 200: RequestAnswer, ...failures(404) },
      },
    },
    (request, reply) => {
      const tenant = sandboxTenant(request.tenant)
      const wanted = (request.params as { id: string }).id
      const found = tenant.log.entries().find((entry) => String(entry.id) === wanted)
      if (found === undefined) {
        throw new ApiError(
          'resource_does_not_exist',
          'id',
          'There is no exchange with this id, or no more. See: GET /_sandbox/requests',
        )
      }
      return sendJson(reply, 200, renderOne('request', loggedRequestFields(found, tenant)))
    },
  )

  const streams = new Set<() => void>()
  app.addHook('preClose', (done) => {
    for (const end of streams) end()
    done()
  })
  app.get(
    '/requests/stream',
    {
      exposeHeadRoute: false,
      schema: {
        ...described(
          'streamRequests',
          'Listen to what happens',
          'Server-sent events: a line with id, kind and summary for each exchange, and again when an answer has come to it.',
        ),
        produces: ['text/event-stream'],
        response: { 200: { type: 'string' }, 204: { type: 'null' } },
      },
    },
    (request, reply) => stream(request, reply),
  )

  function stream({ raw: { socket }, tenant }: FastifyRequest, reply: FastifyReply): void {
    if (streams.size >= STREAM_COUNT_MAX) {
      // 204 tells a browser not to come back.
      void reply.code(204).send()
      return
    }
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
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
}

function streamedFields(entry: LoggedRequest) {
  const { eventId, failure, faultId, id: of, kind, paymentId, paymentSessionId, response } = entry
  return {
    id: String(of),
    kind,
    time_ms: entry.atMs,
    summary: summaryOf(entry),
    status: response?.status,
    failure,
    payments_session_id: paymentSessionId,
    payment_id: paymentId,
    event_id: eventId,
    fault_id: faultId,
  }
}
