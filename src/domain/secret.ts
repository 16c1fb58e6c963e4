import { createCipheriv, createDecipheriv, hash, hkdfSync, timingSafeEqual } from 'node:crypto'

/** The keys that are derived from one secret key. 32 bytes each, unless stated. */
export type DerivedKeys = {
  /** For the signatures of access keys. */
  readonly accessKey: Uint8Array
  /** For the sealing of secrets that Paydesk has to read again from the database. */
  readonly sealing: Uint8Array
  /** For the signatures of data that a browser carries from one page to the next. */
  readonly form: Uint8Array
  /** For the public form of ids. `PUBLIC_ID_KEY_BYTES` long. A database keeps its first such key. */
  readonly publicId: Uint8Array
  /** Identifies the secret key of a database. Not secret. */
  readonly check: string
}

/**
 * The keys of a server: those of the database's secret key, which seal and sign. While the secret key is replaced,
 * there are the keys of a second one, which only open and verify.
 */
export type Keys = DerivedKeys & {
  /** The keys of the configured secret keys: those of the secret key, then those of the previous one. */
  readonly derivedKeys: readonly DerivedKeys[]
  /**
   * Selects the secret key that seals and signs from now on, by its check value. False: no configured key has the
   * value.
   */
  readonly use: (check: string) => boolean
}

/** The minimum number of bytes of a secret key. */
export const SECRET_KEY_BYTES_MIN = 32

/** The length of the key of public ids, in bytes: ten rounds of 64 bits each. */
export const PUBLIC_ID_KEY_BYTES = 80

/** Derives a server's keys from its secret key, and from the previous one while it is replaced. */
export function deriveKeys(secretKey: Uint8Array, previousSecretKey?: Uint8Array): Keys {
  const own = deriveFrom(secretKey)
  const derivedKeys = previousSecretKey === undefined ? [own] : [own, deriveFrom(previousSecretKey)]
  let current = own
  return {
    derivedKeys,
    use: (check) => {
      const match = derivedKeys.find((one) => one.check === check)
      current = match ?? current
      return match !== undefined
    },
    get accessKey() {
      return current.accessKey
    },
    get sealing() {
      return current.sealing
    },
    get form() {
      return current.form
    },
    get publicId() {
      return current.publicId
    },
    get check() {
      return current.check
    },
  }
}

/** Derives the keys of one secret key (HKDF-SHA256, one label each). */
function deriveFrom(secretKey: Uint8Array): DerivedKeys {
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
 * Returns the stored form of a secret that is only compared, such as a token: its SHA-256 in base64url. Only for
 * high-entropy secrets.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url')
}

/** Compares two texts in constant time. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(a)), Buffer.from(hashSecret(b)))
}

/** The number of random bytes for sealing. */
export const SEAL_NONCE_BYTES = 12
const SEAL_VERSION = 'v1'

/**
 * Seals a text for the database with AES-256-GCM. Shape: `v1.<base64url of nonce, tag, text>`.
 *
 * `nonce` must never be used twice with one key: pass a random one at every call.
 */
export function seal(text: string, sealingKey: Uint8Array, nonce: Uint8Array): string {
  const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce)
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `${SEAL_VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
}

/** Opens a sealed text. Throws if it was sealed with another key or was changed. */
export function openSealed(sealedText: string, sealingKey: Uint8Array): string {
  const [version, body = ''] = sealedText.split('.')
  if (version !== SEAL_VERSION) throw new Error(`unknown seal version ${version}`)
  const bytes = Buffer.from(body, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', sealingKey, bytes.subarray(0, SEAL_NONCE_BYTES))
  decipher.setAuthTag(bytes.subarray(SEAL_NONCE_BYTES, SEAL_NONCE_BYTES + 16))
  return (
    decipher.update(bytes.subarray(SEAL_NONCE_BYTES + 16), undefined, 'utf8') +
    decipher.final('utf8')
  )
}

/** Opens a text that was sealed with any of a server's keys. Throws for others, and if it was changed. */
export function openSealedWithAny(
  sealedText: string,
  { derivedKeys, sealing }: Pick<Keys, 'derivedKeys' | 'sealing'>,
): string {
  if (derivedKeys.length === 1 || opensWith(sealedText, sealing))
    return openSealed(sealedText, sealing)
  const other = derivedKeys.find((keys) => opensWith(sealedText, keys.sealing))
  return openSealed(sealedText, other?.sealing ?? sealing)
}

/** Returns true if a text was sealed with a key. */
export function opensWith(sealedText: string, sealingKey: Uint8Array): boolean {
  try {
    openSealed(sealedText, sealingKey)
    return true
  } catch {
    return false
  }
}
