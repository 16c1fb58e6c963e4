import { expect, test } from 'vitest'
import {
  type Dispute,
  disputableMinor,
  disputeAttempt,
  disputeFeeMinor,
  moveDispute,
  settleDispute,
} from './dispute.ts'
import type { AccountId, DisputeId, PaymentAttemptId, PaymentSessionId } from './id.ts'
import {
  type AttemptMoney,
  NO_MONEY,
  type PaymentAttempt,
  paymentStatusOf,
} from './payment-attempt.ts'
import { refundableMinor } from './refund.ts'

const attempt = (
  money: Partial<AttemptMoney>,
  status: PaymentAttempt['status'] = 'succeeded',
): PaymentAttempt => ({
  id: '1' as PaymentAttemptId,
  paymentSessionId: '2' as PaymentSessionId,
  accountId: '3' as AccountId,
  status,
  number: 1,
  createdAtMs: 0,
  deadlineAtMs: 9,
  queryCount: 0,
  instrument: { type: 'bank_transfer' },
  money: { ...NO_MONEY, ...money },
})
const DISPUTE: Dispute = {
  id: '4' as DisputeId,
  accountId: '3' as AccountId,
  paymentAttemptId: '1' as PaymentAttemptId,
  amount: { amountMinor: 60n, currency: 'INR' },
  feeMinor: 0n,
  reason: 'duplicate',
  status: 'open',
  createdAtMs: 1,
}
const NONE_OPEN = { hasOpenDispute: false, isReported: false }

// The captured, refunded, refunding and disputed amounts, the amount of a new dispute, and the result.
test.each<[bigint, bigint, bigint, bigint, bigint, string | bigint]>([
  [100n, 0n, 0n, 0n, 100n, 100n],
  [100n, 0n, 0n, 0n, 101n, 'exceeds_disputable_amount'],
  [100n, 40n, 0n, 0n, 60n, 60n],
  [100n, 40n, 0n, 0n, 61n, 'exceeds_disputable_amount'],
  // An open refund fails, so its amount can be disputed.
  [100n, 0n, 100n, 0n, 100n, 100n],
  [100n, 0n, 0n, 30n, 70n, 100n],
  [100n, 0n, 0n, 30n, 71n, 'exceeds_disputable_amount'],
])(
  'of %s with %s refunded, %s in open refunds and %s disputed, a dispute of %s gives %s',
  (capturedMinor, refundedMinor, refundingMinor, disputedMinor, amountMinor, expected) => {
    const before = attempt({ capturedMinor, refundedMinor, refundingMinor, disputedMinor })
    const result = disputeAttempt(before, amountMinor, NONE_OPEN)
    expect('refused' in result ? result.refused : result.attempt.money.disputedMinor).toBe(expected)
  },
)

test('a second dispute waits for the decision about the first', () => {
  const before = attempt({ capturedMinor: 100n, disputedMinor: 10n })
  const facts = { hasOpenDispute: true, isReported: true }
  expect(disputeAttempt(before, 10n, facts)).toEqual({ refused: 'dispute_already_open' })
})

test('a payment that has not succeeded, and money that came too late, cannot be disputed', () => {
  for (const status of ['initiated', 'pending', 'failed', 'refunded'] as const) {
    const before = attempt({ capturedMinor: status === 'refunded' ? 100n : 0n }, status)
    expect(disputableMinor(before)).toBe(0n)
    const refusal = { refused: 'payment_not_disputable' }
    expect(disputeAttempt(before, 1n, NONE_OPEN)).toEqual(refusal)
  }
})

test('a processor can report a dispute of money that was refunded too, and nothing more is refundable', () => {
  const before = attempt({ capturedMinor: 100n, refundedMinor: 80n })
  const result = disputeAttempt(before, 100n, { hasOpenDispute: false, isReported: true })
  if ('refused' in result) throw new Error(result.refused)
  expect(refundableMinor(result.attempt)).toBe(0n)
  expect(paymentStatusOf(result.attempt)).toBe('disputed')
})

test('a won dispute releases its amount, a lost one keeps it, and neither is decided again', () => {
  const disputedAttempt = attempt({ capturedMinor: 100n, disputedMinor: 60n })
  for (const [type, status, disputedMinor] of [
    ['win', 'won', 0n],
    ['lose', 'lost', 60n],
  ] as const) {
    const result = moveDispute(DISPUTE, { type }, 5)
    if ('refused' in result) throw new Error(result.refused)
    expect(result).toEqual({ ...DISPUTE, status, decidedAtMs: 5 })
    expect(settleDispute(disputedAttempt, result).money.disputedMinor).toBe(disputedMinor)
    for (const again of ['win', 'lose'] as const) {
      expect(moveDispute(result, { type: again }, 6)).toEqual({ refused: 'dispute_ended' })
    }
  }
})

test('only a US account pays a fee, and only in dollars', () => {
  expect(disputeFeeMinor('US', 'USD')).toBe(1_500n)
  expect(disputeFeeMinor('US', 'EUR')).toBe(0n)
  expect(disputeFeeMinor('IN', 'INR')).toBe(0n)
})
