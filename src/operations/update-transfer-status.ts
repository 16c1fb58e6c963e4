import { type PaymentAttempt, paymentStatusOf } from '../domain/payment-attempt.ts'
import type { PaymentSessionRecord, Transaction } from './store.ts'

/**
 * Copies the current status of a payment to its bank transfer, which lists of transfers show.
 * Payments without a bank transfer are skipped.
 */
export async function updateTransferStatus(
  tx: Transaction,
  { virtualAccountId }: Pick<PaymentSessionRecord, 'virtualAccountId'>,
  attempt: PaymentAttempt,
): Promise<void> {
  if (virtualAccountId === undefined) return
  const status = paymentStatusOf(attempt)
  if (status === 'initiated' || status === 'pending') {
    throw new Error(`transfer ${attempt.id} is ${status}`)
  }
  const listedStatus = status === 'partially_refunded' ? 'refunded' : status
  await tx.virtualAccounts.updateTransferStatus(attempt.id, listedStatus)
}
