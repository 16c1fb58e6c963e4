import { expect, test } from 'vitest'
import { readDayOrTime } from '../domain/account-day.ts'
import type { Edition } from '../domain/payment-method.ts'
import { type ListSpan, readPeriod } from './list-spans.ts'
import { DAY_RULES, timesBetween } from './read-days.ts'
import { Problem } from './read-fields.ts'

const timeOf = (text: string) => Date.parse(text)

function readDays(days: { from_date: string; to_date: string }, edition: Edition) {
  const from = DAY_RULES.from_date(days.from_date, { edition })
  const to = DAY_RULES.to_date(days.to_date, { edition })
  if (from instanceof Problem || to instanceof Problem) throw new Error('a bound is no day')
  return timesBetween({ from_date: from, to_date: to })
}

test('a range of days follows the account’s time zone and includes its first and last day', () => {
  const days = { from_date: '2026-01-01', to_date: '2026-01-02' }
  expect(readDays(days, 'IN')).toEqual({
    createdFromMs: timeOf('2026-01-01T00:00:00+05:30'),
    createdToMs: timeOf('2026-01-03T00:00:00+05:30'),
  })
  expect(readDays(days, 'US')).toEqual({
    createdFromMs: timeOf('2026-01-01T00:00:00Z'),
    createdToMs: timeOf('2026-01-03T00:00:00Z'),
  })
})

test.each([
  ['2026-01-01T00:00:00+05:30', '2025-12-31T18:30:00.000Z', 1_000],
  ['2026-01-01T00:00:00 05:30', '2025-12-31T18:30:00.000Z', 1_000],
  ['2026-01-01T00:00:00-0800', '2026-01-01T08:00:00.000Z', 1_000],
  ['2026-01-01t00:00z', '2026-01-01T00:00:00.000Z', 60_000],
  ['2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00.500Z', 1],
])('a time with an offset is read as an exact bound: %s', (text, start, lengthMs) => {
  for (const edition of ['IN', 'US'] as const) {
    expect(readDayOrTime(text, edition)).toEqual({
      startMs: timeOf(start),
      endMs: timeOf(start) + lengthMs,
    })
  }
})

test.each([
  '2026-02-30',
  '2026-13-01',
  '2026-00-10',
  '2026-01-00',
  '22-11-2026',
  '2026-01-01T00:00:00',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01T00:00:00+24:00',
  '2026-01-01 ',
  'soon',
])('an invalid day or a time without an offset is refused: %s', (text) => {
  expect(readDayOrTime(text, 'IN')).toBeUndefined()
})

test('a last day before the first day is refused, and a range of one moment is accepted', () => {
  expect(() => readDays({ from_date: '2026-01-02', to_date: '2026-01-01' }, 'IN')).toThrow(
    'to_date',
  )
  const moment = '2026-01-01T00:00:00Z'
  expect(readDays({ from_date: moment, to_date: moment }, 'IN')).toEqual({
    createdFromMs: timeOf(moment),
    createdToMs: timeOf(moment) + 1_000,
  })
})

const NEW_YEAR_IN_INDIA = timeOf('2026-01-01T00:30:00+05:30')

test.each<[ListSpan, string, string, string, string]>([
  [
    'Today',
    '2026-01-01T00:00+05:30',
    '2026-01-02T00:00+05:30',
    '2025-12-31T00:00Z',
    '2026-01-01T00:00Z',
  ],
  [
    'ThisMonth',
    '2026-01-01T00:00+05:30',
    '2026-02-01T00:00+05:30',
    '2025-12-01T00:00Z',
    '2026-01-01T00:00Z',
  ],
  [
    'ThisYear',
    '2026-01-01T00:00+05:30',
    '2027-01-01T00:00+05:30',
    '2025-01-01T00:00Z',
    '2026-01-01T00:00Z',
  ],
  [
    'PreviousMonth',
    '2025-12-01T00:00+05:30',
    '2026-01-01T00:00+05:30',
    '2025-11-01T00:00Z',
    '2025-12-01T00:00Z',
  ],
  [
    'PreviousYear',
    '2025-01-01T00:00+05:30',
    '2026-01-01T00:00+05:30',
    '2024-01-01T00:00Z',
    '2025-01-01T00:00Z',
  ],
])('the span %s follows the account’s time zone', (span, inFrom, inTo, usFrom, usTo) => {
  const read = (edition: 'IN' | 'US') =>
    readPeriod({ filter_by: `ChargeDate.${span}` }, { edition, nowMs: NEW_YEAR_IN_INDIA })
  expect(read('IN')).toEqual({ createdFromMs: timeOf(inFrom), createdToMs: timeOf(inTo) })
  expect(read('US')).toEqual({ createdFromMs: timeOf(usFrom), createdToMs: timeOf(usTo) })
})
