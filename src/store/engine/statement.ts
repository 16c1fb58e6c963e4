/**
 * Writes the rows of a `values` list: `($1, $2), ($3, $4)`.
 *
 * `first` is the first parameter's number. `types` has one SQL type for each column. With it the first row names the
 * types of its parameters, which PostgreSQL needs if no table defines them.
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
export function assignInsertedColumns(columns: readonly string[]): string {
  return assignFrom(columns, 'excluded')
}

/** Writes the assignments of an update: `a = $3, b = $4`. `first` is the first parameter's number. */
export function assignParameters(columns: readonly string[], first: number): string {
  return columns.map((column, index) => `${column} = $${index + first}`).join(', ')
}

/** Writes the assignments of an update from other rows: `a = v.a, …`. */
export function assignFrom(columns: readonly string[], alias: string): string {
  return columns.map((column) => `${column} = ${alias}.${column}`).join(', ')
}
