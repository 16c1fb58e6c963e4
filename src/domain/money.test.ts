import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CURRENCY_EXPONENTS } from './currency.ts'
import {
  type Currency,
  formatMoney,
  isCurrency,
  multiplyByRate,
  nearestAmount,
  readAmount,
} from './money.ts'

const CASES = `
  text                  currency  result
  100.50                INR       10050
  100.5                 INR       10050
  0100.5                INR       10050
  100.500               INR       10050
  1e3                   INR       100000
  1E+3                  INR       100000
  1005e-1               INR       10050
  0.01                  INR       1
  0.001                 INR       too_many_decimals
  1e-3                  INR       too_many_decimals
  100                   JPY       100
  100.0                 JPY       100
  100.5                 JPY       too_many_decimals
  1.234                 KWD       1234
  0                     INR       not_positive
  0.00                  INR       not_positive
  -0                    INR       not_positive
  -5                    INR       not_positive
  10000000000           INR       1000000000000
  10000000000.01        INR       too_large
  1e21                  INR       too_large
  1e999                 INR       too_large
  1e9999                INR       not_a_decimal
  １００                 INR       not_a_decimal
  1,000                 INR       not_a_decimal
  0x10                  INR       not_a_decimal
  NaN                   INR       not_a_decimal
`
const rows = CASES.trim()
  .split('\n')
  .slice(1)
  .map((row) => row.trim().split(/\s+/) as [string, Currency, string])

test.each(rows)('the amount %s %s is read as %s', (text, currency, expected) => {
  const reading = readAmount(text, currency)
  expect('refused' in reading ? reading.refused : String(reading.amountMinor)).toBe(expected)
})

const currencies = fc.constantFrom(...(Object.keys(CURRENCY_EXPONENTS) as Currency[]))

test('every amount is equal after formatting and parsing, in every currency', () => {
  const amounts = fc.bigInt({ min: 1n, max: 10n ** 12n })
  fc.assert(
    fc.property(amounts, currencies, (amountMinor, currency) => {
      const money = { amountMinor, currency }
      expect(readAmount(formatMoney(money), currency)).toEqual(money)
    }),
  )
})

test('an amount is read exactly or refused, even where JavaScript would round it', () => {
  const digits = fc
    .tuple(fc.nat(999_999_999), fc.nat(9_999))
    .map(([whole, part]) => `${whole}.${String(part).padStart(4, '0')}`)
  fc.assert(
    fc.property(digits, (text) => {
      const reading = readAmount(text, 'INR')
      const isFiner = !text.endsWith('00')
      if (isFiner) expect(reading).toMatchObject({ refused: 'too_many_decimals' })
      else if (!('refused' in reading)) expect(`${formatMoney(reading)}00`).toBe(text)
      else expect(reading.refused).toBe('not_positive')
    }),
  )
})

test('the reader of amounts never throws, for any text', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 200 }),
      currencies,
      (text, currency) => void readAmount(text, currency),
    ),
  )
})

test('ISO codes without payments, such as metals, are not currencies', () => {
  for (const code of ['XXX', 'XTS', 'XAU', 'inr', '', 'constructor', '__proto__']) {
    expect(isCurrency(code)).toBe(false)
  }
  expect(['INR', 'USD', 'JPY', 'KWD', 'XOF', 'XCG'].every(isCurrency)).toBe(true)
})

test('half of a minor unit is rounded up, and less than half is rounded down', () => {
  expect(multiplyByRate(5n, 1n, 10n, 'half_up')).toBe(1n)
  expect(multiplyByRate(49n, 1n, 100n, 'half_up')).toBe(0n)
  expect(multiplyByRate(99n, 1n, 100n, 'down')).toBe(0n)
})

test.each([
  ['100.005', 'INR', '100.01'],
  ['100.004', 'INR', '100.00'],
  ['1e-3', 'INR', undefined],
  ['9.99999e2', 'INR', '1000.00'],
  ['100.5', 'JPY', '101'],
  ['100.50', 'INR', undefined],
  ['-1.005', 'INR', undefined],
  ['9999999999999.999', 'INR', undefined],
  ['abc', 'INR', undefined],
] as const)('the amount nearest to %s %s is %s', (decimal, currency, expected) => {
  const nearest = nearestAmount(decimal, currency)
  expect(nearest && formatMoney(nearest)).toBe(expected)
})
