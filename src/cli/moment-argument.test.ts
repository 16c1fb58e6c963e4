import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { isDayOfCalendar, momentFrom } from './moment-argument.ts'

test('a moment is a day or a time that exists', () => {
  expect(momentFrom('2026-11-28T14:00Z')).toBe(Date.UTC(2026, 10, 28, 14))
  expect(momentFrom('2028-02-29')).toBe(new Date(2028, 1, 29).getTime())
  for (const text of ['2026-02-29', '2026-02-30', '2026-04-31T10:00Z', '2026-13-01', 'today']) {
    expect(() => momentFrom(text), text).toThrow(InvalidArgumentError)
  }
})

test('a day that does not exist is refused', () => {
  const days = ['2028-02-29', '2026-11-22T09:30:00+05:30', '2026-02-30', '2026-06-31T00:00Z', '']
  expect(days.filter(isDayOfCalendar)).toEqual(['2028-02-29', '2026-11-22T09:30:00+05:30'])
})
