import type { Mandate } from '../../domain/mandate.ts'
import { formatMoney } from '../../domain/money.ts'
import { paymentStatusOf } from '../../domain/payment-attempt.ts'
import { findSessionPayments } from '../../operations/session-payments.ts'
import type { Store } from '../../operations/store.ts'
import { mandateFields, mandateNotificationFields } from '../../wire/mandate.ts'
import type { SessionPayment } from '../../wire/payment.ts'
import { MANDATE_STORY_COUNT_MAX } from './story-schemas.ts'

type StorySource = {
  readonly store: Pick<Store, 'mandateNotifications' | 'paymentAttempts' | 'paymentSessions'>
}

/** Reads everything about a mandate: itself, the session of its enrollment, its notices and its payments. */
export async function mandateStoryOf({ store }: StorySource, mandate: Mandate, nowMs: number) {
  const [notifications, attempts, enrollment] = await Promise.all([
    store.mandateNotifications.listByMandate(mandate.id, MANDATE_STORY_COUNT_MAX),
    store.paymentAttempts.listByMandate(mandate, MANDATE_STORY_COUNT_MAX),
    store.paymentAttempts.find(mandate.enrollmentAttemptId),
  ])
  const payments = await findSessionPayments(store, attempts)
  return {
    account_id: mandate.accountId,
    mandate: mandateFields(mandate, nowMs),
    enrollment_session_id: enrollment?.paymentSessionId,
    notifications: notifications.map((one) => mandateNotificationFields(one, mandate)),
    payments: payments.map((one) => paymentOf(mandate, one)),
  }
}

function paymentOf({ enrollmentAttemptId }: Mandate, { attempt, session }: SessionPayment) {
  return {
    payment_id: attempt.id,
    payments_session_id: session.id,
    amount: formatMoney(session.amount),
    currency: session.amount.currency,
    status: paymentStatusOf(attempt),
    is_enrollment: attempt.id === enrollmentAttemptId,
    started_time: Math.floor(attempt.createdAtMs / 1000),
  }
}
