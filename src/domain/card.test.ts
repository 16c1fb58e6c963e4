import { describe, expect, test } from 'vitest'
import {
  cardKindOf,
  containsCardNumber,
  digitsOf,
  groupCardDigits,
  isCardNumber,
  isExpiryAhead,
  parseCardExpiry,
} from './card.ts'

// Published test numbers of the schemes and of processors; none is a real card.
const NUMBERS = `
  number               brand             cvv  grouped
  4111111111111111     visa              3    4111 1111 1111 1111
  4000180000000002     visa              3    4000 1800 0000 0002
  5299920210000277     master_card       3    5299 9202 1000 0277
  2223003122003222     master_card       3    2223 0031 2200 3222
  6071489876543212     rupay             3    6071 4898 7654 3212
  378282246310005      american_express  4    3782 822463 10005
  30569309025904       diners_club       3    3056 930902 5904
  6011111111111117     discover          3    6011 1111 1111 1117
  3530111333300000     jcb               3    3530 1113 3330 0000
  6200000000000005     unionpay          3    6200 0000 0000 0005
`
const rows = NUMBERS.trim()
  .split('\n')
  .slice(1)
  .map((row) => row.trim().split(/\s{2,}/) as [string, string, string, string])

describe('a card number', () => {
  test.each(rows)(
    '%s is valid, has the brand %s and a security code of %s digits, and is printed as %s',
    (...row) => {
      const [number, brand, cvv, groupedNumber] = row
      expect(isCardNumber(number)).toBe(true)
      expect(cardKindOf(number)).toMatchObject({ brand, cvvLength: Number(cvv) })
      expect(groupCardDigits(number)).toBe(groupedNumber)
    },
  )

  test.each([
    ['508500', 'rupay'],
    ['606985', 'rupay'],
    ['607984', 'rupay'],
    ['652150', 'rupay'],
    ['817200', 'rupay'],
    ['508999', 'rupay'],
    ['411', 'visa'],
    ['4', undefined],
    ['', undefined],
    ['5', undefined],
    ['6', undefined],
    ['0000', undefined],
  ])('that begins with %j has the brand %s', (digits, brand) => {
    expect(cardKindOf(digits)?.brand).toBe(brand)
  })

  test.each([
    ['41111111', '4111 1111'],
    ['37', '37'],
    ['37828', '3782 8'],
    ['37828224631', '3782 822463 1'],
    ['123456789', '1234 5678 9'],
    ['', ''],
  ])('with the typed digits %j is shown as %j', (typedText, shownText) => {
    expect(groupCardDigits(typedText)).toBe(shownText)
  })

  test.each([
    ['a digit is wrong', '4111111111111112'],
    ['a digit is missing', '411111111111111'],
    ['it is empty', ''],
    ['it belongs to no scheme', '0000000000000000'],
    ['it contains a letter', '4111 1111 1111 111x'],
  ])('is invalid when %s', (_, text) => {
    expect(isCardNumber(text)).toBe(false)
  })

  test.each([
    ['4111 1111-1111.1111', '4111111111111111'],
    ['４１１１', '4111'],
    ['४१११', '4111'],
    ['٤١١١', '4111'],
    ['৪১১১', '4111'],
    ['card: none', ''],
  ])('typed as %j has the digits %j, in any script', (typedText, digits) => {
    expect(digitsOf(typedText)).toBe(digits)
  })
})

describe('a text', () => {
  test.each([
    ['4111111111111111'],
    ['Asha 4111 1111 1111 1111 Rao'],
    ['4111-1111-1111-1111'],
    ['4111.1111.1111.1111@okbank'],
    ['Asha Rao 4111111111111111 1240 987'],
    ['12 40 378282246310005'],
    ['४१११ ११११ ११११ ११११'],
    ['４１１１１１１１１１１１１１１１'],
    ['4111/1111/1111/1111'],
    ['4111_1111_1111_1111'],
    ['4111,1111,1111,1111'],
    ['4111:1111:1111:1111'],
    ['4111@1111@1111@1111'],
    ['4111|1111 * 1111+1111'],
    ['4111–1111–1111–1111'],
    ['4111ー1111ー1111ー1111'],
    ['4111\u200b1111\u200b1111\u200b1111'],
    ['4111\u20601111\u00ad1111\ufeff1111'],
    ['4111\u00001111\n1111\t1111'],
    ['4️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣'],
    ['Asha/4111/1111/1111/1111/Rao'],
    ['4111/1111/1111/1111 (12/40) 987'],
    ['asha@4111-1111-1111-1111.com'],
    ['4111111111111111@163.com'],
  ])('%j contains a card number', (text) => {
    expect(containsCardNumber(text)).toBe(true)
  })

  test.each([
    [''],
    ['Asha Rao'],
    ['4111111111111112'],
    ['+91 90000 00001'],
    ['asha.rao.1990@example.com'],
    ['41111111 and 11111111'],
    ['41111111111111114111111111111111'],
    ['asha.rao.1985@example.com'],
    ['asha_rao+12-07-1985@example.co.in'],
    ['9000000001@okbank'],
    ['919000000001@upi'],
    // These texts would pass the check if they were one number.
    ['13812345608@163.com'],
    ['9000000002@163.com'],
    ['+91 90000-00001'],
    ['(022) 2345-6789 / 2345-6790'],
    ['123456789012'],
    ['1234 5678 9012'],
    ['Asha R. O’Brien-Smith, Jr. (2nd)'],
    ['आशा राव'],
    ['Asha Rao 12/40 987'],
  ])('%j contains no card number', (text) => {
    expect(containsCardNumber(text)).toBe(false)
  })
})

test('a text of a hundred thousand groups of digits is searched without delay', () => {
  expect(containsCardNumber('1 '.repeat(100_000))).toBe(false)
  expect(containsCardNumber('x 7'.repeat(100_000))).toBe(false)
})

describe('a card’s expiry', () => {
  test.each([
    ['09/28', 9, 2028],
    ['9/28', 9, 2028],
    ['9 / 2028', 9, 2028],
    ['09-28', 9, 2028],
    ['09.2028', 9, 2028],
    ['09 28', 9, 2028],
    ['0928', 9, 2028],
    ['092028', 9, 2028],
    [' 12/30 ', 12, 2030],
    ['０９／２８', 9, 2028],
    ['०९/२८', 9, 2028],
  ])('%j is month %i of %i', (text, month, year) => {
    expect(parseCardExpiry(text)).toEqual({ month, year })
  })

  test.each(['', '13/28', '00/28', '0/28', '9/2', '9/028', '928', '09/28/01', 'Sep 28', '-9/28'])(
    '%j is refused',
    (text) => {
      expect(parseCardExpiry(text)).toBeUndefined()
    },
  )

  test.each([
    [9, 2028, '2028-09-30T23:59:59Z', true],
    // The month has ended in UTC, but not yet in the last time zone, UTC-12.
    [9, 2028, '2028-10-01T11:59:59Z', true],
    [9, 2028, '2028-10-01T12:00:00Z', false],
    [12, 2028, '2029-01-01T11:59:59Z', true],
    [12, 2028, '2029-01-01T12:00:00Z', false],
    [1, 2048, '2028-06-01T00:00:00Z', true],
    [1, 2049, '2028-06-01T00:00:00Z', false],
  ])('%i/%i is the expiry of a valid card at %s: %s', (month, year, now, isAhead) => {
    expect(isExpiryAhead(month, year, Date.parse(now))).toBe(isAhead)
  })
})
