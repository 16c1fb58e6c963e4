import type { Account } from '../domain/account.ts'

/** How many pages may lie around one another, the widget in the innermost. */
const ORIGIN_COUNT_MAX = 5
/** How long an origin may be, in characters. */
const ORIGIN_LENGTH_MAX = 100
/** The longest text of `encodeOrigins`, in characters: what the server takes as a part of a path. */
export const FRAME_LENGTH_MAX = Math.ceil((ORIGIN_COUNT_MAX * (ORIGIN_LENGTH_MAX + 1) * 4) / 3)

/**
 * What an origin may be made of. Stricter than URLs are: a host may hold a semicolon there, which
 * would end the rule of the Content-Security-Policy that the origin is written into.
 */
const ORIGIN = /^https?:\/\/[a-z0-9._-]+(?::\d{1,5})?$/

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

/** Answers whether a text is the origin of a web page as a browser spells it: `https://shop.example`. */
export function isOrigin(text: string): boolean {
  return (
    text.length <= ORIGIN_LENGTH_MAX &&
    ORIGIN.test(text) &&
    URL.canParse(text) &&
    new URL(text).origin === text
  )
}

/** Writes origins as a part of a path. */
export function encodeOrigins(origins: readonly string[]): string {
  return Buffer.from(origins.join(',')).toString('base64url')
}

/** Reads what `encodeOrigins` wrote; anything else gives texts that are no origins. */
export function decodeOrigins(text: string): readonly string[] {
  return Buffer.from(text, 'base64url').toString('utf8').split(',')
}
