import { type PaymentAttemptId, parseId, type RefundId } from '../../domain/id.ts'
import { formatMoney, type Money } from '../../domain/money.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import { lockPayment } from '../../operations/lock-payment.ts'
import { type RefusedRefund, refundPayment } from '../../operations/refund-payment.ts'
import { refundFields } from '../../wire/refund.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { ApiError, notFound, renderError } from '../errors.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { type Call, route } from '../route.ts'
import { parseRefundCreate, readRefundPage } from './parse.ts'
import { ListRefundsAnswer, RefundAnswer, RefundCreateBody, RefundListQuery } from './schemas.ts'

const tag = 'Refunds'

const createRefund = route({
  method: 'POST',
  url: '/payments/{payment_id}/refunds',
  scope: 'refunds.CREATE',
  operationId: 'createRefund',
  tag,
  summary: 'Refund a payment',
  description:
    'Starts a refund of a payment, in full or in part. The processor decides later: the event `refund.succeeded` or `refund.failed` and the refund’s status report the result.',
  // Source: Zoho Payments rate limits, US (seen 2026-11-22).
  ratePerMinute: 60,
  body: RefundCreateBody,
  answers: { 201: RefundAnswer },
  handle: async (call) => {
    const { body, deps, idempotent, requestId, tenant } = call
    const payment = await findPayment(call)
    const once = await answerOnce(tenant, idempotent, {
      bucket: tenant.store.publicIds.bucketOf(payment.id),
      lock: (tx) => lockPayment(tx, payment),
      missing: () => notFound('payment', 'payment_id'),
      change: (tx, lockedPayment) => {
        const request = parseRefundCreate(body, lockedPayment.session.amount.currency)
        requireWithin(call, request.amount)
        return refundPayment(tx, tenant, lockedPayment, request)
      },
      render: (result) =>
        'refused' in result
          ? { ...renderError(refundRefusalOf(result)), resourceId: payment.id }
          : {
              status: 201,
              body: renderOne('refund', refundFields(result)),
              resourceId: result.id,
            },
    })
    if ('result' in once && !('refused' in once.result)) {
      const { amount, id: refundId, paymentAttemptId: paymentId } = once.result
      const facts = { paymentId, refundId, amount: formatMoney(amount), currency: amount.currency }
      deps.logger.info({ requestId, ...facts }, 'refund created')
    }
    return httpAnswerFrom(once)
  },
})

const retrieveRefund = route({
  method: 'GET',
  url: '/refunds/{refund_id}',
  scope: 'refunds.READ',
  operationId: 'retrieveRefund',
  tag,
  summary: 'Retrieve a refund',
  description: 'Returns the refund with its current status.',
  answers: { 200: RefundAnswer },
  handle: async ({ account, path, tenant }) => {
    const id = parseId<RefundId>(path.refund_id)
    const refund = id && (await tenant.store.refunds.find(id))
    if (refund?.accountId !== account.id) throw notFound('refund', 'refund_id')
    return ok(renderOne('refund', refundFields(refund)))
  },
})

const listRefunds = route({
  method: 'GET',
  url: '/payments/{payment_id}/refunds',
  scope: 'refunds.READ',
  operationId: 'listRefunds',
  tag,
  summary: 'List a payment’s refunds',
  isPaydeskOnly: true,
  description: 'Returns the refunds of a payment, newest first.',
  query: RefundListQuery,
  readQuery: readRefundPage,
  answers: { 200: ListRefundsAnswer },
  handle: async (call) => {
    const { openPage, query, tenant } = call
    const { id } = await findPayment(call)
    const page = openPage(query)
    const list = await tenant.store.refunds.listPage(id, page)
    return ok(renderList('refunds', list.items.map(refundFields), page, list))
  },
})

/** The routes of refunds, in the order of the documentation. */
export const REFUND_ROUTES = [createRefund, retrieveRefund, listRefunds]

async function findPayment({
  account,
  path,
  tenant,
}: Call<'/payments/{payment_id}'>): Promise<PaymentAttempt> {
  const id = parseId<PaymentAttemptId>(path.payment_id)
  const payment = id && (await tenant.store.paymentAttempts.find(id))
  if (payment?.accountId !== account.id) throw notFound('payment', 'payment_id')
  return payment
}

/** Throws ApiError if a refund is larger than its operator may make. */
function requireWithin(
  { refundMaxMinor }: Pick<Call, 'refundMaxMinor'>,
  { amountMinor, currency }: Money,
): void {
  if (refundMaxMinor === undefined || amountMinor <= refundMaxMinor) return
  const limit = formatMoney({ amountMinor: refundMaxMinor, currency })
  throw new ApiError(
    'refund_above_limit',
    'amount',
    `amount must be at most ${limit} ${currency}: that is your limit. A larger refund needs the approval of a second person.`,
  )
}

/** Makes the error of a refused refund, with the amount that can still be refunded. */
export function refundRefusalOf({ attempt, remaining, refused: refusal }: RefusedRefund): ApiError {
  // Late money is refunded automatically.
  if (attempt.status === 'refunded') return new ApiError('payment_already_refunded')
  if (refusal === 'payment_not_captured' || refusal === 'payment_disputed') {
    return new ApiError(refusal)
  }
  if (remaining.amountMinor === 0n) {
    const isDisputed = attempt.money.disputedMinor > 0n
    return new ApiError(isDisputed ? 'payment_disputed' : 'payment_already_refunded')
  }
  return new ApiError(
    refusal,
    'amount',
    `amount must be at most ${formatMoney(remaining)} ${remaining.currency}: that is the remaining amount of this payment.`,
  )
}
