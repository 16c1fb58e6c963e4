import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Signs a text that a browser keeps and returns, so that the server stores nothing. Returns the text in base64url, a dot and
 * its HMAC-SHA256. `purpose`: what the text is for; a text for one purpose is not valid for another one.
 */
export function signValue(text: string, purpose: string, key: Uint8Array): string {
  const body = Buffer.from(text).toString('base64url')
  return `${body}.${macOf(body, purpose, key).toString('base64url')}`
}

/** Reads a text that `signValue` has signed for a purpose. Undefined: none of these keys signed it. */
export function readSignedValue(
  value: string,
  purpose: string,
  keys: readonly Uint8Array[],
): string | undefined {
  const [body = '', mac = ''] = value.split('.')
  const signature = Buffer.from(mac, 'base64url')
  const isSigned = keys.some((key) => {
    const expected = macOf(body, purpose, key)
    return signature.length === expected.length && timingSafeEqual(signature, expected)
  })
  return isSigned ? Buffer.from(body, 'base64url').toString('utf8') : undefined
}

/** No body contains a space, so two different pairs of purpose and body never give the same text. */
function macOf(body: string, purpose: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${purpose} ${body}`).digest()
}
