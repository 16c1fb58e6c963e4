import type { BillingAddress } from '../domain/billing-address.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { BrowserInfo } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import type { Customer, PaymentAttempt } from '../domain/payment-attempt.ts'
import { EXPIRES_IN_SECONDS } from '../domain/payment-session.ts'
import type { SavedPaymentMethod } from '../domain/saved-payment-method.ts'
import { type Keys, openSealedWithAny } from '../domain/secret.ts'
import { AttemptIdTaken, applyMove, moveSessionIn } from './apply-move.ts'
import type { PayDeps } from './pay-payment-session.ts'
import { recordOutcome } from './record-outcome.ts'
import type { PaymentSessionRecord, Store, Transaction } from './store.ts'
import { storeWithFreeId, withFreeId } from './store-drawn.ts'
import { within } from './within.ts'

/** A merchant's charge of a saved payment method, checked. */
export type DirectChargeRequest = {
  readonly amount: Money
  /** True: the customer is on the merchant's page. */
  readonly isOnSession: boolean
  readonly browserInfo?: BrowserInfo
  readonly statementDescriptor?: string
  readonly shippingAddress?: BillingAddress
  readonly description?: string
  /** The JSON of `meta_data` for answers. */
  readonly metaDataJson?: string
}

/** The dependencies of a direct charge. */
export type DirectChargeDeps = PayDeps & {
  readonly store: PayDeps['store'] & Pick<Store, 'publicIds'>
  readonly keys: Keys
}

/** A stored payment, which may be at the processor. */
export type DirectCharge = {
  readonly session: PaymentSessionRecord
  readonly attempt: PaymentAttempt
}

/** The time in which a charge of a bank account can succeed, in milliseconds: banks decide debits within days. */
const ACH_LIFE_MS = 30 * 24 * 60 * 60_000

/**
 * Stores the payment of a direct charge with its hidden session. The customer and the method must be locked. Nothing is
 * charged before this transaction ends, so that after a crash the reconciler can ask about the charge.
 */
export async function startDirectCharge(
  tx: Transaction,
  deps: DirectChargeDeps,
  { customer, method }: { readonly customer: CustomerRecord; readonly method: SavedPaymentMethod },
  request: DirectChargeRequest,
): Promise<DirectCharge> {
  const session = await storeSession(tx, deps, customer, request)
  const { statementDescriptor } = request
  const isCard = method.instrument.type === 'card'
  return withFreeId(async () => {
    try {
      const result = await moveSessionIn(tx, deps, session.id, {
        type: 'start_attempt',
        attemptId: deps.ids.paymentAttempt(session.id),
        instrument: method.instrument,
        customer: payerOf(customer),
        attemptLifeMs: isCard ? deps.attemptLifeMs : ACH_LIFE_MS,
        savedMethodId: method.id,
        ...(statementDescriptor !== undefined && { statementDescriptor }),
      })
      if (result === undefined || 'refused' in result || result.attempt === undefined) {
        throw new Error(`session ${session.id} refuses its charge`)
      }
      return { session: result.session, attempt: result.attempt }
    } catch (error) {
      if (error instanceof AttemptIdTaken) return undefined
      throw error
    }
  })
}

/**
 * Charges a payment that `startDirectCharge` has stored, outside of transactions, and records the outcome. Returns the
 * payment after the outcome. It is still `initiated` if the processor does not answer in time; the reconciler asks
 * later.
 */
export async function finishDirectCharge(
  deps: DirectChargeDeps,
  { attempt, session }: DirectCharge,
  { tokenSealed }: Pick<SavedPaymentMethod, 'tokenSealed'>,
  { request, returnUrl }: { readonly request: DirectChargeRequest; readonly returnUrl: string },
): Promise<DirectCharge> {
  const { browserInfo, description = '', isOnSession, shippingAddress } = request
  const facts = attempt.instrument
  if (tokenSealed === undefined || (facts.type !== 'card' && facts.type !== 'ach_debit')) {
    throw new Error(`payment ${attempt.id} has no saved instrument`)
  }
  const charge = deps.processor.charge({
    attemptId: attempt.id,
    amount: session.amount,
    instrument: {
      type: 'saved',
      token: openSealedWithAny(tokenSealed, deps.keys),
      facts,
      isOnSession,
      ...(browserInfo !== undefined && { browserInfo }),
    },
    description,
    returnUrl,
    ...(attempt.statementDescriptor !== undefined && {
      statementDescriptor: attempt.statementDescriptor,
    }),
    ...(shippingAddress !== undefined && { shippingAddress }),
  })
  const outcome = await within(deps.patienceMs, charge)
  if (outcome === undefined) {
    charge
      .then((late) => recordOutcome(deps, attempt, late))
      .catch((error: unknown) => deps.onLost(attempt.id, error))
  }
  const result =
    outcome === undefined
      ? await applyMove(deps, session.id, { type: 'record_unknown', attemptId: attempt.id })
      : await recordOutcome(deps, attempt, outcome)
  const isMoved = result !== undefined && 'session' in result && result.attempt !== undefined
  return isMoved
    ? { session: result.session, attempt: result.attempt ?? attempt }
    : { session, attempt }
}

/**
 * Stores the session of a charge in the customer's bucket. It has no page, and the API does not
 * show it.
 */
function storeSession(
  tx: Transaction,
  { clock, ids, store }: Pick<DirectChargeDeps, 'clock' | 'ids' | 'store'>,
  { accountId, id: customerId }: CustomerRecord,
  { amount, description, isOnSession, metaDataJson }: DirectChargeRequest,
): Promise<PaymentSessionRecord> {
  const nowMs = clock.nowMs()
  const bucket = store.publicIds.bucketOf(customerId)
  const draw = (): PaymentSessionRecord => ({
    id: ids.paymentSession(bucket),
    accountId,
    amount,
    status: 'created',
    createdAtMs: nowMs,
    expiresAtMs: nowMs + EXPIRES_IN_SECONDS.max * 1000,
    attemptCount: 0,
    attemptCountMax: 1,
    currentAttemptId: undefined,
    customerId,
    typeFacts: { type: 'direct_charge', isOnSession },
    echoedJson: JSON.stringify({
      meta_data: metaDataJson && (JSON.parse(metaDataJson) as unknown),
      description,
    }),
  })
  return storeWithFreeId(draw, tx.paymentSessions.insertOne)
}

/** Returns the details of a payer from those of a customer. */
export function payerOf({ email, phone }: CustomerRecord): Customer {
  return {
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone: phone.digits }),
    ...(phone?.dialingCode !== undefined && { dialingCode: phone.dialingCode }),
  }
}
