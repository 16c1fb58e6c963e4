import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type PaymentAttemptId, parseId, type RefundId } from '../../domain/id.ts'
import { type Currency, formatMoney } from '../../domain/money.ts'
import type { Refund } from '../../domain/refund.ts'
import { type RefundRefused, refundPayment } from '../../operations/refund-payment.ts'
import { refundFields } from '../../wire/refund.ts'
import { IdempotencyHeaders, idempotentRequest, readBody, sendJson, sendResult } from '../answer.ts'
import type { ApiDeps } from '../app.ts'
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
      let currency: Currency = 'INR'
      let begun: Refund | undefined
      const result = await refundPayment(
        deps,
        request.account.id,
        paymentIdFrom(request),
        (session) => {
          currency = session.amount.currency
          return parseRefundCreate(value, currency)
        },
        (refund) => {
          if ('refused' in refund) return renderError(refusalOf(refund, currency))
          begun = refund
          return { status: 201, body: renderOne('refund', refundFields(refund)) }
        },
        idempotent,
      )
      if (result === undefined) throw notFound('payment', 'payment_id')
      if (begun !== undefined && 'status' in result) {
        const { amount, id: refundId, paymentAttemptId: paymentId } = begun
        const facts = { paymentId, refundId, amount: formatMoney(amount) }
        deps.logger.info(
          { requestId: request.id, ...facts, currency: amount.currency },
          'refund begun',
        )
      }
      return sendResult(reply, result)
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
      const refund = id && (await deps.store.findRefund(id))
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
      const id = paymentIdFrom(request)
      const page = readPage(readListFields(request.query as JsonObject, undefined))
      const attempt = await deps.store.findPaymentAttempt(id)
      if (attempt?.accountId !== request.account.id) throw notFound('payment', 'payment_id')
      const { refunds, total } = await deps.store.listPaymentRefunds(id, page)
      return sendJson(reply, 200, renderList('refunds', refunds.map(refundFields), page, total))
    },
  )
}

/** Says why nothing is given back, and where it is the amount's fault how much could be. */
function refusalOf({ attempt, leftMinor, refused }: RefundRefused, currency: Currency): ApiError {
  // A success that came too late goes back by itself.
  if (attempt.status === 'refunded') return new ApiError('payment_already_refunded')
  if (refused === 'payment_not_captured') return new ApiError(refused)
  if (leftMinor === 0n) return new ApiError('payment_already_refunded')
  const left = `${formatMoney({ amountMinor: leftMinor, currency })} ${currency}`
  return new ApiError(
    refused,
    'amount',
    `amount must be at most ${left}: that is what is left of this payment.`,
  )
}

function paymentIdFrom(request: FastifyRequest): PaymentAttemptId {
  const id = parseId<PaymentAttemptId>((request.params as { payment_id: string }).payment_id)
  if (id === undefined) throw notFound('payment', 'payment_id')
  return id
}
