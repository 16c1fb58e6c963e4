import type {
  MandateId,
  PaymentLinkId,
  PaymentMethodId,
  PaymentSessionId,
  PayoutId,
  VirtualAccountId,
} from './id.ts'

/**
 * The event types of the real service, of both editions. Endpoints accept all of them, so a list for one edition works
 * here too.
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
/** An event type of the real service. */
export type RealEventType = (typeof WEBHOOK_EVENT_TYPES)[number]

/**
 * The event types that the real service does not have. Paydesk sends them only to endpoints that
 * list them, so "all events" never includes them.
 */
export const PAYDESK_EVENT_TYPES = [
  'mandate.activated',
  'mandate.paused',
  'mandate.resumed',
  'mandate.inactive',
  'payment_method.saved',
  'payment.disputed',
] as const

/** The event types that an endpoint can subscribe to. */
export const SUBSCRIBABLE_EVENT_TYPES = [...WEBHOOK_EVENT_TYPES, ...PAYDESK_EVENT_TYPES] as const
/** An event type, of the form `noun.past_participle`. */
export type WebhookEventType = (typeof SUBSCRIBABLE_EVENT_TYPES)[number]

/** The kinds of the subjects of events. */
export const EVENT_SUBJECT_KINDS = [
  'payment_session',
  'payment_link',
  'virtual_account',
  'payout',
  'mandate',
  'payment_method',
] as const

/**
 * The object that an event is about. The event shares its bucket. Events of a virtual account's payments are about the
 * account, and events of direct charges are about the saved payment method: the wire shows no session of these
 * payments.
 */
export type EventSubject =
  | { readonly kind: 'payment_session'; readonly id: PaymentSessionId }
  | { readonly kind: 'payment_link'; readonly id: PaymentLinkId }
  | { readonly kind: 'virtual_account'; readonly id: VirtualAccountId }
  | { readonly kind: 'payout'; readonly id: PayoutId }
  | { readonly kind: 'mandate'; readonly id: MandateId }
  | { readonly kind: 'payment_method'; readonly id: PaymentMethodId }
