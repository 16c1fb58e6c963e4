import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { PaymentSessionRecord, Transaction } from './store.ts'

/** A payment in a transaction that holds the row of its session. */
export type HeldPayment = {
  readonly attempt: PaymentAttempt
  readonly session: PaymentSessionRecord
}

/**
 * Locks the session of a payment until the transaction ends, and reads the payment again after that: what
 * was captured, refunded and transferred cannot change any more. Undefined: there is no such payment.
 */
export async function lockPayment(
  tx: Transaction,
  { id, paymentSessionId }: Pick<PaymentAttempt, 'id' | 'paymentSessionId'>,
): Promise<HeldPayment | undefined> {
  const session = await tx.lockPaymentSession(paymentSessionId)
  const attempt = session && (await tx.findPaymentAttempt(id))
  return attempt && session && { attempt, session }
}
