import { DatabaseUnusable, type Engine, type MaintenanceSql } from '../engine/engine.ts'
import { migrate } from '../engine/migrate.ts'
import { findMisplacedTables, placeTable, readPlacedTables } from './placed-tables.ts'
import { EMBEDDED_DATABASE_REFUSAL, FIRST_DISTRIBUTED, TABLE_KINDS } from './table-kinds.ts'
import { isDistributionUnfinished, UNFINISHED_TABLE } from './unfinished.ts'

/** The number of the lock that one distribution holds. It is arbitrary. */
const DISTRIBUTION_LOCK = 7_239_452_772

/** A step of a distribution: one transaction. */
export type DistributionStep = {
  readonly kind: 'prepare' | 'reference' | 'distributed' | 'foreign_key' | 'finish'
  /** The table. Undefined: the step is about all tables. */
  readonly table?: string
  /** The number of the steps before it. */
  readonly doneCount: number
  readonly totalCount: number
}

/** A distributed database. */
export type Distribution = {
  /** False: the database was distributed before, and nothing has changed. */
  readonly hasChanged: boolean
  readonly nodeCount: number
  readonly shardCount: number
  readonly distributedCount: number
  readonly referenceCount: number
}

/** The settings of a distribution. */
export type DistributionOptions = {
  /** For a database that is not yet distributed. */
  readonly shardCount: number
  /** The migrations of the schema. Undefined: those of this program. */
  readonly migrations?: Parameters<typeof migrate>[1]
  /** Called before each step. It may throw, to stop between two steps. */
  readonly onStep: (step: DistributionStep) => void
}

/**
 * Distributes the tables of a Citus database over its worker nodes, by bucket. Each step is one transaction, so a run
 * continues where an interrupted one stopped. A run that continues no other one first brings the schema up to date.
 *
 * Throws DatabaseUnusable with the reason if the database cannot be distributed, or if servers or other commands use a
 * database whose distribution is not complete.
 */
export async function distribute(
  engine: Engine,
  { migrations, onStep, shardCount }: DistributionOptions,
): Promise<Distribution> {
  const { maintain } = engine
  if (maintain === undefined) {
    throw new DatabaseUnusable(EMBEDDED_DATABASE_REFUSAL)
  }
  if (!engine.isDistributed) {
    throw new DatabaseUnusable(
      'The PostgreSQL database has no Citus extension. Install Citus on all nodes. Then run on each node, in the database of the same name: create extension citus',
    )
  }
  const nodeCount = await maintain(requireNodes)
  // An unfinished distribution comes first: until its end, a server or a migration refuses the database.
  if (!(await isDistributionUnfinished(engine.read))) await migrate(engine, migrations)
  return maintain(async (sql) => {
    await requireLock(sql)
    const hasChanged = await isUnfinished(sql)
    if (hasChanged) {
      await refuseServers(sql)
      await runSteps(sql, shardCount, onStep)
    }
    return { ...(await describe(sql)), hasChanged, nodeCount }
  })
}

async function requireLock(sql: MaintenanceSql): Promise<void> {
  const [row] = await sql.all(`select pg_try_advisory_lock(${DISTRIBUTION_LOCK}) as is_free`, [])
  if (row?.is_free) return
  throw new DatabaseUnusable(
    'The command paydesk database distribute is already running on this database.',
  )
}

async function requireNodes(sql: MaintenanceSql): Promise<number> {
  const [row] = await sql.all(
    `select count(*) filter (where shouldhaveshards) as node_count,
       count(*) filter (where groupid = 0) as coordinator_count
     from pg_dist_node where isactive and noderole = 'primary'`,
    [],
  )
  const nodeCount = Number(row?.node_count)
  if (nodeCount === 0) {
    throw new DatabaseUnusable(
      "The Citus cluster has no worker node. Add each one: select citus_add_node('10.0.0.2', 5432)",
    )
  }
  if (Number(row?.coordinator_count) === 0) {
    throw new DatabaseUnusable(
      "The workers do not know the address of the coordinator. Set it: select citus_set_coordinator_host('10.0.0.1', 5432)",
    )
  }
  return nodeCount
}

async function isUnfinished(sql: MaintenanceSql): Promise<boolean> {
  return (await isDistributionUnfinished(sql)) || (await findMisplacedTables(sql)).length > 0
}

/** Refuses while servers or other commands are connected: they would wait for the tables, and time out. */
async function refuseServers(sql: MaintenanceSql): Promise<void> {
  const rows = await sql.all(
    `select coalesce(host(client_addr), 'this machine') as place, count(*) as connection_count
     from pg_stat_activity
     where datname = current_database() and application_name = 'paydesk' and pid <> pg_backend_pid()
     group by 1 order by 1`,
    [],
  )
  if (rows.length === 0) return
  const places = rows.map(({ connection_count: count, place }) => `${place} (${count})`)
  throw new DatabaseUnusable(
    `Paydesk servers or commands have connections to the database: ${places.join(', ')}. Stop them, and run the command again.`,
  )
}

async function runSteps(
  sql: MaintenanceSql,
  shardCount: number,
  onStep: DistributionOptions['onStep'],
): Promise<void> {
  const tables = await findMisplacedTables(sql)
  const foreignKeys = await countForeignKeys(sql)
  // A run that continues another one finds the database marked and the foreign keys dropped.
  const needsPreparation = tables.length > 0 && !(await isDistributionUnfinished(sql))
  const totalCount = (needsPreparation ? 1 : 0) + tables.length + foreignKeys + 1
  let doneCount = 0
  const step = async (
    kind: DistributionStep['kind'],
    statements: readonly string[],
    table?: string,
  ) => {
    onStep({ kind, doneCount, totalCount, ...(table !== undefined && { table }) })
    // Each statement alone: Citus refuses some of them in a list.
    for (const statement of ['begin', ...statements, 'commit']) {
      await sql.script(statement).catch((error: unknown) => {
        throw new DatabaseUnusable(stopMessage(error, table))
      })
    }
    doneCount += 1
  }
  if (needsPreparation) {
    await step('prepare', await preparation(sql))
    // A server that has started since the first look refuses the marked database from now on.
    await refuseServers(sql)
  }
  for (const { kind, name } of tables) {
    // The rows of the table on the coordinator would only take space.
    const truncation = `select truncate_local_data_after_distributing_table('${name}')`
    await step(kind, [placeTable(name, kind, shardCount), truncation], name)
  }
  for (const { definition, name, table_name: table } of await sql.all(
    `select table_name, name, definition from ${UNFINISHED_TABLE} order by table_name, name`,
    [],
  )) {
    const removal = `delete from ${UNFINISHED_TABLE} where table_name = '${table}' and name = '${name}'`
    const addition = `alter table ${table} add constraint ${name} ${definition}`
    await step('foreign_key', [addition, removal], String(table))
  }
  await step('finish', [`drop table ${UNFINISHED_TABLE}`])
}

/** Selects the foreign keys between tables that are not local. Citus moves no table that has one. */
const FOREIGN_KEYS = `select cast(conrelid as regclass)::text as table_name, conname as name,
    pg_get_constraintdef(oid) as definition
  from pg_constraint
  where contype = 'f' and connamespace = current_schema()::regnamespace
    and cast(conrelid as regclass)::text in (${Object.entries(TABLE_KINDS)
      .flatMap(([name, kind]) => (kind === 'local' ? [] : [`'${name}'`]))
      .join(', ')})`

/** Counts the foreign keys to add: before the first step all that are there, after it the dropped ones. */
async function countForeignKeys(sql: MaintenanceSql): Promise<number> {
  const isBegun = await isDistributionUnfinished(sql)
  const [row] = await sql.all(
    isBegun
      ? `select count(*) as total from ${UNFINISHED_TABLE}`
      : `select count(*) as total from (${FOREIGN_KEYS}) as keys`,
    [],
  )
  return Number(row?.total)
}

/**
 * The unique index of a distributed table must contain its bucket. The store keeps the numbers of virtual accounts
 * unique in all buckets.
 */
const BUCKET_IN_UNIQUE_INDEX = [
  'alter table virtual_accounts drop constraint if exists virtual_accounts_account_number_key',
  'create unique index if not exists virtual_accounts_account_number_key on virtual_accounts (account_number, bucket)',
]

/** Writes the first step: it marks the database, and records and drops the foreign keys. */
async function preparation(sql: MaintenanceSql): Promise<readonly string[]> {
  const keys = await sql.all(FOREIGN_KEYS, [])
  return [
    `create table if not exists ${UNFINISHED_TABLE} (
       table_name text not null, name text not null, definition text not null,
       primary key (table_name, name))`,
    `insert into ${UNFINISHED_TABLE} (table_name, name, definition) ${FOREIGN_KEYS} on conflict do nothing`,
    ...keys.map(({ name, table_name: table }) => `alter table ${table} drop constraint ${name}`),
    ...BUCKET_IN_UNIQUE_INDEX,
  ]
}

function stopMessage(error: unknown, table: string | undefined): string {
  const place = table === undefined ? '' : ` at the table ${table}`
  return `The distribution stopped${place}: ${(error as Error).message}. No row is lost. Remove the cause, and run the command again: it continues.`
}

async function describe(
  sql: MaintenanceSql,
): Promise<Pick<Distribution, 'distributedCount' | 'referenceCount' | 'shardCount'>> {
  const kinds = [...(await readPlacedTables(sql)).values()]
  const [row] = await sql.all(
    `select count(*) as shard_count from pg_dist_shard where logicalrelid = cast($1 as regclass)`,
    [FIRST_DISTRIBUTED],
  )
  return {
    shardCount: Number(row?.shard_count),
    distributedCount: kinds.filter((kind) => kind === 'distributed').length,
    referenceCount: kinds.filter((kind) => kind === 'reference').length,
  }
}
