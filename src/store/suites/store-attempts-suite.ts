import { describe, expect, test } from 'vitest'
import {
  attemptOf,
  draw,
  NOW_MS,
  type OpenEngine,
  session,
  useStore,
  withOutcome,
} from '../../../test/support/stored-rows.ts'
import { type AttemptMoney, NO_MONEY } from '../../domain/payment-attempt.ts'

/** Payment attempts, as tests that every engine passes. */
export function attemptTests(open: OpenEngine): void {
  describe('attempts', () => {
    const db = useStore(open)

    test('are read back unchanged, with all fields and with only the required fields', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
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
        queryCount: 3,
      })
      const failedAttempt = withOutcome(attemptOf(one, 3, { processorReference: 'p3' }), {
        status: 'failed',
        declineCode: 'expired_card',
      })
      const attempts = [bare, open, failedAttempt]
      const insertions = await db.store.transaction((tx) =>
        Promise.all(attempts.map((attempt) => tx.paymentAttempts.insert(attempt))),
      )
      expect(insertions).toEqual([true, true, true])
      for (const attempt of attempts) {
        expect(await db.store.paymentAttempts.find(attempt.id)).toEqual(attempt)
      }
      expect(await db.store.paymentAttempts.listBySession(one.id)).toEqual([
        failedAttempt,
        open,
        bare,
      ])
      const outlines = [failedAttempt, open, bare].map(({ createdAtMs, id, status }) => ({
        id,
        status,
        createdAtMs,
      }))
      const [knownOutlines, unknownOutlines, again] = await Promise.all(
        [one.id, session().id, one.id].map((id) => db.store.paymentAttempts.listOutlines(id)),
      )
      expect([knownOutlines, unknownOutlines, again]).toEqual([outlines, [], outlines])
      expect(await db.store.paymentAttempts.find(draw(1))).toBeUndefined()
    })

    test('are replaced by an update, which removes absent fields', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      const before = attemptOf(one, 1, {
        status: 'pending',
        processorReference: 'p1',
        action: { kind: 'upi_approve' },
      })
      const { action: _, ...rest } = before
      const after = withOutcome(rest, {
        status: 'refunded',
        processorReference: 'p2',
        instrument: { type: 'wallet', walletName: 'Purse' },
        queryCount: 9,
      })
      const reads = await db.store.transaction(async (tx) => {
        await tx.paymentAttempts.insert(before)
        await tx.paymentAttempts.update(after)
        return [
          await tx.paymentAttempts.find(after.id),
          await tx.paymentAttempts.listBySession(one.id),
        ]
      })
      expect(reads).toEqual([after, [after]])
      expect(await db.store.paymentAttempts.find(after.id)).toEqual(after)
    })

    test('a duplicate id is reported, and the first attempt stays', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      const first = attemptOf(one, 1)
      const second = { ...attemptOf(one, 2), id: first.id }
      await db.store.transaction((tx) => tx.paymentAttempts.insert(first))
      expect(await db.store.transaction((tx) => tx.paymentAttempts.insert(second))).toBe(false)
      expect(await db.store.paymentAttempts.listBySession(one.id)).toEqual([first])
    })

    test('a session cannot have two successes, nor two attempts with one number', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      const [first, second] = [attemptOf(one, 1), attemptOf(one, 2)]
      await db.store.transaction(async (tx) => {
        await tx.paymentAttempts.insert(first)
        await tx.paymentAttempts.insert(second)
        await tx.paymentAttempts.update(withOutcome(first, { status: 'succeeded' }))
      })
      const again = withOutcome(second, { status: 'succeeded' })
      await expect(db.store.transaction((tx) => tx.paymentAttempts.update(again))).rejects.toThrow()
      await expect(
        db.store.transaction((tx) => tx.paymentAttempts.insert(attemptOf(one, 2))),
      ).rejects.toThrow()
      expect(await db.store.paymentAttempts.find(second.id)).toEqual(second)
    })

    test('the amounts of an attempt are read back unchanged, also the largest amount', async () => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      const max = 10n ** 12n
      const attempt = withOutcome(attemptOf(one, 1), {
        status: 'succeeded',
        money: {
          capturedMinor: max,
          feeMinor: max - 1n,
          taxMinor: 1n,
          refundedMinor: max - 3n,
          refundingMinor: 3n,
          transferredMinor: max,
          disputedMinor: 0n,
        },
      })
      const later = { ...attempt, money: { ...attempt.money, refundingMinor: 0n, feeMinor: 7n } }
      await db.store.transaction((tx) => tx.paymentAttempts.insert(attempt))
      expect(await db.store.paymentAttempts.find(attempt.id)).toEqual(attempt)
      await db.store.transaction((tx) => tx.paymentAttempts.update(later))
      expect(await db.store.paymentAttempts.find(attempt.id)).toEqual(later)
      expect(await db.store.paymentAttempts.listBySession(one.id)).toEqual([later])
    })

    test.each<[what: string, money: Partial<AttemptMoney>]>([
      ['refunds above the capture', { refundedMinor: 101n }],
      ['open refunds above the capture', { refundingMinor: 101n }],
      [
        'refunds and open refunds that together are above the capture',
        { refundedMinor: 60n, refundingMinor: 41n },
      ],
      ['transfers above the capture', { transferredMinor: 101n }],
      ['a negative capture', { capturedMinor: -1n }],
      ['negative refunds', { refundedMinor: -1n }],
      ['negative open refunds', { refundedMinor: 100n, refundingMinor: -1n }],
      ['negative transfers', { transferredMinor: -1n }],
      ['a negative fee', { feeMinor: -1n }],
      ['a negative tax', { taxMinor: -1n }],
    ])('the database refuses %s', async (_, money) => {
      const one = session()
      await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      const capturedMoney = { ...NO_MONEY, capturedMinor: 100n }
      const attempt = withOutcome(attemptOf(one, 1), { status: 'succeeded', money: capturedMoney })
      const wrong = { ...attempt, money: { ...capturedMoney, ...money } }
      await expect(db.store.transaction((tx) => tx.paymentAttempts.insert(wrong))).rejects.toThrow()
      await db.store.transaction((tx) => tx.paymentAttempts.insert(attempt))
      await expect(db.store.transaction((tx) => tx.paymentAttempts.update(wrong))).rejects.toThrow()
      expect(await db.store.paymentAttempts.find(attempt.id)).toEqual(attempt)
    })
  })
}
