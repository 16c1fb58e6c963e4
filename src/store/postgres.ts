import pg from 'pg'
import {
  ConnectionLost,
  DatabaseUnusable,
  type Engine,
  type Row,
  type Sql,
  type SqlValue,
} from './engine.ts'

/** How long a statement waits for a row that another transaction holds, in milliseconds. */
const LOCK_TIMEOUT_MS = 5_000
/** How long a statement may run, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 30_000
const CONNECT_TIMEOUT_MS = 10_000
/**
 * How long we wait for an answer of any kind, in milliseconds: longer than a statement may run, so that
 * only a connection that is dead without saying so meets it.
 */
const ANSWER_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 5_000
/** How long a read of everything may take, in milliseconds. */
const SNAPSHOT_ANSWER_TIMEOUT_MS = 60 * 60_000

/** Any number that only our migrations use: two processes that start at once take turns. */
const MIGRATION_LOCK = 7_239_452_771

/**
 * Opens a PostgreSQL database (15 or later), or one that speaks its protocol.
 *
 * `connectionCountMax` bounds the connections of this process. Throws DatabaseUnusable.
 */
export async function openPostgres(url: string, connectionCountMax: number): Promise<Engine> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionCountMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'paydesk',
    // A transaction's statements are sent without waiting for one another where the code allows it.
    pipeline: true,
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  })
  // An idle connection that breaks is replaced at the next use; without a listener it would end the process.
  pool.on('error', () => {})

  let isDistributed: boolean
  try {
    const found = await pool.query("select 1 from pg_extension where extname = 'citus'")
    isDistributed = found.rows.length > 0
  } catch (error) {
    await pool.end()
    throw new DatabaseUnusable(sentenceFrom(error, url))
  }

  /** Lends a connection for one transaction. One that was lost meanwhile is not lent again. */
  async function withClient<Result>(
    work: (client: pg.PoolClient) => Promise<Result>,
  ): Promise<Result> {
    const client = await pool.connect().catch(refused)
    let isLost = false
    const onLost = () => {
      isLost = true
    }
    // The pool does not listen to what it has lent: without this a lost connection ends the process.
    client.on('error', onLost)
    try {
      return await work(client)
    } catch (error) {
      // When even this fails the connection is gone, and the server has rolled back by itself.
      await client.query('rollback').catch(onLost)
      throw error
    } finally {
      client.off('error', onLost)
      client.release(isLost)
    }
  }

  /** Lends a connection for one statement: one that has failed is not lent again. */
  async function withAnyClient<Result>(
    work: (client: pg.PoolClient) => Promise<Result>,
  ): Promise<Result> {
    const client = await pool.connect().catch(refused)
    let failure: Error | undefined
    const onLost = (error: Error) => {
      failure = error
    }
    client.on('error', onLost)
    try {
      return await work(client)
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      client.off('error', onLost)
      client.release(failure)
    }
  }
  const read: Sql = {
    all: (text, params) => withAnyClient((client) => sqlOn(client).all(text, params)),
    run: (text, params) => withAnyClient((client) => sqlOn(client).run(text, params)),
  }

  const transaction = <Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> =>
    withClient(async (client) => {
      // Sent with the first statement: when it fails, so does that one.
      client.query('begin').catch(() => {})
      const result = await work(sqlOn(client))
      const { command } = await client.query('commit').catch(lostUnlessAnswered)
      // A statement that failed and was caught inside the work has undone all of it.
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back by the database')
      return result
    })

  return {
    name: 'postgres',
    read,
    readLong: read,
    transaction,
    longTransaction: transaction,
    snapshot: (work) =>
      withClient(async (client) => {
        await client.query('begin isolation level repeatable read read only')
        await client.query('set local statement_timeout = 0')
        const result = await work(sqlOn(client, SNAPSHOT_ANSWER_TIMEOUT_MS))
        await client.query('commit')
        return result
      }),
    clockMs: async () => {
      const [row] = await read.all(
        'select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as now_ms',
        [],
      )
      return Number(row?.now_ms)
    },
    // No key is ever changed, so rows that refer to the held one can be stored meanwhile.
    rowLock: ' for no key update',
    skipLocked: ' for update skip locked',
    prefersManyRowStatements: true,
    commitsInProcess: false,
    isDistributed,
    migrate: (work) =>
      withClient(async (client) => {
        await client.query('begin')
        await client.query('set local lock_timeout = 0; set local statement_timeout = 0')
        await client.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
        await work({
          ...sqlOn(client),
          script: async (text) => {
            await client.query(text)
          },
        })
        await client.query('commit')
      }),
    close: () => pool.end(),
  }
}

const names = new Map<string, string>()
/** More differing statements than this are sent unprepared, so that the servers' memory stays bounded. */
const PREPARED_COUNT_MAX = 500

/** Gives the name under which a connection prepares a statement the first time it meets it. */
function preparedName(text: string): string | undefined {
  let name = names.get(text)
  if (name === undefined && names.size < PREPARED_COUNT_MAX) {
    name = `s${names.size}`
    names.set(text, name)
  }
  return name
}

function sqlOn(connection: pg.PoolClient, answerTimeoutMs?: number): Sql {
  const query = (text: string, params: readonly SqlValue[]) => {
    const name = preparedName(text)
    const config = {
      text,
      values: params as SqlValue[],
      ...(answerTimeoutMs !== undefined && { query_timeout: answerTimeoutMs }),
    }
    return connection
      .query(name === undefined ? config : { ...config, name })
      .catch(lostUnlessAnswered)
  }
  return {
    all: async (text, params) => (await query(text, params)).rows as Row[],
    run: async (text, params) => (await query(text, params)).rowCount ?? 0,
  }
}

/**
 * Makes ConnectionLost of an error that did not come from the database itself: a broken connection, or no answer in
 * time, for which the driver has many names and no code.
 */
function lostUnlessAnswered(error: unknown): never {
  const isOurs = error instanceof pg.DatabaseError || error instanceof TypeError
  throw isOurs ? error : new ConnectionLost((error as Error).message, { cause: error })
}

/** Makes ConnectionLost of whatever kept us from getting a connection: full, starting, closed to us, or gone. */
function refused(error: unknown): never {
  throw new ConnectionLost((error as Error).message, { cause: error })
}

const INT8 = 20

/** Whole numbers come as `number`: ids have 53 bits, and no amount comes near that. */
function typeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown
}

function sentenceFrom(error: unknown, url: string): string {
  const { code, message } = error as { code?: string; message: string }
  const place = placeFrom(url)
  switch (code) {
    case '28P01':
    case '28000':
      return `The PostgreSQL database ${place} does not let this user in. Check the user and password in --database-url.`
    case '3D000':
      return `The PostgreSQL database ${place} does not exist. Create it, or name another one with --database-url.`
    default:
      return `The PostgreSQL database ${place} cannot be reached: ${message || code}. Check --database-url and that the server runs.`
  }
}

/** The URL without its user and password, which have no place in a message. */
function placeFrom(url: string): string {
  if (!URL.canParse(url)) return '(the URL is not well-formed)'
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}
