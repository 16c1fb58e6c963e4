import { isBlankKey, WEBHOOK_KEY_PREFIX } from '../../domain/webhook-key.ts'
import { correctedKeys, withoutQuotes } from './corrected-keys.ts'
import { isSigned, type Verification } from './hmac-check.ts'
import {
  malformedParameter,
  type PaymentSignatureError,
  parameterMissing,
  signatureMismatch,
  wrongKey,
} from './payment-signature-error.ts'

const encoder = new TextEncoder()

/**
 * Checks a text's signature: 64 lower-case hexadecimal digits of HMAC-SHA256. Undefined: it is valid. Otherwise the
 * reason why it is not.
 *
 * Throws a TypeError for a signing key that is empty or not a text, because anybody could sign with
 * it.
 */
export function* textSignatureProblem(
  text: string,
  signature: unknown,
  signingKey: string,
): Verification<PaymentSignatureError | undefined> {
  // JavaScript callers may pass a missing environment variable.
  if (typeof signingKey !== 'string' || isBlankKey(signingKey)) {
    throw new TypeError(
      'The signing key is empty. Check that its environment variable is set in this process.',
    )
  }
  if (signature === undefined || signature === '') return parameterMissing('signature')
  if (typeof signature !== 'string' || !/^[\da-f]{64}$/.test(signature)) {
    return malformedParameter('signature', '64 hexadecimal digits in lower case')
  }
  const message = encoder.encode(text)
  const signatures = [bytesOfHex(signature)]
  if (yield* isSigned({ key: encoder.encode(signingKey), message, signatures })) return undefined
  for (const [fault, key] of correctedKeys(signingKey)) {
    if (yield* isSigned({ key: encoder.encode(key), message, signatures })) return wrongKey(fault)
  }
  return looksLikeWebhookKey(signingKey)
    ? wrongKey('belongs to a webhook endpoint: use the signing key of the account')
    : signatureMismatch()
}

/** Returns true if a text looks like the signing key of a webhook endpoint. */
function looksLikeWebhookKey(key: string): boolean {
  return (
    withoutQuotes(key.trim()).startsWith(WEBHOOK_KEY_PREFIX) || /sandbox_webhook_key_/.test(key)
  )
}

/** Decodes hexadecimal digits, two for each byte. */
export function bytesOfHex(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
