import { type Static, Type } from 'typebox'
import { type Account, editionTakes } from '../domain/account.ts'
import { looksLikeCardNumber } from '../domain/card-number.ts'
import { COUNTRY_CODES } from '../domain/country.ts'
import { type AccountId, parseAccountId } from '../domain/id.ts'
import {
  type AmountRefusal,
  type Currency,
  exponentOf,
  formatMoney,
  isCurrency,
  type Money,
  readAmount,
} from '../domain/money.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import { parsePaymentMethod } from '../domain/payment-method.ts'
import {
  ATTEMPT_COUNT_MAX,
  EXPIRES_IN_SECONDS,
  PAYMENT_SESSION_STATUSES,
  statusAt,
} from '../domain/payment-session.ts'
import type { Mode } from '../domain/scope.ts'
import type { PaymentSessionRequest } from '../operations/create-payment-session.ts'
import type { Page, PaymentSessionFilter, PaymentSessionRecord } from '../operations/ports.ts'
import { ApiError } from './errors.ts'
import { compileFields, decimalText, type FieldRules, kindOf, type Problem } from './read-fields.ts'
import type { JsonObject, JsonValue } from './read-json.ts'
import { amountIn, amountOut, envelope, line, paragraph, secondsOut } from './schemas.ts'

const URL_LENGTH_MAX = 2048
const checkoutUrl = (description: string) =>
  Type.String({
    maxLength: URL_LENGTH_MAX,
    description,
    'x-expected': `a URL of at most ${URL_LENGTH_MAX} characters`,
  })

const MetaData = Type.Array(
  Type.Object({
    key: line(20, 1),
    value: Type.Union([line(500), Type.Number()], {
      'x-expected': 'a text of at most 500 characters on one line, or a number',
    }),
  }),
  { maxItems: 5, description: 'Identifiers of yours, repeated in answers. Never card data.' },
)

const HostedParameters = Type.Object(
  {
    success_url: checkoutUrl(
      'Where the customer goes after paying. https; in a sandbox also http on loopback.',
    ),
    failure_url: checkoutUrl('Where the customer goes otherwise.'),
    description: Type.Optional(paragraph(500)),
    name: Type.Optional(line(100)),
    email: Type.Optional(
      Type.String({
        format: 'email',
        maxLength: 254,
        'x-expected': 'an e-mail address, such as asha@example.com',
      }),
    ),
    phone: Type.Optional(
      Type.String({ pattern: '^\\d{1,15}$', 'x-expected': 'a text of 1 to 15 digits' }),
    ),
    phone_country_code: Type.Optional(
      Type.String({ 'x-expected': 'an ISO 3166 country code of two capital letters, such as IN' }),
    ),
    udf1: Type.Optional(line(255)),
    udf2: Type.Optional(line(255)),
    udf3: Type.Optional(line(255)),
    udf4: Type.Optional(line(255)),
    udf5: Type.Optional(line(255)),
  },
  { description: 'What the hosted checkout page shows, prefills and returns to.' },
)

/**
 * The body of a create request. Its fields are checked in this order.
 *
 * Source: Zoho Payments API reference, payment session page IN (seen 2026-11-22).
 */
export const PaymentSessionCreateBody = Type.Object(
  {
    amount: amountIn('The amount to collect, in major units: 100.5 is ₹100.50.'),
    currency: Type.String({
      description: 'ISO 4217. Accounts of the IN edition take INR only.',
      examples: ['INR'],
      'x-expected': 'an ISO 4217 code in capital letters, such as INR',
    }),
    description: Type.Optional(paragraph(500)),
    expires_in: Type.Optional(
      Type.Integer({
        minimum: EXPIRES_IN_SECONDS.min,
        maximum: EXPIRES_IN_SECONDS.max,
        default: EXPIRES_IN_SECONDS.default,
        description: 'How long the session can be paid, in seconds.',
      }),
    ),
    max_retry_count: Type.Optional(
      Type.Integer({
        minimum: ATTEMPT_COUNT_MAX.min,
        maximum: ATTEMPT_COUNT_MAX.max,
        default: ATTEMPT_COUNT_MAX.default,
        description: 'How many payment attempts the session allows in all.',
      }),
    ),
    meta_data: Type.Optional(MetaData),
    invoice_number: Type.Optional(line(50)),
    reference_number: Type.Optional(line(50)),
    transfer_details: Type.Optional(
      Type.Array(
        Type.Object({
          connected_account_id: Type.Union(
            [Type.Integer({ minimum: 1 }), Type.String({ pattern: '^[1-9]\\d{0,15}$' })],
            { 'x-expected': 'the id of a connected account: a whole number, or a text of digits' },
          ),
          amount: amountIn('The part of the amount that goes to this account.'),
        }),
        { minItems: 1, maxItems: 20, description: 'Transfers to make when the payment succeeds.' },
      ),
    ),
    configurations: Type.Optional(
      Type.Object({
        allowed_payment_methods: Type.Optional(
          Type.Array(Type.String({ 'x-expected': 'the name of a payment method' }), {
            minItems: 1,
            uniqueItems: true,
            description:
              'IN: card, upi, netbanking, wallet, bank_transfer. US: card, ach_debit (or ach). Without it, all that the account has enabled.',
            'x-expected': 'a list of at least 1 payment method',
          }),
        ),
        hosted_page_parameters: Type.Optional(HostedParameters),
        hosted_checkout_parameters: Type.Optional(HostedParameters),
      }),
    ),
  },
  { title: 'PaymentSessionCreate' },
)

/** What the rules for a create request depend on. */
export type CreateContext = {
  readonly account: Account
  readonly mode: Mode
  /** Those of the accounts that the request names which are connected to the account. */
  readonly connectedAccounts: ReadonlySet<AccountId>
}

const invalid = (must: string): Problem => ({ code: 'invalid_parameter', must })

/** Reads as if in the currency with the most decimals, for an amount whose currency is wrong itself. */
const FINEST_CURRENCY: Currency = 'CLF'

function currencyOf(input: JsonObject): Currency | undefined {
  return typeof input.currency === 'string' && isCurrency(input.currency)
    ? input.currency
    : undefined
}

function amountProblem(value: JsonValue, input: JsonObject): Problem | undefined {
  const currency = currencyOf(input) ?? FINEST_CURRENCY
  const reading = readAmount(decimalText(value), currency)
  return 'refused' in reading ? invalid(amountSentence(reading.refused, currency)) : undefined
}

function amountSentence(refusal: AmountRefusal, currency: Currency): string {
  switch (refusal) {
    case 'not_a_decimal':
    case 'not_positive':
      return 'must be a positive amount in major units, such as 100.50'
    case 'too_many_decimals':
      return `must have at most ${exponentOf(currency)} digits after the decimal point in ${currency}; it is not rounded`
    case 'too_large':
      return `must be at most ${formatMoney({ amountMinor: 10n ** 12n, currency })} ${currency}`
  }
}

function urlProblem(value: JsonValue, { mode }: CreateContext): Problem | undefined {
  const text = value as string
  // The platform's parser would silently drop blanks and control characters.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u0020\u007f\\]/.test(text) || !URL.canParse(text)) {
    return invalid('must be a complete URL, such as https://example.com/return')
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    return invalid('must not contain a user name or password')
  }
  const isLoopbackInSandbox = mode === 'sandbox' && isLoopback(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackInSandbox)) {
    return invalid(
      mode === 'sandbox'
        ? 'must begin with https://, or with http:// when the host is localhost or a loopback address'
        : 'must begin with https://',
    )
  }
  return undefined
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}

const HOSTED = [
  'configurations.hosted_page_parameters',
  'configurations.hosted_checkout_parameters',
]

const hostedRules: FieldRules<CreateContext> = Object.fromEntries(
  HOSTED.flatMap((path) => [
    [`${path}.success_url`, urlProblem],
    [`${path}.failure_url`, urlProblem],
    [
      `${path}.phone_country_code`,
      (value: JsonValue) =>
        COUNTRY_CODES.has(value as string)
          ? undefined
          : invalid(
              `must be an ISO 3166 country code of two capital letters, such as IN, but it is ${kindOf(value)}`,
            ),
    ],
  ]),
)

const CREATE_RULES: FieldRules<CreateContext> = {
  amount: (value, _context, input) => amountProblem(value, input),

  currency: (value, { account }) => {
    const currency = value as string
    if (!isCurrency(currency)) {
      return {
        code: 'invalid_currency',
        must: `must be an ISO 4217 code in capital letters, such as INR, but it is ${kindOf(value)}`,
      }
    }
    return editionTakes(account.edition, currency)
      ? undefined
      : {
          code: 'currency_not_supported_for_payment',
          must: `must be INR: accounts of the ${account.edition} edition take no other currency, and it is ${currency}`,
        }
  },

  'meta_data[].value': (value) =>
    typeof value === 'string' || value === null
      ? cardNumberProblem(value ?? '')
      : cardNumberProblem(decimalText(value)),

  'transfer_details[].connected_account_id': (value, { connectedAccounts }) =>
    connectedAccounts.has(decimalText(value) as AccountId)
      ? undefined
      : {
          code: 'resource_does_not_exist',
          must: 'must be the id of an account connected to this account',
        },

  'transfer_details[].amount': (value, _context, input) => amountProblem(value, input),

  transfer_details: (value, _context, input) => {
    const currency = currencyOf(input) ?? FINEST_CURRENCY
    const total = (value as readonly JsonObject[]).reduce(
      (sum, { amount }) => sum + minorOf(amount as JsonValue, currency),
      0n,
    )
    const amountMinor = minorOf(input.amount as JsonValue, currency)
    return total <= amountMinor
      ? undefined
      : invalid(
          `must add up to at most the amount ${formatMoney({ amountMinor, currency })}, but add up to ${formatMoney({ amountMinor: total, currency })}`,
        )
  },

  'configurations.allowed_payment_methods[]': (value, { account }) => {
    const method = parsePaymentMethod(value as string)
    return method !== undefined && account.paymentMethods.includes(method)
      ? undefined
      : {
          code: 'payment_method_type_not_supported',
          must: `must be a payment method that the account has enabled (${account.paymentMethods.join(', ')}), but it is ${kindOf(value)}`,
        }
  },

  'configurations.allowed_payment_methods': (value) =>
    new Set((value as readonly string[]).map(parsePaymentMethod)).size ===
    (value as readonly string[]).length
      ? undefined
      : invalid('must name each payment method once, and ach is another name of ach_debit'),

  'configurations.hosted_checkout_parameters': (_value, _context, input) =>
    ((input.configurations as JsonObject).hosted_page_parameters ?? null) === null
      ? undefined
      : invalid('is another name of hosted_page_parameters: send one of the two'),

  ...hostedRules,
}

function cardNumberProblem(text: string): Problem | undefined {
  return looksLikeCardNumber(text)
    ? invalid('must not be a card number: send card data to the checkout page only')
    : undefined
}

function minorOf(value: JsonValue, currency: Currency): bigint {
  const reading = readAmount(decimalText(value), currency)
  return 'refused' in reading ? 0n : reading.amountMinor
}

const readCreateFields = compileFields(PaymentSessionCreateBody, CREATE_RULES)

/** Gives the connected accounts that a create request names, as far as they can be ids. */
export function connectedAccountsNamed(body: JsonValue): readonly AccountId[] {
  const details = (body as JsonObject | null)?.transfer_details
  if (!Array.isArray(details)) return []
  const ids = (details as readonly JsonValue[])
    .slice(0, 20)
    .map((detail) =>
      parseAccountId(decimalText((detail as JsonObject | null)?.connected_account_id ?? '')),
    )
  return ids.filter((id) => id !== undefined)
}

/** Reads a create request's body. Throws ApiError for the first field that is wrong. */
export function parsePaymentSessionCreate(
  body: JsonValue,
  context: CreateContext,
): PaymentSessionRequest {
  const fields = readCreateFields(body, context)
  const currency = fields.currency as Currency
  const amount: Money = { amountMinor: minorOf(fields.amount as JsonValue, currency), currency }
  const configurations = fields.configurations as JsonObject | undefined

  return {
    accountId: context.account.id,
    amount,
    expiresInSeconds: (fields.expires_in ?? EXPIRES_IN_SECONDS.default) as number,
    attemptCountMax: (fields.max_retry_count ?? ATTEMPT_COUNT_MAX.default) as number,
    ...(fields.invoice_number !== undefined && { invoiceNumber: fields.invoice_number as string }),
    ...(fields.reference_number !== undefined && {
      referenceNumber: fields.reference_number as string,
    }),
    echoedJson: JSON.stringify(inOrder(ECHOED, { ...fields, ...metaDataOut(fields) })),
    ...(configurations !== undefined && {
      configurationsJson: JSON.stringify(configurationsOut(configurations)),
    }),
    ...(fields.transfer_details !== undefined && {
      transferDetailsJson: JSON.stringify(
        (fields.transfer_details as readonly JsonObject[]).map((detail) => ({
          connected_account_id: decimalText(detail.connected_account_id as JsonValue),
          amount_minor: String(minorOf(detail.amount as JsonValue, currency)),
        })),
      ),
    }),
  }
}

/** A number as a value becomes its text, for clients that send an order's number as it is. */
function metaDataOut(fields: JsonObject): JsonObject {
  if (fields.meta_data === undefined) return {}
  const entries = fields.meta_data as readonly JsonObject[]
  return {
    meta_data: entries.map(({ key, value }) => ({
      key: key as string,
      value: decimalText(value as JsonValue),
    })),
  }
}

// Answers repeat fields in the order of the reference's samples, whatever the order of the request.
const ECHOED = ['meta_data', 'description', 'invoice_number', 'reference_number', 'max_retry_count']
const HOSTED_ECHOED = [
  ...['phone_country_code', 'phone', 'name', 'email', 'description', 'success_url', 'failure_url'],
  ...['udf1', 'udf2', 'udf3', 'udf4', 'udf5'],
]

function configurationsOut(configurations: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(configurations).map(([name, value]) => [
      name,
      name === 'allowed_payment_methods' ? value : inOrder(HOSTED_ECHOED, value as JsonObject),
    ]),
  )
}

function inOrder(names: readonly string[], fields: JsonObject): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  )
}

const echoed = {
  meta_data: Type.Optional(Type.Array(Type.Object({ key: Type.String(), value: Type.String() }))),
  description: Type.Optional(Type.String()),
  invoice_number: Type.Optional(Type.String()),
  reference_number: Type.Optional(Type.String()),
  max_retry_count: Type.Optional(Type.Integer()),
}
const configurationsOutSchema = Type.Optional(
  Type.Object(
    {},
    { additionalProperties: true, description: 'As it was sent, without unknown fields.' },
  ),
)
const idOut = Type.String({ pattern: '^\\d{1,16}$', examples: ['2000000012001'] })

/** The answer to a create request: the session with its access key, and without a status. */
export const PaymentSessionCreated = envelope(
  'payments_session',
  Type.Object({
    payments_session_id: idOut,
    currency: Type.String(),
    amount: amountOut('With exactly the decimals of the currency.'),
    created_time: secondsOut('When the session was created.'),
    expiry_time: secondsOut('From when on it cannot be paid.'),
    ...echoed,
    access_key: Type.String({
      description: 'Opens the hosted checkout: /hostedcheckout/{access_key}.',
    }),
    configurations: configurationsOutSchema,
  }),
)

const Status = Type.Enum([...PAYMENT_SESSION_STATUSES])

const listed = {
  payments_session_id: idOut,
  currency: Type.String(),
  amount: amountOut('With exactly the decimals of the currency.'),
  status: Status,
  created_time: secondsOut('When the session was created.'),
  expiry_time: secondsOut('From when on it cannot be paid.'),
}

/** The answer to a retrieve request: the session with its status and attempts. */
export const PaymentSessionRetrieved = envelope(
  'payments_session',
  Type.Object({
    ...listed,
    payments: Type.Array(
      Type.Object({
        payment_id: idOut,
        status: Type.String(),
        created_time: secondsOut('When the attempt began.'),
      }),
      { description: 'The payment attempts, newest first: a success is the first one.' },
    ),
    ...echoed,
    configurations: configurationsOutSchema,
  }),
)

/** The answer to a list request. Ours: the real API has no list of sessions. */
export const PaymentSessionsListed = Type.Object({
  code: Type.Literal(0),
  message: Type.Literal('success'),
  payments_sessions: Type.Array(
    Type.Object({ ...listed, ...echoed, configurations: configurationsOutSchema }),
  ),
  page_context: Type.Object({
    page: Type.Integer(),
    per_page: Type.Integer(),
    total: Type.Integer(),
    total_pages: Type.Integer(),
    has_more_page: Type.Boolean(),
  }),
})

/** Renders a create answer's body. */
export function renderCreated(session: PaymentSessionRecord, accessKey: string): string {
  return `{"code":0,"message":"success","payments_session":{${ids(session)},${times(session)}${echo(session)},"access_key":"${accessKey}"${configurations(session)}}}`
}

/** Renders a retrieve answer's body. `attempts` are newest first. */
export function renderRetrieved(
  session: PaymentSessionRecord,
  attempts: readonly PaymentAttempt[],
  nowMs: number,
): string {
  const payments = attempts.map(
    ({ id, status, createdAtMs }) =>
      `{"payment_id":"${id}","status":"${status}","created_time":${seconds(createdAtMs)}}`,
  )
  return `{"code":0,"message":"success","payments_session":{${ids(session)},"status":"${statusAt(session, nowMs)}",${times(session)},"payments":[${payments.join(',')}]${echo(session)}${configurations(session)}}}`
}

/** Renders a list answer's body. */
export function renderListed(
  sessions: readonly PaymentSessionRecord[],
  { page, perPage }: Page,
  total: number,
  nowMs: number,
): string {
  const rows = sessions.map(
    (session) =>
      `{${ids(session)},"status":"${statusAt(session, nowMs)}",${times(session)}${echo(session)}${configurations(session)}}`,
  )
  const pageCount = Math.ceil(total / perPage)
  const context = {
    page,
    per_page: perPage,
    total,
    total_pages: pageCount,
    has_more_page: page < pageCount,
  }
  return `{"code":0,"message":"success","payments_sessions":[${rows.join(',')}],"page_context":${JSON.stringify(context)}}`
}

// The stored texts are JSON objects that were written here, so parts of them can be sent as they are.

function ids({ id, amount }: PaymentSessionRecord): string {
  return `"payments_session_id":"${id}","currency":"${amount.currency}","amount":"${formatMoney(amount)}"`
}

function times({ createdAtMs, expiresAtMs }: PaymentSessionRecord): string {
  return `"created_time":${seconds(createdAtMs)},"expiry_time":${seconds(expiresAtMs)}`
}

function echo({ echoedJson }: PaymentSessionRecord): string {
  return echoedJson === '{}' ? '' : `,${echoedJson.slice(1, -1)}`
}

function configurations({ configurationsJson }: PaymentSessionRecord): string {
  return configurationsJson === undefined ? '' : `,"configurations":${configurationsJson}`
}

/**
 * Renders `created_time` and `expiry_time`: whole seconds since 1970. The reference's text says
 * milliseconds in one place, all its samples are seconds; we follow the samples.
 */
function seconds(atMs: number): number {
  return Math.floor(atMs / 1000)
}

const PAGE_MAX = 1_000_000
const PER_PAGE_DEFAULT = 25
const PER_PAGE_MAX = 200
const wholeNumber = (max: number) =>
  Type.String({ pattern: '^[1-9]\\d{0,6}$', 'x-expected': `a whole number from 1 to ${max}` })
const date = (description: string) =>
  Type.String({ format: 'date', description, 'x-expected': 'a date, such as 2026-11-22' })

/** The query of a list request. Dates are days in UTC, both included. */
export const PaymentSessionListQuery = Type.Object({
  status: Type.Optional(Status),
  reference_number: Type.Optional(line(50)),
  invoice_number: Type.Optional(line(50)),
  from_date: Type.Optional(date('The first day, in UTC.')),
  to_date: Type.Optional(date('The last day, in UTC.')),
  page: Type.Optional(wholeNumber(PAGE_MAX)),
  per_page: Type.Optional(wholeNumber(PER_PAGE_MAX)),
})

const upTo = (max: number) => (value: JsonValue) =>
  Number(value) <= max ? undefined : invalid(`must be a whole number from 1 to ${max}`)

const readListFields = compileFields(
  PaymentSessionListQuery,
  { page: upTo(PAGE_MAX), per_page: upTo(PER_PAGE_MAX) },
  'The query',
)

const DAY_MS = 24 * 60 * 60_000

/** Reads a list request's query. Throws ApiError for the first parameter that is wrong. */
export function parsePaymentSessionList(query: JsonObject): {
  readonly filter: PaymentSessionFilter
  readonly page: Page
} {
  const fields = readListFields(query, undefined) as Static<typeof PaymentSessionListQuery>
  const createdFromMs = fields.from_date === undefined ? undefined : Date.parse(fields.from_date)
  const createdToMs = fields.to_date === undefined ? undefined : Date.parse(fields.to_date) + DAY_MS
  if (createdFromMs !== undefined && createdToMs !== undefined && createdFromMs >= createdToMs) {
    throw new ApiError('invalid_parameter', 'to_date', 'to_date must not be before from_date.')
  }
  return {
    filter: {
      ...(fields.status !== undefined && { status: fields.status }),
      ...(fields.reference_number !== undefined && { referenceNumber: fields.reference_number }),
      ...(fields.invoice_number !== undefined && { invoiceNumber: fields.invoice_number }),
      ...(createdFromMs !== undefined && { createdFromMs }),
      ...(createdToMs !== undefined && { createdToMs }),
    },
    page: {
      page: Number(fields.page ?? 1),
      perPage: Number(fields.per_page ?? PER_PAGE_DEFAULT),
    },
  }
}
