import type { Sql } from '../engine/engine.ts'

/**
 * The table that exists while a distribution is unfinished. It keeps the definitions of the foreign keys that the
 * distribution has dropped and will add again.
 */
export const UNFINISHED_TABLE = 'unfinished_distribution'

/** Returns true if a distribution of this PostgreSQL database has begun and not ended. */
export async function isDistributionUnfinished(sql: Pick<Sql, 'all'>): Promise<boolean> {
  const [row] = await sql.all('select to_regclass($1) is not null as is_unfinished', [
    UNFINISHED_TABLE,
  ])
  return Boolean(row?.is_unfinished)
}
