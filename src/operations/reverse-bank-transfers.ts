import { refundableMinor } from '../domain/refund.ts'
import { lockPayment } from './lock-payment.ts'
import { refundPayment } from './refund-payment.ts'
import type { Store } from './store.ts'
import type { EventDeps } from './write-webhook-event.ts'

const REVERSED_COUNT_MAX = 32

/**
 * Makes one refund for each transfer that the bank has to reverse by now, unless nothing of it can be refunded any
 * more. The refund has the type `initiated_by_system` and the whole refundable amount. Returns the number of due
 * transfers; undefined: none is due.
 */
export async function reverseBankTransfers(
  deps: Pick<EventDeps, 'clock' | 'ids'> & {
    readonly store: Pick<Store, 'transaction' | 'virtualAccounts'>
  },
): Promise<number | undefined> {
  const nowMs = deps.clock.nowMs()
  const due = await deps.store.virtualAccounts.listToReverse(nowMs, REVERSED_COUNT_MAX)
  for (const { id } of due) {
    await deps.store.transaction(async (tx) => {
      const attempt = await tx.paymentAttempts.find(id)
      const payment = attempt && (await lockPayment(tx, attempt))
      if (payment === undefined) throw new Error(`transfer ${id} has no payment`)
      // Another server has reversed it.
      if (!(await tx.virtualAccounts.endReversal(id))) return
      const amountMinor = refundableMinor(payment.attempt)
      if (amountMinor === 0n) return
      await refundPayment(tx, deps, payment, {
        amount: { ...payment.session.amount, amountMinor },
        type: 'initiated_by_system',
        reason: 'system_initiated',
      })
    })
  }
  return due.length === 0 ? undefined : due.length
}
