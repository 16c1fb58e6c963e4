import { beforeAll, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  draw,
  mandateDebitOf,
  mandateNotificationOf,
  mandateOf,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  useStore,
} from '../../../test/support/stored-rows.ts'
import type { CustomerId } from '../../domain/id.ts'
import { MANDATE_QUERY_WAIT_MS_MAX, type Mandate, mandateAt } from '../../domain/mandate.ts'
import type { MandateDebit } from '../../domain/mandate-debit.ts'
import { NOTICE_MS } from '../../domain/mandate-terms.ts'
import type { MandateFilter, Store } from '../../operations/store.ts'
import type { SandboxMandate } from '../../processors/sandbox-charge.ts'

const FIRST_PAGE = { page: 1, perPage: 200 }
const LEASE_MS = 50_000

const insert = (store: Store, mandate: Mandate) =>
  store.transaction((tx) => tx.mandates.insert(mandate))

/** Mandates, their notices and their debits, as tests that every engine passes. */
export function mandateTests(open: OpenEngine): void {
  describe('mandates', () => {
    const db = useStore(open)

    test('a mandate is read back unchanged after its insert and after each update', async () => {
      const bare = mandateOf({ status: 'processing' })
      const full = mandateOf({
        customerEmail: 'asha@shop.test',
        customerPhone: '9000000001',
        endOn: '2027-11-23',
        debitDay: 31,
        debitRule: 'before',
        upiId: 'success@paydesk',
        nextQueryAtMs: NOW_MS + MANDATE_QUERY_WAIT_MS_MAX,
        queryCount: 1_000,
      })
      for (const one of [bare, full]) {
        expect(await insert(db.store, one)).toBe(true)
        expect(await insert(db.store, one)).toBe(false)
        expect(await db.store.mandates.find(one.id)).toEqual(one)
      }
      const after: Mandate = {
        ...bare,
        upiId: 'asha@paydesk',
        status: 'inactive',
        inactiveReason: 'declined',
        changedAtMs: NOW_MS + 7,
        queryCount: 2,
      }
      await db.store.transaction(async (tx) => {
        expect(await tx.mandates.lock(bare.id)).toEqual(bare)
        await tx.mandates.update(after)
      })
      expect(await db.store.mandates.find(bare.id)).toEqual(after)
      expect(await db.store.mandates.find(draw(7))).toBeUndefined()
    })

    test('mandates whose last day has passed are due, the longest overdue first', async () => {
      const [first, second] = [
        mandateOf({ endOn: '2026-11-19' }),
        mandateOf({ endOn: '2026-11-20' }),
      ]
      const others = [
        mandateOf({ endOn: '2026-11-22' }),
        mandateOf({ endOn: '2026-11-01', status: 'processing' }),
        mandateOf({ endOn: '2026-11-01', status: 'inactive', inactiveReason: 'revoked' }),
      ]
      for (const one of [second, first, ...others]) await insert(db.store, one)
      expect(await db.store.mandates.listDue(NOW_MS, 32)).toEqual([first.id, second.id])
      expect(await db.store.mandates.listDue(NOW_MS, 1)).toEqual([first.id])
      await db.store.transaction((tx) => tx.mandates.update(mandateAt(first, NOW_MS)))
      expect(await db.store.mandates.listDue(NOW_MS, 32)).toEqual([second.id])
    })

    test('a mandate is claimed when its query is due, and again only after the end of the lease', async () => {
      const later = mandateOf({ nextQueryAtMs: NOW_MS + MANDATE_QUERY_WAIT_MS_MAX })
      const due = mandateOf({ nextQueryAtMs: NOW_MS })
      for (const one of [later, due]) await insert(db.store, one)
      expect(await db.store.mandates.claim(NOW_MS, LEASE_MS)).toEqual(due)
      expect(await db.store.mandates.claim(NOW_MS, LEASE_MS)).toBeUndefined()
      const again = await db.store.mandates.claim(NOW_MS + LEASE_MS, LEASE_MS)
      expect(again?.id).toBe(due.id)
    })

    test('a customer has an open mandate until the mandate has ended, also if it has ended only by the clock', async () => {
      const customerId = draw<CustomerId>(3)
      const hasOpen = (nowMs: number) =>
        db.store.transaction((tx) => tx.mandates.hasOpen(ACCOUNT, customerId, nowMs))
      expect(await hasOpen(NOW_MS)).toBe(false)
      await insert(db.store, mandateOf({ customerId, endOn: '2026-11-22', status: 'paused' }))
      const endMs = Date.parse('2026-11-23T00:00:00+05:30')
      expect([await hasOpen(endMs - 1), await hasOpen(endMs)]).toEqual([true, false])
      await insert(db.store, mandateOf({ customerId, status: 'processing' }))
      expect(await hasOpen(endMs)).toBe(true)
    })

    test('the sandbox’s bank keeps a mandate, and a canceled one never changes again', async () => {
      const mandate: SandboxMandate = {
        mandateId: draw(7),
        upiId: 'revoked@paydesk',
        status: 'active',
        revokeAtMs: NOW_MS + 5,
      }
      const { changeMandate, findMandate, insertMandate } = db.store.sandboxCharges
      expect(await findMandate(mandate.mandateId)).toBeUndefined()
      await insertMandate(mandate)
      await insertMandate({ ...mandate, upiId: 'other@paydesk' })
      expect(await findMandate(mandate.mandateId)).toEqual(mandate)
      for (const status of ['paused', 'active', 'revoked'] as const) {
        await changeMandate(mandate.mandateId, status)
        expect(await findMandate(mandate.mandateId)).toEqual({ ...mandate, status })
      }
      await changeMandate(mandate.mandateId, 'active')
      expect((await findMandate(mandate.mandateId))?.status).toBe('revoked')
    })
  })

  debitTests(open)
  listTests(open)
}

function debitTests(open: OpenEngine): void {
  describe('notices and debits of mandates', () => {
    const db = useStore(open)
    const mandate = mandateOf()
    beforeAll(() => insert(db.store, mandate))

    test('a notice is read back unchanged, claimed when it is due, and decided once', async () => {
      const notice = mandateNotificationOf(mandate)
      await db.store.transaction(async (tx) => {
        expect(await tx.mandateNotifications.insert(notice)).toBe(true)
        expect(await tx.mandateNotifications.insert(notice)).toBe(false)
      })
      expect(await db.store.mandateNotifications.find(notice.id)).toEqual(notice)
      expect(await db.store.mandateNotifications.claim(NOW_MS, LEASE_MS)).toEqual(notice)
      expect(await db.store.mandateNotifications.claim(NOW_MS, LEASE_MS)).toBeUndefined()
      const { nextQueryAtMs: _, ...open } = notice
      const sentNotice = {
        ...open,
        status: 'succeeded',
        processorReference: 'n1',
        queryCount: 1,
      } as const
      const update = (status: 'succeeded' | 'failed') =>
        db.store.transaction((tx) => tx.mandateNotifications.update({ ...sentNotice, status }))
      expect([await update('succeeded'), await update('failed')]).toEqual([true, false])
      expect(await db.store.mandateNotifications.find(notice.id)).toEqual(sentNotice)
    })

    test('a debit is read back unchanged, and found by its cycle and its notice', async () => {
      const notice = mandateNotificationOf(mandate)
      const debit = mandateDebitOf(mandate, { cycleOn: '2026-12-01', notificationId: notice.id })
      await db.store.transaction(async (tx) => {
        await tx.mandateNotifications.insert(notice)
        await tx.mandateDebits.insert(debit)
        expect(await tx.mandateDebits.find(mandate.id, debit.attemptId)).toEqual(debit)
        expect(await tx.mandateDebits.findByCycle(mandate.id, '2026-12-01')).toEqual(debit)
        expect(await tx.mandateDebits.findByCycle(mandate.id, '2027-01-01')).toBeUndefined()
        expect(await tx.mandateDebits.findByNotification(notice.id)).toEqual(debit)
        const succeededDebit = { ...debit, status: 'succeeded' } as const
        await tx.mandateDebits.update(succeededDebit)
        expect(await tx.mandateDebits.find(mandate.id, debit.attemptId)).toEqual(succeededDebit)
      })
    })

    test('the database refuses a second debit of a cycle or a notice, until the first is deleted', async () => {
      const notice = mandateNotificationOf(mandate)
      const first = mandateDebitOf(mandate, { cycleOn: '2027-01-01', notificationId: notice.id })
      await db.store.transaction(async (tx) => {
        await tx.mandateNotifications.insert(notice)
        await tx.mandateDebits.insert(first)
      })
      const insertDebit = (more: Partial<MandateDebit>) =>
        db.store.transaction((tx) => tx.mandateDebits.insert(mandateDebitOf(mandate, more)))
      await expect(insertDebit({ cycleOn: '2027-01-01' })).rejects.toThrow()
      await expect(insertDebit({ notificationId: notice.id })).rejects.toThrow()
      await db.store.transaction((tx) => tx.mandateDebits.delete(mandate.id, first.attemptId))
      await insertDebit({ cycleOn: '2027-01-01', notificationId: notice.id })
      // A mandate without cycles is debited at any time.
      await insertDebit({})
      await insertDebit({})
    })

    test('a waiting debit is claimed when its charge is due, and not after the charge was sent', async () => {
      const chargeAtMs = NOW_MS + NOTICE_MS
      const waiting = mandateDebitOf(mandate, { status: 'waiting', chargeAtMs })
      await db.store.transaction((tx) => tx.mandateDebits.insert(waiting))
      expect(await db.store.mandateDebits.claim(chargeAtMs - 1, LEASE_MS)).toBeUndefined()
      expect(await db.store.openWork.findNextDueMs(NOW_MS + LEASE_MS)).toBe(chargeAtMs)
      expect(await db.store.mandateDebits.claim(chargeAtMs, LEASE_MS)).toEqual(waiting)
      expect(await db.store.mandateDebits.claim(chargeAtMs, LEASE_MS)).toBeUndefined()
      const { chargeAtMs: _, ...sentDebit } = waiting
      await db.store.transaction((tx) => tx.mandateDebits.update({ ...sentDebit, status: 'sent' }))
      expect(await db.store.mandateDebits.claim(chargeAtMs + LEASE_MS, LEASE_MS)).toBeUndefined()
    })
  })
}

function listTests(open: OpenEngine): void {
  describe('lists of mandates', () => {
    const db = useStore(open)
    const customer = draw<CustomerId>(3)
    const STATUSES = ['processing', 'active', 'paused', 'inactive'] as const
    const mandates = Array.from({ length: 16 }, (_, index) => {
      const status = STATUSES[index % 4] ?? 'active'
      return mandateOf(
        {
          accountId: index === 15 ? OTHER_ACCOUNT : ACCOUNT,
          createdAtMs: NOW_MS + index * 1_000,
          status,
          ...(status === 'inactive' && { inactiveReason: 'revoked' }),
          // The last day has passed, and the end is not recorded yet.
          ...(index >= 8 && { endOn: '2026-11-20' }),
          ...(index % 2 === 0 && { customerId: customer }),
          ...(index % 3 === 0 && { upiId: 'asha@paydesk' }),
        },
        index,
      )
    })
    const newestFirst = mandates
      .filter(({ accountId }) => accountId === ACCOUNT)
      .toSorted((one, other) => other.createdAtMs - one.createdAtMs)
    const [one] = newestFirst
    const other = mandates[15]
    beforeAll(async () => {
      for (const mandate of mandates) await insert(db.store, mandate)
    })

    const statusOf = (mandate: Mandate) => mandateAt(mandate, NOW_MS).status
    type Row = readonly [string, MandateFilter, (mandate: Mandate) => boolean]
    const ROWS: readonly Row[] = [
      ['no filter', {}, () => true],
      ...STATUSES.map((status): Row => [status, { status }, (row) => statusOf(row) === status]),
      ['a customer', { customerId: customer }, (row) => row.customerId === customer],
      [
        'a customer and a status',
        { customerId: customer, status: 'inactive' },
        (row) => row.customerId === customer && statusOf(row) === 'inactive',
      ],
      ['a UPI ID', { searchText: 'asha@paydesk' }, (row) => row.upiId === 'asha@paydesk'],
      [
        'a UPI ID and a customer',
        { searchText: 'asha@paydesk', customerId: customer },
        (row) => row.upiId === 'asha@paydesk' && row.customerId === customer,
      ],
      [
        'an id',
        { ...(one !== undefined && { searchText: one.id, searchId: one.id }) },
        (row) => row === one,
      ],
      [
        'the id of another account’s mandate',
        { ...(other !== undefined && { searchText: other.id, searchId: other.id }) },
        () => false,
      ],
    ]

    test.each(ROWS)(
      '%s: exactly the matching mandates, newest first',
      async (_, filter, matches) => {
        const list = await db.store.mandates.list(ACCOUNT, filter, FIRST_PAGE, NOW_MS)
        const expected = newestFirst.filter(matches)
        expect(list.items).toEqual(expected)
        expect(list).toMatchObject({ total: expected.length, hasMore: false, isTotalCut: false })
      },
    )
  })
}
