import type { PaymentAttemptId } from '../domain/id.ts'
import { isDecided, type PaymentAttempt } from '../domain/payment-attempt.ts'
import { CALL_MS_MAX } from '../processors/guarded-processor.ts'
import type { ChargeOutcome, Processor } from '../processors/processor.ts'
import type { MoveDeps, MovedRecord, RefusedPaymentMove } from './apply-move.ts'
import { recordOutcome } from './record-outcome.ts'
import type { Store } from './store.ts'

type Deps = MoveDeps & {
  readonly store: Pick<Store, 'transaction' | 'paymentAttempts'>
  /** Guarded (`guardProcessor`). */
  readonly processor: Processor
}

/** Longer than two calls and the record of the answer. */
const LEASE_MS = 2 * CALL_MS_MAX + 10_000

/** Queries the processor about one attempt that is due. Returns its id; undefined when none is due. */
export async function reconcileNext(deps: Deps): Promise<PaymentAttemptId | undefined> {
  const attempt = await deps.store.paymentAttempts.claim(deps.clock.nowMs(), LEASE_MS)
  if (attempt === undefined) return undefined
  const outcome = await outcomeOf(deps, attempt)
  await recordOutcome(deps, attempt, outcome)
  return attempt.id
}

/**
 * Queries the processor about an attempt before its next planned query, because its customer has returned from the
 * issuer's page and waits. Undefined: there is no such attempt, it has a final status, or the
 * outcome is unknown.
 */
export async function reconcileAttempt(
  deps: Deps,
  id: PaymentAttemptId,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  const attempt = await deps.store.paymentAttempts.find(id)
  if (attempt === undefined || isDecided(attempt)) return undefined
  const outcome = await outcomeOf(deps, attempt)
  // Not recorded, because a recorded unknown outcome changes the time of the reconciler's next query.
  if (outcome.kind === 'unknown') return undefined
  const isOutOfTurn = outcome.kind === 'pending'
  return recordOutcome(deps, attempt, outcome, isOutOfTurn)
}

/**
 * Cancels an attempt that waits for its customer, because the customer has chosen another method. The processor
 * decides whether it can be canceled: the customer may have just paid. Undefined: the attempt cannot be canceled.
 */
export async function cancelAttempt(
  deps: Deps,
  id: PaymentAttemptId,
): Promise<MovedRecord | RefusedPaymentMove | undefined> {
  const attempt = await deps.store.paymentAttempts.find(id)
  const { cancelCharge } = deps.processor
  // The charge of an `initiated` attempt may still be on its way to the processor.
  if (attempt?.status !== 'pending' || cancelCharge === undefined) return undefined
  const outcome = await cancelCharge(id)
  return recordOutcome(deps, attempt, outcome)
}

async function outcomeOf(
  { clock, processor }: Pick<Deps, 'clock' | 'processor'>,
  { deadlineAtMs, id }: PaymentAttempt,
): Promise<ChargeOutcome> {
  const { cancelCharge, findCharge } = processor
  const outcome = await findCharge(id)
  // After the deadline an approval would come too late, so a charge that waits for its customer is canceled.
  const isAbandoned = outcome.kind === 'pending' && outcome.action !== undefined
  return isAbandoned && cancelCharge !== undefined && clock.nowMs() > deadlineAtMs
    ? cancelCharge(id)
    : outcome
}
