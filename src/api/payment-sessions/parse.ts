import type { Static } from 'typebox'
import { type Account, editionTakes } from '../../domain/account.ts'
import { COUNTRY_CODES } from '../../domain/country.ts'
import type { AccountId } from '../../domain/id.ts'
import { isLocalHost } from '../../domain/local-host.ts'
import { type Currency, formatMoney, isCurrency, type Money } from '../../domain/money.ts'
import { type Edition, parsePaymentMethod } from '../../domain/payment-method.ts'
import {
  ATTEMPT_COUNT_MAX,
  EXPIRES_IN_SECONDS,
  type PaymentSessionStatus,
} from '../../domain/payment-session.ts'
import { dialingCodeOf, readPhone } from '../../domain/phone.ts'
import { parameterIn, RETURN_PARAMETERS } from '../../domain/return-parameters.ts'
import type { Mode } from '../../domain/scope.ts'
import type { PaymentSessionRequest } from '../../operations/draw-payment-session.ts'
import type { Page, PaymentSessionFilter } from '../../operations/store.ts'
import { connectedAccountProblem } from '../connected-accounts/read-connected-accounts.ts'
import { META_DATA_RULES, metaDataOf } from '../meta-data-fields.ts'
import { amountProblem, invalid, minorOf } from '../read-amount.ts'
import { DAY_RULES, readDays } from '../read-days.ts'
import {
  compileFields,
  decimalText,
  type FieldRule,
  type FieldRules,
  kindOf,
  type Problem,
} from '../read-fields.ts'
import type { JsonObject, JsonValue } from '../read-json.ts'
import { PAGE_RULES, readPage } from '../read-page.ts'
import {
  PaymentSessionCreateBody,
  PaymentSessionListQuery,
  PHONE_EXPECTED,
  SESSION_STATUS_WORDS,
} from './schemas.ts'

/** What the rules for a create request depend on. */
export type CreateContext = {
  readonly account: Account
  readonly mode: Mode
  /** Those of the accounts that the request names which are connected to the account. */
  readonly connectedAccounts: ReadonlySet<AccountId>
}

/** Reads as if in the currency with the most decimals, for an amount whose currency is wrong itself. */
const FINEST_CURRENCY: Currency = 'CLF'

function currencyOf(input: JsonObject): Currency | undefined {
  return typeof input.currency === 'string' && isCurrency(input.currency)
    ? input.currency
    : undefined
}

/** A scheme and a host as they are written out: browsers read `https:a.b` as a path of the page they are on. */
const WITH_HOST = /^[a-z]+:\/\/[^/@?#]/i

function urlProblem(value: JsonValue, { mode }: CreateContext): Problem | undefined {
  const text = value as string
  // The platform's parser would silently drop blanks and control characters.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\u0000-\u0020\u007f\\]/.test(text) || !WITH_HOST.test(text) || !URL.canParse(text)) {
    return invalid(
      `must be a complete URL, such as https://example.com/return, but it is ${kindOf(value)}`,
    )
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    return invalid('must not contain a user name or password')
  }
  const takesHttp = mode === 'sandbox' && isLocalHost(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && takesHttp)) {
    return invalid(
      mode === 'sandbox'
        ? 'must begin with https://, or with http:// when the host is in the local network (localhost, 192.168.1.20, shop.test, a name without a dot)'
        : 'must begin with https://',
    )
  }
  // Beside a parameter of ours the signature could not be checked: which of the two does a shop read?
  const parameter = parameterIn(text, RETURN_PARAMETERS)
  return parameter === undefined
    ? undefined
    : invalid(
        `must not have a parameter ${parameter}, in any spelling that web frameworks take for it: Paydesk adds its own ${parameter} when the customer returns`,
      )
}

const HOSTED = ['hosted_page_parameters', 'hosted_checkout_parameters']

const hostedRules: FieldRules<CreateContext> = Object.fromEntries(
  HOSTED.flatMap((name): [string, FieldRule<CreateContext>][] => {
    const path = `configurations.${name}`
    return [
      [`${path}.success_url`, urlProblem],
      [`${path}.failure_url`, urlProblem],
      [`${path}.phone`, phoneProblem],
      [
        `${path}.phone_country_code`,
        (value, _context, { configurations }) =>
          countryProblem(value, (configurations as Record<string, JsonObject>)[name]?.phone),
      ],
    ]
  }),
)

function phoneProblem(value: JsonValue): Problem | undefined {
  const read = readPhone(value as string)
  if (!('refused' in read)) return undefined
  return read.refused === 'no_number'
    ? invalid(`must be ${PHONE_EXPECTED}, but it is ${kindOf(value)}`)
    : invalid('must begin with a dialing code that exists, such as +91, where it begins with +')
}

/** `phone` was checked before. */
function countryProblem(value: JsonValue, phone: JsonValue | undefined): Problem | undefined {
  const country = value as string
  if (!COUNTRY_CODES.has(country)) {
    return invalid(
      `must be an ISO 3166 country code of two capital letters, such as IN, but it is ${kindOf(value)}`,
    )
  }
  const read = typeof phone === 'string' ? readPhone(phone, country) : undefined
  if (read === undefined || 'refused' in read) return undefined
  const ofCountry = dialingCodeOf(country)
  return ofCountry === undefined || read.dialingCode === ofCountry
    ? undefined
    : invalid(
        `must be a country of the dialing code ${read.dialingCode}, with which phone begins, but it is ${country} with ${ofCountry}`,
      )
}

const CREATE_RULES: FieldRules<CreateContext> = {
  // A request for a mandate or a terminal must not become an ordinary session.
  type: (value) =>
    invalid(
      `must be left out: only sessions for one payment are served here, no session of a type, and it is ${kindOf(value)}`,
    ),

  amount: (value, _context, input) => amountProblem(value, currencyOf(input) ?? FINEST_CURRENCY),

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

  ...META_DATA_RULES,

  'transfer_details[].connected_account_id': (value, { connectedAccounts }) =>
    connectedAccountProblem(value, connectedAccounts),

  'transfer_details[].amount': (value, _context, input) =>
    amountProblem(value, currencyOf(input) ?? FINEST_CURRENCY),

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

const readCreateFields = compileFields(PaymentSessionCreateBody, CREATE_RULES)

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
    echoedJson: JSON.stringify(inOrder(ECHOED, { ...fields, ...metaDataOf(fields) })),
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

// Answers repeat fields in the order of the reference's samples, whatever the order of the request.
const ECHOED = ['meta_data', 'description', 'invoice_number', 'reference_number', 'max_retry_count']
const HOSTED_ECHOED = [
  'phone_country_code',
  'phone',
  'name',
  'email',
  'description',
  'success_url',
  'failure_url',
  'udf1',
  'udf2',
  'udf3',
  'udf4',
  'udf5',
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
  const ordered: Record<string, JsonValue> = {}
  for (const name of names) {
    const value = fields[name]
    if (value !== undefined) ordered[name] = value
  }
  return ordered
}

const readListFields = compileFields(
  PaymentSessionListQuery,
  { ...PAGE_RULES, ...DAY_RULES },
  'The query',
)

/** Reads a list request's query. Throws ApiError for the first parameter that is wrong. */
export function parsePaymentSessionList(
  query: JsonObject,
  edition: Edition,
): {
  readonly filter: PaymentSessionFilter
  readonly page: Page
} {
  const fields = readListFields(query, undefined) as Static<typeof PaymentSessionListQuery>
  // Days first: of several mistakes the first in the documentation's order is named.
  const days = readDays(fields, edition)
  const { status } = fields
  return {
    page: readPage(fields as JsonObject),
    filter: {
      ...(status !== undefined && { status: statusFrom(status) }),
      ...(fields.reference_number !== undefined && { referenceNumber: fields.reference_number }),
      ...(fields.invoice_number !== undefined && { invoiceNumber: fields.invoice_number }),
      ...days,
    },
  }
}

/** Gives the status that a word of a list's query means. */
function statusFrom(
  word: PaymentSessionStatus | keyof typeof SESSION_STATUS_WORDS,
): PaymentSessionStatus {
  return word in SESSION_STATUS_WORDS
    ? SESSION_STATUS_WORDS[word as keyof typeof SESSION_STATUS_WORDS]
    : (word as PaymentSessionStatus)
}
