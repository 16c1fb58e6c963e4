import type { RefundApprovalId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import { formatMoney } from '../domain/money.ts'
import type { Operator } from '../domain/operator.ts'
import type { Refund } from '../domain/refund.ts'
import {
  decideRefundApproval,
  REFUND_APPROVAL_MS,
  type RefundApproval,
  type RefundApprovalRefusal,
} from '../domain/refund-approval.ts'
import type { LockedPayment } from './lock-payment.ts'
import { type RefusedRefund, refundPayment } from './refund-payment.ts'
import type { Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

type Deps = AuditDeps & { readonly ids: Ids }

/**
 * Stores the request of an operator for a refund above their limit, under the lock of the payment. Undefined: another
 * request for the payment waits, and nothing was stored.
 */
export async function requestRefundApproval(
  tx: Transaction,
  deps: Deps,
  { attempt }: LockedPayment,
  request: Pick<RefundApproval, 'amount' | 'reason' | 'requestedBy'>,
): Promise<RefundApproval | undefined> {
  const nowMs = deps.clock.nowMs()
  await tx.refundApprovals.endExpired(attempt.id, nowMs)
  if ((await tx.refundApprovals.findWaiting(attempt.id)) !== undefined) return undefined
  const draw = (): RefundApproval => ({
    ...request,
    id: deps.ids.refundApproval(attempt.id),
    accountId: attempt.accountId,
    paymentAttemptId: attempt.id,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + REFUND_APPROVAL_MS,
    status: 'waiting',
  })
  const approval = await storeWithFreeId(draw, tx.refundApprovals.insert)
  await writeAuditEntry(tx, deps, {
    action: 'refund_approval.create',
    objectId: approval.id,
    after: auditFields(approval),
  })
  return approval
}

/** A decided request, with the refund of an approved one. */
export type DecidedApproval = { readonly approval: RefundApproval; readonly refund?: Refund }

/** The reason why a request was not decided. Nothing was stored. */
export type ApprovalRefusal = { readonly refused: RefundApprovalRefusal } | RefusedRefund

/**
 * Approves or rejects a request, under the lock of its payment. The decision and the refund are one transaction: two
 * approvals never make two refunds, and a crash leaves both or none. `by`: the operator, whose stored permissions are
 * read again. Undefined: no such request.
 */
export async function decideRefund(
  tx: Transaction,
  deps: Deps,
  payment: LockedPayment,
  { approvalId, by, decision }: RefundDecisionRequest,
): Promise<DecidedApproval | ApprovalRefusal | undefined> {
  const before = await tx.refundApprovals.find(approvalId)
  if (before === undefined || before.paymentAttemptId !== payment.attempt.id) return undefined
  const operator = await tx.operators.lock(by.id)
  if (operator === undefined || operator.disabledAtMs !== undefined) {
    return { refused: 'not_permitted' }
  }
  const after = decideRefundApproval(before, decision, operator, deps.clock.nowMs())
  if ('refused' in after) return after
  const { amount, reason } = before
  const request = { amount, reason, type: 'initiated_by_merchant' } as const
  const refund =
    decision === 'approved' ? await refundPayment(tx, deps, payment, request) : undefined
  if (refund !== undefined && 'refused' in refund) return refund
  const approval = { ...after, ...(refund !== undefined && { refundId: refund.id }) }
  if (!(await tx.refundApprovals.update(approval))) return { refused: 'already_decided' }
  await writeAuditEntry(tx, deps, {
    action: `refund_approval.${decision === 'approved' ? 'approve' : 'reject'}`,
    objectId: approval.id,
    before: auditFields(before),
    after: auditFields(approval),
  })
  return { approval, ...(refund !== undefined && { refund }) }
}

type RefundDecisionRequest = {
  readonly approvalId: RefundApprovalId
  readonly by: Pick<Operator, 'id'>
  readonly decision: 'approved' | 'rejected'
}

function auditFields({ amount, paymentAttemptId, refundId, status }: RefundApproval) {
  return {
    payment_id: paymentAttemptId,
    amount: formatMoney(amount),
    currency: amount.currency,
    status,
    ...(refundId !== undefined && { refund_id: refundId }),
  }
}
