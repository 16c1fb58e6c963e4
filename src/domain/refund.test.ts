import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccountId, PaymentAttemptId, PaymentSessionId, RefundId } from './id.ts'
import {
  NO_MONEY,
  PAYMENT_ATTEMPT_STATUSES,
  type PaymentAttempt,
  paymentStatusOf,
} from './payment-attempt.ts'
import {
  moveRefund,
  REFUND_MOVES,
  REFUND_STATUSES,
  type Refund,
  type RefundMove,
  refundableMinor,
  reserveRefund,
  settleRefund,
} from './refund.ts'

const attempt = (
  status: PaymentAttempt['status'],
  money: Partial<PaymentAttempt['money']> = {},
): PaymentAttempt => ({
  id: '101' as PaymentAttemptId,
  paymentSessionId: '1' as PaymentSessionId,
  accountId: '2' as AccountId,
  status,
  number: 1,
  createdAtMs: 0,
  deadlineAtMs: 9,
  queryCount: 0,
  instrument: { type: 'bank_transfer' },
  money: { ...NO_MONEY, ...money },
})
const inr = (amountMinor: bigint) => ({ amountMinor, currency: 'INR' }) as const

/** Begins a refund. Returns the refunded and reserved amounts, or the reason for a refusal. */
function begin(attemptBefore: PaymentAttempt, amountMinor: bigint): string {
  const result = reserveRefund(attemptBefore, amountMinor, false)
  if ('refused' in result) return result.refused
  const { refundedMinor, refundingMinor } = result.attempt.money
  return `${refundedMinor}+${refundingMinor}`
}

// The captured, refunded, reserved and requested amounts, and the result.
test.each<[bigint, bigint, bigint, bigint, string]>([
  [100n, 0n, 0n, 100n, '0+100'],
  [100n, 0n, 0n, 101n, 'exceeds_payment_amount'],
  [100n, 60n, 0n, 40n, '60+40'],
  [100n, 60n, 0n, 41n, 'exceeds_payment_amount'],
  [100n, 60n, 30n, 10n, '60+40'],
  [100n, 60n, 30n, 11n, 'exceeds_payment_amount'],
  [100n, 100n, 0n, 1n, 'exceeds_payment_amount'],
  [100n, 0n, 100n, 1n, 'exceeds_payment_amount'],
  [10n ** 12n, 0n, 1n, 10n ** 12n - 1n, `0+${10n ** 12n}`],
  [0n, 0n, 0n, 1n, 'payment_not_captured'],
])(
  'with %s captured, %s refunded and %s reserved, a refund of %s gives %s',
  (capturedMinor, refundedMinor, refundingMinor, amountMinor, expected) => {
    const money = { capturedMinor, refundedMinor, refundingMinor }
    expect(begin(attempt('succeeded', money), amountMinor)).toBe(expected)
    expect(refundableMinor(attempt('succeeded', money))).toBe(
      capturedMinor - refundedMinor - refundingMinor,
    )
  },
)

test.each(PAYMENT_ATTEMPT_STATUSES)(
  'an attempt with the status %s and no captured money cannot be refunded',
  (status) => {
    expect(begin(attempt(status), 1n)).toBe('payment_not_captured')
  },
)

test('late money can be refunded again only after its refund has failed', () => {
  const late = attempt('refunded', { capturedMinor: 100n, refundingMinor: 100n })
  expect(begin(late, 1n)).toBe('exceeds_payment_amount')
  const failedAttempt = settleRefund(late, { amount: inr(100n), status: 'failed' })
  expect(failedAttempt.money).toEqual({ ...NO_MONEY, capturedMinor: 100n })
  expect(begin(failedAttempt, 100n)).toBe('0+100')
  const back = settleRefund(late, { amount: inr(100n), status: 'succeeded' })
  expect(begin(back, 1n)).toBe('exceeds_payment_amount')
})

test.each<[bigint, PaymentAttempt['status'], string]>([
  [0n, 'succeeded', 'succeeded'],
  [1n, 'succeeded', 'partially_refunded'],
  [99n, 'succeeded', 'partially_refunded'],
  [100n, 'succeeded', 'refunded'],
  [0n, 'refunded', 'refunded'],
  [0n, 'failed', 'failed'],
])(
  'with %s of 100 refunded, an attempt with the status %s is shown as %s',
  (refundedMinor, status, shownStatus) => {
    const money = { ...NO_MONEY, capturedMinor: 100n, refundedMinor }
    expect(paymentStatusOf({ status, money })).toBe(shownStatus)
  },
)

test('in any order of refunds, no more is refunded than the captured amount', () => {
  const steps = fc.array(
    fc.record({
      amountMinor: fc.bigInt({ min: 1n, max: 700n }),
      // Begins a refund, or ends the nth open one.
      ends: fc.option(fc.record({ which: fc.nat(5), hasSucceeded: fc.boolean() })),
    }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(steps, fc.bigInt({ min: 1n, max: 2_000n }), (all, capturedMinor) => {
      const paidAttempt = attempt('succeeded', {
        capturedMinor,
        feeMinor: 3n,
        transferredMinor: 1n,
      })
      let now = paidAttempt
      const open: bigint[] = []
      let refundedSum = 0n
      for (const { amountMinor, ends } of all) {
        if (ends === null) {
          const result = reserveRefund(now, amountMinor, false)
          const isTooMuch = amountMinor > refundableMinor(now)
          expect('refused' in result).toBe(isTooMuch)
          if ('refused' in result) continue
          now = result.attempt
          open.push(amountMinor)
        } else {
          const [openMinor] = open.splice(ends.which, 1)
          if (openMinor === undefined) continue
          const status = ends.hasSucceeded ? 'succeeded' : 'failed'
          now = settleRefund(now, { amount: inr(openMinor), status })
          if (ends.hasSucceeded) refundedSum += openMinor
        }
        const { refundedMinor, refundingMinor } = now.money
        expect(refundedMinor).toBe(refundedSum)
        expect(refundingMinor).toBe(open.reduce((sum, one) => sum + one, 0n))
        expect(refundedMinor + refundingMinor <= capturedMinor).toBe(true)
      }
      // No other field changes.
      const { refundedMinor, refundingMinor } = now.money
      expect(now).toEqual({
        ...paidAttempt,
        money: { ...paidAttempt.money, refundedMinor, refundingMinor },
      })
    }),
    { numRuns: 500 },
  )
})

const REFUND_TO_MOVE: Refund = {
  id: '201' as RefundId,
  accountId: '2' as AccountId,
  paymentAttemptId: '101' as PaymentAttemptId,
  amount: { amountMinor: 100n, currency: 'INR' },
  type: 'initiated_by_merchant',
  reason: 'others',
  status: 'initiated',
  createdAtMs: 0,
  nextQueryAtMs: 0,
  queryCount: 3,
}
const REFUND_MOVE_ROWS: readonly RefundMove[] = [
  { type: 'record_success', processorReference: 're_1' },
  { type: 'record_failure', reason: 'insufficient_funds' },
  { type: 'record_open', askAfterMs: 7_000 },
]

test('a refund makes exactly the moves of the table', () => {
  for (const status of REFUND_STATUSES) {
    for (const move of REFUND_MOVE_ROWS) {
      const result = moveRefund({ ...REFUND_TO_MOVE, status }, move, 1_000)
      const reachedStatuses = 'refused' in result ? [] : [result.status]
      expect(reachedStatuses, `${status} ${move.type}`).toEqual(
        REFUND_MOVES[status][move.type] ?? [],
      )
    }
  }
})

test('an ended refund has an end time, and no time of a next query', () => {
  const result = moveRefund(
    REFUND_TO_MOVE,
    { type: 'record_failure', reason: 'a text of the processor' },
    1_000,
  )
  expect(result).toMatchObject({ status: 'failed', failureReason: 'unknown', decidedAtMs: 1_000 })
  expect(result).not.toHaveProperty('nextQueryAtMs')
})

test('an open refund keeps its reference, and its next query comes at the processor’s time', () => {
  const knownRefund = { ...REFUND_TO_MOVE, processorReference: 're_1' }
  expect(moveRefund(knownRefund, { type: 'record_open', askAfterMs: 7_000 }, 1_000)).toMatchObject({
    processorReference: 're_1',
    nextQueryAtMs: 8_000,
    queryCount: 4,
  })
})
