import { PAYMENT_METHODS, type PaymentMethodType } from '../domain/payment-method.ts'

/** The payment methods of both editions, as the values of flags. */
export const METHODS: readonly PaymentMethodType[] = [
  ...new Set([...PAYMENT_METHODS.IN, ...PAYMENT_METHODS.US]),
]
