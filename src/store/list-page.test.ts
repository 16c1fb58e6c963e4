import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXAMINED_ROW_COUNT_MAX, LIST_TOTAL_MAX } from '../operations/store.ts'
import type { Engine } from './engine/engine.ts'
import { openSqlite } from './engine/sqlite.ts'
import { createRanges, type ListedTable, readListPage } from './list-page.ts'

const THINGS: ListedTable = {
  name: 'things',
  columns: 't.id, t.kind, t.size',
  id: 'id',
  keyOf: 't.id = k.id',
}
/** Two things in each millisecond. The kind `all` has as many as a total can count, `more` one more. */
const SCRIPT = `
  create table things (id integer primary key, kind text, size integer, created_at_ms integer);
  create index things_by_kind on things (kind, created_at_ms, id);
  with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n <= ${LIST_TOTAL_MAX})
  insert into things select n, 'more', n % 3, n / 2 from numbers;
  insert into things select id + 1000000, 'all', size, created_at_ms from things
    where id <= ${LIST_TOTAL_MAX};
  insert into things select id + 2000000, 'few', size, created_at_ms from things
    where id <= ${EXAMINED_ROW_COUNT_MAX};`

let engine: Engine
beforeAll(async () => {
  engine = openSqlite(':memory:')
  await engine.migrate((sql) => sql.script(SCRIPT))
})
afterAll(() => engine.close())

async function list(kinds: readonly string[], page: number, perPage = 10, isAscending = false) {
  const ranges = createRanges(THINGS)
  ranges.split('t.kind', kinds)
  const { rows, ...extent } = await readListPage(engine.read, THINGS, ranges, {
    page,
    perPage,
    isAscending,
  })
  return { ids: rows.map(({ id }) => Number(id)), ...extent }
}

const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, n) => from - n)

test('a total is exact up to its bound', async () => {
  expect(await list(['all'], 1)).toEqual({
    ids: down(1_000_000 + LIST_TOTAL_MAX, 1_000_000 + LIST_TOTAL_MAX - 9),
    total: LIST_TOTAL_MAX,
    isTotalCut: false,
    hasMore: true,
  })
})

test('a total above its bound is truncated, and marked as truncated', async () => {
  const { ids, ...extent } = await list(['more'], 1)
  expect(ids[0]).toBe(LIST_TOTAL_MAX + 1)
  expect(extent).toEqual({ total: LIST_TOTAL_MAX, isTotalCut: true, hasMore: true })
})

test('hasMore is exact on the last available page', async () => {
  const last = LIST_TOTAL_MAX / 10 + 1
  expect(await list(['more'], last)).toMatchObject({ ids: [1], hasMore: false })
  expect(await list(['all'], last)).toEqual({
    ids: [],
    total: LIST_TOTAL_MAX,
    isTotalCut: false,
    hasMore: false,
  })
})

test('pages of several ranges list each row once, in one order', async () => {
  const pages = await Promise.all(
    [1, 2, 3].map((page) => list(['few', 'all'], LIST_TOTAL_MAX / 100 - 20 + page, 100)),
  )
  const ids = pages.flatMap((page) => page.ids)
  expect(new Set(ids).size).toBe(ids.length)
  const times = ids.map((id) => Math.floor((id % 1_000_000) / 2))
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  expect((await list(['few', 'all'], 1, 4, true)).ids).toEqual([
    1_000_001, 2_000_001, 1_000_002, 1_000_003,
  ])
})

test.each([
  ['few', false],
  ['all', true],
])(
  'a filter by size examines only the newest rows of the kind %s, and isTotalCut is %s',
  async (kind, isTotalCut) => {
    const result = createRanges(THINGS)
    result.add('t.kind = ?', kind)
    const ranges = createRanges(THINGS, { isEmpty: true, params: result.params })
    ranges.beginNewest({ ...THINGS, texts: result.texts() }, [`t.size = ${ranges.mark(1)}`])
    const { rows, ...extent } = await readListPage(engine.read, THINGS, ranges, {
      page: 1,
      perPage: 200,
    })
    expect(rows.every(({ size }) => size === 1)).toBe(true)
    const total = Math.round(EXAMINED_ROW_COUNT_MAX / 3)
    expect(Math.abs(extent.total - total)).toBeLessThanOrEqual(1)
    expect([extent.hasMore, extent.isTotalCut]).toEqual([true, isTotalCut])
  },
)

test('a list without ranges is empty', async () => {
  expect(await list([], 1)).toEqual({ ids: [], total: 0, isTotalCut: false, hasMore: false })
})
