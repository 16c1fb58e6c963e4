import { looksLikeCardNumber } from './card-number.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** Identifies a payment session: decimal digits, at most 16, as on the wire. */
export type PaymentSessionId = Branded<'PaymentSessionId'>
/** Identifies a payment attempt; the wire's `payment_id`. Decimal digits, at most 16. */
export type PaymentAttemptId = Branded<'PaymentAttemptId'>
/** Identifies a refund: decimal digits, at most 16. */
export type RefundId = Branded<'RefundId'>
/** Identifies a transfer to a connected account: decimal digits, at most 16. */
export type TransferId = Branded<'TransferId'>
/** Identifies the reversal of a transfer: decimal digits, at most 16. */
export type TransferReversalId = Branded<'TransferReversalId'>
/** Identifies a webhook event: decimal digits, at most 16; a JSON number on the wire. */
export type WebhookEventId = Branded<'WebhookEventId'>
/** Identifies a webhook endpoint, the wire's `webhook_url_id`: decimal digits, at most 16. */
export type WebhookEndpointId = Branded<'WebhookEndpointId'>
/** Identifies a merchant account, the wire's `account_id`: decimal digits, 11 where we draw it. */
export type AccountId = Branded<'AccountId'>

/** Ids count seconds from here: 2025-01-01T00:00:00Z, in milliseconds since 1970. */
export const ID_EPOCH_MS = Date.UTC(2025, 0, 1)
/** How many buckets rows are spread over. Eight bits of every id. */
export const BUCKET_COUNT = 256
/** How many ids one bucket has in one second. Fourteen bits of every id. */
export const COUNTER_COUNT = 16_384

const SECONDS_MAX = 2 ** 31 - 1
/** No id is drawn with fewer seconds, so that each has 15 digits: 2025-10-03, when nothing was drawn yet. */
const DRAWN_SECONDS_MIN = Math.ceil(10 ** 14 / (BUCKET_COUNT * COUNTER_COUNT))
const ID_TEXT = /^[1-9]\d{0,15}$/

/** What an id is made of. All whole numbers from 0: 31, 8 and 14 bits. */
export type IdParts = {
  /** Seconds since `ID_EPOCH_MS`. */
  readonly seconds: number
  readonly bucket: number
  readonly counter: number
}

/**
 * Makes the stored id of its parts: 53 bits, so that clients may read it as a JSON number.
 *
 * Shape: `251234567890123`. Throws RangeError for a part out of range (the seconds last until 2093).
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

/** Gives the bucket in which the row of a stored id lies. The id must be one of ours. */
export function bucketOf(id: string): number {
  return Math.floor(Number(id) / COUNTER_COUNT) % BUCKET_COUNT
}

/** Takes a stored id apart. The id must be one of ours. */
export function partsOfId(id: string): IdParts {
  return {
    seconds: Math.floor(Number(id) / (BUCKET_COUNT * COUNTER_COUNT)),
    bucket: bucketOf(id),
    counter: Number(id) % COUNTER_COUNT,
  }
}

/** Reads an id from outside. Undefined for anything that cannot be one of ours. */
export function parseId<
  Id extends
    | PaymentSessionId
    | PaymentAttemptId
    | RefundId
    | TransferId
    | TransferReversalId
    | WebhookEventId
    | WebhookEndpointId,
>(text: string): Id | undefined {
  return ID_TEXT.test(text) && Number.isSafeInteger(Number(text)) ? (text as Id) : undefined
}

/** Reads an account id from outside. Undefined for anything but 1 to 16 digits. */
export function parseAccountId(text: string): AccountId | undefined {
  return ID_TEXT.test(text) && Number.isSafeInteger(Number(text)) ? (text as AccountId) : undefined
}

/** What has been drawn last in each bucket: what a draw goes on from. It is changed by drawing. */
export type DrawnIds = {
  readonly lastSeconds: number[]
  readonly firstCounters: number[]
  readonly lastCounters: number[]
}

/** Nothing has been drawn. */
export function noIdsDrawn(): DrawnIds {
  const each = (value: number) => new Array<number>(BUCKET_COUNT).fill(value)
  return { lastSeconds: each(-1), firstCounters: each(0), lastCounters: each(0) }
}

/**
 * Draws ids that this process has not drawn before.
 *
 * Two processes may still draw the same one: storing an id is what makes it ours. Within a second a
 * bucket's ids follow one another from a random start; when they are used up the next second's are
 * taken, and a clock that jumps back does not bring old ones up again. An id that could be taken
 * for a card number is left out, so that scanners for card data stay quiet over our logs and tables.
 */
export function createIdDraw(
  nowMs: () => number,
  randomBelow: (bound: number) => number,
  { firstCounters, lastCounters, lastSeconds }: DrawnIds = noIdsDrawn(),
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
