import fc from 'fast-check'
import { expect, test } from 'vitest'
import { factsOf, type Instrument } from './instrument.ts'

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
])('of %j is kept: %j', (instrument, facts) => {
  expect(factsOf(instrument)).toEqual(facts)
})

test('what is kept never has a card’s number or code, nor an account’s number', () => {
  const digits = (minLength: number, maxLength: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength })
  fc.assert(
    fc.property(digits(12, 19), digits(3, 4), digits(5, 17), (number, cvv, accountNumber) => {
      const values = (instrument: Instrument) => Object.values(factsOf(instrument)).map(String)
      const kept = values({ ...CARD, number, cvv })
      expect(factsOf({ ...CARD, number, cvv })).not.toHaveProperty('cvv')
      expect(kept.filter((value) => value.includes(number.slice(-5)))).toEqual([])
      // What begins the number is the brand's alone.
      expect(kept).toContain(number.slice(-4))
      const account = values({ ...ACCOUNT, accountNumber, routingNumber: '' })
      expect(account.filter((value) => value.includes(accountNumber))).toEqual([])
    }),
  )
})
