import { type AccountId, bucketOf, type PaymentSessionId } from '../domain/id.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Refused } from '../domain/payment-session.ts'
import type { Keys } from '../domain/secret.ts'
import { applyMoveIn, type MovedRecord } from './apply-move.ts'
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
  type Ids,
  type Random,
  RowHeld,
  type Store,
  type Transaction,
} from './ports.ts'

type Deps = {
  readonly clock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly keys: Keys
  readonly store: Pick<Store, 'transaction'>
}

type Render = (result: MovedRecord | Refused, attempts: readonly PaymentAttempt[]) => Answer

/**
 * Cancels a session that nobody is paying, so that it cannot be paid any more.
 *
 * `render` makes the answer to a move that was made or refused, with the session's attempts; it is
 * stored with the change when the request has an idempotency key. Undefined: the account has no such
 * session. Throws RowHeld.
 */
export async function cancelPaymentSession(
  deps: Deps,
  accountId: AccountId,
  id: PaymentSessionId,
  render: Render,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | undefined> {
  try {
    return await deps.store.transaction((tx) =>
      cancelIn(tx, deps, accountId, id, render, idempotent),
    )
  } catch (error) {
    if (error instanceof RowHeld && idempotent !== undefined) {
      return { refused: 'idempotency_key_in_use' }
    }
    throw error
  }
}

async function cancelIn(
  tx: Transaction,
  deps: Deps,
  accountId: AccountId,
  id: PaymentSessionId,
  render: Render,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | undefined> {
  // Held before the key is looked up: of two requests with one key the second waits here.
  const session = await tx.lockPaymentSession(id)
  if (session?.accountId !== accountId) return undefined

  const nowMs = deps.clock.nowMs()
  const bucket = bucketOf(id)
  if (idempotent !== undefined) {
    const kept = await tx.findIdempotentAnswer(
      bucket,
      identityHashOf(idempotent),
      nowMs - IDEMPOTENCY_KEY_LIFE_MS,
    )
    if (kept !== undefined) return replayFrom(kept, idempotent, deps.keys.sealing)
  }

  const result = await applyMoveIn(tx, deps, id, { type: 'cancel' })
  if (result === undefined) return undefined
  const answer = render(result, await tx.listPaymentAttempts(id))
  if (idempotent !== undefined) {
    const sealing = { random: deps.random, sealingKey: deps.keys.sealing }
    await tx.putIdempotentAnswer(
      idempotentAnswerFrom(sealing, idempotent, bucket, id, answer),
      nowMs,
    )
  }
  return answer
}
