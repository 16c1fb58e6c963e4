import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ACCOUNT, account, NOW_MS, random, session } from '../../../test/support/stored-rows.ts'
import { type Store, StoreUnavailable } from '../../operations/store.ts'
import { createStore } from '../store.ts'
import { ConnectionLost, type Engine } from './engine.ts'
import { migrate } from './migrate.ts'
import { outageReason } from './outage.ts'
import { openSqlite } from './sqlite.ts'

test.each([
  ['a lost connection', new ConnectionLost('gone'), 'lost'],
  ['SQLITE_BUSY', { errcode: 5 }, 'lost'],
  ['SQLITE_READONLY_DBMOVED', { errcode: 8 + 256 * 4 }, 'read_only'],
  ['SQLITE_IOERR_FSYNC', { errcode: 10 + 256 * 4 }, 'lost'],
  ['SQLITE_FULL', { errcode: 13 }, 'full'],
  ['SQLITE_CONSTRAINT_UNIQUE', { errcode: 19 + 256 * 8 }, undefined],
  ['SQLITE_ERROR', { errcode: 1 }, undefined],
  ['connection_failure', { code: '08006' }, 'lost'],
  ['read_only_sql_transaction', { code: '25006' }, 'read_only'],
  ['disk_full', { code: '53100' }, 'full'],
  ['too_many_connections', { code: '53300' }, 'lost'],
  ['query_canceled', { code: '57014' }, 'lost'],
  ['admin_shutdown', { code: '57P01' }, 'lost'],
  ['io_error', { code: '58030' }, 'lost'],
  ['unique_violation', { code: '23505' }, undefined],
  ['deadlock_detected', { code: '40P01' }, undefined],
  ['lock_not_available', { code: '55P03' }, undefined],
  ['syntax_error', { code: '42601' }, undefined],
  ['an exception of Paydesk', new Error('a bug'), undefined],
  ['undefined', undefined, undefined],
])('%s is classified as an outage or as a failed statement', (_name, error, reason) => {
  expect(outageReason(error)).toBe(reason)
})

describe('a store on a SQLite file', () => {
  let folder: string
  let engine: Engine
  let store: Store
  const run = (text: string) => engine.migrate((sql) => sql.script(text))
  const insert = () => store.paymentSessions.insert(session(), undefined, NOW_MS)

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'paydesk-outage-'))
    engine = openSqlite(join(folder, 'paydesk.db'))
    await migrate(engine)
    store = createStore(engine, random)
    await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('that cannot grow reports this to writers and in readiness checks', async () => {
    await store.checkWritable()
    await insert()
    // SQLite uses the current size if it is larger than this limit.
    await run('pragma max_page_count = 1')
    await expect(
      (async () => {
        for (;;) await insert()
      })(),
    ).rejects.toEqual(new StoreUnavailable('full'))
    await expect(store.checkWritable()).rejects.toEqual(new StoreUnavailable('full'))
    expect(await store.accounts.find(ACCOUNT)).toBeDefined()

    await run('pragma max_page_count = 100000')
    await insert()
  })

  test('that cannot grow is not ready, even before the first failed request', async () => {
    await run('pragma max_page_count = 1')
    await expect(store.checkWritable()).rejects.toEqual(new StoreUnavailable('full'))
  })

  test('that refuses writes reports this, and still answers reads', async () => {
    await run('pragma query_only = on')
    await expect(insert()).rejects.toEqual(new StoreUnavailable('read_only'))
    await expect(store.checkWritable()).rejects.toEqual(new StoreUnavailable('read_only'))
    expect(await store.accounts.find(ACCOUNT)).toBeDefined()
  })

  test('keeps no data of its readiness checks', async () => {
    await store.checkWritable()
    const rows = await engine.read.all('select name from installation', [])
    expect(rows).toEqual([])
  })
})
