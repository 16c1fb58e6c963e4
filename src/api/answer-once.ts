import type { Clock } from '../domain/clock.ts'
import type { Random } from '../domain/random.ts'
import type { Keys } from '../domain/secret.ts'
import {
  IDEMPOTENCY_KEY_LIFE_MS,
  LockedRowError,
  type Store,
  type Transaction,
} from '../operations/store.ts'
import { ApiError } from './errors.ts'
import {
  type Answer,
  bucketOfIdentity,
  type IdempotentRequest,
  idempotentAnswerFrom,
  type KeptAnswer,
  type Replay,
  replayFrom,
} from './idempotency.ts'

type AnswerOnceDeps = {
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly store: Pick<Store, 'transaction'>
}

/** The three steps of a request that changes something, all in one transaction. */
type OnceWork<Locked, Result> = {
  /**
   * The bucket of the object in the path; the idempotency key is stored in the same bucket. Undefined: the bucket
   * follows from the key, because a body may name an object in any bucket.
   */
  readonly bucket?: number
  /**
   * Locks the object of the request: a second request for it waits here. Undefined: there is no such
   * object.
   */
  readonly lock: (tx: Transaction) => Promise<Locked | undefined>
  /** The error if there is no such object. Omitted if `lock` always finds one. */
  readonly missing?: () => ApiError
  readonly change: (tx: Transaction, object: Locked) => Promise<Result>
  /** Renders the answer. An ApiError thrown here undoes the change and leaves the key unused. */
  readonly render: (result: Result) => KeptAnswer
}

/** The new answer with the result that it shows, or the answer to the first request with the key. */
export type OnceAnswer<Result> = { readonly answer: Answer; readonly result: Result } | Replay

/** Another request with this key, for another object, has stored its answer first. Nothing was written. */
class KeyAnswered extends Error {}

/**
 * Carries out a change in one transaction, and stores the answer under the request's idempotency key. A key that
 * already has an answer gets that answer, and nothing changes.
 *
 * Stores nothing if it throws. If another request holds the object for too long, a request without a key throws
 * LockedRowError, and a request with a key throws ApiError `idempotency_key_in_use`. Also throws ApiError
 * `idempotency_key_reused`, the error of `missing`, and the errors of `change` and `render`.
 */
export async function answerOnce<Locked, Result>(
  deps: AnswerOnceDeps,
  idempotent: IdempotentRequest | undefined,
  work: OnceWork<Locked, Result>,
): Promise<OnceAnswer<Result>> {
  try {
    return await answerInTransaction(deps, idempotent, work).catch((error: unknown) => {
      // The other request has committed its answer, so the second run finds it.
      if (error instanceof KeyAnswered) return answerInTransaction(deps, idempotent, work)
      throw error
    })
  } catch (error) {
    const isInUse = error instanceof LockedRowError || error instanceof KeyAnswered
    if (isInUse && idempotent !== undefined) throw new ApiError('idempotency_key_in_use')
    throw error
  }
}

function answerInTransaction<Locked, Result>(
  deps: AnswerOnceDeps,
  idempotent: IdempotentRequest | undefined,
  { bucket: objectBucket, change, lock, missing, render }: OnceWork<Locked, Result>,
): Promise<OnceAnswer<Result>> {
  return deps.store.transaction(async (tx) => {
    const object = await lock(tx)
    if (object === undefined) throw missing?.() ?? new Error('there is no object to lock')
    if (idempotent === undefined) {
      const result = await change(tx, object)
      return { answer: render(result), result }
    }
    const nowMs = deps.clock.nowMs()
    const liveFromMs = nowMs - IDEMPOTENCY_KEY_LIFE_MS
    const bucket = objectBucket ?? bucketOfIdentity(idempotent)
    const storedAnswer = await tx.idempotency.find(bucket, idempotent.identityHash, liveFromMs)
    if (storedAnswer !== undefined) return replayFrom(storedAnswer, idempotent, deps.keys)
    const result = await change(tx, object)
    const answer = render(result)
    const row = idempotentAnswerFrom(deps, idempotent, bucket, answer)
    if (!(await tx.idempotency.put(row, nowMs, liveFromMs))) throw new KeyAnswered()
    return { answer, result }
  })
}
