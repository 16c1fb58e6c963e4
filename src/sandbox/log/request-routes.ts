import { clearInterval, setInterval } from 'node:timers'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { sendJson } from '../../api/answer.ts'
import { failures } from '../../api/describe-route.ts'
import { ApiError } from '../../api/errors.ts'
import { compileFields } from '../../api/read-fields.ts'
import type { JsonValue } from '../../api/read-json.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { envelope } from '../../api/schemas.ts'
import type { PaymentSessionId } from '../../domain/id.ts'
import type { Worlds } from '../tenants/tenant.ts'
import {
  LOG_COUNT_MAX,
  LOG_KINDS,
  type LoggedRequest,
  type LogKind,
  loggedRequestFields,
  queryLog,
  summaryOf,
} from './request-log.ts'

const Exchange = Type.Object({ body: Type.String() }, { additionalProperties: true })
const RequestOut = Type.Object(
  {
    id: Type.String(),
    kind: Type.Enum([...LOG_KINDS]),
    time: Type.String({ description: 'By the sandbox’s clock.' }),
    time_ms: Type.Integer(),
    duration_ms: Type.Integer({ description: 'Of real time.' }),
    method: Type.String({ description: 'Of HTTP, or the call of the processor.' }),
    path: Type.String({ description: 'With its query; of a webhook the URL.' }),
    request: Exchange,
    response: Type.Optional(Exchange),
    failure: Type.Optional(Type.String()),
    payments_session_id: Type.Optional(Type.String()),
    payment_id: Type.Optional(Type.String()),
    event_id: Type.Optional(Type.String()),
    fault_id: Type.Optional(Type.String({ description: 'The fault that applied.' })),
    curl: Type.Optional(
      Type.String({ description: 'Sends it again: of a webhook the same body, signed as it was.' }),
    ),
  },
  { description: 'Without card numbers, codes and secrets. Bodies of more than 16 KiB are cut.' },
)
const id = (description: string) =>
  Type.Optional(
    Type.String({ pattern: '^\\d{1,16}$', description, 'x-expected': 'an id of 1 to 16 digits' }),
  )
const ListQuery = Type.Object({
  kind: Type.Optional(Type.Enum([...LOG_KINDS])),
  payments_session_id: id('Everything about a session and its payments.'),
  payment_id: id('Everything about a payment.'),
  event_id: id('Everything about an event.'),
  status: Type.Optional(
    Type.String({
      pattern: '^(?:[1-5]\\d\\d|[1-5]xx)(?:,(?:[1-5]\\d\\d|[1-5]xx))*$',
      description: 'Statuses or classes of them, separated by commas.',
      examples: ['4xx,5xx'],
      'x-expected': 'statuses separated by commas, such as 404 or 4xx,5xx',
    }),
  ),
  since: id('Only what came after the exchange of this id.'),
  limit: Type.Optional(
    Type.String({
      pattern: '^(?:[1-9]\\d{0,2}|1000)$',
      description: 'How many at most; 100 without it.',
      'x-expected': `a whole number from 1 to ${LOG_COUNT_MAX}`,
    }),
  ),
})
const readList = compileFields(ListQuery, {}, 'The query')
const LIMIT_DEFAULT = 100

/** How many pages and programs can listen at a time. */
const STREAM_COUNT_MAX = 50
/** How much of a stream may wait for a slow listener before it is ended, in bytes. */
const STREAM_BYTES_MAX = 1_048_576
/** A line that says nothing, so that proxies do not take the connection for dead, in milliseconds. */
const HEARTBEAT_MS = 15_000

/** Registers the routes by which it is seen what has happened. */
export function registerRequestRoutes(
  app: FastifyInstance,
  { current }: Pick<Worlds, 'current'>,
): void {
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
        querystring: ListQuery,
        response: { 200: envelope('requests', Type.Array(RequestOut)), ...failures(400) },
      },
    },
    async (request, reply) => {
      const world = current()
      const asked = readList(request.query as JsonValue, undefined) as Readonly<
        Record<string, string | undefined>
      >
      const { event_id, kind, limit, payment_id, payments_session_id, since, status } = asked
      const attempts =
        payments_session_id === undefined
          ? []
          : await world.store.paymentAttempts.listBySession(payments_session_id as PaymentSessionId)
      const found = queryLog(world.log.entries(), {
        countMax: Number(limit ?? LIMIT_DEFAULT),
        paymentIds: attempts.map((attempt) => attempt.id),
        ...(kind !== undefined && { kind: kind as LogKind }),
        ...(payments_session_id !== undefined && { paymentSessionId: payments_session_id }),
        ...(payment_id !== undefined && { paymentId: payment_id }),
        ...(event_id !== undefined && { eventId: event_id }),
        ...(status !== undefined && { statuses: status.split(',') }),
        ...(since !== undefined && { sinceId: Number(since) }),
      })
      const rows = found.map((entry) => loggedRequestFields(entry, world))
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
        response: { 200: Type.Object({ code: Type.Literal(0), message: Type.Literal('success') }) },
      },
    },
    (_request, reply) => {
      current().log.clear()
      return sendJson(reply, 200, JSON.stringify({ code: 0, message: 'success' }))
    },
  )

  app.get(
    '/requests/:id',
    {
      schema: {
        ...described('retrieveRequest', 'Retrieve an exchange', 'With headers, bodies and curl.'),
        params: Type.Object({ id: Type.String() }),
        response: { 200: envelope('request', RequestOut), ...failures(404) },
      },
    },
    (request, reply) => {
      const world = current()
      const wanted = (request.params as { id: string }).id
      const found = world.log.entries().find((entry) => String(entry.id) === wanted)
      if (found === undefined) {
        throw new ApiError(
          'resource_does_not_exist',
          'id',
          'There is no exchange with this id, or no more. See: GET /_sandbox/requests',
        )
      }
      return sendJson(reply, 200, renderOne('request', loggedRequestFields(found, world)))
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

  function stream({ raw: { socket } }: FastifyRequest, reply: FastifyReply): void {
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
    const stopListening = current().log.listen((entry) => {
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
