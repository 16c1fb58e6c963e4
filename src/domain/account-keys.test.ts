import { expect, test } from 'vitest'
import {
  acceptsHash,
  KEY_OVERLAP_MS_MAX,
  previousAt,
  rotateKey,
  signingValueAt,
} from './account-keys.ts'

const NOW_MS = Date.UTC(2026, 10, 29)
const DAY_MS = 24 * 60 * 60_000

test.each([
  ['at the rotation', 0, true],
  ['a millisecond before its end', DAY_MS - 1, true],
  ['at its end', DAY_MS, false],
])('a replaced key is valid until its end and not longer: %s', (_, afterMs, isValid) => {
  const key = rotateKey({ value: 'old' }, 'new', NOW_MS, DAY_MS)
  expect(acceptsHash(key, 'old', NOW_MS + afterMs)).toBe(isValid)
  expect(acceptsHash(key, 'new', NOW_MS + afterMs)).toBe(true)
  expect(signingValueAt(key, NOW_MS + afterMs)).toBe(isValid ? 'old' : 'new')
})

test('a second rotation ends the older key at once, and without an overlap no old key is kept', () => {
  const twice = rotateKey(rotateKey({ value: '1' }, '2', NOW_MS, DAY_MS), '3', NOW_MS, DAY_MS)
  expect(['1', '2', '3'].map((hash) => acceptsHash(twice, hash, NOW_MS))).toEqual([
    false,
    true,
    true,
  ])
  expect(rotateKey(twice, '4', NOW_MS, 0)).toEqual({ value: '4' })
})

test('the correction of a clock ends an old key if the clock was years ahead at the rotation, but not if it was minutes ahead', () => {
  const yearsAhead = rotateKey({ value: 'old' }, 'new', NOW_MS + 1000 * DAY_MS, DAY_MS)
  expect(previousAt(yearsAhead, NOW_MS)).toBeUndefined()
  const minutesAhead = rotateKey({ value: 'old' }, 'new', NOW_MS + 300_000, KEY_OVERLAP_MS_MAX)
  expect(previousAt(minutesAhead, NOW_MS)).toMatchObject({ value: 'old' })
})
