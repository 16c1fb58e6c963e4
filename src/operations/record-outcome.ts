import type { PaymentAttemptId, PaymentSessionId } from '../domain/id.ts'
import type { PaymentSessionMove, Refused } from '../domain/payment-session.ts'
import type { ChargeOutcome } from '../processors/processor.ts'
import { applyMove, type MoveDeps, type MovedRecord } from './apply-move.ts'

/**
 * Records what the processor answered about an attempt. An answer that comes twice is refused, one
 * that comes too late gives the money back. `isOutOfTurn`: it was asked for between two asks of the
 * reconciler, and puts off none. Undefined: there is no such session.
 */
export function recordOutcome(
  deps: MoveDeps,
  id: PaymentSessionId,
  attemptId: PaymentAttemptId,
  outcome: ChargeOutcome,
  isOutOfTurn = false,
): Promise<MovedRecord | Refused | undefined> {
  return applyMove(deps, id, moveFrom(attemptId, outcome, isOutOfTurn))
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
