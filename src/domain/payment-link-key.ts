import { timingSafeEqual } from 'node:crypto'
import { containsCardNumber } from './card.ts'
import { type PaymentLinkId, parseId } from './id.ts'
import type { Random } from './random.ts'
import { createShortHmac, type ShortHmac } from './short-hmac.ts'

/** A capability to open a payment link's page: 52 lower-case hexadecimal digits. */
export type PaymentLinkKey = string

const PAYMENT_LINK_RANDOM_BYTES = 8

const VERSION = 1
const ID_BYTES = 7
/** Version, link id, random: 1 + 7 + 8 bytes. */
const BODY_BYTES = 1 + ID_BYTES + PAYMENT_LINK_RANDOM_BYTES
const MAC_BYTES = 10
const KEY_TEXT = /^[0-9a-f]{52}$/

/**
 * Makes a link's key: the body, and the first 10 bytes of its HMAC-SHA256. The keys of the real service have the same
 * length.
 *
 * The signature lets a server refuse a guessed key without a database read. `macKey` is the database's own
 * (`PublicIds.linkKey`): links live for years, so a replacement of the secret key must not end them.
 */
export function makePaymentLinkKey(
  id: PaymentLinkId,
  random: Uint8Array,
  macKey: Uint8Array,
): PaymentLinkKey {
  const bytes = Buffer.alloc(BODY_BYTES + MAC_BYTES)
  bytes[0] = VERSION
  bytes.writeUIntBE(Number(id) % 2 ** 48, 2, 6)
  bytes[1] = Math.floor(Number(id) / 2 ** 48)
  bytes.set(random.subarray(0, PAYMENT_LINK_RANDOM_BYTES), 1 + ID_BYTES)
  bytes.write(signerOf(macKey)(bytes.subarray(0, BODY_BYTES)), BODY_BYTES, MAC_BYTES, 'latin1')
  return bytes.toString('hex')
}

/**
 * Draws the id and the key of a new link. No key has digits that look like a card number: the request log would hide
 * the link's address.
 */
export function drawPaymentLinkKey(
  drawId: () => PaymentLinkId,
  random: Pick<Random, 'bytes'>,
  macKey: Uint8Array,
): { readonly id: PaymentLinkId; readonly key: PaymentLinkKey } {
  while (true) {
    const id = drawId()
    const key = makePaymentLinkKey(id, random.bytes(PAYMENT_LINK_RANDOM_BYTES), macKey)
    if (!containsCardNumber(key)) return { id, key }
  }
}

/**
 * Returns the link of a key. Undefined: the text is not a key, or another MAC key signed it. The
 * caller must compare the key with the link's (`opensPaymentLink`).
 */
export function readPaymentLinkKey(text: string, macKey: Uint8Array): PaymentLinkId | undefined {
  if (!KEY_TEXT.test(text)) return undefined
  const bytes = Buffer.from(text, 'hex')
  if (bytes[0] !== VERSION) return undefined
  const mac = Buffer.from(signerOf(macKey)(bytes.subarray(0, BODY_BYTES)), 'latin1')
  if (!timingSafeEqual(mac.subarray(0, MAC_BYTES), bytes.subarray(BODY_BYTES))) return undefined
  const id = (bytes[1] ?? 0) * 2 ** 48 + bytes.readUIntBE(2, 6)
  return parseId<PaymentLinkId>(String(id))
}

/** Returns true if a key is that of a link: the end of its address. */
export function opensPaymentLink(key: PaymentLinkKey, { url }: { readonly url: string }): boolean {
  const own = url.slice(url.lastIndexOf('/') + 1)
  return own.length === key.length && timingSafeEqual(Buffer.from(own), Buffer.from(key))
}

/** The signers of the keys in use. Each database has one key. */
const signers = new WeakMap<Uint8Array, ShortHmac>()

function signerOf(macKey: Uint8Array): ShortHmac {
  let signer = signers.get(macKey)
  if (signer === undefined) {
    signer = createShortHmac(macKey, BODY_BYTES)
    signers.set(macKey, signer)
  }
  return signer
}
