import {
  ACCESS_KEY_RANDOM_BYTES,
  type AccessKey,
  makeMethodSessionKey,
} from '../domain/access-key.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import {
  METHOD_SESSION_LIFE_SECONDS,
  type PaymentMethodSession,
} from '../domain/payment-method-session.ts'
import { SAVED_METHOD_COUNT_MAX } from '../domain/saved-payment-method.ts'
import type { DrawDeps } from './draw-payment-session.ts'
import type { Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

/** A new session with the key that opens its page. */
export type NewMethodSession = {
  readonly session: PaymentMethodSession
  readonly accessKey: AccessKey
}

/** The customer has the maximum number of saved methods. */
export type TooManyMethods = { readonly refused: 'customer_max_payment_methods' }

/** Makes a session in which a locked customer saves a payment method. A customer with 100 saved methods is refused. */
export async function createMethodSession(
  tx: Pick<Transaction, 'paymentMethods' | 'paymentMethodSessions'>,
  { clock, ids, keys, random }: DrawDeps,
  customer: Pick<CustomerRecord, 'accountId' | 'id'>,
  description: string | undefined,
): Promise<NewMethodSession | TooManyMethods> {
  if ((await tx.paymentMethods.countByCustomer(customer.id)) >= SAVED_METHOD_COUNT_MAX) {
    return { refused: 'customer_max_payment_methods' }
  }
  const nowMs = clock.nowMs()
  // The wire has whole seconds, and the session ends exactly at the time that the merchant reads.
  const expiresAtMs = (Math.floor(nowMs / 1000) + METHOD_SESSION_LIFE_SECONDS) * 1000
  const draw = (): PaymentMethodSession => ({
    id: ids.paymentMethodSession(customer.id),
    accountId: customer.accountId,
    customerId: customer.id,
    ...(description !== undefined && { description }),
    status: 'created',
    createdAtMs: nowMs,
    expiresAtMs,
    saveCount: 0,
  })
  const session = await storeWithFreeId(draw, tx.paymentMethodSessions.insert)
  const accessKey = makeMethodSessionKey(
    { methodSessionId: session.id, expiresAtMs, place: 'page' },
    random.bytes(ACCESS_KEY_RANDOM_BYTES),
    keys.accessKey,
  )
  return { session, accessKey }
}
