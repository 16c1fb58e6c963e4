import { expect, test } from 'vitest'
import type { Currency } from '../domain/money.ts'
import { readMoney } from './read-amount.ts'
import { compileFieldsWith, Problem } from './read-fields.ts'
import { amountIn } from './schemas.ts'
import { Type } from './type.ts'

const Order = Type.Object({
  amount: amountIn('The amount.'),
  parts: Type.Optional(Type.Array(Type.Object({ amount: amountIn('A part.') }))),
  note: Type.Optional(Type.String({ maxLength: 20 })),
})

const amountTexts: string[] = []
const readOrder = compileFieldsWith<Currency>()(Order, {
  amount: (value, currency) => {
    amountTexts.push(String(value))
    return readMoney(value, currency)
  },
  parts: {
    each: { fields: { amount: readMoney } },
    check: (parts, _currency, { amount }) => {
      const total = parts.reduce((sum, part) => sum + part.amount.amountMinor, 0n)
      return total <= (amount?.amountMinor ?? 0n)
        ? undefined
        : new Problem('must not exceed amount')
    },
  },
  note: (text) => (text === 'bad' ? new Problem('must not be bad') : undefined),
})

test('an amount is parsed once, and checks of later fields get the parsed amount', () => {
  amountTexts.length = 0
  expect(readOrder({ amount: '10.50', parts: [{ amount: 10 }, { amount: '0.5' }] }, 'INR')).toEqual(
    {
      amount: { amountMinor: 1_050n, currency: 'INR' },
      parts: [
        { amount: { amountMinor: 1_000n, currency: 'INR' } },
        { amount: { amountMinor: 50n, currency: 'INR' } },
      ],
    },
  )
  expect(amountTexts).toEqual(['10.50'])
})

test.each<[name: string, input: object, message: string]>([
  ['the form of a field', { amount: true }, 'amount must be a positive amount in major units'],
  ['the rule of a field', { amount: 1.005 }, 'amount must have at most 2 digits'],
  ['an item', { amount: 1, parts: [{ amount: 0.001 }] }, 'parts[0].amount must have at most 2'],
  [
    'the sum of a list',
    { amount: 1, parts: [{ amount: 2 }], note: 'bad' },
    'parts must not exceed',
  ],
  ['a later field', { amount: 1, note: 'bad' }, 'note must not be bad.'],
])('the error names the first problem: %s', (_name, input, message) => {
  expect(() => readOrder(input as Parameters<typeof readOrder>[0], 'INR')).toThrow(message)
})

test('null and an empty text omit an optional field, and unknown fields are dropped', () => {
  expect(readOrder({ amount: 1, parts: null, note: '', more: 1 }, 'INR')).toEqual({
    amount: { amountMinor: 100n, currency: 'INR' },
  })
})
