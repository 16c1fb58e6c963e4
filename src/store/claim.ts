import type { Engine, Row } from './engine.ts'

/** In how many buckets due work is looked for at once. */
const BUCKET_COUNT_MAX = 8

/**
 * Takes one row that is due by its `ask_at_ms`, and moves that on by the length of the lease: work
 * that was taken by a process which died is due again by itself. Rows that somebody else holds at
 * this moment are passed over. Undefined: nothing is due.
 */
export async function claimDue(
  engine: Engine,
  table: 'payment_attempts' | 'refunds',
  columns: readonly string[],
  nowMs: number,
  leaseMs: number,
): Promise<Row | undefined> {
  // Looked for outside a transaction: most of the time there is nothing to do.
  const buckets = await engine.read.all(
    `select bucket, min(ask_at_ms) as first_at_ms from ${table} where ask_at_ms <= $1
     group by bucket order by first_at_ms limit ${BUCKET_COUNT_MAX}`,
    [nowMs],
  )
  for (const { bucket } of buckets) {
    const claimed = await engine.transaction(async (sql) => {
      const [row] = await sql.all(
        `select ${columns.join(', ')} from ${table} where bucket = $1 and ask_at_ms <= $2
         order by ask_at_ms limit 1${engine.skipLocked}`,
        [bucket as number, nowMs],
      )
      if (row === undefined) return undefined
      await sql.run(`update ${table} set ask_at_ms = $3 where bucket = $1 and id = $2`, [
        bucket as number,
        row.id as number,
        nowMs + leaseMs,
      ])
      return row
    })
    if (claimed !== undefined) return claimed
  }
  return undefined
}
