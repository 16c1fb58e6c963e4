/** The limits of the database: the rows of the same requests, in one process and without HTTP. */
import { DatabaseSync } from 'node:sqlite'
import type { PaymentSessionId } from '../src/domain/id.ts'
import { openEngine } from '../src/server/core.ts'
import type { Settings } from '../src/server/settings/read-settings.ts'
import type { SqlValue } from '../src/store/engine/engine.ts'
import {
  findPaymentSessions,
  insertPaymentSession,
  insertPaymentSessions,
  type PaymentSessionInsert,
} from '../src/store/payment-sessions.ts'
import { CONNECTION_COUNT } from './rounds.ts'
import { BATCH_ROW_COUNT, checkRows, createMakeInserts } from './rows.ts'
import { answerParent } from './worker.ts'

/** The limit to measure: many rows or one row in each commit or round trip. */
export type Limit = 'create_many' | 'create_one' | 'retrieve_many' | 'retrieve_one'

/** A retrieve also needs the sessions to read. */
export type LimitQuestion = {
  readonly limit: Limit
  readonly ids: readonly PaymentSessionId[]
  readonly seconds: number
}

export type LimitAnswer = { readonly rowCount: number; readonly perSecond: number }

const database = JSON.parse(process.argv[2] ?? '') as Settings['database']
const engine = await openEngine({ database })
const makeInserts = await createMakeInserts(engine)
const insertOne = database.kind === 'sqlite' ? committerOn(database.file) : insertByItself

answerParent(({ limit, ids, seconds }: LimitQuestion) => {
  switch (limit) {
    case 'create_many':
      return rateOf(createMany, 1, seconds)
    case 'create_one':
      return rateOf(createOne, CONNECTION_COUNT, seconds)
    case 'retrieve_many':
      return rateOf(() => retrieve(ids, BATCH_ROW_COUNT), 1, seconds)
    case 'retrieve_one':
      return rateOf(() => retrieve(ids, 1), CONNECTION_COUNT, seconds)
  }
})

async function createMany(): Promise<number> {
  checkRows(await insertPaymentSessions(engine, makeInserts(BATCH_ROW_COUNT)))
  return BATCH_ROW_COUNT
}

async function createOne(): Promise<number> {
  for (const insert of makeInserts(1)) checkRows([{ value: await insertOne(insert) }])
  return 1
}

async function retrieve(ids: readonly PaymentSessionId[], count: number): Promise<number> {
  const batch = Array.from(
    { length: count },
    () => ids[Math.floor(Math.random() * ids.length)] as PaymentSessionId,
  )
  const results = await findPaymentSessions(engine, batch)
  if (!results.every((result) => 'value' in result && result.value !== undefined)) {
    throw new Error('a session was not found')
  }
  return count
}

/** On PostgreSQL a single statement is a transaction: one round trip and one commit. */
function insertByItself(insert: PaymentSessionInsert) {
  return insertPaymentSession(engine.read, insert)
}

/** On SQLite the engine's transactions may share a commit, so this function has its own connection. */
function committerOn(file: string) {
  const connection = new DatabaseSync(file)
  connection.exec('pragma synchronous = full; pragma foreign_keys = on')
  const prepare = (text: string) => connection.prepare(text.replaceAll(/\$(\d+)/g, '?$1'))
  const statements = new Map<string, ReturnType<typeof prepare>>()
  const [begin, commit] = [prepare('begin immediate'), prepare('commit')]
  const run = async (text: string, params: readonly SqlValue[]) => {
    const statement = statements.get(text) ?? prepare(text)
    statements.set(text, statement)
    begin.run()
    const { changes } = statement.run(...(params as SqlValue[]))
    commit.run()
    return Number(changes)
  }
  return (insert: PaymentSessionInsert) =>
    insertPaymentSession({ run, all: async () => [] }, insert)
}

async function rateOf(
  step: () => Promise<number>,
  loopCount: number,
  seconds: number,
): Promise<LimitAnswer> {
  const startedAtMs = performance.now()
  let rowCount = 0
  const loop = async () => {
    while (performance.now() - startedAtMs < seconds * 1000) {
      const count = await step()
      rowCount += count
    }
  }
  await Promise.all(Array.from({ length: loopCount }, loop))
  return { rowCount, perSecond: (rowCount * 1000) / (performance.now() - startedAtMs) }
}
