import { Type } from 'typebox'
import { EMITTED_EVENT_TYPES, WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'
import {
  idField,
  oneOf,
  PAGE_FIELDS,
  pageOf,
  pick,
  type Tool,
  tool,
  wireList,
  wireObject,
} from './tool.ts'

const EventId = idField('The event, as a text.')
const EventType = oneOf(
  WEBHOOK_EVENT_TYPES,
  `Those that happen by themselves are ${EMITTED_EVENT_TYPES.join(', ')}.`,
)
const WebhookId = idField('The webhook endpoint, its webhook_url_id.')

/** What can be done with events and the endpoints that they are sent to. */
export const EVENT_TOOLS: readonly Tool[] = [
  tool({
    name: 'list_events',
    title: 'List events',
    description: 'Lists what has happened, newest first. get_event has what was sent of each.',
    effect: 'reads',
    input: {
      event_type: Type.Optional(EventType),
      payments_session_id: Type.Optional(idField('Only those of this payment session.')),
      ...PAGE_FIELDS,
    },
    output: {
      events: wireList('The events.'),
      page_context: wireObject('Which page this is, and whether there are more.'),
    },
    run: ({ client }, { limit, page, ...query }) =>
      client.events.list({ ...query, ...pageOf(limit, page) }),
  }),
  tool({
    name: 'get_event',
    title: 'Show an event and its deliveries',
    description:
      'Gives an event with the body that endpoints are sent, and each delivery with every try: when, what was answered, or why nothing was.',
    effect: 'reads',
    input: { event_id: EventId },
    output: {
      event: wireObject('The event; `payload` is the body.'),
      deliveries: wireList('One for each endpoint, with its `attempts`, oldest first.'),
    },
    run: async ({ client }, { event_id: id }) => {
      const { deliveries, ...event } = await client.events.retrieve(id)
      const read = deliveries.map(async ({ webhook_url_id }) => ({
        webhook_url_id,
        ...(await client.webhooks.deliveries.retrieve(webhook_url_id, id)),
      }))
      return { event, deliveries: await Promise.all(read) }
    },
  }),
  tool({
    name: 'resend_event',
    title: 'Send an event again',
    description: 'Sends an event again, to every active endpoint that wants it or to one alone.',
    effect: 'adds',
    input: {
      event_id: EventId,
      webhook_url_id: Type.Optional(idField('To this endpoint alone.')),
    },
    output: { sent_again: wireObject('The event, or its delivery to the one endpoint.') },
    run: async ({ client }, { event_id: id, webhook_url_id: to }) => ({
      sent_again:
        to === undefined
          ? await client.events.resend(id)
          : await client.webhooks.deliveries.resend(to, id),
    }),
  }),
  tool({
    name: 'trigger_event',
    title: 'Make an event that nothing has caused',
    description:
      'Sends an event of any type, with data of your own laid over a sample. No money moves and nothing else changes: play_attempt makes real ones.',
    effect: 'adds',
    where: 'controlled',
    input: {
      event_type: EventType,
      event_id: Type.Optional(idField('An id of your own; without it a new one.')),
      data: Type.Optional(
        Type.Object(
          {},
          {
            additionalProperties: true,
            description:
              'Laid over a sample of the event’s object as a JSON merge patch; null takes a field away.',
          },
        ),
      ),
    },
    output: { event: wireObject('The body of the event.') },
    run: async ({ accountId, control }, asked) =>
      pick(await control('POST', '/events', { account_id: accountId, ...asked }), 'event'),
  }),
  tool({
    name: 'list_webhooks',
    title: 'List webhook endpoints',
    description: 'Lists the URLs that events are sent to, with the types that each wants.',
    effect: 'reads',
    input: {},
    output: { webhooks: wireList('The endpoints, oldest first.') },
    run: async ({ client }) => ({ webhooks: await client.webhooks.list() }),
  }),
  tool({
    name: 'create_webhook',
    title: 'Register a webhook endpoint',
    description:
      'Registers a URL that events are sent to; a sandbox takes http on this machine too. What listens there has to run already: it is sent a test event, which it must answer with a 2xx, 400, 401 or 403. The signing_key is shown this once.',
    effect: 'adds',
    input: {
      name: Type.String({ minLength: 1, maxLength: 50 }),
      url: Type.String({ maxLength: 2048, description: 'Such as http://127.0.0.1:3000/webhooks.' }),
      enabled_events: Type.Optional(
        Type.Array(EventType, {
          minItems: 1,
          description: 'What it is sent. Default: all that happen by themselves.',
        }),
      ),
    },
    output: { webhook: wireObject('The endpoint, with its signing_key.') },
    run: async ({ client }, { enabled_events = [...EMITTED_EVENT_TYPES], ...asked }) => ({
      webhook: await client.webhooks.create({ ...asked, enabled_events }),
    }),
  }),
  tool({
    name: 'delete_webhook',
    title: 'Delete a webhook endpoint',
    description: 'Deletes an endpoint. Nothing is sent to it any more.',
    effect: 'destroys',
    input: { webhook_url_id: WebhookId },
    output: { webhook_url_id: Type.String({ description: 'The endpoint that was deleted.' }) },
    run: async ({ client }, { webhook_url_id }) => {
      await client.webhooks.delete(webhook_url_id)
      return { webhook_url_id }
    },
  }),
]
