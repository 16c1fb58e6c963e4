import { ACCESS_KEY_RANDOM_BYTES, type AccessKey, makeAccessKey } from '../domain/access-key.ts'
import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { Random } from '../domain/random.ts'
import type { Keys } from '../domain/secret.ts'
import {
  type Answer,
  bucketOfIdentity,
  type IdempotentRequest,
  idempotentAnswerFrom,
  identityHashOf,
  type Replay,
  replayFrom,
} from './idempotency.ts'
import type { PaymentSessionRecord, Store } from './store.ts'

/** What a merchant asks for, checked. */
export type PaymentSessionRequest = {
  readonly accountId: AccountId
  readonly amount: Money
  readonly expiresInSeconds: number
  readonly attemptCountMax: number
} & Pick<
  PaymentSessionRecord,
  'invoiceNumber' | 'referenceNumber' | 'echoedJson' | 'configurationsJson' | 'transferDetailsJson'
>

type Deps = {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly keys: Keys
  readonly store: Pick<Store, 'paymentSessions'>
}

/** An id that is taken is rare, and twice in a row means that something else is wrong. */
const DRAW_COUNT_MAX = 8

/**
 * Creates a payment session: draws its id, signs its access key, and stores it in one commit with
 * its neighbours.
 *
 * `render` makes the answer, which is stored with the session when the request has an idempotency
 * key. The result is that answer, or the one that the key's first request got.
 */
export async function createPaymentSession(
  deps: Deps,
  request: PaymentSessionRequest,
  render: (session: PaymentSessionRecord, accessKey: AccessKey) => Answer,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay> {
  const { expiresInSeconds, ...rest } = request
  for (let drawCount = 0; drawCount < DRAW_COUNT_MAX; drawCount += 1) {
    const nowMs = deps.clock.nowMs()
    // The wire tells the time in whole seconds, and the merchant is told exactly what holds.
    const expiresAtMs = (Math.floor(nowMs / 1000) + expiresInSeconds) * 1000
    const bucket =
      idempotent === undefined
        ? deps.store.paymentSessions.creationBucket()
        : bucketOfIdentity(identityHashOf(idempotent))
    const id = deps.ids.paymentSession(bucket)
    const accessKey = makeAccessKey(
      { paymentSessionId: id, expiresAtMs, place: 'page' },
      deps.random.bytes(ACCESS_KEY_RANDOM_BYTES),
      deps.keys.accessKey,
    )
    const session: PaymentSessionRecord = {
      ...rest,
      id,
      status: 'created',
      createdAtMs: nowMs,
      expiresAtMs,
      attemptCount: 0,
      currentAttemptId: undefined,
    }
    const answer = render(session, accessKey)
    const outcome = await deps.store.paymentSessions.insert(
      session,
      idempotent &&
        idempotentAnswerFrom(
          { random: deps.random, sealingKey: deps.keys.sealing },
          idempotent,
          bucket,
          id,
          answer,
        ),
      nowMs,
    )
    if (outcome === 'stored') return answer
    if (outcome === 'key_in_use') return { refused: 'idempotency_key_in_use' }
    if (outcome !== 'id_taken' && idempotent !== undefined) {
      return replayFrom(outcome.answered, idempotent, deps.keys.sealing)
    }
  }
  throw new Error(`${DRAW_COUNT_MAX} ids in a row were taken`)
}
