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

/** The fee rates from `fromMs` on, a time in milliseconds since 1970. */
export type FeeChange = FeeRates & { readonly fromMs: number }

/** The maximum number of changes of an account's fee rates. */
export const FEE_CHANGE_COUNT_MAX = 200

/**
 * Returns the fee rates at a time: those of the last change at that time or before it, else the first rates.
 * `feeChanges` are in the order of their times.
 */
export function feeRatesAt({ feeChanges = [], feeRates }: AccountRates, atMs: number): FeeRates {
  const { feeRateBps, taxRateBps } = feeChanges.findLast(({ fromMs }) => fromMs <= atMs) ?? feeRates
  return { feeRateBps, taxRateBps }
}

type AccountRates = { readonly feeRates: FeeRates; readonly feeChanges?: readonly FeeChange[] }

/** Adds a change, in the order of the times. It replaces a change with the same time. */
export function withFeeChange(
  changes: readonly FeeChange[],
  change: FeeChange,
): readonly FeeChange[] {
  return [...changes.filter(({ fromMs }) => fromMs !== change.fromMs), change].toSorted(
    (a, b) => a.fromMs - b.fromMs,
  )
}

const BPS_OF_A_PERCENT = 100

/**
 * Reads a rate in percent, such as `1.95`, in basis points. Undefined: it is not a percentage with
 * up to two decimals.
 */
export function parsePercent(text: string): number | undefined {
  const [, whole = '', decimals = ''] = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(text) ?? []
  const bps = Number(whole) * BPS_OF_A_PERCENT + Number(decimals.padEnd(2, '0'))
  return whole === '' || bps > Number(BPS) ? undefined : bps
}

/** Writes a rate in percent: 195 basis points are `1.95`. */
export function percentOf(bps: number): string {
  return `${Math.trunc(bps / BPS_OF_A_PERCENT)}.${String(bps % BPS_OF_A_PERCENT).padStart(2, '0')}`
}

/** The fee of a successful payment, in the captured amount's currency. `netMinor + totalMinor` is the captured amount. */
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
