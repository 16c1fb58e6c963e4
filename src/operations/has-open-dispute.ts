import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Transaction } from './store.ts'

/** Returns true if a dispute of a locked payment is open. Most payments have none, and cost no read. */
export async function hasOpenDispute(
  tx: Transaction,
  { id, money }: Pick<PaymentAttempt, 'id' | 'money'>,
): Promise<boolean> {
  if (money.disputedMinor === 0n) return false
  return (await tx.disputes.findCurrent(id))?.status === 'open'
}
