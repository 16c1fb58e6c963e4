import { describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  NOW_MS,
  type OpenEngine,
  TEST_ACTOR,
  useStore,
} from '../../../test/support/stored-rows.ts'
import type { AuditEntry } from '../../domain/audit-log.ts'
import { closeAccount, reopenAccount } from '../../operations/close-account.ts'
import { updateAccount } from '../../operations/update-account.ts'

/** The audit log, as tests that every engine passes. */
export function auditTests(open: OpenEngine): void {
  describe('the audit log', () => {
    const db = useStore(open)
    const entry: Omit<AuditEntry, 'number'> = {
      action: 'account.update',
      actor: TEST_ACTOR,
      objectId: ACCOUNT,
      atMs: NOW_MS,
      before: { name: 'Old ₹' },
      after: { name: 'New' },
    }
    const write = (more: Partial<AuditEntry> = {}) =>
      db.store.transaction((tx) => tx.auditLog.insert({ ...entry, ...more }))

    test('numbers its entries without gaps, even if transactions are concurrent or fail', async () => {
      const failing = db.store.transaction(async (tx) => {
        await tx.auditLog.insert(entry)
        throw new Error('the change failed')
      })
      await expect(failing).rejects.toThrow('the change failed')
      await Promise.all(Array.from({ length: 8 }, (_, index) => write({ atMs: NOW_MS + index })))
      const entries = await db.store.auditLog.list({}, 100)
      expect(entries.map(({ number }) => number)).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
      expect(entries[0]).toMatchObject({ ...entry, number: 8, atMs: expect.any(Number) })
    })

    test('is listed by time, action and object, newest first', async () => {
      await write({ action: 'account.close', atMs: NOW_MS + 1_000 })
      await write({ action: 'client.create', objectId: '1000.A', atMs: NOW_MS + 2_000 })
      const actions = async (filter: Parameters<typeof db.store.auditLog.list>[0], countMax = 9) =>
        (await db.store.auditLog.list(filter, countMax)).map(({ action }) => action)
      expect(await actions({ fromMs: NOW_MS + 1_000 })).toEqual(['client.create', 'account.close'])
      expect(await actions({ fromMs: NOW_MS + 1_000, toMs: NOW_MS + 2_000 })).toEqual([
        'account.close',
      ])
      expect(await actions({ action: 'account.close', objectId: ACCOUNT })).toEqual([
        'account.close',
      ])
      expect(await actions({ objectId: '1000.A' })).toEqual(['client.create'])
      expect(await actions({}, 1)).toEqual(['client.create'])
      const { count } = db.store.auditLog
      expect(await count({ fromMs: NOW_MS + 1_000 }, 9)).toBe(2)
      expect(await count({ objectId: '1000.A' }, 9)).toBe(1)
      expect(await count({}, 3)).toBe(3)
    })

    test('the database refuses to change or delete an entry', async () => {
      const before = await db.store.auditLog.list({}, 100)
      for (const statement of [
        "update audit_log set actor_name = 'nobody'",
        'update audit_log set number = number + 1000',
        'delete from audit_log where number = 1',
        ...(db.engine.name === 'sqlite'
          ? ['replace into audit_log select * from audit_log where number = 1']
          : ['truncate audit_log']),
      ]) {
        await expect(db.engine.transaction((sql) => sql.run(statement, []))).rejects.toThrow(
          /a row of the audit log cannot be/,
        )
      }
      expect(await db.store.auditLog.list({}, 100)).toEqual(before)
    })

    test('every change of an account is recorded with the changed values, and without the others', async () => {
      const deps = { actor: TEST_ACTOR, clock: { nowMs: () => NOW_MS + 5_000 }, store: db.store }
      await updateAccount(deps, ACCOUNT, { name: 'Lamps', frameOrigins: [] })
      expect(await updateAccount(deps, ACCOUNT, { name: 'Lamps' })).toMatchObject({
        isChanged: false,
      })
      await closeAccount(deps, ACCOUNT)
      expect(await db.store.accounts.find(ACCOUNT)).toMatchObject({ closedAtMs: NOW_MS + 5_000 })
      expect(await closeAccount(deps, ACCOUNT)).toMatchObject({ isChanged: false })
      await reopenAccount(deps, ACCOUNT)
      expect(await db.store.accounts.find(ACCOUNT)).not.toHaveProperty('closedAtMs')
      const entries = await db.store.auditLog.list({ fromMs: NOW_MS + 5_000 }, 9)
      const closedTime = '2026-11-22T00:00:05.000Z'
      expect(entries.map(({ action, after, before }) => [action, before, after])).toEqual([
        ['account.reopen', { status: 'closed', closed_time: closedTime }, { status: 'open' }],
        ['account.close', { status: 'open' }, { status: 'closed', closed_time: closedTime }],
        [
          'account.update',
          { name: 'Shop', frame_origins: ['https://shop.example'], statement_descriptor: 'Shop' },
          { name: 'Lamps', frame_origins: [], statement_descriptor: 'Lamps' },
        ],
      ])
    })

    test('new fee rates do not change the rates before their time, and cannot begin in the past', async () => {
      const deps = { actor: TEST_ACTOR, clock: { nowMs: () => NOW_MS }, store: db.store }
      const set = (feeRateBps: number, fromMs: number | undefined) =>
        updateAccount(deps, ACCOUNT, { feeRates: { feeRateBps, taxRateBps: 1800, fromMs } })
      expect(await set(300, NOW_MS - 1)).toEqual({ refused: 'rates_in_the_past' })
      await set(300, NOW_MS + 2_000)
      await set(250, undefined)
      await set(310, NOW_MS + 2_000)
      expect(await db.store.accounts.find(ACCOUNT)).toMatchObject({
        feeRates: { feeRateBps: 200, taxRateBps: 1800 },
        feeChanges: [
          { feeRateBps: 250, taxRateBps: 1800, fromMs: NOW_MS },
          { feeRateBps: 310, taxRateBps: 1800, fromMs: NOW_MS + 2_000 },
        ],
      })
    })
  })
}
