import type { PaymentSessionId } from '../domain/id.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { RefusedMove } from '../domain/payment-session.ts'
import { cancelSessionIn, type MoveDeps } from './apply-move.ts'
import type { PaymentSessionRecord, Transaction } from './store.ts'

/** A canceled session with its attempts, newest first. */
type CanceledSession = {
  readonly session: PaymentSessionRecord
  readonly attempts: readonly PaymentAttempt[]
}

/**
 * Cancels a session without an open payment, so that it can no longer be paid. The transaction
 * holds the session.
 */
export async function cancelPaymentSession(
  tx: Transaction,
  deps: Pick<MoveDeps, 'clock' | 'ids' | 'mode'>,
  id: PaymentSessionId,
): Promise<CanceledSession | RefusedMove> {
  const result = await cancelSessionIn(tx, deps, id)
  if (result === undefined) throw new Error(`session ${id} vanished`)
  if ('refused' in result) return result
  return { session: result.session, attempts: await tx.paymentAttempts.listBySession(id) }
}
