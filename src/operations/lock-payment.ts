import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Transfer } from '../domain/transfer.ts'
import type { PaymentSessionRecord, Transaction } from './store.ts'

/** A payment in a transaction that holds the row of its session. */
export type LockedPayment = {
  readonly attempt: PaymentAttempt
  readonly session: PaymentSessionRecord
}

/**
 * Locks the session of a payment until the transaction ends. Reads the payment under this lock, so that its amounts can
 * no longer change. Undefined: there is no such payment.
 */
export async function lockPayment(
  tx: Transaction,
  { id, paymentSessionId }: Pick<PaymentAttempt, 'id' | 'paymentSessionId'>,
): Promise<LockedPayment | undefined> {
  const session = await tx.paymentSessions.lock(paymentSessionId)
  const attempt = session && (await tx.paymentAttempts.find(id))
  return attempt && session && { attempt, session }
}

/** A transfer in a transaction that holds the row of its payment's session. */
export type LockedTransfer = LockedPayment & { readonly transfer: Transfer }

/**
 * Locks the session of a transfer's payment, and then reads the payment and the transfer. Undefined: there is no such
 * transfer.
 */
export async function lockTransfer(
  tx: Transaction,
  { id, paymentAttemptId }: Pick<Transfer, 'id' | 'paymentAttemptId'>,
): Promise<LockedTransfer | undefined> {
  const storedAttempt = await tx.paymentAttempts.find(paymentAttemptId)
  const payment = storedAttempt && (await lockPayment(tx, storedAttempt))
  const transfer = payment && (await tx.transfers.find(id))
  return transfer && payment && { ...payment, transfer }
}
