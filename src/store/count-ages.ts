import type { Sql, SqlValue } from './engine/engine.ts'

/**
 * Counts rows by their age: one number for each limit, and one for all older rows. `rows`: a query of `created_at_ms`
 * with `params`.
 */
export async function countAges(
  sql: Sql,
  {
    ageLimitsMs,
    nowMs,
    params,
    rows,
  }: {
    readonly rows: string
    readonly params: readonly SqlValue[]
    readonly nowMs: number
    readonly ageLimitsMs: readonly number[]
  },
): Promise<readonly number[]> {
  // Rows as old as a limit or older. The differences are the numbers between the limits.
  const older = ageLimitsMs.map(
    (_, index) =>
      `sum(case when created_at_ms <= $${params.length + index + 1} then 1 else 0 end) as older_${index}`,
  )
  const bounds = ageLimitsMs.map((limitMs) => nowMs - limitMs)
  const [row] = await sql.all(
    `select count(*) as older, ${older.join(', ')} from (${rows}) as open_rows`,
    [...params, ...bounds],
  )
  const atLeast = [row?.older, ...ageLimitsMs.map((_, index) => row?.[`older_${index}`])].map(
    Number,
  )
  return atLeast.map((count, index) => count - (atLeast[index + 1] ?? 0))
}
