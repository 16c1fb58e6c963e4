import { ApiError } from './errors.ts'
import { readDays } from './read-page.ts'

/** The spans of time that a list can be narrowed to, by the words behind the real API's prefix. */
const SPANS = [
  'Today',
  'ThisMonth',
  'ThisYear',
  'PreviousMonth',
  'PreviousYear',
  'Last_30_Days',
  'CustomDate',
] as const
type Span = (typeof SPANS)[number]

/** Names the spans of one kind of list: `ChargeDate.Today`. */
export function listSpans<Prefix extends string>(prefix: Prefix): `${Prefix}.${Span}`[] {
  return SPANS.map((span): `${Prefix}.${Span}` => `${prefix}.${span}`)
}

/** The times that a list is narrowed to: from is included, to is not. */
export type TimesRead = { readonly createdFromMs?: number; readonly createdToMs?: number }

const DAY_MS = 24 * 60 * 60_000

/**
 * Reads which times a list is narrowed to, by a named span or by days, in UTC. Days are needed with
 * `CustomDate`, are read without `filter_by` too, and mean nothing beside another span. Throws ApiError.
 */
export function readTimes(
  {
    filter_by: named,
    ...days
  }: {
    readonly filter_by?: string
    readonly from_date?: string
    readonly to_date?: string
  },
  nowMs: number,
): TimesRead {
  const span = named?.slice(named.indexOf('.') + 1) as Span | undefined
  if (span === undefined) return readDays(days)
  if (span !== 'CustomDate') return spanAt(span, nowMs)
  const missing =
    days.from_date === undefined ? 'from_date' : days.to_date === undefined ? 'to_date' : undefined
  if (missing !== undefined) {
    throw new ApiError(
      'missing_parameter',
      missing,
      `${missing} is required with filter_by=${named}.`,
    )
  }
  return readDays(days)
}

/** The times that a named span means now, in UTC. */
function spanAt(span: Exclude<Span, 'CustomDate'>, nowMs: number): TimesRead {
  const now = new Date(nowMs)
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  const between = (createdFromMs: number, createdToMs: number) => ({ createdFromMs, createdToMs })
  switch (span) {
    case 'Today':
      return between(Date.UTC(year, month, day), Date.UTC(year, month, day + 1))
    case 'ThisMonth':
      return between(Date.UTC(year, month), Date.UTC(year, month + 1))
    case 'ThisYear':
      return between(Date.UTC(year, 0), Date.UTC(year + 1, 0))
    case 'PreviousMonth':
      return between(Date.UTC(year, month - 1), Date.UTC(year, month))
    case 'PreviousYear':
      return between(Date.UTC(year - 1, 0), Date.UTC(year, 0))
    case 'Last_30_Days':
      return between(nowMs - 30 * DAY_MS, nowMs + 1)
  }
}
