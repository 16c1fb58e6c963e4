import { accountDayStartMs } from '../domain/account-day.ts'
import type { Edition } from '../domain/payment-method.ts'
import type { ListTimes } from '../operations/store.ts'
import { ApiError } from './errors.ts'
import { type FieldRules, kindOf, type Problem } from './read-fields.ts'
import type { JsonValue } from './read-json.ts'

/** The span of a list's bound: its first millisecond and the first one after it. */
type Span = { readonly startMs: number; readonly endMs: number }

const DAY_MS = 24 * 60 * 60_000
/** A sign that stands unescaped in a query arrives as a blank. */
const DAY_OR_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(?:Z|([+\- ])(\d\d):?(\d\d)))?$/i

/**
 * Reads a bound of a list: a day of the account, or a time with its offset, as exact as it is written.
 * Undefined: the text is neither, or names a day or a time that does not exist.
 */
export function readDayOrTime(text: string, edition: Edition): Span | undefined {
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

function timeSpan(match: RegExpExecArray, dayMs: number): Span | undefined {
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

const mustBeDay = (value: JsonValue): Problem | undefined =>
  // Existence does not depend on the account's place.
  readDayOrTime(value as string, 'US') === undefined
    ? { code: 'invalid_parameter', must: `must be ${EXPECTED}, but it is ${kindOf(value)}` }
    : undefined

/** The rules for a list's days that a schema cannot say. */
export const DAY_RULES: FieldRules<unknown> = { from_date: mustBeDay, to_date: mustBeDay }

/**
 * Reads days or times, both included, of an account of the edition. Throws ApiError when the last comes
 * before the first.
 */
export function readDays(
  fields: { readonly from_date?: string; readonly to_date?: string },
  edition: Edition,
): ListTimes {
  const from = fields.from_date === undefined ? undefined : readDayOrTime(fields.from_date, edition)
  const to = fields.to_date === undefined ? undefined : readDayOrTime(fields.to_date, edition)
  if (from !== undefined && to !== undefined && from.startMs >= to.endMs) {
    throw new ApiError('invalid_parameter', 'to_date', 'to_date must not be before from_date.')
  }
  return {
    ...(from !== undefined && { createdFromMs: from.startMs }),
    ...(to !== undefined && { createdToMs: to.endMs }),
  }
}
