import { expect, test } from 'vitest'
import { maskAddress, maskContacts, maskPhone } from './mask-contacts.ts'

test('every address in an answer is masked, at any depth, and nothing else', () => {
  const answer = {
    code: 0,
    payment: {
      payment_id: '17',
      amount: '250.00',
      receipt_email: 'asha@example.com',
      phone: '9000000017',
      payment_method: { type: 'upi', upi: { upi_id: 'asha.rao@okbank' } },
      description: 'Two tins of tea',
    },
    customers: [{ email: '', phone: null }, { email: 'r@example.com' }],
  }
  expect(JSON.parse(maskContacts(JSON.stringify(answer)))).toEqual({
    code: 0,
    payment: {
      payment_id: '17',
      amount: '250.00',
      receipt_email: 'a•••@example.com',
      phone: '•••17',
      payment_method: { type: 'upi', upi: { upi_id: 'a•••@okbank' } },
      description: 'Two tins of tea',
    },
    customers: [{ email: '', phone: null }, { email: 'r•••@example.com' }],
  })
})

test('short and malformed addresses are masked whole', () => {
  expect([maskAddress('nobody'), maskAddress('@example.com'), maskPhone('12345')]).toEqual([
    '•••',
    '•••',
    '•••',
  ])
})
