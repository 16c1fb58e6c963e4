import { looksLikeCardNumber } from './card-number.ts'
import type { AccountId, PaymentAttemptId, RefundId } from './id.ts'
import type { Money } from './money.ts'
import { nextQueryCount, type PaymentAttempt, queryDelayMs } from './payment-attempt.ts'

/** The statuses of refunds, by their names on the wire. `succeeded` and `failed` are final. */
export const REFUND_STATUSES = ['initiated', 'pending', 'succeeded', 'failed'] as const
/** A status of a refund. */
export type RefundStatus = (typeof REFUND_STATUSES)[number]

/** A merchant's reasons for a refund. */
export const REFUND_REASONS = [
  'duplicate',
  'fraudulent',
  'requested_by_customer',
  'others',
] as const
/** The types of refunds, by the party that asked for the refund: the merchant or the customer. */
export const REFUND_TYPES = ['initiated_by_merchant', 'initiated_by_customer'] as const

/**
 * The reasons of failed refunds.
 *
 * Source: Zoho Payments API reference, refunds page (seen 2026-11-22).
 */
export const REFUND_FAILURE_REASONS = [
  'unknown',
  'lost_or_stolen_card',
  'expired_or_canceled_card',
  'exceeds_payment_amount',
  'exceeds_balance_amount',
  'payment_already_refunded',
  'payment_already_disputed',
  'payment_not_captured',
  'expiry_time_exceeded',
  'amount_too_small',
  'insufficient_funds',
  'charge_for_pending_refund_disputed',
  'merchant_request',
] as const
/** A reason from the closed list. */
export type RefundFailureReason = (typeof REFUND_FAILURE_REASONS)[number]

/** A refund of captured money, whole or in part. */
export type Refund = {
  readonly id: RefundId
  readonly accountId: AccountId
  readonly paymentAttemptId: PaymentAttemptId
  readonly amount: Money
  /** The party that asked for it. `initiated_by_system`: the approval came too late, or a bank took a transfer back. */
  readonly type: (typeof REFUND_TYPES)[number] | 'initiated_by_system'
  readonly reason: (typeof REFUND_REASONS)[number] | 'system_initiated'
  readonly description?: string
  /** The JSON of `meta_data` for answers. */
  readonly metaDataJson?: string
  readonly status: RefundStatus
  /** Set exactly when the refund has failed. */
  readonly failureReason?: RefundFailureReason
  readonly processorReference?: string
  readonly createdAtMs: number
  readonly decidedAtMs?: number
  /** The time of the next query to the processor; set exactly while the refund is open. */
  readonly nextQueryAtMs?: number
  readonly queryCount: number
}

/** The prefixes of a reference number, before the 16 digits of its refund's id. */
const REFERENCE_PREFIXES = ['740', '741'] as const

/**
 * Returns the reference number of a refund: 19 digits that are not a card number. Two numbers that
 * differ in one digit never both pass the Luhn check, so one of the two prefixes always fits.
 */
export function referenceNumberOf(id: RefundId): string {
  const digits = id.padStart(16, '0')
  const [first, second] = REFERENCE_PREFIXES.map((prefix) => prefix + digits)
  return looksLikeCardNumber(first ?? '') ? (second ?? '') : (first ?? '')
}

/** The reason why no refund was created. */
export type RefundRefusal = 'payment_not_captured' | 'exceeds_payment_amount' | 'payment_disputed'

/**
 * Returns the amount of an attempt that can still be refunded. It is zero before the capture, and for late money,
 * which is refunded in full at once. The amount of a failed refund can be refunded again, the amount of a lost dispute
 * never.
 */
export function refundableMinor({ money }: Pick<PaymentAttempt, 'money'>): bigint {
  const { capturedMinor, disputedMinor, refundedMinor, refundingMinor } = money
  const leftMinor = capturedMinor - refundedMinor - refundingMinor - disputedMinor
  // A processor can report a dispute of money that was refunded too.
  return leftMinor < 0n ? 0n : leftMinor
}

/** Reserves an amount of the attempt for a refund, or returns the reason why it cannot. */
export function reserveRefund(
  attempt: PaymentAttempt,
  amountMinor: bigint,
  hasOpenDispute: boolean,
): { readonly attempt: PaymentAttempt } | { readonly refused: RefundRefusal } {
  if (attempt.money.capturedMinor === 0n) return { refused: 'payment_not_captured' }
  if (hasOpenDispute) return { refused: 'payment_disputed' }
  if (amountMinor > refundableMinor(attempt)) return { refused: 'exceeds_payment_amount' }
  const { money } = attempt
  const refundingMinor = money.refundingMinor + amountMinor
  return { attempt: { ...attempt, money: { ...money, refundingMinor } } }
}

/** Releases the reserved amount of a refund that has ended. The amount of a failed refund can be refunded again. */
export function settleRefund(
  attempt: PaymentAttempt,
  { amount, status }: Pick<Refund, 'amount' | 'status'>,
): PaymentAttempt {
  const { money } = attempt
  return {
    ...attempt,
    money: {
      ...money,
      refundingMinor: money.refundingMinor - amount.amountMinor,
      refundedMinor: money.refundedMinor + (status === 'succeeded' ? amount.amountMinor : 0n),
    },
  }
}

/** A report about a refund at the processor. */
export type RefundMove =
  | { readonly type: 'record_success'; readonly processorReference?: string }
  /** `reason` is the processor's text. A text that is not in the closed list becomes `unknown`. */
  | { readonly type: 'record_failure'; readonly reason: string }
  /** The processor has not decided yet, or does not answer: it is queried again. */
  | {
      readonly type: 'record_open'
      readonly processorReference?: string
      readonly askAfterMs?: number
    }

/**
 * The life of a refund: status → move → next statuses, printed in docs/reference/refund.md. If several answers about
 * one refund arrive, the first final one is recorded.
 */
export const REFUND_MOVES: Record<
  RefundStatus,
  Partial<Record<RefundMove['type'], readonly RefundStatus[]>>
> = {
  initiated: {
    record_success: ['succeeded'],
    record_failure: ['failed'],
    record_open: ['pending'],
  },
  pending: { record_success: ['succeeded'], record_failure: ['failed'], record_open: ['pending'] },
  succeeded: {},
  failed: {},
}

/** Makes one move of a refund, or refuses it because the refund has ended. */
export function moveRefund(
  refund: Refund,
  move: RefundMove,
  nowMs: number,
): Refund | { readonly refused: 'refund_ended' } {
  if (REFUND_MOVES[refund.status][move.type] === undefined) return { refused: 'refund_ended' }
  const { nextQueryAtMs: _, ...open } = refund
  if (move.type === 'record_failure') {
    const failureReason = REFUND_FAILURE_REASONS.find((one) => one === move.reason) ?? 'unknown'
    return { ...open, status: 'failed', failureReason, decidedAtMs: nowMs }
  }
  const { processorReference = refund.processorReference } = move
  const base = { ...open, ...(processorReference !== undefined && { processorReference }) }
  if (move.type === 'record_success') {
    return { ...base, status: 'succeeded', decidedAtMs: nowMs }
  }
  return {
    ...base,
    status: 'pending',
    nextQueryAtMs: nowMs + (move.askAfterMs ?? queryDelayMs(refund.queryCount)),
    queryCount: nextQueryCount(refund.queryCount),
  }
}
