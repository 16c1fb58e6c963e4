import type { Clock } from '../domain/clock.ts'
import type { Ids } from '../domain/ids.ts'
import type { Mode } from '../domain/scope.ts'
import type { Processor } from '../processors/processor.ts'
import { cancelPaymentLink } from './cancel-payment-link.ts'
import { cancelPaymentSession } from './cancel-payment-session.ts'
import { closeLockedVirtualAccount } from './change-virtual-account.ts'
import { endAtProcessor, moveMandateIn } from './move-mandate.ts'
import type { PersonalObject, Store } from './store.ts'

/** The dependencies of a cancellation. */
export type CancelDeps = {
  readonly clock: Clock
  readonly ids: Ids
  readonly mode: Mode
  readonly store: Pick<Store, 'mandates' | 'transaction'>
  /**
   * Guarded (`guardProcessor`). Undefined: no processor is configured, so a mandate cannot
   * be ended at the bank.
   */
  readonly processor: Processor | undefined
}

/**
 * Cancels an open object of a customer. An object that has ended in the meantime, or that cannot be
 * canceled now, is not changed: the caller checks it again.
 */
export async function cancelObject(deps: CancelDeps, object: PersonalObject): Promise<void> {
  const { processor, store } = deps
  switch (object.kind) {
    case 'session':
      await store.transaction((tx) => cancelPaymentSession(tx, deps, object.id))
      return
    case 'payment_link':
      await store.transaction(async (tx) => {
        const link = await tx.paymentLinks.lock(object.id)
        if (link !== undefined) await cancelPaymentLink(tx, deps, link)
      })
      return
    case 'virtual_account':
      await store.transaction(async (tx) => {
        const account = await tx.virtualAccounts.lock(object.id)
        const { clock, ids, mode } = deps
        const closing = { clock, ids, mode, ...(processor !== undefined && { processor }) }
        if (account !== undefined) await closeLockedVirtualAccount(tx, closing, account)
      })
      return
    case 'mandate':
      // The processor first: a mandate that is canceled here must not stay active at the bank.
      if (processor === undefined || !(await endAtProcessor({ ...deps, processor }, object.id))) {
        return
      }
      await store.transaction(async (tx) => {
        const mandate = await tx.mandates.lock(object.id)
        if (mandate !== undefined) await moveMandateIn(tx, deps, mandate, { type: 'cancel' })
      })
      return
    case 'customer':
      return
  }
}
