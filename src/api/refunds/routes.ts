import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type PaymentAttemptId, parseId, type RefundId } from '../../domain/id.ts'
import { formatMoney } from '../../domain/money.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import { lockPayment } from '../../operations/lock-payment.ts'
import { type RefundRefused, refundPayment } from '../../operations/refund-payment.ts'
import { refundFields } from '../../wire/refund.ts'
import { IdempotencyHeaders, idempotentRequest, readBody, sendJson, sendOnce } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import type { ApiDeps } from '../deps.ts'
import { AccountQuery, described, failures } from '../describe-route.ts'
import { ApiError, notFound, renderError } from '../errors.ts'
import { pageQuery } from '../page-schemas.ts'
import { compileFields } from '../read-fields.ts'
import type { JsonObject } from '../read-json.ts'
import { PAGE_RULES, readPage } from '../read-page.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { parseRefundCreate } from './parse.ts'
import { RefundAnswered, RefundCreateBody, RefundsListed } from './schemas.ts'

const TAG = 'Refunds'
/** Source: Zoho Payments rate limits, US (seen 2026-11-22). */
const CALLS_PER_MINUTE = 60

const PaymentPath = Type.Object({ payment_id: Type.String() })
const ListQuery = Type.Object(pageQuery)
const readListFields = compileFields(ListQuery, PAGE_RULES, 'The query')

/** Registers the routes of refunds. */
export function registerRefundRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.post(
    '/payments/:payment_id/refunds',
    {
      config: { scope: 'refunds.CREATE', ratePerMinute: CALLS_PER_MINUTE },
      schema: {
        ...described(
          TAG,
          'refunds.CREATE',
          'Refund a payment',
          'Begins to give a payment back, whole or in part. The money goes when the processor has taken the refund: `refund.succeeded` or `refund.failed` tells, and so does the refund’s status.',
        ),
        operationId: 'createRefund',
        params: PaymentPath,
        querystring: AccountQuery,
        headers: IdempotencyHeaders,
        body: RefundCreateBody,
        response: { 201: RefundAnswered, ...failures(400, 401, 404, 409, 413, 415, 429) },
      },
    },
    async (request, reply) => {
      const { text, value } = readBody(request)
      const idempotent = idempotentRequest(request, text)
      const payment = await findPaymentOf(request)
      const done = await answerOnce(deps, idempotent, {
        bucket: deps.store.publicIds.bucketOf(payment.id),
        hold: (tx) => lockPayment(tx, payment),
        missing: () => notFound('payment', 'payment_id'),
        change: (tx, held) =>
          refundPayment(tx, deps, held, parseRefundCreate(value, held.session.amount.currency)),
        render: (result) =>
          'refused' in result
            ? { ...renderError(refusalOf(result)), resourceId: payment.id }
            : {
                status: 201,
                body: renderOne('refund', refundFields(result)),
                resourceId: result.id,
              },
      })
      if ('result' in done && !('refused' in done.result)) {
        const { amount, id: refundId, paymentAttemptId: paymentId } = done.result
        const facts = { paymentId, refundId, amount: formatMoney(amount) }
        deps.logger.info(
          { requestId: request.id, ...facts, currency: amount.currency },
          'refund begun',
        )
      }
      return sendOnce(reply, done)
    },
  )

  app.get(
    '/refunds/:refund_id',
    {
      config: { scope: 'refunds.READ' },
      schema: {
        ...described(
          TAG,
          'refunds.READ',
          'Retrieve a refund',
          'Gives a refund as it is now: on its way, given back, or why it has failed.',
        ),
        operationId: 'retrieveRefund',
        params: Type.Object({ refund_id: Type.String() }),
        querystring: AccountQuery,
        response: { 200: RefundAnswered, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const id = parseId<RefundId>((request.params as { refund_id: string }).refund_id)
      const refund = id && (await deps.store.refunds.find(id))
      if (refund?.accountId !== request.account.id) throw notFound('refund', 'refund_id')
      return sendJson(reply, 200, renderOne('refund', refundFields(refund)))
    },
  )

  app.get(
    '/payments/:payment_id/refunds',
    {
      config: { scope: 'refunds.READ' },
      schema: {
        ...described(
          TAG,
          'refunds.READ',
          'List a payment’s refunds (ours)',
          'Gives the refunds of a payment, newest first. The real API has no such list.',
        ),
        operationId: 'listRefunds',
        params: PaymentPath,
        querystring: Type.Object({ ...AccountQuery.properties, ...ListQuery.properties }),
        response: { 200: RefundsListed, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const page = readPage(readListFields(request.query as JsonObject, undefined))
      const { id } = await findPaymentOf(request)
      const { items: refunds, total } = await deps.store.refunds.listPage(id, page)
      return sendJson(reply, 200, renderList('refunds', refunds.map(refundFields), page, total))
    },
  )

  async function findPaymentOf(request: FastifyRequest): Promise<PaymentAttempt> {
    const { payment_id: text } = request.params as { payment_id: string }
    const id = parseId<PaymentAttemptId>(text)
    const attempt = id && (await deps.store.paymentAttempts.find(id))
    if (attempt?.accountId !== request.account.id) throw notFound('payment', 'payment_id')
    return attempt
  }
}

/** The error of a refused refund, with the rest that can still be refunded. */
function refusalOf({ attempt, left, refused }: RefundRefused): ApiError {
  // A success that came too late goes back by itself.
  if (attempt.status === 'refunded') return new ApiError('payment_already_refunded')
  if (refused === 'payment_not_captured') return new ApiError(refused)
  if (left.amountMinor === 0n) return new ApiError('payment_already_refunded')
  return new ApiError(
    refused,
    'amount',
    `amount must be at most ${formatMoney(left)} ${left.currency}: that is what is left of this payment.`,
  )
}
