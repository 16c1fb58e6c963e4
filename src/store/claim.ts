import { NOT_QUERIED_AT_MS, QUERY_WAIT_MS_MAX } from '../domain/payment-attempt.ts'
import { DUE_WORK, type DueWork } from '../domain/records.ts'
import type { OpenWork, Store } from '../operations/store.ts'
import { countOpenWorkOf } from './account-open-work.ts'
import type { StoreContext } from './context.ts'
import { countAges } from './count-ages.ts'
import { type Engine, inReachableBuckets, type Row, type Sql } from './engine/engine.ts'

const WAITING = [
  ['attempt', 'payment_attempts', 'ask_at_ms'],
  ['refund', 'refunds', 'ask_at_ms'],
  ['delivery', 'webhook_deliveries', 'next_attempt_at_ms'],
  ['message', 'messages', 'next_attempt_at_ms'],
] as const

/** The rows that become due at a time but are not open work. */
const ENDING = [
  ['link', 'payment_links', 'due_at_ms', ''],
  ['virtual account', 'virtual_accounts', 'ends_at_ms', " and status = 'active'"],
  ['bank transfer', 'bank_transfers', 'reverse_at_ms', ''],
  ['saved payment method', 'payment_methods', 'ask_at_ms', ''],
  ['mandate', 'mandates', 'ends_at_ms', " and status in ('active', 'paused')"],
  ['mandate query', 'mandates', 'ask_at_ms', ''],
  ['mandate notification', 'mandate_notifications', 'ask_at_ms', ''],
  ['mandate debit', 'mandate_debits', 'ask_at_ms', ''],
] as const

async function findNextDueMs(
  sql: Sql,
  { isDistributed }: Engine,
  afterMs: number,
): Promise<number | undefined> {
  const firsts = await Promise.all(
    [...WAITING, ...ENDING].map(async ([, table, column, condition = '']) => {
      const [row] = await sql.all(
        `select min(${column}) as due_at_ms from ${table} where ${column} > $1 and ${column} < ${NOT_QUERIED_AT_MS}${condition}`,
        [afterMs],
      )
      return row?.due_at_ms
    }),
  )
  firsts.push(await findNextPayoutMs(sql, isDistributed, afterMs))
  const times = firsts.filter((atMs) => typeof atMs === 'number')
  return times.length === 0 ? undefined : Math.min(...times)
}

/**
 * Returns the earliest time after `afterMs` at which a payout or a run of payouts is due. Ignores the runs of accounts
 * without free transactions, because they do nothing.
 */
async function findNextPayoutMs(
  sql: Sql,
  isDistributed: boolean,
  afterMs: number,
): Promise<number | undefined> {
  const isFree = 'b.connected_account_id >= 0 and b.payout_id is null'
  // Citus refuses a correlated subquery of distributed rows below a reference table.
  const hasFree = isDistributed
    ? `r.account_id in (select b.account_id from balance_transactions b where ${isFree})`
    : `exists (select 1 from balance_transactions b where b.account_id = r.account_id and ${isFree})`
  const [row] = await sql.all(
    `select min(due_at_ms) as due_at_ms from (
       select min(next_step_at_ms) as due_at_ms from payouts where next_step_at_ms > $1
       union all
       select min(next_run_at_ms) from payout_runs r
       where next_run_at_ms > $1 and ${hasFree}) as firsts`,
    [afterMs],
  )
  return typeof row?.due_at_ms === 'number' ? row.due_at_ms : undefined
}

/** The maximum number of open rows of a kind that are read from one end of the index of waiting rows. */
const OPEN_COUNT_MAX = 10_000

async function findOldestOpen(sql: Sql): Promise<ReadonlyMap<OpenWork, number>> {
  const oldest = new Map<OpenWork, number>()
  for (const [kind, table, column] of WAITING) {
    const look = (order: string) =>
      `select created_at_ms from ${table} where ${column} < ${NOT_QUERIED_AT_MS}
       order by ${column} ${order} limit ${OPEN_COUNT_MAX}`
    const [row] = await sql.all(
      `select min(created_at_ms) as made_at_ms from (
         select created_at_ms from (${look('asc')}) as first_due
         union all select created_at_ms from (${look('desc')}) as last_due) as open_rows`,
      [],
    )
    if (typeof row?.made_at_ms === 'number') oldest.set(kind, row.made_at_ms)
  }
  return oldest
}

async function countByAge(
  sql: Sql,
  nowMs: number,
  ageLimitsMs: readonly number[],
): Promise<ReadonlyMap<OpenWork, readonly number[]>> {
  const counts = new Map<OpenWork, readonly number[]>()
  for (const [kind, table, column] of WAITING) {
    const rows = `select created_at_ms from ${table} where ${column} < ${NOT_QUERIED_AT_MS}
      order by ${column} limit ${OPEN_COUNT_MAX}`
    counts.set(kind, await countAges(sql, { rows, params: [], nowMs, ageLimitsMs }))
  }
  return counts
}

/** The table of each kind of due work, the column of its time, and the condition of the index of that column. */
const DUE: Readonly<Record<DueWork, readonly [table: string, column: string, condition?: string]>> =
  {
    delivery: ['webhook_deliveries', 'next_attempt_at_ms'],
    reconciliation: ['payment_attempts', 'ask_at_ms'],
    refund: ['refunds', 'ask_at_ms'],
    debit: ['mandate_debits', 'ask_at_ms'],
    notice: ['mandate_notifications', 'ask_at_ms'],
    mandate: ['mandates', 'ask_at_ms'],
    payout: ['payouts', 'next_step_at_ms'],
    message: ['messages', 'next_attempt_at_ms'],
    saved_method: ['payment_methods', 'ask_at_ms'],
    payment_link: ['payment_links', 'due_at_ms'],
    virtual_account: ['virtual_accounts', 'ends_at_ms', " and status = 'active'"],
  }

/** Each time is one step in an index. */
async function findFirstDue(sql: Sql, nowMs: number): Promise<ReadonlyMap<DueWork, number>> {
  const first = new Map<DueWork, number>()
  for (const kind of DUE_WORK) {
    const [table, column, condition = ''] = DUE[kind]
    const [row] = await sql.all(
      `select min(${column}) as due_at_ms from ${table} where ${column} <= $1${condition}`,
      [nowMs],
    )
    if (typeof row?.due_at_ms === 'number') first.set(kind, row.due_at_ms)
  }
  return first
}

/**
 * The statement that takes a turn if the last one is at least one interval old, by the clock of the coordinator. A time
 * in the future, which a wrong clock wrote, counts as old. The write waits for no disk, because a lost turn costs one
 * search.
 */
const TAKE_TURN = `insert into search_turns (kind, taken_at_ms)
  values ($1, cast(extract(epoch from clock_timestamp()) * 1000 as bigint))
  on conflict (kind) do update set taken_at_ms = excluded.taken_at_ms
  where search_turns.taken_at_ms <= excluded.taken_at_ms - $2
    or search_turns.taken_at_ms > excluded.taken_at_ms
  returning set_config('synchronous_commit', 'off', true)`

/** The maximum number of due rows that a claim reads, because other processes may have locked the first ones. */
const DUE_COUNT_MAX = 16

/**
 * Returns the keys of the first due rows of a table, with those whose time is after `latestMs`. The search runs outside
 * a transaction, because most of the time nothing is due.
 */
export function findDueRows(
  engine: Engine,
  {
    column,
    latestMs,
    nowMs,
    table,
  }: {
    readonly table: string
    readonly column: string
    readonly nowMs: number
    readonly latestMs: number
  },
): Promise<readonly Row[]> {
  const isReachable = inReachableBuckets(engine)
  // The index of open rows is read twice: with an "or" in one condition, SQLite would sort all due rows.
  return engine.read.all(
    `select * from (
       select bucket, id, ${column} from ${table}
       where ${column} <= $1${isReachable} order by ${column} limit ${DUE_COUNT_MAX}) as due
     union all select * from (
       select bucket, id, ${column} from ${table}
       where ${column} > $2 and ${column} < ${NOT_QUERIED_AT_MS}${isReachable}
       order by ${column} limit ${DUE_COUNT_MAX}) as misdated
     order by ${column}`,
    [nowMs, latestMs],
  )
}

type ClaimedTable =
  | 'mandate_debits'
  | 'mandate_notifications'
  | 'mandates'
  | 'payment_attempts'
  | 'payment_methods'
  | 'refunds'

/**
 * Claims one due row by moving its `ask_at_ms` ahead by the lease: after a crash of the process the row is due again.
 * A row whose time is beyond the longest wait (`waitMsMax`) is treated as due. Rows that another process has locked are
 * skipped. Undefined: nothing is due.
 */
export async function claimDue(
  engine: Engine,
  table: ClaimedTable,
  columnList: string,
  {
    leaseMs,
    nowMs,
    waitMsMax = QUERY_WAIT_MS_MAX,
  }: { readonly nowMs: number; readonly leaseMs: number; readonly waitMsMax?: number },
): Promise<Row | undefined> {
  const latestMs = nowMs + waitMsMax
  const due = await findDueRows(engine, { table, column: 'ask_at_ms', nowMs, latestMs })
  for (const { bucket, id } of due) {
    const key = [Number(bucket), Number(id)]
    const claimedRow = await engine.transaction(async (sql) => {
      const [row] = await sql.all(
        `select ${columnList} from ${table}
         where bucket = $1 and id = $2 and (ask_at_ms <= $3 or ask_at_ms > $4)${engine.skipLocked}`,
        [...key, nowMs, latestMs],
      )
      if (row === undefined) return undefined
      await sql.run(`update ${table} set ask_at_ms = $3 where bucket = $1 and id = $2`, [
        ...key,
        nowMs + leaseMs,
      ])
      return row
    })
    if (claimedRow !== undefined) return claimedRow
  }
  return undefined
}

/** Makes a store's functions for open work of every kind. */
export const openWorkOf = ({ engine, read, readLong }: StoreContext): Store['openWork'] => ({
  findNextDueMs: (afterMs) => findNextDueMs(read, engine, afterMs),
  findOldest: () => findOldestOpen(readLong),
  findFirstDue: (nowMs) => findFirstDue(readLong, nowMs),
  countByAge: (nowMs, ageLimitsMs) => countByAge(readLong, nowMs, ageLimitsMs),
  countOfAccount: (accountId, nowMs, ageLimitsMs) =>
    countOpenWorkOf(readLong, accountId, nowMs, ageLimitsMs),
  takeTurn: async (kind, intervalMs) =>
    !engine.isDistributed || (await read.all(TAKE_TURN, [kind, intervalMs])).length > 0,
})
