import { type PaymentAttemptId, parseId } from '../../domain/id.ts'
import { findSessionPayment, findSessionPayments } from '../../operations/session-payments.ts'
import { EMPTY_LIST_PAGE } from '../../operations/store.ts'
import { paymentFields, paymentRow } from '../../wire/payment.ts'
import { ok } from '../answer.ts'
import { notFound } from '../errors.ts'
import { renderList, renderOne } from '../render-envelope.ts'
import { route } from '../route.ts'
import { createDirectCharge } from './charge-route.ts'
import { parsePaymentList } from './parse.ts'
import { ListPaymentsAnswer, PaymentListQuery, RetrievePaymentAnswer } from './schemas.ts'

const tag = 'Payments'

const retrievePayment = route({
  method: 'GET',
  url: '/payments/{payment_id}',
  scope: 'payments.READ',
  operationId: 'retrievePayment',
  tag,
  summary: 'Retrieve a payment',
  description:
    'Returns a payment attempt with its current status, its amounts and its payment method, and the reason if it failed.',
  answers: { 200: RetrievePaymentAnswer },
  handle: async ({ account, path, tenant }) => {
    const id = parseId<PaymentAttemptId>(path.payment_id)
    const attempt = id && (await tenant.store.paymentAttempts.find(id))
    if (attempt?.accountId !== account.id) throw notFound('payment', 'payment_id')
    const [payment, dispute] = await Promise.all([
      findSessionPayment(tenant.store, attempt),
      // Only a payment that has succeeded can have been disputed.
      attempt.status === 'succeeded' ? tenant.store.disputes.findCurrent(attempt.id) : undefined,
    ])
    if (payment === undefined) throw notFound('payment', 'payment_id')
    return ok(renderOne('payment', paymentFields({ ...payment, dispute })))
  },
})

const listPayments = route({
  method: 'GET',
  url: '/payments',
  scope: 'payments.READ',
  operationId: 'listPayments',
  tag,
  summary: 'List payments',
  description: 'Returns the account’s payment attempts, newest first.',
  query: PaymentListQuery,
  answers: { 200: ListPaymentsAnswer },
  handle: async ({ account, openPage, query, tenant }) => {
    const { filter, page: requestedPage } = parsePaymentList(query, {
      edition: account.edition,
      nowMs: tenant.clock.nowMs(),
    })
    const page = openPage(requestedPage)
    const list =
      filter === 'nothing'
        ? EMPTY_LIST_PAGE
        : await tenant.store.paymentAttempts.list(account.id, filter, page)
    const payments = await findSessionPayments(tenant.store, list.items)
    return ok(renderList('payments', payments.map(paymentRow), page, list))
  },
})

/** The routes of payments, in the order of the documentation. */
export const PAYMENT_ROUTES = [createDirectCharge, retrievePayment, listPayments]
