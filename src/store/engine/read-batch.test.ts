import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createDatabase } from '../../../test/support/postgres-cluster.ts'
import { ConnectionLost } from './engine.ts'
import { typeParser } from './postgres-client.ts'
import { readEach, readPrepared } from './read-batch.ts'

let url: string
let client: pg.Client
beforeAll(async () => {
  url = await createDatabase(inject('postgresUrl'))
  client = await openClient()
})
afterAll(() => client.end())

async function openClient(): Promise<pg.Client> {
  const newClient = new pg.Client({
    connectionString: url,
    pipeline: true,
    query_timeout: 5_000,
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  })
  newClient.on('error', () => {})
  await newClient.connect()
  return newClient
}

/** Returns the numbers from 1 to a count, each with a text. */
const COUNTED = `select cast(n as bigint) as n, cast($2 as text) as word
  from generate_series(1, cast($1 as integer)) as numbers (n)`
/** Divides by a number: 0 fails. */
const DIVIDED = 'select 12 / cast($1 as integer) as quotient'

const names = new Map<string, string>()
const readOnce: typeof readEach = (ofClient, text, lists) => {
  const name = names.get(text) ?? `test${names.size}`
  names.set(text, name)
  return readPrepared(ofClient, { text, name, lists })
}

describe.each([
  ['in one message', readOnce],
  ['in a message for each run', readEach],
] as const)('reads %s', (_, readBatch) => {
  test('each list of parameters gets its own rows (none, one or several) with their types', async () => {
    const lists = [
      [0, 'none'],
      [3, 'three'],
      [1, null],
      [0, 'none'],
    ]
    const rows = [[], [1, 2, 3].map((n) => ({ n, word: 'three' })), [{ n: 1, word: null }], []]
    // At the second call the statement is already prepared.
    expect(await readBatch(client, COUNTED, lists)).toEqual(rows)
    expect(await readBatch(client, COUNTED, lists)).toEqual(rows)
    expect(await readBatch(client, COUNTED, [[1, 'alone']])).toEqual([[{ n: 1, word: 'alone' }]])
  })

  test('batches and single statements of one moment get their own answers', async () => {
    const answers = await Promise.all([
      readBatch(client, COUNTED, [
        [1, 'a'],
        [2, 'b'],
      ]),
      client.query('select 7 as seven').then(({ rows }) => rows),
      readBatch(client, DIVIDED, [[3], [4]]),
    ])
    expect(answers).toEqual([
      [[{ n: 1, word: 'a' }], [1, 2].map((n) => ({ n, word: 'b' }))],
      [{ seven: 7 }],
      [[{ quotient: 4 }], [{ quotient: 3 }]],
    ])
  })

  test('a run that fails fails its whole batch, but not the next one', async () => {
    const [failing, next] = await Promise.allSettled([
      readBatch(client, DIVIDED, [[1], [0], [2]]),
      readBatch(client, DIVIDED, [[6]]),
    ])
    expect(failing).toMatchObject({ status: 'rejected', reason: { code: '22012' } })
    expect(next).toEqual({ status: 'fulfilled', value: [[{ quotient: 2 }]] })
    await expect(
      readBatch(client, 'select * from missing where n = $1', [[1], [2]]),
    ).rejects.toThrow('missing')
    expect(await readBatch(client, DIVIDED, [[12]])).toEqual([[{ quotient: 1 }]])
  })

  test('a batch whose connection breaks reports the lost connection', async () => {
    const lostClient = await openClient()
    const reading = readBatch(lostClient, 'select pg_sleep($1)', [[60], [60]])
    lostClient.connection.stream.destroy()
    await expect(reading).rejects.toBeInstanceOf(ConnectionLost)
  })
})
