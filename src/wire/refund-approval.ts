import { formatMoney } from '../domain/money.ts'
import { type RefundApproval, refundApprovalStatusAt } from '../domain/refund-approval.ts'

/** Makes the object of a request for a refund, for the console. `nameOf`: the name of an operator. */
export function refundApprovalFields(
  approval: RefundApproval,
  nowMs: number,
  nameOf: (operatorId: string) => string,
) {
  const { amount, createdAtMs, decidedAtMs, decidedBy, expiresAtMs, requestedBy } = approval
  return {
    refund_approval_id: approval.id,
    payment_id: approval.paymentAttemptId,
    amount: formatMoney(amount),
    currency: amount.currency,
    reason: approval.reason,
    status: refundApprovalStatusAt(approval, nowMs),
    requested_by_id: requestedBy,
    requested_by: nameOf(requestedBy),
    requested_time: new Date(createdAtMs).toISOString(),
    expires_time: new Date(expiresAtMs).toISOString(),
    ...(decidedBy !== undefined && { decided_by: nameOf(decidedBy) }),
    ...(decidedAtMs !== undefined && { decided_time: new Date(decidedAtMs).toISOString() }),
    ...(approval.refundId !== undefined && { refund_id: approval.refundId }),
  }
}
