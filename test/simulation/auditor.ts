import { expect } from 'vitest'
import type { Clock } from '../../src/domain/clock.ts'
import type { PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import { statusAt } from '../../src/domain/payment-session.ts'
import type { Refund } from '../../src/domain/refund.ts'
import type { Store } from '../../src/operations/store.ts'
import { auditEvents } from './event-auditor.ts'
import { auditBooks, auditMoney } from './money-auditor.ts'
import { type Agreement, type Notes, sum } from './notes.ts'
import { givenBackMinor, type LedgerCharge, type ScriptedProcessor } from './scripted-processor.ts'

/** The data that the auditor reads. */
export type Audited = {
  readonly store: Store
  readonly clock: Clock
  readonly processor: ScriptedProcessor
}

const isOpen = ({ status }: PaymentAttempt) => status === 'initiated' || status === 'pending'
const hasEnded = ({ status }: Refund) => status === 'succeeded' || status === 'failed'

/**
 * Holds what is stored against the processor's books and what the merchant was answered, with sums of
 * its own. Throws for whatever must never be. Gives whether everything has come to its end.
 */
export async function audit(
  { store, clock, processor }: Audited,
  agreed: Agreement,
  notes: Notes,
): Promise<boolean> {
  const session = await store.paymentSessions.find(agreed.id)
  if (session === undefined) throw new Error('the session is gone')
  const attempts = await store.paymentAttempts.listBySession(agreed.id)
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

  const refunds: Refund[] = []
  const moneys = []
  for (const attempt of attempts) {
    const charge = chargeOf(attempt)
    const ofAttempt = await store.refunds.listByPayment(attempt.id)
    refunds.push(...ofAttempt)
    auditAttempt(attempt, charge)
    moneys.push(await auditMoney(store, agreed, notes, { attempt, charge, refunds: ofAttempt }))
    const seen = notes.statuses.get(attempt.id) ?? new Set()
    notes.statuses.set(attempt.id, seen.add(attempt.status))
  }
  await auditBooks(store, agreed, moneys)
  await auditEvents(store, agreed, notes, attempts, refunds)

  const isSettled = open.length === 0 && refunds.every(hasEnded)
  if (isSettled) {
    const charges = attempts.flatMap((attempt) => chargeOf(attempt) ?? [])
    const taken = charges.filter(({ state }) => state === 'approved')
    const kept = sum(taken.map(({ amountMinor }) => amountMinor)) - sum(charges.map(givenBackMinor))
    const paidMinor = status === 'succeeded' ? agreed.amountMinor : 0n
    const inTime = moneys.filter(({ isLate }) => !isLate)
    expect(sum(inTime.map(({ capturedMinor }) => capturedMinor)), 'paid').toBe(paidMinor)
    // All that merchants have not given back, and what no customer could be given back.
    expect(kept, 'money kept').toBe(
      sum(moneys.map(({ capturedMinor, refundedMinor }) => capturedMinor - refundedMinor)),
    )
    for (const { isLate, capturedMinor, refundedMinor, hasFailedRefund } of moneys) {
      if (isLate && !hasFailedRefund) expect(refundedMinor, 'too late').toBe(capturedMinor)
    }
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
