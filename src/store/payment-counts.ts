/** The counts of an account's payments and refunds by quarters of an hour, and the progress of counting. */
import type { AccountId } from '../domain/id.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import {
  type CountedOutcome,
  PAY_TIME_LIMITS_MS,
  PAYMENT_OUTCOMES,
  type PaymentCounts,
  QUARTER_MS,
  REFUND_OUTCOMES,
  sumOfCounts,
} from '../domain/payment-counts.ts'
import type { Refund } from '../domain/refund.ts'
import type { CountedQuarter, PaymentCountRun, Store, TimeRange } from '../operations/store.ts'
import { columns, id, json, optionalWhole, text, whole } from './columns.ts'
import type { StoreContext } from './context.ts'
import type { Engine, Row, Sql } from './engine/engine.ts'
import { assignInsertedColumns } from './engine/statement.ts'

/**
 * The maximum number of payments, and of refunds, that one call counts. A thousand take about 1.3 ms of CPU. With a
 * much larger maximum, PostgreSQL would read the whole table of sessions.
 */
const COUNTED_ROW_COUNT_MAX = 10_000

/** The counts as they are stored. JSON has no bigint. */
type StoredCounts = {
  readonly payments: readonly (readonly [
    method: string,
    currency: string,
    outcome: CountedOutcome,
    count: number,
    amount: string,
  ])[]
  readonly failures: readonly (readonly [code: string, count: number])[]
  readonly payTimes: readonly number[]
  readonly refunds: readonly (readonly [
    currency: string,
    outcome: CountedOutcome,
    count: number,
    amount: string,
  ])[]
}

function storedCounts({ failures, payments, payTimes, refunds }: PaymentCounts): StoredCounts {
  return {
    payments: payments.map((one) => [
      one.method,
      one.currency,
      one.outcome,
      one.count,
      String(one.amountMinor),
    ]),
    failures: failures.map(({ code, count }) => [code, count]),
    payTimes,
    refunds: refunds.map((one) => [one.currency, one.outcome, one.count, String(one.amountMinor)]),
  }
}

function countsFrom({ failures, payments, payTimes, refunds }: StoredCounts): PaymentCounts {
  return {
    payments: payments.map(([method, currency, outcome, count, amount]) => ({
      method: METHOD.read(method),
      currency: CURRENCY.read(currency),
      outcome,
      count,
      amountMinor: BigInt(amount),
    })),
    failures: failures.map(([code, count]) => ({ code: FAILURE.read(code), count })),
    payTimes,
    refunds: refunds.map(([currency, outcome, count, amount]) => ({
      currency: CURRENCY.read(currency),
      outcome,
      count,
      amountMinor: BigInt(amount),
    })),
  }
}

type Payment = PaymentCounts['payments'][number]
const METHOD = text<Payment, Payment['method']>(({ method }) => method)
const CURRENCY = text<Payment, Payment['currency']>(({ currency }) => currency)
type Failure = PaymentCounts['failures'][number]
const FAILURE = text<Failure, Failure['code']>(({ code }) => code)
const PAYMENT_STATUS = text<PaymentAttempt, PaymentAttempt['status']>(({ status }) => status)
const REFUND_STATUS = text<Refund, Refund['status']>(({ status }) => status)

const QUARTER = columns<CountedQuarter & { readonly accountId: AccountId }>()({
  account_id: id(({ accountId }) => accountId),
  from_ms: whole(({ fromMs }) => fromMs),
  counts_json: json(({ counts }) => storedCounts(counts)),
  recount_at_ms: optionalWhole(({ recountAtMs }) => recountAtMs),
})
const RUN = columns<PaymentCountRun>()({
  account_id: id(({ accountId }) => accountId),
  counted_to_ms: whole(({ countedToMs }) => countedToMs),
  next_run_at_ms: whole(({ nextRunAtMs }) => nextRunAtMs),
})

function runFrom(row: Row): PaymentCountRun {
  const values = RUN.read(row)
  return {
    accountId: values.account_id,
    countedToMs: values.counted_to_ms,
    nextRunAtMs: values.next_run_at_ms,
  }
}

/**
 * Only a payment that a customer makes in a session has a time to pay. All payments of mandates are left out, even
 * enrollments.
 */
const HAS_PAY_TIME = `a.status = 'succeeded' and a.mandate_id is null and a.saved_method_id is null
  and s.virtual_account_id is null`
const within = (condition: string) => `sum(case when ${HAS_PAY_TIME}${condition} then 1 else 0 end)`
const PAY_TIME_SUMS = [
  ...PAY_TIME_LIMITS_MS.map(
    (limitMs, index) =>
      `${within(` and a.decided_at_ms - s.created_at_ms <= ${limitMs}`)} as within_${index}`,
  ),
  `${within('')} as within_${PAY_TIME_LIMITS_MS.length}`,
]

const quarterOfRow = (alias: string) =>
  `${alias}.created_at_ms - ${alias}.created_at_ms % ${QUARTER_MS}`
const inRange = (alias: string) =>
  `${alias}.account_id = $1 and ${alias}.created_at_ms >= $2 and ${alias}.created_at_ms < $3`

const COUNT_PAYMENTS = `select ${quarterOfRow('a')} as from_ms, a.status, a.payment_method, a.decline_code,
    s.currency, count(*) as row_count, cast(sum(a.captured_minor) as text) as amount_minor,
    ${PAY_TIME_SUMS.join(', ')}
  from payment_attempts a cross join payment_sessions s
  where ${inRange('a')} and s.bucket = a.bucket and s.id = a.payment_session_id
  group by ${quarterOfRow('a')}, a.status, a.payment_method, a.decline_code, s.currency`

const COUNT_REFUNDS = `select ${quarterOfRow('r')} as from_ms, r.status, r.currency, count(*) as row_count,
    cast(sum(r.amount_minor) as text) as amount_minor
  from refunds r where ${inRange('r')}
  group by ${quarterOfRow('r')}, r.status, r.currency`

function countsOfPayments(row: Row): PaymentCounts {
  const status = PAYMENT_STATUS.read(row.status)
  const outcome = PAYMENT_OUTCOMES[status]
  const count = Number(row.row_count)
  const atMost = PAY_TIME_LIMITS_MS.map((_, index) => Number(row[`within_${index}`]))
  atMost.push(Number(row[`within_${PAY_TIME_LIMITS_MS.length}`]))
  const code = status === 'refunded' ? 'approved_late' : FAILURE.read(row.decline_code)
  return {
    payments: [
      {
        method: METHOD.read(row.payment_method),
        currency: CURRENCY.read(row.currency),
        outcome,
        count,
        // Money that came too late goes back, so it does not count as volume.
        amountMinor: outcome === 'succeeded' ? BigInt(String(row.amount_minor)) : 0n,
      },
    ],
    failures: outcome === 'failed' ? [{ code, count }] : [],
    payTimes: atMost.map((sum, index) => sum - (atMost[index - 1] ?? 0)),
    refunds: [],
  }
}

function countsOfRefunds(row: Row): PaymentCounts {
  return {
    payments: [],
    failures: [],
    payTimes: [],
    refunds: [
      {
        currency: CURRENCY.read(row.currency),
        outcome: REFUND_OUTCOMES[REFUND_STATUS.read(row.status)],
        count: Number(row.row_count),
        amountMinor: BigInt(String(row.amount_minor)),
      },
    ],
  }
}

async function count(
  sql: Sql,
  accountId: AccountId,
  { fromMs, toMs }: TimeRange,
): Promise<{
  readonly countedToMs: number
  readonly quarters: readonly Pick<CountedQuarter, 'fromMs' | 'counts'>[]
}> {
  const ends = await Promise.all(
    ['payment_attempts', 'refunds'].map(async (table) => {
      const [row] = await sql.all(
        `select t.created_at_ms from ${table} t where ${inRange('t')}
         order by t.created_at_ms, t.id limit 1 offset ${COUNTED_ROW_COUNT_MAX}`,
        [Number(accountId), fromMs, toMs],
      )
      // All rows of a millisecond are counted together, so that counting always goes on.
      return row === undefined ? toMs : Math.max(Number(row.created_at_ms), fromMs + 1)
    }),
  )
  const countedToMs = Math.min(...ends)
  const params = [Number(accountId), fromMs, countedToMs]
  const [paymentRows, refundRows] = await Promise.all([
    sql.all(COUNT_PAYMENTS, params),
    sql.all(COUNT_REFUNDS, params),
  ])
  const parts = Map.groupBy(
    [
      ...paymentRows.map((row) => ({ fromMs: Number(row.from_ms), counts: countsOfPayments(row) })),
      ...refundRows.map((row) => ({ fromMs: Number(row.from_ms), counts: countsOfRefunds(row) })),
    ],
    (part) => part.fromMs,
  )
  const quarters = [...parts].map(([quarterMs, some]) => ({
    fromMs: quarterMs,
    counts: sumOfCounts(some.map(({ counts }) => counts)),
  }))
  return { countedToMs, quarters }
}

async function findFirstMs(
  sql: Sql,
  accountId: AccountId,
  { fromMs, toMs }: TimeRange,
): Promise<number | undefined> {
  const firsts = await Promise.all(
    ['payment_attempts', 'refunds'].map(async (table) => {
      const [row] = await sql.all(
        `select t.created_at_ms from ${table} t where ${inRange('t')}
         order by t.created_at_ms, t.id limit 1`,
        [Number(accountId), fromMs, toMs],
      )
      return row?.created_at_ms
    }),
  )
  const times = firsts.filter((atMs) => typeof atMs === 'number')
  return times.length === 0 ? undefined : Math.min(...times)
}

async function listQuarters(
  sql: Sql,
  accountId: AccountId,
  { fromMs, toMs }: TimeRange,
): Promise<readonly CountedQuarter[]> {
  const rows = await sql.all(
    `select ${QUARTER.list()} from payment_counts
     where account_id = $1 and from_ms >= $2 and from_ms < $3`,
    [Number(accountId), fromMs, toMs],
  )
  return rows.map((row) => {
    const values = QUARTER.read(row)
    return {
      fromMs: values.from_ms,
      counts: countsFrom(values.counts_json),
      recountAtMs: values.recount_at_ms,
    }
  })
}

async function findRecountMs(
  sql: Sql,
  accountId: AccountId,
  nowMs: number,
): Promise<number | undefined> {
  const [row] = await sql.all(
    `select from_ms from payment_counts where account_id = $1 and recount_at_ms <= $2
     order by recount_at_ms limit 1`,
    [Number(accountId), nowMs],
  )
  return typeof row?.from_ms === 'number' ? row.from_ms : undefined
}

async function beginRun(sql: Sql, run: PaymentCountRun): Promise<void> {
  await sql.run(
    `insert into payment_count_runs ${RUN.insert()} on conflict (account_id) do nothing`,
    RUN.values(run),
  )
}

async function findRun(sql: Sql, accountId: AccountId): Promise<PaymentCountRun | undefined> {
  const [row] = await sql.all(
    `select ${RUN.list()} from payment_count_runs where account_id = $1`,
    [Number(accountId)],
  )
  return row && runFrom(row)
}

async function claimRun(
  { read, transaction }: Engine,
  { leaseMs, nowMs, waitMsMax }: { nowMs: number; leaseMs: number; waitMsMax: number },
): Promise<PaymentCountRun | undefined> {
  // A time beyond the longest wait was stored before the clock jumped back.
  const [row] = await read.all(
    `select ${RUN.list()} from payment_count_runs
     where next_run_at_ms <= $1 or next_run_at_ms > $2 order by next_run_at_ms limit 1`,
    [nowMs, nowMs + waitMsMax],
  )
  if (row === undefined) return undefined
  const run = runFrom(row)
  const nextRunAtMs = nowMs + leaseMs
  const changedCount = await transaction((sql) =>
    sql.run(
      `update payment_count_runs set next_run_at_ms = $3 where account_id = $1 and next_run_at_ms = $2`,
      [Number(run.accountId), run.nextRunAtMs, nextRunAtMs],
    ),
  )
  return changedCount === 1 ? { ...run, nextRunAtMs } : undefined
}

/**
 * If another server has taken over the claim, the claim and the stored progress do not change: that server counts the
 * same part again.
 */
async function endRun(
  sql: Sql,
  claim: PaymentCountRun,
  {
    countedToMs,
    keptFromMs,
    nextRunAtMs,
    quarter,
  }: Pick<PaymentCountRun, 'countedToMs' | 'nextRunAtMs'> & {
    readonly keptFromMs: number
    readonly quarter?: CountedQuarter | undefined
  },
): Promise<void> {
  const { accountId } = claim
  if (quarter !== undefined) {
    await sql.run(
      `insert into payment_counts ${QUARTER.insert()} on conflict (account_id, from_ms) do update
       set ${assignInsertedColumns(['counts_json', 'recount_at_ms'])}`,
      QUARTER.values({ ...quarter, accountId }),
    )
  }
  await sql.run('delete from payment_counts where account_id = $1 and from_ms < $2', [
    Number(accountId),
    keptFromMs,
  ])
  await sql.run(
    `update payment_count_runs set counted_to_ms = $3, next_run_at_ms = $4
     where account_id = $1 and next_run_at_ms = $2`,
    [Number(accountId), claim.nextRunAtMs, countedToMs, nextRunAtMs],
  )
}

/** Makes a store's functions for the counts of payments. */
export const paymentCountsOf = ({
  engine,
  read,
  readLong,
}: StoreContext): Store['paymentCounts'] => ({
  count: (accountId, times) => count(readLong, accountId, times),
  findFirstMs: (accountId, times) => findFirstMs(readLong, accountId, times),
  list: (accountId, times) => listQuarters(readLong, accountId, times),
  findRecountMs: (accountId, nowMs) => findRecountMs(readLong, accountId, nowMs),
  findRun: (accountId) => findRun(read, accountId),
  beginRun: (run) => engine.transaction((sql) => beginRun(sql, run)),
  claimRun: (claim) => claimRun(engine, claim),
  endRun: (claim, end) => engine.transaction((sql) => endRun(sql, claim, end)),
})
