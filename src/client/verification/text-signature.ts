import { isBlankKey } from '../../domain/webhook-key.ts'
import { isSigned, type Verification } from './hmac-check.ts'

const encoder = new TextEncoder()

/**
 * Checks a text's signature: 64 lower-case hexadecimal digits of HMAC-SHA256. Returns false for any other text.
 *
 * Throws a TypeError for a signing key that is empty or not a text, because everybody could sign with it.
 */
export function* isTextSigned(
  text: string,
  signature: unknown,
  signingKey: string,
): Verification<boolean> {
  // JavaScript callers may pass a missing environment variable.
  if (typeof signingKey !== 'string' || isBlankKey(signingKey)) {
    throw new TypeError(
      'The signing key is empty. Check that its environment variable is set in this process.',
    )
  }
  if (typeof signature !== 'string' || !/^[\da-f]{64}$/.test(signature)) return false
  return yield* isSigned({
    key: encoder.encode(signingKey),
    message: encoder.encode(text),
    signatures: [bytesOfHex(signature)],
  })
}

/** Decodes hexadecimal digits, two for each byte. */
export function bytesOfHex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
