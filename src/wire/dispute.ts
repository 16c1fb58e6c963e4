import type { Dispute } from '../domain/dispute.ts'
import { formatMoney } from '../domain/money.ts'

/** Makes the dispute in a payment. The real API does not show disputes: the object is ours. */
export function disputeFields(dispute: Dispute) {
  return {
    dispute_id: dispute.id,
    amount: formatMoney(dispute.amount),
    reason: dispute.reason,
    status: dispute.status,
    created_time: Math.floor(dispute.createdAtMs / 1000),
  }
}
