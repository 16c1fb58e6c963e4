import { accountDayAt, accountDayStartMs } from '../domain/account-day.ts'
import type { Edition } from '../domain/payment-method.ts'
import type { ListTimes } from '../operations/store.ts'
import { ApiError } from './errors.ts'
import { DAY_RULES, type ListBounds, timesBetween } from './read-days.ts'
import { PAGE_RULES } from './read-page.ts'

/** The named periods of a list, without the real API's prefix. */
const SPANS = [
  'Today',
  'ThisMonth',
  'ThisYear',
  'PreviousMonth',
  'PreviousYear',
  'Last_30_Days',
  'CustomDate',
] as const
/** A named period without the prefix of its list. */
export type ListSpan = (typeof SPANS)[number]

/** Names the periods of one kind of list: `ChargeDate.Today`. */
export function listSpans<Prefix extends string>(prefix: Prefix): `${Prefix}.${ListSpan}`[] {
  return SPANS.map((span): `${Prefix}.${ListSpan}` => `${prefix}.${span}`)
}

/** The account's edition, which decides the start of its days, and its time in milliseconds since 1970. */
export type ListMoment = { readonly edition: Edition; readonly nowMs: number }

/** The rules of a list's query: its page and its period. */
export const LIST_RULES = {
  page: PAGE_RULES.page,
  per_page: PAGE_RULES.per_page,
  from_date: DAY_RULES.from_date,
  to_date: DAY_RULES.to_date,
}

const DAY_MS = 24 * 60 * 60_000

/**
 * Reads the period of a list by the account's calendar: a named period or days. `CustomDate` requires days. Days
 * without `filter_by` are read too. A named period other than `CustomDate` ignores days. Throws ApiError.
 */
export function readPeriod(
  { filter_by: period, ...days }: ListBounds & { readonly filter_by?: `${string}.${ListSpan}` },
  moment: ListMoment,
): ListTimes {
  if (period === undefined) return timesBetween(days)
  const span = spanIn(period)
  if (span !== 'CustomDate') return spanAt(span, moment)
  const missing =
    days.from_date === undefined ? 'from_date' : days.to_date === undefined ? 'to_date' : undefined
  if (missing !== undefined) {
    throw new ApiError(
      'missing_parameter',
      missing,
      `${missing} is required with filter_by=${period}.`,
    )
  }
  return timesBetween(days)
}

/** `ChargeDate.Today` is `Today`. */
function spanIn(period: `${string}.${ListSpan}`): ListSpan {
  const span = SPANS.find((one) => period.endsWith(`.${one}`))
  if (span === undefined) throw new Error(`no span ${period}`)
  return span
}

function spanAt(span: Exclude<ListSpan, 'CustomDate'>, { edition, nowMs }: ListMoment): ListTimes {
  const { year, month, day } = accountDayAt(edition, nowMs)
  const start = (ofYear: number, ofMonth = 0, ofDay = 1) =>
    accountDayStartMs(edition, { year: ofYear, month: ofMonth, day: ofDay })
  const between = (createdFromMs: number, createdToMs: number) => ({ createdFromMs, createdToMs })
  switch (span) {
    case 'Today':
      return between(start(year, month, day), start(year, month, day + 1))
    case 'ThisMonth':
      return between(start(year, month), start(year, month + 1))
    case 'ThisYear':
      return between(start(year), start(year + 1))
    case 'PreviousMonth':
      return between(start(year, month - 1), start(year, month))
    case 'PreviousYear':
      return between(start(year - 1), start(year))
    case 'Last_30_Days':
      return between(nowMs - 30 * DAY_MS, nowMs + 1)
  }
}
