import { multiplyByRate } from './money.ts'

/** The fee rates of an account, in basis points (1/100 of a percent). */
export type FeeRates = {
  /** Of the captured amount: 200 is 2 %. */
  readonly feeRateBps: number
  /** Of the fee: 1800 is 18 %. */
  readonly taxRateBps: number
}

/** 2 % of the amount and 18 % tax on the fee (IN goods and services tax). */
export const FEE_RATES_DEFAULT: FeeRates = { feeRateBps: 200, taxRateBps: 1800 }

/** A success's fee in the captured amount's currency. `netMinor + totalMinor` is the captured amount. */
type Fee = {
  readonly feeMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly netMinor: bigint
}

const BPS = 10_000n

/**
 * Computes the fee on a captured amount, each part rounded half up to the minor unit.
 *
 * Source of the arithmetic: Zoho Payments API reference, payments page samples (seen 2026-11-22):
 * 1499.90 captured, fee 30.00, tax 5.40, total 35.40, net 1464.50.
 */
export function feeOn(capturedMinor: bigint, rates: FeeRates): Fee {
  const feeMinor = multiplyByRate(capturedMinor, BigInt(rates.feeRateBps), BPS, 'half_up')
  const taxMinor = multiplyByRate(feeMinor, BigInt(rates.taxRateBps), BPS, 'half_up')
  const totalMinor = feeMinor + taxMinor
  return { feeMinor, taxMinor, totalMinor, netMinor: capturedMinor - totalMinor }
}
