import { Secret, TOTP } from 'otpauth'

/**
 * The length of a time step, in seconds, and the number of digits of a code. Authenticator apps expect both.
 * Source: RFC 6238.
 */
const STEP_SECONDS = 30
const DIGITS = 6
/** The number of steps before and after the current one whose codes are accepted, because clocks differ. */
const STEPS_AROUND = 1
/** The length of a secret, in bytes. Source: RFC 4226, section 4. */
export const CODE_SECRET_BYTES = 20

/** The name of the issuer in authenticator apps. */
const ISSUER = 'Paydesk'

function generatorOf(secret: Uint8Array, label: string): TOTP {
  return new TOTP({
    issuer: ISSUER,
    label,
    secret: new Secret({ buffer: secret.slice().buffer }),
    digits: DIGITS,
    period: STEP_SECONDS,
    algorithm: 'SHA1',
  })
}

/** Returns a secret for people and apps: the text to type, and the address that a QR code contains. */
export function showCodeSecret(
  secret: Uint8Array,
  email: string,
): { readonly text: string; readonly url: string } {
  const generator = generatorOf(secret, email)
  return { text: generator.secret.base32, url: generator.toString() }
}

/** Returns the code of a secret at a time. */
export function codeAt(secret: Uint8Array, nowMs: number): string {
  return generatorOf(secret, '').generate({ timestamp: nowMs })
}

/** Returns the time step of a code: the current one, or the one before or after it. Undefined: the code is wrong. */
export function stepOfCode(secret: Uint8Array, code: string, nowMs: number): number | undefined {
  const token = code.replaceAll(/\s/g, '')
  const generator = generatorOf(secret, '')
  const difference = generator.validate({ token, timestamp: nowMs, window: STEPS_AROUND })
  return difference === null ? undefined : Math.floor(nowMs / 1000 / STEP_SECONDS) + difference
}
