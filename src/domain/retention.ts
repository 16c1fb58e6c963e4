const DAY_MS = 24 * 60 * 60_000

/**
 * The kinds of rows that retention can delete. None of them has money or is needed by the ledger.
 */
export const PRUNED_KINDS = ['unpaid_sessions', 'events', 'delivery_attempts'] as const
/** A kind of rows that retention can delete, such as `events`. */
export type PrunedKind = (typeof PRUNED_KINDS)[number]

/**
 * The shortest retention of each kind, in days. A processor can report money for a failed payment weeks later, and a
 * receiver that was down needs its events.
 */
export const KEPT_DAYS_MIN: Readonly<Record<PrunedKind, number>> = {
  unpaid_sessions: 30,
  events: 7,
  delivery_attempts: 1,
}
/** The longest retention that can be set, in days. `forever` is longer. */
export const KEPT_DAYS_MAX = 9_999

/** The times for which rows are kept, in milliseconds. Undefined: forever. */
export type Retention = Readonly<Record<PrunedKind, number | undefined>>

/**
 * Reads a retention: `90d`, or `forever`, which is undefined in `keptMs`. Undefined for every other
 * text, and for a time out of bounds.
 */
export function parseRetention(
  text: string,
  kind: PrunedKind,
): { readonly keptMs: number | undefined } | undefined {
  if (text === 'forever') return { keptMs: undefined }
  const [, days] = /^(\d{1,4})d$/.exec(text) ?? []
  if (days === undefined || Number(days) < KEPT_DAYS_MIN[kind]) return undefined
  return { keptMs: Number(days) * DAY_MS }
}

/** Writes a retention as `parseRetention` reads it. */
export function showRetention(keptMs: number | undefined): string {
  return keptMs === undefined ? 'forever' : `${Math.floor(keptMs / DAY_MS)}d`
}

/**
 * Returns the time before which rows are deleted. `followedMs` is the stored time up to which servers treat rows as
 * expired; undefined if no server has run. The stored time follows the clock slowly: if a clock is years ahead for an
 * hour, rows are deleted at most about six hours early.
 */
export function pruneBeforeMs(
  nowMs: number,
  followedMs: number | undefined,
  keptMs: number,
): number {
  return Math.min(nowMs, followedMs ?? nowMs) - keptMs
}
