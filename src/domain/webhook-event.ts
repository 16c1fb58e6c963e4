import type { PaymentLinkId, PaymentSessionId, PayoutId, VirtualAccountId } from './id.ts'

/**
 * The event types of the real service by edition. Endpoints accept all of them, so a list for one edition works here
 * too. Paydesk sends those in `EMITTED_EVENT_TYPES`.
 *
 * Source: Zoho Payments API reference, webhooks pages IN and US (seen 2026-11-22).
 */
export const WEBHOOK_EVENT_TYPES = [
  'payment.succeeded',
  'payment.failed',
  'payment.pending',
  'refund.succeeded',
  'refund.failed',
  'payment_link.paid',
  'payment_link.expired',
  'payment_link.canceled',
  'payout.initiated',
  'payout.paid',
  'payout.failed',
  'virtual_account.paid',
  'virtual_account.closed',
] as const
/** An event type, of the form `noun.past_participle`. */
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number]

/** The events that Paydesk sends. */
export const EMITTED_EVENT_TYPES = [
  'payment.succeeded',
  'payment.failed',
  'payment.pending',
  'refund.succeeded',
  'refund.failed',
  'payment_link.paid',
  'payment_link.expired',
  'payment_link.canceled',
  'virtual_account.paid',
  'virtual_account.closed',
  'payout.initiated',
  'payout.paid',
  'payout.failed',
] as const satisfies readonly WebhookEventType[]

/** The kinds of objects that events are about. */
export const EVENT_SUBJECT_KINDS = [
  'payment_session',
  'payment_link',
  'virtual_account',
  'payout',
] as const

/**
 * The object that an event is about. The event shares its bucket. Events of a virtual account's payments are about the
 * account, because the wire shows no session of them.
 */
export type EventSubject =
  | { readonly kind: 'payment_session'; readonly id: PaymentSessionId }
  | { readonly kind: 'payment_link'; readonly id: PaymentLinkId }
  | { readonly kind: 'virtual_account'; readonly id: VirtualAccountId }
  | { readonly kind: 'payout'; readonly id: PayoutId }
