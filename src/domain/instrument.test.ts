import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { factsOf, type Instrument, type InstrumentFacts, keptFacts } from './instrument.ts'

const CARD: Instrument = {
  type: 'card',
  number: '4111111111111111',
  brand: 'visa',
  expiryMonth: 9,
  expiryYear: 2031,
  cvv: '987',
  holderName: 'Asha Rao',
}
const ACCOUNT: Instrument = {
  type: 'ach_debit',
  accountHolderName: 'Ann Lee',
  routingNumber: '110000000',
  accountNumber: '000123456789',
  accountType: 'savings',
}

test.each<[Instrument, object]>([
  [
    CARD,
    {
      type: 'card',
      brand: 'visa',
      lastFourDigits: '1111',
      expiryMonth: 9,
      expiryYear: 2031,
      holderName: 'Asha Rao',
    },
  ],
  [
    { type: 'upi', channel: 'collect', upiId: 'asha@okbank' },
    { type: 'upi', channel: 'collect', upiId: 'asha@okbank' },
  ],
  [
    { type: 'upi', channel: 'qr' },
    { type: 'upi', channel: 'qr' },
  ],
  [
    { type: 'netbanking', bankCode: 'b', bankName: 'Bank' },
    { type: 'netbanking', bankName: 'Bank' },
  ],
  [
    { type: 'wallet', walletCode: 'w', walletName: 'Purse' },
    { type: 'wallet', walletName: 'Purse' },
  ],
  [{ type: 'bank_transfer' }, { type: 'bank_transfer' }],
  [
    ACCOUNT,
    {
      type: 'ach_debit',
      accountHolderName: 'Ann Lee',
      lastFourDigits: '6789',
      accountType: 'savings',
      routingNumber: '110000000',
    },
  ],
])('the instrument %j is stored as %j', (instrument, facts) => {
  expect(factsOf(instrument)).toEqual(facts)
})

test('stored facts contain no card number, security code or account number', () => {
  const digits = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength })
  fc.assert(
    fc.property(digits(12, 19), digits(3, 4), digits(5, 17), (number, cvv, accountNumber) => {
      const values = (instrument: Instrument) => Object.values(factsOf(instrument)).map(String)
      const storedFacts = values({ ...CARD, number, cvv })
      expect(factsOf({ ...CARD, number, cvv })).not.toHaveProperty('cvv')
      expect(storedFacts.filter((value) => value.includes(number.slice(-5)))).toEqual([])
      // Only the last four digits are stored; the first digits are the brand's.
      expect(storedFacts).toContain(number.slice(-4))
      const account = values({ ...ACCOUNT, accountNumber, routingNumber: '' })
      expect(account.filter((value) => value.includes(accountNumber))).toEqual([])
    }),
  )
})

const CARD_FACTS: InstrumentFacts = {
  type: 'card',
  brand: 'visa',
  lastFourDigits: '1111',
  expiryMonth: 9,
  expiryYear: 2031,
  holderName: 'Asha Rao',
}
const ACH_FACTS: InstrumentFacts = {
  type: 'ach_debit',
  accountHolderName: 'Ann Lee',
  lastFourDigits: '6789',
  accountType: 'savings',
  routingNumber: '110000000',
}
const TRANSFER_FACTS: InstrumentFacts = {
  type: 'bank_transfer',
  virtualAccountNumber: 'PAYD411111111111',
  mode: 'RTGS',
  payerName: 'Asha Rao',
  payerIfscCode: 'HDFC0000001',
}

describe('facts from a processor module', () => {
  test.each<InstrumentFacts>([
    CARD_FACTS,
    { ...CARD_FACTS, funding: 'debit', brand: 'rupay' },
    { type: 'upi', channel: 'qr' },
    { type: 'upi', channel: 'collect', upiId: 'as****@okbank', accountType: 'credit_line' },
    { type: 'netbanking', bankName: 'Bank' },
    { type: 'wallet', walletName: 'Purse' },
    { type: 'bank_transfer' },
    TRANSFER_FACTS,
    ACH_FACTS,
    { ...ACH_FACTS, accountHolderType: 'individual' },
  ])('are stored when their fields are known: %j', (facts) => {
    expect(keptFacts(facts)).toEqual(facts)
    const more = { number: '4111111111111111', cvv: '987', accountNumber: '000123456789', x: 1 }
    expect(keptFacts({ ...facts, ...more })).toEqual(facts)
  })

  test.each<[what: string, facts: unknown]>([
    ['are not an object', 'card'],
    ['are null', null],
    ['have no type', { bankName: 'Bank' }],
    ['have an unknown type', { type: 'cheque' }],
    ['have a type that is a property of every object', { type: 'constructor' }],
    ['lack a required field', { type: 'netbanking' }],
    [
      'have a whole card number for the last digits',
      { ...CARD_FACTS, lastFourDigits: '4111111111111111' },
    ],
    ['have last digits that are a number', { ...CARD_FACTS, lastFourDigits: 1111 }],
    ['have an unknown brand', { ...CARD_FACTS, brand: '4111111111111111' }],
    ['have an unknown funding', { ...CARD_FACTS, funding: 'prepaid' }],
    ['have a thirteenth month', { ...CARD_FACTS, expiryMonth: 13 }],
    ['have a year of two digits', { ...CARD_FACTS, expiryYear: 31 }],
    ['have a card number for a year', { ...CARD_FACTS, expiryYear: 4111111111111111 }],
    ['have a card number for a name', { ...CARD_FACTS, holderName: 'Asha 4111/1111/1111/1111' }],
    ['have a name that is not a text', { ...CARD_FACTS, holderName: { first: 'Asha' } }],
    ['have a name that is too long', { ...CARD_FACTS, holderName: 'x'.repeat(201) }],
    [
      'have a card number for a UPI ID',
      { type: 'upi', channel: 'qr', upiId: '4111-1111-1111-1111@b' },
    ],
    ['have a card number for a bank', { type: 'netbanking', bankName: '4111 1111 1111 1111' }],
    ['have a card number for a wallet', { type: 'wallet', walletName: '4111 1111 1111 1111' }],
    ['have an account number for a routing number', { ...ACH_FACTS, routingNumber: '0001234567' }],
    ['have an unknown kind of holder', { ...ACH_FACTS, accountHolderType: 'Asha' }],
    ['have an unknown way of transfer', { ...TRANSFER_FACTS, mode: 'cheque' }],
    ['have an invalid bank code', { ...TRANSFER_FACTS, payerIfscCode: '000123456789' }],
    [
      'have a card number for a virtual account',
      { ...TRANSFER_FACTS, virtualAccountNumber: '4111 1111 1111 1111' },
    ],
    ['have a card number for a payer', { ...TRANSFER_FACTS, payerName: '4111111111111111' }],
    [
      'have a whole account number for the last digits',
      { ...ACH_FACTS, lastFourDigits: '000123456789' },
    ],
  ])('are not stored when they %s', (_what, facts) => {
    expect(keptFacts(facts)).toBeUndefined()
  })
})
