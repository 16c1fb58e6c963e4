import { expect, test } from 'vitest'
import {
  signRedirect,
  signWidgetPayment,
  verifyRedirect,
  verifyWidgetPayment,
} from './signature.ts'

const KEY = 'sandbox_signing_key_0123456789abcdef'

// Known answers, made by another program from the documented formula.
const REDIRECTS = [
  {
    values: {
      payments_session_id: '251234567890123',
      payment_session_status: 'succeeded',
      payment_id: '251234567890456',
      payment_status: 'succeeded',
      amount: '100.50',
      udf1: 'example_udf_1',
      udf5: 'example udf 5 & more',
    },
    signature: '01e2b045b9f479c18abbaffc9099d2640befdbc3409b76fab4ff500655c9d579',
  },
  {
    values: {
      payments_session_id: '251234567890123',
      payment_session_status: 'failed',
      amount: '100.50',
    },
    signature: '447e9f8940d0c80991ee6d459b2705d6268884c11a492d75e97d4ac9aec5faf6',
  },
]

test.each(REDIRECTS)(
  'the redirect with $values.payment_session_status has the known signature',
  (one) => {
    expect(signRedirect(one.values, KEY)).toBe(one.signature)
  },
)

test.each(REDIRECTS)(
  'a redirect is verified in any form, and not once anything is changed',
  (one) => {
    const parameters = new URLSearchParams({ ...one.values, signature: one.signature, mine: '1' })
    const url = `https://shop.example/thanks?order=1&${parameters}`
    expect(verifyRedirect(url, KEY)).toBe(true)
    expect(verifyRedirect(new URL(url), KEY)).toBe(true)
    expect(verifyRedirect(parameters, KEY)).toBe(true)
    expect(verifyRedirect(`${parameters}`, KEY)).toBe(true)

    expect(verifyRedirect(url, `${KEY}x`)).toBe(false)
    expect(verifyRedirect(url.replace('100.50', '1.50'), KEY)).toBe(false)
    expect(verifyRedirect(url.replace(/signature=\w+/, ''), KEY)).toBe(false)
    expect(verifyRedirect(url.replace(/signature=\w+/, 'signature='), KEY)).toBe(false)
  },
)

test('a widget payment has the known signature, and is not verified once it is changed', () => {
  const payment = { payment_id: '251234567890456', payment_session_id: '251234567890123' }
  const signature = '3f5f16f4081e39e57795f36e29b7d4c37e35fc29a4b653c768d1875515978770'
  expect(signWidgetPayment(payment, KEY)).toBe(signature)
  expect(verifyWidgetPayment({ ...payment, signature }, KEY)).toBe(true)
  expect(verifyWidgetPayment({ ...payment, payment_id: '1', signature }, KEY)).toBe(false)
  expect(verifyWidgetPayment(payment, KEY)).toBe(false)
})
