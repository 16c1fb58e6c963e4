/** The units of lengths of time, in milliseconds, the shortest first. */
export const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])
const PARTS = /(\d{1,9})(ms|[smhd])/g
const DURATION = /^(?:\d{1,9}(?:ms|[smhd]))+$/
/** The longest duration, in milliseconds: a year. */
export const DURATION_MS_MAX = 366 * 86_400_000

/**
 * Reads a length of time such as `2d`, `1h30m` or `250ms`, in milliseconds; a number alone is seconds.
 * Undefined for other texts, and for more than a year.
 */
export function parseDuration(text: string): number | undefined {
  const withUnits = /^\d{1,9}$/.test(text) ? `${text}s` : text
  if (!DURATION.test(withUnits)) return undefined
  let totalMs = 0
  for (const [, length = '', unit = ''] of withUnits.matchAll(PARTS)) {
    totalMs += Number(length) * (UNITS_MS.get(unit) ?? Number.NaN)
  }
  return totalMs <= DURATION_MS_MAX ? totalMs : undefined
}

const SHOWN_UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** Writes a length of time in at most two units: `2 d 3 h`. */
export function showDuration(lengthMs: number): string {
  let restMs = Math.abs(lengthMs)
  const parts: string[] = []
  for (const [name, unitMs] of SHOWN_UNITS) {
    const count = Math.floor(restMs / unitMs)
    if (count > 0) parts.push(`${count} ${name}`)
    restMs -= count * unitMs
  }
  return parts.slice(0, 2).join(' ') || `${Math.round(lengthMs)} ms`
}
