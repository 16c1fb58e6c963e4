import type { PaymentAttemptId } from '../domain/id.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { PaymentSessionMove } from '../domain/payment-session.ts'
import type { ChargeOutcome } from '../processors/processor.ts'
import {
  applyMove,
  type MoveDeps,
  type MovedRecord,
  type RefusedPaymentMove,
} from './apply-move.ts'

/**
 * Records the processor's answer about an attempt. A repeated answer is refused; an approval that comes too
 * late leads to a refund. `isOutOfTurn`: an extra query, which does not delay the reconciler's next one.
 * Undefined: there is no such session.
 */
export function recordOutcome(
  deps: MoveDeps,
  { id, paymentSessionId }: Pick<PaymentAttempt, 'id' | 'paymentSessionId'>,
  outcome: ChargeOutcome,
  isOutOfTurn = false,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  return applyMove(deps, paymentSessionId, moveFrom(id, outcome, isOutOfTurn))
}

function moveFrom(
  attemptId: PaymentAttemptId,
  outcome: ChargeOutcome,
  isOutOfTurn: boolean,
): PaymentSessionMove {
  switch (outcome.kind) {
    case 'approved': {
      const { kind: _, ...approval } = outcome
      return { type: 'record_approval', attemptId, ...approval }
    }
    case 'declined':
      return { type: 'record_decline', attemptId, declineCode: outcome.declineCode }
    case 'pending': {
      const { kind: _, ...pending } = outcome
      return { type: 'record_pending', attemptId, isOutOfTurn, ...pending }
    }
    case 'unknown':
      return { type: 'record_unknown', attemptId }
  }
}
