import { describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  activeMethodOf,
  attemptOf,
  customerOf,
  draw,
  NOW_MS,
  type OpenEngine,
  savedMethodOf,
  session,
  useStore,
} from '../../../test/support/stored-rows.ts'
import type { CustomerRecord } from '../../domain/customer.ts'
import { bucketOf, type PaymentMethodSessionId } from '../../domain/id.ts'
import type { PaymentMethodSession } from '../../domain/payment-method-session.ts'
import type { SavedPaymentMethod } from '../../domain/saved-payment-method.ts'

/** Saved payment methods and their sessions, as tests that every engine passes. */
export function paymentMethodTests(open: OpenEngine): void {
  describe('saved payment methods', () => {
    const db = useStore(open)

    async function storedCustomer(): Promise<CustomerRecord> {
      const customer = customerOf(ACCOUNT)
      await db.store.transaction((tx) => tx.customers.insert(customer))
      return customer
    }
    const insert = (...methods: readonly SavedPaymentMethod[]) =>
      db.store.transaction(async (tx) => {
        for (const method of methods) expect(await tx.paymentMethods.insert(method)).toBe(true)
      })

    test('are read back unchanged, with all fields and with only the required fields, before and after a change', async () => {
      const customer = await storedCustomer()
      const bare = savedMethodOf(customer)
      const full = savedMethodOf(customer, {
        sessionId: draw<PaymentMethodSessionId>(bucketOf(customer.id)),
        checks: { addressLine: 'unchecked', postalCode: 'pass', cvc: 'fail' },
        billingAddress: { name: 'Ben', city: 'New York', postalCode: '10001', country: 'US' },
        action: { kind: 'redirect', to: 'issuer', url: '/x' },
      })
      await insert(bare, full)
      for (const one of [bare, full]) {
        expect(await db.store.paymentMethods.find(one.id)).toEqual(one)
      }
      const { action: _, callAtMs: __, ...rest } = full
      const blockedMethod: SavedPaymentMethod = {
        ...rest,
        status: 'blocked',
        tokenSealed: 'v1.token',
        declineCode: 'bank_declined',
        changedAtMs: NOW_MS + 5,
        callCount: 3,
      }
      await db.store.transaction(async (tx) => {
        expect(await tx.paymentMethods.lock(full.id)).toEqual(full)
        await tx.paymentMethods.update(blockedMethod)
        expect(await tx.paymentMethods.insert(full)).toBe(false)
      })
      expect(await db.store.paymentMethods.find(full.id)).toEqual(blockedMethod)
      expect(await db.store.paymentMethods.find(bare.id)).toEqual(bare)
      expect(await db.store.paymentMethods.find(draw(3))).toBeUndefined()
    })

    test('of a customer are listed newest first without those that the API does not show, and counted with those that are being saved', async () => {
      const [customer, other] = [await storedCustomer(), await storedCustomer()]
      const visibleMethods = [1, 2, 3].map((later) =>
        activeMethodOf(customer, { createdAtMs: NOW_MS + later }),
      )
      const hiddenMethods = [
        savedMethodOf(customer),
        activeMethodOf(customer, { status: 'refused', declineCode: 'expired_card' }),
        activeMethodOf(customer, { status: 'deleted', callAtMs: NOW_MS }),
        activeMethodOf(other),
      ]
      await insert(...visibleMethods, ...hiddenMethods)
      const rows = await db.store.paymentMethods.listByCustomer(customer.id)
      expect(rows).toEqual(visibleMethods.toReversed())
      const counts = await db.store.transaction(async (tx) => [
        await tx.paymentMethods.countByCustomer(customer.id),
        await tx.paymentMethods.countByCustomer(other.id),
      ])
      expect(counts).toEqual([4, 1])
    })

    test('that are due are claimed once each, and again after the lease', async () => {
      const customer = await storedCustomer()
      const due = [30, 10, 20].map((ago) => savedMethodOf(customer, { callAtMs: NOW_MS - ago }))
      const resting = activeMethodOf(customer)
      await insert(...due, resting)
      const claimAll = async (atMs: number) => {
        const claims = Array.from({ length: 12 }, () => db.store.paymentMethods.claim(atMs, 60_000))
        const ids = (await Promise.all(claims)).map((one) => one?.id)
        expect(ids).not.toContain(resting.id)
        return ids.filter((id) => due.some((one) => one.id === id)).toSorted()
      }
      const ids = due.map(({ id }) => id).toSorted()
      expect(await claimAll(NOW_MS)).toEqual(ids)
      expect(await claimAll(NOW_MS + 59_999)).toEqual([])
      expect(await db.store.openWork.findNextDueMs(NOW_MS)).toBe(NOW_MS + 60_000)
      expect(await claimAll(NOW_MS + 60_000)).toEqual(ids)
    })

    test('have an open payment until it is decided', async () => {
      const customer = await storedCustomer()
      const method = activeMethodOf(customer)
      await insert(method)
      const isOpen = () => db.store.transaction((tx) => tx.paymentMethods.hasOpenPayment(method.id))
      expect(await isOpen()).toBe(false)
      const one = session({}, bucketOf(customer.id))
      const attempt = attemptOf(one, 1, { savedMethodId: method.id })
      await db.store.transaction(async (tx) => {
        await tx.paymentSessions.insertOne(one)
        await tx.paymentAttempts.insert(attempt)
      })
      expect(await isOpen()).toBe(true)
      const { nextQueryAtMs: _, ...decidedAttempt } = attempt
      await db.store.transaction((tx) =>
        tx.paymentAttempts.update({
          ...decidedAttempt,
          status: 'failed',
          declineCode: 'card_declined',
          decidedAtMs: NOW_MS,
        }),
      )
      expect(await isOpen()).toBe(false)
    })

    test('have sessions that are read back unchanged, before and after a save', async () => {
      const customer = await storedCustomer()
      const bare: PaymentMethodSession = {
        id: draw<PaymentMethodSessionId>(bucketOf(customer.id)),
        accountId: ACCOUNT,
        customerId: customer.id,
        status: 'created',
        createdAtMs: NOW_MS,
        expiresAtMs: NOW_MS + 900_000,
        saveCount: 0,
      }
      const full = {
        ...bare,
        id: draw<PaymentMethodSessionId>(bucketOf(customer.id)),
        description: 'Card on file',
      }
      const begunSession: PaymentMethodSession = {
        ...full,
        status: 'in_progress',
        saveCount: 1,
        methodId: draw(bucketOf(customer.id)),
      }
      await db.store.transaction(async (tx) => {
        for (const one of [bare, full]) {
          expect(await tx.paymentMethodSessions.insert(one)).toBe(true)
          expect(await tx.paymentMethodSessions.insert(one)).toBe(false)
        }
        await tx.paymentMethodSessions.update(begunSession)
        expect(await tx.paymentMethodSessions.lock(full.id)).toEqual(begunSession)
      })
      expect(await db.store.paymentMethodSessions.find(bare.id)).toEqual(bare)
      expect(await db.store.paymentMethodSessions.find(draw(3))).toBeUndefined()
    })
  })
}
