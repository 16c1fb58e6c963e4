import type pg from 'pg'
import { type DatabaseHost, parseDatabaseUrl } from '../../domain/database-url.ts'
import { type NodeEvent, type WatchedNodes, watchNodes } from './citus-nodes.ts'
import {
  ConnectionLost,
  type CountBatch,
  DatabaseUnusable,
  type Engine,
  type MaintenanceSql,
  NodeUnreachable,
  type Row,
  type Sql,
  type SqlValue,
} from './engine.ts'
import { isServerFailure, isTimeout } from './node-checks.ts'
import { sendStatement, throwIfLost, typeParser } from './postgres-client.ts'
import {
  describeStates,
  type HostState,
  openPrimary,
  type Primary,
  type PrimaryEvent,
  queryHostState,
} from './primary.ts'
import { type ReadPlace, type ReplicaEvent, withReplica } from './replica.ts'

/** The longest time for which a statement waits for a row that another transaction holds. */
const LOCK_TIMEOUT_MS = 3_000
/** The longest time of a request's statement. */
const STATEMENT_TIMEOUT_MS = 4_000
/** The longest time of a statement of a list, a report or a deletion. */
const LONG_STATEMENT_TIMEOUT_MS = 30_000
/** The longest time for which a request waits for a free or new connection. */
const CONNECT_TIMEOUT_MS = 3_000
/** The maximum number of requests that wait for a connection. A further request fails immediately. */
const WAITING_COUNT_MAX = 2_000
/** The extra wait for an answer after a statement's time limit. Only a connection that broke silently takes longer. */
const ANSWER_MARGIN_MS = 1_000
/** The maximum number of batches of one kind that run at the same time, if there are enough connections. */
const BATCH_COUNT_MAX = 4
/** The time limit of a read of all rows. */
const SNAPSHOT_ANSWER_TIMEOUT_MS = 60 * 60_000

/** The time limit of a change of the schema, or of the copy of a table. */
const MAINTENANCE_ANSWER_TIMEOUT_MS = 24 * 60 * 60_000

/**
 * During a long statement the server checks after this time whether the client still lives, and then releases the locks
 * of a killed client.
 */
const CLIENT_CHECK_MS = 1_000

/** The number of the lock with which processes that start at the same time take turns to migrate. It is arbitrary. */
const MIGRATION_LOCK = 7_239_452_771

const LONG_ANSWER_TIMEOUT_MS = LONG_STATEMENT_TIMEOUT_MS + ANSWER_MARGIN_MS
/**
 * The settings with which a transaction on Citus uses one connection to each node: then it sees one state of each node,
 * and can write a reference table after a statement on several shards. After a statement on parallel connections, Citus
 * would refuse that write. The second setting sends the limits of later messages to the workers.
 */
const SEQUENTIAL =
  "set local citus.multi_shard_modify_mode = 'sequential'; set local citus.propagate_set_commands = 'local'"
// Each limit is a separate message, because Citus repeats the whole message on the workers.
/** Without this limit the workers would wait longer for a lock. */
const SET_LOCK_TIMEOUT = `set local lock_timeout = ${LOCK_TIMEOUT_MS}`
const SET_LONG = `set local statement_timeout = ${LONG_STATEMENT_TIMEOUT_MS}`
const SET_NO_LIMIT = 'set local statement_timeout = 0'
const BEGIN_SNAPSHOT = 'begin isolation level repeatable read read only'

const CLIENT_OPTIONS = {
  statement_timeout: STATEMENT_TIMEOUT_MS,
  lock_timeout: LOCK_TIMEOUT_MS,
  query_timeout: STATEMENT_TIMEOUT_MS + ANSWER_MARGIN_MS,
  keepAlive: true,
  idle_in_transaction_session_timeout: LONG_STATEMENT_TIMEOUT_MS,
  application_name: 'paydesk',
  // Sends a transaction's next statement without waiting for the answer to the previous one, if the code allows it.
  pipeline: true,
  types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
} satisfies pg.ClientConfig

/** The longest wait for an answer of the replica to a short query. After this time the primary answers. */
const REPLICA_ANSWER_MS_MAX = 1_500

/** A replica for lists and reports, with the functions that get its changes and the place of each read. */
export type ReadReplica = {
  readonly url: string
  readonly report: (event: ReplicaEvent) => void
  readonly countRead: (place: ReadPlace) => void
}

/** Makes an engine whose lists and reports read from a replica, as `withReplica`. Throws DatabaseUnusable. */
export async function readFromReplica(
  engine: Engine,
  { countRead, report, url }: ReadReplica,
  connectionCountMax: number,
): Promise<Engine> {
  const [host, ...others] = parseDatabaseUrl(url) ?? []
  if (host === undefined || others.length > 0) {
    throw new DatabaseUnusable('--database-read-url must name one server of PostgreSQL.')
  }
  if (engine.isDistributed) {
    throw new DatabaseUnusable('--database-read-url does not work with Citus: leave it out.')
  }
  return withReplica(engine, {
    host,
    pool: {
      max: connectionCountMax,
      connectionTimeoutMillis: REPLICA_ANSWER_MS_MAX,
      query_timeout: REPLICA_ANSWER_MS_MAX,
      keepAlive: true,
      application_name: 'paydesk',
      types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
    },
    statementMsMax: LONG_STATEMENT_TIMEOUT_MS,
    report,
    countRead,
  })
}

/**
 * Opens a PostgreSQL database (15 or later), or another database with its protocol. If the URL names several servers,
 * the engine uses the one that accepts writes, and follows a change of the primary; `report` gets each change.
 *
 * `connectionCountMax` limits the connections of this process. Throws DatabaseUnusable.
 */
export async function openPostgres(
  url: string,
  connectionCountMax: number,
  report: (event: PrimaryEvent | NodeEvent) => void = () => {},
  countBatch: CountBatch = () => {},
): Promise<Engine> {
  const primary = await findPrimary(url, connectionCountMax, report)
  const nodes = await findNodes(primary, { connectionCountMax, report })
  const lend = createLender(primary, nodes !== undefined)
  const read = sqlOf(lend, nodes)

  /** Runs a transaction that begins with these messages. Each answer may take `answerTimeoutMs`. */
  const inTransaction = <Result>(
    begin: readonly string[],
    work: (sql: Sql) => Promise<Result>,
    answerTimeoutMs?: number,
  ): Promise<Result> =>
    lend.many(async (client) => {
      // Sent together with the first statement: if one of them fails, so does that statement.
      for (const message of begin) client.query(message).catch(() => {})
      const result = await work(sqlOn(client, answerTimeoutMs, nodes))
      const commit = () => client.query('commit').catch(throwIfLost)
      const { command } = await (nodes === undefined ? commit() : nodes.guard('commit', [], commit))
      // A failed statement has undone the whole transaction, even if the work caught its error.
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back by the database')
      return result
    })
  const isDistributed = nodes !== undefined
  const begin = isDistributed ? [`begin; ${SEQUENTIAL}`, SET_LOCK_TIMEOUT] : ['begin']
  const long = <Result>(work: (sql: Sql) => Promise<Result>) =>
    inTransaction([...begin, SET_LONG], work, LONG_ANSWER_TIMEOUT_MS)

  return {
    name: 'postgres',
    read,
    readLong: inPlaces(nodes, {
      all: (text, params) => long((sql) => sql.all(text, params)),
      run: (text, params) => long((sql) => sql.run(text, params)),
    }),
    transaction: (work) => inTransaction(begin, work),
    gatheredTransaction: (work) => inTransaction(begin, work),
    longTransaction: long,
    snapshot: (work) =>
      inTransaction(
        [isDistributed ? `${BEGIN_SNAPSHOT}; ${SEQUENTIAL}` : BEGIN_SNAPSHOT, SET_NO_LIMIT],
        work,
        SNAPSHOT_ANSWER_TIMEOUT_MS,
      ),
    clockMs: async () => {
      const [row] = await read.all(
        'select cast(extract(epoch from clock_timestamp()) * 1000 as bigint) as now_ms',
        [],
      )
      return Number(row?.now_ms)
    },
    // Keys never change, so rows that refer to the locked row can still be stored.
    rowLock: ' for no key update',
    skipLocked: ' for update skip locked',
    prefersManyRowStatements: true,
    commitsInProcess: false,
    batchCountMax: Math.min(BATCH_COUNT_MAX, Math.floor(connectionCountMax / 2)),
    countBatch,
    isDistributed,
    ...(nodes !== undefined && { nodes }),
    maintain: (work) => maintainOn(lend, work),
    migrate: (work) => migrateOn(lend, work),
    close: async () => {
      await Promise.all([nodes?.close(), primary.close()])
    },
  }
}

/** Watches the nodes of a database with the Citus extension. Undefined: the database has no such extension. */
async function findNodes(
  primary: Primary,
  options: Pick<Parameters<typeof watchNodes>[0], 'connectionCountMax' | 'report'>,
): Promise<WatchedNodes | undefined> {
  try {
    const { pool } = primary.current()
    const { rows } = await pool.query("select 1 as one from pg_extension where extname = 'citus'")
    if (rows.length === 0) return undefined
    return await watchNodes({
      ...options,
      client: CLIENT_OPTIONS,
      coordinatorUrl: () => primary.current().host.url,
    })
  } catch (error) {
    await primary.close()
    throw new DatabaseUnusable(
      `The PostgreSQL database cannot be used: ${(error as Error).message}.`,
    )
  }
}

async function maintainOn<Result>(
  lend: Lender,
  work: (sql: MaintenanceSql) => Promise<Result>,
): Promise<Result> {
  return lend.many(async (client) => {
    const sql = maintenanceSqlOn(client)
    await sql.script(
      `set statement_timeout = 0; set lock_timeout = 0; set client_connection_check_interval = ${CLIENT_CHECK_MS}`,
    )
    const result = await work(sql)
    await sql.script('select pg_advisory_unlock_all(); reset statement_timeout; reset lock_timeout')
    return result
  })
}

async function migrateOn(
  lend: Lender,
  work: (sql: MaintenanceSql) => Promise<void>,
): Promise<void> {
  await lend.many(async (client) => {
    const sql = maintenanceSqlOn(client)
    await sql.script('begin')
    await sql.script('set local lock_timeout = 0; set local statement_timeout = 0')
    await sql.script(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    await work(sql)
    await sql.script('commit')
  })
}

/** Finds the server that accepts writes. Throws DatabaseUnusable, which names each server and its state. */
async function findPrimary(
  url: string,
  connectionCountMax: number,
  report: (event: PrimaryEvent) => void,
): Promise<Primary> {
  const hosts = parseDatabaseUrl(url)
  if (hosts === undefined) {
    throw new DatabaseUnusable('--database-url is not the URL of a PostgreSQL database.')
  }
  const states = await Promise.all(hosts.map(queryHostState))
  const options: pg.PoolConfig = {
    ...CLIENT_OPTIONS,
    max: connectionCountMax,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    onConnect: refuseStandby,
  }
  const primary = openPrimary(hosts, states, options, report)
  if (primary === undefined) throw new DatabaseUnusable(sentenceFrom(hosts, states))
  return primary
}

/** Refuses a connection to a standby: an old primary may come back as a standby under its address. */
async function refuseStandby(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query(
    answeredWithin('select pg_is_in_recovery() as is_standby', CONNECT_TIMEOUT_MS),
  )
  if (rows[0]?.is_standby === true) throw new ConnectionLost('the server has become a standby')
}

/** Makes a statement with its own time limit for the answer. The driver reads this field; its types lack it. */
function answeredWithin(text: string, milliseconds: number): pg.QueryConfig {
  const config = { text, query_timeout: milliseconds }
  return config
}

/** Lends connections to the primary, and starts a search for it when they fail. */
type Lender = {
  /** For one statement, which is its own transaction. */
  readonly one: <Result>(work: (client: pg.PoolClient) => Promise<Result>) => Promise<Result>
  /** For one transaction, which is rolled back if the work fails. */
  readonly many: <Result>(work: (client: pg.PoolClient) => Promise<Result>) => Promise<Result>
}

function createLender(primary: Primary, isDistributed: boolean): Lender {
  async function lend<Result>(
    work: (client: pg.PoolClient) => Promise<Result>,
    undo: (client: pg.PoolClient) => Promise<unknown>,
  ): Promise<Result> {
    const from = primary.current()
    // A full queue is no sign of a failed server, so it starts no search.
    if (from.pool.waitingCount >= WAITING_COUNT_MAX) {
      throw new ConnectionLost('too many requests wait for a connection to the database')
    }
    const client = await from.pool.connect().catch((error: unknown) => {
      primary.suspect(from)
      // A connection can fail for many reasons: too many connections, a starting server, a refusal, a broken network.
      throw new ConnectionLost((error as Error).message, { cause: error })
    })
    let isLost = false
    const onLost = () => {
      isLost = true
    }
    // The pool does not listen to lent connections: without this listener a lost one would end the process.
    client.on('error', onLost)
    try {
      const result = await work(client)
      from.noteAnswer()
      return result
    } catch (error) {
      if (isServerFailure(error)) {
        primary.suspect(from)
        isLost = true
      } else if (isDistributed && mayWaitForNode(error)) {
        // The coordinator answers on other connections, but on this one it can wait as long as the node hangs.
        isLost = true
      } else {
        from.noteAnswer()
        // If the rollback fails too, the connection is lost, and the server rolls back automatically.
        await undo(client).catch(onLost)
      }
      throw error
    } finally {
      client.off('error', onLost)
      client.release(isLost)
    }
  }
  return {
    one: (work) => lend(work, async () => {}),
    many: (work) => lend(work, (client) => client.query('rollback')),
  }
}

/** Returns true after a statement that timed out: the coordinator has asked a node to stop it, and may still wait. */
function mayWaitForNode(error: unknown): boolean {
  return error instanceof NodeUnreachable ? error.isWaiting : isTimeout(error)
}

/** Each statement is its own transaction, on any free connection. */
function sqlOf(lend: Lender, nodes: WatchedNodes | undefined): Sql {
  const sql = inPlaces(nodes, {
    all: (text, params) => lend.one((client) => sqlOn(client, undefined, nodes).all(text, params)),
    run: (text, params) => lend.one((client) => sqlOn(client, undefined, nodes).run(text, params)),
  })
  if (nodes === undefined) return sql
  return {
    ...sql,
    all: async (text, params) =>
      (await nodes.runAtNode(text, params)) ?? (await sql.all(text, params)),
  }
}

/** Limits the connections that the statements of one node use at the same time. */
function inPlaces(nodes: WatchedNodes | undefined, { all, run }: Sql): Sql {
  if (nodes === undefined) return { all, run }
  return {
    all: (text, params) => nodes.guardPlace(text, params, () => all(text, params)),
    run: (text, params) => nodes.guardPlace(text, params, () => run(text, params)),
  }
}

function sqlOn(connection: pg.PoolClient, answerTimeoutMs?: number, nodes?: WatchedNodes): Sql {
  const send = (text: string, params: readonly SqlValue[]) =>
    sendStatement(connection, { text, params, answerTimeoutMs })
  const query =
    nodes === undefined
      ? send
      : (text: string, params: readonly SqlValue[]) =>
          nodes.guard(text, params, () => send(text, params))
  return {
    all: async (text, params) => (await query(text, params)).rows as Row[],
    run: async (text, params) => (await query(text, params)).rowCount ?? 0,
  }
}

function maintenanceSqlOn(client: pg.PoolClient): MaintenanceSql {
  return {
    ...sqlOn(client, MAINTENANCE_ANSWER_TIMEOUT_MS),
    script: async (text) => {
      await client.query(answeredWithin(text, MAINTENANCE_ANSWER_TIMEOUT_MS))
    },
  }
}

function sentenceFrom(hosts: readonly DatabaseHost[], states: readonly HostState[]): string {
  const [first] = states
  if (hosts.length === 1 && first?.kind === 'unreachable') {
    return sentenceOfError(first.error, hosts[0]?.place ?? '')
  }
  const each = Object.entries(describeStates(hosts, states)).map(([place, is]) => `${place} ${is}`)
  return hosts.length === 1
    ? `The PostgreSQL database ${each[0]}${first?.kind === 'read_only' ? '' : ' and accepts no writes'}. In --database-url, name a server that accepts writes, or all servers of the cluster separated by commas.`
    : `No server of --database-url accepts writes: ${each.join('; ')}.`
}

function sentenceOfError(error: unknown, place: string): string {
  const { code, message } = error as { code?: string; message: string }
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
