import type { OpenWork } from '../operations/store.ts'
import { openWorkOf } from './claim.ts'
import { readPlacedTables } from './distribution/placed-tables.ts'
import { FIRST_DISTRIBUTED, type TableKind } from './distribution/table-kinds.ts'
import { isDistributionUnfinished } from './distribution/unfinished.ts'
import type { Engine, Row, Sql } from './engine/engine.ts'
import { readMigrations } from './engine/migrate.ts'

/** A server of a distributed database. */
export type NodeStatus = {
  readonly host: string
  readonly port: number
  readonly role: 'coordinator' | 'worker'
  readonly isUp: boolean
  /** The number of shards that each distributed table has on it. */
  readonly shardCount: number
  /** The size of its part of the database, in bytes. Undefined: it does not answer. */
  readonly byteCount: number | undefined
}

/** A table with its size. */
export type TableStatus = {
  readonly name: string
  /** Undefined: the database is not distributed. */
  readonly kind: TableKind | undefined
  /** With its indexes, on all nodes. Undefined: a node does not answer. */
  readonly byteCount: number | undefined
}

/** The state of a database. */
export type DatabaseStatus = {
  readonly engine: 'sqlite' | 'postgresql' | 'citus'
  /** The version of the engine: `15.9`, or `Citus 13.0.3 on PostgreSQL 15.9`. */
  readonly version: string
  /** Undefined: no server has used the database yet. */
  readonly mode: string | undefined
  /** 0: the database has no schema. */
  readonly schemaVersion: number
  readonly programSchemaVersion: number
  /** `none`: all rows are in one place. `unfinished`: a distribution has begun and not ended. */
  readonly distribution: 'none' | 'unfinished' | 'distributed'
  /** The number of shards of each distributed table. */
  readonly shardCount: number
  /** Empty: the database is on one server. */
  readonly nodes: readonly NodeStatus[]
  /** The size of the whole database on all nodes that answer, in bytes. */
  readonly byteCount: number
  /** The largest first. Empty: the engine does not know the sizes of tables. */
  readonly tables: readonly TableStatus[]
  /** The creation times of the oldest open work of each kind. Undefined: the schema is old, or a node does not answer. */
  readonly oldestOpen: ReadonlyMap<OpenWork, number> | undefined
}

/** Reads the state of a database, also while servers use it, nodes are down, or its schema is old. Changes nothing. */
export async function readDatabaseStatus(engine: Engine): Promise<DatabaseStatus> {
  const sql = engine.readLong
  const schemaVersion = Number(
    (await firstOf(sql, 'select max(version) as value from schema_migrations')) ?? 0,
  )
  const programSchemaVersion = readMigrations().at(-1)?.version ?? 0
  const mode = await firstOf(sql, "select value from installation where name = 'mode'")
  const context = { engine, read: engine.read, readLong: sql }
  const oldestOpen =
    schemaVersion >= programSchemaVersion
      ? await openWorkOf(context)
          .findOldest()
          .catch(() => undefined)
      : undefined
  return {
    mode: typeof mode === 'string' ? mode : undefined,
    schemaVersion,
    programSchemaVersion,
    oldestOpen,
    ...(engine.name === 'sqlite'
      ? await sqliteStatus(sql)
      : engine.isDistributed
        ? await citusStatus(sql)
        : await postgresStatus(sql)),
  }
}

type EngineStatus = Omit<
  DatabaseStatus,
  'mode' | 'schemaVersion' | 'programSchemaVersion' | 'oldestOpen'
>

const ON_ONE_SERVER = { distribution: 'none', shardCount: 0, nodes: [] } as const

async function sqliteStatus(sql: Sql): Promise<EngineStatus> {
  return {
    ...ON_ONE_SERVER,
    engine: 'sqlite',
    version: String(await firstOf(sql, 'select sqlite_version() as value')),
    byteCount: Number(
      await firstOf(
        sql,
        'select page_count * page_size as value from pragma_page_count, pragma_page_size',
      ),
    ),
    tables: [],
  }
}

async function postgresStatus(sql: Sql): Promise<EngineStatus> {
  return {
    ...ON_ONE_SERVER,
    engine: 'postgresql',
    version: await postgresVersion(sql),
    byteCount: Number(await firstOf(sql, 'select pg_database_size(current_database()) as value')),
    tables: await readTables(sql, new Map(), undefined),
  }
}

async function citusStatus(sql: Sql): Promise<EngineStatus> {
  const placements = await readPlacedTables(sql)
  const isDistributed = placements.get(FIRST_DISTRIBUTED) === 'distributed'
  const nodes = await readNodes(sql)
  const areAllUp = nodes.every(({ isUp }) => isUp)
  const citusVersion = String(await firstOf(sql, 'select citus_version() as value')).split(
    ' on ',
  )[0]
  return {
    engine: 'citus',
    version: `${citusVersion} on PostgreSQL ${await postgresVersion(sql)}`,
    distribution: (await isDistributionUnfinished(sql))
      ? 'unfinished'
      : isDistributed
        ? 'distributed'
        : 'none',
    shardCount: nodes.reduce((sum, { shardCount }) => sum + shardCount, 0),
    nodes,
    byteCount: nodes.reduce((sum, { byteCount = 0 }) => sum + byteCount, 0),
    tables: await readTables(sql, placements, areAllUp),
  }
}

async function postgresVersion(sql: Sql): Promise<string> {
  const value = await firstOf(sql, "select current_setting('server_version') as value")
  // Debian adds its own version in brackets.
  return String(value).split(' ')[0] ?? ''
}

/** Reads the nodes of a Citus database. Each has to answer a query for the size of its part. */
async function readNodes(sql: Sql): Promise<readonly NodeStatus[]> {
  const answers = await sql.all(
    `select nodeid, success, result from run_command_on_all_nodes(
       'select pg_database_size(current_database())', give_warning_for_connection_errors => true)`,
    [],
  )
  const answerOf = new Map(answers.map((row) => [row.nodeid, row]))
  const rows = await sql.all(
    `select n.nodeid, n.nodename, n.nodeport, n.groupid, count(s.shardid) as shard_count
     from pg_dist_node n left join pg_dist_placement p on p.groupid = n.groupid
       left join pg_dist_shard s on s.shardid = p.shardid and s.logicalrelid = to_regclass($1)
     where n.noderole = 'primary'
     group by n.nodeid, n.nodename, n.nodeport, n.groupid order by n.groupid`,
    [FIRST_DISTRIBUTED],
  )
  return rows.map((row) => {
    const answer = answerOf.get(row.nodeid)
    const isUp = Boolean(answer?.success)
    return {
      host: String(row.nodename),
      port: Number(row.nodeport),
      role: Number(row.groupid) === 0 ? 'coordinator' : 'worker',
      isUp,
      shardCount: Number(row.shard_count),
      byteCount: isUp ? Number(answer?.result) : undefined,
    }
  })
}

/** Reads the tables of PostgreSQL. `areAllUp`: true if all nodes answer, undefined if the tables are on one server. */
async function readTables(
  sql: Sql,
  placements: ReadonlyMap<string, TableKind>,
  areAllUp: boolean | undefined,
): Promise<readonly TableStatus[]> {
  const rows = await sql.all(
    `select tablename as name, pg_total_relation_size(cast(quote_ident(tablename) as regclass)) as byte_count
     from pg_tables where schemaname = current_schema()`,
    [],
  )
  const tables: TableStatus[] = []
  for (const { byte_count: ownBytes, name } of rows) {
    const kind = placements.get(String(name)) ?? (placements.size > 0 ? 'local' : undefined)
    const isPlaced = kind === 'distributed' || kind === 'reference'
    tables.push({
      name: String(name),
      kind,
      byteCount: isPlaced ? await placedBytes(sql, String(name), areAllUp) : Number(ownBytes),
    })
  }
  return tables.sort(
    (a, b) => (b.byteCount ?? 0) - (a.byteCount ?? 0) || (a.name < b.name ? -1 : 1),
  )
}

async function placedBytes(
  sql: Sql,
  name: string,
  areAllUp: boolean | undefined,
): Promise<number | undefined> {
  if (areAllUp === false) return undefined
  const value = await firstOf(sql, `select citus_total_relation_size('${name}') as value`)
  return Number(value)
}

/** Returns the column `value` of the first row. Undefined: there is no row, or no such table. */
async function firstOf(sql: Sql, text: string): Promise<Row[string]> {
  try {
    const [row] = await sql.all(text, [])
    return row?.value
  } catch (error) {
    // SQLSTATE undefined_table; SQLite has no special code for it.
    const { code, message } = error as { code?: unknown; message: string }
    if (code === '42P01' || message.startsWith('no such table')) return undefined
    throw error
  }
}
