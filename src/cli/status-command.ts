import type { Command } from 'commander'
import type { OpenWork } from '../operations/store.ts'
import type { DatabaseStatus } from '../store/database-status.ts'
import type { Environment, Flags } from './arguments.ts'
import { byteSize } from './byte-size.ts'
import { pastableOnDatabase } from './database-command.ts'
import { jsonOption } from './json-option.ts'
import { onTables, withEngine } from './maintenance-command.ts'
import { print, printColumns, printJson, printTable, showTime } from './output.ts'

/** Adds `paydesk database status`. */
export function addStatusCommand(database: Command, environment: Environment): void {
  onTables(database, 'status')
    .description(
      'Show the engine of a database, its schema and size, and its oldest open work. On PostgreSQL also show the largest tables, and on Citus each node with its state and shards. The command changes nothing, works beside servers, and needs no secret key. The exit code is 1 if a node does not answer.',
    )
    .addOption(jsonOption())
    .action((flags: Flags) =>
      withEngine(flags, environment, async (engine) => {
        const { readDatabaseStatus } = await import('../store/database-status.ts')
        const status = await readDatabaseStatus(engine)
        if (flags.json === true) printJson(statusFields(status))
        else printStatus(status, flags)
        if (status.nodes.some(({ isUp }) => !isUp)) process.exitCode = 1
      }),
    )
}

const ENGINE_NAMES: Readonly<Record<DatabaseStatus['engine'], string>> = {
  sqlite: 'SQLite',
  postgresql: 'PostgreSQL',
  citus: '',
}

const WORK_NAMES: Readonly<Record<OpenWork, string>> = {
  attempt: 'payments',
  refund: 'refunds',
  delivery: 'deliveries',
  message: 'messages',
}

/** The maximum number of tables that a person sees. */
const SHOWN_TABLE_COUNT = 10

function printStatus(status: DatabaseStatus, flags: Flags): void {
  const { nodes, oldestOpen, tables } = status
  printTable([
    ['Engine', `${ENGINE_NAMES[status.engine]} ${status.version}`.trim()],
    ['Mode', status.mode ?? 'not used by a server yet'],
    ['Schema', schemaText(status, flags)],
    ['Size', byteSize(status.byteCount)],
    ['Distribution', distributionText(status, flags)],
    ['Oldest open work', oldestOpen === undefined ? 'not known' : openWorkText(oldestOpen)],
  ])
  if (nodes.length > 0) {
    print('')
    printColumns(
      ['Node', 'Role', 'Status', ' Shards', ' Size'],
      nodes.map(({ byteCount, host, isUp, port, role, shardCount }) => [
        `${host}:${port}`,
        role,
        isUp ? 'up' : 'no answer',
        String(shardCount),
        byteCount === undefined ? '' : byteSize(byteCount),
      ]),
    )
  }
  if (tables.length === 0) return
  print('')
  const hasKinds = tables.some(({ kind }) => kind !== undefined)
  printColumns(
    ['Largest tables', ...(hasKinds ? ['Place of rows'] : []), ' Size'],
    tables
      .slice(0, SHOWN_TABLE_COUNT)
      .map(({ byteCount, kind, name }) => [
        name,
        ...(hasKinds ? [KIND_TEXTS[kind ?? 'local']] : []),
        byteCount === undefined ? 'not known' : byteSize(byteCount),
      ]),
  )
}

const KIND_TEXTS = {
  distributed: 'distributed',
  reference: 'on every node',
  local: 'on the coordinator',
} as const

function schemaText({ programSchemaVersion, schemaVersion }: DatabaseStatus, flags: Flags): string {
  if (schemaVersion === 0) {
    return `none yet. To make it: ${pastableOnDatabase('migrate', flags)}`
  }
  if (schemaVersion === programSchemaVersion) return `${schemaVersion}, up to date`
  return schemaVersion < programSchemaVersion
    ? `${schemaVersion}, this program has ${programSchemaVersion}. To update it: ${pastableOnDatabase('migrate', flags)}`
    : `${schemaVersion}, of a newer Paydesk: this program has ${programSchemaVersion}`
}

function distributionText(
  { distribution, engine, shardCount }: DatabaseStatus,
  flags: Flags,
): string | undefined {
  if (engine !== 'citus') return undefined
  const command = pastableOnDatabase('database distribute', flags)
  switch (distribution) {
    case 'distributed':
      return `${shardCount} shards of each distributed table`
    case 'unfinished':
      return `not finished. To continue it: ${command}`
    case 'none':
      return `all rows are on the coordinator. To distribute them: ${command}`
  }
}

function openWorkText(oldestOpen: ReadonlyMap<OpenWork, number>): string {
  if (oldestOpen.size === 0) return 'none'
  return [...oldestOpen]
    .toSorted(([, a], [, b]) => a - b)
    .map(([kind, atMs]) => `${WORK_NAMES[kind]} since ${showTime(atMs)}`)
    .join(', ')
}

function statusFields(status: DatabaseStatus): object {
  const { oldestOpen } = status
  return {
    engine: status.engine,
    version: status.version,
    mode: status.mode ?? null,
    schema_version: status.schemaVersion,
    program_schema_version: status.programSchemaVersion,
    byte_count: status.byteCount,
    distribution: status.distribution,
    shard_count: status.shardCount,
    nodes: status.nodes.map(({ byteCount, host, isUp, port, role, shardCount }) => ({
      host,
      port,
      role,
      is_up: isUp,
      shard_count: shardCount,
      byte_count: byteCount ?? null,
    })),
    tables: status.tables.map(({ byteCount, kind, name }) => ({
      name,
      kind: kind ?? null,
      byte_count: byteCount ?? null,
    })),
    oldest_open_work:
      oldestOpen === undefined
        ? null
        : Object.fromEntries(
            [...oldestOpen].map(([kind, atMs]) => [WORK_NAMES[kind], new Date(atMs).toISOString()]),
          ),
  }
}
