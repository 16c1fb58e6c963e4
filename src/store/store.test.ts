import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, inject, test } from 'vitest'
import { createMigratedFile, openMemoryEngine } from '../../test/support/memory-store.ts'
import { createDatabase, createMigratedDatabase } from '../../test/support/postgres-cluster.ts'
import { ACCOUNT, account, NOW_MS, random, session } from '../../test/support/stored-rows.ts'
import { migrate } from './engine/migrate.ts'
import { openPostgres } from './engine/postgres.ts'
import { openSqlite } from './engine/sqlite.ts'
import { createStore } from './store.ts'
import { storeSuite } from './suites/store-suite.ts'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
const newFile = () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-store-'))
  folders.push(folder)
  return join(folder, 'paydesk.db')
}
async function migratedFile(): Promise<string> {
  const file = newFile()
  await createMigratedFile(file)
  return file
}
storeSuite(
  'a SQLite file',
  async () => openSqlite(await migratedFile()),
  async () => {
    const file = await migratedFile()
    return [openSqlite(file), openSqlite(file)]
  },
  async () => openSqlite(newFile()),
)
storeSuite('SQLite in memory', openMemoryEngine, undefined, async () => openSqlite(':memory:'))
const newDatabase = () => createMigratedDatabase(inject('postgresUrl'))
storeSuite(
  'PostgreSQL',
  async () => openPostgres(await newDatabase(), 10),
  async () => {
    const url = await newDatabase()
    return [await openPostgres(url, 5), await openPostgres(url, 5)]
  },
  async () => openPostgres(await createDatabase(inject('postgresUrl')), 10),
)

test('both engines have the same tables and columns, the same not-null columns and the same named indexes', async () => {
  const sqlite = openSqlite(':memory:')
  const postgres = await openPostgres(await createDatabase(inject('postgresUrl')), 2)
  await Promise.all([migrate(sqlite), migrate(postgres)])
  const inSqlite = await sqlite.read.all(
    `select m.name || '.' || c.name || case when c."notnull" = 1 then ' not null' else '' end as description
     from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'
     union all select name from sqlite_master where type = 'index' and sql is not null`,
    [],
  )
  const inPostgres = await postgres.read.all(
    `select table_name || '.' || column_name || case when is_nullable = 'NO' then ' not null' else '' end as description
     from information_schema.columns where table_schema = 'public'
     union all select indexname from pg_indexes where schemaname = 'public'
       and indexname !~ '_(pkey|key)$'`,
    [],
  )
  const sortedColumns = (rows: typeof inSqlite) =>
    rows.map(({ description }) => String(description)).sort()
  expect(sortedColumns(inPostgres)).toEqual(sortedColumns(inSqlite))
  expect(inSqlite.length).toBeGreaterThan(70)
  await Promise.all([sqlite.close(), postgres.close()])
})

test('transactions of several sessions share one transaction of PostgreSQL, and a transaction whose session is locked does not delay the others', async () => {
  const sharedCounts: number[] = []
  const engine = await openPostgres(await newDatabase(), 5, undefined, (kind, itemCount) => {
    if (kind === 'session_change') sharedCounts.push(itemCount)
  })
  const store = createStore(engine, random)
  await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))
  const [lockedSession, ...others] = Array.from({ length: 4 }, () => session())
  if (lockedSession === undefined) throw new Error('no session')
  for (const one of [lockedSession, ...others])
    await store.paymentSessions.insert(one, undefined, NOW_MS)

  const lock = Promise.withResolvers<void>()
  const isFree = Promise.withResolvers<void>()
  const locking = engine.transaction(async (sql) => {
    await sql.all('select 1 from payment_sessions where id = $1 for update', [
      Number(lockedSession.id),
    ])
    lock.resolve()
    await isFree.promise
  })
  await lock.promise
  const ends: string[] = []
  const cancel = async (one: typeof lockedSession) => {
    await store.sessionTransaction(one.id, (tx) =>
      tx.paymentSessions.update({ ...one, status: 'canceled' }),
    )
    ends.push(one.id)
  }
  const waiting = cancel(lockedSession)
  await Promise.all(others.map(cancel))
  expect(ends).toEqual(others.map(({ id }) => id))
  isFree.resolve()
  await Promise.all([locking, waiting])
  expect(ends).toEqual([...others, lockedSession].map(({ id }) => id))
  expect(sharedCounts).toEqual([4])
  await store.close()
})
