import { httpAnswerFrom, ok } from '../api/answer.ts'
import { answerOnce } from '../api/answer-once.ts'
import { ApiError, notFound, renderError } from '../api/errors.ts'
import { readMoney } from '../api/read-amount.ts'
import { compileFieldsWith } from '../api/read-fields.ts'
import { refundRefusalOf } from '../api/refunds/routes.ts'
import { renderOne } from '../api/render-envelope.ts'
import { type PaymentAttemptId, parseId, type RefundApprovalId } from '../domain/id.ts'
import type { Currency } from '../domain/money.ts'
import { refundableMinor } from '../domain/refund.ts'
import {
  type RefundApproval,
  type RefundApprovalRefusal,
  type RefundDecision,
  refundApprovalStatusAt,
} from '../domain/refund-approval.ts'
import {
  type ApprovalRefusal,
  decideRefund,
  requestRefundApproval,
} from '../operations/approve-refund.ts'
import { lockPayment } from '../operations/lock-payment.ts'
import { refundApprovalFields } from '../wire/refund-approval.ts'
import { type AccountCall, accountRoute } from './console-route.ts'
import {
  RefundApprovalAnswer,
  RefundApprovalBody,
  RefundApprovalListAnswer,
  WaitingRefundApprovalsAnswer,
} from './refund-approval-schemas.ts'

const tag = 'Refund approvals'
/** The maximum number of requests and decisions of one account a minute. */
const CHANGES_PER_MINUTE = 60
/**
 * The maximum number of newest requests in a list. The list can also have up to the same number of older requests that
 * still wait.
 */
const LIST_COUNT_MAX = 200

const readFields = compileFieldsWith<Currency>()(RefundApprovalBody, { amount: readMoney })

const requestRoute = accountRoute({
  method: 'POST',
  url: '/payments/{payment_id}/refund_approvals',
  operationId: 'requestRefundApproval',
  tag,
  summary: 'Request a refund above the operator’s limit',
  description: 'For three days, another operator can approve or reject the request.',
  ratePerMinute: CHANGES_PER_MINUTE,
  body: RefundApprovalBody,
  answers: { 201: RefundApprovalAnswer },
  handle: async (call) => {
    const { body, idempotent, operator, tenant } = call
    const payment = await findPayment(call)
    const once = await answerOnce(tenant, idempotent, {
      bucket: tenant.store.publicIds.bucketOf(payment.id),
      lock: (tx) => lockPayment(tx, payment),
      missing: () => notFound('payment', 'payment_id'),
      change: async (tx, lockedPayment) => {
        const { amount, reason = 'others' } = readFields(
          body,
          lockedPayment.session.amount.currency,
        )
        if (amount.amountMinor > refundableMinor(lockedPayment.attempt)) {
          throw new ApiError('exceeds_payment_amount', 'amount')
        }
        const request = { amount, reason, requestedBy: operator.id }
        return requestRefundApproval(tx, withActor(call), lockedPayment, request)
      },
      render: (approval) =>
        approval === undefined
          ? { ...renderError(new ApiError('approval_waits')), resourceId: payment.id }
          : {
              status: 201,
              body: renderOne(
                'refund_approval',
                refundApprovalFields(approval, tenant.clock.nowMs(), () => operator.email),
              ),
              resourceId: approval.id,
            },
    })
    return httpAnswerFrom(once)
  },
})

const listRoute = accountRoute({
  method: 'GET',
  url: '/refund_approvals',
  operationId: 'listRefundApprovals',
  tag,
  summary: 'List the requests for refunds',
  description:
    'Returns the newest requests of the account, and older requests that still wait. The newest request is first.',
  answers: { 200: RefundApprovalListAnswer },
  handle: async ({ account, tenant }) => {
    const { clock, store } = tenant
    const nowMs = clock.nowMs()
    const approvals = await store.refundApprovals.list(account.id, nowMs, LIST_COUNT_MAX)
    return answerApprovals(store, approvals, nowMs)
  },
})

const paymentListRoute = accountRoute({
  method: 'GET',
  url: '/payments/{payment_id}/refund_approvals',
  operationId: 'listWaitingRefundApprovals',
  tag,
  summary: 'List the waiting requests of a payment',
  description: 'Returns the request that waits for a decision. At most one waits for each payment.',
  answers: { 200: RefundApprovalListAnswer },
  handle: async (call) => {
    const { clock, store } = call.tenant
    const payment = await findPayment(call)
    const approval = await store.refundApprovals.findWaiting(payment.id)
    const nowMs = clock.nowMs()
    const isWaiting =
      approval !== undefined && refundApprovalStatusAt(approval, nowMs) === 'waiting'
    const approvals = isWaiting ? [approval] : []
    return answerApprovals(store, approvals, nowMs)
  },
})

const countRoute = accountRoute({
  method: 'GET',
  url: '/refund_approvals/waiting',
  operationId: 'countWaitingRefundApprovals',
  tag,
  summary: 'Count the requests that wait for the operator',
  description: 'Counts the undecided, unexpired requests of other operators.',
  answers: { 200: WaitingRefundApprovalsAnswer },
  handle: async ({ account, operator, tenant: { clock, store } }) => {
    const count = await store.refundApprovals.countWaiting(account.id, operator.id, clock.nowMs())
    return ok(renderOne('waiting', { count }))
  },
})

const approveRoute = accountRoute({
  method: 'POST',
  url: '/refund_approvals/{refund_approval_id}/approve',
  operationId: 'approveRefundApproval',
  tag,
  summary: 'Approve a request, and refund the payment',
  description: 'Stores the approval and the refund in one transaction.',
  ratePerMinute: CHANGES_PER_MINUTE,
  answers: { 200: RefundApprovalAnswer },
  handle: (call) => decide(call, 'approved'),
})

const rejectRoute = accountRoute({
  method: 'POST',
  url: '/refund_approvals/{refund_approval_id}/reject',
  operationId: 'rejectRefundApproval',
  tag,
  summary: 'Reject a request, or withdraw your own',
  description: 'No money moves.',
  ratePerMinute: CHANGES_PER_MINUTE,
  answers: { 200: RefundApprovalAnswer },
  handle: (call) => decide(call, 'rejected'),
})

/** The routes of requests for refunds. */
export const REFUND_APPROVAL_ROUTES = [
  requestRoute,
  listRoute,
  paymentListRoute,
  countRoute,
  approveRoute,
  rejectRoute,
]

async function answerApprovals(
  store: Pick<AccountCall['tenant']['store'], 'operators'>,
  approvals: readonly RefundApproval[],
  nowMs: number,
) {
  const nameOf = await operatorNamesOf(store, approvals)
  const rows = approvals.map((one) => refundApprovalFields(one, nowMs, nameOf))
  return ok(renderOne('refund_approvals', rows))
}

/** Throws ApiError if the account has no such payment. */
async function findPayment({ account, path, tenant }: AccountCall<'/payments/{payment_id}'>) {
  const id = parseId<PaymentAttemptId>(path.payment_id)
  const payment = id && (await tenant.store.paymentAttempts.find(id))
  if (payment?.accountId !== account.id) throw notFound('payment', 'payment_id')
  return payment
}

async function decide(
  call: AccountCall<'/refund_approvals/{refund_approval_id}'>,
  decision: RefundDecision,
) {
  const { account, deps, idempotent, operator, path, requestId, tenant } = call
  const { clock, store } = tenant
  const id = parseId<RefundApprovalId>(path.refund_approval_id)
  const request = id && (await store.refundApprovals.find(id))
  if (request?.accountId !== account.id) throw unknownApproval()
  const payment = await store.paymentAttempts.find(request.paymentAttemptId)
  if (payment === undefined) throw unknownApproval()
  const nameOf = await operatorNamesOf(store, [request, { requestedBy: operator.id }])
  const once = await answerOnce(tenant, idempotent, {
    bucket: store.publicIds.bucketOf(payment.id),
    lock: (tx) => lockPayment(tx, payment),
    missing: unknownApproval,
    change: async (tx, lockedPayment) => {
      const by = { approvalId: request.id, by: operator, decision }
      const result = await decideRefund(tx, withActor(call), lockedPayment, by)
      if (result === undefined) throw unknownApproval()
      if ('refused' in result) throw refusalOf(result)
      return result
    },
    render: ({ approval }) => ({
      status: 200,
      body: renderOne('refund_approval', refundApprovalFields(approval, clock.nowMs(), nameOf)),
      resourceId: approval.id,
    }),
  })
  if ('result' in once) {
    const facts = { approvalId: request.id, refundId: once.result.refund?.id, decision }
    deps.logger.info({ requestId, ...facts }, 'refund request decided')
  }
  return httpAnswerFrom(once)
}

const REFUSALS: Readonly<Record<RefundApprovalRefusal, string>> = {
  own_request: 'Another person must approve your request.',
  already_decided: 'Somebody has already decided this request.',
  expired: 'This request has expired. Create a new one.',
  not_permitted: 'You may no longer decide this request.',
}

function refusalOf(result: ApprovalRefusal): ApiError {
  if ('attempt' in result) return refundRefusalOf(result)
  const { refused: reason } = result
  const isConflict = reason === 'already_decided' || reason === 'expired'
  return new ApiError(isConflict ? 'approval_ended' : 'not_permitted', undefined, REFUSALS[reason])
}

/** Returns the function that names the operators of requests by their e-mail addresses. */
export async function operatorNamesOf(
  store: Pick<AccountCall['tenant']['store'], 'operators'>,
  approvals: readonly Pick<RefundApproval, 'decidedBy' | 'requestedBy'>[],
): Promise<(operatorId: string) => string> {
  const ids = new Set(approvals.flatMap(({ decidedBy, requestedBy }) => [requestedBy, decidedBy]))
  const names = new Map<string, string>()
  for (const id of ids) {
    const operator = id === undefined ? undefined : await store.operators.find(id)
    if (operator !== undefined) names.set(operator.id, operator.email)
  }
  return (operatorId) => names.get(operatorId) ?? operatorId
}

function withActor({ actor, tenant }: AccountCall) {
  return { ...tenant, actor: actor() }
}

function unknownApproval(): ApiError {
  return notFound('request', 'refund_approval_id')
}
