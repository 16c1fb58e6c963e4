import { InvalidArgumentError } from 'commander'

const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?$/

/**
 * Reads a day or a time, as milliseconds since 1970: `2026-11-28` begins at midnight of the local time zone, and
 * `2026-11-28T14:00Z` names its zone. Throws InvalidArgumentError.
 */
export function momentFrom(text: string): number {
  const atMs = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text)
  if (!MOMENT.test(text) || !Number.isFinite(atMs)) {
    throw new InvalidArgumentError('It must be a day such as 2026-11-28, or 2026-11-28T14:00Z.')
  }
  return atMs
}
