import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FEE_RATES_DEFAULT, feeOn } from './fee.ts'

test('the reference’s sample: 1499.90 costs 30.00 and 5.40 of tax', () => {
  expect(feeOn(149_990n, FEE_RATES_DEFAULT)).toEqual({
    feeMinor: 3_000n,
    taxMinor: 540n,
    totalMinor: 3_540n,
    netMinor: 146_450n,
  })
})

test('fee, tax and net add up to what was captured, at any rate', () => {
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
