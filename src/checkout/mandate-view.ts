import { debitDayMax, type MandateTerms, mandateDayStartMs } from '../domain/mandate-terms.ts'
import type { Money } from '../domain/money.ts'
import { enrollmentTermsOf, type MandateEnrollmentFacts } from '../domain/payment-session-type.ts'
import { showMoney } from '../domain/show-money.ts'

/** The terms of a mandate as the page shows them. */
export type MandateView = Pick<MandateTerms, 'amountRule' | 'frequency' | 'description'> & {
  /** True: the payment is the first debit. False: it only authorizes the mandate. */
  readonly isFirstDebit: boolean
  /** The amount of each debit, or the largest one: `₹5,000.00`. */
  readonly amount: string
  readonly debitDay?: {
    readonly rule: NonNullable<MandateTerms['debitRule']>
    /** The day of the month, or the name of the weekday. */
    readonly text: string
    readonly isWeekday: boolean
  }
  /** The first and the last day, in the page's language. `until` is undefined if the mandate has no last day. */
  readonly from: string
  readonly until?: string
}

/** Monday, 3 January 2000: the start of the week from which the names of weekdays come. */
const MONDAY_MS = Date.UTC(2000, 0, 3)
const DAY_MS = 24 * 60 * 60_000

/** Writes the terms of an enrollment for its page. Pure. */
export function mandateView(
  facts: MandateEnrollmentFacts,
  sessionAmount: Money,
  locale: string,
): MandateView {
  const {
    amountMinor,
    debitDay,
    debitRule = 'on',
    endOn,
    frequency,
    startOn,
  } = enrollmentTermsOf(facts, sessionAmount.amountMinor)
  const isWeekday = debitDayMax(frequency) === 7
  return {
    isFirstDebit: facts.charge === 'first_debit',
    amountRule: facts.amountRule,
    frequency,
    description: facts.description,
    amount: showMoney({ ...sessionAmount, amountMinor }),
    from: dayText(startOn, locale),
    ...(endOn !== undefined && { until: dayText(endOn, locale) }),
    ...(debitDay !== undefined && {
      debitDay: {
        rule: debitRule,
        text: isWeekday ? weekdayText(debitDay, locale) : String(debitDay),
        isWeekday,
      },
    }),
  }
}

function dayText(day: string, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'Asia/Kolkata' })
  return format.format(mandateDayStartMs(day))
}

/** `day`: 1 for Monday. */
function weekdayText(day: number, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' })
  return format.format(MONDAY_MS + (day - 1) * DAY_MS)
}
