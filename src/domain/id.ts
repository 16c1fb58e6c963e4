import { looksLikeCardNumber } from './card-number.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/**
 * Identifies a payment session: decimal digits, at most 16, as on the wire. The other ids of objects have the same
 * form.
 */
export type PaymentSessionId = Branded<'PaymentSessionId'>
/** Identifies a payment attempt; the wire's `payment_id`. */
export type PaymentAttemptId = Branded<'PaymentAttemptId'>
/** Identifies a refund. */
export type RefundId = Branded<'RefundId'>
/** Identifies the request of an operator for a refund. */
export type RefundApprovalId = Branded<'RefundApprovalId'>
/** Identifies a transfer to a connected account. */
export type TransferId = Branded<'TransferId'>
/** Identifies the reversal of a transfer. */
export type TransferReversalId = Branded<'TransferReversalId'>
/** Identifies a customer. */
export type CustomerId = Branded<'CustomerId'>
/** Identifies a payment link. */
export type PaymentLinkId = Branded<'PaymentLinkId'>
/** Identifies a virtual account. */
export type VirtualAccountId = Branded<'VirtualAccountId'>
/** Identifies a mandate. */
export type MandateId = Branded<'MandateId'>
/** Identifies the notice to the customer about a debit, the wire's `mandate_notification_id`. */
export type MandateNotificationId = Branded<'MandateNotificationId'>
/** Identifies a session that saves a payment method. */
export type PaymentMethodSessionId = Branded<'PaymentMethodSessionId'>
/** Identifies a saved payment method. */
export type PaymentMethodId = Branded<'PaymentMethodId'>
/** Identifies a dispute of a payment. */
export type DisputeId = Branded<'DisputeId'>
/** Identifies a payout. */
export type PayoutId = Branded<'PayoutId'>
/** Identifies a message to a customer. */
export type MessageId = Branded<'MessageId'>
/** Identifies a webhook event; a JSON number on the wire. */
export type WebhookEventId = Branded<'WebhookEventId'>
/** Identifies a webhook endpoint, the wire's `webhook_url_id`. */
export type WebhookEndpointId = Branded<'WebhookEndpointId'>
/** Identifies a merchant account, the wire's `account_id`: decimal digits, 11 for accounts that Paydesk creates. */
export type AccountId = Branded<'AccountId'>

/** The start of an id's seconds: 2025-01-01T00:00:00Z, in milliseconds since 1970. */
export const ID_EPOCH_MS = Date.UTC(2025, 0, 1)
/** The number of buckets, by which a database can distribute its rows over machines. Eight bits of every id. */
export const BUCKET_COUNT = 256
/** The maximum number of ids of a bucket in a second. Fourteen bits of every id. */
export const COUNTER_COUNT = 16_384

const SECONDS_MAX = 2 ** 31 - 1
/**
 * The smallest `seconds` of a drawn id. It gives every id at least 15 digits. It stands for 2025-10-03; no id
 * was drawn before.
 */
const DRAWN_SECONDS_MIN = Math.ceil(10 ** 14 / (BUCKET_COUNT * COUNTER_COUNT))
const ID_TEXT = /^[1-9]\d{0,15}$/

/** The parts of an id: whole numbers from 0 with 31, 8 and 14 bits. */
type IdParts = {
  /** Seconds since `ID_EPOCH_MS`. */
  readonly seconds: number
  readonly bucket: number
  readonly counter: number
}

/**
 * Makes a stored id from its parts: 53 bits, so that clients can read it as a JSON number.
 *
 * Shape: `251234567890123`. Throws RangeError for a part out of range (the seconds end in 2093).
 */
export function idFrom({ seconds, bucket, counter }: IdParts): string {
  if (!(seconds >= 0 && seconds <= SECONDS_MAX))
    throw new RangeError(`seconds out of range: ${seconds}`)
  if (!(bucket >= 0 && bucket < BUCKET_COUNT))
    throw new RangeError(`bucket out of range: ${bucket}`)
  if (!(counter >= 0 && counter < COUNTER_COUNT))
    throw new RangeError(`counter out of range: ${counter}`)
  // Multiplied, not shifted: 53 bits do not fit JavaScript's 32-bit shifts.
  return String((seconds * BUCKET_COUNT + bucket) * COUNTER_COUNT + counter)
}

/** Returns the smallest id, in stored form, that a bucket can draw at a time or later. */
export function firstIdAt(atMs: number, bucket: number): string {
  const seconds = Math.min(SECONDS_MAX, Math.max(0, Math.floor((atMs - ID_EPOCH_MS) / 1000)))
  return idFrom({ seconds, bucket, counter: 0 })
}

/** Returns the bucket of a stored id's row. The id must be Paydesk's. */
export function bucketOf(id: string): number {
  return Math.floor(Number(id) / COUNTER_COUNT) % BUCKET_COUNT
}

/** Returns the parts of a stored id. The id must be Paydesk's. */
export function partsOfId(id: string): IdParts {
  return {
    seconds: Math.floor(Number(id) / (BUCKET_COUNT * COUNTER_COUNT)),
    bucket: bucketOf(id),
    counter: Number(id) % COUNTER_COUNT,
  }
}

/** Reads an id from outside. Undefined: it cannot be one of Paydesk's ids. */
export function parseId<
  Id extends
    | PaymentSessionId
    | PaymentAttemptId
    | RefundId
    | RefundApprovalId
    | TransferId
    | TransferReversalId
    | CustomerId
    | PaymentLinkId
    | VirtualAccountId
    | MandateId
    | MandateNotificationId
    | PaymentMethodSessionId
    | PaymentMethodId
    | DisputeId
    | PayoutId
    | MessageId
    | WebhookEventId
    | WebhookEndpointId,
>(text: string): Id | undefined {
  return ID_TEXT.test(text) && Number.isSafeInteger(Number(text)) ? (text as Id) : undefined
}

/** Reads an account id from outside: 1 to 16 digits. Undefined: the text cannot be such an id. */
export function parseAccountId(text: string): AccountId | undefined {
  return ID_TEXT.test(text) && Number.isSafeInteger(Number(text)) ? (text as AccountId) : undefined
}

/** The last drawn id of each bucket. Each draw changes these arrays. */
export type DrawnIds = {
  readonly lastSeconds: number[]
  readonly firstCounters: number[]
  readonly lastCounters: number[]
}

/** Makes the state before the first draw. */
export function emptyDrawnIds(): DrawnIds {
  const each = (value: number) => new Array<number>(BUCKET_COUNT).fill(value)
  return { lastSeconds: each(-1), firstCounters: each(0), lastCounters: each(0) }
}

/**
 * Draws ids that this process has not drawn before.
 *
 * If two processes draw the same id, it belongs to the one that stores it first. Within a second a
 * bucket's ids are consecutive from a random start. When they are used up, the ids of the next
 * second follow. If the clock jumps back, no id is repeated. Ids that look like a card number are
 * skipped, so that scanners for card data do not report logs and tables.
 */
export function createIdDraw(
  nowMs: () => number,
  randomBelow: (bound: number) => number,
  { firstCounters, lastCounters, lastSeconds }: DrawnIds = emptyDrawnIds(),
) {
  function start(bucket: number, seconds: number): void {
    lastSeconds[bucket] = seconds
    firstCounters[bucket] = lastCounters[bucket] = randomBelow(COUNTER_COUNT)
  }

  return function drawId(bucket: number): string {
    for (;;) {
      const nowSeconds = Math.max(DRAWN_SECONDS_MIN, Math.floor((nowMs() - ID_EPOCH_MS) / 1000))
      const seconds = lastSeconds[bucket] ?? -1
      if (nowSeconds > seconds) {
        start(bucket, nowSeconds)
      } else {
        const counter = ((lastCounters[bucket] ?? 0) + 1) % COUNTER_COUNT
        if (counter === firstCounters[bucket]) start(bucket, seconds + 1)
        else lastCounters[bucket] = counter
      }
      const id = idFrom({
        seconds: lastSeconds[bucket] ?? 0,
        bucket,
        counter: lastCounters[bucket] ?? 0,
      })
      if (!looksLikeCardNumber(id)) return id
    }
  }
}
