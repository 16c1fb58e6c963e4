import { Type } from 'typebox'
import {
  PAYDESK_EVENT_TYPES,
  SUBSCRIBABLE_EVENT_TYPES,
  WEBHOOK_EVENT_TYPES,
} from '../../domain/webhook-event.ts'
import { refuseTwin } from '../refuse-twin.ts'
import {
  idField,
  oneOf,
  PAGE_FIELDS,
  pageOf,
  type Tool,
  tool,
  wireList,
  wireObject,
} from './tool.ts'

const EventId = idField('The id of the event, as a string.')
const EventType = oneOf(
  SUBSCRIBABLE_EVENT_TYPES,
  `The real service does not have ${PAYDESK_EVENT_TYPES.join(', ')}.`,
)
const WebhookId = idField('The webhook_url_id of the webhook endpoint.')

/** The tools for events and webhook endpoints. */
export const EVENT_TOOLS: readonly Tool[] = [
  tool({
    name: 'list_events',
    title: 'List events',
    description: 'Lists events, newest first. get_event has the body and the deliveries of each.',
    effect: 'reads',
    input: {
      event_type: Type.Optional(EventType),
      payments_session_id: Type.Optional(idField('Only events about this payment session.')),
      ...PAGE_FIELDS,
    },
    output: {
      events: wireList('The events.'),
      page_context: wireObject('The number of the page, and whether more pages follow.'),
    },
    run: ({ client }, { limit, page, ...query }) =>
      client.events.list({ ...query, ...pageOf(limit, page) }),
  }),
  tool({
    name: 'get_event',
    title: 'Show an event and its deliveries',
    description:
      'Returns an event with its body and all attempts of each delivery, with the time and the answer or error of each attempt.',
    effect: 'reads',
    input: { event_id: EventId },
    output: {
      event: wireObject('The event; `payload` is the body.'),
      deliveries: wireList(
        'One for each existing endpoint that gets the event. The `attempts` of a delivery are sorted, oldest first.',
      ),
    },
    run: async ({ client }, { event_id: id }) => {
      const { deliveries, ...event } = await client.events.retrieve(id)
      const reads = deliveries.map(async ({ webhook_url_id }) => ({
        webhook_url_id,
        ...(await client.webhooks.deliveries.retrieve(webhook_url_id, id)),
      }))
      return { event, deliveries: await Promise.all(reads) }
    },
  }),
  tool({
    name: 'resend_event',
    title: 'Send an event again',
    description: 'Sends an event again to every active endpoint that subscribes to it.',
    effect: 'adds',
    input: {
      event_id: EventId,
      webhook_url_id: Type.Optional(
        idField(
          'Sends the event only to this active endpoint, which must already have a delivery of it.',
        ),
      ),
    },
    output: { sent_again: wireObject('The event, or its delivery to that endpoint.') },
    run: async ({ client }, { event_id: id, webhook_url_id: to }) => ({
      sent_again:
        to === undefined
          ? await client.events.resend(id)
          : await client.webhooks.deliveries.resend(to, id),
    }),
  }),
  tool({
    name: 'trigger_event',
    title: 'Send a test event',
    description:
      'Sends an event of any type of the real service, with your data merged into a sample. Nothing else changes. Exception: without `data` and `event_id`, events of payment links, virtual accounts and payouts are real: the sandbox makes the object and, if necessary, a payment. A payout pays out all available money. For real events of payments, use play_attempt.',
    effect: 'adds',
    where: 'controlled',
    input: {
      event_type: oneOf(WEBHOOK_EVENT_TYPES, 'An event type of the real service.'),
      event_id: Type.Optional(idField('Your own id. Default: a new id.')),
      data: Type.Optional(
        Type.Unsafe<Readonly<Record<string, unknown>>>({
          type: 'object',
          additionalProperties: true,
          description:
            'A JSON merge patch for a sample of the event’s object; null removes a field.',
        }),
      ),
    },
    output: { event: wireObject('The body of the event.') },
    run: async ({ accountId, control }, args) => ({
      event: await control.events.trigger({ account_id: accountId, ...args }),
    }),
  }),
  tool({
    name: 'list_webhooks',
    title: 'List webhook endpoints',
    description: 'Lists the endpoints: their URLs and the event types they subscribe to.',
    effect: 'reads',
    input: {},
    output: { webhooks: wireList('The endpoints, oldest first.') },
    run: async ({ client }) => ({ webhooks: await client.webhooks.list() }),
  }),
  tool({
    name: 'create_webhook',
    title: 'Register a webhook endpoint',
    description:
      'Registers a URL for events; a sandbox also accepts http on this machine. The receiver must be running: it gets a test event, and must answer with a 2xx, 400, 401 or 403. The signing_key is shown only once.',
    effect: 'adds',
    input: {
      name: Type.String({ minLength: 1, maxLength: 50 }),
      url: Type.String({ maxLength: 2048, description: 'Such as http://127.0.0.1:3000/webhooks.' }),
      enabled_events: Type.Optional(
        Type.Array(EventType, {
          minItems: 1,
          description: 'The event types of the endpoint. Default: all types of the real service.',
        }),
      ),
    },
    output: { webhook: wireObject('The endpoint, with its signing_key.') },
    run: async ({ client }, { enabled_events = [...WEBHOOK_EVENT_TYPES], ...args }) => {
      await refuseTwin(client, args.url)
      return { webhook: await client.webhooks.create({ ...args, enabled_events }) }
    },
  }),
  tool({
    name: 'delete_webhook',
    title: 'Delete a webhook endpoint',
    description: 'Deletes an endpoint. It gets no more events.',
    effect: 'destroys',
    input: { webhook_url_id: WebhookId },
    output: { webhook_url_id: Type.String({ description: 'The deleted endpoint.' }) },
    run: async ({ client }, { webhook_url_id }) => {
      await client.webhooks.delete(webhook_url_id)
      return { webhook_url_id }
    },
  }),
]
