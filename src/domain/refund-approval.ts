import type { AccountId, PaymentAttemptId, RefundApprovalId, RefundId } from './id.ts'
import type { Money } from './money.ts'
import { mayActFor, type Operator, roleHas } from './operator.ts'
import type { REFUND_REASONS } from './refund.ts'

/** The time in which a second person must decide a request, in milliseconds. */
export const REFUND_APPROVAL_MS = 3 * 24 * 60 * 60_000

/** The stored statuses of a request. A waiting request whose time has ended is expired. */
export const REFUND_APPROVAL_STATUSES = ['waiting', 'approved', 'rejected', 'expired'] as const
/** The status of a request. */
export type RefundApprovalStatus = (typeof REFUND_APPROVAL_STATUSES)[number]

/** An operator's request for a refund above their limit. A second person decides it. */
export type RefundApproval = {
  readonly id: RefundApprovalId
  readonly accountId: AccountId
  readonly paymentAttemptId: PaymentAttemptId
  readonly amount: Money
  readonly reason: (typeof REFUND_REASONS)[number]
  /** The id of the operator who made the request. */
  readonly requestedBy: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly status: RefundApprovalStatus
  /** The id of the operator who decided, and the time. Undefined: nobody has. */
  readonly decidedBy?: string
  readonly decidedAtMs?: number
  readonly refundId?: RefundId
}

/** A decision about a request. */
export type RefundDecision = 'approved' | 'rejected'

/** The reason why an operator may not decide a request. */
export type RefundApprovalRefusal =
  /** The operator made the request: another person must decide it. */
  | 'own_request'
  | 'already_decided'
  | 'expired'
  /** The operator has lost the permission or the account, or was disabled, since the request. */
  | 'not_permitted'

/** Returns the status of a request at a time. */
export function refundApprovalStatusAt(
  { expiresAtMs, status }: Pick<RefundApproval, 'expiresAtMs' | 'status'>,
  nowMs: number,
): RefundApprovalStatus {
  return status === 'waiting' && nowMs >= expiresAtMs ? 'expired' : status
}

/**
 * Returns a request for a refund after an operator's decision, or the reason why the operator may not decide it. `by`:
 * the operator. The request must be locked. The operator who made the request may reject it, which withdraws it. The
 * limit of the second person does not matter: two persons may refund any amount.
 */
export function decideRefundApproval(
  approval: RefundApproval,
  decision: RefundDecision,
  by: Pick<Operator, 'accountIds' | 'id' | 'role'>,
  nowMs: number,
): RefundApproval | { readonly refused: RefundApprovalRefusal } {
  const status = refundApprovalStatusAt(approval, nowMs)
  if (status === 'expired') return { refused: 'expired' }
  if (status !== 'waiting') return { refused: 'already_decided' }
  const isOwn = by.id === approval.requestedBy
  if (isOwn && decision === 'approved') return { refused: 'own_request' }
  const mayDecide = isOwn || roleHas(by.role, 'approve_refunds')
  if (!mayDecide || !mayActFor(by, approval.accountId)) return { refused: 'not_permitted' }
  return { ...approval, status: decision, decidedBy: by.id, decidedAtMs: nowMs }
}
