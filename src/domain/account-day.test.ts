import { expect, test } from 'vitest'
import { accountDayAt, accountDayStartMs, readDayOrTime, showAccountTime } from './account-day.ts'

test('a day of an IN account begins at midnight in India, of a US account at midnight UTC', () => {
  const newYear = { year: 2026, month: 0, day: 1 }
  expect(accountDayStartMs('IN', newYear)).toBe(Date.parse('2026-01-01T00:00:00+05:30'))
  expect(accountDayStartMs('US', newYear)).toBe(Date.parse('2026-01-01T00:00:00Z'))
  const lateInUtc = Date.parse('2025-12-31T18:30:00Z')
  expect(accountDayAt('IN', lateInUtc)).toEqual(newYear)
  expect(accountDayAt('IN', lateInUtc - 1)).toEqual({ year: 2025, month: 11, day: 31 })
  expect(accountDayAt('US', lateInUtc)).toEqual({ year: 2025, month: 11, day: 31 })
})

test.each([
  ['IN', '2026-11-22T09:30:00.250+05:30'],
  ['IN', '2026-01-01T00:00:00.000+05:30'],
  ['US', '2025-12-31T18:30:00.000Z'],
] as const)(
  'a time of the %s edition is shown with its offset, and is read back: %s',
  (edition, text) => {
    expect(showAccountTime(edition, Date.parse(text))).toBe(text)
    expect(readDayOrTime(text, edition)?.startMs).toBe(Date.parse(text))
  },
)
