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
  pick,
  type Tool,
  tool,
  wireList,
  wireObject,
} from './tool.ts'

const METHODS = [...new Set(Object.values(PAYMENT_METHODS).flat())]

const ATTEMPT_FIELDS = {
  method: oneOf(
    METHODS,
    'How the customer pays. ach_debit is for the US account alone, which takes card too.',
  ),
  outcome: oneOf(
    ['succeeded', 'failed', 'pending'],
    'How it comes out. `pending` stays with the bank until the clock is moved.',
  ),
  decline_code: Type.Optional(
    oneOf(
      DECLINE_CODES,
      'Why it fails, with the outcome failed alone. Without it what fits the method.',
    ),
  ),
  after: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'How long the bank takes to decide, such as 30s or 12m. Without it no time.',
    }),
  ),
}

const SESSION_FIELDS = {
  amount: Type.String({
    maxLength: 40,
    description: 'In major units, as a text: 1499.90 is ₹1,499.90.',
  }),
  currency: Type.String({ maxLength: 3, description: 'ISO 4217. The IN account takes INR alone.' }),
  description: Type.Optional(Type.String({ maxLength: 500 })),
  invoice_number: Type.Optional(Type.String({ maxLength: 50 })),
  reference_number: Type.Optional(Type.String({ maxLength: 50 })),
  expires_in: Type.Optional(Type.Integer({ description: 'Seconds, 300 to 900. Default: 900.' })),
  max_retry_count: Type.Optional(
    Type.Integer({ description: 'Payment attempts in all, 1 to 5. Default: 5.' }),
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
    'The session. With access_key and checkout_url where it was just made.',
  ),
}

/** What can be done with payment sessions. */
export const SESSION_TOOLS: readonly Tool[] = [
  tool({
    name: 'create_session',
    title: 'Create a payment session',
    description:
      'Creates a payment session and, if attempts are given, plays them one after the other as customers would: two that fail and one by UPI that succeeds, say. All of it really happens: events are written and webhooks sent. Its checkout_url can be opened in a browser.',
    effect: 'adds',
    where: 'controlled',
    input: {
      session: SessionIn,
      attempts: Type.Optional(
        Type.Array(Type.Object(ATTEMPT_FIELDS, { additionalProperties: false }), {
          maxItems: 5,
          description: 'What customers do, in order. None: the session waits to be paid.',
        }),
      ),
      ends_by: Type.Optional(oneOf(['expire', 'cancel'], 'How it ends after the attempts.')),
    },
    output: SessionOut,
    run: async ({ accountId, control }, asked) => {
      const body = { account_id: accountId, ...asked }
      return pick(await control('POST', '/sessions', body), 'payments_session')
    },
  }),
  tool({
    name: 'create_session',
    title: 'Create a payment session',
    description:
      'Creates a payment session on this server. A customer who opens its page pays real money if the server is live.',
    effect: 'adds',
    where: 'uncontrolled',
    input: { session: SessionIn },
    output: SessionOut,
    run: async ({ client }, { session }) => {
      const made = await client.paymentSessions.create(session as PaymentSessionCreate)
      return { payments_session: { ...made, checkout_url: client.checkoutUrl(made) } }
    },
  }),
  tool({
    name: 'get_session',
    title: 'Show a payment session and all that came of it',
    description:
      'Gives a session with its payment attempts, and a timeline of attempts, events, and every try to deliver them to webhook endpoints. The first thing to read when something did not happen.',
    effect: 'reads',
    input: { payments_session_id: SessionId },
    output: {
      payments_session: wireObject('The session.'),
      payments: wireList('Its attempts, newest first, with how each came out.'),
      timeline: Type.Array(
        Type.Object(
          {
            time: Type.String({ description: 'ISO 8601, by the sandbox’s clock.' }),
            what: oneOf(TIMELINE_ENTRIES, 'What kind of thing it is.'),
          },
          { additionalProperties: true },
        ),
        { description: 'What happened, oldest first.' },
      ),
      is_cut: Type.Boolean({ description: 'Whether more happened than the timeline shows.' }),
    },
    run: async ({ client }, { payments_session_id: id }) => timelineOf(client, id),
  }),
  tool({
    name: 'list_sessions',
    title: 'List payment sessions',
    description: 'Lists payment sessions, newest first.',
    effect: 'reads',
    input: {
      status: Type.Optional(oneOf(PAYMENT_SESSION_STATUSES, 'Only those that are in this status.')),
      reference_number: Type.Optional(Type.String({ maxLength: 50 })),
      invoice_number: Type.Optional(Type.String({ maxLength: 50 })),
      ...PAGE_FIELDS,
    },
    output: {
      payments_sessions: wireList('The sessions.'),
      page_context: wireObject('Which page this is, and whether there are more.'),
    },
    run: ({ client }, { limit, page, ...query }) =>
      client.paymentSessions.list({ ...query, ...pageOf(limit, page) }),
  }),
  tool({
    name: 'play_attempt',
    title: 'Play a payment attempt',
    description:
      'Pays a session as a customer would, with the outcome that you say. A decline leaves it payable until its attempts are used up.',
    effect: 'adds',
    where: 'controlled',
    input: { payments_session_id: SessionId, ...ATTEMPT_FIELDS },
    output: SessionOut,
    run: async ({ control }, { payments_session_id: id, ...attempt }) =>
      pick(
        await control('POST', `/sessions/${id}/attempts`, { attempts: [attempt] }),
        'payments_session',
      ),
  }),
  tool({
    name: 'expire_session',
    title: 'Expire a payment session',
    description:
      'Ends a session’s time to be paid now, as if it had passed. It cannot be paid then.',
    effect: 'destroys',
    where: 'controlled',
    input: { payments_session_id: SessionId },
    output: SessionOut,
    run: async ({ control }, { payments_session_id: id }) =>
      pick(await control('POST', `/sessions/${id}/expire`), 'payments_session'),
  }),
  tool({
    name: 'cancel_session',
    title: 'Cancel a payment session',
    description: 'Ends a session as its merchant would. It cannot be paid then.',
    effect: 'destroys',
    input: { payments_session_id: SessionId },
    output: SessionOut,
    run: async ({ client }, { payments_session_id: id }) => ({
      payments_session: await client.paymentSessions.cancel(id),
    }),
  }),
]
