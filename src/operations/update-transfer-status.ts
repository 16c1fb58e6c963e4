import { type PaymentAttempt, paymentStatusOf } from '../domain/payment-attempt.ts'
import type { PaymentSessionRecord, Transaction } from './store.ts'

/** Writes the present status of a payment to its transfer, if it is one to a virtual account: lists show it. */
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
