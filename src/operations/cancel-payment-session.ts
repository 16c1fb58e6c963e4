import type { AccountId, PaymentSessionId } from '../domain/id.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Refused } from '../domain/payment-session.ts'
import { type AnswerOnceDeps, answerOnce } from './answer-once.ts'
import { applyMoveIn, type MoveDeps, type MovedRecord } from './apply-move.ts'
import type { Answer, IdempotentRequest, Replay } from './idempotency.ts'

type Render = (result: MovedRecord | Refused, attempts: readonly PaymentAttempt[]) => Answer

/**
 * Cancels a session that nobody is paying, so that it cannot be paid any more.
 *
 * `render` makes the answer to a move that was made or refused, with the session's attempts; it is
 * stored with the change when the request has an idempotency key. Undefined: the account has no such
 * session. Throws RowHeld.
 */
export function cancelPaymentSession(
  deps: AnswerOnceDeps & MoveDeps,
  accountId: AccountId,
  id: PaymentSessionId,
  render: Render,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | undefined> {
  return answerOnce(deps, idempotent, {
    bucket: deps.store.publicIds.bucketOf(id),
    hold: async (tx) => (await tx.lockPaymentSession(id))?.accountId === accountId,
    change: async (tx) => {
      const result = await applyMoveIn(tx, deps, id, { type: 'cancel' })
      if (result === undefined) return undefined
      return { answer: render(result, await tx.listPaymentAttempts(id)), resourceId: id }
    },
  })
}
