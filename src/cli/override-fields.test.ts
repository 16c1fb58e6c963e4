import { expect, test } from 'vitest'
import { parseOverride, patchText } from './override-fields.ts'

const SAMPLE = {
  amount: '100.00',
  date: 5,
  is_live: false,
  payment_method: { type: 'upi', upi: { upi_id: 'a@b' } },
  refunds: [{ amount: '1.00' }],
}
const patch = (...texts: readonly string[]) =>
  patchText(
    texts.map((text) => {
      const override = parseOverride(text)
      if (override === undefined) throw new Error(`${text} is no override`)
      return override
    }),
    SAMPLE,
    'payment',
  )

test('overrides become one patch, whose values have the types of the sample', () => {
  expect(patch('amount=7.00', 'payment_method.upi.upi_id=x=y', 'payment_method.type=upi')).toBe(
    '{"amount":"7.00","payment_method":{"upi":{"upi_id":"x=y"},"type":"upi"}}',
  )
  expect(patch('payment.amount=', 'is_live=true')).toBe('{"amount":"","is_live":true}')
  // A number keeps all its digits.
  expect(patch('date=12345678901234567890.10')).toBe('{"date":12345678901234567890.10}')
})

test('an override of an unknown field names the similar ones, and a value of another type is refused', () => {
  expect(() => patch('amout=1')).toThrow(/there is no amout\. Did you mean amount\?/)
  expect(() => patch('payment_method.upi.id=1')).toThrow(/there is no id\./)
  expect(() => patch('amount.value=1')).toThrow(/amount has no fields/)
  expect(() => patch('payment_method=x')).toThrow(/is an object or a list/)
  expect(() => patch('refunds=x')).toThrow(/is an object or a list/)
  expect(() => patch('date=soon')).toThrow(/date must be a number, such as 5/)
  expect(() => patch('is_live=1')).toThrow(/true or false/)
  expect(() => patch('constructor.name=x')).toThrow(/there is no constructor/)
  expect([parseOverride('amount'), parseOverride('=1')]).toEqual([undefined, undefined])
})
