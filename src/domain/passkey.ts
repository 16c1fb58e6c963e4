/** The maximum number of passkeys of an operator. */
export const PASSKEY_COUNT_MAX = 10
/** The longest name of a passkey, in characters. */
export const PASSKEY_NAME_LENGTH_MAX = 60

/** A passkey of an operator. */
export type Passkey = {
  /** The credential's id in base64url. */
  readonly credentialId: string
  readonly operatorId: string
  /** The operator's own name for it. */
  readonly name: string
  /** The public key in COSE form, in base64url. */
  readonly publicKey: string
  /** The authenticator's count of signatures. 0: it does not count. */
  readonly signCount: number
  readonly createdAtMs: number
  /** Undefined: it has not been used. */
  readonly usedAtMs: number | undefined
}

/** The site that passkeys belong to. */
export type PasskeySite = {
  /** The origin of the console's pages: `https://pay.example.com`. */
  readonly origin: string
  /** The host name, to which browsers and authenticators bind a passkey. */
  readonly rpId: string
}

/** Returns the site of an origin. */
export function passkeySiteOf(origin: string): PasskeySite {
  return { origin, rpId: new URL(origin).hostname }
}

/**
 * Returns true if the count of a signature is higher than the stored one, or if the authenticator does not count. If a
 * passkey was copied, one of the copies sends a count that was seen before. Source: Web Authentication Level 3, section
 * 6.1.1.
 */
export function isLaterCount(signCount: number, stored: Pick<Passkey, 'signCount'>): boolean {
  return signCount > stored.signCount || (signCount === 0 && stored.signCount === 0)
}
