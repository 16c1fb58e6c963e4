import { type TSchema, Type } from 'typebox'
import { ATTEMPT_PATTERN } from './parse-attempt.ts'

/** A value of an earlier step, such as `${order.payments_session_id}`. */
const REFERENCE = '\\$\\{[^}]+\\}'
const NAME = '[A-Za-z][\\w-]{0,39}'

const as = Type.Optional(
  Type.String({
    pattern: `^${NAME}$`,
    description: 'The name by which later steps know what came of this one.',
    'x-expected': 'a name of letters, digits, - and _ that begins with a letter',
  }),
)
const of = (what: string) =>
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
const text = Type.String({ 'x-expected': 'a text' })
const idempotencyKey = Type.Optional(
  Type.String({ description: 'Sent as Idempotency-Key.', 'x-expected': 'a text' }),
)
const fields = (expected: string) =>
  Type.Object({}, { additionalProperties: true, 'x-expected': expected })
const status = Type.Integer({ minimum: 100, maximum: 599, 'x-expected': 'an HTTP status' })
const count = Type.Integer({
  minimum: 0,
  maximum: 10_000,
  'x-expected': 'a whole number from 0 to 10000',
})
const duration = Type.Union([Type.String(), Type.Integer({ minimum: 0 })], {
  'x-expected': 'a length of time such as 2d, 1h30m or 90s',
})
const closed = <Fields extends Record<string, TSchema>>(
  of: Fields,
  more: Record<string, unknown> = {},
) => Type.Object(of, { additionalProperties: false, ...more })
const open = <Fields extends Record<string, TSchema>>(of: Fields, description: string) =>
  Type.Object(of, { additionalProperties: true, description })
const object = (noun: string) =>
  open({ of: of(`Which ${noun}`) }, `The fields of the ${noun}, as the API gives it now.`)
const yes = Type.Literal(true, { 'x-expected': 'true' })

const Attempt = Type.Union(
  [
    Type.String({ pattern: ATTEMPT_PATTERN }),
    closed({
      method: text,
      outcome: text,
      decline_code: Type.Optional(text),
      after: Type.Optional(duration),
    }),
  ],
  {
    'x-expected':
      'a text such as upi:succeeded, card:insufficient_funds or netbanking:succeeded@12m, or an object with method and outcome',
  },
)

/** What can be expected. Each is checked by itself. The reference page is printed from these. */
export const EXPECTATIONS = {
  answer: closed(
    {
      status: Type.Optional(status),
      code: Type.Optional(Type.Union([Type.String(), Type.Integer()])),
      field: Type.Optional(text),
      lost: Type.Optional(yes),
      body: Type.Optional(fields('an object of fields')),
    },
    {
      description:
        'What the step before was answered. A refusal that is expected so is no failure.',
    },
  ),
  session: open(
    {
      of: of('Which session'),
      status: Type.Optional(text),
      payment_statuses: Type.Optional(
        Type.Array(text, { description: 'Of its payments, oldest first.', 'x-expected': 'a list' }),
      ),
    },
    'The fields of the session, as the API gives it now.',
  ),
  payment: object('payment'),
  refund: object('refund'),
  transfer: object('transfer'),
  webhook: object('endpoint'),
  events: closed(
    {
      at: of('Which endpoint'),
      are: Type.Optional(
        Type.Array(text, { description: 'Their types.', 'x-expected': 'a list of event types' }),
      ),
      order: Type.Optional(
        Type.Union([Type.Literal('exact'), Type.Literal('any')], {
          description: '`exact`, unless it is said otherwise.',
          'x-expected': 'exact or any',
        }),
      ),
      of: Type.Optional(of('Only those about this session')),
      type: Type.Optional(text),
      count: Type.Optional(count),
      distinct: Type.Optional(count),
      taken: Type.Optional(count),
      genuine: Type.Optional(count),
    },
    {
      description:
        'What the built-in receiver was sent so far, repetitions with it: `distinct` counts ids, `taken` those that were answered with a 2xx, `genuine` those with a right signature.',
    },
  ),
  ledger: Type.Object(
    { agrees: Type.Optional(Type.Boolean({ 'x-expected': 'true or false' })) },
    {
      description:
        'The books have to agree with the payments, unless `agrees` is false. Other fields are balances of the account by the names of the books: `merchant`, `fees`, `taxes`, `processor`, `customers`, `connected_account/23137557`; with the currency behind it where there are several: `processor USD`.',
      additionalProperties: Type.Union([Type.Number(), Type.String()], {
        'x-expected': 'an amount such as 1464.50',
      }),
    },
  ),
  get: closed(
    { path: text, is: fields('an object of fields') },
    { description: 'The fields of what a path gives.' },
  ),
} as const

/** Every kind of step: what it takes, and what it does. The reference page is printed from these. */
export const STEPS = {
  session: Type.Object(
    { as, idempotency_key: idempotencyKey },
    {
      additionalProperties: true,
      description: 'Makes a payment session. The other fields are those of a create request.',
    },
  ),
  attempts: closed(
    {
      of: of('Which session'),
      as,
      play: Type.Array(Attempt, { minItems: 1, maxItems: 5, 'x-expected': 'a list of 1 to 5' }),
      together: Type.Optional(yes),
    },
    {
      description:
        'Plays attempts on a session, one after the other, as customers would: `method:outcome`, with `succeeded`, `failed`, `pending` or a decline code as outcome; `@12m` behind it is how long the bank takes. `together`: the webhooks of one are not waited for before the next. `as` names the last payment.',
    },
  ),
  pay_link: Type.Object(
    { of: of('Which session'), as },
    {
      additionalProperties: true,
      description:
        'Opens the session’s checkout page and sends its form as a browser does. The other fields are the form’s, such as `method: upi`, `upi_channel: collect`, `upi_id: success@paydesk`.',
    },
  ),
  expire: of('Ends a session’s time to be paid, now.'),
  cancel: of('Cancels a session, by the API.'),
  refund: Type.Object(
    {
      of: of('Which payment, or the newest of which session'),
      as,
      idempotency_key: idempotencyKey,
      amount,
    },
    { additionalProperties: true, description: 'Asks for a refund.' },
  ),
  transfer: closed(
    {
      of: of('Which payment, or the newest of which session'),
      as,
      idempotency_key: idempotencyKey,
      split: Type.Array(
        closed({
          connected_account_id: Type.Union([Type.String(), Type.Integer()], {
            'x-expected': 'the id of a connected account',
          }),
          amount,
          description: Type.Optional(text),
        }),
        { minItems: 1, 'x-expected': 'a list of parts' },
      ),
    },
    { description: 'Passes parts of a payment on to connected accounts.' },
  ),
  reverse: closed(
    {
      of: of('Which transfer; of several parts the first'),
      as,
      idempotency_key: idempotencyKey,
      amount,
      description: Type.Optional(text),
    },
    { description: 'Takes a transfer back, or a part of it.' },
  ),
  advance: {
    ...duration,
    description: 'Moves the clock on. What falls due on the way happens in its order.',
  },
  set_clock: Type.String({
    description: 'Sets the clock to a later time.',
    'x-expected': 'a time such as 2026-01-01T09:30:00Z',
  }),
  freeze_clock: { ...yes, description: 'Lets the clock stand still, as it does at the start.' },
  run_clock: Type.Number({
    exclusiveMinimum: 0,
    maximum: 100_000,
    description: 'Lets the clock run, so much faster than the real one.',
    'x-expected': 'a number above 0, at most 100000',
  }),
  fault: Type.Object(
    { as, effect: fields('an object such as {duplicate: true}') },
    {
      additionalProperties: true,
      description: 'Makes something go wrong, by the fields of the control API’s faults.',
    },
  ),
  clear_faults: Type.Union([yes, of('Which fault')], {
    description: 'Ends all faults, or the one that is named.',
    'x-expected': 'true, or the name of an earlier fault',
    'x-names-step': true,
  }),
  webhook: closed(
    {
      as,
      events: Type.Optional(
        Type.Array(text, { minItems: 1, 'x-expected': 'a list of event types' }),
      ),
      url: Type.Optional(
        Type.String({
          description: 'Your own receiver. Without it one is started that keeps what it is sent.',
          'x-expected': 'a URL',
        }),
      ),
    },
    { description: 'Registers a webhook endpoint; without `events` for all that happen here.' },
  ),
  receiver: closed(
    {
      of: of('Which endpoint'),
      answers: Type.Union([status, Type.Literal('cut')], {
        description: 'A status; `cut` ends the connection without an answer.',
        'x-expected': 'an HTTP status, or cut',
      }),
    },
    { description: 'Says what the built-in receiver of an endpoint answers from now on.' },
  ),
  event: closed(
    {
      as,
      type: text,
      id: Type.Optional(
        Type.Union([Type.String(), Type.Integer()], { 'x-expected': 'an id of 1 to 16 digits' }),
      ),
      data: Type.Optional(fields('an object of fields')),
    },
    { description: 'Sends an event of any type, which nothing has caused.' },
  ),
  snapshot: Type.String({
    pattern: `^${NAME}$`,
    description: 'Keeps all that the sandbox holds, and its time, under a name.',
    'x-expected': 'a name',
  }),
  restore: Type.String({
    pattern: `^${NAME}$`,
    description:
      'Puts a snapshot in the place of all that the sandbox holds. Receivers keep what they have.',
    'x-expected': 'the name of a snapshot',
  }),
  call: closed(
    {
      as,
      method: text,
      path: Type.String({
        pattern: '^/',
        description: 'Below the server’s address. The API’s begin with /api/v1.',
        'x-expected': 'a path such as /api/v1/payments',
      }),
      headers: Type.Optional(fields('an object of texts')),
      body: Type.Optional(fields('an object of fields')),
    },
    { description: 'Calls any path with the access token and, for the API, the account.' },
  ),
  expect: closed(
    Object.fromEntries(
      Object.entries(EXPECTATIONS).map(([name, one]) => [name, Type.Optional(one)]),
    ),
    {
      minProperties: 1,
      description:
        'Says what has to be so, once all that is due has been done. Of objects the named fields are compared; `null` is a field that is not there.',
      'x-expected': `at least one of ${Object.keys(EXPECTATIONS).join(', ')}`,
    },
  ),
} as const satisfies Record<string, TSchema>

/** The kind of a step. */
export type StepKind = keyof typeof STEPS

/** A whole file, but for what its steps hold. */
export const ScenarioFile = closed({
  name: Type.String({
    minLength: 1,
    maxLength: 200,
    'x-expected': 'a text of 1 to 200 characters',
  }),
  description: Type.Optional(text),
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

/** What any step can have beside its kind. */
export const StepOptions = closed({
  title: Type.Optional(text),
  repeat: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, 'x-expected': 'a whole number from 1 to 100' }),
  ),
})
