import type { Edition } from './payment-method.ts'

/** The offset of an account's day from UTC, in milliseconds: India's time has no summer time. */
const DAY_AHEAD_MS: Record<Edition, number> = { IN: 330 * 60_000, US: 0 }

/** A calendar day of an account. The month counts from 0, as in Date. */
export type AccountDay = { readonly year: number; readonly month: number; readonly day: number }

/** Returns the account's calendar day at a time. `atMs`: milliseconds since 1970. */
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
