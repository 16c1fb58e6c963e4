import type { PaymentMethodId } from '../domain/id.ts'
import {
  moveSavedMethod,
  SAVE_LIFE_MS,
  type SavedPaymentMethod,
} from '../domain/saved-payment-method.ts'
import { type Keys, openSealedWithAny } from '../domain/secret.ts'
import { CALL_MS_MAX } from '../processors/guarded-processor.ts'
import type { Processor } from '../processors/processor.ts'
import type { SavedInstruments } from '../processors/saved-instruments.ts'
import {
  giveUpSave,
  type MethodSave,
  type RecordSaveDeps,
  type RefusedSave,
  recordSave,
} from './save-payment-method.ts'
import type { Store } from './store.ts'

type Deps = RecordSaveDeps & {
  readonly store: Pick<Store, 'transaction' | 'customers' | 'paymentMethods'>
  readonly keys: Keys
  /** Guarded (`guardProcessor`). */
  readonly processor: Processor
}

/** Longer than the call and the record of its answer. */
const LEASE_MS = CALL_MS_MAX + 10_000

/**
 * Calls the processor about one method that is due: asks for the result of a save or a
 * verification, or tells it to delete a token. Returns the method's id; undefined when none is due.
 */
export async function callPaymentMethodNext(deps: Deps): Promise<PaymentMethodId | undefined> {
  const method = await deps.store.paymentMethods.claim(deps.clock.nowMs(), LEASE_MS)
  if (method === undefined) return undefined
  const { savedInstruments } = deps.processor
  if (method.status === 'saving' || method.status === 'processing') {
    await askAbout(deps, savedInstruments, method)
  } else {
    await forgetToken(deps, savedInstruments, method)
  }
  return method.id
}

/**
 * Asks about a save before its next planned query, because its customer has returned from the issuer's page and waits.
 * Undefined: the method is not in the status `saving`, the processor saves no instruments, or the outcome is unknown.
 */
export async function askAboutSave(
  deps: Deps,
  id: PaymentMethodId,
): Promise<MethodSave | RefusedSave | undefined> {
  const method = await deps.store.paymentMethods.find(id)
  const { savedInstruments } = deps.processor
  if (method?.status !== 'saving' || savedInstruments === undefined) return undefined
  const outcome = await savedInstruments.findSaved(id)
  return outcome.kind === 'unknown' ? undefined : recordSave(deps, method, outcome)
}

async function askAbout(
  deps: Deps,
  savedInstruments: SavedInstruments | undefined,
  method: SavedPaymentMethod,
): Promise<void> {
  const outcome = (await savedInstruments?.findSaved(method.id)) ?? {
    kind: 'unknown' as const,
    reason: 'the processor can no longer save instruments',
  }
  const isOpen = outcome.kind === 'pending' || outcome.kind === 'unknown'
  const isLate = deps.clock.nowMs() >= method.createdAtMs + SAVE_LIFE_MS
  // Only a save is given up: its customer has left the issuer's page. A bank may verify an account for days.
  if (isOpen && isLate && method.status === 'saving') await giveUpSave(deps, method)
  else await recordSave(deps, method, outcome)
}

/**
 * Tells the processor to delete the token of a method that was deleted, or whose save was given up, unless an open
 * payment needs it. The worker repeats the call until the processor confirms the deletion.
 */
export async function forgetToken(
  deps: Pick<Deps, 'clock' | 'keys' | 'store'>,
  savedInstruments: SavedInstruments | undefined,
  { id, tokenSealed }: Pick<SavedPaymentMethod, 'id' | 'tokenSealed'>,
): Promise<void> {
  const isInUse = await deps.store.transaction(async (tx) => {
    await tx.paymentMethods.lock(id)
    return tx.paymentMethods.hasOpenPayment(id)
  })
  const outcome = isInUse
    ? undefined
    : await savedInstruments?.forget({
        paymentMethodId: id,
        ...(tokenSealed !== undefined && { token: openSealedWithAny(tokenSealed, deps.keys) }),
      })
  const type = outcome?.kind === 'forgotten' ? 'record_forgotten' : 'postpone_forgetting'
  await deps.store.transaction(async (tx) => {
    const before = await tx.paymentMethods.lock(id)
    const result = before && moveSavedMethod(before, { type }, deps.clock.nowMs())
    if (result !== undefined && !('refused' in result)) await tx.paymentMethods.update(result)
  })
}
