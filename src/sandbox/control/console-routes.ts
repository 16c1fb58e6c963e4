import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { sendJson } from '../../api/answer.ts'
import { failures } from '../../api/describe-route.ts'
import { ApiError } from '../../api/errors.ts'
import { renderOne } from '../../api/render-envelope.ts'
import { ACCESS_KEY_RANDOM_BYTES, makeAccessKey } from '../../domain/access-key.ts'
import {
  type AccountId,
  type PaymentSessionId,
  parseAccountId,
  parseId,
  type WebhookEndpointId,
  type WebhookEventId,
} from '../../domain/id.ts'
import { WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'
import { paymentFields } from '../../wire/payment.ts'
import { refundFields } from '../../wire/refund.ts'
import { sandboxFacts } from '../announce.ts'
import { callRoute } from '../tenants/call-route.ts'
import { sandboxTenant } from '../tenants/tenant.ts'
import type { SandboxTenants } from '../tenants/tenants.ts'
import { inspectDelivery, keysOf } from './inspect-delivery.ts'
import { sampleMoment, sampleObject } from './sample-events.ts'
import {
  FactsAnswer,
  InspectedDeliveryAnswer,
  SampleAnswer,
  SessionStoryAnswer,
  WebhookKeysAnswer,
} from './schemas.ts'
import { timelineOf } from './session-timeline.ts'

const API_PATH = '/api/v1/'
/** Calls below this path go to the API. */
const PROXY_PATH = '/_sandbox/api/'

/** Registers what the console shows and no other route gives. */
export function registerConsoleRoutes(
  app: FastifyInstance,
  { list }: Pick<SandboxTenants, 'list'>,
): void {
  const described = (operationId: string, summary: string, description: string) => ({
    tags: ['Console'],
    operationId,
    summary,
    description,
  })

  app.get(
    '/facts',
    {
      schema: {
        ...described('readFacts', 'Read this sandbox’s facts', 'Its address and its credentials.'),
        response: { 200: FactsAnswer },
      },
    },
    (request, reply) => {
      const { baseUrl, copies, name, sandboxProcessor, values, webhookTime } = sandboxTenant(
        request.tenant,
      )
      const facts = {
        name,
        ...sandboxFacts(baseUrl, values),
        sandbox_count: list().length,
        can_be_copied: copies !== undefined,
        plays_attempts: sandboxProcessor !== undefined,
        webhook_time: webhookTime,
      }
      return sendJson(reply, 200, renderOne('facts', facts))
    },
  )

  app.route({
    method: ['GET', 'POST', 'PUT', 'DELETE'],
    url: '/api/*',
    exposeHeadRoute: false,
    schema: {
      ...described(
        'callApi',
        'Call the API without a token',
        'What comes after `/_sandbox/api` is called below `/api/v1` with this sandbox’s own token. Nothing of it is logged, and no fault applies: whoever looks on changes nothing.',
      ),
    },
    handler: async (request, reply) => {
      const { values } = sandboxTenant(request.tenant)
      // Appended, and not resolved: whatever follows, it cannot name a host.
      const below = request.url.slice(PROXY_PATH.length)
      const { pathname, search } = new URL(`http://paydesk${API_PATH}${below}`)
      if (!pathname.startsWith(API_PATH)) throw new ApiError('resource_does_not_exist')
      const { 'content-type': type, 'idempotency-key': idempotencyKey } = request.headers
      const answer = await callRoute(app, request.tenant, {
        method: request.method as 'GET',
        url: `${pathname}${search}`,
        headers: {
          authorization: `Zoho-oauthtoken ${values.accessToken}`,
          ...(type !== undefined && { 'content-type': type }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(request.body !== undefined && { payload: request.body as Buffer }),
      })
      const requestId = answer.headers['x-request-id']
      if (requestId !== undefined) reply.header('x-request-id', requestId)
      return sendJson(reply, answer.statusCode, answer.body)
    },
  })

  app.get(
    '/sessions/:payments_session_id/timeline',
    {
      schema: {
        ...described(
          'readTimeline',
          'Read all about a session',
          'The session, its payments and refunds, and a timeline of every move, request, call of the processor, event and webhook, oldest first.',
        ),
        params: Type.Object({ payments_session_id: Type.String() }),
        response: { 200: SessionStoryAnswer, ...failures(404) },
      },
    },
    async (request, reply) => {
      const tenant = sandboxTenant(request.tenant)
      const { baseUrl, clock, store } = tenant
      const id = parseId<PaymentSessionId>(parameter(request, 'payments_session_id'))
      const session = id && (await store.paymentSessions.find(id))
      if (session === undefined) throw unknown('payments_session_id', 'payment session')
      const nowMs = clock.nowMs()
      const [answer, attempts, timeline] = await Promise.all([
        callRoute(app, tenant, {
          method: 'GET',
          url: `${API_PATH}paymentsessions/${session.id}?account_id=${session.accountId}`,
          headers: { authorization: `Zoho-oauthtoken ${tenant.values.accessToken}` },
        }),
        store.paymentAttempts.listBySession(session.id),
        timelineOf(tenant, session, nowMs),
      ])
      const refunds = await Promise.all(
        attempts.map((attempt) => store.refunds.listByPayment(attempt.id)),
      )
      // Not drawn: who only looks must not change what chance gives next.
      const accessKey = makeAccessKey(
        { paymentSessionId: session.id, expiresAtMs: session.expiresAtMs, place: 'page' },
        new Uint8Array(ACCESS_KEY_RANDOM_BYTES),
        tenant.keys.accessKey,
      )
      const told = {
        account_id: session.accountId,
        stored_id: store.publicIds.storedOf(session.id),
        checkout_url: `${baseUrl}/hostedcheckout/${accessKey}`,
        payments_session: answer.json<{ payments_session: object }>().payments_session,
        payments: attempts.map((attempt) => paymentFields({ attempt, session })),
        refunds: refunds.flat().map(refundFields),
        timeline,
      }
      return sendJson(reply, 200, renderOne('session', told))
    },
  )

  app.get(
    '/webhooks/keys',
    {
      schema: {
        ...described(
          'listWebhookKeys',
          'List the webhook endpoints’ keys',
          'The API shows a key once; a sandbox shows it again.',
        ),
        querystring: Type.Object({ account_id: Type.String() }),
        response: { 200: WebhookKeysAnswer },
      },
    },
    async (request, reply) => {
      const { clock, keys, store } = request.tenant
      const { account_id: asked } = request.query as { account_id?: unknown }
      const accountId = parseAccountId(String(asked))
      const endpoints = accountId === undefined ? [] : await store.webhookEndpoints.list(accountId)
      const rows = endpoints.map((endpoint) => ({
        webhook_url_id: endpoint.id,
        signing_keys: keysOf(endpoint, keys.sealing, clock.nowMs()),
      }))
      return sendJson(reply, 200, renderOne('webhook_keys', rows))
    },
  )

  app.get(
    '/webhooks/:webhook_url_id/deliveries/:event_id',
    {
      schema: {
        ...described(
          'inspectDelivery',
          'Inspect a delivery',
          'Each POST with its headers and body as they were sent, and each step of both signatures.',
        ),
        params: Type.Object({ webhook_url_id: Type.String(), event_id: Type.String() }),
        response: { 200: InspectedDeliveryAnswer, ...failures(404) },
      },
    },
    async (request, reply) => {
      const endpointId = parseId<WebhookEndpointId>(parameter(request, 'webhook_url_id'))
      const eventId = parseId<WebhookEventId>(parameter(request, 'event_id'))
      const delivery =
        endpointId &&
        eventId &&
        (await inspectDelivery(sandboxTenant(request.tenant), endpointId, eventId))
      if (delivery === undefined) throw unknown('event_id', 'delivery of this event')
      return sendJson(reply, 200, renderOne('delivery', delivery))
    },
  )

  app.get(
    '/events/samples/:event_type',
    {
      schema: {
        ...described('sampleEvent', 'See an event’s sample', 'What `data` is laid over.'),
        params: Type.Object({ event_type: Type.String() }),
        response: { 200: SampleAnswer, ...failures(404) },
      },
    },
    async (request, reply) => {
      const named = parameter(request, 'event_type')
      const type = WEBHOOK_EVENT_TYPES.find((one) => one === named)
      if (type === undefined) throw unknown('event_type', 'type of event')
      const tenant = sandboxTenant(request.tenant)
      const at = await sampleMoment(tenant, tenant.values.accountId as AccountId)
      const [sample] = Object.values(sampleObject(type, at, {}))
      return sendJson(reply, 200, renderOne('sample', sample))
    },
  )
}

function parameter(request: FastifyRequest, name: string): string {
  return (request.params as Readonly<Record<string, string>>)[name] ?? ''
}

function unknown(field: string, what: string): ApiError {
  return new ApiError(
    'resource_does_not_exist',
    field,
    `There is no ${what} with this ${field} in this sandbox.`,
  )
}
