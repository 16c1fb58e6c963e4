import type { Account } from '../../domain/account.ts'
import type { CustomerId, PaymentMethodId } from '../../domain/id.ts'
import type { BrowserInfo } from '../../domain/instrument.ts'
import type { Currency } from '../../domain/money.ts'
import { type SavedPaymentMethod, savedMethodStatusAt } from '../../domain/saved-payment-method.ts'
import type { DirectChargeRequest } from '../../operations/charge-saved-method.ts'
import { ADDRESS_RULES, addressFrom } from '../address-fields.ts'
import { ApiError } from '../errors.ts'
import { META_DATA_RULE, metaDataOf } from '../meta-data-fields.ts'
import type { ValueOf } from '../parsed.ts'
import { currencyIn, readCurrency } from '../payment-fields.ts'
import { readMoney } from '../read-amount.ts'
import { compileFieldsWith, decimalText, isObject, Problem } from '../read-fields.ts'
import type { JsonValue } from '../read-json.ts'
import { DirectChargeBody } from './charge-schemas.ts'

type ChargeContext = {
  readonly account: Pick<Account, 'edition'>
  readonly nowMs: number
  /** Undefined: the request names no customer of the account. */
  readonly customerId: CustomerId | undefined
  /** Undefined: the request names no saved method of the account. */
  readonly method: SavedPaymentMethod | undefined
}
type RuleContext = ChargeContext & {
  readonly currency: Currency
  readonly hasBrowserInfo: boolean
}

/** Throws ApiError unless the customer can be charged with the method. */
function requireUsable(method: SavedPaymentMethod, { customerId, nowMs }: ChargeContext): void {
  if (method.customerId !== customerId) {
    throw new ApiError('payment_method_not_associated_to_customer', 'payment_method_id')
  }
  const status = savedMethodStatusAt(method, nowMs)
  if (status === 'active') return
  throw new ApiError(
    'payment_method_unactivated',
    'payment_method_id',
    `The payment method is not active, but ${status}.`,
  )
}

const unknownIdProblem = (what: string) =>
  new Problem(
    `must be the id of ${what} of this account, but the account has none with this id`,
    'resource_does_not_exist',
  )

const readFields = compileFieldsWith<RuleContext>()(DirectChargeBody, {
  customer_id: (value, { customerId }) =>
    customerId !== undefined && decimalText(value) === customerId
      ? customerId
      : unknownIdProblem('a customer'),
  payment_method_id: (value, context): PaymentMethodId | Problem => {
    const { method } = context
    if (method === undefined || decimalText(value) !== method.id) {
      return unknownIdProblem('a saved payment method')
    }
    requireUsable(method, context)
    return method.id
  },
  amount: (value, { currency }) => readMoney(value, currency),
  currency: (text, context) => {
    const currency = readCurrency(text, context)
    if (currency instanceof Problem) return currency
    if (context.method?.instrument.type === 'ach_debit' && currency !== 'USD') {
      return new Problem(
        `must be USD for a bank account, but it is ${currency}`,
        'invalid_payment_method_usage',
      )
    }
    return currency
  },
  // `browser_info` is checked in the rule of this field, so that its absence is reported before a wrong later field.
  customer_on_session: (isOnSession, { hasBrowserInfo }) => {
    if (!isOnSession || hasBrowserInfo) return undefined
    throw new ApiError(
      'missing_parameter',
      'browser_info',
      'browser_info is required if customer_on_session is true: send an object with facts of the browser.',
    )
  },
  shipping_address: ADDRESS_RULES,
  meta_data: META_DATA_RULE,
})

/** Reads the body of a direct charge. Throws ApiError for the first wrong field. */
export function parseDirectCharge(body: JsonValue, context: ChargeContext): DirectChargeRequest {
  const { browser_info: requestInfo } = isObject(body) ? body : {}
  const hasBrowserInfo = requestInfo !== undefined && requestInfo !== null
  const fields = readFields(body, { ...context, currency: currencyIn(body), hasBrowserInfo })
  const isOnSession = fields.customer_on_session === true
  const metaData = metaDataOf(fields.meta_data)
  const { browser_info: browser, description, shipping_address: address } = fields
  const { statement_descriptor: statementDescriptor } = fields
  return {
    amount: fields.amount,
    isOnSession,
    ...(isOnSession && browser !== undefined && { browserInfo: browserFrom(browser) }),
    ...(statementDescriptor !== undefined && { statementDescriptor }),
    ...(address !== undefined && { shippingAddress: addressFrom(address) }),
    ...(description !== undefined && { description }),
    ...(metaData !== undefined && { metaDataJson: JSON.stringify(metaData) }),
  }
}

function browserFrom(
  fields: NonNullable<ValueOf<typeof DirectChargeBody>['browser_info']>,
): BrowserInfo {
  const { accept_header, color_depth, language, screen_height, screen_width } = fields
  const { time_zone_offset, user_agent } = fields
  return {
    ...(user_agent !== undefined && { userAgent: user_agent }),
    ...(accept_header !== undefined && { acceptHeader: accept_header }),
    ...(language !== undefined && { language }),
    ...(screen_height !== undefined && { screenHeight: screen_height }),
    ...(screen_width !== undefined && { screenWidth: screen_width }),
    ...(time_zone_offset !== undefined && { timeZoneOffset: time_zone_offset }),
    ...(color_depth !== undefined && { colorDepth: color_depth }),
  }
}
