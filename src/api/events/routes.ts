import { parseId, type WebhookEventId } from '../../domain/id.ts'
import type { WebhookDelivery } from '../../domain/webhook-delivery.ts'
import { deliveriesTo, resendEvent } from '../../operations/resend-webhook-events.ts'
import { EMPTY_LIST_PAGE, type WebhookEvent } from '../../operations/store.ts'
import { eventDeliveryFields } from '../../wire/webhook-delivery.ts'
import { webhookEventRow } from '../../wire/webhook-event.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { notFound } from '../errors.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { type Call, route } from '../route.ts'
import { resendError } from '../webhooks/refusals.ts'
import { parseEventList } from './parse.ts'
import { EventList, EventListQuery, RetrieveEventAnswer } from './schemas.ts'

const tag = 'Events'

const listEvents = route({
  method: 'GET',
  url: '/events',
  scope: 'settings.READ',
  operationId: 'listEvents',
  tag,
  summary: 'List events',
  isPaydeskOnly: true,
  description:
    'Returns the account’s events, newest first, including those that no webhook endpoint subscribes to.',
  query: EventListQuery,
  answers: { 200: EventList },
  handle: async ({ account, openPage, query, tenant }) => {
    const { filter, page: requestedPage } = parseEventList(query, account.edition)
    const page = openPage(requestedPage)
    const list =
      filter === 'nothing'
        ? EMPTY_LIST_PAGE
        : await tenant.store.webhookEvents.list(account.id, filter, page)
    return ok(renderList('events', list.items.map(webhookEventRow), page, list))
  },
})

const retrieveEvent = route({
  method: 'GET',
  url: '/events/{event_id}',
  scope: 'settings.READ',
  operationId: 'retrieveEvent',
  tag,
  summary: 'Retrieve an event',
  isPaydeskOnly: true,
  description: 'Returns an event with its full body and the progress of its deliveries.',
  answers: { 200: RetrieveEventAnswer },
  handle: async (call) => {
    const { store } = call.tenant
    const event = await findEvent(call)
    const [endpoints, deliveries] = await Promise.all([
      store.webhookEndpoints.list(event.accountId),
      store.webhookDeliveries.listByEvent(event.id),
    ])
    return ok(renderEvent(event, deliveriesTo(endpoints, deliveries)))
  },
})

const resendEventRoute = route({
  method: 'POST',
  url: '/events/{event_id}/resend',
  scope: 'settings.UPDATE',
  operationId: 'resendEvent',
  tag,
  summary: 'Send an event again',
  isPaydeskOnly: true,
  description:
    'Sends the event again to every active webhook endpoint that subscribes to it, including endpoints that never received it. In a sandbox a running `paydesk webhook listen` shows and forwards it again, too.',
  answers: { 200: RetrieveEventAnswer },
  handle: async (call) => {
    const { deps, idempotent, requestId, tenant } = call
    const event = await findEvent(call)
    const once = await answerOnce(tenant, idempotent, {
      bucket: tenant.store.publicIds.bucketOf(event.id),
      lock: (tx) => tx.webhookEndpoints.lock(event.accountId),
      change: (tx, endpoints) => resendEvent(tx, tenant, endpoints, event),
      render: (result) => {
        // No endpoint is needed if `webhook listen` runs: it gets the event from the request log.
        const isListenedTo = 'notSent' in result && tenant.isListenedTo?.() === true
        if ('notSent' in result && !isListenedTo) throw resendError(result)
        const deliveries = 'notSent' in result ? [] : result
        return { status: 200, body: renderEvent(event, deliveries), resourceId: event.id }
      },
    })
    if ('result' in once) {
      const facts = { accountId: event.accountId, eventId: event.id }
      deps.logger.info({ requestId, ...facts }, 'webhook event sent again')
    }
    return httpAnswerFrom(once)
  },
})

/** The routes of events. All are Paydesk's own. */
export const EVENT_ROUTES = [listEvents, retrieveEvent, resendEventRoute]

async function findEvent({
  account,
  path,
  tenant,
}: Call<'/events/{event_id}'>): Promise<WebhookEvent> {
  const id = parseId<WebhookEventId>(path.event_id)
  const event = id && (await tenant.store.webhookEvents.find(id))
  if (event?.accountId !== account.id) throw notFound('event', 'event_id')
  return event
}

function renderEvent(event: WebhookEvent, deliveries: readonly WebhookDelivery[]): string {
  return renderOne('event', {
    ...webhookEventRow(event),
    payload: JSON.parse(event.bodyJson),
    deliveries: deliveries.map(eventDeliveryFields),
  })
}
