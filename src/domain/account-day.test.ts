import { expect, test } from 'vitest'
import { accountDayAt, accountDayStartMs } from './account-day.ts'

test('a day of an IN account begins at midnight in India, of a US account at midnight UTC', () => {
  const newYear = { year: 2026, month: 0, day: 1 }
  expect(accountDayStartMs('IN', newYear)).toBe(Date.parse('2026-01-01T00:00:00+05:30'))
  expect(accountDayStartMs('US', newYear)).toBe(Date.parse('2026-01-01T00:00:00Z'))
  const lateInUtc = Date.parse('2025-12-31T18:30:00Z')
  expect(accountDayAt('IN', lateInUtc)).toEqual(newYear)
  expect(accountDayAt('IN', lateInUtc - 1)).toEqual({ year: 2025, month: 11, day: 31 })
  expect(accountDayAt('US', lateInUtc)).toEqual({ year: 2025, month: 11, day: 31 })
})
