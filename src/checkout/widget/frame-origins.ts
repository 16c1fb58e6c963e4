import type { Account } from '../../domain/account.ts'
import { isOrigin } from '../../domain/origin.ts'

/** The maximum number of nested embedding pages. */
const ORIGIN_COUNT_MAX = 5
/**
 * Returns those of the origins whose pages may embed the account's widget, each once, in their order. Empty if there
 * are more than `ORIGIN_COUNT_MAX`.
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

/** Reads the text of `encodeOrigins`. Empty for any other text. */
export function decodeOrigins(text: string): readonly string[] {
  const origins = Buffer.from(text, 'base64url').toString('utf8').split(',')
  return encodeOrigins(origins) === text ? origins : []
}
