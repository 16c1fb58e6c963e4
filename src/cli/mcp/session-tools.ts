import { Type } from 'typebox'
import type { PaymentSessionCreate } from '../../client/index.ts'
import { DECLINE_CODES } from '../../domain/payment-attempt.ts'
import { PAYMENT_METHODS } from '../../domain/payment-method.ts'
import { PAYMENT_SESSION_STATUSES } from '../../domain/payment-session.ts'
import { TIMELINE_ENTRIES, timelineOf } from './session-timeline.ts'
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

const METHODS = [...new Set(Object.values(PAYMENT_METHODS).flat())]

const ATTEMPT_FIELDS = {
  method: oneOf(
    METHODS,
    'The payment method. `ach_debit` works only with the US account, which also takes `card`.',
  ),
  outcome: oneOf(
    ['succeeded', 'failed', 'pending'],
    'The outcome. `pending` waits for the customer, and fails if the clock passes the end of the attempt.',
  ),
  decline_code: Type.Optional(
    oneOf(
      DECLINE_CODES,
      'The reason, only with the outcome `failed`. Default: a code that fits the method.',
    ),
  ),
  after: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'The time until the bank decides, such as 30s or 12m. Default: it decides at once.',
    }),
  ),
}

const SESSION_FIELDS = {
  amount: Type.String({
    maxLength: 40,
    description: 'The amount in major units, as a text: 1499.90 is ₹1,499.90.',
  }),
  currency: Type.String({ maxLength: 3, description: 'ISO 4217. The IN account takes only INR.' }),
  description: Type.Optional(Type.String({ maxLength: 500 })),
  invoice_number: Type.Optional(Type.String({ maxLength: 50 })),
  reference_number: Type.Optional(Type.String({ maxLength: 50 })),
  expires_in: Type.Optional(Type.Integer({ description: 'Seconds, 300 to 900. Default: 900.' })),
  max_retry_count: Type.Optional(
    Type.Integer({ description: 'The maximum number of payment attempts, 1 to 5. Default: 5.' }),
  ),
}
const SessionIn = Type.Object(SESSION_FIELDS, {
  additionalProperties: true,
  description:
    'The body of POST /api/v1/paymentsessions; the resource paydesk://openapi.json has all its fields, such as meta_data, transfer_details and configurations.',
})
const SessionId = idField('The payment session.')

const SessionOut = {
  payments_session: wireObject(
    'The session, with access_key and checkout_url if it was just created.',
  ),
}

/** The tools for payment sessions. */
export const SESSION_TOOLS: readonly Tool[] = [
  tool({
    name: 'create_session',
    title: 'Create a payment session',
    description:
      'Creates a payment session and, if attempts are given, plays them one after the other as customers would: for example two that fail and a UPI payment that succeeds. Events are stored and webhooks are sent, as for real payments. The checkout_url opens in a browser.',
    effect: 'adds',
    where: 'controlled',
    input: {
      session: SessionIn,
      attempts: Type.Optional(
        Type.Array(Type.Object(ATTEMPT_FIELDS, { additionalProperties: false }), {
          maxItems: 5,
          description: 'The attempts, in order. Without attempts the session stays open.',
        }),
      ),
      ends_by: Type.Optional(
        oneOf(['expire', 'cancel'], 'Expires or cancels the session after the attempts.'),
      ),
    },
    output: SessionOut,
    run: async ({ accountId, control }, args) => ({
      payments_session: await control.sessions.trigger({ account_id: accountId, ...args }),
    }),
  }),
  tool({
    name: 'create_session',
    title: 'Create a payment session',
    description:
      'Creates a payment session on this server. If the server is live, its checkout page takes real money.',
    effect: 'adds',
    where: 'uncontrolled',
    input: { session: SessionIn },
    output: SessionOut,
    run: async ({ client }, { session }) => {
      const newSession = await client.paymentSessions.create(session as PaymentSessionCreate)
      return { payments_session: { ...newSession, checkout_url: client.checkoutUrl(newSession) } }
    },
  }),
  tool({
    name: 'get_session',
    title: 'Show a payment session and its history',
    description:
      'Returns a session with its payment attempts, and a timeline of attempts, events and webhook delivery attempts. Start here when something is missing.',
    effect: 'reads',
    input: { payments_session_id: SessionId },
    output: {
      payments_session: wireObject('The session.'),
      payments: wireList('The attempts of the session and their outcomes, newest first.'),
      timeline: Type.Array(
        Type.Object(
          {
            time: Type.String({
              description: 'ISO 8601. A sandbox takes the time from its own clock.',
            }),
            what: oneOf(TIMELINE_ENTRIES, 'The kind of entry.'),
          },
          { additionalProperties: true },
        ),
        { description: 'Oldest first.' },
      ),
      is_cut: Type.Boolean({ description: 'True: the timeline is incomplete.' }),
    },
    run: async ({ client }, { payments_session_id: id }) => timelineOf(client, id),
  }),
  tool({
    name: 'list_sessions',
    title: 'List payment sessions',
    description: 'Lists payment sessions, newest first.',
    effect: 'reads',
    input: {
      status: Type.Optional(oneOf(PAYMENT_SESSION_STATUSES, 'Only sessions with this status.')),
      reference_number: Type.Optional(Type.String({ maxLength: 50 })),
      invoice_number: Type.Optional(Type.String({ maxLength: 50 })),
      ...PAGE_FIELDS,
    },
    output: {
      payments_sessions: wireList('The sessions.'),
      page_context: wireObject('The number of the page, and whether more pages follow.'),
    },
    run: ({ client }, { limit, page, ...query }) =>
      client.paymentSessions.list({ ...query, ...pageOf(limit, page) }),
  }),
  tool({
    name: 'play_attempt',
    title: 'Play a payment attempt',
    description:
      'Pays a session as a customer would, with the outcome you choose. After a decline the session can be paid again until its attempts are used up.',
    effect: 'adds',
    where: 'controlled',
    input: { payments_session_id: SessionId, ...ATTEMPT_FIELDS },
    output: SessionOut,
    run: async ({ control }, { payments_session_id: id, ...attempt }) => ({
      payments_session: await control.sessions.play(id, [attempt]),
    }),
  }),
  tool({
    name: 'expire_session',
    title: 'Expire a payment session',
    description: 'Expires a session now, as if its time had passed. It can no longer be paid.',
    effect: 'destroys',
    where: 'controlled',
    input: { payments_session_id: SessionId },
    output: SessionOut,
    run: async ({ control }, { payments_session_id: id }) => ({
      payments_session: await control.sessions.expire(id),
    }),
  }),
  tool({
    name: 'cancel_session',
    title: 'Cancel a payment session',
    description: 'Cancels a session as its merchant would. It can no longer be paid.',
    effect: 'destroys',
    input: { payments_session_id: SessionId },
    output: SessionOut,
    run: async ({ client }, { payments_session_id: id }) => ({
      payments_session: await client.paymentSessions.cancel(id),
    }),
  }),
]
