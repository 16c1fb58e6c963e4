import { type CustomerId, type PaymentMethodId, parseId } from '../../domain/id.ts'
import { savedMethodStatusAt } from '../../domain/saved-payment-method.ts'
import { lockCustomer } from '../../operations/change-customer.ts'
import {
  type DirectChargeDeps,
  finishDirectCharge,
  payerOf,
  startDirectCharge,
} from '../../operations/charge-saved-method.ts'
import type { Transaction } from '../../operations/store.ts'
import { paymentFields } from '../../wire/payment.ts'
import { httpAnswerFrom } from '../answer.ts'
import { chargeOnce } from '../charge-once.ts'
import { readId } from '../connected-accounts/read-connected-accounts.ts'
import { requireEdition } from '../edition.ts'
import { ApiError } from '../errors.ts'
import { requireSaving } from '../payment-methods/routes.ts'
import { type ApiContext, type Call, route } from '../route.ts'
import { DirectChargeBody } from './charge-schemas.ts'
import { parseDirectCharge } from './parse-charge.ts'
import { RetrievePaymentAnswer } from './schemas.ts'

/** `POST /payments`: charges a saved payment method. */
export const createDirectCharge = route({
  method: 'POST',
  url: '/payments',
  scope: 'payments.CREATE',
  operationId: 'createPayment',
  tag: 'Payments',
  summary: 'Charge a saved payment method',
  description:
    'Charges a saved payment method of a customer, without a page. The answer is the payment with its outcome: `succeeded`, `failed`, or `pending` for a bank account. The payment is `initiated` if the processor did not answer; Paydesk then queries the processor until the outcome is known. Send an `Idempotency-Key`: without it a repeated request charges twice. A repeated request with the key charges nothing and gets the same answer, or, if that answer had no outcome yet, the payment in its current state. Only for accounts of the US edition.',
  body: DirectChargeBody,
  answers: { 201: RetrievePaymentAnswer },
  failures: [403, 404],
  handle: async (call) => {
    const { account, tenant } = call
    requireEdition(account, 'US')
    requireSaving(tenant)
    const deps = depsOf(call)
    const once = await chargeOnce(call, {
      begin: (tx) => start(tx, deps, call),
      send: ({ method, payment, request }) => {
        call.deps.logger.info(
          { requestId: call.requestId, accountId: account.id, attemptId: payment.attempt.id },
          'direct charge started',
        )
        return finishDirectCharge(deps, payment, method, { request, returnUrl: call.publicUrl() })
      },
      fields: (payment) => paymentFields(payment),
    })
    return httpAnswerFrom(once)
  },
})

function depsOf({ deps, tenant }: Pick<ApiContext, 'deps' | 'tenant'>): DirectChargeDeps {
  const { attemptLifeMs, logger, patienceMs } = deps
  return {
    ...tenant,
    attemptLifeMs,
    patienceMs,
    onLost: (attemptId, error) =>
      logger.error(
        { err: error, attemptId },
        'a late answer of the processor could not be recorded',
      ),
  }
}

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
  const { isOnSession, shippingAddress } = request
  const plan = {
    facts: method.instrument,
    isOnSession,
    customer: { name: customer.name, ...payerOf(customer) },
    ...(shippingAddress !== undefined && { shippingAddress }),
  }
  if (deps.processor.savedInstruments?.needsDetails?.(plan) === true) {
    throw new ApiError('insufficient_customer_details', 'customer_id')
  }
  return {
    payment: await startDirectCharge(tx, deps, { customer, method }, request),
    method,
    request,
  }
}
