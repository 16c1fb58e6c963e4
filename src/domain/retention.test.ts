import { expect, test } from 'vitest'
import { parseRetention, pruneBeforeMs, showRetention } from './retention.ts'

const DAY_MS = 24 * 60 * 60_000

test('a retention is days within its bounds, or forever', () => {
  expect(parseRetention('90d', 'unpaid_sessions')).toEqual({ keptMs: 90 * DAY_MS })
  expect(parseRetention('forever', 'events')).toEqual({ keptMs: undefined })
  expect(parseRetention('9999d', 'events')).toEqual({ keptMs: 9_999 * DAY_MS })
  expect(parseRetention('29d', 'unpaid_sessions')).toBeUndefined()
  expect(parseRetention('6d', 'events')).toBeUndefined()
  expect(parseRetention('0d', 'delivery_attempts')).toBeUndefined()
  for (const text of ['', '90', '90D', '-90d', '1.5d', '10000d', 'never', '90d ']) {
    expect(parseRetention(text, 'events')).toBeUndefined()
  }
  for (const text of ['1d', '365d', 'forever']) {
    expect(showRetention(parseRetention(text, 'delivery_attempts')?.keptMs)).toBe(text)
  }
})

test('a clock that is ahead of the stored time deletes nothing early', () => {
  const now = 1_000 * DAY_MS
  expect(pruneBeforeMs(now, undefined, 30 * DAY_MS)).toBe(970 * DAY_MS)
  expect(pruneBeforeMs(now + 400 * DAY_MS, now, 30 * DAY_MS)).toBe(970 * DAY_MS)
  expect(pruneBeforeMs(now, now + DAY_MS, 30 * DAY_MS)).toBe(970 * DAY_MS)
})
