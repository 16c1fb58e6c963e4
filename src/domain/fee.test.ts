import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FEE_RATES_DEFAULT, feeOn, feeRatesAt, parsePercent, percentOf } from './fee.ts'

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
      (capturedMinor, feeRateBps, taxRateBps) => {
        const { feeMinor, taxMinor, totalMinor, netMinor } = feeOn(capturedMinor, {
          feeRateBps,
          taxRateBps,
        })
        expect(feeMinor + taxMinor).toBe(totalMinor)
        expect(totalMinor + netMinor).toBe(capturedMinor)
        expect(feeMinor).toBeGreaterThanOrEqual(0n)
        expect(feeMinor).toBeLessThanOrEqual(capturedMinor)
      },
    ),
  )
})

test('the rates at a time are those of the last change at or before it', () => {
  const ratesAt = (atMs: number) =>
    feeRatesAt(
      {
        feeRates: FEE_RATES_DEFAULT,
        feeChanges: [
          { fromMs: 10, feeRateBps: 100, taxRateBps: 0 },
          { fromMs: 20, feeRateBps: 300, taxRateBps: 0 },
        ],
      },
      atMs,
    ).feeRateBps
  expect([9, 10, 19, 20, 99].map(ratesAt)).toEqual([200, 100, 100, 300, 300])
  expect(feeRatesAt({ feeRates: FEE_RATES_DEFAULT }, 99)).toEqual(FEE_RATES_DEFAULT)
})

test.each([
  ['0', 0],
  ['1.9', 190],
  ['1.95', 195],
  ['100', 10_000],
  ['100.01', undefined],
  ['1.955', undefined],
  ['-1', undefined],
  ['', undefined],
  ['1,5', undefined],
])('the percentage %s is %s basis points', (text, bps) => {
  expect(parsePercent(text)).toBe(bps)
  if (bps !== undefined) expect(parsePercent(percentOf(bps))).toBe(bps)
})
