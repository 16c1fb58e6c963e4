import { describe, expect, test } from 'vitest'
import { createMask } from './mask.ts'

const TOKEN = `1000.${'ab'.repeat(16)}.${'cd'.repeat(16)}`
const { maskText, maskValue } = createMask({
  token: TOKEN,
  accountId: '60012345678',
  webhookUrl: 'https://hooks.shop.example/secret-path',
})

describe('a report never contains', () => {
  test.each([
    ['the token', `bad token ${TOKEN}`, 'bad token [token]'],
    ['the token in capitals', TOKEN.toUpperCase(), '[token]'],
    ['another token', `1003.${'0'.repeat(32)}.${'1'.repeat(32)}`, '[token]'],
    ['the account', 'account 60012345678 is unknown', 'account [account] is unknown'],
    ['the person’s address', 'https://hooks.shop.example/secret-path', '[webhook address]'],
    ['an e-mail address', 'sent to asha.rao+x@mail.example.', 'sent to [address].'],
    ['a phone number', 'call +91 90000 00001', 'call [phone number]'],
    [
      'the key of a link',
      'https://pay.example/paymentlink/01ab',
      'https://pay.example/paymentlink/[key]',
    ],
    ['a card number', 'card 4111 1111 1111 1111', 'card [card]'],
  ])('%s', (_, text, maskedText) => {
    expect(maskText(text)).toBe(maskedText)
  })

  test('the texts of fields with secrets and personal data', () => {
    expect(
      maskValue({
        access_key: 'AQAA5W7x',
        signing_key: 'whsec_1',
        receipt_email: 'asha',
        phone: '9000000001',
        customer_name: 'Asha Rao',
        card: { card_holder_name: 'Asha Rao', last_four_digits: '1111' },
        account_number: 'PAYDK7QF2MZ4XWB3N5T',
        email: true,
      }),
    ).toEqual({
      access_key: '[text of 8 characters]',
      signing_key: '[text of 7 characters]',
      receipt_email: '[text of 4 characters]',
      phone: '[text of 10 digits]',
      customer_name: '[text of 8 characters]',
      card: { card_holder_name: '[text of 8 characters]', last_four_digits: '1111' },
      account_number: '[text of 19 characters]',
      email: true,
    })
  })

  test('texts of objects that the run has not made', () => {
    const payment = { description: 'Order of Asha', status: 'succeeded', amount: '10.00', date: 17 }
    expect(maskValue({ payments: [payment], account_id: 60012345678 }, true)).toEqual({
      payments: [
        {
          description: '[text of 13 characters]',
          status: 'succeeded',
          amount: '[text of 5 characters, a number with 2 decimals]',
          date: 17,
        },
      ],
      account_id: '[account]',
    })
  })
})

test('a report keeps descriptions, statuses, ids and times of its own objects', () => {
  const session = {
    payments_session_id: '5000000041007',
    description: 'Order 8841',
    status: 'created',
    created_time: 1763800000,
  }
  expect(maskValue(session)).toEqual(session)
})

test('a report stays small for long lists, long texts and deep values', () => {
  expect(maskValue([1, 2, 3, 4, 5])).toEqual([1, 2, 3, '[2 more]'])
  expect(maskText('x'.repeat(5_000)).length).toBe(501)
  let deep: unknown = 'x'
  for (let depth = 0; depth < 100; depth += 1) deep = [deep]
  expect(JSON.stringify(maskValue(deep))).toContain('[deeper]')
  // A hostile text costs no more time than any other text of its length.
  for (const hostile of ['a', '+', '1', '-', '@', 'a@', '+1', '/charge/']) {
    expect(maskText(hostile.repeat(200_000)).length).toBeLessThanOrEqual(501)
  }
})
