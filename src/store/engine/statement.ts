import type { ListTimes, Page } from '../../operations/store.ts'
import type { Row, Sql, SqlValue } from './engine.ts'

/**
 * Writes the rows of a `values` list: `($1, $2), ($3, $4)`.
 *
 * `first` is the first parameter's number. With `types`, one for each column, the first row has the types of the
 * parameters, which PostgreSQL needs if no table defines them.
 */
export function placeholders(
  rowCount: number,
  columnCount: number,
  first = 1,
  types?: readonly string[],
): string {
  let next = first
  const rows: string[] = []
  for (let row = 0; row < rowCount; row += 1) {
    const columns: string[] = []
    for (let column = 0; column < columnCount; column += 1) {
      const type = row === 0 ? types?.[column] : undefined
      columns.push(type === undefined ? `$${next}` : `$${next}::${type}`)
      next += 1
    }
    rows.push(`(${columns.join(', ')})`)
  }
  return rows.join(', ')
}

/** Writes the assignments of an upsert that takes the new row's values: `a = excluded.a, …`. */
export function inserted(columns: readonly string[]): string {
  return columns.map((column) => `${column} = excluded.${column}`).join(', ')
}

/** Writes the assignments of an update: `a = $3, b = $4`. `first` is the first parameter's number. */
export function assigned(columns: readonly string[], first: number): string {
  return columns.map((column, index) => `${column} = $${index + first}`).join(', ')
}

/** The conditions of a list, with their parameters. */
export type Conditions = {
  readonly params: SqlValue[]
  /** Adds a condition in which each `?` stands for the next value. */
  readonly add: (condition: string, ...values: readonly SqlValue[]) => void
  /** Returns all conditions, joined. */
  readonly text: () => string
}

/** Makes an empty list of conditions. */
export function createConditions(): Conditions {
  const params: SqlValue[] = []
  const conditions: string[] = []
  return {
    params,
    add: (condition, ...values) => {
      let at = params.length
      params.push(...values)
      conditions.push(
        condition.replaceAll('?', () => {
          at += 1
          return `$${at}`
        }),
      )
    },
    text: () => conditions.join(' and '),
  }
}

/**
 * Writes the owner's column so that only the index that begins with this sum matches: with another index the database
 * would read all of the owner's rows.
 */
export const withFilter = (column: string): string => `${column} + 0`

/**
 * Writes the owner's column for a list whose rows are found by another object: no index begins with this expression.
 */
export const notSearched = (column: string): string => `${column} - 0`

/** Adds the conditions of a list's period on one column. */
export function addTimes({ add }: Conditions, column: string, times: ListTimes): void {
  if (times.createdFromMs !== undefined) add(`${column} >= ?`, times.createdFromMs)
  if (times.createdToMs !== undefined) add(`${column} < ?`, times.createdToMs)
}

/** Reads one page of a list, and counts all its rows. */
export async function readListPage(
  sql: Sql,
  {
    from,
    order,
    select,
  }: { readonly select: string; readonly from: string; readonly order: string },
  { params, text }: Conditions,
  { page, perPage }: Page,
): Promise<{ readonly rows: readonly Row[]; readonly total: number }> {
  const where = `${from} where ${text()}`
  const [counted, rows] = await Promise.all([
    sql.all(`select count(*) as total ${where}`, params),
    sql.all(
      `${select} ${where} order by ${order} limit $${params.length + 1} offset $${params.length + 2}`,
      [...params, perPage, (page - 1) * perPage],
    ),
  ])
  return { rows, total: Number(counted[0]?.total ?? 0) }
}
