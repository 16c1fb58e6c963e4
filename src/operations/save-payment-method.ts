import type { BillingAddress } from '../domain/billing-address.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import type { PaymentMethodId, PaymentMethodSessionId } from '../domain/id.ts'
import { factsOf, type SavableInstrument, type SavedFacts } from '../domain/instrument.ts'
import {
  type MethodSessionRefusal,
  moveMethodSession,
  type PaymentMethodSession,
} from '../domain/payment-method-session.ts'
import type { Random } from '../domain/random.ts'
import {
  beginSave,
  moveSavedMethod,
  SAVED_METHOD_COUNT_MAX,
  type SavedMethodMove,
  type SavedMethodRefusal,
  type SavedMethodSource,
  type SavedPaymentMethod,
} from '../domain/saved-payment-method.ts'
import { type Keys, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import type { Processor } from '../processors/processor.ts'
import type { SaveOutcome } from '../processors/saved-instruments.ts'
import { paymentMethodFields } from '../wire/payment-method.ts'
import { lockCustomer } from './change-customer.ts'
import type { TooManyMethods } from './create-method-session.ts'
import type { Store, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'
import { within } from './within.ts'
import { type EventDeps, writeWebhookEvent } from './write-webhook-event.ts'

/** The dependencies of a recorded save. */
export type RecordSaveDeps = EventDeps & {
  readonly store: Pick<Store, 'transaction' | 'customers'>
  readonly keys: Pick<Keys, 'sealing'>
  readonly random: Random
}

/** The dependencies of a save. */
export type SaveDeps = RecordSaveDeps & {
  readonly store: Pick<Store, 'transaction' | 'customers' | 'paymentMethodSessions'>
  /** Guarded (`guardProcessor`). */
  readonly processor: Processor
  readonly patienceMs: number
  /** Called when an outcome arrived after `patienceMs` and could not be recorded. */
  readonly onLost: (id: PaymentMethodId, error: unknown) => void
}

/** A customer's request to save an instrument. */
export type SaveRequest = {
  readonly instrument: SavableInstrument
  readonly billingAddress: BillingAddress
  readonly source: SavedMethodSource
  readonly returnUrl: string
  /** The number of the save in the form. */
  readonly number: number
}

/** A method after a move, with its session if it has one. */
export type MethodSave = {
  readonly session?: PaymentMethodSession
  readonly method: SavedPaymentMethod
}

/** The reason why no save was made or recorded. */
export type RefusedSave =
  | { readonly refused: MethodSessionRefusal | SavedMethodRefusal }
  | TooManyMethods
  | { readonly refused: 'customer_deleted' | 'saving_not_supported' }

/**
 * Saves an instrument in a session: records the method, calls the processor outside of
 * transactions, records the outcome. Undefined: there is no such session.
 */
export async function savePaymentMethod(
  deps: SaveDeps,
  id: PaymentMethodSessionId,
  request: SaveRequest,
): Promise<MethodSave | RefusedSave | undefined> {
  const session = await deps.store.paymentMethodSessions.find(id)
  if (session === undefined) return undefined
  const { accountId, customerId } = session
  return saveFor(deps, { accountId, customerId, sessionId: id }, request)
}

/** The customer who saves, in a session or in the sandbox's control API. */
type SaveOwner = Pick<SavedPaymentMethod, 'accountId' | 'customerId' | 'sessionId'>

/** Does the same as `savePaymentMethod` for a customer with or without a session. */
export async function saveFor(
  deps: SaveDeps,
  owner: SaveOwner,
  request: SaveRequest,
): Promise<MethodSave | RefusedSave> {
  const { savedInstruments } = deps.processor
  if (savedInstruments === undefined) return { refused: 'saving_not_supported' }
  // Stored before the processor can save anything, so that after a crash the worker can ask about it.
  const start = await deps.store.transaction((tx) => startSave(tx, deps, owner, request))
  if ('refused' in start) return start

  const { customer, method } = start
  const { billingAddress, instrument, returnUrl } = request
  const saving = savedInstruments.save({
    paymentMethodId: method.id,
    instrument,
    billingAddress,
    customer: { name: customer.name, email: customer.email ?? '' },
    returnUrl,
  })
  const outcome = await within(deps.patienceMs, saving)
  if (outcome !== undefined) return (await recordSave(deps, method, outcome)) ?? start

  // A later answer is still recorded. If this process ends before the answer, the worker asks for it.
  saving
    .then((late) => recordSave(deps, method, late))
    .catch((error: unknown) => deps.onLost(method.id, error))
  return start
}

async function startSave(
  tx: Transaction,
  { clock, ids }: Pick<SaveDeps, 'clock' | 'ids'>,
  { accountId, customerId, sessionId }: SaveOwner,
  { billingAddress, instrument, number, source }: SaveRequest,
): Promise<(MethodSave & { readonly customer: CustomerRecord }) | RefusedSave> {
  const customer = await lockCustomer(tx, { accountId, id: customerId })
  const nowMs = clock.nowMs()
  const before = sessionId && (await tx.paymentMethodSessions.lock(sessionId))
  if (customer === undefined) {
    // The page then says that the session has ended, instead of showing the form again.
    const endedSession = before && moveMethodSession(before, { type: 'expire_now' }, nowMs)
    if (endedSession !== undefined && !('refused' in endedSession))
      await tx.paymentMethodSessions.update(endedSession)
    return { refused: 'customer_deleted' }
  }
  const move = { type: 'start_save', methodId: ids.paymentMethod(customerId), number } as const
  const session = before && moveMethodSession(before, move, nowMs)
  if (session !== undefined && 'refused' in session) return session
  // Two sessions of a customer with 99 methods can be open at once.
  if ((await tx.paymentMethods.countByCustomer(customerId)) >= SAVED_METHOD_COUNT_MAX) {
    return { refused: 'customer_max_payment_methods' }
  }
  const draw = (drawCount: number) =>
    beginSave(
      {
        id: drawCount === 0 ? move.methodId : ids.paymentMethod(customerId),
        accountId,
        customerId,
        ...(sessionId !== undefined && { sessionId }),
        source,
        instrument: factsOf(instrument) as SavedFacts,
        addressId: ids.paymentMethod(customerId),
        billingAddress,
      },
      nowMs,
    )
  const method = await storeWithFreeId(draw, tx.paymentMethods.insert)
  if (session === undefined) return { method, customer }
  const savingSession = { ...session, methodId: method.id }
  await tx.paymentMethodSessions.update(savingSession)
  return { session: savingSession, method, customer }
}

/**
 * Records the processor's answer about a save, with its session and event in one transaction. A repeated answer is
 * refused. Undefined: there is no such method.
 */
export function recordSave(
  deps: RecordSaveDeps,
  method: MethodKey,
  outcome: SaveOutcome,
): Promise<MethodSave | RefusedSave | undefined> {
  return moveMethod(deps, method, moveFrom(deps, outcome))
}

/** Ends a save without a result in time. The processor then has to delete the instrument. */
export async function giveUpSave(deps: RecordSaveDeps, method: MethodKey): Promise<void> {
  await moveMethod(deps, method, { type: 'give_up' })
}

type MethodKey = Pick<SavedPaymentMethod, 'id' | 'customerId' | 'sessionId'>

async function moveMethod(
  deps: RecordSaveDeps,
  { customerId, id, sessionId }: MethodKey,
  move: SavedMethodMove,
): Promise<MethodSave | RefusedSave | undefined> {
  // Read before the transaction, because a transaction can read a customer only with a lock.
  const customer = await deps.store.customers.find(customerId)
  return deps.store.transaction(async (tx) => {
    const session = sessionId && (await tx.paymentMethodSessions.lock(sessionId))
    const before = await tx.paymentMethods.lock(id)
    if (before === undefined) return undefined
    const method = moveSavedMethod(before, move, deps.clock.nowMs())
    if ('refused' in method) return method
    await tx.paymentMethods.update(method)
    const hasEnded = method.status !== before.status
    if (hasEnded && method.status === 'active') await writeSavedEvent(tx, deps, method, customer)
    if (session === undefined) return { method }
    return { session: hasEnded ? await endSave(tx, deps, session, method) : session, method }
  })
}

async function endSave(
  tx: Transaction,
  { clock }: Pick<RecordSaveDeps, 'clock'>,
  session: PaymentMethodSession,
  { id: methodId, status }: SavedPaymentMethod,
): Promise<PaymentMethodSession> {
  const type = status === 'refused' ? 'record_refusal' : 'record_saved'
  const result = moveMethodSession(session, { type, methodId }, clock.nowMs())
  // The bank has verified the account after the session succeeded.
  if ('refused' in result) return session
  await tx.paymentMethodSessions.update(result)
  return result
}

async function writeSavedEvent(
  tx: Transaction,
  deps: EventDeps,
  method: SavedPaymentMethod,
  customer: CustomerRecord | undefined,
): Promise<void> {
  const { accountId, id } = method
  const fields = paymentMethodFields(method, customer, deps.clock.nowMs())
  await writeWebhookEvent(
    tx,
    deps,
    { accountId, subject: { kind: 'payment_method', id } },
    { type: 'payment_method.saved', object: { payment_method: fields } },
  )
}

function moveFrom(
  { keys, random }: Pick<RecordSaveDeps, 'keys' | 'random'>,
  outcome: SaveOutcome,
): SavedMethodMove {
  switch (outcome.kind) {
    case 'saved':
    case 'verifying': {
      const { kind, token, ...details } = outcome
      const tokenSealed = seal(token, keys.sealing, random.bytes(SEAL_NONCE_BYTES))
      return {
        type: kind === 'saved' ? 'record_saved' : 'record_verifying',
        tokenSealed,
        ...details,
      }
    }
    case 'pending': {
      const { kind: _, ...pending } = outcome
      return { type: 'record_waiting', ...pending }
    }
    case 'declined':
      return { type: 'record_refusal', declineCode: outcome.declineCode }
    case 'unknown':
      return { type: 'record_waiting' }
  }
}
