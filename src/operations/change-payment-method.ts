import type { Clock } from '../domain/clock.ts'
import type { PaymentMethodId } from '../domain/id.ts'
import {
  moveSavedMethod,
  type SavedMethodChange,
  type SavedMethodMove,
  type SavedPaymentMethod,
} from '../domain/saved-payment-method.ts'
import type { Store } from './store.ts'

type ChangeDeps = { readonly clock: Clock; readonly store: Pick<Store, 'transaction'> }

/** A blocked or deleted method cannot be changed. */
type RefusedMethodChange = { readonly refused: 'payment_method_unactivated' }

/** Changes a saved payment method. Undefined: there is no such method. */
export function changePaymentMethod(
  deps: ChangeDeps,
  id: PaymentMethodId,
  change: SavedMethodChange,
): Promise<SavedPaymentMethod | RefusedMethodChange | undefined> {
  return moveAlone(deps, id, { type: 'change', change })
}

/**
 * Deletes a saved payment method: from now on it cannot be charged. When no payment with it is open any more, the
 * worker tells the processor to delete its token. A second deletion changes nothing. Undefined: there is no such
 * method.
 */
export function deletePaymentMethod(
  deps: ChangeDeps,
  id: PaymentMethodId,
): Promise<SavedPaymentMethod | RefusedMethodChange | undefined> {
  return moveAlone(deps, id, { type: 'delete' })
}

function moveAlone(
  { clock, store }: ChangeDeps,
  id: PaymentMethodId,
  move: Extract<SavedMethodMove, { readonly type: 'change' | 'delete' }>,
): Promise<SavedPaymentMethod | RefusedMethodChange | undefined> {
  return store.transaction(async (tx) => {
    const before = await tx.paymentMethods.lock(id)
    if (before === undefined) return undefined
    const result = moveSavedMethod(before, move, clock.nowMs())
    if ('refused' in result) return { refused: 'payment_method_unactivated' }
    await tx.paymentMethods.update(result)
    return result
  })
}
