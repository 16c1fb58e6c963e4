import type { Currency } from './money.ts'
import type { DeclineCode, PaymentAttempt, PaymentAttemptStatus } from './payment-attempt.ts'
import type { RefundStatus } from './refund.ts'

/** A group of statuses of payments or refunds that are counted together. */
export type CountedOutcome = 'succeeded' | 'failed' | 'waiting'

/** The group of each status of a payment. */
export const PAYMENT_OUTCOMES: Readonly<Record<PaymentAttemptStatus, CountedOutcome>> = {
  initiated: 'waiting',
  pending: 'waiting',
  succeeded: 'succeeded',
  failed: 'failed',
  // A late success, whose money is refunded.
  refunded: 'failed',
}

/** The group of each status of a refund. */
export const REFUND_OUTCOMES: Readonly<Record<RefundStatus, CountedOutcome>> = {
  initiated: 'waiting',
  pending: 'waiting',
  succeeded: 'succeeded',
  failed: 'failed',
}

/** The reason for a failed payment: a decline, or an approval that came too late. */
export type CountedFailure = DeclineCode | 'approved_late'

/**
 * The upper limits of the classes of times to pay, in milliseconds. A time to pay goes from the creation of a session
 * to its success. The last class has no limit.
 */
export const PAY_TIME_LIMITS_MS = [10_000, 30_000, 60_000, 120_000, 300_000, 600_000] as const

/** The counts of the payments and refunds that began in a period. */
export type PaymentCounts = {
  readonly payments: readonly {
    readonly method: PaymentAttempt['instrument']['type']
    readonly currency: Currency
    readonly outcome: CountedOutcome
    readonly count: number
    /** The captured amount of successful payments. 0 for other outcomes. */
    readonly amountMinor: bigint
  }[]
  readonly failures: readonly { readonly code: CountedFailure; readonly count: number }[]
  /**
   * The number of successful payments in each class of times to pay, without transfers to virtual accounts, payments of
   * mandates, and charges of saved methods.
   */
  readonly payTimes: readonly number[]
  readonly refunds: readonly {
    readonly currency: Currency
    readonly outcome: CountedOutcome
    readonly count: number
    readonly amountMinor: bigint
  }[]
}

/** The length of a counted quarter of an hour, in milliseconds. Every day of every account begins with a new quarter. */
export const QUARTER_MS = 15 * 60_000

/** Returns the start of the quarter of an hour that contains a time. */
export function quarterOf(atMs: number): number {
  return atMs - (atMs % QUARTER_MS)
}

/** Returns true if something in the counts can still change. */
export function areCountsOpen({
  payments,
  refunds,
}: Pick<PaymentCounts, 'payments' | 'refunds'>): boolean {
  return [...payments, ...refunds].some(({ outcome }) => outcome === 'waiting')
}

/** Adds up counts. Amounts of different currencies stay apart. */
export function sumOfCounts(parts: readonly PaymentCounts[]): PaymentCounts {
  const payments = new Map<string, PaymentCounts['payments'][number]>()
  const failures = new Map<string, PaymentCounts['failures'][number]>()
  const refunds = new Map<string, PaymentCounts['refunds'][number]>()
  const payTimes = new Array<number>(PAY_TIME_LIMITS_MS.length + 1).fill(0)
  for (const part of parts) {
    for (const one of part.payments) {
      addTo(payments, `${one.method} ${one.currency} ${one.outcome}`, one, sumOfMoney)
    }
    for (const one of part.refunds) {
      addTo(refunds, `${one.currency} ${one.outcome}`, one, sumOfMoney)
    }
    for (const one of part.failures) {
      addTo(failures, one.code, one, (before) => ({ ...one, count: before.count + one.count }))
    }
    for (const [index, count] of part.payTimes.entries()) {
      payTimes[index] = (payTimes[index] ?? 0) + count
    }
  }
  return {
    payments: [...payments.values()],
    failures: [...failures.values()],
    payTimes,
    refunds: [...refunds.values()],
  }
}

function addTo<One>(
  sums: Map<string, One>,
  key: string,
  one: One,
  sumOf: (before: One, one: One) => One,
): void {
  const before = sums.get(key)
  sums.set(key, before === undefined ? one : sumOf(before, one))
}

function sumOfMoney<One extends { readonly count: number; readonly amountMinor: bigint }>(
  before: One,
  one: One,
): One {
  return {
    ...one,
    count: before.count + one.count,
    amountMinor: before.amountMinor + one.amountMinor,
  }
}
