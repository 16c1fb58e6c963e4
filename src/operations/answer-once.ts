import type { Clock } from '../domain/clock.ts'
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
import { IDEMPOTENCY_KEY_LIFE_MS, RowHeld, type Store, type Transaction } from './store.ts'

/** What answering a request once needs. */
export type AnswerOnceDeps = {
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly store: Pick<Store, 'publicIds' | 'transaction'>
}

/** What a request does to an object that is held. */
export type OnceWork = {
  /**
   * The bucket of the object that the path names, and so of the key. Absent: the key has a bucket of its
   * own, so that it is the same one whatever object the body names.
   */
  readonly bucket?: number
  /** Holds the object: of two requests for it the second waits here. False: there is none. */
  readonly hold: (tx: Transaction) => Promise<boolean>
  /** Changes it, and makes the answer. Undefined: there is no such object. */
  readonly change: (
    tx: Transaction,
  ) => Promise<{ readonly answer: Answer; readonly resourceId: string } | undefined>
}

/** Another request with this key, about another object, was faster. Nothing was written. */
class KeyAnswered extends Error {}

/**
 * Carries out a change in one transaction with the answer that is kept under the request's idempotency
 * key; a key that has an answer gets that. Undefined: there is no such object. Throws RowHeld, but with
 * a key says `idempotency_key_in_use`.
 */
export async function answerOnce(
  deps: AnswerOnceDeps,
  idempotent: IdempotentRequest | undefined,
  work: OnceWork,
): Promise<Answer | Replay | undefined> {
  try {
    return await answerIn(deps, idempotent, work).catch((error: unknown) => {
      // That one's answer has been committed, so this time it is found.
      if (error instanceof KeyAnswered) return answerIn(deps, idempotent, work)
      throw error
    })
  } catch (error) {
    const isInUse = error instanceof RowHeld || error instanceof KeyAnswered
    if (isInUse && idempotent !== undefined) return { refused: 'idempotency_key_in_use' }
    throw error
  }
}

function answerIn(
  deps: AnswerOnceDeps,
  idempotent: IdempotentRequest | undefined,
  { bucket: bucketOfObject, change, hold }: OnceWork,
): Promise<Answer | Replay | undefined> {
  return deps.store.transaction(async (tx) => {
    if (!(await hold(tx))) return undefined
    const nowMs = deps.clock.nowMs()
    const liveFromMs = nowMs - IDEMPOTENCY_KEY_LIFE_MS
    const identityHash = idempotent === undefined ? '' : identityHashOf(idempotent)
    const bucket = bucketOfObject ?? bucketOfIdentity(identityHash)
    if (idempotent !== undefined) {
      const kept = await tx.findIdempotentAnswer(bucket, identityHash, liveFromMs)
      if (kept !== undefined) return replayFrom(kept, idempotent, deps.keys.sealing)
    }
    const changed = await change(tx)
    if (changed === undefined) return undefined
    const { answer, resourceId } = changed
    if (idempotent !== undefined) {
      const sealing = { random: deps.random, sealingKey: deps.keys.sealing }
      const kept = idempotentAnswerFrom(sealing, idempotent, bucket, resourceId, answer)
      if (!(await tx.putIdempotentAnswer(kept, nowMs, liveFromMs))) throw new KeyAnswered()
    }
    return answer
  })
}
