import fc from 'fast-check'
import { expect, test } from 'vitest'
import { looksLikeCardNumber, numberLooksLikeCardNumber } from './card-number.ts'
import {
  BUCKET_COUNT,
  bucketOf,
  COUNTER_COUNT,
  createIdDraw,
  ID_EPOCH_MS,
  idFrom,
  parseAccountId,
  parseId,
  partsOfId,
} from './id.ts'

test('every id contains its bucket, and JavaScript represents it exactly', () => {
  const parts = fc.record({
    seconds: fc.nat(2 ** 31 - 1),
    bucket: fc.nat(BUCKET_COUNT - 1),
    counter: fc.nat(COUNTER_COUNT - 1),
  })
  fc.assert(
    fc.property(parts, (idParts) => {
      const id = idFrom(idParts)
      expect(bucketOf(id)).toBe(idParts.bucket)
      expect(partsOfId(id)).toEqual(idParts)
      expect(Number.isSafeInteger(Number(id))).toBe(true)
      expect(id.length).toBeLessThanOrEqual(16)
    }),
  )
})

test('parts that are out of range are refused', () => {
  expect(() => idFrom({ seconds: -1, bucket: 0, counter: 0 })).toThrow(RangeError)
  expect(() => idFrom({ seconds: 0, bucket: BUCKET_COUNT, counter: 0 })).toThrow(RangeError)
  expect(() => idFrom({ seconds: 0, bucket: 0, counter: COUNTER_COUNT })).toThrow(RangeError)
})

test('100,000 ids of one bucket differ, even when the clock stands still and jumps back', () => {
  let nowMs = ID_EPOCH_MS + 60_000_000_000
  const draw = createIdDraw(
    () => nowMs,
    (bound) => Math.floor(Math.random() * bound),
  )
  const ids = new Set<string>()
  for (let count = 0; count < 50_000; count += 1) ids.add(draw(3))
  nowMs -= 3_600_000
  for (let count = 0; count < 50_000; count += 1) ids.add(draw(3))
  expect(ids.size).toBe(100_000)
  for (const id of ids) expect(bucketOf(id)).toBe(3)
})

test('no id looks like a card number', () => {
  const draw = createIdDraw(
    () => Date.UTC(2026, 10, 22),
    () => 0,
  )
  for (let count = 0; count < 20_000; count += 1) expect(looksLikeCardNumber(draw(9))).toBe(false)
})

test('an id has at least 15 digits, even when the clock shows a time long past', () => {
  const draw = createIdDraw(
    () => 0,
    () => 0,
  )
  expect(Array.from({ length: 3 }, () => draw(0).length)).toEqual([15, 15, 15])
})

test.each([
  ['250301496979812', true],
  ['1', true],
  ['9007199254740991', true],
  ['9007199254740992', false],
  ['0', false],
  ['01', false],
  ['-1', false],
  ['1.0', false],
  ['1e3', false],
  ['12345678901234567', false],
  ['', false],
  ['１２', false],
])('%j is an id: %s', (text, isId) => {
  expect(parseId(text) !== undefined).toBe(isId)
  expect(parseAccountId(text) !== undefined).toBe(isId)
})

test.each([
  ['4111111111111111', true],
  ['4111 1111 1111 1111', true],
  ['4111-1111-1111-1111', true],
  ['6071489876543212', true],
  ['4111111111111112', false],
  ['411111111111', false],
  ['0'.repeat(20), false],
  ['order 4111111111111111', false],
])('%j looks like a card number: %s', (text, looksLikeIt) => {
  expect(looksLikeCardNumber(text)).toBe(looksLikeIt)
})

test('a number looks like a card number exactly when its digits do', () => {
  const digits = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
  const close = fc.integer({ min: 0, max: 9 }).map((last) => 411_111_111_111_111 * 10 + last)
  fc.assert(
    fc.property(fc.oneof(digits, close), (number) => {
      expect(numberLooksLikeCardNumber(number)).toBe(looksLikeCardNumber(String(number)))
    }),
    { numRuns: 5_000 },
  )
  expect(numberLooksLikeCardNumber(999_999_999_999)).toBe(false)
  expect(numberLooksLikeCardNumber(4_222_222_222_222)).toBe(true)
})
