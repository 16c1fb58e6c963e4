import type { CustomerId } from '../../domain/id.ts'
import {
  cardExpiresAtMs,
  type SavedMethodChange,
  type SavedPaymentMethod,
} from '../../domain/saved-payment-method.ts'
import { ADDRESS_RULES, addressFrom } from '../address-fields.ts'
import { ApiError } from '../errors.ts'
import { compileFieldsWith, decimalText, kindOf, Problem } from '../read-fields.ts'
import type { JsonNumber, JsonValue } from '../read-json.ts'
import { MethodSessionCreateBody, PaymentMethodChangeBody } from './schemas.ts'

type CreateContext = {
  /** Undefined: the request names no customer of the account. */
  readonly customerId: CustomerId | undefined
  /** True: the customer has the maximum number of saved methods. */
  readonly isFull: boolean
}

const readCreateFields = compileFieldsWith<CreateContext>()(MethodSessionCreateBody, {
  customer_id: (value, { customerId, isFull }) => {
    if (customerId === undefined || decimalText(value) !== customerId) {
      return new Problem(
        'must be the id of a customer of this account, but the account has no customer with this id',
        'resource_does_not_exist',
      )
    }
    if (isFull) throw new ApiError('customer_max_payment_methods', 'customer_id')
    return customerId
  },
})

/** Reads a create request's body. Throws ApiError for the first wrong field. */
export function parseMethodSessionCreate(
  body: JsonValue,
  context: CreateContext,
): { readonly customerId: CustomerId; readonly description: string | undefined } {
  const { customer_id: customerId, description } = readCreateFields(body, context)
  return { customerId, description }
}

type ChangeContext = { readonly method: SavedPaymentMethod; readonly nowMs: number }

type Digits = string | number | JsonNumber

function readMonth(value: Digits): number | Problem {
  const text = decimalText(value)
  const month = /^\d{1,2}$/.test(text) ? Number(text) : 0
  return month >= 1 && month <= 12
    ? month
    : new Problem(`must be a month from 01 to 12, but it is ${kindOf(value)}`)
}

function readYear(value: Digits): number | Problem {
  const text = decimalText(value)
  if (/^\d{2}$/.test(text)) return 2000 + Number(text)
  if (/^20\d{2}$/.test(text)) return Number(text)
  return new Problem(`must be a year of two or four digits, such as 28, but it is ${kindOf(value)}`)
}

const typeProblem = (type: string) =>
  new Problem(`must be absent: it is not for a payment method of the type ${type}`)

const readChangeFields = compileFieldsWith<ChangeContext>()(PaymentMethodChangeBody, {
  type: (type, { method }) =>
    type === method.instrument.type
      ? undefined
      : new Problem(`must be ${method.instrument.type}, the type of the payment method`),
  card: {
    fields: { expiry_month: readMonth, expiry_year: readYear },
    check: ({ expiry_month: expiryMonth, expiry_year: expiryYear }, { method, nowMs }) => {
      if (method.instrument.type !== 'card') return typeProblem(method.instrument.type)
      return cardExpiresAtMs({ expiryMonth, expiryYear }) > nowMs
        ? undefined
        : new Problem('must have an expiry that is not in the past')
    },
  },
  ach_debit: {
    check: (_, { method }) =>
      method.instrument.type === 'ach_debit' ? undefined : typeProblem(method.instrument.type),
  },
  billing_address: ADDRESS_RULES,
})

/** Reads the body of a change. Throws ApiError for the first wrong field, or if it has no field that can change. */
export function parsePaymentMethodChange(
  body: JsonValue,
  context: ChangeContext,
): SavedMethodChange {
  const { ach_debit: account, billing_address: address, card } = readChangeFields(body, context)
  if (card === undefined && account === undefined && address === undefined) {
    throw new ApiError(
      'missing_parameter',
      context.method.instrument.type,
      `The request body must have ${context.method.instrument.type} or billing_address.`,
    )
  }
  const holderType = account?.account_holder_type
  return {
    ...(card !== undefined && { expiry: { month: card.expiry_month, year: card.expiry_year } }),
    ...(holderType !== undefined && {
      accountHolderType: holderType === 'business' ? 'company' : holderType,
    }),
    ...(address !== undefined && { billingAddress: addressFrom(address) }),
  }
}
