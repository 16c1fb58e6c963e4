import type { Dispute } from '../domain/dispute.ts'
import { formatMoney } from '../domain/money.ts'

/** Makes the dispute in a payment. The real API does not show disputes: the object is a Paydesk extension. */
export function disputeFields(dispute: Dispute) {
  return {
    dispute_id: dispute.id,
    amount: formatMoney(dispute.amount),
    reason: dispute.reason,
    status: dispute.status,
    created_time: Math.floor(dispute.createdAtMs / 1000),
  }
}

/** Makes the object of a dispute for the console of a live server. Paydesk only. Times are seconds since 1970. */
export function disputeRow(dispute: Dispute) {
  const { amount, decidedAtMs, feeMinor, paymentAttemptId, processorReference } = dispute
  return {
    ...disputeFields(dispute),
    currency: amount.currency,
    fee: formatMoney({ ...amount, amountMinor: feeMinor }),
    payment_id: paymentAttemptId,
    decided_time: decidedAtMs === undefined ? undefined : Math.floor(decidedAtMs / 1000),
    processor_reference: processorReference,
  }
}
