import { createHmac } from 'node:crypto'
import { numberLooksLikeCardNumber } from './card-number.ts'
import { halfSipHash } from './half-sip-hash.ts'
import { bucketOf } from './id.ts'
import { PUBLIC_ID_KEY_BYTES } from './secret.ts'

/**
 * Translates between the two forms of an id. The database has the stored form: it grows with time and contains
 * its bucket. All other places have the public form, which reveals nothing. Both have the same type, and only the store
 * translates.
 */
export type PublicIds = {
  readonly publicIdOf: <Id extends string>(storedId: Id) => Id
  /** If Paydesk never issued the public id, no row has the result. */
  readonly storedIdOf: <Id extends string>(publicId: Id) => Id
  readonly bucketOf: (publicId: string) => number
  /** For the signatures of the keys of payment links. 32 bytes. It stays the same when the secret key is replaced. */
  readonly linkKey: Uint8Array
}

/** Leaves ids unchanged. Used by the store below the translation, and by tests. */
export const PLAIN_IDS: PublicIds = {
  publicIdOf: (id) => id,
  storedIdOf: (id) => id,
  bucketOf,
  linkKey: new Uint8Array(32),
}

/**
 * The smallest hidden id: an id whose public form differs from its stored form. So hidden ids have 15 or 16 digits, and
 * account ids, which have 11, never change.
 */
export const HIDDEN_FROM_MIN = 100_000_000_000_000

const HIGH_MASK = 2 ** 26 - 1
const LOW_MASK = 2 ** 27 - 1
const LOW_SIZE = 2 ** 27
/** Each round uses its own 64 bits of the key. */
const ROUND_COUNT = PUBLIC_ID_KEY_BYTES / 8

/**
 * Makes the public ids of a key: a permutation of the 53-bit ids that are at least `hiddenFrom`. Nobody can predict it
 * without the key. Smaller ids do not change. Numbers that look like a card number do not change either: no id has that
 * form, stored or public.
 *
 * `key` has `PUBLIC_ID_KEY_BYTES` bytes. Throws RangeError for another length or a `hiddenFrom` out of range.
 */
export function createPublicIds(key: Uint8Array, hiddenFrom: number): PublicIds {
  if (key.length !== PUBLIC_ID_KEY_BYTES) throw new RangeError(`the key has ${key.length} bytes`)
  if (!(hiddenFrom >= HIDDEN_FROM_MIN && hiddenFrom < 2 ** 52))
    throw new RangeError(`ids are hidden from ${hiddenFrom} on`)
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  const words = Int32Array.from({ length: 2 * ROUND_COUNT }, (_, index) =>
    view.getInt32(4 * index, true),
  )
  const value = (round: number, half: number) =>
    halfSipHash(words[2 * round] as number, words[2 * round + 1] as number, half)

  // A Feistel network with halves of 26 and 27 bits. Each round changes the other half.
  function scramble(id: number): number {
    let high = Math.floor(id / LOW_SIZE)
    let low = id % LOW_SIZE
    for (let round = 0; round < ROUND_COUNT; round += 2) {
      high ^= value(round, low) & HIGH_MASK
      low ^= value(round + 1, high) & LOW_MASK
    }
    return high * LOW_SIZE + low
  }

  function unscramble(id: number): number {
    let high = Math.floor(id / LOW_SIZE)
    let low = id % LOW_SIZE
    for (let round = ROUND_COUNT - 2; round >= 0; round -= 2) {
      low ^= value(round + 1, high) & LOW_MASK
      high ^= value(round, low) & HIGH_MASK
    }
    return high * LOW_SIZE + low
  }

  /** Permutes again until the result is an allowed id: a tenth of the numbers is skipped. */
  function walk(id: number, step: (from: number) => number): number {
    if (!isHidden(id)) return id
    let number = step(id)
    while (!isHidden(number)) number = step(number)
    return number
  }
  const isHidden = (id: number) => id >= hiddenFrom && !numberLooksLikeCardNumber(id)

  return {
    publicIdOf: <Id extends string>(storedId: Id) => String(walk(Number(storedId), scramble)) as Id,
    storedIdOf: <Id extends string>(publicId: Id) =>
      String(walk(Number(publicId), unscramble)) as Id,
    bucketOf: (publicId) => bucketOf(String(walk(Number(publicId), unscramble))),
    linkKey: new Uint8Array(createHmac('sha256', key).update('paydesk payment link').digest()),
  }
}
