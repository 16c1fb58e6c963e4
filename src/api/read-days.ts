import { accountDayStartMs } from '../domain/account-day.ts'
import type { Edition } from '../domain/payment-method.ts'
import type { ListTimes } from '../operations/store.ts'
import { ApiError } from './errors.ts'
import { kindOf, Problem } from './read-fields.ts'

/** The period that a bound names: its first millisecond, and the first millisecond after it. */
export type TimeSpan = { readonly startMs: number; readonly endMs: number }

const DAY_MS = 24 * 60 * 60_000
/** An unescaped plus sign in a query arrives as a blank. */
const DAY_OR_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(?:Z|([+\- ])(\d\d):?(\d\d)))?$/i

/**
 * Reads a bound of a list: a day of the account, or a time with its offset. A time such as 09:30 covers the whole
 * minute. Undefined: the text is neither, or the day or time does not exist.
 */
export function readDayOrTime(text: string, edition: Edition): TimeSpan | undefined {
  const match = DAY_OR_TIME.exec(text)
  if (match === null) return undefined
  const [year = 0, monthNumber = 0, day = 0] = match.slice(1, 4).map(Number)
  const month = monthNumber - 1
  const isReal =
    new Date(Date.UTC(year, month, day)).getUTCDate() === day && month < 12 && month >= 0
  if (!isReal) return undefined
  if (match[4] === undefined) {
    const startMs = accountDayStartMs(edition, { year, month, day })
    return { startMs, endMs: startMs + DAY_MS }
  }
  return timeSpan(match, Date.UTC(year, month, day))
}

function timeSpan(match: RegExpExecArray, dayMs: number): TimeSpan | undefined {
  const [hour = 0, minute = 0, second = 0, , , zoneHour = 0, zoneMinute = 0] = match
    .slice(4)
    .map((part) => Number(part ?? 0))
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59) return undefined
  const fraction = match[7]
  const milliseconds = fraction === undefined ? 0 : Number(fraction.padEnd(3, '0'))
  const aheadMinutes = (zoneHour * 60 + zoneMinute) * (match[8] === '-' ? -1 : 1)
  const startMs = dayMs + ((hour * 60 + minute - aheadMinutes) * 60 + second) * 1_000 + milliseconds
  const seconds = match[6] === undefined ? 60_000 : 1_000
  return { startMs, endMs: startMs + (fraction === undefined ? seconds : 1) }
}

const EXPECTED =
  'a date, such as 2026-11-22, or a time with its offset, such as 2026-11-22T09:30:00+05:30'

const readBound = (text: string, { edition }: { readonly edition: Edition }) =>
  readDayOrTime(text, edition) ?? new Problem(`must be ${EXPECTED}, but it is ${kindOf(text)}`)

/** The rules for a list's bounds. Each bound becomes a period of the account's calendar. */
export const DAY_RULES = { from_date: readBound, to_date: readBound }

/** The bounds in a list's query. */
export type ListBounds = { readonly from_date?: TimeSpan; readonly to_date?: TimeSpan }

/**
 * Returns the period from the first bound to the last, both included. Throws ApiError if the last comes before the
 * first.
 */
export function timesBetween({ from_date: from, to_date: to }: ListBounds): ListTimes {
  if (from !== undefined && to !== undefined && from.startMs >= to.endMs) {
    throw new ApiError('invalid_parameter', 'to_date', 'to_date must not be before from_date.')
  }
  return {
    ...(from !== undefined && { createdFromMs: from.startMs }),
    ...(to !== undefined && { createdToMs: to.endMs }),
  }
}
