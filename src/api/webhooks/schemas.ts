import { WEBHOOK_DELIVERY_STATUSES } from '../../domain/webhook-delivery.ts'
import { WEBHOOK_ENDPOINT_STATUSES } from '../../domain/webhook-endpoint.ts'
import {
  PAYDESK_EVENT_TYPES,
  SUBSCRIBABLE_EVENT_TYPES,
  WEBHOOK_EVENT_TYPES,
} from '../../domain/webhook-event.ts'
import { PageContext, pageQuery } from '../page-schemas.ts'
import { parsedAs } from '../parsed.ts'
import { envelope, line, paragraph, secondsOut } from '../schemas.ts'
import { Type } from '../type.ts'

const URL_LENGTH_MAX = 2048

/** An event type that an endpoint can subscribe to. */
export const EventType = Type.Enum([...SUBSCRIBABLE_EVENT_TYPES])
const eventTypes = (description: string) =>
  Type.Array(EventType, {
    minItems: 1,
    maxItems: SUBSCRIBABLE_EVENT_TYPES.length,
    uniqueItems: true,
    description,
    examples: [[...WEBHOOK_EVENT_TYPES]],
    'x-expected': `a list of 1 to ${SUBSCRIBABLE_EVENT_TYPES.length} event types, such as payment.succeeded`,
  })

const name = line(50, 1)
const url = Type.String({
  maxLength: URL_LENGTH_MAX,
  description:
    'The receiver of events: an https URL on the public internet. A sandbox also accepts http and https URLs on this machine. Before Paydesk stores a new URL, it sends a test event there, which must get a 2xx, 400, 401 or 403.',
  examples: ['https://shop.example/webhooks'],
  'x-expected': `a URL of at most ${URL_LENGTH_MAX} characters`,
})
const enabledEvents = eventTypes(
  `The events to send. The real service does not have ${PAYDESK_EVENT_TYPES.join(', ')}.`,
)

/** The body of a registration. Source: Zoho Payments API reference, webhooks page (seen 2026-11-22). */
export const WebhookCreateBody = Type.Object(
  {
    name,
    url,
    description: Type.Optional(paragraph(500)),
    enabled_events: enabledEvents,
  },
  {
    examples: [
      {
        name: 'Shop',
        url: 'http://127.0.0.1:3000/webhooks',
        enabled_events: ['payment.succeeded', 'payment.failed'],
      },
    ],
  },
)

/** The body of a change: at least one of the fields. */
export const WebhookChangeBody = Type.Object(
  {
    name: Type.Optional(name),
    url: Type.Optional(url),
    description: Type.Optional(
      Type.String({
        ...paragraph(500),
        description: 'An empty text removes the description.',
        'x-empty-is-value': true,
      }),
    ),
    enabled_events: Type.Optional(enabledEvents),
    status: Type.Optional(
      Type.Enum(['active', 'inactive'], {
        description:
          '`inactive` stops deliveries and holds pending ones until the endpoint is `active` again. Only Paydesk sets `disabled`; set `active` to end it.',
      }),
    ),
  },
  { examples: [{ status: 'inactive' }] },
)

const idOut = Type.String({ pattern: '^\\d{1,16}$', examples: ['173000002314883'] })
const eventIdOut = Type.Integer({
  description: 'The same in every delivery of the event. A number, as in the event.',
  examples: [173000002314891],
})

const webhook = {
  webhook_url_id: idOut,
  name: Type.String(),
  url: Type.String(),
  description: Type.Optional(Type.String()),
  status: Type.Enum([...WEBHOOK_ENDPOINT_STATUSES], {
    description:
      '`disabled`: the endpoint accepted no delivery during a whole retry schedule. Set it to `active` to continue.',
  }),
  previous_key_expiry_time: Type.Optional(
    secondsOut('The end of the signatures by the previous key. Paydesk extension.'),
  ),
  enabled_events: Type.Array(EventType),
  created_time: secondsOut('The time of registration.'),
  last_modified_time: secondsOut('The time of the last change.'),
}
const signing_key = Type.String({
  pattern: '^whsec_[A-Za-z0-9+/]{43}=$',
  description: 'Signs the deliveries to this endpoint. Store it: no later answer contains it.',
})

/** The answer to a retrieve or change request. */
export const RetrieveWebhookAnswer = envelope('webhook', Type.Object(webhook))
/** The answer to a registration, and to a change of the key. */
export const WebhookWithKey = envelope('webhook', Type.Object({ ...webhook, signing_key }))
/** The answer to a list request. It has no pages: an account has at most five endpoints. */
export const ListWebhooksAnswer = envelope('webhooks', Type.Array(Type.Object(webhook)))
/** The answer to a delete request. */
export const DeleteWebhookAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
})

const deliveryStatus = Type.Enum([...WEBHOOK_DELIVERY_STATUSES], {
  description:
    '`pending`: the next attempt is planned. `delivered`: the answer was a 2xx. `given_up`: all attempts of the schedule failed. `held`: the delivery waits until the endpoint is active. `canceled`: the endpoint was deleted.',
})

/** The progress of a delivery. */
export const deliveryProgress = {
  status: deliveryStatus,
  attempt_count: Type.Integer({ description: 'The total number of attempts.' }),
  http_status: Type.Optional(
    Type.Integer({
      description:
        'The status of the answer to the last attempt. Absent: there was no attempt yet, or the last one had no answer.',
    }),
  ),
  last_attempt_time: Type.Optional(secondsOut('The time of the last attempt.')),
  next_attempt_time: Type.Optional(
    secondsOut('The time of the next attempt of a pending delivery.'),
  ),
  created_time: secondsOut('The time of creation.'),
}
const delivery = { event_id: eventIdOut, event_type: EventType, ...deliveryProgress }

/** The answer to a list request for an endpoint's log. */
export const ListDeliveriesAnswer = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  deliveries: Type.Array(Type.Object(delivery)),
  page_context: PageContext,
})

/** The answer to a resend request. */
export const ResendDeliveryAnswer = envelope('delivery', Type.Object(delivery))

/** The answer to a retrieve request for one delivery. */
export const RetrieveDeliveryAnswer = envelope(
  'delivery',
  Type.Object({
    ...delivery,
    attempts: Type.Array(
      Type.Object({
        number: Type.Integer({ minimum: 1 }),
        time: secondsOut('The time of the attempt.'),
        duration_ms: Type.Integer({ description: 'The duration in milliseconds.' }),
        http_status: Type.Optional(Type.Integer()),
        failure: Type.Optional(
          Type.String({ description: 'The reason why there is no answer, as a sentence.' }),
        ),
        response_body: Type.Optional(
          Type.String({ description: 'The start of the answer’s body, at most 2 KiB.' }),
        ),
      }),
      { description: 'Oldest first. Paydesk deletes attempts after 30 days.' },
    ),
  }),
)

/** The query of a list request for an endpoint's log. */
export const DeliveryListQuery = Type.Object({
  status: Type.Optional(Type.Enum([...WEBHOOK_DELIVERY_STATUSES])),
  event_type: Type.Optional(EventType),
  ...pageQuery,
})

/** The rule returns milliseconds since 1970. */
const moment = (description: string) =>
  parsedAs<number>()(
    Type.Union([Type.Integer({ minimum: 0, maximum: 253_402_300_799 }), Type.String()], {
      description,
      examples: ['2026-11-22T09:30:00+05:30', 1795386600],
      'x-expected':
        'a time with its zone, such as 2026-11-22T09:30:00+05:30, or whole seconds since 1970',
    }),
  )

/** The body of a replay request. */
export const ReplayBody = Type.Object(
  {
    from: moment('The start of the period, included.'),
    to: moment('The end of the period, excluded. At most 31 days after `from`.'),
    event_types: Type.Optional(
      eventTypes('Some of the endpoint’s event types. Default: all of them.'),
    ),
  },
  { examples: [{ from: '2026-11-22T00:00:00+05:30', to: '2026-11-23T00:00:00+05:30' }] },
)

/** The answer to a replay request. */
export const ReplayEventsAnswer = envelope(
  'replay',
  Type.Object({
    event_count: Type.Integer({ description: 'The number of events that are sent again.' }),
  }),
)
