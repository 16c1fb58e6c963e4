import { type TSchema, Type } from 'typebox'
import { ATTEMPT_PATTERN } from './parse-attempt.ts'

/** A value of an earlier step, such as `${order.payments_session_id}`. */
const REFERENCE = '\\$\\{[^}]+\\}'
const NAME = '[A-Za-z][\\w-]{0,39}'

const stepName = Type.Optional(
  Type.String({
    pattern: `^${NAME}$`,
    description: 'The name for this step’s result, which later steps can use.',
    'x-expected': 'a name of letters, digits, - and _ that begins with a letter',
  }),
)
const subject = (what: string) =>
  Type.String({
    pattern: `^(?:${NAME}|\\d{1,16}|${REFERENCE})$`,
    description: what,
    'x-expected': 'the name of an earlier step, or an id',
    'x-names-step': true,
  })
const amount = Type.Union([Type.Number(), Type.String()], {
  description: 'In major units.',
  'x-expected': 'an amount such as 1499.90',
})
const anyText = Type.String({ 'x-expected': 'a text' })
const idempotencyKey = Type.Optional(
  Type.String({ description: 'Sent as Idempotency-Key.', 'x-expected': 'a text' }),
)
const anyFields = (expected: string) =>
  Type.Object({}, { additionalProperties: true, 'x-expected': expected })
const httpStatus = Type.Integer({ minimum: 100, maximum: 599, 'x-expected': 'an HTTP status' })
const count = Type.Integer({
  minimum: 0,
  maximum: 10_000,
  'x-expected': 'a whole number from 0 to 10000',
})
const duration = Type.Union([Type.String(), Type.Integer({ minimum: 0 })], {
  'x-expected': 'a length of time such as 2d, 1h30m or 90s',
})
const closedObject = <Fields extends Record<string, TSchema>>(
  properties: Fields,
  more: Record<string, unknown> = {},
) => Type.Object(properties, { additionalProperties: false, ...more })
const openObject = <Fields extends Record<string, TSchema>>(
  properties: Fields,
  description: string,
) => Type.Object(properties, { additionalProperties: true, description })
const apiObject = (noun: string) =>
  openObject({ of: subject(`The ${noun}`) }, `The fields of the ${noun}, as the API shows it now.`)
const literalTrue = Type.Literal(true, { 'x-expected': 'true' })

const Attempt = Type.Union(
  [
    Type.String({ pattern: ATTEMPT_PATTERN }),
    closedObject({
      method: anyText,
      outcome: anyText,
      decline_code: Type.Optional(anyText),
      after: Type.Optional(duration),
    }),
  ],
  {
    'x-expected':
      'a text such as upi:succeeded, card:insufficient_funds or netbanking:succeeded@12m, or an object with method and outcome',
  },
)

/** The expectations. Each is checked separately. The reference page is printed from them. */
export const EXPECTATIONS = {
  answer: closedObject(
    {
      status: Type.Optional(httpStatus),
      code: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
      field: Type.Optional(anyText),
      lost: Type.Optional(literalTrue),
      body: Type.Optional(anyFields('an object of fields')),
    },
    {
      description:
        'The answer to the previous step. `lost`: the connection ended without an answer. An error that is expected here does not fail that step.',
    },
  ),
  session: openObject(
    {
      of: subject('The session'),
      status: Type.Optional(anyText),
      payment_statuses: Type.Optional(
        Type.Array(anyText, {
          description: 'The statuses of the session’s payments, oldest first.',
          'x-expected': 'a list',
        }),
      ),
    },
    'The fields of the session, as the API shows it now.',
  ),
  link: apiObject('payment link'),
  customer: apiObject('customer'),
  payment: apiObject('payment'),
  refund: apiObject('refund'),
  transfer: apiObject('transfer'),
  payout: apiObject('payout'),
  virtual_account: apiObject('virtual account'),
  payment_method: apiObject('saved payment method'),
  mandate: apiObject('mandate'),
  webhook: apiObject('endpoint'),
  events: closedObject(
    {
      at: subject('The endpoint'),
      are: Type.Optional(
        Type.Array(anyText, {
          description: 'The types of the events, in order.',
          'x-expected': 'a list of event types',
        }),
      ),
      order: Type.Optional(
        Type.Union([Type.Literal('exact'), Type.Literal('any')], {
          description: 'Default: `exact`.',
          'x-expected': 'exact or any',
        }),
      ),
      of: Type.Optional(subject('Only events about this session, or the payments of this link')),
      type: Type.Optional(anyText),
      count: Type.Optional(count),
      distinct: Type.Optional(count),
      taken: Type.Optional(count),
      genuine: Type.Optional(count),
    },
    {
      description:
        'The webhooks of the built-in receiver, including repetitions: `count` is their number, `distinct` the number of event ids, `taken` the number answered with a 2xx, `genuine` the number with a valid signature.',
    },
  ),
  messages: closedObject(
    {
      to: Type.Optional(anyText),
      channel: Type.Optional(anyText),
      are: Type.Optional(
        Type.Array(anyText, {
          description: 'The kinds of the messages, oldest first.',
          'x-expected': 'a list of kinds: receipt, payment_link, mandate_notice',
        }),
      ),
      count: Type.Optional(count),
    },
    {
      description:
        'The newest messages to customers in the outbox, at most 200. `to` selects one address, `channel` one channel.',
    },
  ),
  ledger: Type.Object(
    { agrees: Type.Optional(Type.Boolean({ 'x-expected': 'true or false' })) },
    {
      description:
        'Checks that the ledger agrees with the payments or, if `agrees` is false, that it does not. Other fields are ledger balances of the account: `merchant`, `fees`, `taxes`, `processor`, `customers`, `connected_account/23137557`; with several currencies add the currency: `processor USD`.',
      additionalProperties: Type.Union([Type.Number(), Type.String()], {
        'x-expected': 'an amount such as 1464.50',
      }),
    },
  ),
  get: closedObject(
    { path: anyText, is: anyFields('an object of fields') },
    { description: 'The fields of the answer to a GET request.' },
  ),
} as const

/** Every kind of step, with its fields and its effect. The reference page is printed from them. */
export const STEPS = {
  session: Type.Object(
    { as: stepName, idempotency_key: idempotencyKey },
    {
      additionalProperties: true,
      description: 'Creates a payment session. The other fields are those of the create request.',
    },
  ),
  customer: Type.Object(
    { as: stepName, idempotency_key: idempotencyKey },
    {
      additionalProperties: true,
      description: `Creates a customer. The other fields are those of the create request. In later steps \`of\` takes the name of this step, but a \`customer_id\` in a request takes the \`customer_id\` of this step’s result, such as \`\${asha.customer_id}\` after \`as: asha\`.`,
    },
  ),
  link: Type.Object(
    { as: stepName, idempotency_key: idempotencyKey },
    {
      additionalProperties: true,
      description: 'Creates a payment link. The other fields are those of the create request.',
    },
  ),
  attempts: closedObject(
    {
      of: subject('The session, or a payment link: the step then opens the page of the link first'),
      as: stepName,
      play: Type.Array(Attempt, {
        minItems: 1,
        maxItems: 5,
        'x-expected': 'a list of 1 to 5 attempts',
      }),
      together: Type.Optional(literalTrue),
    },
    {
      description:
        'Plays payment attempts on a session, one after the other, as a customer would. Each attempt in `play` is `method:outcome`. The outcome is `succeeded`, `failed`, `pending` or a decline code; `@12m` after it is the time until the bank decides. `together`: does not wait for the webhooks of one attempt before the next. `as` names the last payment.',
    },
  ),
  pay_link: Type.Object(
    { of: subject('The session'), as: stepName },
    {
      additionalProperties: true,
      description:
        'Sends the form of the session’s checkout page, as a browser does. The other fields are the form’s, such as `method: upi`, `upi_channel: collect`, `upi_id: success@paydesk`.',
    },
  ),
  expire: subject('Expires a session or a payment link now.'),
  cancel: subject('Cancels a session or a payment link with the API.'),
  refund: Type.Object(
    {
      of: subject('The payment, or a session for its newest payment'),
      as: stepName,
      idempotency_key: idempotencyKey,
      amount,
    },
    { additionalProperties: true, description: 'Refunds a payment, or a part of it.' },
  ),
  transfer: closedObject(
    {
      of: subject('The payment, or a session for its newest payment'),
      as: stepName,
      idempotency_key: idempotencyKey,
      split: Type.Array(
        closedObject({
          connected_account_id: Type.Union([Type.String(), Type.Integer()], {
            'x-expected': 'the id of a connected account',
          }),
          amount,
          description: Type.Optional(anyText),
        }),
        { minItems: 1, 'x-expected': 'a list of parts' },
      ),
    },
    {
      description:
        'Transfers parts of a payment to connected accounts. Each part in `split` has `connected_account_id`, `amount` and an optional `description`.',
    },
  ),
  reverse: closedObject(
    {
      of: subject('The transfer. If the `transfer` step made several: the first one'),
      as: stepName,
      idempotency_key: idempotencyKey,
      amount,
      description: Type.Optional(anyText),
    },
    { description: 'Reverses a transfer, or a part of it.' },
  ),
  payout_run: closedObject(
    {
      as: stepName,
      bank: Type.Optional(
        Type.Union([Type.Literal('paid'), Type.Literal('failed')], {
          description: 'The bank’s decision about the new payouts. Default: it decides at 16:00.',
          'x-expected': 'paid or failed',
        }),
      ),
      failure_code: Type.Optional(anyText),
    },
    {
      description:
        'Pays the available balances of the account and of its connected accounts, without waiting for 10:00. `as` names the account’s own payout.',
    },
  ),
  dispute: closedObject(
    {
      of: subject('The payment, or a session for its newest payment'),
      amount: Type.Optional(amount),
      reason: Type.Optional(anyText),
      ends: Type.Optional(
        Type.Union([Type.Literal('won'), Type.Literal('lost')], {
          description: 'The decision of the bank. Default: the dispute stays open.',
          'x-expected': 'won or lost',
        }),
      ),
      as: stepName,
    },
    {
      description:
        'Disputes a payment as its customer. A step with only `of`, `ends` and `as` decides the open dispute of the payment. `as` names the payment with its dispute.',
    },
  ),
  terminal_pay: closedObject(
    {
      terminal: anyText,
      of: Type.Optional(subject('The in-person session. Default: the newest one')),
      method: Type.Optional(anyText),
      outcome: Type.Optional(anyText),
      decline_code: Type.Optional(anyText),
      as: stepName,
    },
    {
      description:
        'Pays at a terminal, as a customer does: the outcome is `succeeded`, `failed` or `abandoned`. `as` names the payment.',
    },
  ),
  mandate: Type.Object(
    { as: stepName, amount: Type.Optional(amount), upi_id: Type.Optional(anyText) },
    {
      additionalProperties: true,
      description:
        'Enrolls a mandate: creates a customer and an enrollment session, and approves the mandate with a UPI ID as the customer does. Default of `amount`: 1. The other fields are those of `mandate_details`; by default at most 5000.00 each month. `as` names the mandate.',
    },
  ),
  notify: Type.Object(
    { of: subject('The mandate'), as: stepName, amount },
    {
      additionalProperties: true,
      description:
        'Notifies the customer of a debit. The other fields are those of the request; the default of `execution_date` is tomorrow.',
    },
  ),
  execute: Type.Object(
    {
      of: subject('The mandate'),
      as: stepName,
      amount,
      notification: Type.Optional(
        subject(
          'The notification. Default: Paydesk notifies now, and debits 24 hours later; a daily mandate is debited at once',
        ),
      ),
      max_retry_count: Type.Optional(count),
    },
    {
      additionalProperties: true,
      description:
        'Debits a mandate by a new session. The other fields are those of the request. `as` names the payment.',
    },
  ),
  save_method: Type.Object(
    { of: subject('The customer'), as: stepName },
    {
      additionalProperties: true,
      description:
        'Saves a payment method of a customer of the US account, as a customer does with the form. The other fields are `type` (default: `card`), `card_name` and `last_four_digits`. `as` names the method.',
    },
  ),
  charge: Type.Object(
    {
      of: subject('The saved payment method'),
      as: stepName,
      amount,
      idempotency_key: idempotencyKey,
    },
    {
      additionalProperties: true,
      description:
        'Charges a saved payment method. The other fields are those of the request; the default of `currency` is USD. `as` names the payment.',
    },
  ),
  virtual_account: Type.Object(
    { as: stepName, idempotency_key: idempotencyKey },
    {
      additionalProperties: true,
      description: 'Opens a virtual account. The other fields are those of the create request.',
    },
  ),
  transfer_in: Type.Object(
    { of: subject('The virtual account'), as: stepName, amount },
    {
      additionalProperties: true,
      description:
        'Transfers money to a virtual account from another bank. The other fields are `mode`, `payer_name`, `payer_ifsc_code` and `utr`. `as` names the payment.',
    },
  ),
  advance: {
    ...duration,
    description: 'Advances the clock. Work that becomes due is done in order.',
  },
  set_clock: Type.String({
    description: 'Sets the clock to a later time.',
    'x-expected': 'a time such as 2026-01-01T09:30:00Z',
  }),
  freeze_clock: {
    ...literalTrue,
    description: 'Stops the clock. At the start of a scenario the clock is already stopped.',
  },
  run_clock: Type.Number({
    exclusiveMinimum: 0,
    maximum: 100_000,
    description: 'Starts the clock, at this number of sandbox seconds per real second.',
    'x-expected': 'a number above 0, at most 100000',
  }),
  fault: Type.Object(
    { as: stepName, effect: anyFields('an object such as {duplicate: true}') },
    {
      additionalProperties: true,
      description: 'Adds a fault, with the fields of the control API’s faults.',
    },
  ),
  clear_faults: Type.Union([literalTrue, subject('The fault')], {
    description: 'Deletes all faults, or the named one.',
    'x-expected': 'true, or the name of an earlier fault',
    'x-names-step': true,
  }),
  webhook: closedObject(
    {
      as: stepName,
      events: Type.Optional(
        Type.Array(anyText, { minItems: 1, 'x-expected': 'a list of event types' }),
      ),
      url: Type.Optional(
        Type.String({
          description: 'Your own receiver. Default: a built-in receiver, which keeps its webhooks.',
          'x-expected': 'a URL',
        }),
      ),
    },
    {
      description:
        'Registers a webhook endpoint. Default of `events`: all types of the real service.',
    },
  ),
  receiver: closedObject(
    {
      of: subject('The endpoint'),
      answers: Type.Union([httpStatus, Type.Literal('cut')], {
        description: 'A status, or `cut`, which ends the connection without an answer.',
        'x-expected': 'an HTTP status, or cut',
      }),
    },
    { description: 'Sets the answer of an endpoint’s built-in receiver from now on.' },
  ),
  event: closedObject(
    {
      as: stepName,
      type: anyText,
      id: Type.Optional(
        Type.Union([Type.String(), Type.Integer()], { 'x-expected': 'an id of 1 to 16 digits' }),
      ),
      data: Type.Optional(anyFields('an object of fields')),
    },
    { description: 'Sends a test event of any type of the real service.' },
  ),
  snapshot: Type.String({
    pattern: `^${NAME}$`,
    description: 'Takes a snapshot of the sandbox and its time.',
    'x-expected': 'a name',
  }),
  restore: Type.String({
    pattern: `^${NAME}$`,
    description:
      'Replaces the data and the time of the sandbox with those of a snapshot. Faults stay, and receivers keep their webhooks.',
    'x-expected': 'the name of a snapshot',
  }),
  call: closedObject(
    {
      as: stepName,
      method: anyText,
      path: Type.String({
        pattern: '^/',
        description: 'The path. Paths of the API begin with /api/v1.',
        'x-expected': 'a path such as /api/v1/payments',
      }),
      headers: Type.Optional(anyFields('an object of texts')),
      body: Type.Optional(anyFields('an object of fields')),
    },
    { description: 'Calls any path. A call to the API gets the access token and the account.' },
  ),
  expect: closedObject(
    Object.fromEntries(
      Object.entries(EXPECTATIONS).map(([name, one]) => [name, Type.Optional(one)]),
    ),
    {
      minProperties: 1,
      description:
        'Checks the state after all due work is done. Only the named fields of objects are compared; `null` expects a missing field.',
      'x-expected': `at least one of ${Object.keys(EXPECTATIONS).join(', ')}`,
    },
  ),
} as const satisfies Record<string, TSchema>

/** The kind of a step. */
export type StepKind = keyof typeof STEPS

/** A whole file, without the fields of its steps. */
export const ScenarioFile = closedObject({
  name: Type.String({
    minLength: 1,
    maxLength: 200,
    'x-expected': 'a text of 1 to 200 characters',
  }),
  description: Type.Optional(anyText),
  seed: Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Integer()], {
      'x-expected': 'a text of 1 to 100 characters',
    }),
  ),
  account: Type.Optional(
    Type.Union([Type.Literal('in'), Type.Literal('us')], { 'x-expected': 'in or us' }),
  ),
  steps: Type.Array(Type.Object({}, { additionalProperties: true, 'x-expected': 'a step' }), {
    minItems: 1,
    maxItems: 1_000,
    'x-expected': 'a list of 1 to 1000 steps',
  }),
})

/** The fields that every step can have beside its kind. */
export const StepOptions = closedObject({
  title: Type.Optional(anyText),
  repeat: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, 'x-expected': 'a whole number from 1 to 100' }),
  ),
})
