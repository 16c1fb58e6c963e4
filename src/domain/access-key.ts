import { timingSafeEqual } from 'node:crypto'
import { type PaymentMethodSessionId, type PaymentSessionId, parseId } from './id.ts'
import type { Keys } from './secret.ts'
import { createShortHmac, type ShortHmac } from './short-hmac.ts'

/** A capability to open one session's checkout page: 60 characters of base64url. */
export type AccessKey = string

/** The number of random bytes in an access key. */
export const ACCESS_KEY_RANDOM_BYTES = 16

/**
 * The page that a key opens: the hosted page, or the page in the widget's frame, which shows less. `foreign_frame`:
 * another browser opened the widget first.
 */
type AccessKeyPlace = 'page' | 'frame' | 'foreign_frame'

const VERSIONS: Readonly<Record<AccessKeyPlace, number>> = {
  page: 1,
  frame: 2,
  foreign_frame: 3,
}
const PLACES: ReadonlyMap<number | undefined, AccessKeyPlace> = new Map([
  [VERSIONS.page, 'page'],
  [VERSIONS.frame, 'frame'],
  [VERSIONS.foreign_frame, 'foreign_frame'],
])
/** Version, session id, expiry in seconds, random: 1 + 8 + 4 + 16 bytes. */
const BODY_BYTES = 29
const MAC_BYTES = 16
const ACCESS_KEY_TEXT = /^[A-Za-z0-9_-]{60}$/

type AccessKeyContent = {
  readonly paymentSessionId: PaymentSessionId
  readonly expiresAtMs: number
  readonly place: AccessKeyPlace
}

/**
 * Makes a session's access key: the body, and the first 16 bytes of its HMAC-SHA256.
 *
 * The signature lets a server refuse a guessed key without a database read.
 */
export function makeAccessKey(
  { expiresAtMs, paymentSessionId: id, place }: AccessKeyContent,
  random: Uint8Array,
  macKey: Uint8Array,
): AccessKey {
  return makeKey({ version: VERSIONS[place], id, expiresAtMs }, random, macKey)
}

/**
 * Reads an access key. Undefined: the text is not a key, or another MAC key signed it. The expiry
 * is in whole seconds; the session of a valid key may have ended already.
 */
export function readAccessKey(text: string, macKey: Uint8Array): AccessKeyContent | undefined {
  const content = readKey(text, macKey)
  const place = PLACES.get(content?.version)
  const paymentSessionId = content && parseId<PaymentSessionId>(content.id)
  if (content === undefined || place === undefined || paymentSessionId === undefined) {
    return undefined
  }
  return { paymentSessionId, expiresAtMs: content.expiresAtMs, place }
}

/** The page that the key of a payment method session opens. Such a key begins with `B`. */
type MethodKeyPlace = 'page' | 'frame'

const METHOD_VERSIONS: Readonly<Record<MethodKeyPlace, number>> = { page: 4, frame: 5 }

type MethodKeyContent = {
  readonly methodSessionId: PaymentMethodSessionId
  readonly expiresAtMs: number
  readonly place: MethodKeyPlace
}

/** Makes the access key of a payment method session, in the form of a payment session's key. */
export function makeMethodSessionKey(
  { expiresAtMs, methodSessionId: id, place }: MethodKeyContent,
  random: Uint8Array,
  macKey: Uint8Array,
): AccessKey {
  return makeKey({ version: METHOD_VERSIONS[place], id, expiresAtMs }, random, macKey)
}

/**
 * Reads the access key of a payment method session that any of a server's keys signed. Undefined:
 * it is not such a key.
 */
export function readMethodSessionKey(
  text: string,
  { derivedKeys }: Pick<Keys, 'derivedKeys'>,
): MethodKeyContent | undefined {
  for (const { accessKey } of derivedKeys) {
    const content = readKey(text, accessKey)
    const place = (['page', 'frame'] as const).find(
      (one) => METHOD_VERSIONS[one] === content?.version,
    )
    const methodSessionId = content && parseId<PaymentMethodSessionId>(content.id)
    if (content !== undefined && place !== undefined && methodSessionId !== undefined) {
      return { methodSessionId, expiresAtMs: content.expiresAtMs, place }
    }
  }
  return undefined
}

type KeyContent = { readonly version: number; readonly id: string; readonly expiresAtMs: number }

function makeKey(
  { expiresAtMs, id, version }: KeyContent,
  random: Uint8Array,
  macKey: Uint8Array,
): AccessKey {
  const bytes = Buffer.allocUnsafe(BODY_BYTES + MAC_BYTES)
  bytes[0] = version
  bytes.writeBigUInt64BE(BigInt(id), 1)
  bytes.writeUInt32BE(Math.floor(expiresAtMs / 1000), 9)
  bytes.set(random.subarray(0, ACCESS_KEY_RANDOM_BYTES), 13)
  bytes.write(signerOf(macKey)(bytes.subarray(0, BODY_BYTES)), BODY_BYTES, MAC_BYTES, 'latin1')
  return bytes.toString('base64url')
}

function readKey(text: string, macKey: Uint8Array): KeyContent | undefined {
  if (!ACCESS_KEY_TEXT.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  const [version = 0] = bytes
  if (!ALL_VERSIONS.has(version)) return undefined
  const mac = Buffer.from(signerOf(macKey)(bytes.subarray(0, BODY_BYTES)), 'latin1')
  if (!timingSafeEqual(mac.subarray(0, MAC_BYTES), bytes.subarray(BODY_BYTES))) return undefined
  return {
    version,
    id: bytes.readBigUInt64BE(1).toString(),
    expiresAtMs: bytes.readUInt32BE(9) * 1000,
  }
}

const ALL_VERSIONS: ReadonlySet<number> = new Set([
  ...Object.values(VERSIONS),
  ...Object.values(METHOD_VERSIONS),
])

/**
 * Reads an access key that any of a server's keys signed. Undefined: the text is not such a key.
 */
export function readOwnAccessKey(
  text: string,
  { derivedKeys }: Pick<Keys, 'derivedKeys'>,
): AccessKeyContent | undefined {
  for (const { accessKey } of derivedKeys) {
    const content = readAccessKey(text, accessKey)
    if (content !== undefined) return content
  }
  return undefined
}

/**
 * Returns the session id in a key without a check of its signature and expiry.
 * Undefined: the text is not a key.
 */
export function sessionIdIn(text: string): PaymentSessionId | undefined {
  if (!ACCESS_KEY_TEXT.test(text)) return undefined
  return parseId<PaymentSessionId>(Buffer.from(text, 'base64url').readBigUInt64BE(1).toString())
}

/** The signers of the keys in use. A server has one key, or two while its secret key is replaced. */
const signers = new WeakMap<Uint8Array, ShortHmac>()

function signerOf(macKey: Uint8Array): ShortHmac {
  let signer = signers.get(macKey)
  if (signer === undefined) {
    signer = createShortHmac(macKey, BODY_BYTES)
    signers.set(macKey, signer)
  }
  return signer
}
