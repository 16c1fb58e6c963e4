/** A country's edition of the service; it decides an account's currencies and methods. */
export type Edition = 'IN' | 'US'

/** A payment method, by its name in requests. */
export type PaymentMethodType =
  | 'card'
  | 'upi'
  | 'netbanking'
  | 'wallet'
  | 'bank_transfer'
  | 'ach_debit'

/**
 * The methods of each edition, in the order in which they are offered.
 *
 * Source: Zoho Payments API reference, payment session pages IN and US (seen 2026-11-22).
 */
export const PAYMENT_METHODS: Record<Edition, readonly PaymentMethodType[]> = {
  IN: ['card', 'upi', 'netbanking', 'wallet', 'bank_transfer'],
  US: ['card', 'ach_debit'],
}

/**
 * The names of methods in requests. `ach` is the name in one US sample for
 * `ach_debit`.
 */
const METHOD_BY_WIRE_NAME: ReadonlyMap<string, PaymentMethodType> = new Map([
  ...Object.values(PAYMENT_METHODS)
    .flat()
    .map((method) => [method, method] as const),
  ['ach', 'ach_debit'],
])

/** Reads a method's name from a request. Undefined: no edition has such a method. */
export function parsePaymentMethod(wireName: string): PaymentMethodType | undefined {
  return METHOD_BY_WIRE_NAME.get(wireName)
}
