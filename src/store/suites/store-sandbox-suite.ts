import { describe, expect, test } from 'vitest'
import { draw, NOW_MS, type OpenEngine, useStore } from '../../../test/support/stored-rows.ts'
import type { PaymentAttemptId, PaymentMethodId, RefundId } from '../../domain/id.ts'
import type { SandboxCharge, SandboxSave } from '../../processors/sandbox-charge.ts'

/** The records of the sandbox's processor, as tests that every engine passes. */
export function sandboxTests(open: OpenEngine): void {
  describe('the sandbox’s books', () => {
    const db = useStore(open)

    const charge = (more: Partial<SandboxCharge> = {}): SandboxCharge => ({
      attemptId: draw<PaymentAttemptId>(3),
      amount: { amountMinor: 10n ** 12n, currency: 'INR' },
      instrument: { type: 'bank_transfer' },
      returnUrl: 'https://shop.example/back?a=1',
      outcomeOnConsent: 'approved',
      decideAfterMs: 0,
      createdAtMs: NOW_MS,
      ...more,
    })
    const DECLINED = { outcome: 'do_not_honour', atMs: NOW_MS + 10 } as const

    test('a charge is read back unchanged, with all fields and with only the required fields', async () => {
      const bare = charge()
      const full = charge({
        action: { kind: 'upi_link', uri: 'upi://pay?pa=a@b' },
        decideAfterMs: 10_000,
        decision: DECLINED,
      })
      for (const one of [bare, full]) {
        await db.store.sandboxCharges.insert(one)
        expect(await db.store.sandboxCharges.find(one.attemptId)).toEqual(one)
      }
      expect(await db.store.sandboxCharges.find(draw(3))).toBeUndefined()
    })

    test('only the first of several charges for one attempt is booked, even when they are concurrent', async () => {
      const one = charge()
      const others = Array.from({ length: 10 }, (_, index) => ({
        ...one,
        amount: { amountMinor: BigInt(index + 1), currency: 'INR' as const },
      }))
      await Promise.all(others.map((other) => db.store.sandboxCharges.insert(other)))
      const bookedCharge = await db.store.sandboxCharges.find(one.attemptId)
      expect(others).toContainEqual(bookedCharge)
      await db.store.sandboxCharges.insert(one)
      expect(await db.store.sandboxCharges.find(one.attemptId)).toEqual(bookedCharge)
    })

    test('a charge is decided once by 20 concurrent calls, while the clock moves on', async () => {
      const one = charge()
      await db.store.sandboxCharges.insert(one)
      let nowMs = NOW_MS
      const readNowMs = () => {
        nowMs += 1
        return nowMs
      }
      const outcomes = Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? ('approved' as const) : ('upi_declined' as const),
      )
      const answers = await Promise.all(
        outcomes.map((outcome) =>
          db.store.sandboxCharges.decide(one.attemptId, (atMs) => ({ outcome, atMs }), readNowMs),
        ),
      )
      expect(answers.filter((isDecided) => isDecided)).toHaveLength(1)
      expect((await db.store.sandboxCharges.find(one.attemptId))?.decision).toEqual({
        outcome: outcomes[answers.indexOf(true)],
        atMs: NOW_MS + 1,
      })
    })

    test('a future decision can be changed until its time', async () => {
      const one = charge({ decision: DECLINED })
      await db.store.sandboxCharges.insert(one)
      const approval = { outcome: 'approved', atMs: NOW_MS + 9 } as const
      const decide = (nowMs: number) =>
        db.store.sandboxCharges.decide(
          one.attemptId,
          () => approval,
          () => nowMs,
        )
      expect(await decide(DECLINED.atMs)).toBe(false)
      expect(await decide(DECLINED.atMs - 1)).toBe(true)
      expect(await decide(approval.atMs)).toBe(false)
      const unknownDecision = db.store.sandboxCharges.decide(
        draw(3),
        () => approval,
        () => NOW_MS,
      )
      expect(await unknownDecision).toBe(false)
    })

    const save = (more: Partial<SandboxSave> = {}): SandboxSave => ({
      paymentMethodId: draw<PaymentMethodId>(3),
      instrument: {
        type: 'ach_debit',
        accountHolderName: 'Ben Ode',
        lastFourDigits: '6789',
        accountType: 'checking',
        routingNumber: '110000000',
      },
      returnUrl: 'https://shop.example/back',
      decideAfterMs: 0,
      chargeOutcome: 'approved',
      chargeAfterMs: 10_000,
      createdAtMs: NOW_MS,
      ...more,
    })

    test('a saved instrument is read back unchanged, is stored and decided once, and can be forgotten', async () => {
      const checks = { addressLine: 'pass', postalCode: 'fail', cvc: 'unchecked' } as const
      const full = save({ checks, outcomeOnConsent: 'approved' })
      const decision = { outcome: 'approved', atMs: NOW_MS + 10 } as const
      const { sandboxSaves } = db.store
      for (const one of [full, save({ decision: decision })]) {
        await sandboxSaves.insert(one)
        await sandboxSaves.insert({ ...one, chargeOutcome: 'do_not_honour' })
        expect(await sandboxSaves.find(one.paymentMethodId)).toEqual(one)
      }
      const id = full.paymentMethodId
      const decide = (outcome: 'approved' | 'authentication_failed') =>
        sandboxSaves.decide(
          id,
          (atMs) => ({ outcome, atMs }),
          () => NOW_MS,
        )
      const answers = await Promise.all([decide('approved'), decide('authentication_failed')])
      expect(answers.filter((isDecided) => isDecided)).toHaveLength(1)
      await sandboxSaves.forget(id, NOW_MS + 1)
      await sandboxSaves.forget(id, NOW_MS + 2)
      expect(await sandboxSaves.find(id)).toMatchObject({ forgottenAtMs: NOW_MS + 1 })
      expect(await sandboxSaves.find(draw(3))).toBeUndefined()
    })

    test('a refund is booked once, and each repeated call returns the time of this booking', async () => {
      const id = draw<RefundId>(3)
      const times = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          db.store.sandboxCharges.bookRefund(id, draw(3), 100n, NOW_MS + index),
        ),
      )
      expect(new Set(times).size).toBe(1)
      expect(await db.store.sandboxCharges.bookRefund(id, draw(3), 100n, NOW_MS + 99)).toBe(
        times[0],
      )
      const rows = await db.engine.read.all(
        'select amount_minor from sandbox_refunds where refund_id = $1',
        [Number(id)],
      )
      expect(rows).toEqual([{ amount_minor: 100 }])
    })
  })
}
