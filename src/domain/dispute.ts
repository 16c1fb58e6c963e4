import type { AccountId, DisputeId, PaymentAttemptId } from './id.ts'
import type { Money } from './money.ts'
import type { PaymentAttempt } from './payment-attempt.ts'
import type { Edition } from './payment-method.ts'

/** The statuses of disputes. `won` and `lost` are final: the merchant has won or lost. */
export const DISPUTE_STATUSES = ['open', 'won', 'lost'] as const
/** A status of a dispute. */
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number]

/**
 * A cardholder's reasons for a dispute.
 *
 * Source: Zoho Payments help pages about disputes (seen 2026-11-22).
 */
export const DISPUTE_REASONS = [
  'credit_not_processed',
  'duplicate',
  'fraudulent',
  'product_not_received',
  'product_unacceptable',
  'subscription_canceled',
  'unrecognized',
] as const
/** A reason for a dispute. */
export type DisputeReason = (typeof DISPUTE_REASONS)[number]
/** The reason for a dispute if the request, or the processor's report, names no known reason. */
export const DISPUTE_REASON_DEFAULT: DisputeReason = 'unrecognized'

/**
 * A customer's objection to a payment, which the customer's bank decides. The bank takes the money from the merchant at
 * the beginning, and returns it if the merchant wins.
 */
export type Dispute = {
  readonly id: DisputeId
  readonly accountId: AccountId
  readonly paymentAttemptId: PaymentAttemptId
  readonly amount: Money
  /** The fee for the dispute, in minor units of the amount's currency. Zero: there is none. */
  readonly feeMinor: bigint
  readonly reason: DisputeReason
  readonly status: DisputeStatus
  readonly createdAtMs: number
  /** Set exactly when the dispute was won or lost. */
  readonly decidedAtMs?: number
  /** The processor's id of the dispute. Undefined: the sandbox's control API has opened it. */
  readonly processorReference?: string
}

/** The bank's decision about a dispute. */
export type DisputeMove = { readonly type: 'win' } | { readonly type: 'lose' }

/** The life of a dispute: status → move → next statuses, printed in docs/reference/dispute.md. */
export const DISPUTE_MOVES: Record<
  DisputeStatus,
  Partial<Record<DisputeMove['type'], readonly DisputeStatus[]>>
> = {
  open: { win: ['won'], lose: ['lost'] },
  won: {},
  lost: {},
}

/**
 * The reason why a dispute was not opened or not decided. `payment_not_disputable`: the payment has not succeeded, or
 * its money came too late.
 */
export type DisputeRefusal =
  | 'payment_not_disputable'
  | 'dispute_already_open'
  | 'exceeds_disputable_amount'
  | 'dispute_ended'

/** Makes one move of a dispute, or refuses it because the dispute has ended. */
export function moveDispute(
  dispute: Dispute,
  move: DisputeMove,
  nowMs: number,
): Dispute | { readonly refused: 'dispute_ended' } {
  if (DISPUTE_MOVES[dispute.status][move.type] === undefined) return { refused: 'dispute_ended' }
  return { ...dispute, status: move.type === 'win' ? 'won' : 'lost', decidedAtMs: nowMs }
}

type RefusedOpening = { readonly refused: Exclude<DisputeRefusal, 'dispute_ended'> }

/**
 * Returns the amount of a payment that can be disputed in a sandbox, in minor units: the captured amount without
 * refunded and disputed parts. Open refunds do not reduce it, because a dispute ends them.
 */
export function disputableMinor({
  money,
  status,
}: Pick<PaymentAttempt, 'money' | 'status'>): bigint {
  if (status !== 'succeeded') return 0n
  return money.capturedMinor - money.refundedMinor - money.disputedMinor
}

/**
 * Returns the attempt after a dispute of an amount was opened, or the reason why it cannot be
 * opened. `isReported`: the processor reports the dispute as a fact, so it can include money that
 * was also refunded.
 */
export function disputeAttempt(
  attempt: PaymentAttempt,
  amountMinor: bigint,
  {
    hasOpenDispute,
    isReported,
  }: { readonly hasOpenDispute: boolean; readonly isReported: boolean },
): { readonly attempt: PaymentAttempt } | RefusedOpening {
  const { money, status } = attempt
  if (status !== 'succeeded') return { refused: 'payment_not_disputable' }
  if (hasOpenDispute) return { refused: 'dispute_already_open' }
  const leftMinor = isReported
    ? money.capturedMinor - money.disputedMinor
    : disputableMinor(attempt)
  if (amountMinor > leftMinor) return { refused: 'exceeds_disputable_amount' }
  return { attempt: changeDisputedAmount(attempt, amountMinor) }
}

/**
 * Returns the attempt after its open dispute was decided. The amount of a won dispute is no longer
 * disputed.
 */
export function settleDispute(
  attempt: PaymentAttempt,
  { amount, status }: Pick<Dispute, 'amount' | 'status'>,
): PaymentAttempt {
  return status === 'won' ? changeDisputedAmount(attempt, -amount.amountMinor) : attempt
}

function changeDisputedAmount(attempt: PaymentAttempt, changeMinor: bigint): PaymentAttempt {
  const { money } = attempt
  const disputedMinor = money.disputedMinor + changeMinor
  return { ...attempt, money: { ...money, disputedMinor } }
}

/** The fee for a dispute of a payment in dollars, in cents: $15. */
const US_DISPUTE_FEE_MINOR = 1_500n

/**
 * Returns the fee for a dispute in a sandbox, in minor units. No fee is known for Indian accounts. Nothing is
 * converted, so payments in another currency than the dollar have no fee.
 *
 * Source: Zoho Payments US help page about disputes: $15, returned when the dispute is won (seen
 * 2026-11-22).
 */
export function disputeFeeMinor(edition: Edition, currency: Money['currency']): bigint {
  return edition === 'US' && currency === 'USD' ? US_DISPUTE_FEE_MINOR : 0n
}
