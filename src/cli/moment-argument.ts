import { InvalidArgumentError } from 'commander'

const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?$/

/**
 * Reads a day or a time, as milliseconds since 1970: `2026-11-28` begins at midnight of the local time zone, and
 * `2026-11-28T14:00Z` names its zone. Throws InvalidArgumentError.
 */
export function momentFrom(text: string): number {
  const atMs = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text)
  if (!MOMENT.test(text) || !isDayOfCalendar(text) || !Number.isFinite(atMs)) {
    throw new InvalidArgumentError('It must be a day such as 2026-11-28, or 2026-11-28T14:00Z.')
  }
  return atMs
}

/** Returns true if the text begins with a day that exists. `Date.parse` reads 2026-02-30 as the second of March. */
export function isDayOfCalendar(text: string): boolean {
  const day = text.slice(0, 'YYYY-MM-DD'.length)
  const atMs = Date.parse(`${day}T00:00Z`)
  return Number.isFinite(atMs) && new Date(atMs).toISOString().startsWith(day)
}
