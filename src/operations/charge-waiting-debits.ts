import { type MandateDebit, postponedDebit, waitedDebitDecline } from '../domain/mandate-debit.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import { CALL_MS_MAX } from '../processors/guarded-processor.ts'
import { moveMandateSessionIn } from './apply-move.ts'
import { type BegunDebit, chargeDebit } from './execute-mandate.ts'
import type { PayDeps } from './pay-payment-session.ts'
import type { Store, Transaction } from './store.ts'

type Deps = PayDeps & { readonly store: Pick<Store, 'mandateDebits'> }

/** The lease of a debit until its charge is recorded as sent, in milliseconds. */
const LEASE_MS = CALL_MS_MAX + 10_000

/**
 * Charges one debit that was requested 24 hours ago, or declines it because the mandate is not active, or because the
 * customer's notice has not succeeded or is too old. The send is recorded before the charge is sent: after a crash the
 * reconciler queries the charge, and it is never sent twice. Returns the payment's id; undefined when none is due.
 */
export async function chargeDebitNext(deps: Deps): Promise<MandateDebit['attemptId'] | undefined> {
  const debit = await deps.store.mandateDebits.claim(deps.clock.nowMs(), LEASE_MS)
  if (debit === undefined) return undefined
  const charge = await deps.store.transaction((tx) => beginCharge(tx, deps, debit))
  if (charge === undefined) return debit.attemptId
  if ('declinedAttempt' in charge) deps.moneyCounter?.countPayment(charge.declinedAttempt)
  else await chargeDebit(deps, charge)
  return debit.attemptId
}

/** Undefined: another server has sent or declined the debit, or it has to continue to wait. */
async function beginCharge(
  tx: Transaction,
  deps: Deps,
  { attemptId, mandateId, notificationId, sessionId }: MandateDebit,
): Promise<BegunDebit | { readonly declinedAttempt: PaymentAttempt } | undefined> {
  await tx.paymentSessions.lock(sessionId)
  const mandate = await tx.mandates.lock(mandateId)
  const debit = await tx.mandateDebits.find(mandateId, attemptId)
  if (mandate === undefined || debit?.status !== 'waiting') return undefined
  const nowMs = deps.clock.nowMs()
  const laterDebit = postponedDebit(debit, nowMs)
  if (laterDebit !== undefined) {
    await tx.mandateDebits.update(laterDebit)
    return undefined
  }
  const notice = notificationId && (await tx.mandateNotifications.find(notificationId))
  const declineCode = waitedDebitDecline(mandate, notice, nowMs)
  const move =
    declineCode === undefined
      ? ({ type: 'send_charge', attemptId, attemptLifeMs: deps.attemptLifeMs } as const)
      : ({ type: 'record_decline', attemptId, declineCode } as const)
  const result = await moveMandateSessionIn(tx, deps, { id: sessionId, move })
  if (result === undefined || 'refused' in result || result.attempt === undefined) {
    throw new Error(`session ${sessionId} refuses ${move.type}`)
  }
  if (declineCode !== undefined) return { declinedAttempt: result.attempt }
  const { chargeAtMs: _, ...rest } = debit
  const sentDebit: MandateDebit = { ...rest, status: 'sent' }
  await tx.mandateDebits.update(sentDebit)
  return { attempt: result.attempt, session: result.session, mandate, debit: sentDebit }
}
