import { expect } from 'vitest'
import type { Clock } from '../../src/domain/clock.ts'
import type { PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import { statusAt } from '../../src/domain/payment-session.ts'
import type { Refund } from '../../src/domain/refund.ts'
import type { Store } from '../../src/operations/store.ts'
import type { Row } from '../../src/store/engine/engine.ts'
import type { AuditedRows } from './audited-rows.ts'
import { auditBalances } from './balance-auditor.ts'
import { auditEvents } from './event-auditor.ts'
import { auditMessages } from './message-auditor.ts'
import { auditBooks, auditMoney } from './money-auditor.ts'
import { type Agreement, type Notes, sum } from './notes.ts'
import { quickExpect, quickExpectAtMost } from './quick-expect.ts'
import type { ScriptedMessenger } from './scripted-messenger.ts'
import {
  type LedgerCharge,
  refundsAtProcessorMinor,
  type ScriptedProcessor,
} from './scripted-processor.ts'

/** The data that the auditor reads. */
export type AuditInput = {
  readonly store: Store
  readonly clock: Clock
  readonly processor: ScriptedProcessor
  readonly messenger: ScriptedMessenger
  readonly readRows: (agreement: Agreement) => Promise<AuditedRows>
}

const isOpen = ({ status }: PaymentAttempt) => status === 'initiated' || status === 'pending'
const hasEnded = ({ status }: Refund) => status === 'succeeded' || status === 'failed'

/**
 * Compares the stored rows with the processor's records and the notes, with its own sums. Throws for every forbidden
 * state. Returns true if all work has ended.
 */
export async function audit(
  { store, clock, messenger, processor, readRows }: AuditInput,
  agreement: Agreement,
  notes: Notes,
): Promise<boolean> {
  const rows = await readRows(agreement)
  const { session } = rows
  const attempts = rows.attempts.map(({ attempt }) => attempt)
  const chargeOf = ({ id }: PaymentAttempt) => processor.charges.get(id)
  const status = statusAt(session, clock.nowMs())
  quickExpect(processor.complaints).toEqual([])

  const succeededAttempts = attempts.filter((attempt) => attempt.status === 'succeeded')
  quickExpect(succeededAttempts.length, 'successes').toBe(status === 'succeeded' ? 1 : 0)
  quickExpect(attempts.map(({ number }) => number).reverse()).toEqual(
    attempts.map((_, index) => index + 1),
  )
  quickExpect(session.attemptCount).toBe(attempts.length)
  quickExpectAtMost(attempts.length, agreement.attemptCountMax)
  const open = attempts.filter(isOpen).map(({ id }) => id)
  quickExpect(open).toEqual(status === 'in_progress' ? [session.currentAttemptId] : [])

  const refunds: Refund[] = []
  const moneys = []
  for (const { attempt, ...ofAttempt } of rows.attempts) {
    const charge = chargeOf(attempt)
    refunds.push(...ofAttempt.refunds)
    auditAttempt(attempt, charge)
    const { reversals } = rows
    moneys.push(auditMoney(agreement, notes, { attempt, charge, reversals, ...ofAttempt }))
    const statuses = notes.statuses.get(attempt.id) ?? new Set()
    notes.statuses.set(attempt.id, statuses.add(attempt.status))
  }
  auditDebits(agreement, attempts, rows.debits)
  auditBooks(rows.ledger, agreement, moneys, auditBalances(rows.balances))
  await auditEvents(store, agreement, notes, rows)
  const hasNoWaitingMessage = auditMessages(rows, agreement, messenger)

  const isSettled = open.length === 0 && refunds.every(hasEnded) && hasNoWaitingMessage
  if (isSettled) {
    const charges = attempts.flatMap((attempt) => chargeOf(attempt) ?? [])
    const approvals = charges.filter(({ state }) => state === 'approved')
    const balanceMinor =
      sum(approvals.map(({ amountMinor }) => amountMinor)) -
      sum(charges.map(refundsAtProcessorMinor))
    const paidMinor = status === 'succeeded' ? agreement.amountMinor : 0n
    const inTime = moneys.filter(({ isLate }) => !isLate)
    quickExpect(sum(inTime.map(({ capturedMinor }) => capturedMinor)), 'paid').toBe(paidMinor)
    // The processor still has exactly the captured money that was not refunded.
    quickExpect(balanceMinor, 'money kept').toBe(
      sum(moneys.map(({ capturedMinor, refundedMinor }) => capturedMinor - refundedMinor)),
    )
    for (const { isLate, capturedMinor, refundedMinor, hasFailedRefund } of moneys) {
      if (isLate && !hasFailedRefund) quickExpect(refundedMinor, 'too late').toBe(capturedMinor)
    }
  }
  return isSettled
}

/** Checks that each open or succeeded payment of a mandate has a debit, and that no other payment has one. */
function auditDebits(
  { mandateId }: Agreement,
  attempts: readonly PaymentAttempt[],
  debits: readonly Row[],
): void {
  if (mandateId === undefined) return
  const expected = attempts
    .filter((attempt) => isOpen(attempt) || attempt.status === 'succeeded')
    .map((attempt) => `${attempt.id} ${isOpen(attempt) ? 'sent' : 'succeeded'}`)
  quickExpect(debits.map(({ id, status }) => `${id} ${status}`).sort(), 'debits').toEqual(
    expected.sort(),
  )
}

/** Checks that an ended attempt agrees with its charge, so that no money stays unnoticed. */
function auditAttempt(attempt: PaymentAttempt, charge: LedgerCharge | undefined): void {
  const takenAtMs = charge?.approvedAtMs ?? Number.POSITIVE_INFINITY
  switch (attempt.status) {
    case 'failed':
      quickExpect(charge?.state, 'the charge of a failed attempt').toBe('declined')
      return
    case 'succeeded':
      quickExpectAtMost(takenAtMs, attempt.deadlineAtMs, 'taken in time')
      return
    case 'refunded':
      quickExpect(charge?.state, 'the charge of a refunded attempt').toBe('approved')
      // Only late money is refunded. Exceptions: an earlier report was a decline, or a report had no time.
      if (charge?.wasDeclined === false && !charge.wasUndated) {
        expect(takenAtMs, 'taken late').toBeGreaterThan(attempt.deadlineAtMs)
      }
  }
}
