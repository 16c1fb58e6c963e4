import { expect, test } from 'vitest'
import { ACCESS_TOKEN_LIFE_SECONDS, isAccessTokenExpired } from './grant-tokens.ts'

const NOW_MS = Date.UTC(2026, 10, 29)
const LIFE_MS = ACCESS_TOKEN_LIFE_SECONDS * 1000
const YEAR_MS = 365 * 86_400_000

test.each([
  ['just made', NOW_MS + LIFE_MS, false],
  ['a millisecond before its end', NOW_MS + 1, false],
  ['at its end', NOW_MS, true],
  ['made under a clock that was five minutes ahead', NOW_MS + 300_000 + LIFE_MS, false],
  ['made under a clock that was a year ahead', NOW_MS + YEAR_MS + LIFE_MS, true],
  ['of a sandbox, without an end', undefined, false],
])('an access token lives for an hour by the current clock: %s', (_, expiresAtMs, isExpired) => {
  expect(isAccessTokenExpired(expiresAtMs, NOW_MS)).toBe(isExpired)
})
