import type { Keys } from '../domain/secret.ts'
import {
  type Answer,
  type IdempotentRequest,
  idempotentAnswerFrom,
  identityHashOf,
  type Replay,
  replayFrom,
} from './idempotency.ts'
import {
  type Clock,
  IDEMPOTENCY_KEY_LIFE_MS,
  type Random,
  RowHeld,
  type Store,
  type Transaction,
} from './ports.ts'

/** What answering a request once needs. */
export type AnswerOnceDeps = {
  readonly clock: Clock
  readonly random: Random
  readonly keys: Keys
  readonly store: Pick<Store, 'transaction'>
}

/** What a request does to an object that is held. */
export type OnceWork = {
  /** The bucket of the object, and so of the key. */
  readonly bucket: number
  /** Holds the object: of two requests with one key the second waits here. False: there is none. */
  readonly hold: (tx: Transaction) => Promise<boolean>
  /** Changes it, and makes the answer. Undefined: there is no such object. */
  readonly change: (
    tx: Transaction,
  ) => Promise<{ readonly answer: Answer; readonly resourceId: string } | undefined>
}

/**
 * Carries out a change in one transaction with the answer that is kept under the request's idempotency
 * key; a key that has an answer gets that. Undefined: there is no such object. Throws RowHeld, but with
 * a key says `idempotency_key_in_use`.
 */
export async function answerOnce(
  deps: AnswerOnceDeps,
  idempotent: IdempotentRequest | undefined,
  { bucket, change, hold }: OnceWork,
): Promise<Answer | Replay | undefined> {
  try {
    return await deps.store.transaction(async (tx) => {
      if (!(await hold(tx))) return undefined
      const nowMs = deps.clock.nowMs()
      if (idempotent !== undefined) {
        const identityHash = identityHashOf(idempotent)
        const liveFromMs = nowMs - IDEMPOTENCY_KEY_LIFE_MS
        const kept = await tx.findIdempotentAnswer(bucket, identityHash, liveFromMs)
        if (kept !== undefined) return replayFrom(kept, idempotent, deps.keys.sealing)
      }
      const changed = await change(tx)
      if (changed === undefined) return undefined
      const { answer, resourceId } = changed
      if (idempotent !== undefined) {
        const sealing = { random: deps.random, sealingKey: deps.keys.sealing }
        await tx.putIdempotentAnswer(
          idempotentAnswerFrom(sealing, idempotent, bucket, resourceId, answer),
          nowMs,
        )
      }
      return answer
    })
  } catch (error) {
    if (error instanceof RowHeld && idempotent !== undefined) {
      return { refused: 'idempotency_key_in_use' }
    }
    throw error
  }
}
