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
 * Charges one debit whose customer was notified 24 hours ago, or declines it because the mandate is not active or the
 * notice failed. That the charge is sent is recorded before it is: after a crash the reconciler queries it, and it is never
 * sent twice. Returns the payment's id; undefined when none is due.
 */
export async function chargeDebitNext(deps: Deps): Promise<MandateDebit['attemptId'] | undefined> {
  const claimed = await deps.store.mandateDebits.claim(deps.clock.nowMs(), LEASE_MS)
  if (claimed === undefined) return undefined
  const begun = await deps.store.transaction((tx) => beginCharge(tx, deps, claimed))
  if (begun === undefined) return claimed.attemptId
  if ('declined' in begun) deps.moneyCounter?.countPayment(begun.declined)
  else await chargeDebit(deps, begun)
  return claimed.attemptId
}

/** Undefined: another server has sent or declined the debit, or it has to wait on. */
async function beginCharge(
  tx: Transaction,
  deps: Deps,
  { attemptId, mandateId, notificationId, sessionId }: MandateDebit,
): Promise<BegunDebit | { readonly declined: PaymentAttempt } | undefined> {
  await tx.paymentSessions.lock(sessionId)
  const mandate = await tx.mandates.lock(mandateId)
  const debit = await tx.mandateDebits.find(mandateId, attemptId)
  if (mandate === undefined || debit?.status !== 'waiting') return undefined
  const nowMs = deps.clock.nowMs()
  const postponed = postponedDebit(debit, nowMs)
  if (postponed !== undefined) {
    await tx.mandateDebits.update(postponed)
    return undefined
  }
  const notice = notificationId && (await tx.mandateNotifications.find(notificationId))
  const declineCode = waitedDebitDecline(mandate, notice, nowMs)
  const move =
    declineCode === undefined
      ? ({ type: 'send_charge', attemptId, attemptLifeMs: deps.attemptLifeMs } as const)
      : ({ type: 'record_decline', attemptId, declineCode } as const)
  const moved = await moveMandateSessionIn(tx, deps, { id: sessionId, move })
  if (moved === undefined || 'refused' in moved || moved.attempt === undefined) {
    throw new Error(`session ${sessionId} refuses ${move.type}`)
  }
  if (declineCode !== undefined) return { declined: moved.attempt }
  const { chargeAtMs: _, ...waited } = debit
  const sent: MandateDebit = { ...waited, status: 'sent' }
  await tx.mandateDebits.update(sent)
  return { attempt: moved.attempt, session: moved.session, mandate, debit: sent }
}
