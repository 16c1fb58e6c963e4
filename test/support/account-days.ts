/** The days of an IN account, in the format of lists. */

const AHEAD_MS = 330 * 60_000
const DAY_MS = 24 * 60 * 60_000

/** Returns the day in India at a moment, such as `2026-11-22`. */
export const dayInIndia = (atMs: number): string =>
  new Date(atMs + AHEAD_MS).toISOString().slice(0, 10)

/** Returns the next midnight in India after a moment. */
export const nextMidnightInIndia = (atMs: number): number =>
  (Math.floor((atMs + AHEAD_MS) / DAY_MS) + 1) * DAY_MS - AHEAD_MS
