/**
 * Bodies and answers of the control API. One schema is the server's check, the documentation and the client's type.
 */

import { CustomerCreateBody } from '../../api/customers/schemas.ts'
import { subjectIds } from '../../api/events/schemas.ts'
import { RetrievePaymentLinkAnswer } from '../../api/payment-links/schemas.ts'
import { LinkStoryFields } from '../../api/payment-links/story-schemas.ts'
import { RetrievePaymentSessionAnswer } from '../../api/payment-sessions/schemas.ts'
import { SessionStoryFields } from '../../api/payment-sessions/story-schemas.ts'
import {
  ListPaymentsAnswer,
  PaymentListQuery,
  RetrievePaymentAnswer,
} from '../../api/payments/schemas.ts'
import { amountIn, currencyText, envelope, extensibleText, idOut, line } from '../../api/schemas.ts'
import { Type } from '../../api/type.ts'
import { EventType, ResendDeliveryAnswer, WebhookCreateBody } from '../../api/webhooks/schemas.ts'
import { BANK_TRANSFER_MODES } from '../../domain/instrument.ts'
import { LANGUAGE_CODES } from '../../domain/language.ts'
import { MESSAGE_CHANNELS, MESSAGE_KINDS } from '../../domain/message.ts'
import { DECLINE_CODES } from '../../domain/payment-attempt.ts'
import { REQUESTED_METHODS } from '../../domain/payment-method.ts'
import { WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'
import { FOUND_KINDS } from '../../operations/search-results.ts'
import { FAULT_ID } from '../faults/schemas.ts'
import { CLOCK_RATE_MAX } from '../tenants/sandbox-clock.ts'

/** The answer to a request that removes something. */
export const DoneAnswer = Type.Object({ code: Type.Literal(0), message: Type.Literal('success') })

// The clock.

/** The state of the clock. */
export const ClockAnswer = envelope(
  'clock',
  Type.Object({
    time: Type.String({ description: 'ISO 8601, in UTC.', examples: ['2026-11-22T09:30:00.000Z'] }),
    time_ms: Type.Integer({ description: 'The same time in milliseconds since 1970.' }),
    is_frozen: Type.Boolean(),
    rate: Type.Number({ description: '1: real time; 60: a minute each second; 0: frozen.' }),
    stop_count: Type.Optional(
      Type.Integer({ description: 'The number of stops of the clock for due work.' }),
    ),
  }),
)
/** The body that sets the clock. */
export const ClockSetBody = Type.Object(
  {
    time: Type.String({
      maxLength: 40,
      description: 'The new time. It must not be before the clock’s time.',
      'x-expected': 'a time such as 2026-11-22T09:30:00Z',
    }),
  },
  { examples: [{ time: '2027-01-01T09:30:00Z' }] },
)
/** The body that advances the clock. */
export const ClockAdvanceBody = Type.Object(
  {
    by: Type.Union([Type.String({ maxLength: 40 }), Type.Integer({ minimum: 0 })], {
      description: 'Such as `2d`, `1h30m`, `90s`, `250ms`; a number is seconds.',
      'x-expected': 'a length of time such as 2d, 1h30m or 90s, or a number of seconds',
    }),
  },
  { examples: [{ by: '2d' }] },
)
/** The body that runs the clock. */
export const ClockRunBody = Type.Object(
  {
    rate: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: CLOCK_RATE_MAX,
        default: 1,
        'x-expected': `a number above 0, at most ${CLOCK_RATE_MAX}`,
      }),
    ),
  },
  { examples: [{ rate: 60 }] },
)

// Sandboxes and snapshots.

const ifsc = Type.String({
  pattern: '^[A-Z]{4}0[A-Z0-9]{6}$',
  examples: ['HDFC0000001'],
  'x-expected': 'an IFSC of 11 characters, such as HDFC0000001',
})

const name = (description: string) =>
  Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,49}$',
    description,
    'x-expected': 'a name of 1 to 50 lowercase letters, digits and hyphens',
  })

/** The addresses and credentials of a sandbox, as `paydesk serve --json` prints them. */
export const SandboxFacts = Type.Object({
  base_url: Type.String({ description: 'Without `/api/v1`.' }),
  docs_url: Type.String(),
  demo_url: Type.String(),
  console_url: Type.Optional(Type.String({ description: 'Absent with several workers.' })),
  account_id: Type.String({ description: 'The preset account of the IN edition.' }),
  us_account_id: Type.String({ description: 'The preset account of the US edition.' }),
  connected_account_ids: Type.Array(Type.String()),
  client_id: Type.String(),
  client_secret: Type.String(),
  refresh_token: Type.String(),
  access_token: Type.String({ description: 'Never expires.' }),
  signing_key: Type.String({ description: 'Signs redirects and the widget’s answers.' }),
  api_key: Type.String({ description: 'Opens the widget.' }),
})

const Tenant = Type.Object({
  name: Type.String({ description: '`main`, or the tenant’s name.' }),
  ...SandboxFacts.properties,
  memory_bytes: Type.Optional(
    Type.Integer({ description: 'Only in lists, and only for tenants.' }),
  ),
  is_resting: Type.Optional(
    Type.Boolean({
      description:
        'True: the tenant has released most of its memory until the next request or due work. Only in lists, and only for tenants.',
    }),
  ),
})
/** The answer to a request that makes or resets a sandbox. */
export const TenantAnswer = envelope('tenant', Tenant)
/** The list of sandboxes, `main` first. */
export const TenantsAnswer = envelope('tenants', Type.Array(Tenant))
/** The body that creates a tenant. */
export const TenantBody = Type.Object(
  {
    name: Type.Optional(name('Default: the next free name, such as `tenant-1`.')),
    seed: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Makes ids, keys and times the same in every run, and freezes the clock.',
        'x-expected': 'a text of 1 to 100 characters',
      }),
    ),
    snapshot: Type.Optional(
      name('Starts with the content of this snapshot, and with the credentials of its sandbox.'),
    ),
  },
  { examples: [{ name: 'test-1', seed: 'basket' }] },
)

/** The facts of a sandbox for the console. */
export const FactsAnswer = envelope(
  'facts',
  Type.Object({
    name: Type.String(),
    ...SandboxFacts.properties,
    sandbox_count: Type.Integer(),
    can_be_copied: Type.Boolean({ description: 'True: snapshots and forks work.' }),
    plays_attempts: Type.Boolean({
      description: 'True: the sandbox uses its own processor, which can play attempts.',
    }),
    webhook_time: Type.Enum(['sandbox', 'real'], {
      description: 'The clock for the times in webhook signatures.',
    }),
  }),
)

const Snapshot = Type.Object({
  name: Type.String(),
  time: Type.String({
    description: 'The time of the sandbox’s clock when the snapshot was taken.',
  }),
  byte_count: Type.Integer(),
})
/** One snapshot. */
export const SnapshotAnswer = envelope('snapshot', Snapshot)
/** The list of snapshots. */
export const SnapshotsAnswer = envelope('snapshots', Type.Array(Snapshot))
/** The body that takes a snapshot. */
export const SnapshotBody = Type.Object(
  { name: name('The name. The snapshot replaces one with the same name.') },
  { examples: [{ name: 'before-refund' }] },
)
/** The body that restores a snapshot. */
export const RestoreBody = Type.Object(
  { name: name('The snapshot’s name.') },
  { examples: [{ name: 'before-refund' }] },
)

// The ledger.

const amount = Type.String({ examples: ['1464.50'] })
/** The result of a check of the ledger. */
export const LedgerAnswer = envelope(
  'ledger',
  Type.Object({
    agrees: Type.Boolean({
      description:
        'True: the ledger agrees with the payments, refunds, transfers, disputes and payouts.',
    }),
    posting_count: Type.Integer(),
    discrepancies: Type.Array(Type.Object({ id: Type.String(), what: Type.String() })),
    balances: Type.Array(
      Type.Object({
        account_id: Type.String(),
        ledger_account: Type.String(),
        currency: currencyText(),
        debit: amount,
        credit: amount,
        balance: amount,
      }),
    ),
  }),
)

// Sessions and events.

const Attempt = Type.Object({
  method: extensibleText(REQUESTED_METHODS, {
    description:
      '`card` is for both editions, `ach_debit` (or its other name, `ach`) for the US edition, and the others are for the IN edition.',
    'x-expected': 'the name of a payment method, such as upi',
  }),
  outcome: Type.Enum(['succeeded', 'failed', 'pending'], {
    description:
      '`pending` waits for the customer, and fails if the clock passes the end of the attempt.',
  }),
  decline_code: Type.Optional(
    Type.Enum([...DECLINE_CODES], {
      description: 'The reason for the failure. Default: a code that fits the method.',
    }),
  ),
  after: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'The time from the customer’s last step to the bank’s decision. Default: the bank decides at once.',
      'x-expected': 'a length of time such as 30s or 12m',
    }),
  ),
  upi_id: Type.Optional(
    Type.String({
      ...line(100, 3),
      description:
        'The customer’s UPI ID, for the method `upi`. A mandate keeps the UPI ID, which decides later debits. Default: one that fits the outcome.',
    }),
  ),
})
const AccountField = Type.Optional(
  Type.String({
    pattern: '^\\d{1,16}$',
    description: 'One of the two preset accounts. Default: that of the IN edition.',
    'x-expected': 'the id of an account',
  }),
)

/** The body that creates a session and plays attempts on it. Its fields are checked in this order. */
export const TriggerSessionBody = Type.Object(
  {
    account_id: AccountField,
    session: Type.Optional(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description:
            'The body of a create request. Default of `amount`: 100.00. Default of `currency`: INR, or USD for the US account.',
        },
      ),
    ),
    attempts: Type.Optional(
      Type.Array(Attempt, {
        minItems: 0,
        maxItems: 5,
        description: 'The attempts to pay the session, in order.',
      }),
    ),
    ends_by: Type.Optional(
      Type.Enum(['expire', 'cancel'], {
        description: 'Expires or cancels the session after the attempts.',
      }),
    ),
  },
  {
    examples: [
      {
        session: { amount: '1499.90', currency: 'INR', description: 'Lamp' },
        attempts: [
          { method: 'card', outcome: 'failed' },
          { method: 'upi', outcome: 'succeeded' },
        ],
      },
    ],
  },
)

/** The body that plays attempts on an existing session. */
export const TriggerAttemptsBody = Type.Object(
  {
    attempts: Type.Array(Attempt, { minItems: 1, maxItems: 5 }),
  },
  { examples: [{ attempts: [{ method: 'card', outcome: 'pending' }] }] },
)

/** The body that decides the waiting attempt of a session. */
export const DecideBody = Type.Object(
  {
    outcome: Type.Enum(['succeeded', 'failed']),
    decline_code: Type.Optional(
      Type.Enum([...DECLINE_CODES], {
        description: 'The reason for the failure. Default: a code that fits the method.',
      }),
    ),
  },
  { examples: [{ outcome: 'succeeded' }] },
)

/** The body that transfers money to a virtual account. Its fields are checked in this order. */
export const BankTransferBody = Type.Object(
  {
    account_number: { ...line(50, 1), examples: ['PAYDK7QF2MZ4XWB3N5T'] },
    ifsc_code: Type.Optional({
      ...ifsc,
      description: 'The code of the virtual account. Default: it is not checked.',
    }),
    amount: amountIn('The transferred amount, in rupees.'),
    mode: Type.Optional(Type.Enum([...BANK_TRANSFER_MODES], { description: 'Default: IMPS.' })),
    payer_name: Type.Optional({
      ...line(100, 1),
      description: 'The holder of the sending account. `Reverse`: the bank takes the money back.',
    }),
    payer_ifsc_code: Type.Optional({ ...ifsc, description: 'The sending bank.' }),
    utr: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9]{6,30}$',
        description: 'The bank’s reference. Default: a new one.',
        examples: ['AXISN25326112233'],
        'x-expected': 'a text of 6 to 30 letters and digits',
      }),
    ),
  },
  { examples: [{ account_number: 'PAYDK7QF2MZ4XWB3N5T', amount: 250.5 }] },
)
/** The payment of a transfer. */
export const BankTransferAnswer = RetrievePaymentAnswer

/** The body that sends an event without a cause. Its fields are checked in this order. */
export const TriggerEventBody = Type.Object(
  {
    event_type: Type.Enum([...WEBHOOK_EVENT_TYPES]),
    account_id: AccountField,
    event_id: Type.Optional(
      Type.String({
        pattern: '^[1-9]\\d{0,15}$',
        description: 'Your own id, as a text. Default: a new id.',
        'x-expected': 'a text of 1 to 16 digits',
      }),
    ),
    data: Type.Optional(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description:
            'A JSON merge patch (RFC 7396) for a sample of the event’s object: objects merge field by field, other values replace the sample’s, null removes a field. Numbers keep their digits.',
        },
      ),
    ),
  },
  { examples: [{ event_type: 'payment.succeeded', data: { amount: '250.00' } }] },
)

/** A session after its attempts were played. A new session also has its keys. */
export const PlayedSessionAnswer = envelope(
  'payments_session',
  Type.Object({
    ...RetrievePaymentSessionAnswer.properties.payments_session.properties,
    access_key: Type.Optional(Type.String()),
    checkout_url: Type.Optional(Type.String()),
  }),
)

/** A payment link after a change. */
export const PaymentLinkAnswer = RetrievePaymentLinkAnswer

/** The session that a click on a payment link opens, with the keys of its checkout page. */
export const OpenedLinkAnswer = envelope(
  'payments_session',
  Type.Object({
    payments_session_id: idOut,
    payment_link_id: idOut,
    access_key: Type.String(),
    checkout_url: Type.String(),
  }),
)

const EventBody = Type.Object({
  event_id: Type.Integer(),
  event_type: EventType,
  account_id: Type.Integer(),
  live_mode: Type.Boolean(),
  event_time: Type.Integer({ description: 'Milliseconds since 1970.' }),
  event_object: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
})
/** The body of an event, as it is sent to endpoints. */
export const TriggeredEventAnswer = envelope('event', EventBody)
/** A sample of the object that an event is about. */
export const SampleAnswer = envelope('sample', Type.Record(Type.String(), Type.Unknown()))

/** Everything about a session. */
export const SessionStoryAnswer = envelope(
  'session',
  Type.Object({
    ...SessionStoryFields.properties,
    stored_id: Type.String({ description: 'The session’s id in the database.' }),
    checkout_url: Type.Optional(Type.String({ description: 'Absent: the session has no page.' })),
  }),
)

/** Everything about a payment link. */
export const LinkStoryAnswer = envelope(
  'payment_link',
  Type.Object({
    ...LinkStoryFields.properties,
    stored_id: Type.String({ description: 'The link’s id in the database.' }),
  }),
)

// Lists.

/** The query of the list of payments: the API's parameters and the account. */
export const StartedPaymentsQuery = Type.Object({
  account_id: Type.String(),
  ...PaymentListQuery.properties,
})
/** A page of payments with their start times, by which they are sorted. */
export const StartedPaymentsAnswer = Type.Object({
  ...ListPaymentsAnswer.properties,
  payments: Type.Array(
    Type.Object({
      ...ListPaymentsAnswer.properties.payments.items.properties,
      started_time: Type.Integer({ description: 'The start of the attempt, in seconds.' }),
    }),
  ),
})

/** The query of the search. */
export const SearchQuery = Type.Object({
  text: Type.String({
    maxLength: 200,
    description:
      'An id, the address of a checkout page or a payment link, the number of a virtual account, a reference or invoice number, an e-mail address, a phone number, an amount, or a part of a description.',
    'x-expected': 'a text of at most 200 characters',
    examples: ['1499.90'],
  }),
})
/** The found objects. */
export const SearchAnswer = envelope(
  'found',
  Type.Array(
    Type.Object({
      kind: Type.Enum([...FOUND_KINDS]),
      id: Type.String(),
      title: Type.String({
        description: 'An amount, a name, a number, a type of event, a recipient, or a request.',
      }),
      detail: Type.Optional(Type.String()),
      status: Type.Optional(Type.String()),
      time_ms: Type.Integer(),
      account_id: Type.Optional(Type.String()),
      payment_id: Type.Optional(Type.String({ description: 'The payment of a refund.' })),
    }),
  ),
)

/** The query of the statistics. */
export const StatisticsQuery = Type.Object({ account_id: Type.String() })
const outcomeCounts = {
  succeeded: Type.Integer(),
  failed: Type.Integer(),
  waiting: Type.Integer(),
}
/** The outcomes of the newest payments, and the latencies of the logged webhooks. */
export const StatisticsAnswer = envelope(
  'statistics',
  Type.Object({
    payments: Type.Object({
      ...outcomeCounts,
      span_ms: Type.Integer(),
      spans: Type.Array(
        Type.Object({ time_ms: Type.Integer({ description: 'The start.' }), ...outcomeCounts }),
        { description: 'Spans of equal length, oldest first. Empty: there are no payments.' },
      ),
    }),
    webhooks: Type.Object({
      answered: Type.Integer(),
      unanswered: Type.Integer(),
      median_ms: Type.Optional(Type.Integer()),
      p95_ms: Type.Optional(Type.Integer()),
      classes: Type.Array(
        Type.Object({
          up_to_ms: Type.Optional(
            Type.Integer({
              description:
                'The longest latency in the class. The last class has no limit and lacks this field.',
            }),
          ),
          count: Type.Integer(),
        }),
        { description: 'The answered webhooks by their latency, shortest first.' },
      ),
    }),
  }),
)

// Webhooks.

/** The query for the signing keys. */
export const WebhookKeysQuery = Type.Object({ account_id: Type.String() })
/** The signing keys of an account's endpoints. */
export const WebhookKeysAnswer = envelope(
  'webhook_keys',
  Type.Array(
    Type.Object({
      webhook_url_id: Type.String(),
      signing_keys: Type.Array(Type.String(), { description: 'Newest first.' }),
    }),
  ),
)

const SignatureSteps = Type.Object({
  family: Type.Enum(['zoho', 'standard']),
  header: Type.String(),
  sent: Type.String({ description: 'The header’s value as sent.' }),
  key: Type.String(),
  key_use: Type.String({ description: 'The bytes of the key that are used.' }),
  prefix: Type.String({ description: 'The signed text in front of the body.' }),
  prefix_parts: Type.String(),
  hmac: Type.String(),
  encoding: Type.String(),
  value: Type.String({ description: 'The signature by this key.' }),
  agrees: Type.Boolean({ description: 'True: the sent header has this signature.' }),
})
const Post = Type.Object({
  number: Type.Integer(),
  time_ms: Type.Integer(),
  duration_ms: Type.Integer(),
  http_status: Type.Optional(Type.Integer({ description: 'Absent: there was no answer.' })),
  failure: Type.Optional(Type.String()),
  response_body: Type.Optional(Type.String()),
  fault_id: Type.Optional(FAULT_ID),
  request_ids: Type.Array(Type.String(), {
    description: 'The ids of the attempt’s entries in the request log.',
  }),
  is_logged: Type.Boolean(),
  headers: Type.Record(Type.String(), Type.String()),
  body: Type.String(),
  changed_at: Type.Optional(
    Type.Integer({
      description: 'The position of the first character that differs from the signed body.',
    }),
  ),
  signatures: Type.Array(SignatureSteps),
})
/** A delivery with each of its POSTs, newest first. */
export const InspectedDeliveryAnswer = envelope(
  'delivery',
  Type.Object({
    ...ResendDeliveryAnswer.properties.delivery.properties,
    account_id: Type.String(),
    ...subjectIds,
    webhook: Type.Object({
      webhook_url_id: Type.String(),
      name: Type.String(),
      url: Type.String(),
    }),
    body: Type.String({ description: 'The event’s body.' }),
    posts: Type.Array(Post),
  }),
)

/** An account besides the preset ones, in the form of a settings file. */
export const AccountFields = Type.Object({
  account_id: Type.String({ description: 'The id.', 'x-expected': 'a text of 1 to 16 digits' }),
  name: Type.String({ description: 'The merchant’s name on the checkout page.' }),
  edition: Type.Enum(['IN', 'US'], {
    description: 'The country’s edition of the service, which decides currencies and methods.',
  }),
  brand_color: Type.Optional(
    Type.String({
      description: 'The color of the button.',
      'x-expected': 'a color such as #1a56db',
    }),
  ),
  logo: Type.Optional(
    Type.String({
      description:
        'The path of a PNG, JPEG or WebP file, relative to the folder of the settings file.',
    }),
  ),
  terms_url: Type.Optional(Type.String({ description: 'The page with the terms.' })),
  privacy_url: Type.Optional(Type.String({ description: 'The page about privacy.' })),
  powered_by: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'True: the page says "Powered by Paydesk".',
    }),
  ),
})
/** A customer in a settings file. */
export const ReadyCustomerFields = Type.Object({
  account_id: Type.Optional(
    Type.String({
      description: 'The account of the customer. Default: the preset account of the IN edition.',
    }),
  ),
  ...CustomerCreateBody.properties,
})
/** A webhook endpoint in a settings file. */
export const EndpointFields = Type.Object({
  account_id: Type.Optional(
    Type.String({
      description: 'The account of the endpoint. Default: the preset account of the IN edition.',
    }),
  ),
  signing_key: Type.Optional(
    Type.String({
      description: 'The key that signs the webhooks of the endpoint. Default: a new key.',
      'x-expected': 'a text of at least 8 characters',
    }),
  ),
  ...WebhookCreateBody.properties,
  url: Type.String({
    ...WebhookCreateBody.properties.url,
    description:
      'The receiver of events: an https URL on the public internet, or an http or https URL on this machine. The sandbox sends no test event to it, so the receiver can start later.',
  }),
})

// Messages to customers.

/** The query of the list of messages. */
export const MessageListQuery = Type.Object({
  account_id: Type.Optional(
    Type.String({
      maxLength: 16,
      pattern: '^\\d{1,16}$',
      description: 'Only messages of this account. Default: of all accounts.',
      'x-expected': 'the id of an account, 1 to 16 digits',
    }),
  ),
  payment_id: Type.Optional(
    Type.String({
      maxLength: 16,
      pattern: '^\\d{1,16}$',
      description: 'Only messages about this payment.',
      'x-expected': 'the id of a payment, 1 to 16 digits',
    }),
  ),
  payment_link_id: Type.Optional(
    Type.String({
      maxLength: 16,
      pattern: '^\\d{1,16}$',
      description: 'Only messages about this payment link.',
      'x-expected': 'the id of a payment link, 1 to 16 digits',
    }),
  ),
  mandate_notification_id: Type.Optional(
    Type.String({
      maxLength: 16,
      pattern: '^\\d{1,16}$',
      description: 'Only messages about this notification of a debit.',
      'x-expected': 'the id of a notification, 1 to 16 digits',
    }),
  ),
  limit: Type.Optional(
    Type.String({
      pattern: '^(?:[1-9]\\d?|1\\d\\d|200)$',
      description: 'The maximum number of messages. Default: 50.',
      examples: ['50'],
      'x-expected': 'a whole number from 1 to 200',
    }),
  ),
})
const messageFields = {
  message_id: Type.String(),
  account_id: Type.String(),
  kind: Type.Enum([...MESSAGE_KINDS]),
  channel: Type.Enum([...MESSAGE_CHANNELS]),
  to: Type.String({ description: 'The e-mail address, the phone number, or the UPI ID.' }),
  language: Type.Enum([...LANGUAGE_CODES]),
  subject: Type.String(),
  text: Type.String({ description: 'The whole text.' }),
  link: Type.Optional(Type.String({ description: 'The URL that the message links to.' })),
  payment_id: Type.Optional(Type.String({ description: 'The payment of a receipt.' })),
  payment_link_id: Type.Optional(Type.String()),
  mandate_notification_id: Type.Optional(Type.String()),
  time: Type.String({ description: 'ISO 8601, in UTC, by the sandbox’s clock.' }),
}
/** The newest messages of the outbox. */
export const MessagesAnswer = envelope('messages', Type.Array(Type.Object(messageFields)))
/** One message of the outbox. Each answer has a text `message`, so the object has another name. */
export const MessageAnswer = envelope(
  'outbox_message',
  Type.Object({
    ...messageFields,
    html: Type.Optional(Type.String({ description: 'A whole document, for an e-mail.' })),
  }),
)
