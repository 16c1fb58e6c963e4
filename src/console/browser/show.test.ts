import { expect, test } from 'vitest'
import { showAmount, showAmountText, showMethod } from './show.ts'

test.each([
  ['INR', '0.50', '₹0.50'],
  ['INR', '1499.90', '₹1,499.90'],
  ['INR', '100000.00', '₹1,00,000.00'],
  ['INR', '-1234567.89', '-₹12,34,567.89'],
  ['INR', '10000000000.00', '₹10,00,00,00,000.00'],
  ['USD', '1234567.89', '$1,234,567.89'],
  ['JPY', '123456', 'JPY 123,456'],
  ['KWD', '1234.567', 'KWD 1,234.567'],
])(
  'an amount keeps all digits, with the separators of its currency: %s %s',
  (currency, amount, shownText) => {
    expect(showAmount({ amount, currency })).toBe(shownText)
  },
)

test('a text that is not an amount is not grouped', () => {
  expect(showAmountText('INR 2450.00')).toBe('₹2,450.00')
  expect(showAmountText('upi_timeout: INR 2450.00')).toBe('upi_timeout: INR 2450.00')
})

test.each([
  ['UPI', ['upi']],
  ['net banking', ['netbanking', 'net_banking']],
  ['ACH debit', ['ach_debit']],
  ['terminal', ['terminal', 'pos']],
  ['in progress', ['in_progress']],
])('%s is the one text for the method names %j', (shownText, names) => {
  expect(names.map(showMethod)).toEqual(names.map(() => shownText))
})
