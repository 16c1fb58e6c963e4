import { ACCESS_KEY_RANDOM_BYTES, type AccessKey, makeAccessKey } from '../domain/access-key.ts'
import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { Random } from '../domain/random.ts'
import type { Keys } from '../domain/secret.ts'
import type { PaymentSessionRecord } from './store.ts'

/** A merchant's request for a payment session, checked. */
export type PaymentSessionRequest = {
  readonly accountId: AccountId
  readonly amount: Money
  readonly expiresInSeconds: number
  readonly attemptCountMax: number
} & Pick<
  PaymentSessionRecord,
  | 'invoiceNumber'
  | 'referenceNumber'
  | 'echoedJson'
  | 'configurationsJson'
  | 'transferDetailsJson'
  | 'paymentLinkId'
  | 'customerId'
  | 'typeFacts'
>

/** The dependencies of `drawPaymentSession`. */
export type DrawDeps = {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly keys: Keys
}

/** A new session that is not stored yet, with the key that opens its page. */
type DrawnSession = {
  readonly session: PaymentSessionRecord
  readonly accessKey: AccessKey
}

/**
 * Draws a new session: its id in the bucket, its times, and its signed access key. Nothing is stored. If the id is
 * taken, the caller draws again.
 */
export function drawPaymentSession(
  deps: DrawDeps,
  { expiresInSeconds, ...request }: PaymentSessionRequest,
  bucket: number,
): DrawnSession {
  const nowMs = deps.clock.nowMs()
  // The wire has whole seconds, and the session ends exactly at the time that the merchant reads.
  const expiresAtMs = (Math.floor(nowMs / 1000) + expiresInSeconds) * 1000
  const id = deps.ids.paymentSession(bucket)
  const accessKey = makeAccessKey(
    { paymentSessionId: id, expiresAtMs, place: 'page' },
    deps.random.bytes(ACCESS_KEY_RANDOM_BYTES),
    deps.keys.accessKey,
  )
  const session: PaymentSessionRecord = {
    ...request,
    id,
    status: 'created',
    createdAtMs: nowMs,
    expiresAtMs,
    attemptCount: 0,
    currentAttemptId: undefined,
  }
  return { session, accessKey }
}
