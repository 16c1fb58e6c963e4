import type { Account } from '../../domain/account.ts'
import { type CustomerId, type PaymentSessionId, parseId } from '../../domain/id.ts'
import { isMandateSession, isShownSession } from '../../domain/records.ts'
import { takeOffTerminal } from '../../operations/begin-terminal-payment.ts'
import { cancelPaymentSession } from '../../operations/cancel-payment-session.ts'
import type { PaymentSessionRequest } from '../../operations/draw-payment-session.ts'
import type { Tenant } from '../../operations/tenant.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { connectedAccountsIn, readId } from '../connected-accounts/read-connected-accounts.ts'
import { ApiError, notFound, renderError } from '../errors.ts'
import { createMandateEnrollment, createMandateExecution } from '../mandate-sessions/routes.ts'
import type { JsonValue } from '../read-json.ts'
import { type Call, route } from '../route.ts'
import { createTypedTerminalSession } from '../terminal-sessions/routes.ts'
import { withCheckoutLink } from './checkout-link.ts'
import { answerSessionCreate } from './create.ts'
import { ownCustomer } from './own-customer.ts'
import { parsePaymentSessionCreate, parsePaymentSessionList } from './parse.ts'
import { renderRetrievedSession, renderSessionList } from './render.ts'
import {
  CreatePaymentSessionAnswer,
  ListPaymentSessionsAnswer,
  PaymentSessionCreateBody,
  PaymentSessionListQuery,
  RetrievePaymentSessionAnswer,
} from './schemas.ts'

const tag = 'Payment sessions'

/** `POST /paymentsessions`. */
export const createPaymentSessionRoute = route({
  method: 'POST',
  url: '/paymentsessions',
  scope: 'payments.CREATE',
  operationId: 'createPaymentSession',
  tag,
  summary: 'Create a payment session',
  description:
    'Creates a session for one amount. The customer has 5 to 15 minutes to pay it. The header `Link: <…>; rel="payment"` of the answer has the address of the checkout page (Paydesk only).',
  body: PaymentSessionCreateBody,
  answers: { 201: CreatePaymentSessionAnswer },
  // The account may be closed, and the body may name a customer and connected accounts.
  failures: [403, 404],
  variants: {
    mandate_enrollment: createMandateEnrollment,
    mandate_execution: createMandateExecution,
    pos_payment: createTypedTerminalSession,
  },
  handle: async (call) =>
    withCheckoutLink(await answerSessionCreate(call, readRequest), call.publicUrl()),
})

async function readRequest({
  account,
  body,
  tenant,
}: Call<string, unknown, JsonValue>): Promise<PaymentSessionRequest> {
  if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
  const ids = connectedAccountsIn(body, 'transfer_details')
  const connectedAccounts =
    ids.length === 0 ? NO_ACCOUNTS : await tenant.store.connectedAccounts.findIds(account.id, ids)
  const namedCustomerId = readId(body, 'customer_id', parseId<CustomerId>)
  const customerId =
    namedCustomerId === undefined ? undefined : await ownCustomer(tenant, account, namedCustomerId)
  const { mode } = tenant
  return parsePaymentSessionCreate(body, { account, mode, connectedAccounts, customerId })
}

const NO_ACCOUNTS: ReadonlySet<never> = new Set()

/** `GET /paymentsessions/{payments_session_id}`. */
export const retrievePaymentSession = route({
  method: 'GET',
  url: '/paymentsessions/{payments_session_id}',
  scope: 'payments.READ',
  operationId: 'retrievePaymentSession',
  tag,
  summary: 'Retrieve a payment session',
  description: 'Returns the session with its current status and its payment attempts.',
  answers: { 200: RetrievePaymentSessionAnswer },
  handle: async ({ account, path, tenant: { clock, store } }) => {
    const session = await store.paymentSessions.find(sessionId(path))
    if (session?.accountId !== account.id || !isShownSession(session)) throw unknownSession()
    const list = isMandateSession(session)
      ? store.paymentAttempts.listBySession
      : store.paymentAttempts.listOutlines
    const attempts = session.attemptCount === 0 ? [] : await list(session.id)
    return ok(renderRetrievedSession(session, attempts, clock.nowMs()))
  },
})

const listPaymentSessions = route({
  method: 'GET',
  url: '/paymentsessions',
  scope: 'payments.READ',
  operationId: 'listPaymentSessions',
  tag,
  summary: 'List payment sessions',
  isPaydeskOnly: true,
  description: 'Returns the account’s sessions, newest first.',
  query: PaymentSessionListQuery,
  answers: { 200: ListPaymentSessionsAnswer },
  handle: async ({ account, openPage, query, tenant: { clock, store } }) => {
    const { filter, page: requestedPage } = parsePaymentSessionList(query, account.edition)
    const page = openPage(requestedPage)
    const nowMs = clock.nowMs()
    const list = await store.paymentSessions.list(account.id, filter, page, nowMs)
    return ok(renderSessionList(list, page, nowMs))
  },
})

const cancelPaymentSessionRoute = route({
  method: 'POST',
  url: '/paymentsessions/{payments_session_id}/cancel',
  scope: 'payments.CREATE',
  operationId: 'cancelPaymentSession',
  tag,
  summary: 'Cancel a payment session',
  isPaydeskOnly: true,
  description:
    'Cancels an open session, which then cannot be paid. A session with a payment in progress is refused, except an in-person session that waits for its customer.',
  answers: { 200: RetrievePaymentSessionAnswer },
  handle: async ({ account, deps, idempotent, path, requestId, tenant }) => {
    const id = sessionId(path)
    const isTakenOff = await takeOff(tenant, account, id)
    const once = await answerOnce(tenant, idempotent, {
      bucket: tenant.store.publicIds.bucketOf(id),
      lock: async (tx) => {
        const session = await tx.paymentSessions.lock(id)
        return session?.accountId === account.id && isShownSession(session) ? session : undefined
      },
      missing: unknownSession,
      change: async (tx, session) =>
        isTakenOff
          ? { session, attempts: await tx.paymentAttempts.listBySession(id) }
          : cancelPaymentSession(tx, tenant, id),
      render: (result) =>
        'refused' in result
          ? { ...renderError(new ApiError(result.refused)), resourceId: id }
          : {
              status: 200,
              body: renderRetrievedSession(result.session, result.attempts, tenant.clock.nowMs()),
              resourceId: id,
            },
    })
    if ('result' in once && !('refused' in once.result)) {
      deps.logger.info({ requestId, paymentSessionId: id }, 'payment session canceled')
    }
    return httpAnswerFrom(once)
  },
})

/**
 * Removes an in-person session from its terminal, outside of a transaction. Returns true if that
 * has ended the session.
 */
async function takeOff(tenant: Tenant, account: Account, id: PaymentSessionId): Promise<boolean> {
  const session = await tenant.store.paymentSessions.find(id)
  if (session?.accountId !== account.id) return false
  return takeOffTerminal({ ...tenant, ...tenant.chargeLimits }, session)
}

/** The routes of payment sessions, in the order of the documentation. */
export const PAYMENT_SESSION_ROUTES = [
  createPaymentSessionRoute,
  retrievePaymentSession,
  listPaymentSessions,
  cancelPaymentSessionRoute,
]

function unknownSession(): ApiError {
  return notFound('payment session', 'payments_session_id')
}

function sessionId(path: { readonly payments_session_id: string }): PaymentSessionId {
  const id = parseId<PaymentSessionId>(path.payments_session_id)
  if (id === undefined) throw unknownSession()
  return id
}
