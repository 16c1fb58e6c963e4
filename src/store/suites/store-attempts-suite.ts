import { describe, expect, test } from 'vitest'
import {
  attemptOf,
  decided,
  draw,
  NOW_MS,
  type OpenEngine,
  session,
  useStore,
} from '../../../test/support/stored-rows.ts'
import { type AttemptMoney, NO_MONEY } from '../../domain/payment-attempt.ts'

/** Payment attempts, as tests that every engine passes. */
export function attemptTests(open: OpenEngine): void {
  describe('attempts', () => {
    const db = useStore(open)

    test('are read as they were stored, with every field and with as few as they can have', async () => {
      const one = session()
      await db.store.insertPaymentSession(one, undefined, NOW_MS)
      const bare = attemptOf(one, 1)
      const open = attemptOf(one, 2, {
        status: 'pending',
        instrument: {
          type: 'card',
          brand: 'rupay',
          lastFourDigits: '3212',
          expiryMonth: 9,
          expiryYear: 2031,
          holderName: 'Asha "₹" 😀',
          funding: 'debit',
        },
        customer: { email: 'asha@example.in', phone: '919876543210' },
        processorReference: 'p 😀',
        action: { kind: 'redirect', to: 'issuer', url: 'https://issuer.example/?a="b"' },
        askedCount: 3,
      })
      const failed = decided(attemptOf(one, 3, { processorReference: 'p3' }), {
        status: 'failed',
        declineCode: 'expired_card',
      })
      const attempts = [bare, open, failed]
      const inserted = await db.store.transaction((tx) =>
        Promise.all(attempts.map((attempt) => tx.insertPaymentAttempt(attempt))),
      )
      expect(inserted).toEqual([true, true, true])
      for (const attempt of attempts) {
        expect(await db.store.findPaymentAttempt(attempt.id)).toEqual(attempt)
      }
      expect(await db.store.listPaymentAttempts(one.id)).toEqual([failed, open, bare])
      expect(await db.store.findPaymentAttempt(draw(1))).toBeUndefined()
    })

    test('are changed as a whole: what has gone is gone', async () => {
      const one = session()
      await db.store.insertPaymentSession(one, undefined, NOW_MS)
      const before = attemptOf(one, 1, {
        status: 'pending',
        processorReference: 'p1',
        action: { kind: 'upi_approve' },
      })
      const { action: _, ...rest } = before
      const after = decided(rest, {
        status: 'refunded',
        processorReference: 'p2',
        instrument: { type: 'wallet', walletName: 'Purse' },
        askedCount: 9,
      })
      const seen = await db.store.transaction(async (tx) => {
        await tx.insertPaymentAttempt(before)
        await tx.updatePaymentAttempt(after)
        return [await tx.findPaymentAttempt(after.id), await tx.listPaymentAttempts(one.id)]
      })
      expect(seen).toEqual([after, [after]])
      expect(await db.store.findPaymentAttempt(after.id)).toEqual(after)
    })

    test('an id that is taken is answered so, and the first attempt stays', async () => {
      const one = session()
      await db.store.insertPaymentSession(one, undefined, NOW_MS)
      const first = attemptOf(one, 1)
      const second = { ...attemptOf(one, 2), id: first.id }
      await db.store.transaction((tx) => tx.insertPaymentAttempt(first))
      expect(await db.store.transaction((tx) => tx.insertPaymentAttempt(second))).toBe(false)
      expect(await db.store.listPaymentAttempts(one.id)).toEqual([first])
    })

    test('a session cannot have two successes, nor two attempts with one number', async () => {
      const one = session()
      await db.store.insertPaymentSession(one, undefined, NOW_MS)
      const [first, second] = [attemptOf(one, 1), attemptOf(one, 2)]
      await db.store.transaction(async (tx) => {
        await tx.insertPaymentAttempt(first)
        await tx.insertPaymentAttempt(second)
        await tx.updatePaymentAttempt(decided(first, { status: 'succeeded' }))
      })
      const again = decided(second, { status: 'succeeded' })
      await expect(db.store.transaction((tx) => tx.updatePaymentAttempt(again))).rejects.toThrow()
      await expect(
        db.store.transaction((tx) => tx.insertPaymentAttempt(attemptOf(one, 2))),
      ).rejects.toThrow()
      expect(await db.store.findPaymentAttempt(second.id)).toEqual(second)
    })

    test('what an attempt was worth is read as it was written, the largest amount too', async () => {
      const one = session()
      await db.store.insertPaymentSession(one, undefined, NOW_MS)
      const max = 10n ** 12n
      const attempt = decided(attemptOf(one, 1), {
        status: 'succeeded',
        money: {
          capturedMinor: max,
          feeMinor: max - 1n,
          taxMinor: 1n,
          refundedMinor: max - 3n,
          refundingMinor: 3n,
          transferredMinor: max,
        },
      })
      const later = { ...attempt, money: { ...attempt.money, refundingMinor: 0n, feeMinor: 7n } }
      await db.store.transaction((tx) => tx.insertPaymentAttempt(attempt))
      expect(await db.store.findPaymentAttempt(attempt.id)).toEqual(attempt)
      await db.store.transaction((tx) => tx.updatePaymentAttempt(later))
      expect(await db.store.findPaymentAttempt(attempt.id)).toEqual(later)
      expect(await db.store.listPaymentAttempts(one.id)).toEqual([later])
    })

    test.each<[what: string, money: Partial<AttemptMoney>]>([
      ['more given back than taken', { refundedMinor: 101n }],
      ['more set aside than taken', { refundingMinor: 101n }],
      ['more given back and set aside than taken', { refundedMinor: 60n, refundingMinor: 41n }],
      ['more passed on than taken', { transferredMinor: 101n }],
      ['less than nothing taken', { capturedMinor: -1n }],
      ['less than nothing given back', { refundedMinor: -1n }],
      ['less than nothing set aside', { refundedMinor: 100n, refundingMinor: -1n }],
      ['less than nothing passed on', { transferredMinor: -1n }],
      ['a fee below nothing', { feeMinor: -1n }],
      ['a tax below nothing', { taxMinor: -1n }],
    ])('the database itself refuses %s', async (_, money) => {
      const one = session()
      await db.store.insertPaymentSession(one, undefined, NOW_MS)
      const taken = { ...NO_MONEY, capturedMinor: 100n }
      const attempt = decided(attemptOf(one, 1), { status: 'succeeded', money: taken })
      const wrong = { ...attempt, money: { ...taken, ...money } }
      await expect(db.store.transaction((tx) => tx.insertPaymentAttempt(wrong))).rejects.toThrow()
      await db.store.transaction((tx) => tx.insertPaymentAttempt(attempt))
      await expect(db.store.transaction((tx) => tx.updatePaymentAttempt(wrong))).rejects.toThrow()
      expect(await db.store.findPaymentAttempt(attempt.id)).toEqual(attempt)
    })
  })
}
