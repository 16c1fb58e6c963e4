import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type PaymentAttemptId, parseId } from '../../domain/id.ts'
import type { PaymentAttempt } from '../../domain/payment-attempt.ts'
import { type PaymentTold, paymentFields, paymentRow } from '../../wire/payment.ts'
import type { ApiDeps } from '../deps.ts'
import { AccountQuery, described, failures } from '../describe-route.ts'
import { ApiError } from '../errors.ts'
import type { JsonObject } from '../read-json.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { parsePaymentList } from './parse.ts'
import { PaymentListQuery, PaymentRetrieved, PaymentsListed } from './schemas.ts'

const TAG = 'Payments'

/** Registers `/api/v1/payments` and what lies below it. */
export function registerPaymentRoutes(app: FastifyInstance, deps: ApiDeps): void {
  app.get(
    '/payments/:payment_id',
    {
      config: { scope: 'payments.READ' },
      schema: {
        ...described(
          TAG,
          'payments.READ',
          'Retrieve a payment',
          'Gives a payment attempt as it is now: what was taken and with what, or why it failed.',
        ),
        operationId: 'retrievePayment',
        params: Type.Object({ payment_id: Type.String() }),
        querystring: AccountQuery,
        response: { 200: PaymentRetrieved, ...failures(400, 401, 404, 429) },
      },
    },
    async (request, reply) => {
      const id = parseId<PaymentAttemptId>((request.params as { payment_id: string }).payment_id)
      const attempt = id && (await deps.store.paymentAttempts.find(id))
      if (attempt?.accountId !== request.account.id) throw unknownPayment()
      const body = renderOne('payment', paymentFields(await toldOf(attempt)))
      return reply.type('application/json').send(body)
    },
  )

  app.get(
    '/payments',
    {
      config: { scope: 'payments.READ' },
      schema: {
        ...described(
          TAG,
          'payments.READ',
          'List payments',
          'Gives the account’s payment attempts, newest first.',
        ),
        operationId: 'listPayments',
        querystring: Type.Object({ ...AccountQuery.properties, ...PaymentListQuery.properties }),
        response: { 200: PaymentsListed, ...failures(400, 401, 429) },
      },
    },
    async (request, reply) => {
      const { filter, page } = parsePaymentList(queryOf(request), {
        edition: request.account.edition,
        nowMs: deps.clock.nowMs(),
      })
      const { items: attempts, total } =
        filter === 'nothing'
          ? { items: [], total: 0 }
          : await deps.store.paymentAttempts.list(request.account.id, filter, page)
      const told = await Promise.all(attempts.map(toldOf))
      const body = renderList('payments', told.map(paymentRow), page, total)
      return reply.type('application/json').send(body)
    },
  )

  async function toldOf(attempt: PaymentAttempt): Promise<PaymentTold> {
    // Reads of many sessions share a round trip.
    const session = await deps.store.paymentSessions.find(attempt.paymentSessionId)
    if (session === undefined) throw new Error(`payment ${attempt.id} has no session`)
    return { attempt, session }
  }
}

function queryOf(request: FastifyRequest): JsonObject {
  return request.query as JsonObject
}

/** An object of another account answers exactly the same as one that is not there. */
function unknownPayment(): ApiError {
  return new ApiError(
    'resource_does_not_exist',
    'payment_id',
    'There is no payment with this payment_id on this account.',
  )
}
