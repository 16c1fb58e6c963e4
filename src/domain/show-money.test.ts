import { expect, test } from 'vitest'
import { showMoney } from './show-money.ts'

test.each([
  ['₹1,499.90', { amountMinor: 149_990n, currency: 'INR' }],
  ['₹1,29,999.90', { amountMinor: 12_999_990n, currency: 'INR' }],
  ['-₹100.00', { amountMinor: -10_000n, currency: 'INR' }],
  ['$129,999.90', { amountMinor: 12_999_990n, currency: 'USD' }],
  ['¥1,500', { amountMinor: 1_500n, currency: 'JPY' }],
  ['KWD\u00a01.500', { amountMinor: 1_500n, currency: 'KWD' }],
  // More digits than a float has.
  ['₹10,00,00,00,000.01', { amountMinor: 1_000_000_000_001n, currency: 'INR' }],
] as const)('%s', (text, money) => {
  expect(showMoney(money)).toBe(text)
})
