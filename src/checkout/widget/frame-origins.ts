import type { Account } from '../../domain/account.ts'
import { isOrigin } from '../../domain/origin.ts'

/** The most outer pages around the widget. */
const ORIGIN_COUNT_MAX = 5
/**
 * Gives those of the origins whose pages may show the account's widget, each once, in their order.
 * None for more of them than can lie around one another.
 */
export function allowedOrigins(
  { frameOrigins }: Pick<Account, 'frameOrigins'>,
  texts: readonly string[],
): readonly string[] {
  const origins = [...new Set(texts)]
  if (origins.length > ORIGIN_COUNT_MAX) return []
  return origins.filter(
    (origin) => isOrigin(origin) && (frameOrigins.includes('*') || frameOrigins.includes(origin)),
  )
}

/** Writes origins as a part of a path. */
export function encodeOrigins(origins: readonly string[]): string {
  return Buffer.from(origins.join(',')).toString('base64url')
}

/** Reads what `encodeOrigins` wrote. None for anything that it would not have written so. */
export function decodeOrigins(text: string): readonly string[] {
  const origins = Buffer.from(text, 'base64url').toString('utf8').split(',')
  return encodeOrigins(origins) === text ? origins : []
}
