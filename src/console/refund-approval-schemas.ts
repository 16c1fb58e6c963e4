import { amountIn } from '../api/schemas.ts'
import { Type } from '../api/type.ts'
import { REFUND_REASONS } from '../domain/refund.ts'
import { REFUND_APPROVAL_STATUSES } from '../domain/refund-approval.ts'

/** The body of a request for a refund above the limit of the operator. */
export const RefundApprovalBody = Type.Object({
  amount: amountIn('The amount to refund, in major units.'),
  reason: Type.Optional(Type.Enum([...REFUND_REASONS], { default: 'others' })),
})

const time = Type.String({ description: 'ISO 8601, in UTC.' })

const RefundApproval = Type.Object({
  refund_approval_id: Type.String(),
  payment_id: Type.String(),
  amount: Type.String(),
  currency: Type.String(),
  reason: Type.Enum([...REFUND_REASONS, 'system_initiated']),
  status: Type.Enum([...REFUND_APPROVAL_STATUSES]),
  requested_by_id: Type.String(),
  requested_by: Type.String(),
  requested_time: time,
  expires_time: time,
  decided_by: Type.Optional(Type.String()),
  decided_time: Type.Optional(time),
  refund_id: Type.Optional(Type.String()),
})

const envelope = { code: Type.Literal(0), message: Type.Literal('success') }

/** The answer with one request. */
export const RefundApprovalAnswer = Type.Object({ ...envelope, refund_approval: RefundApproval })

/** The answer to a list request: the newest requests of the account. */
export const RefundApprovalListAnswer = Type.Object({
  ...envelope,
  refund_approvals: Type.Array(RefundApproval),
})

/** The answer to a count. */
export const WaitingRefundApprovalsAnswer = Type.Object({
  ...envelope,
  waiting: Type.Object({ count: Type.Integer() }),
})
