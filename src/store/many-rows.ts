/**
 * Statements for any number of rows in one JSON parameter, which PostgreSQL prepares once. SQLite has a statement for
 * each row instead.
 */
import type { SqlType } from './columns.ts'
import type { Row, Sql, SqlValue } from './engine/engine.ts'

type RowColumns<Source> = {
  readonly names: readonly string[]
  readonly types: readonly SqlType[]
  readonly values: (source: Source) => readonly SqlValue[]
}

/** Writes the rows of the parameter `$1`, by the alias `v`. */
export function fromJson({ names, types }: Pick<RowColumns<never>, 'names' | 'types'>): string {
  const typedColumns = names.map((name, index) => `${name} ${types[index]}`)
  return `json_to_recordset(cast($1 as json)) as v (${typedColumns.join(', ')})`
}

/** Returns the parameter of `fromJson`. */
export function jsonRows<Source>(
  { names, values }: Pick<RowColumns<Source>, 'names' | 'values'>,
  sources: readonly Source[],
): string {
  return JSON.stringify(
    sources.map((source) => {
      const row: Record<string, string | number | null> = {}
      for (const [index, value] of values(source).entries()) {
        const name = names[index]
        // JSON has no bigint: the database reads the digits.
        if (name !== undefined) row[name] = typeof value === 'bigint' ? String(value) : value
      }
      return row
    }),
  )
}

/**
 * Makes a function that inserts many rows, except those whose id is taken. It returns, in order, whether each row was
 * stored.
 */
export function insertManyOf<Source extends { readonly id: string }>(
  name: string,
  table: RowColumns<Source>,
): (sql: Sql, sources: readonly Source[]) => Promise<readonly boolean[]> {
  const names = table.names.join(', ')
  const text = `insert into ${name} (${names}) select ${names} from ${fromJson(table)}
    on conflict (bucket, id) do nothing returning id`
  return async (sql, sources) =>
    storedIdsOf(sources, await sql.all(text, [jsonRows(table, sources)]))
}

/** Returns for each source whether its id is among the rows, in order. */
export function storedIdsOf(
  sources: readonly { readonly id: string }[],
  rows: readonly Row[],
): readonly boolean[] {
  // Nearly always all rows are stored.
  if (rows.length === sources.length) return sources.map(() => true)
  const storedIds = new Set(rows.map(({ id }) => String(id)))
  return sources.map(({ id }) => storedIds.has(id))
}
