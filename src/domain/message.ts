import type {
  AccountId,
  MandateId,
  MandateNotificationId,
  MessageId,
  PaymentAttemptId,
  PaymentLinkId,
} from './id.ts'
import type { InstrumentFacts } from './instrument.ts'
import type { Language } from './language.ts'
import type { Currency } from './money.ts'
import type { Edition } from './payment-method.ts'

/** The ways in which a message reaches a customer, by their names on the wire. */
export const MESSAGE_CHANNELS = ['email', 'sms', 'upi_app'] as const
/** A way in which a message reaches a customer. */
export type MessageChannel = (typeof MESSAGE_CHANNELS)[number]

/** The kinds of messages, by their names on the wire. */
export const MESSAGE_KINDS = ['receipt', 'payment_link', 'mandate_notice'] as const
/** A kind of message. */
export type MessageKind = (typeof MESSAGE_KINDS)[number]

/**
 * The statuses of a message. `kept`: a sandbox's outbox has it, and nothing is sent. `queued`: it waits for its next
 * try. `sending`: it is with the messenger. After the others no try follows: `failed` was certainly not sent; an
 * `unknown` one may have been sent, until a late answer decides it.
 */
export const MESSAGE_STATUSES = ['kept', 'queued', 'sending', 'sent', 'failed', 'unknown'] as const
/** A status of a message. */
export type MessageStatus = (typeof MESSAGE_STATUSES)[number]

/** The amount and the merchant that a message shows. They are stored as JSON, which has no bigint. */
type MessageAmount = {
  /** Major units with exactly the currency's decimals: `1499.90`. */
  readonly amount: string
  readonly currency: Currency
  /** The merchant's name at the time of the message. */
  readonly merchantName: string
  /** The account's edition, which decides the time zone of dates. */
  readonly edition: Edition
}

/** The facts of a receipt. */
export type ReceiptContent = MessageAmount & {
  readonly kind: 'receipt'
  readonly paymentId: PaymentAttemptId
  readonly paidAtMs: number
  /** As `withoutPayer` returns them. */
  readonly instrument: InstrumentFacts
  readonly description?: string
  readonly invoiceNumber?: string
  readonly statementDescriptor?: string
}

/** The facts of a message with a payment link. */
export type PaymentLinkContent = MessageAmount & {
  readonly kind: 'payment_link'
  readonly description: string
  /** The last day of the link, by the account's days: `2026-12-22`. */
  readonly validUntil: string
  readonly url: string
  readonly reference?: string
}

/** The facts of the notice of a debit. */
export type MandateNoticeContent = MessageAmount & {
  readonly kind: 'mandate_notice'
  readonly mandateId: MandateId
  /** The announced day of the debit, by the account's days: `2026-12-05`. */
  readonly executionOn: string
  readonly description: string
  readonly invoiceNumber: string
}

/** The facts of a message. They are stored, and rendered when the message is sent or shown. */
export type MessageContent = ReceiptContent | PaymentLinkContent | MandateNoticeContent

/**
 * The cause of a message. At most one message is stored for a cause, so it is never sent twice.
 */
export type MessageCause = {
  readonly channel: MessageChannel
  /** The object that the message is about: the payment of a receipt, a payment link, or the notification of a debit. */
  readonly subjectId: PaymentAttemptId | PaymentLinkId | MandateNotificationId
  /**
   * Distinguishes several messages about one object: 0 for the first, or the time of a later request
   * in milliseconds.
   */
  readonly occasion: number
}

/** A message to a customer, as it is stored. */
export type Message = MessageCause & {
  readonly id: MessageId
  readonly accountId: AccountId
  /** The e-mail address, the phone number with its dialing code, or the UPI ID. */
  readonly recipient: string
  readonly language: Language
  readonly content: MessageContent
  readonly createdAtMs: number
  readonly status: MessageStatus
  /** The number of tries, including the current one. */
  readonly attemptCount: number
  /**
   * The time of the next try, or the end of the current try's claim. Set exactly while the message
   * is open.
   */
  readonly nextAttemptAtMs?: number
  readonly endedAtMs?: number
  /** The reason for the failure of the last unsuccessful try, at most 200 characters. */
  readonly failure?: string
  readonly messengerReference?: string
}

/** The outcome of a try to send a message. */
export type MessageOutcome =
  | { readonly kind: 'sent'; readonly reference?: string }
  /** It was certainly not sent, and a later try can succeed. */
  | { readonly kind: 'not_sent'; readonly reason: string; readonly retryAfterMs?: number }
  /** It was certainly not sent, and no later try can succeed, such as to an address that does not exist. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** It may have been sent, and is not sent again. */
  | { readonly kind: 'unknown'; readonly reason: string }

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** The waits between the tries of a message that was certainly not sent, in milliseconds: about a day in all. */
const RETRY_WAITS_MS: readonly number[] = [
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  8 * HOUR_MS,
]

/** The longest wait between two tries, in milliseconds. */
const RETRY_WAIT_MS_MAX = 8 * HOUR_MS

/**
 * The longest time until a message is due, in milliseconds. A later time is treated as due: see `QUERY_WAIT_MS_MAX`.
 */
export const MESSAGE_WAIT_MS_MAX = RETRY_WAIT_MS_MAX + MINUTE_MS

/** The life of messages: status → outcome → possible next statuses. */
export const MESSAGE_MOVES: Record<
  MessageStatus,
  Partial<Record<MessageOutcome['kind'], readonly MessageStatus[]>>
> = {
  kept: {},
  queued: {},
  sending: {
    sent: ['sent'],
    not_sent: ['queued', 'failed'],
    refused: ['failed'],
    unknown: ['unknown'],
  },
  sent: {},
  failed: {},
  // A slow answer can arrive after its claim has ended. It is recorded, but starts no further try.
  unknown: { sent: ['sent'], refused: ['failed'], not_sent: ['failed'] },
}

/**
 * Returns a message after the outcome of a try. `not_sending`: the status of the message allows no such outcome.
 */
export function moveMessage(
  message: Message,
  outcome: MessageOutcome,
  nowMs: number,
): Message | { readonly refused: 'not_sending' } {
  if (MESSAGE_MOVES[message.status][outcome.kind] === undefined) return { refused: 'not_sending' }
  const { failure: _, nextAttemptAtMs: __, ...rest } = message
  if (outcome.kind === 'sent') {
    const { reference } = outcome
    const sentMessage: Message = { ...rest, status: 'sent', endedAtMs: nowMs }
    return reference === undefined ? sentMessage : { ...sentMessage, messengerReference: reference }
  }
  const { reason: failure } = outcome
  const waitMs = RETRY_WAITS_MS[message.attemptCount - 1]
  if (outcome.kind === 'not_sent' && message.status === 'sending' && waitMs !== undefined) {
    // A messenger may ask for a longer wait, but not for a shorter one than the schedule's.
    const requestedMs = Math.min(outcome.retryAfterMs ?? 0, RETRY_WAIT_MS_MAX)
    return {
      ...rest,
      status: 'queued',
      failure,
      nextAttemptAtMs: nowMs + Math.max(waitMs, requestedMs),
    }
  }
  const status = outcome.kind === 'unknown' ? 'unknown' : 'failed'
  return { ...rest, status, failure, endedAtMs: nowMs }
}
