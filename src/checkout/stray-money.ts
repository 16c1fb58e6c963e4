import type { DeclineCode, PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Refund } from '../domain/refund.ts'

/**
 * Money that returns to the customer: it came too late, or a bank transfer had a wrong amount. `isStuck`: its refund
 * has failed, so a person has to act.
 */
export type StrayMoney = { readonly isStuck: boolean; readonly paymentId: string }

/** The declines of transfers that the bank returns: they came too late, or with a wrong amount. */
const RETURNED_TRANSFERS: readonly (DeclineCode | undefined)[] = [
  'transfer_late',
  'transfer_over',
  'transfer_short',
]

/** Finds money that returns: first in failed refunds of late money, then in attempts. Undefined: there is none. */
export function strayMoneyOf({
  attempts,
  refunds,
}: {
  readonly attempts: readonly PaymentAttempt[]
  readonly refunds: readonly Refund[]
}): StrayMoney | undefined {
  const failedRefund = refunds.find(({ status }) => status === 'failed')
  if (failedRefund !== undefined) return { isStuck: true, paymentId: failedRefund.paymentAttemptId }
  const stray = attempts.find(
    ({ declineCode, status }) => status === 'refunded' || RETURNED_TRANSFERS.includes(declineCode),
  )
  return stray && { isStuck: false, paymentId: stray.id }
}
