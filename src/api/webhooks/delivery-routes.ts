import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { parseId, type WebhookEventId } from '../../domain/id.ts'
import { lockWebhookEndpoint } from '../../operations/change-webhook-endpoint.ts'
import { findReplay } from '../../operations/idempotency.ts'
import {
  REPLAY_COUNT_MAX,
  type ResendRefusal,
  replayWebhookEvents,
  resendDelivery,
} from '../../operations/resend-webhook-events.ts'
import { deliveryAttemptFields, deliveryFields } from '../../wire/webhook-delivery.ts'
import {
  bodyText,
  IdempotencyHeaders,
  idempotentRequest,
  readBody,
  sendJson,
  sendOnce,
  sendResult,
} from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import type { ApiDeps } from '../deps.ts'
import { AccountQuery, described, failures } from '../describe-route.ts'
import { ApiError } from '../errors.ts'
import type { JsonObject } from '../read-json.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { parseDeliveryList, parseReplay } from './parse.ts'
import { findWebhookOf, unknownWebhook, WebhookPath } from './routes.ts'
import {
  DeliveriesListed,
  DeliveryListQuery,
  DeliveryResent,
  DeliveryRetrieved,
  EventsReplayed,
  ReplayBody,
} from './schemas.ts'

const TAG = 'Webhook deliveries'

const DeliveryPath = Type.Object({ ...WebhookPath.properties, event_id: Type.String() })

/** Registers what lies below `/api/v1/webhooks/{webhook_url_id}`: its log, and sending again. All ours. */
export function registerWebhookDeliveryRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get(
    '/webhooks/:webhook_url_id/deliveries',
    {
      config: { scope: 'settings.READ' },
      schema: {
        ...described(
          TAG,
          'settings.READ',
          'List deliveries (ours)',
          'Gives what was sent or is to be sent to an endpoint, newest first.',
        ),
        operationId: 'listWebhookDeliveries',
        params: WebhookPath,
        querystring: Type.Object({ ...AccountQuery.properties, ...DeliveryListQuery.properties }),
        response: { 200: DeliveriesListed, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const { id } = await findWebhookOf(request.tenant, request)
      const { filter, page } = parseDeliveryList(request.query as JsonObject)
      const { items: deliveries, total } = await request.tenant.store.webhookDeliveries.list(
        id,
        filter,
        page,
      )
      const rows = deliveries.map(deliveryFields)
      return sendJson(reply, 200, renderList('deliveries', rows, page, total))
    },
  )

  app.get(
    '/webhooks/:webhook_url_id/deliveries/:event_id',
    {
      config: { scope: 'settings.READ' },
      schema: {
        ...described(
          TAG,
          'settings.READ',
          'Retrieve a delivery (ours)',
          'Gives one delivery with its attempts: when they were made, and what they were answered.',
        ),
        operationId: 'retrieveWebhookDelivery',
        params: DeliveryPath,
        querystring: AccountQuery,
        response: { 200: DeliveryRetrieved, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const { id } = await findWebhookOf(request.tenant, request)
      const eventId = deliveredEventIdFrom(request)
      const [delivery, attempts] = await Promise.all([
        request.tenant.store.webhookDeliveries.find(eventId, id),
        request.tenant.store.webhookDeliveries.listAttempts(eventId, id),
      ])
      if (delivery === undefined) throw unknownDelivery()
      const fields = {
        ...deliveryFields(delivery),
        attempts: attempts.map(deliveryAttemptFields),
      }
      return sendJson(reply, 200, renderOne('delivery', fields))
    },
  )

  app.post(
    '/webhooks/:webhook_url_id/deliveries/:event_id/resend',
    {
      config: { scope: 'settings.UPDATE' },
      schema: {
        ...described(
          TAG,
          'settings.UPDATE',
          'Send a delivery again (ours)',
          'Sends the same body with the same `event_id` again, at once and with the whole schedule ahead, whether or not it was delivered before.',
        ),
        operationId: 'resendWebhookDelivery',
        params: DeliveryPath,
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        response: { 200: DeliveryResent, ...failures(400, 401, 404, 409, 429) },
      },
    },
    async (request, reply) => {
      const endpoint = await findWebhookOf(request.tenant, request)
      const eventId = deliveredEventIdFrom(request)
      const done = await answerOnce(request.tenant, idempotentRequest(request, bodyText(request)), {
        bucket: request.tenant.store.publicIds.bucketOf(eventId),
        hold: (tx) => lockWebhookEndpoint(tx, endpoint),
        missing: unknownDelivery,
        change: (tx, held) => resendDelivery(tx, request.tenant, held, eventId),
        render: (result) => {
          if (result === undefined) throw unknownDelivery()
          if ('notSent' in result) throw resendRefused(result)
          const body = renderOne('delivery', deliveryFields(result))
          return { status: 200, body, resourceId: eventId }
        },
      })
      if ('result' in done) {
        deps.logger.info(
          {
            requestId: request.id,
            accountId: endpoint.accountId,
            endpointId: endpoint.id,
            eventId,
          },
          'webhook delivery begun anew',
        )
      }
      return sendOnce(reply, done)
    },
  )

  app.post(
    '/webhooks/:webhook_url_id/replay',
    {
      config: { scope: 'settings.UPDATE' },
      schema: {
        ...described(
          TAG,
          'settings.UPDATE',
          'Replay a span of time (ours)',
          `Sends all events of the account from a span of time to an endpoint, oldest first, also those that it has had and those from before it was registered. At most ${REPLAY_COUNT_MAX} events at a time.`,
        ),
        operationId: 'replayWebhookEvents',
        params: WebhookPath,
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        body: ReplayBody,
        response: { 200: EventsReplayed, ...failures(400, 401, 404, 409, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const endpoint = await findWebhookOf(request.tenant, request)
      const { text, value } = readBody(request)
      const idempotent = idempotentRequest(request, text)
      const replay = idempotent && (await findReplay(request.tenant, idempotent))
      if (replay !== undefined) return sendResult(reply, replay)
      const asked = parseReplay(value, endpoint)
      const eventCount = await replayWebhookEvents(request.tenant, endpoint, asked)
      if (eventCount === undefined) throw unknownWebhook()
      if (typeof eventCount !== 'number') throw resendRefused(eventCount)
      const done = await answerOnce(request.tenant, idempotent, {
        // Two requests with one key may both come this far: the second gets the first one's answer.
        hold: (tx) => lockWebhookEndpoint(tx, endpoint),
        missing: unknownWebhook,
        change: async () => eventCount,
        render: (count) => ({
          status: 200,
          body: renderOne('replay', { event_count: count }),
          resourceId: endpoint.id,
        }),
      })
      if ('result' in done) {
        deps.logger.info(
          { requestId: request.id, accountId: endpoint.accountId, endpointId: endpoint.id },
          'webhook events replayed',
        )
      }
      return sendOnce(reply, done)
    },
  )
}

function deliveredEventIdFrom(request: FastifyRequest): WebhookEventId {
  const { event_id: text } = request.params as { event_id: string }
  const id = parseId<WebhookEventId>(text)
  if (id === undefined) throw unknownDelivery()
  return id
}

function unknownDelivery(): ApiError {
  return new ApiError(
    'resource_does_not_exist',
    'event_id',
    'There is no delivery of an event with this event_id to this webhook endpoint.',
  )
}

/** Makes the error of a refusal to send something again. */
export function resendRefused({ notSent }: ResendRefusal): ApiError {
  switch (notSent) {
    case 'endpoint_not_active':
      return new ApiError(
        'invalid_parameter',
        'webhook_url_id',
        'The webhook endpoint is not active: set its status to active first.',
      )
    case 'no_endpoint':
      return new ApiError(
        'invalid_parameter',
        'event_id',
        'No active webhook endpoint of this account has this event’s type among its enabled_events.',
      )
    case 'too_many_events':
      return new ApiError(
        'invalid_parameter',
        'from',
        `There are more than ${REPLAY_COUNT_MAX} events between from and to: narrow the span, or name fewer event_types.`,
      )
  }
}
