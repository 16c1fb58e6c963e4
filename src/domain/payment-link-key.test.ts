import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { containsCardNumber } from './card.ts'
import type { PaymentLinkId } from './id.ts'
import {
  drawPaymentLinkKey,
  makePaymentLinkKey,
  opensPaymentLink,
  readPaymentLinkKey,
} from './payment-link-key.ts'

const MAC_KEY = new Uint8Array(32).fill(7)
const RANDOM = Uint8Array.from({ length: 8 }, (_, index) => index + 1)
const ID = '5000000051007' as PaymentLinkId

test('a key is 52 hexadecimal digits: version, id, random bytes and their signature', () => {
  const body = `01${BigInt(ID).toString(16).padStart(14, '0')}0102030405060708`
  const mac = createHmac('sha256', MAC_KEY).update(Buffer.from(body, 'hex')).digest('hex')
  expect(makePaymentLinkKey(ID, RANDOM, MAC_KEY)).toBe(body + mac.slice(0, 20))
})

test('every key names its link', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      (number, random) => {
        const id = String(number) as PaymentLinkId
        const key = makePaymentLinkKey(id, random, MAC_KEY)
        expect(key).toMatch(/^[0-9a-f]{52}$/)
        expect(readPaymentLinkKey(key, MAC_KEY)).toBe(id)
      },
    ),
  )
})

test('a key with any other digit, length or signature is refused', () => {
  const key = makePaymentLinkKey(ID, RANDOM, MAC_KEY)
  const changedKeys = [...key].map(
    (digit, index) => key.slice(0, index) + (digit === '0' ? '1' : '0') + key.slice(index + 1),
  )
  const others = [...changedKeys, key.toUpperCase(), key.slice(2), `${key}00`, '', 'g'.repeat(52)]
  for (const text of others) expect(readPaymentLinkKey(text, MAC_KEY)).toBeUndefined()
  expect(readPaymentLinkKey(key, new Uint8Array(32).fill(8))).toBeUndefined()
})

test('a key opens only the link whose address ends with it', () => {
  const [key, other] = [RANDOM, RANDOM.toReversed()].map((random) =>
    makePaymentLinkKey(ID, random, MAC_KEY),
  ) as [string, string]
  const link = { url: `https://pay.shop.test/base/paymentlink/${key}` }
  expect([opensPaymentLink(key, link), opensPaymentLink(other, link)]).toEqual([true, false])
})

test('a new key has no digits that look like a card number: another id and other bytes are drawn', () => {
  const randoms = [Buffer.from('a4222222222222ff', 'hex'), RANDOM]
  const ids = ['5000000051006' as PaymentLinkId, ID]
  expect(containsCardNumber(makePaymentLinkKey(ids[0] ?? ID, randoms[0] ?? RANDOM, MAC_KEY))).toBe(
    true,
  )
  const link = drawPaymentLinkKey(
    () => ids.shift() ?? ID,
    { bytes: () => randoms.shift() ?? RANDOM },
    MAC_KEY,
  )
  expect(link).toEqual({ id: ID, key: makePaymentLinkKey(ID, RANDOM, MAC_KEY) })
})
