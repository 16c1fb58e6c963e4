import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccountId, PaymentAttemptId, PaymentSessionId } from './id.ts'
import { type AttemptMoney, NO_MONEY, type PaymentAttempt } from './payment-attempt.ts'
import {
  changeTransferredAmount,
  reversibleMinor,
  splitCapturedAmount,
  type Transfer,
  transferableMinor,
} from './transfer.ts'

const detailsOf = (amounts: readonly bigint[]) =>
  amounts.map((amountMinor) => ({ connectedAccountId: '1' as AccountId, amountMinor }))

test.each<[bigint, bigint[], bigint]>([
  [100n, [], 100n],
  [100n, [30n, 20n], 50n],
  [100n, [99n, 1n], 0n],
  [1n, [1n], 0n],
  [10n ** 12n, [10n ** 12n - 1n], 1n],
])(
  'of %s captured, the transfers %s leave the merchant %s',
  (capturedMinor, amounts, merchantMinor) => {
    const details = detailsOf(amounts)
    expect(splitCapturedAmount(capturedMinor, details)).toEqual({
      transfers: details,
      merchantMinor,
    })
  },
)

test('transfers above the captured amount are refused', () => {
  expect(() => splitCapturedAmount(100n, detailsOf([60n, 41n]))).toThrow(RangeError)
})

test('the parts of any split add up to the captured amount', () => {
  const amounts = fc.array(fc.bigInt({ min: 1n, max: 10n ** 12n }), { maxLength: 10 })
  fc.assert(
    fc.property(amounts, fc.bigInt({ min: 0n, max: 10n ** 12n }), (parts, rest) => {
      const sum = (amounts: readonly bigint[]) => amounts.reduce((total, one) => total + one, 0n)
      const capturedMinor = sum(parts) + rest
      const { transfers, merchantMinor } = splitCapturedAmount(capturedMinor, detailsOf(parts))
      expect(sum(transfers.map(({ amountMinor }) => amountMinor)) + merchantMinor).toBe(
        capturedMinor,
      )
      expect(merchantMinor).toBe(rest)
    }),
  )
})

const attempt = (
  money: Partial<AttemptMoney>,
  status: PaymentAttempt['status'] = 'succeeded',
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

test.each<[what: string, money: Partial<AttemptMoney>, expected: bigint]>([
  ['nothing transferred or refunded', {}, 100n],
  ['a part transferred', { transferredMinor: 30n }, 70n],
  ['all transferred', { transferredMinor: 100n }, 0n],
  ['a part refunded', { refundedMinor: 30n }, 70n],
  ['a part in a pending refund', { refundingMinor: 30n }, 70n],
  [
    'a part refunded, a part in a pending refund and a part transferred',
    { refundedMinor: 1n, refundingMinor: 2n, transferredMinor: 3n },
    94n,
  ],
  ['all transferred and then refunded', { refundedMinor: 100n, transferredMinor: 100n }, 0n],
])('of a capture of 100 with %s the remaining amount can be transferred', (_, money, expected) => {
  expect(transferableMinor(attempt({ capturedMinor: 100n, ...money }))).toBe(expected)
})

test.each(['initiated', 'pending', 'failed', 'refunded'] as const)(
  'an attempt with the status %s has no transferable amount',
  (status) => {
    expect(transferableMinor(attempt({ capturedMinor: 100n }, status))).toBe(0n)
  },
)

test.each<[bigint, bigint, bigint]>([
  [100n, 0n, 100n],
  [100n, 99n, 1n],
  [100n, 100n, 0n],
])(
  'of a transfer of %s with %s reversed, %s can be reversed',
  (amountMinor, reversedMinor, leftMinor) => {
    const amount = { amountMinor, currency: 'INR' } as const
    expect(reversibleMinor({ amount, reversedMinor } as Transfer)).toBe(leftMinor)
  },
)

test('transfers and reversals in any order keep the transferred sum between zero and the captured amount', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.bigInt({ min: 1n, max: 500n })), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(steps, fc.bigInt({ min: 1n, max: 1_000n }), (all, capturedMinor) => {
      const before = attempt({ capturedMinor, refundedMinor: capturedMinor / 3n })
      let now = before
      for (const [isReversal, wantedMinor] of all) {
        const roomMinor = isReversal ? now.money.transferredMinor : transferableMinor(now)
        if (wantedMinor > roomMinor) continue
        now = changeTransferredAmount(now, isReversal ? -wantedMinor : wantedMinor)
        const { refundedMinor, transferredMinor } = now.money
        expect(transferredMinor >= 0n).toBe(true)
        expect(transferredMinor + refundedMinor <= capturedMinor).toBe(true)
      }
      const { transferredMinor } = now.money
      expect(now).toEqual({ ...before, money: { ...before.money, transferredMinor } })
    }),
  )
})
