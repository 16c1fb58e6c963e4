import type { Sql } from '../engine/engine.ts'
import { FIRST_DISTRIBUTED, TABLE_KINDS, type TableKind } from './table-kinds.ts'

/** Reads where the tables of a Citus database are, by their names. A table that is not in the result is local. */
export async function readPlacedTables(
  sql: Pick<Sql, 'all'>,
): Promise<ReadonlyMap<string, TableKind>> {
  // pg_dist_partition: `h` is distributed by hash; `n` with `t` is a reference table, with `s` a local table that Citus
  // manages because of its foreign keys. Source: Citus 13.0, src/include/distributed/pg_dist_partition.h
  const rows = await sql.all(
    `select cast(logicalrelid as text) as name, cast(partmethod as text) as method, cast(repmodel as text) as model
     from pg_dist_partition where partmethod = 'h' or repmodel = 't'`,
    [],
  )
  return new Map(
    rows.map(({ method, name }) => [String(name), method === 'h' ? 'distributed' : 'reference']),
  )
}

/** Returns true if the rows of this Citus database are distributed. */
export async function isPlaced(sql: Pick<Sql, 'all'>): Promise<boolean> {
  return (await readPlacedTables(sql)).get(FIRST_DISTRIBUTED) === 'distributed'
}

/** A table that has to be placed. */
export type MisplacedTable = { readonly name: string; readonly kind: Exclude<TableKind, 'local'> }

/** Returns the tables that exist and are not yet where their kind says, reference tables first. */
export async function findMisplacedTables(
  sql: Pick<Sql, 'all'>,
): Promise<readonly MisplacedTable[]> {
  const placements = await readPlacedTables(sql)
  const rows = await sql.all(
    'select tablename as name from pg_tables where schemaname = current_schema() order by tablename',
    [],
  )
  const missing = rows.flatMap(({ name }) => {
    const kind = TABLE_KINDS[String(name)] ?? 'local'
    return kind === 'local' || placements.get(String(name)) === kind
      ? []
      : [{ name: String(name), kind }]
  })
  const rank = ({ kind, name }: MisplacedTable) =>
    kind === 'reference' ? 0 : name === FIRST_DISTRIBUTED ? 1 : 2
  return missing.sort((a, b) => rank(a) - rank(b))
}

/**
 * Writes the call that places a table. All distributed tables share the shards of the first one, which gets
 * `shardCount` of them.
 */
export function placeTable(
  name: string,
  kind: Exclude<TableKind, 'local'>,
  shardCount?: number,
): string {
  if (kind === 'reference') return `select create_reference_table('${name}')`
  return name === FIRST_DISTRIBUTED && shardCount !== undefined
    ? `select create_distributed_table('${name}', 'bucket', colocate_with => 'none', shard_count => ${shardCount})`
    : `select create_distributed_table('${name}', 'bucket', colocate_with => '${FIRST_DISTRIBUTED}')`
}
