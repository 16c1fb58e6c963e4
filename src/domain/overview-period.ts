import { accountDayAt, accountDayStartMs } from './account-day.ts'
import type { Edition } from './payment-method.ts'

/** The periods of the overview of the console. They end now, and begin with a day of the account. */
export const OVERVIEW_PERIODS = ['today', '7_days', '30_days'] as const
/** A period of the overview. */
export type OverviewPeriod = (typeof OVERVIEW_PERIODS)[number]

const DAY_COUNTS: Readonly<Record<OverviewPeriod, number>> = {
  today: 1,
  '7_days': 7,
  '30_days': 30,
}
const HOUR_MS = 60 * 60_000

/** A part of a period that is drawn as one bar. */
export type OverviewSpan = { readonly fromMs: number; readonly toMs: number }

/** The number of days of the longest period. */
export const OVERVIEW_DAY_COUNT_MAX = Math.max(...Object.values(DAY_COUNTS))

/**
 * Returns the spans of a period, oldest first: the hours of today, or days of the account. The last one contains
 * `nowMs`.
 */
export function spansOfPeriod(
  period: OverviewPeriod,
  edition: Edition,
  nowMs: number,
): readonly OverviewSpan[] {
  const today = accountDayAt(edition, nowMs)
  const dayCount = DAY_COUNTS[period]
  if (dayCount === 1) {
    const startMs = accountDayStartMs(edition, today)
    const hourCount = Math.floor((nowMs - startMs) / HOUR_MS) + 1
    return Array.from({ length: hourCount }, (_, hour) => {
      const fromMs = startMs + hour * HOUR_MS
      return { fromMs, toMs: fromMs + HOUR_MS }
    })
  }
  const startOf = (index: number) =>
    accountDayStartMs(edition, { ...today, day: today.day - dayCount + 1 + index })
  return Array.from({ length: dayCount }, (_, index) => ({
    fromMs: startOf(index),
    toMs: startOf(index + 1),
  }))
}
