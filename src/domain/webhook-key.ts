/** The beginning of a webhook signing key. */
export const WEBHOOK_KEY_PREFIX = 'whsec_'

/**
 * Returns true if a text is an empty key: blanks, quotation marks, or the prefix alone. Without this check, a
 * variable that is set to `""` would be a key that everybody can guess.
 */
export function isBlankKey(key: string): boolean {
  return /^["'\s]*(?:whsec_)?["'\s]*$/.test(key)
}

/**
 * Returns the bytes of a webhook signing key for the formula of Standard Webhooks: the decoded base64 after the
 * prefix. For a text of another shape they are the text itself, because partly decoded base64 would be a weaker key.
 */
export function standardKeyBytes(key: string): Uint8Array<ArrayBuffer> {
  const [, base64 = ''] = /^whsec_([A-Za-z\d+/]+)={0,2}$/.exec(key) ?? []
  // A single character after full groups of four contains no byte.
  const isBase64 = base64.length > 1 && base64.length % 4 !== 1
  return isBase64 ? bytesOfBase64(base64) : new TextEncoder().encode(key)
}

/** Decodes valid base64, with or without padding. */
export function bytesOfBase64(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
