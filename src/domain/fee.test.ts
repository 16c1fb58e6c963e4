import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FEE_RATES_DEFAULT, feeOn } from './fee.ts'

test('a payment of 1499.90 has the fee 30.00 and the tax 5.40, as in the reference’s sample', () => {
  expect(feeOn(149_990n, FEE_RATES_DEFAULT)).toEqual({
    feeMinor: 3_000n,
    taxMinor: 540n,
    totalMinor: 3_540n,
    netMinor: 146_450n,
  })
})

test('fee, tax and net amount add up to the captured amount, at any rate', () => {
  const rate = fc.integer({ min: 0, max: 10_000 })
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10n ** 12n }),
      rate,
      rate,
      (captured, feeRateBps, taxRateBps) => {
        const { feeMinor, taxMinor, totalMinor, netMinor } = feeOn(captured, {
          feeRateBps,
          taxRateBps,
        })
        expect(feeMinor + taxMinor).toBe(totalMinor)
        expect(totalMinor + netMinor).toBe(captured)
        expect(feeMinor).toBeGreaterThanOrEqual(0n)
        expect(feeMinor).toBeLessThanOrEqual(captured)
      },
    ),
  )
})
