import { describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  attemptOf,
  customerOf,
  draw,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  session,
  useStore,
  withOutcome,
} from '../../../test/support/stored-rows.ts'
import { type CustomerRecord, deletedCustomer } from '../../domain/customer.ts'
import type { CustomerId } from '../../domain/id.ts'
import type { CustomerFilter, PaymentFilter } from '../../operations/store.ts'

const PAGE = { page: 1, perPage: 25 }

/** Customers and their payments, as tests that every engine passes. */
export function customerTests(open: OpenEngine): void {
  describe('customers', () => {
    const db = useStore(open)
    const insert = (one: CustomerRecord) => db.store.transaction((tx) => tx.customers.insert(one))
    const update = (one: CustomerRecord) => db.store.transaction((tx) => tx.customers.update(one))
    const idsOf = async (filter: CustomerFilter, accountId = ACCOUNT) => {
      const { items, total } = await db.store.customers.list(accountId, filter, PAGE)
      expect(total).toBe(items.length)
      return items.map(({ id }) => id)
    }

    test('are read back unchanged, with all fields and with only the required fields', async () => {
      const bare = customerOf(OTHER_ACCOUNT)
      const full = customerOf(OTHER_ACCOUNT, {
        name: 'Bücher "₹" 😀',
        phone: { digits: '9000000001', dialingCode: '+91' },
        metaDataJson: '[{"key":"crm","value":"c-17"}]',
        changedAtMs: NOW_MS + 2,
      })
      const abroad = customerOf(OTHER_ACCOUNT, { phone: { digits: '17' } })
      for (const one of [full, bare, abroad]) {
        expect(await insert(one)).toBe(true)
        expect(await db.store.customers.find(one.id)).toEqual(one)
        expect(await db.store.transaction((tx) => tx.customers.lock(one.id))).toEqual(one)
      }
      expect(await db.store.customers.find(draw(5))).toBeUndefined()
      expect(await db.store.transaction((tx) => tx.customers.lock(draw(5)))).toBeUndefined()
    })

    test('a duplicate id is reported, and the first customer stays', async () => {
      const first = customerOf(OTHER_ACCOUNT)
      expect(await insert(first)).toBe(true)
      expect(await insert({ ...first, name: 'Another' })).toBe(false)
      expect(await db.store.customers.find(first.id)).toEqual(first)
    })

    test('two transactions that lock two customers in opposite orders both succeed', async () => {
      const two = customerOf(OTHER_ACCOUNT, { id: draw(6) })
      const one = customerOf(OTHER_ACCOUNT)
      for (const customer of [one, two]) await insert(customer)
      // With row locks both transactions begin, and each has its first row before it locks its second one.
      const canMeet = db.engine.rowLock !== ''
      const bothLocked = Promise.withResolvers<void>()
      let lockedCount = 0
      const lockBoth = (first: CustomerRecord, second: CustomerRecord) =>
        db.store.transaction(async (tx) => {
          await tx.customers.lock(first.id)
          lockedCount += 1
          if (lockedCount === 2) bothLocked.resolve()
          if (canMeet) await bothLocked.promise
          const customer = await tx.customers.lock(second.id)
          await tx.customers.update({ ...second, name: `${customer?.name} again` })
        })
      await Promise.all([lockBoth(one, two), lockBoth(two, one)])
      for (const { id, name } of [one, two]) {
        expect(await db.store.customers.find(id)).toMatchObject({ name: `${name} again` })
      }
    })

    test('each filter of the list finds the right customers, newest first, and none of another account', async () => {
      const phone = { digits: '9000000001', dialingCode: '+91' }
      const one = customerOf(ACCOUNT, { email: 'one@shop.example', phone })
      const two = customerOf(ACCOUNT, { email: 'two@shop.example', createdAtMs: NOW_MS + 1_000 })
      // Its phone number is the id of the first customer.
      const three = customerOf(ACCOUNT, {
        email: 'two@shop.example',
        phone: { digits: one.id },
        createdAtMs: NOW_MS + 2_000,
      })
      const foreign = customerOf(OTHER_ACCOUNT, { email: 'one@shop.example', phone })
      for (const each of [two, foreign, three, one]) await insert(each)
      expect(await idsOf({})).toEqual([three.id, two.id, one.id])
      expect(await idsOf({ createdFromMs: NOW_MS + 1_000 })).toEqual([three.id, two.id])
      expect(await idsOf({ createdToMs: NOW_MS + 1_000 })).toEqual([one.id])
      expect(await idsOf({ searchText: 'one@shop.example' })).toEqual([one.id])
      expect(await idsOf({ searchText: 'two@shop.example' })).toEqual([three.id, two.id])
      expect(await idsOf({ searchText: 'two@shop.example', createdToMs: NOW_MS + 2_000 })).toEqual([
        two.id,
      ])
      expect(await idsOf({ searchText: '9000000001' })).toEqual([one.id])
      expect(await idsOf({ searchText: one.id, searchId: one.id })).toEqual([three.id, one.id])
      expect(await idsOf({ searchText: foreign.id, searchId: foreign.id })).toEqual([])
      expect(await idsOf({ searchText: 'nobody@shop.example' })).toEqual([])
      // A customer whose phone number is its own id is listed once.
      const self = { ...three, phone: { digits: three.id } }
      await update(self)
      expect(await idsOf({ searchText: self.id, searchId: self.id })).toEqual([self.id])
    })

    test('a deleted customer keeps its id and name only, and no list has it', async () => {
      const one = customerOf(ACCOUNT, {
        email: 'gone@shop.example',
        phone: { digits: '5550100', dialingCode: '+1' },
        metaDataJson: '[{"key":"crm","value":"secret"}]',
      })
      await insert(one)
      const deletedRecord = deletedCustomer(one, NOW_MS + 5)
      await update(deletedRecord)
      expect(await db.store.customers.find(one.id)).toEqual(deletedRecord)
      const [row] = await db.engine.read.all('select * from customers where id = $1', [
        Number(one.id),
      ])
      expect(JSON.stringify(Object.values(row ?? {}))).not.toMatch(/gone@|5550100|secret/)
      expect(await idsOf({})).not.toContain(one.id)
      expect(await idsOf({ searchText: 'gone@shop.example' })).toEqual([])
      expect(await idsOf({ searchText: '5550100' })).toEqual([])
      expect(await idsOf({ searchText: one.id, searchId: one.id })).toEqual([])
    })

    test('the payments of a customer are listed newest first, with every other filter', async () => {
      const customerId = draw<CustomerId>(5)
      const first = session({ customerId, referenceNumber: 'ord_1' })
      const second = session({ customerId, createdAtMs: NOW_MS + 1_000 })
      const others = [session(), session({ customerId, accountId: OTHER_ACCOUNT })]
      for (const one of [first, second, ...others]) {
        await db.store.paymentSessions.insert(one, undefined, NOW_MS)
      }
      const failedAttempt = withOutcome(
        attemptOf(first, 1, { customer: { email: 'a@b.example' } }),
        {
          status: 'failed',
          declineCode: 'insufficient_funds',
        },
      )
      const paidAttempt = attemptOf(first, 2, {
        instrument: { type: 'wallet', walletName: 'Wallet' },
      })
      const late = attemptOf(second, 3)
      const foreign = others.map((one) => ({
        ...attemptOf(one, 1),
        accountId: one.accountId,
      }))
      await db.store.transaction(async (tx) => {
        for (const one of [failedAttempt, paidAttempt, late, ...foreign]) {
          await tx.paymentAttempts.insert(one)
        }
      })
      const listIds = async (filter: PaymentFilter) => {
        const { items } = await db.store.paymentAttempts.list(
          ACCOUNT,
          { ...filter, customerId },
          PAGE,
        )
        return items.map(({ id }) => id)
      }
      expect(await listIds({})).toEqual([late.id, paidAttempt.id, failedAttempt.id])
      expect(await listIds({ status: 'failed' })).toEqual([failedAttempt.id])
      expect(await listIds({ method: 'wallet' })).toEqual([paidAttempt.id])
      expect(await listIds({ createdFromMs: NOW_MS + 3 })).toEqual([late.id])
      expect(await listIds({ searchText: 'ord_1' })).toEqual([paidAttempt.id, failedAttempt.id])
      expect(await listIds({ searchText: 'a@b.example' })).toEqual([failedAttempt.id])
      expect(await listIds({ searchText: late.id, searchId: late.id })).toEqual([late.id])
      expect(await listIds({ searchText: 'ord_2' })).toEqual([])
    })
  })
}
