import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccountId } from './id.ts'
import { splitCaptured } from './transfer.ts'

const detailsOf = (amounts: readonly bigint[]) =>
  amounts.map((amountMinor) => ({ connectedAccountId: '1' as AccountId, amountMinor }))

test.each<[bigint, bigint[], bigint]>([
  [100n, [], 100n],
  [100n, [30n, 20n], 50n],
  [100n, [99n, 1n], 0n],
  [1n, [1n], 0n],
  [10n ** 12n, [10n ** 12n - 1n], 1n],
])('of %s the transfers %s leave the merchant %s', (captured, amounts, merchantMinor) => {
  const details = detailsOf(amounts)
  expect(splitCaptured(captured, details)).toEqual({ transfers: details, merchantMinor })
})

test('transfers of more than was captured are refused', () => {
  expect(() => splitCaptured(100n, detailsOf([60n, 41n]))).toThrow(RangeError)
})

test('the parts of any split add up to what was captured', () => {
  const amounts = fc.array(fc.bigInt({ min: 1n, max: 10n ** 12n }), { maxLength: 10 })
  fc.assert(
    fc.property(amounts, fc.bigInt({ min: 0n, max: 10n ** 12n }), (parts, rest) => {
      const sum = (of: readonly bigint[]) => of.reduce((total, one) => total + one, 0n)
      const captured = sum(parts) + rest
      const { transfers, merchantMinor } = splitCaptured(captured, detailsOf(parts))
      expect(sum(transfers.map(({ amountMinor }) => amountMinor)) + merchantMinor).toBe(captured)
      expect(merchantMinor).toBe(rest)
    }),
  )
})
