import type { Clock } from '../domain/clock.ts'
import type { Ids } from '../domain/ids.ts'
import {
  movePaymentLink,
  type PaymentLink,
  type PaymentLinkMove,
  type PaymentLinkStatus,
  type RefusedLinkMove,
} from '../domain/payment-link.ts'
import type { Mode } from '../domain/scope.ts'
import type { WebhookEventType } from '../domain/webhook-event.ts'
import { paymentLinkFields } from '../wire/payment-link.ts'
import type { Transaction } from './store.ts'
import { writeWebhookEvent } from './write-webhook-event.ts'

/** The dependencies of a move of a link. */
export type LinkDeps = { readonly clock: Clock; readonly ids: Ids; readonly mode: Mode }

const EVENT_TYPES: Record<PaymentLinkStatus, WebhookEventType | undefined> = {
  active: undefined,
  paid: 'payment_link.paid',
  expired: 'payment_link.expired',
  canceled: 'payment_link.canceled',
}

/**
 * Moves a payment link that the transaction has locked: decides, stores it, and writes the event of a new status. No
 * other function changes the status of a stored link.
 */
export async function moveLink(
  tx: Transaction,
  deps: LinkDeps,
  before: PaymentLink,
  move: PaymentLinkMove,
): Promise<PaymentLink | RefusedLinkMove> {
  const nowMs = deps.clock.nowMs()
  const link = movePaymentLink(before, move, nowMs)
  if ('refused' in link) return link
  await tx.paymentLinks.update(link)
  const type = link.status === before.status ? undefined : EVENT_TYPES[link.status]
  if (type === undefined) return link
  const account = await tx.accounts.find(link.accountId)
  if (account === undefined) throw new Error(`payment link ${link.id} has no account`)
  const payments = await tx.paymentAttempts.listByLink(link.id)
  await writeWebhookEvent(
    tx,
    deps,
    { accountId: link.accountId, subject: { kind: 'payment_link', id: link.id } },
    { type, object: { payment_links: paymentLinkFields({ account, link, payments }, nowMs) } },
  )
  return link
}
