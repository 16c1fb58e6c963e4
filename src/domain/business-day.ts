/** Business days of an account: Monday to Friday of its days, without holidays. */
import { type AccountDay, accountDayAt, accountDayStartMs } from './account-day.ts'
import type { Edition, PaymentMethodType } from './payment-method.ts'

/** Returns the day of the week of a calendar day, from 0 for Monday to 6 for Sunday. */
export function weekdayOf({ day, month, year }: AccountDay): number {
  return (new Date(Date.UTC(year, month, day)).getUTCDay() + 6) % 7
}

/** Returns true if a day is from Monday to Friday. */
export const isBusinessDay = (day: AccountDay): boolean => weekdayOf(day) < 5

/** Returns true if a day is a Monday. */
export const isMonday = (day: AccountDay): boolean => weekdayOf(day) === 0

/** Returns the calendar day that is some days later. `dayCount`: a whole number. */
export function daysLater({ day, month, year }: AccountDay, dayCount: number): AccountDay {
  const later = new Date(Date.UTC(year, month, day + dayCount))
  return { year: later.getUTCFullYear(), month: later.getUTCMonth(), day: later.getUTCDate() }
}

/**
 * Returns the business day that is some business days after a day. The first one after a Friday or
 * a weekend is Monday.
 */
export function businessDaysLater(day: AccountDay, dayCount: number): AccountDay {
  let later = day
  for (let daysToGo = dayCount; daysToGo > 0; ) {
    later = daysLater(later, 1)
    if (isBusinessDay(later)) daysToGo -= 1
  }
  return later
}

/**
 * The number of business days from the capture of a payment until its money is available.
 *
 * Source: Zoho Payments help pages about payouts, IN and US (seen 2026-11-22). The figure for wallets is Paydesk's.
 */
const DAYS_UNTIL_AVAILABLE: Readonly<Record<PaymentMethodType, number>> = {
  upi: 1,
  bank_transfer: 1,
  card: 2,
  netbanking: 2,
  wallet: 2,
  ach_debit: 4,
}

/**
 * Returns the time from which the money of a payment is available for payouts: the beginning of a business day of the
 * account. `capturedAtMs`: for a bank debit, the time at which it succeeded.
 */
export function paymentAvailableAtMs(
  edition: Edition,
  method: PaymentMethodType,
  capturedAtMs: number,
): number {
  const captureDay = accountDayAt(edition, capturedAtMs)
  return accountDayStartMs(edition, businessDaysLater(captureDay, DAYS_UNTIL_AVAILABLE[method]))
}

/** The delay of payouts to connected accounts in days: the real service's `payout_delay_days`. */
export const CONNECTED_PAYOUT_DELAY_DAYS = 2

/** Returns the time from which a connected account's part of a payment is available for its payouts. */
export function transferAvailableAtMs(edition: Edition, transferredAtMs: number): number {
  const day = daysLater(accountDayAt(edition, transferredAtMs), CONNECTED_PAYOUT_DELAY_DAYS)
  return accountDayStartMs(edition, day)
}
