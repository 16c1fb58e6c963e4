import { accountDayAt, accountDayStartMs } from './account-day.ts'
import { PAYMENT_LINK_LIFE } from './payment-link.ts'
import type { Edition } from './payment-method.ts'

/** Returns the first millisecond after the default last day of a link that is created now. */
export function paymentLinkEndMs(edition: Edition, nowMs: number): number {
  const today = accountDayAt(edition, nowMs)
  return accountDayStartMs(edition, {
    ...today,
    day: today.day + PAYMENT_LINK_LIFE.daysDefault + 1,
  })
}
