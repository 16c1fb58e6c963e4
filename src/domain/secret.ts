import { createCipheriv, createDecipheriv, hash, hkdfSync, timingSafeEqual } from 'node:crypto'

/** The keys a process works with, all derived from its one secret key. 32 bytes each where nothing else is said. */
export type Keys = {
  /** Signs access keys. */
  readonly accessKey: Uint8Array
  /** Seals what must be read back from the database. */
  readonly sealing: Uint8Array
  /** Signs what a browser carries from one page to the next. */
  readonly form: Uint8Array
  /** Makes the public form of ids. `PUBLIC_ID_KEY_BYTES` long. */
  readonly publicId: Uint8Array
  /** Tells, when a database is opened, whether it was made with the same secret key. Not secret. */
  readonly check: string
}

/** The fewest bytes a secret key may have. */
export const SECRET_KEY_BYTES_MIN = 32

/** The length of the key of public ids, in bytes: ten rounds of 64 bits each. */
export const PUBLIC_ID_KEY_BYTES = 80

/** Derives a process's keys from its secret key (HKDF-SHA256, one label each). */
export function deriveKeys(secretKey: Uint8Array): Keys {
  const derive = (label: string, byteCount = 32) =>
    new Uint8Array(hkdfSync('sha256', secretKey, new Uint8Array(), `paydesk ${label}`, byteCount))
  return {
    accessKey: derive('access key'),
    sealing: derive('sealing'),
    form: derive('form'),
    publicId: derive('public id', PUBLIC_ID_KEY_BYTES),
    check: Buffer.from(derive('check')).toString('hex').slice(0, 32),
  }
}

/**
 * Gives what is stored of a token or another secret that only has to be compared: the SHA-256 of
 * it in base64url. Right for high-entropy secrets only, which all of ours are.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url')
}

/** Compares two texts of equal meaning in a time that does not tell where they differ. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(a)), Buffer.from(hashSecret(b)))
}

/** How many random bytes sealing needs. */
export const SEAL_NONCE_BYTES = 12
const SEAL_VERSION = 'v1'

/**
 * Seals a text for the database with AES-256-GCM. Shape: `v1.<base64url of nonce, tag, text>`.
 *
 * `nonce` must never be used twice with one key: it is random at every call.
 */
export function seal(text: string, sealingKey: Uint8Array, nonce: Uint8Array): string {
  const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce)
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `${SEAL_VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
}

/** Opens what `seal` made. Throws when it was made with another key or has been changed. */
export function openSealed(sealed: string, sealingKey: Uint8Array): string {
  const [version, body = ''] = sealed.split('.')
  if (version !== SEAL_VERSION) throw new Error(`unknown seal version ${version}`)
  const bytes = Buffer.from(body, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', sealingKey, bytes.subarray(0, SEAL_NONCE_BYTES))
  decipher.setAuthTag(bytes.subarray(SEAL_NONCE_BYTES, SEAL_NONCE_BYTES + 16))
  return (
    decipher.update(bytes.subarray(SEAL_NONCE_BYTES + 16), undefined, 'utf8') +
    decipher.final('utf8')
  )
}
