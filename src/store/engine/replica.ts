import { clearInterval, setInterval, setTimeout } from 'node:timers'
import pg from 'pg'
import type { DatabaseHost } from '../../domain/database-url.ts'
import { DatabaseUnusable, type Engine, type Row, type SqlValue } from './engine.ts'

/** The time between two queries for the replica's state. */
const PROBE_EVERY_MS = 3_000
/** The time limit for a connection to the replica, and for the answer to a short query. */
const ANSWER_MS_MAX = 1_500
/**
 * The longest time that a read waits until the replica has replayed the commits of the primary. The time of the queries
 * for the position is extra.
 */
const REPLAY_WAIT_MS_MAX = 100
/** The time between two queries for the replayed position. */
const REPLAY_STEP_MS = 5

/**
 * The server that answered a long read. `primary_replica_behind`: the replica was too far behind.
 * `primary_replica_down`: the replica could not be used. `primary_read_failed`: only this read failed on the replica,
 * such as by a conflict with the replay.
 */
export type ReadPlace =
  | 'replica'
  | 'primary_replica_behind'
  | 'primary_replica_down'
  | 'primary_read_failed'

/** A change of the replica, for the log. */
export type ReplicaEvent =
  | { readonly kind: 'replica_lost'; readonly host: string; readonly reason: string }
  | { readonly kind: 'replica_found'; readonly host: string }

/** A replica for long reads. */
export type ReplicaOptions = {
  readonly host: DatabaseHost
  readonly pool: pg.PoolConfig
  /** The time limit of a read. */
  readonly statementMsMax: number
  readonly report: (event: ReplicaEvent) => void
  readonly countRead: (place: ReadPlace) => void
}

/** The identity of a database, and the timeline that its server has reached. */
type Identity = { readonly cluster: string; readonly database: string; readonly timeline: number }

/** A state in which the replica cannot be used, described for the operator. */
class ReplicaUnusable extends Error {}

/**
 * Makes an engine whose long reads run on a streaming replica. A read asks the primary for its position in the log and
 * waits until the replica has replayed it, so it sees every change that any server acknowledged before. If the replica
 * is too far behind, does not answer or fails, the read runs on the primary.
 *
 * Throws DatabaseUnusable for a replica of another database. A replica that does not answer at the start is used
 * as soon as it answers.
 */
export async function withReplica(engine: Engine, options: ReplicaOptions): Promise<Engine> {
  const { countRead, host, report } = options
  const pool = new pg.Pool({ ...options.pool, connectionString: host.url })
  // A broken idle connection is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => {})
  const primary = await identityOf((text) => engine.read.all(text, [])).catch(async (error) => {
    await pool.end()
    throw new DatabaseUnusable(
      `--database-read-url needs the function pg_control_system of PostgreSQL: ${(error as Error).message}.`,
    )
  })
  let timeline: number | undefined

  /** Queries the replica's state. Returns the reason why it cannot be used. Undefined: it can. */
  async function probe(): Promise<Error | undefined> {
    try {
      const replica = await withClient(pool, (client) => stateOf(client, primary))
      if (timeline === undefined) report({ kind: 'replica_found', host: host.place })
      timeline = replica.timeline
      return undefined
    } catch (error) {
      lose(error as Error)
      return error as Error
    }
  }
  function lose({ message }: Error): void {
    if (timeline !== undefined) report({ kind: 'replica_lost', host: host.place, reason: message })
    timeline = undefined
  }

  const problem = await probe()
  if (problem instanceof ReplicaUnusable) {
    await pool.end()
    throw new DatabaseUnusable(`--database-read-url ${problem.message}.`)
  }
  if (problem !== undefined) {
    report({ kind: 'replica_lost', host: host.place, reason: problem.message })
  }
  const timer = setInterval(() => void probe(), PROBE_EVERY_MS).unref()

  /** Undefined: the read has to run on the primary. */
  async function readFromReplica(
    text: string,
    params: readonly SqlValue[],
  ): Promise<readonly Row[] | undefined> {
    if (timeline === undefined) {
      countRead('primary_replica_down')
      return undefined
    }
    const position = await positionOf(engine)
    if (position === undefined) return undefined
    try {
      const rows = await withClient(pool, async (client) => {
        if (position.timeline !== timeline || !(await hasReplayed(client, position.lsn))) {
          return undefined
        }
        return readOn(client, { text, params, msMax: options.statementMsMax })
      })
      countRead(rows === undefined ? 'primary_replica_behind' : 'replica')
      return rows
    } catch (error) {
      const isReadAlone = error instanceof pg.DatabaseError
      if (!isReadAlone) lose(error as Error)
      countRead(isReadAlone ? 'primary_read_failed' : 'primary_replica_down')
      return undefined
    }
  }

  return {
    ...engine,
    readLong: {
      all: async (text, params) =>
        (await readFromReplica(text, params)) ?? engine.readLong.all(text, params),
      run: engine.readLong.run,
    },
    lostReplica: () => (timeline === undefined ? [`replica ${host.place}`] : []),
    close: async () => {
      clearInterval(timer)
      await Promise.all([engine.close(), pool.end()])
    },
  }
}

/** The end of the log that the primary has written to its disk. Every acknowledged change is before it. */
type LogPosition = { readonly lsn: string; readonly timeline: number }

/** Undefined: the primary does not answer, or is a standby at the moment. The read on the primary reports that. */
async function positionOf({ read }: Engine): Promise<LogPosition | undefined> {
  const [row] = await read
    .all(
      `select cast(lsn as text) as lsn, pg_walfile_name(lsn) as file
       from pg_current_wal_flush_lsn() as lsn`,
      [],
    )
    .catch(() => [])
  return row && { lsn: String(row.lsn), timeline: timelineIn(row.file) }
}

/** The first eight digits of a log file's name are the timeline. */
const timelineIn = (file: unknown): number => Number.parseInt(String(file).slice(0, 8), 16)

async function identityOf(ask: (text: string) => Promise<readonly Row[]>): Promise<Identity> {
  const [row] = await ask(
    `select cast(system_identifier as text) as cluster, current_database() as database,
       greatest((pg_control_checkpoint()).timeline_id,
         (pg_control_recovery()).min_recovery_end_timeline) as timeline
     from pg_control_system()`,
  )
  return {
    cluster: String(row?.cluster),
    database: String(row?.database),
    timeline: Number(row?.timeline),
  }
}

/**
 * Returns the state of the replica. Throws ReplicaUnusable if it is no replica of the primary's
 * database.
 */
async function stateOf(client: pg.PoolClient, primary: Identity): Promise<Identity> {
  const replica = await identityOf(async (text) => (await client.query(text)).rows)
  if (replica.cluster !== primary.cluster) {
    throw new ReplicaUnusable('is no replica of --database-url: it belongs to another cluster')
  }
  if (replica.database !== primary.database) {
    throw new ReplicaUnusable(
      `names the database ${replica.database}, but --database-url names ${primary.database}`,
    )
  }
  const { rows } = await client.query('select pg_is_in_recovery() as is_standby')
  if (rows[0]?.is_standby !== true) throw new Error('the server is no standby')
  return replica
}

/** Waits until the replica has replayed the log up to a position. False: it takes too long. */
async function hasReplayed(client: pg.PoolClient, lsn: string): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += REPLAY_STEP_MS) {
    const { rows } = await client.query({
      name: 'replayed',
      text: 'select pg_is_in_recovery() and pg_last_wal_replay_lsn() >= cast($1 as pg_lsn) as has',
      values: [lsn],
    })
    if (rows[0]?.has === true) return true
    if (waitedMs >= REPLAY_WAIT_MS_MAX) return false
    await new Promise((resolve) => setTimeout(resolve, REPLAY_STEP_MS))
  }
}

type LongRead = {
  readonly text: string
  readonly params: readonly SqlValue[]
  readonly msMax: number
}

async function readOn(
  client: pg.PoolClient,
  { msMax, params, text }: LongRead,
): Promise<readonly Row[]> {
  await client.query(`begin read only; set local statement_timeout = ${msMax}`)
  const query = { text, values: [...params], query_timeout: msMax + ANSWER_MS_MAX }
  const { rows } = await client.query(query)
  await client.query('commit')
  return rows
}

/** Lends a connection. After an error it is closed, because its transaction or its answer may be open. */
async function withClient<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  const ignore = () => {}
  client.on('error', ignore)
  let isFailed = true
  try {
    const result = await work(client)
    isFailed = false
    return result
  } finally {
    client.off('error', ignore)
    client.release(isFailed)
  }
}
