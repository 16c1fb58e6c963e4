import fc from 'fast-check'
import { expect, test } from 'vitest'
import { looksLikeCardNumber } from './card-number.ts'
import { halfSipHash } from './half-sip-hash.ts'
import { bucketOf, idFrom, parseId } from './id.ts'
import { createPublicIds, HIDDEN_FROM_MIN } from './public-id.ts'
import { PUBLIC_ID_KEY_BYTES } from './secret.ts'

const keyOf = (seed: number) =>
  Uint8Array.from({ length: PUBLIC_ID_KEY_BYTES }, (_, index) => (index * 7 + seed) % 256)
const ids = createPublicIds(keyOf(1), HIDDEN_FROM_MIN)

const storedId = fc
  .integer({ min: HIDDEN_FROM_MIN, max: Number.MAX_SAFE_INTEGER })
  .map(String)
  .filter((id) => !looksLikeCardNumber(id))

test('the pseudo-random function is HalfSipHash-2-4: its vector for the bytes 0 to 3', () => {
  const value = halfSipHash(0x03020100, 0x07060504, 0x03020100) >>> 0
  expect(value).toBe(0x89466e2a)
})

test('each stored id has one public id, and each public id leads back to its stored id', () => {
  fc.assert(
    fc.property(storedId, (storedId) => {
      const publicId = ids.publicIdOf(storedId)
      expect(ids.storedIdOf(publicId)).toBe(storedId)
      expect(ids.publicIdOf(ids.storedIdOf(storedId))).toBe(storedId)
      expect(ids.bucketOf(publicId)).toBe(bucketOf(storedId))
    }),
  )
})

test('a public id is a JSON number of 15 or 16 digits, and never looks like a card number', () => {
  fc.assert(
    fc.property(storedId, (storedId) => {
      const publicId = ids.publicIdOf(storedId)
      expect(publicId).toMatch(/^[1-9]\d{14,15}$/)
      expect(parseId(publicId)).toBe(publicId)
      expect(JSON.stringify(Number(publicId))).toBe(publicId)
      expect(looksLikeCardNumber(publicId)).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})

test('public ids of neighboring ids show no relation', () => {
  const publicIds = Array.from({ length: 2_000 }, (_, counter) =>
    idFrom({ seconds: 60_000_000, bucket: 7, counter }),
  )
    .filter((id) => !looksLikeCardNumber(id))
    .map((id) => BigInt(ids.publicIdOf(id)))
  // Each bit is set in half of the ids: 1,800 coin throws are within 5 standard deviations of half.
  for (let bit = 0n; bit < 53n; bit += 1n) {
    const count = publicIds.filter((id) => ((id >> bit) & 1n) === 1n).length
    expect(Math.abs(count - publicIds.length / 2)).toBeLessThan(200)
  }
  const sortedIds = publicIds.toSorted((a, b) => (a < b ? -1 : 1))
  const distances = sortedIds.slice(1).map((id, index) => id - (sortedIds[index] ?? 0n))
  // Two of 1,800 random 53-bit numbers differ by less than 1,000 with a probability of 1 in 2.7 million.
  expect(distances.every((distance) => distance > 1_000n)).toBe(true)
})

test('a different key gives different public ids', () => {
  const others = createPublicIds(keyOf(2), HIDDEN_FROM_MIN)
  const id = idFrom({ seconds: 60_000_000, bucket: 7, counter: 1 })
  expect(others.publicIdOf(id)).not.toBe(ids.publicIdOf(id))
})

test('ids below the first hidden id are unchanged, and no hidden id becomes one of them', () => {
  const from = 252_000_000_000_000
  const late = createPublicIds(keyOf(1), from)
  expect(late.publicIdOf('251999999999999')).toBe('251999999999999')
  expect(late.publicIdOf('23137556')).toBe('23137556')
  fc.assert(
    fc.property(storedId, (storedId) => {
      const publicId = late.publicIdOf(storedId)
      if (Number(storedId) < from) expect(publicId).toBe(storedId)
      else expect(Number(publicId)).toBeGreaterThanOrEqual(from)
      expect(late.storedIdOf(publicId)).toBe(storedId)
    }),
  )
})

test('a number that looks like a card number is no public id, and stays unchanged', () => {
  expect(ids.storedIdOf('4111111111111111')).toBe('4111111111111111')
})

test('a key of another length is refused', () => {
  expect(() => createPublicIds(new Uint8Array(32), HIDDEN_FROM_MIN)).toThrow(RangeError)
  expect(() => createPublicIds(keyOf(1), 1)).toThrow(RangeError)
})
