/** Schemas and rules of fields that payment sessions and payment links share. */
import { type Account, editionTakes } from '../domain/account.ts'
import { isLocalHost } from '../domain/local-host.ts'
import { type Currency, isCurrency } from '../domain/money.ts'
import { parsePaymentMethod, REQUESTED_METHODS } from '../domain/payment-method.ts'
import { parameterIn } from '../domain/return-parameters.ts'
import type { Mode } from '../domain/scope.ts'
import { isObject, kindOf, Problem } from './read-fields.ts'
import type { JsonValue } from './read-json.ts'
import { extensibleText } from './schemas.ts'
import { Type } from './type.ts'

const URL_LENGTH_MAX = 2048

/** Makes the schema of the URL of a merchant's page, to which customers return. */
export function returnUrlIn(description: string) {
  return Type.String({
    maxLength: URL_LENGTH_MAX,
    description,
    'x-expected': `a URL of at most ${URL_LENGTH_MAX} characters`,
  })
}

/** The payment methods that a request allows. */
export const allowedMethods = Type.Array(
  extensibleText(REQUESTED_METHODS, { 'x-expected': 'the name of a payment method' }),
  {
    minItems: 1,
    uniqueItems: true,
    description:
      'IN: card, upi, netbanking, wallet, bank_transfer. US: card, ach_debit (or ach). Default: all methods that the account has enabled.',
    'x-expected': 'a list of at least 1 payment method',
  },
)

/** The currency with the most decimals. An amount is read in this currency if the currency of the request is wrong. */
const FINEST_CURRENCY: Currency = 'CLF'

/**
 * Returns the currency in which the amounts of a body are read, before the field `currency` is checked: the schema has
 * it after the amount.
 */
export function currencyIn(body: JsonValue): Currency {
  const text = isObject(body) ? body.currency : undefined
  return typeof text === 'string' && isCurrency(text) ? text : FINEST_CURRENCY
}

/** Reads the currency of a request. */
export function readCurrency(
  text: string,
  { account: { edition } }: { readonly account: Pick<Account, 'edition'> },
): Currency | Problem {
  if (!isCurrency(text)) {
    return new Problem(
      `must be an ISO 4217 code in capital letters, such as INR, but it is ${kindOf(text)}`,
      'invalid_currency',
    )
  }
  return editionTakes(edition, text)
    ? text
    : new Problem(
        `must be INR: accounts of the ${edition} edition accept no other currency, but it is ${text}`,
        'currency_not_supported_for_payment',
      )
}

/** The rule for the payment methods that a request allows. */
export const METHODS_RULE = {
  each: (name: string, { account }: { readonly account: Pick<Account, 'paymentMethods'> }) => {
    const method = parsePaymentMethod(name)
    return method !== undefined && account.paymentMethods.includes(method)
      ? undefined
      : new Problem(
          `must be a payment method that the account has enabled (${account.paymentMethods.join(', ')}), but it is ${kindOf(name)}`,
          'payment_method_type_not_supported',
        )
  },
  check: (names: readonly string[]) =>
    new Set(names.map(parsePaymentMethod)).size === names.length
      ? undefined
      : new Problem('must name each payment method once, and ach is another name of ach_debit'),
}

/** Requires `//` and a host: browsers read `https:a.b` as a path relative to the current page. */
const WITH_HOST = /^[a-z]+:\/\/[^/@?#]/i
/** If a complete URL has none of these characters, no framework finds a parameter in it. */
const CAN_HAVE_PARAMETERS = /[?#&;=]/

/**
 * Returns the problem of the URL of a merchant's page, if any. `parameters`: the names of the parameters that Paydesk
 * will add. The URL must not contain them.
 */
export function returnUrlProblem(
  text: string,
  mode: Mode,
  parameters: readonly string[],
): Problem | undefined {
  // The platform's parser would silently drop blanks and control characters.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them.
  const isPlain = !/[\u0000-\u0020\u007f\\]/.test(text) && WITH_HOST.test(text)
  const url = isPlain ? URL.parse(text) : null
  if (url === null) {
    return new Problem(
      `must be a complete URL, such as https://example.com/return, but it is ${kindOf(text)}`,
    )
  }
  if (url.username !== '' || url.password !== '') {
    return new Problem('must not contain a user name or password')
  }
  // The host is checked last: comparing it with every special range costs as much as all other fields.
  const isSafe =
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && mode === 'sandbox' && isLocalHost(url.hostname))
  if (!isSafe) {
    return new Problem(
      mode === 'sandbox'
        ? 'must begin with https://, or with http:// when the host is in the local network (localhost, 192.168.1.20, shop.test, a name without a dot)'
        : 'must begin with https://',
    )
  }
  // If the URL already had one of our parameters, the signature would be ambiguous: a shop could read either value.
  const parameter = CAN_HAVE_PARAMETERS.test(text) ? parameterIn(text, parameters) : undefined
  return parameter === undefined
    ? undefined
    : new Problem(
        `must not have a parameter ${parameter}, in any spelling that web frameworks read as this name: Paydesk adds its own ${parameter} when the customer returns`,
      )
}
