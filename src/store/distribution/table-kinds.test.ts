import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../engine/engine.ts'
import { migrate } from '../engine/migrate.ts'
import { openSqlite } from '../engine/sqlite.ts'
import { TABLE_KINDS } from './table-kinds.ts'

let engine: Engine
beforeAll(async () => {
  engine = openSqlite(':memory:')
  await migrate(engine)
})
afterAll(() => engine.close())

const tables = async () =>
  (await engine.read.all("select name from sqlite_master where type = 'table'", [])).map(
    ({ name }) => String(name),
  )

/** Keys without the bucket. On a distributed table they are unique only within each bucket. */
const UNIQUE_IN_A_BUCKET = ['virtual_accounts(account_number)']

test('every table of the schema has a kind', async () => {
  expect(Object.keys(TABLE_KINDS).sort()).toEqual((await tables()).sort())
})

test('every unique key of a distributed table, except the listed one, contains its bucket', async () => {
  const without: string[] = []
  for (const table of await tables()) {
    if (TABLE_KINDS[table] !== 'distributed') continue
    const indexes = await engine.read.all(
      `select l.name, group_concat(i.name) as column_names
       from pragma_index_list($1) l join pragma_index_info(l.name) i
       where l."unique" = 1 group by l.name`,
      [table],
    )
    expect(indexes.length, `${table} has no primary key`).toBeGreaterThan(0)
    for (const { column_names: names } of indexes) {
      if (!String(names).split(',').includes('bucket')) without.push(`${table}(${names})`)
    }
  }
  expect(without).toEqual(UNIQUE_IN_A_BUCKET)
})

test('every foreign key stays on one machine of a distributed database', async () => {
  const across: string[] = []
  for (const table of await tables()) {
    const keys = await engine.read.all(
      `select "table" as target, group_concat("from") as column_names
       from pragma_foreign_key_list($1) group by id, "table"`,
      [table],
    )
    for (const { column_names: names, target } of keys) {
      const [from, to] = [TABLE_KINDS[table], TABLE_KINDS[String(target)]]
      const isTogether =
        to === 'reference'
          ? from !== 'local'
          : from === to && (to === 'local' || String(names).split(',').includes('bucket'))
      if (!isTogether) across.push(`${table}(${names}) refers to ${target}`)
    }
  }
  expect(across).toEqual([])
})
