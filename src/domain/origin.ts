/** How long an origin may be, in characters. */
const ORIGIN_LENGTH_MAX = 100

/**
 * What an origin may be made of. Stricter than URLs are: a host may hold a semicolon there, which
 * would end the rule of a Content-Security-Policy that the origin is written into.
 */
const ORIGIN = /^https?:\/\/[a-z0-9._-]+(?::\d{1,5})?$/

/** Answers whether a text is the origin of a web page as a browser spells it: `https://shop.example`. */
export function isOrigin(text: string): boolean {
  return (
    text.length <= ORIGIN_LENGTH_MAX &&
    ORIGIN.test(text) &&
    URL.canParse(text) &&
    new URL(text).origin === text
  )
}
