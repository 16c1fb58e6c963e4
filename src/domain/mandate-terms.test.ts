import { expect, test } from 'vitest'
import {
  allowsAmount,
  cycleOf,
  defaultStartDay,
  type EnrollmentCharge,
  enrollmentChargeOf,
  executionDayRefusal,
  lastEndDay,
  type MandateTerms,
  mandateDayAt,
} from './mandate-terms.ts'

const TODAY = '2026-11-29'
const TERMS: MandateTerms = {
  amountRule: 'variable',
  frequency: 'monthly',
  description: 'Monthly fee',
  amountMinor: 500_000n,
  startOn: TODAY,
}

/** Returns the time of a day in India. `time`: `10:00`. */
const at = (day: string, time = '10:00'): number => Date.parse(`${day}T${time}:00+05:30`)

// The amount in paise, the first day, the result.
test.each<[bigint, string | undefined, EnrollmentCharge['kind'] | string]>([
  [0n, undefined, 'authorization'],
  [0n, '2026-11-30', 'authorization'],
  [0n, TODAY, 'below_first_debit'],
  [1n, undefined, 'neither_charge'],
  [99n, '2026-11-30', 'neither_charge'],
  [100n, undefined, 'authorization'],
  [100n, '2026-11-30', 'authorization'],
  [100n, TODAY, 'below_first_debit'],
  [101n, undefined, 'neither_charge'],
  [599n, '2026-11-30', 'neither_charge'],
  [599n, TODAY, 'below_first_debit'],
  [600n, undefined, 'first_debit'],
  [600n, TODAY, 'first_debit'],
  [600n, '2026-11-30', 'first_debit_before_start'],
])('an enrollment of %d paise with the first day %s is %s', (amountMinor, startOn, expected) => {
  const charge = enrollmentChargeOf(amountMinor, startOn, TODAY)
  expect('refused' in charge ? charge.refused : charge.kind).toBe(expected)
})

test('an authorization charges one rupee, even if the request says 0', () => {
  for (const amountMinor of [0n, 100n]) {
    expect(enrollmentChargeOf(amountMinor, undefined, TODAY)).toMatchObject({ amountMinor: 100n })
  }
})

test('a mandate without a first day begins today with a first debit, and tomorrow with an authorization', () => {
  expect(defaultStartDay('first_debit', '2026-12-31')).toBe('2026-12-31')
  expect(defaultStartDay('authorization', '2026-12-31')).toBe('2027-01-01')
})

test('the last possible day is 30 years after the first day, or 1 March for a first day of 29 February', () => {
  expect(lastEndDay('2026-11-29')).toBe('2056-11-29')
  expect(lastEndDay('2028-02-29')).toBe('2058-03-01')
})

test('a day ends at midnight in India', () => {
  expect(mandateDayAt(Date.parse('2026-11-29T18:29:59.999Z'))).toBe('2026-11-29')
  expect(mandateDayAt(Date.parse('2026-11-29T18:30:00.000Z'))).toBe('2026-11-30')
})

test.each<['fixed' | 'variable', bigint, boolean]>([
  ['fixed', 499_999n, false],
  ['fixed', 500_000n, true],
  ['fixed', 500_001n, false],
  ['variable', 1n, true],
  ['variable', 500_000n, true],
  ['variable', 500_001n, false],
])(
  'a %s mandate of 5000.00 allows a debit of %d paise: %s',
  (amountRule, amountMinor, expected) => {
    expect(allowsAmount({ ...TERMS, amountRule }, amountMinor)).toBe(expected)
  },
)

// The frequency, the first day of the mandate, a day, the first day of its cycle.
test.each<[MandateTerms['frequency'], string, string, string | undefined]>([
  ['as_presented', '2026-11-29', '2026-11-30', undefined],
  ['one_time', '2026-11-29', '2027-05-01', '2026-11-29'],
  ['daily', '2026-11-29', '2026-12-01', '2026-12-01'],
  // 29 November 2026 is a Sunday.
  ['weekly', '2026-11-01', '2026-11-29', '2026-11-23'],
  ['weekly', '2026-11-01', '2026-11-30', '2026-11-30'],
  ['weekly', '2026-11-01', '2027-01-01', '2026-12-28'],
  ['fortnightly', '2026-11-29', '2026-11-29', '2026-11-29'],
  ['fortnightly', '2026-11-29', '2026-12-12', '2026-11-29'],
  ['fortnightly', '2026-11-29', '2026-12-13', '2026-12-13'],
  ['monthly', '2026-11-29', '2026-11-30', '2026-11-01'],
  ['monthly', '2026-11-29', '2026-12-01', '2026-12-01'],
  ['monthly', '2026-11-29', '2028-02-29', '2028-02-01'],
  ['bimonthly', '2026-11-29', '2026-12-31', '2026-11-01'],
  ['bimonthly', '2026-11-29', '2027-01-01', '2027-01-01'],
  ['quarterly', '2026-11-29', '2027-01-31', '2026-11-01'],
  ['quarterly', '2026-11-29', '2027-02-01', '2027-02-01'],
  ['half_yearly', '2026-11-29', '2027-04-30', '2026-11-01'],
  ['half_yearly', '2026-11-29', '2027-05-01', '2027-05-01'],
  ['yearly', '2028-02-29', '2029-01-31', '2028-02-01'],
  ['yearly', '2028-02-29', '2029-02-01', '2029-02-01'],
])('a %s mandate from %s has on %s the cycle %s', (frequency, startOn, day, expected) => {
  expect(cycleOf({ frequency, startOn }, day)).toBe(expected)
})

// The frequency, the debit day, the days on which each rule allows a debit, and those on which it does not.
test.each<
  [
    MandateTerms['frequency'],
    number,
    NonNullable<MandateTerms['debitRule']>,
    readonly string[],
    readonly string[],
  ]
>([
  ['monthly', 29, 'on', ['2027-02-28', '2027-03-29', '2028-02-29'], ['2027-03-28', '2028-02-28']],
  ['monthly', 30, 'on', ['2027-02-28', '2027-04-30', '2028-02-29'], ['2027-03-31', '2028-02-28']],
  ['monthly', 31, 'on', ['2027-02-28', '2027-04-30', '2027-03-31'], ['2027-03-30', '2027-04-29']],
  ['monthly', 29, 'before', ['2027-03-01', '2027-03-29', '2027-02-28'], ['2027-03-30']],
  ['monthly', 30, 'before', ['2027-03-30', '2027-04-30', '2027-02-28'], ['2027-03-31']],
  ['monthly', 31, 'before', ['2027-03-31', '2027-04-30', '2028-02-29'], []],
  [
    'monthly',
    29,
    'after',
    ['2027-03-29', '2027-03-31', '2027-02-28'],
    ['2027-03-28', '2027-02-27'],
  ],
  [
    'monthly',
    30,
    'after',
    ['2027-03-30', '2027-04-30', '2028-02-29'],
    ['2027-03-29', '2028-02-28'],
  ],
  [
    'monthly',
    31,
    'after',
    ['2027-03-31', '2027-04-30', '2027-02-28'],
    ['2027-03-30', '2027-04-29'],
  ],
  ['yearly', 5, 'on', ['2027-03-05'], ['2027-03-04', '2027-03-06']],
  // 1 March 2027 is a Monday.
  ['weekly', 1, 'on', ['2027-03-01'], ['2027-03-02', '2027-03-07']],
  ['weekly', 7, 'on', ['2027-03-07'], ['2027-03-01', '2027-03-06']],
  ['weekly', 3, 'before', ['2027-03-01', '2027-03-03'], ['2027-03-04', '2027-03-07']],
  ['fortnightly', 3, 'after', ['2027-03-03', '2027-03-07'], ['2027-03-01', '2027-03-02']],
])(
  'a %s mandate with the debit day %i allows debits %s it',
  (frequency, debitDay, debitRule, good, bad) => {
    const terms: MandateTerms = { ...TERMS, frequency, debitDay, debitRule }
    for (const day of good) {
      expect([day, executionDayRefusal(terms, day, at(TODAY))]).toEqual([day, undefined])
    }
    for (const day of bad) {
      expect(executionDayRefusal(terms, day, at(TODAY))).toMatchObject({
        refused: 'off_debit_day',
        rule: debitRule,
      })
    }
  },
)

test('a refused day names the debit day of its month', () => {
  const terms: MandateTerms = { ...TERMS, debitDay: 31, debitRule: 'on' }
  expect(executionDayRefusal(terms, '2027-02-15', at(TODAY))).toEqual({
    refused: 'off_debit_day',
    rule: 'on',
    debitOn: '2027-02-28',
  })
})

// The time of the notice, the day of the debit, the result.
test.each<[number, string, string | undefined]>([
  [at(TODAY, '00:00'), '2026-11-29', 'too_soon'],
  [at(TODAY, '00:00'), '2026-11-30', undefined],
  [at(TODAY, '23:59'), '2026-11-30', undefined],
  [at('2026-11-30', '00:00'), '2026-11-30', 'too_soon'],
  [at('2026-11-30', '00:00'), '2026-12-01', undefined],
])('a notice at %i allows a debit on %s: %s', (nowMs, day, expected) => {
  expect(executionDayRefusal(TERMS, day, nowMs)?.refused).toBe(expected)
})

test('a debit is between the first and the last day of the mandate', () => {
  const terms: MandateTerms = { ...TERMS, startOn: '2026-12-10', endOn: '2026-12-20' }
  const refusals = ['2026-12-09', '2026-12-10', '2026-12-20', '2026-12-21'].map(
    (day) => executionDayRefusal(terms, day, at(TODAY))?.refused,
  )
  expect(refusals).toEqual(['before_start', undefined, undefined, 'after_end'])
})
