import type { Account } from '../../domain/account.ts'
import type { PaymentLink } from '../../domain/payment-link.ts'
import { statusAt } from '../../domain/payment-session.ts'
import {
  LINK_SESSION_COUNT_MAX,
  type LinkTimelineSource,
  linkTimelineOf,
} from '../../operations/link-timeline.ts'
import type { Store } from '../../operations/store.ts'
import { paymentLinkFields } from '../../wire/payment-link.ts'
import { refundFields } from '../../wire/refund.ts'

type LinkStorySource = LinkTimelineSource & {
  readonly store: Pick<Store, 'paymentSessions'>
}

/** Reads everything about a payment link: itself, its sessions and refunds, and its timeline. */
export async function linkStoryOf(
  source: LinkStorySource,
  link: PaymentLink,
  account: Account,
  nowMs: number,
) {
  const { store } = source
  const [attempts, sessions] = await Promise.all([
    store.paymentAttempts.listByLink(link.id),
    store.paymentSessions.listByLink(link.id, LINK_SESSION_COUNT_MAX),
  ])
  const [timeline, refunds] = await Promise.all([
    linkTimelineOf(source, link, sessions, nowMs),
    Promise.all(attempts.map((attempt) => store.refunds.listByPayment(attempt.id))),
  ])
  return {
    account_id: link.accountId,
    payment_links: paymentLinkFields({ account, link, payments: attempts }, nowMs),
    is_processing: link.currentSessionId !== undefined,
    sessions: sessions.map((session) => ({
      payments_session_id: session.id,
      status: statusAt(session, nowMs),
      created_time: Math.floor(session.createdAtMs / 1000),
    })),
    refunds: refunds.flat().map(refundFields),
    timeline,
  }
}
