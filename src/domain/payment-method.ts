/** The editions of the API. */
export const EDITIONS = ['IN', 'US'] as const
/** A country's edition of the service; it decides an account's currencies and methods. */
export type Edition = (typeof EDITIONS)[number]

const PAYMENT_METHOD_TYPES = [
  'card',
  'upi',
  'netbanking',
  'wallet',
  'bank_transfer',
  'ach_debit',
] as const
/** A payment method, by its name in requests. */
export type PaymentMethodType = (typeof PAYMENT_METHOD_TYPES)[number]

/**
 * The methods of each edition, in the order in which they are offered.
 *
 * Source: Zoho Payments API reference, payment session pages IN and US (seen 2026-11-22).
 */
export const PAYMENT_METHODS: Record<Edition, readonly PaymentMethodType[]> = {
  IN: ['card', 'upi', 'netbanking', 'wallet', 'bank_transfer'],
  US: ['card', 'ach_debit'],
}

/** The names of methods in requests. `ach` is the name in one US sample for `ach_debit`. */
export const REQUESTED_METHODS = [...PAYMENT_METHOD_TYPES, 'ach'] as const

const METHOD_BY_WIRE_NAME: ReadonlyMap<string, PaymentMethodType> = new Map(
  REQUESTED_METHODS.map((name) => [name, name === 'ach' ? 'ach_debit' : name]),
)

/** Reads a method's name from a request. Undefined: no edition has such a method. */
export function parsePaymentMethod(wireName: string): PaymentMethodType | undefined {
  return METHOD_BY_WIRE_NAME.get(wireName)
}
