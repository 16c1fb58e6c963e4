import fc from 'fast-check'
import { expect, test } from 'vitest'
import { looksLikeCardNumber } from './card-number.ts'
import type { RefundId } from './id.ts'
import { referenceNumberOf } from './refund.ts'

test('a reference number has 19 digits, is never a card number, and each refund has its own', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (id) => {
      const number = referenceNumberOf(String(id) as RefundId)
      expect(number).toMatch(/^74[01]\d{16}$/)
      expect(looksLikeCardNumber(number)).toBe(false)
      expect(Number(number.slice(3))).toBe(id)
    }),
  )
})
