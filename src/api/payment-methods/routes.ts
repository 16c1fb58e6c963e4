import {
  type CustomerId,
  type PaymentMethodId,
  type PaymentMethodSessionId,
  parseId,
} from '../../domain/id.ts'
import type { SavedPaymentMethod } from '../../domain/saved-payment-method.ts'
import { SAVED_METHOD_COUNT_MAX, savedMethodStatusAt } from '../../domain/saved-payment-method.ts'
import { lockCustomer } from '../../operations/change-customer.ts'
import { changePaymentMethod, deletePaymentMethod } from '../../operations/change-payment-method.ts'
import { createMethodSession } from '../../operations/create-method-session.ts'
import {
  methodSessionFields,
  paymentMethodFields,
  retrievedMethodSessionFields,
} from '../../wire/payment-method.ts'
import { httpAnswerFrom, ok } from '../answer.ts'
import { answerOnce } from '../answer-once.ts'
import { readId } from '../connected-accounts/read-connected-accounts.ts'
import { requireEdition } from '../edition.ts'
import { ApiError, notFound } from '../errors.ts'
import { renderOne } from '../render-envelope.ts'
import { type ApiContext, type Call, route } from '../route.ts'
import { parseMethodSessionCreate, parsePaymentMethodChange } from './parse.ts'
import {
  CreateMethodSessionAnswer,
  DeletePaymentMethodAnswer,
  MethodSessionCreateBody,
  PaymentMethodAnswer,
  PaymentMethodChangeBody,
  RetrieveMethodSessionAnswer,
} from './schemas.ts'

const tag = 'Payment methods'

const createMethodSessionRoute = route({
  method: 'POST',
  url: '/paymentmethodsessions',
  scope: 'paymentmethods.CREATE',
  operationId: 'createPaymentMethodSession',
  tag,
  summary: 'Create a payment method session',
  description:
    'Makes a session of 15 minutes in which a customer saves a card or a bank account, in the widget or on the page of the `access_key`. No money moves. Only for accounts of the US edition. In live mode this needs a processor that can save instruments.',
  body: MethodSessionCreateBody,
  answers: { 201: CreateMethodSessionAnswer },
  failures: [403, 404],
  handle: async (call) => {
    const { account, body, idempotent, tenant } = call
    requireEdition(account, 'US')
    requireSaving(tenant)
    const customerId = readId(body, 'customer_id', parseId<CustomerId>)
    const once = await answerOnce(tenant, idempotent, {
      lock: async () => 'nothing',
      change: async (tx) => {
        if (account.closedAtMs !== undefined) throw new ApiError('account_closed')
        // The lock keeps the customer from being deleted before the session is stored.
        const customer =
          customerId && (await lockCustomer(tx, { accountId: account.id, id: customerId }))
        const count =
          customer === undefined ? 0 : await tx.paymentMethods.countByCustomer(customer.id)
        const { description } = parseMethodSessionCreate(body, {
          customerId: customer?.id,
          isFull: count >= SAVED_METHOD_COUNT_MAX,
        })
        if (customer === undefined) throw new Error('a session without a customer was accepted')
        const result = await createMethodSession(tx, tenant, customer, description)
        if ('refused' in result) throw new ApiError(result.refused, 'customer_id')
        return result
      },
      render: ({ accessKey, session }) => ({
        status: 201,
        body: renderOne('payment_method_session', methodSessionFields(session, accessKey)),
        resourceId: session.id,
      }),
    })
    if ('result' in once) {
      const paymentMethodSessionId = once.result.session.id
      call.deps.logger.info(
        { requestId: call.requestId, accountId: account.id, paymentMethodSessionId },
        'payment method session created',
      )
    }
    return httpAnswerFrom(once)
  },
})

const retrieveMethodSession = route({
  method: 'GET',
  url: '/paymentmethodsessions/{payment_method_session_id}',
  scope: 'paymentmethods.READ',
  operationId: 'retrievePaymentMethodSession',
  tag,
  summary: 'Retrieve a payment method session',
  description: 'Returns a session with its current status and, after the save, the saved method.',
  answers: { 200: RetrieveMethodSessionAnswer },
  handle: async ({ account, path, tenant: { clock, store } }) => {
    requireEdition(account, 'US')
    const id = parseId<PaymentMethodSessionId>(path.payment_method_session_id)
    const session = id && (await store.paymentMethodSessions.find(id))
    if (session?.accountId !== account.id) {
      throw notFound('payment method session', 'payment_method_session_id')
    }
    const { methodId } = session
    const method = methodId && (await store.paymentMethods.find(methodId))
    const fields = retrievedMethodSessionFields(session, method, clock.nowMs())
    return ok(renderOne('payment_method_session', fields))
  },
})

const retrievePaymentMethod = route({
  method: 'GET',
  url: '/paymentmethods/{payment_method_id}',
  scope: 'paymentmethods.READ',
  operationId: 'retrievePaymentMethod',
  tag,
  summary: 'Retrieve a saved payment method',
  description:
    'Returns a saved card or bank account with its current status, even if it was deleted. Its number is not stored.',
  answers: { 200: PaymentMethodAnswer },
  handle: async (call) => ok(await render(call, await find(call))),
})

const updatePaymentMethod = route({
  method: 'PUT',
  url: '/paymentmethods/{payment_method_id}',
  scope: 'paymentmethods.UPDATE',
  operationId: 'updatePaymentMethod',
  tag,
  summary: 'Change a saved payment method',
  description:
    'Changes the card’s expiry, the kind of the account’s holder or the billing address. A billing address replaces the stored one. A method that is blocked or deleted is refused.',
  body: PaymentMethodChangeBody,
  answers: { 200: PaymentMethodAnswer },
  handle: async (call) => {
    const { body, tenant } = call
    const method = await find(call)
    const change = parsePaymentMethodChange(body, { method, nowMs: tenant.clock.nowMs() })
    const result = await changePaymentMethod(tenant, method.id, change)
    if (result === undefined) throw unknownMethod()
    if ('refused' in result) throw new ApiError(result.refused)
    log(call, method.id, 'changed')
    return ok(await render(call, result))
  },
})

const deletePaymentMethodRoute = route({
  method: 'DELETE',
  url: '/paymentmethods/{payment_method_id}',
  scope: 'paymentmethods.DELETE',
  operationId: 'deletePaymentMethod',
  tag,
  summary: 'Delete a saved payment method',
  description:
    'The method can no longer be charged, and Paydesk tells the processor to delete it. A second deletion changes nothing.',
  answers: { 200: DeletePaymentMethodAnswer },
  handle: async (call) => {
    const { id } = await find(call)
    const result = await deletePaymentMethod(call.tenant, id)
    if (result === undefined) throw unknownMethod()
    if ('refused' in result) throw new ApiError(result.refused)
    log(call, id, 'deleted')
    return ok('{"code":0,"message":"success"}')
  },
})

/** The routes of payment method sessions and saved payment methods, in the order of the documentation. */
export const PAYMENT_METHOD_ROUTES = [
  createMethodSessionRoute,
  retrieveMethodSession,
  retrievePaymentMethod,
  updatePaymentMethod,
  deletePaymentMethodRoute,
]

/** Throws ApiError if the processor cannot save instruments. */
export function requireSaving({ processor }: ApiContext['tenant']): void {
  if (processor.savedInstruments !== undefined) return
  throw new ApiError(
    'payment_method_type_not_supported',
    undefined,
    'The processor of this installation cannot save payment methods.',
  )
}

function unknownMethod(): ApiError {
  return notFound('payment method', 'payment_method_id')
}

/** Throws ApiError for another edition, or if the account has no saved method with this id. */
async function find({
  account,
  path,
  tenant: { clock, store },
}: Call<'/paymentmethods/{payment_method_id}'>): Promise<SavedPaymentMethod> {
  requireEdition(account, 'US')
  const id = parseId<PaymentMethodId>(path.payment_method_id)
  const method = id && (await store.paymentMethods.find(id))
  const isShown = method && savedMethodStatusAt(method, clock.nowMs()) !== undefined
  if (isShown !== true || method?.accountId !== account.id) throw unknownMethod()
  return method
}

async function render(
  { tenant: { clock, store } }: Pick<ApiContext, 'tenant'>,
  method: SavedPaymentMethod,
): Promise<string> {
  const customer = await store.customers.find(method.customerId)
  return renderOne('payment_method', paymentMethodFields(method, customer, clock.nowMs()))
}

/** Logs no data of the customer. */
function log(
  { account, deps, requestId }: ApiContext,
  paymentMethodId: PaymentMethodId,
  what: string,
): void {
  deps.logger.info({ requestId, accountId: account.id, paymentMethodId }, `payment method ${what}`)
}
