import type { Edition } from './payment-method.ts'

/** The offset of an account's day from UTC, in milliseconds: India's time has no summer time. */
const DAY_AHEAD_MS: Record<Edition, number> = { IN: 330 * 60_000, US: 0 }

/** Returns the offset of an account's day from UTC, in minutes. */
export function utcOffsetMinutes(edition: Edition): number {
  return DAY_AHEAD_MS[edition] / 60_000
}

/** A calendar day of an account. The month counts from 0, as in Date. */
export type AccountDay = { readonly year: number; readonly month: number; readonly day: number }

/** Returns the account's calendar day at a time. */
export function accountDayAt(edition: Edition, atMs: number): AccountDay {
  const local = new Date(atMs + DAY_AHEAD_MS[edition])
  return { year: local.getUTCFullYear(), month: local.getUTCMonth(), day: local.getUTCDate() }
}

/**
 * Returns the first millisecond of an account's day, since 1970. Days and months out of range overflow: 32 January is 1
 * February.
 */
export function accountDayStartMs(edition: Edition, { year, month, day }: AccountDay): number {
  return Date.UTC(year, month, day) - DAY_AHEAD_MS[edition]
}

/**
 * Writes a time on an account's clock, with its offset: `2026-11-22T09:30:00.000+05:30`. The offset of UTC is `Z`.
 */
export function showAccountTime(edition: Edition, atMs: number): string {
  const aheadMs = DAY_AHEAD_MS[edition]
  const local = new Date(atMs + aheadMs).toISOString()
  if (aheadMs === 0) return local
  const minutes = utcOffsetMinutes(edition)
  const offset = [Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, '0'),
  )
  return local.replace('Z', `+${offset.join(':')}`)
}

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/

/**
 * Reads a calendar day such as `2026-10-25`. Undefined: the text is not a day, or the day does not
 * exist.
 */
export function parseDay(text: string): AccountDay | undefined {
  const match = DAY.exec(text)
  if (match === null) return undefined
  const [year = 0, monthNumber = 0, day = 0] = match.slice(1).map(Number)
  const accountDay = { year, month: monthNumber - 1, day }
  return isRealDay(accountDay) ? accountDay : undefined
}

function isRealDay({ day, month, year }: AccountDay): boolean {
  return month >= 0 && month < 12 && new Date(Date.UTC(year, month, day)).getUTCDate() === day
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** Writes the account's day at a time as payouts show it: `Jun 23, 2025`. */
export function showAccountDay(edition: Edition, atMs: number): string {
  const { day, month, year } = accountDayAt(edition, atMs)
  return `${MONTHS[month]} ${day}, ${year}`
}

/** The description of the texts that `readDayOrTime` accepts. */
export const DAY_OR_TIME_SHAPE =
  'a date, such as 2026-11-22, or a time with its offset, such as 2026-11-22T09:30:00+05:30'

/** The period of a bound: its first millisecond, and the first millisecond after it. */
export type TimeSpan = { readonly startMs: number; readonly endMs: number }

const DAY_MS = 24 * 60 * 60_000
/** An unescaped plus sign in a query arrives as a blank. */
const DAY_OR_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(?:Z|([+\- ])(\d\d):?(\d\d)))?$/i

/**
 * Reads a bound of a period: a day of the account, or a time with its offset. A time such as 09:30 covers the whole
 * minute. Undefined: the text is neither, or the day or time does not exist.
 */
export function readDayOrTime(text: string, edition: Edition): TimeSpan | undefined {
  const match = DAY_OR_TIME.exec(text)
  if (match === null) return undefined
  const [year = 0, monthNumber = 0, day = 0] = match.slice(1, 4).map(Number)
  const month = monthNumber - 1
  if (!isRealDay({ year, month, day })) return undefined
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
