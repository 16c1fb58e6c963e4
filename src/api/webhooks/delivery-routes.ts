import { parseId, type WebhookEventId } from '../../domain/id.ts'
import { lockWebhookEndpoint } from '../../operations/change-webhook-endpoint.ts'
import {
  REPLAY_COUNT_MAX,
  replayWebhookEvents,
  resendDelivery,
} from '../../operations/resend-webhook-events.ts'
import { deliveryAttemptFields, deliveryFields } from '../../wire/webhook-delivery.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { ApiError } from '../errors.ts'
import { findReplay } from '../idempotency.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { route } from '../route.ts'
import { findWebhook, unknownWebhook } from './find-webhook.ts'
import { parseDeliveryList, parseReplay } from './parse.ts'
import { resendError } from './refusals.ts'
import {
  DeliveryListQuery,
  ListDeliveriesAnswer,
  ReplayBody,
  ReplayEventsAnswer,
  ResendDeliveryAnswer,
  RetrieveDeliveryAnswer,
} from './schemas.ts'

const tag = 'Webhook deliveries'

const listDeliveries = route({
  method: 'GET',
  url: '/webhooks/{webhook_url_id}/deliveries',
  scope: 'settings.READ',
  operationId: 'listWebhookDeliveries',
  tag,
  summary: 'List deliveries',
  isPaydeskOnly: true,
  description: 'Returns the sent and pending deliveries of an endpoint, newest first.',
  query: DeliveryListQuery,
  answers: { 200: ListDeliveriesAnswer },
  handle: async (call) => {
    const { openPage, query, tenant } = call
    const { id } = await findWebhook(call)
    const { filter, page: requestedPage } = parseDeliveryList(query)
    const page = openPage(requestedPage)
    const list = await tenant.store.webhookDeliveries.list(id, filter, page)
    return ok(renderList('deliveries', list.items.map(deliveryFields), page, list))
  },
})

const retrieveDelivery = route({
  method: 'GET',
  url: '/webhooks/{webhook_url_id}/deliveries/{event_id}',
  scope: 'settings.READ',
  operationId: 'retrieveWebhookDelivery',
  tag,
  summary: 'Retrieve a delivery',
  isPaydeskOnly: true,
  description: 'Returns one delivery with the time and the answer of each attempt.',
  answers: { 200: RetrieveDeliveryAnswer },
  handle: async (call) => {
    const { webhookDeliveries } = call.tenant.store
    const { id } = await findWebhook(call)
    const eventId = deliveredEventId(call.path)
    const [delivery, attempts] = await Promise.all([
      webhookDeliveries.find(eventId, id),
      webhookDeliveries.listAttempts(eventId, id),
    ])
    if (delivery === undefined) throw unknownDelivery()
    const fields = { ...deliveryFields(delivery), attempts: attempts.map(deliveryAttemptFields) }
    return ok(renderOne('delivery', fields))
  },
})

const resendDeliveryRoute = route({
  method: 'POST',
  url: '/webhooks/{webhook_url_id}/deliveries/{event_id}/resend',
  scope: 'settings.UPDATE',
  operationId: 'resendWebhookDelivery',
  tag,
  summary: 'Send a delivery again',
  isPaydeskOnly: true,
  description:
    'Sends the same body with the same `event_id` again, at once and with a new retry schedule, even if it was delivered before.',
  answers: { 200: ResendDeliveryAnswer },
  handle: async (call) => {
    const { deps, idempotent, path, requestId, tenant } = call
    const endpoint = await findWebhook(call)
    const eventId = deliveredEventId(path)
    const once = await answerOnce(tenant, idempotent, {
      bucket: tenant.store.publicIds.bucketOf(eventId),
      lock: (tx) => lockWebhookEndpoint(tx, endpoint),
      missing: unknownDelivery,
      change: (tx, lockedEndpoint) => resendDelivery(tx, tenant, lockedEndpoint, eventId),
      render: (result) => {
        if (result === undefined) throw unknownDelivery()
        if ('notSent' in result) throw resendError(result)
        const body = renderOne('delivery', deliveryFields(result))
        return { status: 200, body, resourceId: eventId }
      },
    })
    if ('result' in once) {
      const facts = { accountId: endpoint.accountId, endpointId: endpoint.id, eventId }
      deps.logger.info({ requestId, ...facts }, 'webhook delivery sent again')
    }
    return httpAnswerFrom(once)
  },
})

const replayEvents = route({
  method: 'POST',
  url: '/webhooks/{webhook_url_id}/replay',
  scope: 'settings.UPDATE',
  operationId: 'replayWebhookEvents',
  tag,
  summary: 'Replay the events of a period',
  isPaydeskOnly: true,
  description: `Sends the events of a period to an endpoint again, oldest first: those of all its event types, or only those of the \`event_types\` in the body. They include events that it received before and events from before its registration. At most ${REPLAY_COUNT_MAX} events at a time.`,
  body: ReplayBody,
  answers: { 200: ReplayEventsAnswer },
  handle: async (call) => {
    const { body, deps, idempotent, requestId, tenant } = call
    const endpoint = await findWebhook(call)
    const replay = idempotent && (await findReplay(tenant, idempotent))
    if (replay !== undefined) return httpAnswerFrom(replay)
    const eventCount = await replayWebhookEvents(tenant, endpoint, parseReplay(body, endpoint))
    if (eventCount === undefined) throw unknownWebhook()
    if (typeof eventCount !== 'number') throw resendError(eventCount)
    const once = await answerOnce(tenant, idempotent, {
      // Two requests with the same key may both reach this point. The lock makes the second wait for the answer of
      // the first.
      lock: (tx) => lockWebhookEndpoint(tx, endpoint),
      missing: unknownWebhook,
      change: async () => eventCount,
      render: (count) => ({
        status: 200,
        body: renderOne('replay', { event_count: count }),
        resourceId: endpoint.id,
      }),
    })
    if ('result' in once) {
      const facts = { accountId: endpoint.accountId, endpointId: endpoint.id }
      deps.logger.info({ requestId, ...facts }, 'webhook events replayed')
    }
    return httpAnswerFrom(once)
  },
})

/** The routes of an endpoint's deliveries. All are Paydesk's own. */
export const WEBHOOK_DELIVERY_ROUTES = [
  listDeliveries,
  retrieveDelivery,
  resendDeliveryRoute,
  replayEvents,
]

function deliveredEventId({ event_id: text }: { readonly event_id: string }): WebhookEventId {
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
