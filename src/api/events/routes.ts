import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { parseId, type WebhookEventId } from '../../domain/id.ts'
import type { WebhookDelivery } from '../../domain/webhook-delivery.ts'
import { deliveriesTo, resendEvent } from '../../operations/resend-webhook-events.ts'
import type { WebhookEvent } from '../../operations/store.ts'
import { eventDeliveryFields } from '../../wire/webhook-delivery.ts'
import { webhookEventRow } from '../../wire/webhook-event.ts'
import { bodyText, IdempotencyHeaders, idempotentRequest, sendJson, sendOnce } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import type { ApiDeps } from '../deps.ts'
import { AccountQuery, described, failures } from '../describe-route.ts'
import { ApiError } from '../errors.ts'
import type { JsonObject } from '../read-json.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { resendRefused } from '../webhooks/delivery-routes.ts'
import { parseEventList } from './parse.ts'
import { EventListQuery, EventRetrieved, EventsListed } from './schemas.ts'

const TAG = 'Events'

const EventPath = Type.Object({ event_id: Type.String() })

/** Registers `/api/v1/events` and what lies below it. All ours. */
export function registerEventRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get(
    '/events',
    {
      config: { scope: 'settings.READ' },
      schema: {
        ...described(
          TAG,
          'settings.READ',
          'List events (ours)',
          'Gives what has happened on the account, newest first, whether or not a webhook endpoint wanted it.',
        ),
        operationId: 'listEvents',
        querystring: Type.Object({ ...AccountQuery.properties, ...EventListQuery.properties }),
        response: { 200: EventsListed, ...failures(400, 401, 429) },
      },
    },
    async (request, reply) => {
      const { filter, page } = parseEventList(request.query as JsonObject, request.account.edition)
      const { items: events, total } =
        filter === 'nothing'
          ? { items: [], total: 0 }
          : await deps.store.webhookEvents.list(request.account.id, filter, page)
      const body = renderList('events', events.map(webhookEventRow), page, total)
      return sendJson(reply, 200, body)
    },
  )

  app.get(
    '/events/:event_id',
    {
      config: { scope: 'settings.READ' },
      schema: {
        ...described(
          TAG,
          'settings.READ',
          'Retrieve an event (ours)',
          'Gives an event with its whole body, and how far its deliveries have come.',
        ),
        operationId: 'retrieveEvent',
        params: EventPath,
        querystring: AccountQuery,
        response: { 200: EventRetrieved, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const event = await findEventOf(request)
      const [endpoints, deliveries] = await Promise.all([
        deps.store.webhookEndpoints.list(event.accountId),
        deps.store.webhookDeliveries.listByEvent(event.id),
      ])
      return sendJson(reply, 200, renderEvent(event, deliveriesTo(endpoints, deliveries)))
    },
  )

  app.post(
    '/events/:event_id/resend',
    {
      config: { scope: 'settings.UPDATE' },
      schema: {
        ...described(
          TAG,
          'settings.UPDATE',
          'Send an event again (ours)',
          'Sends the event again to every active webhook endpoint that wants it, also to one that never had it.',
        ),
        operationId: 'resendEvent',
        params: EventPath,
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        response: { 200: EventRetrieved, ...failures(400, 401, 404, 409, 429) },
      },
    },
    async (request, reply) => {
      const event = await findEventOf(request)
      const done = await answerOnce(deps, idempotentRequest(request, bodyText(request)), {
        bucket: deps.store.publicIds.bucketOf(event.id),
        hold: (tx) => tx.webhookEndpoints.lock(event.accountId),
        change: (tx, endpoints) => resendEvent(tx, deps, endpoints, event),
        render: (result) => {
          if ('notSent' in result) throw resendRefused(result)
          return { status: 200, body: renderEvent(event, result), resourceId: event.id }
        },
      })
      if ('result' in done) {
        deps.logger.info(
          { requestId: request.id, accountId: event.accountId, eventId: event.id },
          'webhook event sent again',
        )
      }
      return sendOnce(reply, done)
    },
  )

  async function findEventOf(request: FastifyRequest): Promise<WebhookEvent> {
    const id = parseId<WebhookEventId>((request.params as { event_id: string }).event_id)
    const event = id && (await deps.store.webhookEvents.find(id))
    if (event?.accountId !== request.account.id) throw unknownEvent()
    return event
  }
}

function renderEvent(event: WebhookEvent, deliveries: readonly WebhookDelivery[]): string {
  return renderOne('event', {
    ...webhookEventRow(event),
    payload: JSON.parse(event.bodyJson) as unknown,
    deliveries: deliveries.map(eventDeliveryFields),
  })
}

/** An object of another account answers exactly the same as one that is not there. */
function unknownEvent(): ApiError {
  return new ApiError(
    'resource_does_not_exist',
    'event_id',
    'There is no event with this event_id on this account.',
  )
}
