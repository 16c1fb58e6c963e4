import { expect, test } from 'vitest'
import { readPhone } from '../domain/phone.ts'
import { type PayField, type PayForm, readPayForm, withoutSecrets } from './read-pay-form.ts'

const CONTEXT = {
  methods: ['card', 'upi', 'netbanking', 'wallet', 'ach_debit'],
  banks: [{ code: 'BANK', name: 'Bank' }],
  wallets: [{ code: 'WALLET', name: 'Wallet' }],
  readPhone,
  nowMs: Date.UTC(2026, 10, 28),
} as const
const CONTACT = { email: 'a@b.co', phone: '9000000001' }
const CARD = {
  method: 'card',
  card_number: '4111 1111 1111 1111',
  card_expiry: '12/40',
  card_cvv: '123',
  card_name: 'Asha Rao',
  email: CONTACT.email,
  phone: CONTACT.phone,
}
const UPI = { method: 'upi', upi_channel: 'collect', upi_id: 'asha@upi', email: 'a@b.co' }
const ACH = {
  method: 'ach_debit',
  ach_name: 'Asha Rao',
  ach_routing: '110000000',
  ach_account: '000123456789',
  ach_type: 'checking',
}
const CONTROLS = ['\u0000', '\u001b[2J', '\r\n', '\t', '\u007f', '\u009b', '\ud800']

const KEPT: readonly (readonly [PayField, PayForm])[] = [
  ['card_name', CARD],
  ['email', CARD],
  ['phone', CARD],
  ['upi_id', UPI],
  ['upi_channel', UPI],
  ['ach_name', ACH],
  ['ach_routing', ACH],
  ['ach_type', ACH],
  ['bank', { method: 'netbanking', bank: 'BANK' }],
  ['wallet', { method: 'wallet', wallet: 'WALLET' }],
]

test.each(KEPT)('a control character in %s is refused, and is not shown again', (field, form) => {
  expect(readPayForm(form, CONTEXT)).toHaveProperty('value')
  const text = form[field] ?? ''
  for (const control of CONTROLS) {
    const odd = { ...form, [field]: `${text.slice(0, 1)}${control}${text.slice(1)}` }
    expect([control, readPayForm(odd, CONTEXT)]).toEqual([
      control,
      { problems: expect.objectContaining({ [field]: { key: 'errorCharacters' } }) },
    ])
    expect(withoutSecrets(odd)).not.toHaveProperty(field)
  }
})

test('spaces and line breaks around a value are removed', () => {
  expect(readPayForm({ ...CARD, card_name: ' Asha Rao\r\n' }, CONTEXT)).toMatchObject({
    value: { instrument: { holderName: 'Asha Rao' } },
  })
})

test.each([
  ['9000000001', undefined, { phone: '9000000001' }],
  ['90000-00001', 'IN', { phone: '9000000001', dialingCode: '+91' }],
  ['+91 90000 00001', 'US', { phone: '9000000001', dialingCode: '+91' }],
  ['\u096f000000001', 'IN', { phone: '9000000001', dialingCode: '+91' }],
])('the phone number %s with the country %s is read as %j', (phone, phoneCountry, expected) => {
  const read = readPayForm(
    { ...CARD, phone },
    phoneCountry === undefined ? CONTEXT : { ...CONTEXT, phoneCountry },
  )
  expect(read).toMatchObject({ value: { customer: { email: 'a@b.co', ...expected } } })
})

test.each(['+999 12345', 'none', '1234567890123456'])(
  '%s is refused as a phone number',
  (phone) => {
    expect(readPayForm({ ...CARD, phone }, CONTEXT)).toMatchObject({
      problems: { phone: { key: 'errorPhone' } },
    })
  },
)

test('the page checks only the digits of a phone number, not the dialing code', () => {
  const { readPhone: _, ...inPage } = CONTEXT
  expect(readPayForm({ ...CARD, phone: '+91 90000 00001' }, inPage)).toMatchObject({
    value: { customer: { phone: '919000000001' } },
  })
  expect(readPayForm({ ...CARD, phone: 'none' }, inPage)).toMatchObject({
    problems: { phone: { key: 'errorPhone' } },
  })
})
