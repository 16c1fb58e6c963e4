/**
 * The quick check of the ledger: one pass over all payments, with the rows that each requires, and
 * counts that prove that there are no other rows. It only finds whether something is wrong; then
 * `PAYMENT_CHECKS` of `ledger.ts` find the discrepancies. On a sound ledger, which is nearly every
 * ledger, it replaces these checks.
 */
import type { LedgerPosting } from '../domain/ledger.ts'
import type { Currency } from '../domain/money.ts'
import { COMPARED_TRANSACTION, MEMBERS, NOT_FAILED, OTHER_TRANSACTIONS } from './balance-checks.ts'
import type { Sql } from './engine/engine.ts'
import { COMPARED_POSTING, OTHER_POSTINGS } from './required-postings.ts'

/** The sum of the postings of one kind between two accounts of a merchant. */
export type PostingSum = Pick<LedgerPosting, 'accountId' | 'debit' | 'credit'> & {
  readonly kind: string
  readonly currency: Currency
  readonly minor: bigint
  readonly count: number
}

const CAPTURE = "a.status in ('succeeded', 'refunded')"
/** Writes the condition for a joined row that is missing, must not exist, or differs. `values`: the differences. */
const differs = (row: string, key: string, requiredValue: string, values: readonly string[]) =>
  `(${row}.${key} is null and ${requiredValue}) or (${row}.${key} is not null and (not (${requiredValue}) or ${values
    .map((value) => `${row}.${value}`)
    .join(' or ')}))`
const checkPosting = (row: string, requiredValue: string, more: readonly string[]) =>
  differs(row, 'source_id', requiredValue, [
    'account_id <> a.account_id',
    'payment_attempt_id <> a.id',
    'currency <> s.currency',
    ...more,
  ])

const WRONG_PAYMENT = [
  's.id is null',
  'a.account_id <> s.account_id',
  `a.captured_minor <> case when ${CAPTURE} then s.amount_minor else 0 end`,
  "a.status <> 'succeeded' and (a.fee_minor <> 0 or a.tax_minor <> 0)",
  checkPosting('c', CAPTURE, [
    "debit <> 'processor'",
    "credit <> case a.status when 'refunded' then 'customers' else 'merchant' end",
    'amount_minor <> s.amount_minor',
  ]),
  checkPosting('f', 'a.fee_minor > 0', [
    "debit <> 'merchant'",
    "credit <> 'fees'",
    'amount_minor <> a.fee_minor',
  ]),
  checkPosting('t', 'a.tax_minor > 0', [
    "debit <> 'merchant'",
    "credit <> 'taxes'",
    'amount_minor <> a.tax_minor',
  ]),
  differs('b', 'id', "a.status = 'succeeded'", [
    'account_id <> a.account_id',
    'connected_account_id <> 0',
    'payment_attempt_id <> a.id',
    'currency <> s.currency',
    'amount_minor <> a.captured_minor',
    'fee_minor <> a.fee_minor',
    'tax_minor <> a.tax_minor',
  ]),
  `s.virtual_account_id is not null and (v.id is null or v.amount_minor <> s.amount_minor
     or v.virtual_account_id <> s.virtual_account_id or v.utr <> a.processor_reference
     or v.status <> case when a.disputed_minor > 0 then 'disputed'
       when a.status = 'succeeded' and a.refunded_minor > 0 then 'refunded' else a.status end)`,
].map((condition) => `(${condition})`)

const SCAN_PAYMENTS = `
  select count(c.source_id) + count(f.source_id) + count(t.source_id) as posting_count,
    count(b.id) as transaction_count,
    count(case when ${WRONG_PAYMENT.join('\n      or ')} then 1 end) as wrong_count
  from payment_attempts a
    left join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id
    left join ledger_postings c on c.bucket = a.bucket and c.source_id = a.id
      and c.kind = case a.status when 'refunded' then 'late_capture' else 'capture' end
    left join ledger_postings f on f.bucket = a.bucket and f.kind = 'fee' and f.source_id = a.id
    left join ledger_postings t on t.bucket = a.bucket and t.kind = 'tax' and t.source_id = a.id
    left join balance_transactions b on b.bucket = a.bucket and b.id = a.id and b.kind = 'charge'
    left join bank_transfers v on v.bucket = a.bucket and v.id = a.id`

const differ = (columns: string, key: string) =>
  `r.${key} is null or ${columns
    .split(',')
    .map((column) => column.trim())
    .map((column) => `r.${column} <> e.${column}`)
    .join(' or ')}`

const SCAN_OTHER_POSTINGS = `
  with e (${COMPARED_POSTING}) as (${OTHER_POSTINGS})
  select count(*) as row_count,
    count(case when ${differ(COMPARED_POSTING, 'source_id')} then 1 end) as wrong_count
  from e left join ledger_postings r
    on r.bucket = e.bucket and r.kind = e.kind and r.source_id = e.source_id`

const SCAN_OTHER_TRANSACTIONS = `
  with e (${COMPARED_TRANSACTION}) as (${OTHER_TRANSACTIONS})
  select count(*) as row_count,
    count(case when ${differ(COMPARED_TRANSACTION, 'id')} then 1 end) as wrong_count
  from e left join balance_transactions r
    on r.bucket = e.bucket and r.id = e.id and r.kind = e.kind`

/**
 * `wrong_count` is 0 only if each transaction in the list of an initiated or paid payout belongs to this payout, and to
 * no other one. If `own_count` is the number of all transactions that belong to a payout, the payouts list all of
 * them.
 */
const SCAN_PAYOUTS = `
  select coalesce(sum(x.own_count), 0) as own_count,
    count(case when p.amount_minor <> coalesce(x.minor, 0) or x.wrong_count > 0 then 1 end) as wrong_count
  from payouts p left join (
      select m.payout_id, sum(t.net_minor) as minor,
        count(case when t.payout_id = m.payout_id then 1 end) as own_count,
        count(case when t.account_id <> p.account_id or t.currency <> p.currency
          or t.connected_account_id <> p.connected_account_id or m.created_at_ms <> t.created_at_ms
          or (${NOT_FAILED} and (t.payout_id is null or t.payout_id <> p.id)) then 1 end) as wrong_count
      from ${MEMBERS} group by m.payout_id) x
    on x.payout_id = p.id`

const COUNT_TRANSACTIONS = `
  select count(*) as row_count, count(payout_id) as taken_count from balance_transactions`

/** The net amounts of the transactions that no initiated or paid payout has, by balance. */
const SUM_FREE = [
  `select account_id, connected_account_id, currency, cast(sum(net_minor) as text) as minor
   from balance_transactions where payout_id is null
   group by account_id, connected_account_id, currency`,
  `select t.account_id, t.connected_account_id, t.currency, cast(sum(t.net_minor) as text) as minor
   from payouts p join balance_transactions t on t.payout_id = p.id
   where not (${NOT_FAILED})
   group by t.account_id, t.connected_account_id, t.currency`,
]

/** Returns true if no check of payments, their postings, balance transactions and payouts can find anything. */
export async function arePaymentsSound(
  sql: Sql,
  postings: readonly PostingSum[],
): Promise<boolean> {
  const payments = await countsOf(sql, SCAN_PAYMENTS)
  const otherPostings = await countsOf(sql, SCAN_OTHER_POSTINGS)
  const otherTransactions = await countsOf(sql, SCAN_OTHER_TRANSACTIONS)
  const payouts = await countsOf(sql, SCAN_PAYOUTS)
  const transactions = await countsOf(sql, COUNT_TRANSACTIONS)
  const postingCount = postings.reduce((sum, { count }) => sum + count, 0)
  return (
    [payments, otherPostings, otherTransactions, payouts].every((one) => one('wrong') === 0) &&
    payments('posting') + otherPostings('row') === postingCount &&
    payments('transaction') + otherTransactions('row') === transactions('row') &&
    payouts('own') === transactions('taken') &&
    (await areBalancesEqual(sql, postings))
  )
}

/** Runs a select of counts. Returns a function that reads them by the beginnings of their names. */
async function countsOf(sql: Sql, select: string): Promise<(name: string) => number> {
  const [row] = await sql.all(select, [])
  return (name) => Number(row?.[`${name}_count`])
}

/** Returns true if the ledger's balances of merchants and connected accounts are the sums of their free transactions. */
async function areBalancesEqual(sql: Sql, postings: readonly PostingSum[]): Promise<boolean> {
  const differences = new Map<string, bigint>()
  const add = (owner: string, minor: bigint) =>
    differences.set(owner, (differences.get(owner) ?? 0n) + minor)
  for (const { accountId, credit, currency, debit, minor } of postings) {
    for (const [account, signedMinor] of [
      [credit, minor],
      [debit, -minor],
    ] as const) {
      const connectedAccountId = account.startsWith('connected_account/')
        ? account.split('/')[1]
        : '0'
      if (account === 'merchant' || connectedAccountId !== '0') {
        add(`${accountId} ${connectedAccountId} ${currency}`, signedMinor)
      }
    }
  }
  for (const select of SUM_FREE) {
    for (const row of await sql.all(select, [])) {
      const {
        account_id: accountId,
        connected_account_id: connectedAccountId,
        currency,
        minor,
      } = row
      add(`${accountId} ${connectedAccountId} ${currency}`, -BigInt(String(minor)))
    }
  }
  return [...differences.values()].every((minor) => minor === 0n)
}
