/** The terms of a mandate: the amounts and the days on which it may be debited. */
import { type AccountDay, accountDayAt, accountDayStartMs, parseDay } from './account-day.ts'
import { daysLater, weekdayOf } from './business-day.ts'

/** The edition whose calendar the days of mandates follow. Only its accounts have mandates. */
const EDITION = 'IN'
/** The currency of every mandate. */
export const MANDATE_CURRENCY = 'INR'

/**
 * The words for the frequency of debits. The real API's samples have `monthly` and `yearly`; the others are UPI's, in
 * the same form.
 */
export const MANDATE_FREQUENCIES = [
  'one_time',
  'daily',
  'weekly',
  'fortnightly',
  'monthly',
  'bimonthly',
  'quarterly',
  'half_yearly',
  'yearly',
  'as_presented',
] as const
/** A frequency of debits. */
export type MandateFrequency = (typeof MANDATE_FREQUENCIES)[number]

/** The rules for the amount of a debit: exactly the mandate's amount, or up to that amount. */
export const AMOUNT_RULES = ['fixed', 'variable'] as const
/** The rules for the day of a debit, relative to the debit day. */
export const DEBIT_RULES = ['on', 'before', 'after'] as const

/** The terms that the customer approves. Days have the form `2026-11-29`, by the account's calendar. */
export type MandateTerms = {
  readonly amountRule: (typeof AMOUNT_RULES)[number]
  readonly frequency: MandateFrequency
  readonly description: string
  /** The amount of each debit (`fixed`), or the largest one, in paise. */
  readonly amountMinor: bigint
  readonly startOn: string
  /** The last day of debits. Undefined: the mandate has no last day. */
  readonly endOn?: string
  /** 1 (Monday) to 7 for `weekly` and `fortnightly`, otherwise 1 to 31. */
  readonly debitDay?: number
  /** Set exactly if `debitDay` is set. */
  readonly debitRule?: (typeof DEBIT_RULES)[number]
}

/** Amounts of enrollments and mandates, in paise. */
export const MANDATE_AMOUNTS = {
  /**
   * The charge that authorizes a mandate with a later start. Source: Zoho Payments help page about mandates IN (seen
   * 2026-11-22).
   */
  authorizationMinor: 100n,
  /** The smallest first debit of a mandate that starts today. Source: as above. */
  firstDebitMinMinor: 600n,
  maxMinor: 10_000_000n,
} as const

/** The longest time between the first and the last day of debits, in years. */
export const MANDATE_YEARS_MAX = 30

/** Returns the largest debit day of a frequency. Undefined: the frequency has no debit day. */
export function debitDayMax(frequency: MandateFrequency): 7 | 31 | undefined {
  switch (frequency) {
    case 'one_time':
    case 'daily':
    case 'as_presented':
      return undefined
    case 'weekly':
    case 'fortnightly':
      return 7
    default:
      return 31
  }
}

/** Writes a calendar day: `2026-11-29`. */
export function dayText({ day, month, year }: AccountDay): string {
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10)
}

/** Reads a stored day. Throws if the text is no day. */
function dayOf(text: string): AccountDay {
  const day = parseDay(text)
  if (day === undefined) throw new Error(`${text} is not a day`)
  return day
}

/** Returns the account's day at a time: `2026-11-29`. */
export const mandateDayAt = (atMs: number): string => dayText(accountDayAt(EDITION, atMs))

/** Returns the first millisecond of a day, since 1970. */
export const mandateDayStartMs = (day: string): number => accountDayStartMs(EDITION, dayOf(day))

/** Returns the first millisecond after a day, since 1970. */
export function mandateDayEndMs(day: string): number {
  return accountDayStartMs(EDITION, daysLater(dayOf(day), 1))
}

/**
 * Returns the day that is some days after another. `dayCount`: a whole number, possibly negative.
 */
export const dayAfter = (day: string, dayCount: number): string =>
  dayText(daysLater(dayOf(day), dayCount))

/** Returns the last day that a mandate with this first day can have. For a first day of 29 February it is 1 March. */
export function lastEndDay(startOn: string): string {
  const { day, month, year } = dayOf(startOn)
  return dayText({ day, month, year: year + MANDATE_YEARS_MAX })
}

/** The meaning of an enrollment's amount: the charge that authorizes the mandate, or its first debit. */
export type EnrollmentCharge = {
  readonly kind: 'authorization' | 'first_debit'
  /** The charged amount, in paise. */
  readonly amountMinor: bigint
}

/** The reason why an enrollment's amount is not allowed. */
export type EnrollmentAmountRefusal =
  /** The mandate starts today, and the amount is too small for a first debit. */
  | 'below_first_debit'
  /** The mandate starts later, but the amount is that of a first debit. */
  | 'first_debit_before_start'
  /** The first day is later or missing, and the amount is neither the authorization's nor enough for a first debit. */
  | 'neither_charge'

/**
 * Decides the charge of an enrollment. An amount of 0 means 1.00, because samples of two official
 * SDKs send 0. `startOn`: undefined if the request has no first day.
 */
export function enrollmentChargeOf(
  amountMinor: bigint,
  startOn: string | undefined,
  today: string,
): EnrollmentCharge | { readonly refused: EnrollmentAmountRefusal } {
  const { authorizationMinor, firstDebitMinMinor } = MANDATE_AMOUNTS
  const isToday = startOn === today
  if (amountMinor === 0n || amountMinor === authorizationMinor) {
    return isToday
      ? { refused: 'below_first_debit' }
      : { kind: 'authorization', amountMinor: authorizationMinor }
  }
  if (amountMinor < firstDebitMinMinor)
    return { refused: isToday ? 'below_first_debit' : 'neither_charge' }
  return startOn === undefined || isToday
    ? { kind: 'first_debit', amountMinor }
    : { refused: 'first_debit_before_start' }
}

/** Returns the first day of a mandate whose request has none: today with a first debit, otherwise tomorrow. */
export function defaultStartDay(kind: EnrollmentCharge['kind'], today: string): string {
  return kind === 'first_debit' ? today : dayAfter(today, 1)
}

/** Returns true if the terms allow a debit of this amount. `amountMinor`: paise. */
export function allowsAmount(terms: MandateTerms, amountMinor: bigint): boolean {
  return terms.amountRule === 'fixed'
    ? amountMinor === terms.amountMinor
    : amountMinor <= terms.amountMinor
}

/** The number of months in a cycle. */
const MONTHS_OF: Partial<Record<MandateFrequency, number>> = {
  monthly: 1,
  bimonthly: 2,
  quarterly: 3,
  half_yearly: 6,
  yearly: 12,
}

const DAY_MS = 24 * 60 * 60_000
const dayNumber = ({ day, month, year }: AccountDay): number =>
  Math.floor(Date.UTC(year, month, day) / DAY_MS)

/**
 * Returns the cycle of a day, identified by the cycle's first day. A mandate is debited at most once in a cycle. A
 * cycle is one day, a week from Monday, 14 days counted from the first day of the mandate, or calendar months counted
 * from the month of that first day. `one_time` has one cycle. Undefined: `as_presented` has no cycles.
 */
export function cycleOf(
  { frequency, startOn }: Pick<MandateTerms, 'frequency' | 'startOn'>,
  day: string,
): string | undefined {
  const start = dayOf(startOn)
  const date = dayOf(day)
  switch (frequency) {
    case 'as_presented':
      return undefined
    case 'one_time':
      return startOn
    case 'daily':
      return day
    case 'weekly':
      return dayAfter(day, -weekdayOf(date))
    case 'fortnightly': {
      const count = Math.floor((dayNumber(date) - dayNumber(start)) / 14)
      return dayAfter(startOn, 14 * count)
    }
    default: {
      const months = MONTHS_OF[frequency] ?? 1
      const since = (date.year - start.year) * 12 + date.month - start.month
      const month = start.month + Math.floor(since / months) * months
      return dayText({ year: start.year, month, day: 1 })
    }
  }
}

/**
 * Returns the debit day's date in the week or month of a day. In a shorter month the last day
 * replaces a later debit day.
 */
function debitDateNear({ debitDay = 1, frequency }: MandateTerms, day: string): string {
  const date = dayOf(day)
  if (debitDayMax(frequency) === 7) return dayAfter(day, debitDay - 1 - weekdayOf(date))
  const lastDay = new Date(Date.UTC(date.year, date.month + 1, 0)).getUTCDate()
  return dayText({ ...date, day: Math.min(debitDay, lastDay) })
}

/** The reason why the day of a debit is not allowed. */
export type ExecutionDayRefusal =
  /** The customer must be notified 24 hours before: `from` is the first possible day. */
  | { readonly refused: 'too_soon'; readonly from: string }
  | { readonly refused: 'before_start'; readonly from: string }
  | { readonly refused: 'after_end'; readonly until: string }
  /** The debit day of that week or month is `debitOn`. */
  | {
      readonly refused: 'off_debit_day'
      readonly rule: (typeof DEBIT_RULES)[number]
      readonly debitOn: string
    }

/**
 * The time between the notice of a debit and the debit, in milliseconds. Source: Zoho Payments help page (mandates,
 * IN).
 */
export const NOTICE_MS = 24 * 60 * 60_000

/**
 * Returns the reason why a debit is not allowed on a day if the customer is notified now.
 * Undefined: there is none.
 */
export function executionDayRefusal(
  terms: MandateTerms,
  day: string,
  nowMs: number,
): ExecutionDayRefusal | undefined {
  const { debitDay, debitRule = 'on', endOn, startOn } = terms
  const from = mandateDayAt(nowMs + NOTICE_MS)
  if (day < from) return { refused: 'too_soon', from }
  if (day < startOn) return { refused: 'before_start', from: startOn }
  if (endOn !== undefined && day > endOn) return { refused: 'after_end', until: endOn }
  if (debitDay === undefined) return undefined
  const debitOn = debitDateNear(terms, day)
  const keepsRule = { on: day === debitOn, before: day <= debitOn, after: day >= debitOn }
  return keepsRule[debitRule] ? undefined : { refused: 'off_debit_day', rule: debitRule, debitOn }
}
