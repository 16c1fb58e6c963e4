import { describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  account,
  NOW_MS,
  type OpenEngine,
  random,
  session,
} from '../../../test/support/stored-rows.ts'
import { bucketOf, ID_EPOCH_MS, idFrom, type PaymentSessionId } from '../../domain/id.ts'
import { createPublicIds, HIDDEN_FROM_MIN } from '../../domain/public-id.ts'
import { PUBLIC_ID_KEY_BYTES } from '../../domain/secret.ts'
import { migrate, readMigrations } from '../engine/migrate.ts'
import { firstHiddenId } from '../hidden-ids-from.ts'
import { createPublicIdStore } from '../public-id-store.ts'
import { createStore } from '../store.ts'

/** Makes a session. Its id is drawn at the current time of these tests. */
const sessionOfToday = () => {
  const seconds = (NOW_MS - ID_EPOCH_MS) / 1_000
  const id = idFrom({ seconds, bucket: 7, counter: 11 }) as PaymentSessionId
  return session({ id })
}
const DAY_OF_IDS = 24 * 60 * 60 * 2 ** 22
const KEY = new Uint8Array(PUBLIC_ID_KEY_BYTES).fill(3)

/** Tests of stored and public ids that every engine passes. */
export function publicIdTests(open: OpenEngine, openEmpty: OpenEngine): void {
  describe('public ids', () => {
    test('a new database never shows a stored id, even after two concurrent first starts', async () => {
      const engine = await open()
      await migrate(engine)
      const store = createStore(engine, random)
      const starts = [NOW_MS, NOW_MS + 1_000].map((nowMs) => firstHiddenId(engine, store, nowMs))
      expect(await Promise.all(starts)).toEqual([HIDDEN_FROM_MIN, HIDDEN_FROM_MIN])
      await store.close()
    })

    test('a database of an earlier version keeps its visible ids, even when the clock is behind', async () => {
      const engine = await openEmpty()
      const all = readMigrations()
      const first = all.findIndex(({ name }) => name === 'public_ids')
      await migrate(engine, all.slice(0, first))
      const old = createStore(engine, random)
      await old.installation.stateFact('mode', 'live')
      // With the columns of that version: this program's own statement has later ones too.
      await engine.transaction((sql) =>
        sql.run(
          `insert into accounts (id, name, edition, payment_methods, fee_rate_bps, tax_rate_bps,
             signing_key_sealed, api_key_hash, owner_key_hash, created_at_ms)
           values ($1, 'Shop', 'IN', '["upi"]', 200, 1800, 'sealed', 'hash', 'hash', $2)`,
          [Number(ACCOUNT), NOW_MS],
        ),
      )
      const one = sessionOfToday()
      await engine.transaction((sql) =>
        sql.run(
          `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor,
             created_at_ms, expires_at_ms, attempt_count_max, echoed_json)
           values ($1, $2, $3, 'created', 'INR', 100, $4, $4, 5, '{}')`,
          [bucketOf(one.id), Number(one.id), Number(ACCOUNT), NOW_MS],
        ),
      )

      await migrate(engine)
      const hiddenFrom = await firstHiddenId(engine, old, NOW_MS - 400 * 86_400_000)
      expect(hiddenFrom).toBe(Number(one.id) + DAY_OF_IDS)
      // The next start uses the result of the first.
      expect(await firstHiddenId(engine, old, NOW_MS + 400 * 86_400_000)).toBe(hiddenFrom)
      const upgradedStore = createPublicIdStore(old, createPublicIds(KEY, hiddenFrom))
      expect(await upgradedStore.paymentSessions.find(one.id)).toMatchObject({ id: one.id })
      await upgradedStore.close()
    })

    test('the database stores the ordered id in its bucket, and no answer shows it', async () => {
      const engine = await open()
      await migrate(engine)
      const publicIds = createPublicIds(KEY, HIDDEN_FROM_MIN)
      const store = createPublicIdStore(createStore(engine, random), publicIds)
      await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))
      const { id: storedId, ...rest } = sessionOfToday()
      const id = publicIds.publicIdOf(storedId)
      await store.paymentSessions.insert({ ...rest, id }, undefined, NOW_MS)
      const rows = await engine.read.all('select bucket, id from payment_sessions', [])
      expect(rows.map(({ bucket, id }) => [bucket, id])).toEqual([
        [bucketOf(storedId), Number(storedId)],
      ])
      expect(await store.paymentSessions.find(id)).toMatchObject({ id })
      expect(await store.paymentSessions.find(storedId)).toBeUndefined()
      await store.close()
    })
  })
}
