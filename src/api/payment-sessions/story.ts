import { type TimelineSource, timelineOf } from '../../operations/session-timeline.ts'
import type { PaymentSessionRecord } from '../../operations/store.ts'
import { paymentFields } from '../../wire/payment.ts'
import { refundFields } from '../../wire/refund.ts'
import { renderRetrievedSession } from './render.ts'

/** Reads everything about a session: itself as the API shows it, its payments and refunds, and its timeline. */
export async function sessionStoryOf(
  source: TimelineSource,
  session: PaymentSessionRecord,
  nowMs: number,
) {
  const { store } = source
  const [attempts, timeline] = await Promise.all([
    store.paymentAttempts.listBySession(session.id),
    timelineOf(source, session, nowMs),
  ])
  const refunds = await Promise.all(
    attempts.map((attempt) => store.refunds.listByPayment(attempt.id)),
  )
  const answer: { readonly payments_session: object } = JSON.parse(
    renderRetrievedSession(session, attempts, nowMs),
  )
  return {
    account_id: session.accountId,
    customer_id: session.customerId,
    payments_session: answer.payments_session,
    payments: attempts.map((attempt) => paymentFields({ attempt, session })),
    refunds: refunds.flat().map(refundFields),
    timeline,
  }
}
