import { expect } from 'vitest'
import type { PaymentSessionId } from '../../src/domain/id.ts'
import type { PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import { statusAt } from '../../src/domain/payment-session.ts'
import type { Clock, Store } from '../../src/operations/ports.ts'
import type { LedgerCharge, ScriptedProcessor } from './scripted-processor.ts'

/** What was agreed about a session when it was made, as the auditor wrote it down. */
export type Agreement = {
  readonly id: PaymentSessionId
  readonly amountMinor: bigint
  readonly attemptCountMax: number
  /** What goes to connected accounts, in order. */
  readonly transfersMinor: readonly bigint[]
}

const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, one) => total + one, 0n)
const isOpen = ({ status }: PaymentAttempt) => status === 'initiated' || status === 'pending'

/**
 * Holds what is stored against the processor's books, with sums of its own. Throws for whatever must
 * never be. Gives whether everything has come to its end.
 */
export async function audit(
  { store, clock, processor }: { store: Store; clock: Clock; processor: ScriptedProcessor },
  agreed: Agreement,
): Promise<boolean> {
  const session = await store.findPaymentSession(agreed.id)
  if (session === undefined) throw new Error('the session is gone')
  const attempts = await store.listPaymentAttempts(agreed.id)
  const chargeOf = ({ id }: PaymentAttempt) => processor.charges.get(id)
  const status = statusAt(session, clock.nowMs())
  expect(processor.complaints).toEqual([])

  const succeeded = attempts.filter((attempt) => attempt.status === 'succeeded')
  expect(succeeded.length, 'successes').toBe(status === 'succeeded' ? 1 : 0)
  expect(attempts.map(({ number }) => number).reverse()).toEqual(attempts.map((_, at) => at + 1))
  expect(session.attemptCount).toBe(attempts.length)
  expect(attempts.length).toBeLessThanOrEqual(agreed.attemptCountMax)
  const open = attempts.filter(isOpen).map(({ id }) => id)
  expect(open).toEqual(status === 'in_progress' ? [session.currentAttemptId] : [])

  let areRefundsDone = true
  for (const attempt of attempts) {
    const charge = chargeOf(attempt)
    const refunds = await store.listRefunds(attempt.id)
    areRefundsDone &&= refunds.every((refund) => refund.status === 'succeeded')
    auditAttempt(attempt, charge)
    // All of the money, once, and only of an attempt that came too late.
    expect(refunds.map(({ amount }) => amount.amountMinor)).toEqual(
      attempt.status === 'refunded' ? [agreed.amountMinor] : [],
    )
    expect([...(charge?.refunds.keys() ?? [])].filter((id) => id !== refunds[0]?.id)).toEqual([])

    const transfers = await store.listTransfers(attempt.id)
    const split = transfers.map(({ amount }) => amount.amountMinor)
    expect(split).toEqual(attempt.status === 'succeeded' ? agreed.transfersMinor : [])
    if (attempt.status === 'succeeded') {
      const merchantMinor = agreed.amountMinor - sum(agreed.transfersMinor)
      expect(sum(split) + merchantMinor, 'the split').toBe(charge?.amountMinor)
    }
  }

  const isSettled = open.length === 0 && areRefundsDone
  if (isSettled) {
    const charges = attempts.flatMap((attempt) => chargeOf(attempt) ?? [])
    const taken = charges.filter(({ state }) => state === 'approved')
    const kept =
      sum(taken.map(({ amountMinor }) => amountMinor)) -
      sum(charges.flatMap(({ refunds }) => [...refunds.values()]))
    expect(kept, 'money kept').toBe(status === 'succeeded' ? agreed.amountMinor : 0n)
  }
  return isSettled
}

/** An attempt that has ended says the truth about its charge, so that no money is held unseen. */
function auditAttempt(attempt: PaymentAttempt, charge: LedgerCharge | undefined): void {
  const takenAtMs = charge?.approvedAtMs ?? Number.POSITIVE_INFINITY
  switch (attempt.status) {
    case 'failed':
      expect(charge?.state, 'the charge of a failed attempt').toBe('declined')
      return
    case 'succeeded':
      expect(takenAtMs, 'taken in time').toBeLessThanOrEqual(attempt.deadlineAtMs)
      return
    case 'refunded':
      expect(charge?.state, 'the charge of a refunded attempt').toBe('approved')
      // Money that was taken in time is kept, unless we had been told that it was not.
      if (charge?.wasDeclined === false && !charge.wasUndated) {
        expect(takenAtMs, 'taken late').toBeGreaterThan(attempt.deadlineAtMs)
      }
  }
}
