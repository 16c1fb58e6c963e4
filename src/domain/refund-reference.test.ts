import fc from 'fast-check'
import { expect, test } from 'vitest'
import { looksLikeCardNumber } from './card-number.ts'
import type { RefundId } from './id.ts'
import { referenceNumberOf } from './refund.ts'

test('a refund’s reference number is unique, has 19 digits and is never a card number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (id) => {
      const number = referenceNumberOf(String(id) as RefundId)
      expect(number).toMatch(/^74[01]\d{16}$/)
      expect(looksLikeCardNumber(number)).toBe(false)
      expect(Number(number.slice(3))).toBe(id)
    }),
  )
})
