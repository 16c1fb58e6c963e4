import type { PaymentSessionId } from '../domain/id.ts'
import {
  type Moved,
  movePaymentSession,
  type PaymentSessionMove,
  type Refused,
} from '../domain/payment-session.ts'
import type { Clock, PaymentSessionRecord, Store, Transaction } from './ports.ts'

/** A move that was made on a stored session. */
export type MovedRecord = Moved & { readonly session: PaymentSessionRecord }

/**
 * The only function that changes a stored payment session: holds its row, decides, writes the
 * session and its attempt, commits. Undefined: there is no such session.
 */
export function applyMove(
  deps: { readonly store: Pick<Store, 'transaction'>; readonly clock: Clock },
  id: PaymentSessionId,
  move: PaymentSessionMove,
): Promise<MovedRecord | Refused | undefined> {
  return deps.store.transaction((tx) => applyMoveIn(tx, deps.clock, id, move))
}

/** `applyMove` as a part of a transaction that writes more with it. */
export async function applyMoveIn(
  tx: Transaction,
  clock: Clock,
  id: PaymentSessionId,
  move: PaymentSessionMove,
): Promise<MovedRecord | Refused | undefined> {
  const before = await tx.lockPaymentSession(id)
  if (before === undefined) return undefined

  const result = movePaymentSession(before, move, clock.nowMs())
  if ('refused' in result) return result

  await tx.updatePaymentSession(result.session)
  const { attempt } = result
  if (attempt !== undefined) {
    if ('started' in attempt) await tx.insertPaymentAttempt(attempt.started)
    else await tx.updatePaymentAttempt(attempt.id, attempt.status, attempt.declineCode)
  }
  return { ...result, session: { ...before, ...result.session } }
}
