import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConnectionLost, type Engine } from './engine.ts'
import { outageReason } from './outage.ts'
import { openSqlite } from './sqlite.ts'
import { openReaders, type Readers, WAITING_READ_COUNT_MAX } from './sqlite-readers.ts'

const folder = mkdtempSync(join(tmpdir(), 'paydesk-readers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Makes a query that counts to a number, which takes some time. */
const countTo = (number: number) =>
  `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${number})
   select count(*) as total from n`
const COUNT = 'select count(*) as total from numbers'

let engine: Engine
let file: string
let fileCount = 0
beforeEach(async () => {
  fileCount += 1
  file = join(folder, `${fileCount}.db`)
  engine = openSqlite(file)
  await engine.migrate((sql) => sql.script('create table numbers (value integer unique)'))
})
afterEach(() => engine.close())

const insert = (value: number) =>
  engine.transaction((sql) => sql.run('insert into numbers (value) values ($1)', [value]))

describe('a list on a data file', () => {
  test('sees each commit that was acknowledged before it', async () => {
    for (let count = 1; count <= 20; count += 1) {
      await insert(count)
      expect(await engine.readLong.all(COUNT, [])).toEqual([{ total: count }])
    }
  })

  test('delays neither a point read nor a commit', async () => {
    const order: string[] = []
    const note = (name: string) => () => order.push(name)
    const list = engine.readLong.all(countTo(3_000_000), []).then(note('list'))
    await engine.read.all(COUNT, []).then(note('read'))
    await insert(1).then(note('commit'))
    await list
    expect(order).toEqual(['read', 'commit', 'list'])
  })

  test('accepts parameters in any order, and null', async () => {
    const text = 'select $2 as second, $1 as first, $2 as again, $3 as absent'
    expect(await engine.readLong.all(text, ['a', 7, null])).toEqual([
      { second: 7, first: 'a', again: 7, absent: null },
    ])
  })

  test('cannot write', async () => {
    await expect(engine.readLong.all('insert into numbers values (1)', [])).rejects.toThrow(
      'readonly',
    )
    expect(await engine.read.all(COUNT, [])).toEqual([{ total: 0 }])
  })

  test('fails with the error code of SQLite, and the next list succeeds', async () => {
    const error = await engine.readLong.all('select * from no_table', []).catch((one) => one)
    expect([error.message, error.errcode]).toEqual(['no such table: no_table', 1])
    expect(outageReason(error)).toBeUndefined()
    expect(await engine.readLong.all(COUNT, [])).toEqual([{ total: 0 }])
  })

  test('reads the new content after a replacement of the file’s content', async () => {
    await insert(1)
    expect(await engine.readLong.all(COUNT, [])).toEqual([{ total: 1 }])
    const other = openSqlite(':memory:')
    await other.migrate((sql) => sql.script('create table words (text text)'))
    const image = await other.image?.()
    await other.close()
    if (image === undefined) throw new Error('a database in memory has no image')
    await engine.replaceBy?.(image)
    expect(await engine.readLong.all('select count(*) as total from words', [])).toEqual([
      { total: 0 },
    ])
    await expect(engine.readLong.all(COUNT, [])).rejects.toThrow('no such table')
  })

  test('that runs during the close is answered, and lists that still wait are refused', async () => {
    const lists = await Promise.allSettled([
      ...Array.from({ length: 6 }, () => engine.readLong.all(countTo(300_000), [])),
      engine.close(),
    ])
    const statuses = lists.map(({ status }) => status)
    expect(statuses.filter((status) => status === 'fulfilled').length).toBeGreaterThanOrEqual(2)
    expect(statuses).toContain('rejected')
    for (const list of lists) {
      if (list.status === 'rejected') expect(list.reason).toBeInstanceOf(ConnectionLost)
    }
    expect(statuses.at(-1)).toBe('fulfilled')
    engine = openSqlite(file)
  })
})

test('a snapshot sees one state, even during commits', async () => {
  await insert(1)
  const counts = await engine.snapshot(async (sql) => {
    const before = await sql.all(COUNT, [])
    await insert(2)
    return [before, await sql.all(COUNT, [])]
  })
  expect(counts).toEqual([[{ total: 1 }], [{ total: 1 }]])
  expect(await engine.readLong.all(COUNT, [])).toEqual([{ total: 2 }])
})

describe('readers', () => {
  let readers: Readers
  afterEach(() => readers.close())

  test('read in parallel, so that a slow read does not delay others while a thread is free', async () => {
    readers = openReaders(file, { busyMsMax: 1_000, threadCountMax: 2 })
    const order: string[] = []
    const slow = readers.all(countTo(2_000_000), []).then(() => order.push('slow'))
    await readers.all(COUNT, []).then(() => order.push('first'))
    await readers.all(COUNT, []).then(() => order.push('second'))
    await slow
    expect(order).toEqual(['first', 'second', 'slow'])
  })

  test('refuse a read when too many reads wait', async () => {
    readers = openReaders(file, { busyMsMax: 1_000, threadCountMax: 1 })
    const reads = Array.from({ length: WAITING_READ_COUNT_MAX + 2 }, () => readers.all(COUNT, []))
    const outcomes = await Promise.allSettled(reads)
    const refusals = outcomes.filter(({ status }) => status === 'rejected')
    expect(refusals).toHaveLength(1)
    expect(outcomes.at(-1)).toMatchObject({
      status: 'rejected',
      reason: expect.any(ConnectionLost),
    })
  })

  test('restart after the end of an idle thread', async () => {
    readers = openReaders(file, { busyMsMax: 1_000, idleMsMax: 0, threadCountMax: 1 })
    for (let count = 0; count < 3; count += 1) {
      expect(await readers.all(COUNT, [])).toEqual([{ total: 0 }])
      // The thread's idle time has passed.
      await new Promise((next) => setImmediate(next))
    }
  })

  test('refuse reads after their close', async () => {
    readers = openReaders(file, { busyMsMax: 1_000 })
    await readers.close()
    await expect(readers.all(COUNT, [])).rejects.toThrow(ConnectionLost)
  })
})
