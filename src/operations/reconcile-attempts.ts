import type { PaymentAttemptId } from '../domain/id.ts'
import { isDecided, type PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Refused } from '../domain/payment-session.ts'
import { CALL_MS_MAX } from '../processors/guarded-processor.ts'
import type { ChargeOutcome, Processor } from '../processors/processor.ts'
import type { MoveDeps, MovedRecord } from './apply-move.ts'
import { recordOutcome } from './record-outcome.ts'
import type { Store } from './store.ts'

type Deps = MoveDeps & {
  readonly store: Pick<Store, 'transaction' | 'paymentAttempts'>
  /** Guarded: it answers, whatever the module behind it does. */
  readonly processor: Processor
}

/**
 * For how long an attempt that is being asked about is nobody else's, in milliseconds:
 * longer than asking takes, which is two calls at most, and recording the answer.
 */
const LEASE_MS = 2 * CALL_MS_MAX + 10_000

/** Asks about one attempt that is due. Gives its id; undefined when none is due. */
export async function reconcileNext(deps: Deps): Promise<PaymentAttemptId | undefined> {
  const attempt = await deps.store.paymentAttempts.claim(deps.clock.nowMs(), LEASE_MS)
  if (attempt === undefined) return undefined
  const outcome = await outcomeOf(deps, attempt)
  await recordOutcome(deps, attempt.paymentSessionId, attempt.id, outcome)
  return attempt.id
}

/**
 * Asks about an attempt out of turn, for somebody who waits: the customer is back from the issuer's
 * page. Undefined: it is decided already, or nothing is known yet.
 */
export async function reconcileAttempt(
  deps: Deps,
  id: PaymentAttemptId,
): Promise<MovedRecord | Refused | undefined> {
  const attempt = await deps.store.paymentAttempts.find(id)
  if (attempt === undefined || isDecided(attempt)) return undefined
  const outcome = await outcomeOf(deps, attempt)
  // Nothing is known, and the next to ask is asked when it was to be.
  if (outcome.kind === 'unknown') return undefined
  const isOutOfTurn = outcome.kind === 'pending'
  return recordOutcome(deps, attempt.paymentSessionId, id, outcome, isOutOfTurn)
}

/**
 * Gives up an attempt that waits for the customer, who wants to pay in another way. The processor
 * has the last word: it may have been paid just now. Undefined: it cannot be given up.
 */
export async function cancelAttempt(
  deps: Deps,
  id: PaymentAttemptId,
): Promise<MovedRecord | Refused | undefined> {
  const attempt = await deps.store.paymentAttempts.find(id)
  const { cancelCharge } = deps.processor
  // One that is `initiated` may be on its way to the processor still.
  if (attempt?.status !== 'pending' || cancelCharge === undefined) return undefined
  const outcome = await cancelCharge(id)
  return recordOutcome(deps, attempt.paymentSessionId, id, outcome)
}

async function outcomeOf(
  { clock, processor }: Pick<Deps, 'clock' | 'processor'>,
  { deadlineAtMs, id }: PaymentAttempt,
): Promise<ChargeOutcome> {
  const { cancelCharge, findCharge } = processor
  const outcome = await findCharge(id)
  // The customer has left the issuer's page for good: nothing that came now would count any more.
  const isAbandoned = outcome.kind === 'pending' && outcome.action !== undefined
  return isAbandoned && cancelCharge !== undefined && clock.nowMs() > deadlineAtMs
    ? cancelCharge(id)
    : outcome
}
