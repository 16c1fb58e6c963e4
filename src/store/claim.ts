import type { Engine, Row, Sql } from './engine.ts'

/**
 * Gives the earliest time after this one at which something is due. Undefined: nothing waits.
 */
export async function findNextDueMs(sql: Sql, afterMs: number): Promise<number | undefined> {
  const WAITING = [
    ['payment_attempts', 'ask_at_ms'],
    ['refunds', 'ask_at_ms'],
    ['webhook_deliveries', 'next_attempt_at_ms'],
  ] as const
  const firsts = await Promise.all(
    WAITING.map(async ([table, column]) => {
      const [row] = await sql.all(
        `select min(${column}) as due_at_ms from ${table} where ${column} > $1`,
        [afterMs],
      )
      return row?.due_at_ms
    }),
  )
  const known = firsts.filter((atMs) => typeof atMs === 'number')
  return known.length === 0 ? undefined : Math.min(...known)
}

/** How many due rows are looked at before giving up: others may hold the first ones. */
const DUE_COUNT_MAX = 16

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
  // Looked for outside a transaction: most of the time there is nothing to do. Grouped or narrowed to
  // a bucket, SQLite would read the whole table instead of the index of what is open.
  const due = await engine.read.all(
    `select bucket, id from ${table} where ask_at_ms <= $1 order by ask_at_ms limit ${DUE_COUNT_MAX}`,
    [nowMs],
  )
  for (const { bucket, id } of due) {
    const key = [bucket as number, id as number]
    const claimed = await engine.transaction(async (sql) => {
      const [row] = await sql.all(
        `select ${columns.join(', ')} from ${table}
         where bucket = $1 and id = $2 and ask_at_ms <= $3${engine.skipLocked}`,
        [...key, nowMs],
      )
      if (row === undefined) return undefined
      await sql.run(`update ${table} set ask_at_ms = $3 where bucket = $1 and id = $2`, [
        ...key,
        nowMs + leaseMs,
      ])
      return row
    })
    if (claimed !== undefined) return claimed
  }
  return undefined
}
