/** The days of an IN account, as lists and their tests name them. */

const AHEAD_MS = 330 * 60_000
const DAY_MS = 24 * 60 * 60_000

/** Names the day in India that holds a moment: `2026-11-22`. */
export const dayInIndia = (atMs: number): string =>
  new Date(atMs + AHEAD_MS).toISOString().slice(0, 10)

/** Returns the next midnight in India after a moment. */
export const nextMidnightInIndia = (atMs: number): number =>
  (Math.floor((atMs + AHEAD_MS) / DAY_MS) + 1) * DAY_MS - AHEAD_MS
