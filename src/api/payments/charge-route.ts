import {
  type CustomerId,
  type PaymentAttemptId,
  type PaymentMethodId,
  parseId,
} from '../../domain/id.ts'
import { savedMethodStatusAt } from '../../domain/saved-payment-method.ts'
import { lockCustomer } from '../../operations/change-customer.ts'
import {
  type DirectChargeDeps,
  finishDirectCharge,
  startDirectCharge,
} from '../../operations/charge-saved-method.ts'
import type { Transaction } from '../../operations/store.ts'
import { paymentFields } from '../../wire/payment.ts'
import { answerOnce, type OnceAnswer } from '../answer-once.ts'
import { readId } from '../connected-accounts/read-connected-accounts.ts'
import { requireEdition } from '../edition.ts'
import { ApiError } from '../errors.ts'
import type { HttpAnswer } from '../http-route.ts'
import { requireSaving } from '../payment-methods/routes.ts'
import { renderOne } from '../render-envelope.ts'
import { type ApiContext, type Call, route } from '../route.ts'
import { DirectChargeBody } from './charge-schemas.ts'
import { parseDirectCharge } from './parse-charge.ts'
import { RetrievePaymentAnswer } from './schemas.ts'

/** Charges a saved payment method. */
export const createDirectCharge = route({
  method: 'POST',
  url: '/payments',
  scope: 'payments.CREATE',
  operationId: 'createPayment',
  tag: 'Payments',
  summary: 'Charge a saved payment method',
  description:
    'Charges a saved payment method of a customer, without a page. The answer is the payment with its outcome: succeeded, failed, pending for a bank account, or `initiated` if the processor did not answer; then Paydesk asks until the outcome is known. Send an `Idempotency-Key`: without it a repeated request charges twice. A repetition with the key gets the payment as it is then. Only for accounts of the US edition.',
  body: DirectChargeBody,
  answers: { 201: RetrievePaymentAnswer },
  failures: [403, 404],
  handle: async (call) => {
    const { account, idempotent, tenant } = call
    requireEdition(account, 'US')
    requireSaving(tenant)
    const deps = depsOf(call)
    const once = await answerOnce(tenant, idempotent, {
      lock: async () => 'nothing',
      change: (tx) => start(tx, deps, call),
      render: ({ charge }) => ({
        status: 201,
        body: renderOne('payment', paymentFields(charge)),
        resourceId: charge.attempt.id,
      }),
    })
    if (!('result' in once)) return answerReplay(tenant, once)
    const { charge, method, request } = once.result
    call.deps.logger.info(
      { requestId: call.requestId, accountId: account.id, attemptId: charge.attempt.id },
      'direct charge started',
    )
    const returnUrl = call.publicUrl()
    const payment = await finishDirectCharge(deps, charge, method, { request, returnUrl })
    return { status: 201, body: renderOne('payment', paymentFields(payment)) }
  },
})

function depsOf({ deps, tenant }: Pick<ApiContext, 'deps' | 'tenant'>): DirectChargeDeps {
  const { attemptLifeMs, logger, patienceMs } = deps
  return {
    ...tenant,
    attemptLifeMs,
    patienceMs,
    onLost: (attemptId, error) =>
      logger.error({ err: error, attemptId }, 'a late answer could not be recorded'),
  }
}

/** Locks the customer and the method, checks the request, and stores the payment. */
async function start(tx: Transaction, deps: DirectChargeDeps, { account, body }: Call) {
  if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
  const json = body as Parameters<typeof parseDirectCharge>[0]
  const customerId = readId(json, 'customer_id', parseId<CustomerId>)
  const methodId = readId(json, 'payment_method_id', parseId<PaymentMethodId>)
  const customer = customerId && (await lockCustomer(tx, { accountId: account.id, id: customerId }))
  // The lock keeps the method from being deleted before the payment is stored.
  const lockedMethod = methodId && (await tx.paymentMethods.lock(methodId))
  const nowMs = deps.clock.nowMs()
  const isShown = lockedMethod && savedMethodStatusAt(lockedMethod, nowMs) !== undefined
  const method =
    isShown === true && lockedMethod?.accountId === account.id ? lockedMethod : undefined
  const request = parseDirectCharge(json, {
    account,
    nowMs,
    customerId: customer?.id,
    method,
  })
  if (customer === undefined || method === undefined)
    throw new Error('an unknown method was accepted')
  return {
    charge: await startDirectCharge(tx, deps, { customer, method }, request),
    method,
    request,
  }
}

/** Returns the payment of the first request with the key, as it is now. */
async function answerReplay(
  { store }: ApiContext['tenant'],
  once: Extract<OnceAnswer<unknown>, { readonly replay: unknown }>,
): Promise<HttpAnswer> {
  const { status, body } = once.replay
  const headers = { 'idempotent-replayed': 'true' }
  const { payment } = JSON.parse(body) as { readonly payment: { readonly payment_id: string } }
  const attempt = await store.paymentAttempts.find(payment.payment_id as PaymentAttemptId)
  const session = attempt && (await store.paymentSessions.find(attempt.paymentSessionId))
  if (attempt === undefined || session === undefined) return { status, body, headers }
  return { status, body: renderOne('payment', paymentFields({ attempt, session })), headers }
}
