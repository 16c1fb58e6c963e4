/** The beginning of a webhook signing key. */
export const WEBHOOK_KEY_PREFIX = 'whsec_'

/**
 * Answers whether a text stands for no key: blanks, quotation marks, the prefix alone. A variable that is set to `""`
 * would otherwise be a key that everybody can guess.
 */
export function isBlankKey(key: string): boolean {
  return /^["'\s]*(?:whsec_)?["'\s]*$/.test(key)
}

/**
 * The bytes of a webhook signing key in the formula of Standard Webhooks: the base64 after the prefix.
 * A text of another shape is itself the key: partly decoded base64 would be a weaker key.
 */
export function standardKeyBytes(key: string): Uint8Array<ArrayBuffer> {
  const [, base64 = ''] = /^whsec_([A-Za-z\d+/]+)={0,2}$/.exec(key) ?? []
  // A single character after full groups of four contains no byte.
  const isBase64 = base64.length > 1 && base64.length % 4 !== 1
  return isBase64 ? bytesOfBase64(base64) : new TextEncoder().encode(key)
}

/** The bytes of valid base64, with or without padding. */
export function bytesOfBase64(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
