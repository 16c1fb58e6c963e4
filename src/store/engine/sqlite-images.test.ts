/** Tests of images of the embedded database: replacing the database by an image, and letting it rest. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DatabaseUnusable, type Engine } from './engine.ts'
import { openSqlite } from './sqlite.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-images-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function withRow(engine: Engine, text: string): Promise<Engine> {
  await engine.migrate(({ script }) =>
    script(`create table if not exists kept (text text); insert into kept values ('${text}')`),
  )
  return engine
}
const textsOf = async ({ read }: Engine) =>
  (await read.all('select text from kept order by text', [])).map(({ text }) => text)
const add = ({ transaction }: Engine, text: string) =>
  transaction((sql) => sql.run('insert into kept values ($1)', [text]))
async function imageWith(text: string): Promise<Uint8Array> {
  const engine = await withRow(openSqlite(':memory:'), text)
  const image = await engine.image?.()
  await engine.close()
  return image as Uint8Array
}

describe.each(['memory', 'file'])('a database that is replaced by an image, in %s', (where) => {
  const place = () => (where === 'file' ? join(folder, 'replaced.db') : ':memory:')
  let engine: Engine
  beforeAll(async () => {
    engine = await withRow(openSqlite(place()), 'first')
  })
  afterAll(() => engine.close())

  test('has the data of the image afterwards, and accepts writes', async () => {
    expect(await textsOf(engine)).toEqual(['first'])
    const adding = add(engine, 'under way')
    await engine.replaceBy?.(await imageWith('second'))
    await adding
    expect(await textsOf(engine)).toEqual(['second'])
    await add(engine, 'third')
    expect(await textsOf(engine)).toEqual(['second', 'third'])
    expect(engine.byteCount?.()).toBe((await engine.image?.())?.byteLength)
  })

  test('stays unchanged when the image is not a database', async () => {
    const noise = new Uint8Array(8192).fill(7)
    await expect(engine.replaceBy?.(noise)).rejects.toThrow(DatabaseUnusable)
    expect(await textsOf(engine)).toEqual(['second', 'third'])
    await add(engine, 'fourth')
    expect(await textsOf(engine)).toEqual(['fourth', 'second', 'third'])
  })
})

test('a replaced database file stays the same file for every program that has it open', async () => {
  const file = join(folder, 'shared.db')
  const [ours, others] = [await withRow(openSqlite(file), 'old'), openSqlite(file)]
  expect(await textsOf(others)).toEqual(['old'])
  await ours.replaceBy?.(await imageWith('new'))
  expect(await textsOf(others)).toEqual(['new'])
  await add(others, 'of the other')
  expect(await textsOf(ours)).toEqual(['new', 'of the other'])
  await Promise.all([ours.close(), others.close()])
  const later = openSqlite(file)
  expect(await textsOf(later)).toEqual(['new', 'of the other'])
  await later.close()
})

describe('a database that rests', () => {
  test('in memory, uses less than a tenth of the memory, and keeps all of its data', async () => {
    const engine = await withRow(openSqlite(':memory:'), 'kept')
    await engine.transaction(async (sql) => {
      for (let count = 0; count < 500; count += 1) {
        await sql.run('insert into kept values ($1)', [
          `row ${count} ${'of some length '.repeat(20)}`,
        ])
      }
    })
    const [before, bytes] = [await textsOf(engine), engine.byteCount?.() ?? 0]
    const adding = add(engine, 'zz under way')
    await engine.rest?.()
    await adding
    expect(engine.byteCount?.()).toBeLessThan(bytes / 10)
    await engine.rest?.()
    expect(await textsOf(engine)).toEqual([...before, 'zz under way'])
    expect(engine.byteCount?.()).toBeGreaterThanOrEqual(bytes)
    await engine.rest?.()
    await add(engine, 'zzz after the rest')
    await engine.rest?.()
    await engine.replaceBy?.(await imageWith('another'))
    expect(await textsOf(engine)).toEqual(['another'])
    await engine.rest?.()
    await engine.close()
  })

  test('cannot be a file', async () => {
    const engine = await withRow(openSqlite(join(folder, 'awake.db')), 'kept')
    expect(engine.rest).toBeUndefined()
    await engine.close()
  })
})
