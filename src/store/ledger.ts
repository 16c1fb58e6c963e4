import { type AccountId, bucketOf, type PaymentAttemptId } from '../domain/id.ts'
import type { LedgerPosting } from '../domain/ledger.ts'
import type {
  LedgerBalance,
  LedgerCheckPart,
  LedgerReport,
  PostingKey,
  SessionTransaction,
  StepThrough,
  Store,
  Transaction,
} from '../operations/store.ts'
import { BALANCE_CHECKS } from './balance-checks.ts'
import { columns, id, minor, small, text, whole } from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { gatherCalls } from './gather-calls.ts'
import { countRows, selectAfter } from './list-after.ts'
import { fromJson, jsonRows } from './many-rows.ts'
import { arePaymentsSound, type PostingSum } from './quick-ledger-check.ts'
import {
  COMPARED_POSTING,
  JOIN_DISPUTES,
  JOIN_REVERSALS,
  JOIN_TRANSFERS,
  PAYMENTS,
  REQUIRED_POSTINGS,
} from './required-postings.ts'

/** The payment of a posting without one: the column cannot be null. */
const NO_PAYMENT = '0' as PaymentAttemptId

const POSTING = columns<LedgerPosting>()({
  bucket: small(({ sourceId }) => bucketOf(sourceId)),
  kind: text(({ kind }) => kind),
  source_id: id(({ sourceId }) => sourceId),
  payment_attempt_id: id(({ paymentAttemptId = NO_PAYMENT }) => paymentAttemptId),
  account_id: id(({ accountId }) => accountId),
  debit: text(({ debit }) => debit),
  credit: text(({ credit }) => credit),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
})

const FROM_JSON = `(${POSTING.list()}) select ${POSTING.list()} from ${fromJson(POSTING)}`

/** Adds postings, in the bucket of their cause. `isTogether`: uses PostgreSQL's statement for any number of rows. */
async function insertLedgerPostings(
  sql: Sql,
  postings: readonly LedgerPosting[],
  isTogether = false,
): Promise<void> {
  if (postings.length === 0) return
  await sql.run(
    `insert into ledger_postings ${isTogether ? FROM_JSON : POSTING.insert(postings.length)}`,
    isTogether ? [jsonRows(POSTING, postings)] : postings.flatMap(POSTING.values),
  )
}

/**
 * The join of the sums of payments' refunds. They are grouped once: a payment with many refunds would otherwise make
 * PostgreSQL read all refunds for each payment.
 */
const REFUND_SUMS = `left join (
    select bucket, payment_attempt_id,
      sum(case when status = 'succeeded' then amount_minor else 0 end) as succeeded_minor,
      sum(case when status in ('initiated', 'pending') then amount_minor else 0 end) as open_minor
    from refunds group by bucket, payment_attempt_id) r
  on r.bucket = a.bucket and r.payment_attempt_id = a.id`

type Check = readonly [what: string, select: string]

/** The forbidden states that `arePaymentsSound` rules out. They are searched for only if it returns false. */
const PAYMENT_CHECKS: readonly Check[] = [
  ...BALANCE_CHECKS,
  [
    'has no matching posting',
    `select source_id as id, kind from (select ${COMPARED_POSTING} from (${REQUIRED_POSTINGS}) e except select ${COMPARED_POSTING} from ledger_postings) x`,
  ],
  [
    'posting has no matching object',
    `select source_id as id, kind from (select ${COMPARED_POSTING} from ledger_postings except select ${COMPARED_POSTING} from (${REQUIRED_POSTINGS}) e) x`,
  ],
  [
    'captured amount differs from the session’s amount',
    `select a.id from payment_attempts a
       join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id
     where a.captured_minor <>
       case when a.status in ('succeeded', 'refunded') then s.amount_minor else 0 end`,
  ],
  [
    'payment and session have different merchants',
    `select a.id from ${PAYMENTS} where a.account_id <> s.account_id`,
  ],
  [
    'fee on a payment that has not succeeded',
    `select a.id from payment_attempts a
     where a.status <> 'succeeded' and (a.fee_minor <> 0 or a.tax_minor <> 0)`,
  ],
  [
    'payment of a virtual account has no matching transfer',
    `select a.id from ${PAYMENTS} left join bank_transfers t on t.bucket = a.bucket and t.id = a.id
     where s.virtual_account_id is not null and (t.id is null or t.amount_minor <> s.amount_minor
       or t.virtual_account_id <> s.virtual_account_id or t.utr <> a.processor_reference
       or t.status <> case when a.disputed_minor > 0 then 'disputed'
         when a.status = 'succeeded' and a.refunded_minor > 0 then 'refunded' else a.status end)`,
  ],
]

const OTHER_CHECKS: readonly Check[] = [
  [
    'refund and payment have different merchants or currencies',
    `select r.id
     from ${PAYMENTS} join refunds r on r.bucket = a.bucket and r.payment_attempt_id = a.id
     where r.account_id <> a.account_id or r.currency <> s.currency`,
  ],
  [
    'transfer and payment have different merchants or currencies',
    `select t.id from ${PAYMENTS} ${JOIN_TRANSFERS}
     where t.account_id <> a.account_id or t.currency <> s.currency`,
  ],
  [
    'reversal and payment have different merchants or currencies',
    `select v.id from ${PAYMENTS} ${JOIN_TRANSFERS} ${JOIN_REVERSALS}
     where v.account_id <> a.account_id or v.currency <> s.currency`,
  ],
  [
    'refunds differ from the payment’s refunded amount',
    `select a.id from payment_attempts a ${REFUND_SUMS}
     where a.refunded_minor <> coalesce(r.succeeded_minor, 0)
       or a.refunding_minor <> coalesce(r.open_minor, 0)`,
  ],
  [
    'refunds exceed the payment’s captured amount',
    `select a.id from payment_attempts a ${REFUND_SUMS}
     where a.captured_minor < coalesce(r.succeeded_minor + r.open_minor, 0)`,
  ],
  [
    'dispute and payment have different merchants or currencies',
    `select d.id from ${PAYMENTS} ${JOIN_DISPUTES}
     where d.account_id <> a.account_id or d.currency <> s.currency`,
  ],
  [
    'disputes differ from the payment’s disputed amount',
    `select a.id from payment_attempts a left join (
         select bucket, payment_attempt_id,
           sum(case when status = 'won' then 0 else amount_minor end) as total_minor
         from disputes group by bucket, payment_attempt_id) d
       on d.bucket = a.bucket and d.payment_attempt_id = a.id
     where a.disputed_minor <> coalesce(d.total_minor, 0)`,
  ],
  [
    'transfers differ from the payment’s transferred amount',
    `select a.id from payment_attempts a left join (
         select bucket, payment_attempt_id, sum(amount_minor - reversed_minor) as total_minor
         from transfers group by bucket, payment_attempt_id) t
       on t.bucket = a.bucket and t.payment_attempt_id = a.id
     where a.transferred_minor <> coalesce(t.total_minor, 0)
       or a.transferred_minor > a.captured_minor`,
  ],
  [
    'reversals differ from the transfer’s reversed amount',
    `select t.id from transfers t left join (
         select bucket, transfer_id, sum(amount_minor) as total_minor
         from transfer_reversals group by bucket, transfer_id) v
       on v.bucket = t.bucket and v.transfer_id = t.id
     where t.reversed_minor <> coalesce(v.total_minor, 0) or t.reversed_minor > t.amount_minor`,
  ],
  [
    'transfers differ from the virtual account’s sum',
    `select v.id from virtual_accounts v left join (
         select bucket, virtual_account_id,
           sum(case when status = 'failed' then 0 else amount_minor end) as total_minor
         from bank_transfers group by bucket, virtual_account_id) t
       on t.bucket = v.bucket and t.virtual_account_id = v.id
     where v.paid_minor <> coalesce(t.total_minor, 0)`,
  ],
]

/** The maximum number of examples of one discrepancy. */
const EXAMPLE_COUNT_MAX = 100

/**
 * Compares the ledger with payments, refunds, transfers, reversals, disputes and payouts, and sums its accounts. `sql`
 * must be a transaction that sees one state of the database.
 */
export async function checkLedger(
  sql: Sql,
  onPart: (part: LedgerCheckPart) => void = () => {},
): Promise<LedgerReport> {
  onPart('postings')
  const postings = await sumPostings(sql)
  onPart('payments')
  const discrepancies: Discrepancy[] = []
  if (!(await arePaymentsSound(sql, postings))) {
    onPart('discrepancies')
    discrepancies.push(...(await findDiscrepancies(sql, PAYMENT_CHECKS)))
  }
  onPart('dependents')
  discrepancies.push(...(await findDiscrepancies(sql, OTHER_CHECKS)))
  const balances = balancesOf(postings)
  const total = (side: 'debitMinor' | 'creditMinor') =>
    balances.reduce((sum, balance) => sum + balance[side], 0n)
  if (total('debitMinor') !== total('creditMinor')) {
    discrepancies.push({ what: 'total debits and credits differ', id: '-' })
  }
  // A refund after a payout can make the balances of the merchant and of the processor negative, so payouts are not
  // counted. A reported dispute can take back refunded money, so disputes are not counted either.
  const others = postings.filter(({ kind }) => !NEGATIVE_KINDS.includes(kind))
  for (const { accountId, creditMinor, debitMinor, ledgerAccount } of balancesOf(others)) {
    // Without payouts and disputes, only a merchant's balance can be negative.
    const heldMinor =
      ledgerAccount === 'processor' ? debitMinor - creditMinor : creditMinor - debitMinor
    if (ledgerAccount !== 'merchant' && heldMinor < 0n) {
      discrepancies.push({ what: `${ledgerAccount} balance is negative`, id: accountId })
    }
  }
  const postingCount = postings.reduce((sum, { count }) => sum + count, 0)
  return { discrepancies, balances, postingCount }
}

type Discrepancy = LedgerReport['discrepancies'][number]

async function findDiscrepancies(
  sql: Sql,
  checks: readonly Check[],
): Promise<readonly Discrepancy[]> {
  const discrepancies: Discrepancy[] = []
  for (const [what, select] of checks) {
    const rows = await sql.all(`${select} limit ${EXAMPLE_COUNT_MAX}`, [])
    for (const { id, kind } of rows) {
      discrepancies.push({ what: kind === undefined ? what : `${kind} ${what}`, id: String(id) })
    }
  }
  return discrepancies
}

const NEGATIVE_KINDS: readonly string[] = ['payout', 'payout_return', 'dispute', 'dispute_return']

/** Adds up the sides of the accounts, ordered by merchant, currency and account. */
function balancesOf(postings: readonly PostingSum[]): readonly LedgerBalance[] {
  const balances = new Map<string, LedgerBalance>()
  const add = (
    { accountId, currency }: PostingSum,
    ledgerAccount: LedgerBalance['ledgerAccount'],
    [debitMinor, creditMinor]: readonly [debit: bigint, credit: bigint],
  ) => {
    const key = `${accountId} ${currency} ${ledgerAccount}`
    const before = balances.get(key)
    balances.set(key, {
      accountId,
      ledgerAccount,
      currency,
      debitMinor: (before?.debitMinor ?? 0n) + debitMinor,
      creditMinor: (before?.creditMinor ?? 0n) + creditMinor,
    })
  }
  for (const posting of postings) {
    add(posting, posting.debit, [posting.minor, 0n])
    add(posting, posting.credit, [0n, posting.minor])
  }
  return [...balances.values()].toSorted(
    (one, other) =>
      Number(one.accountId) - Number(other.accountId) ||
      compareTexts(one.currency, other.currency) ||
      compareTexts(one.ledgerAccount, other.ledgerAccount),
  )
}

const compareTexts = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

async function sumPostings(sql: Sql): Promise<readonly PostingSum[]> {
  const rows = await sql.all(
    // Sums are read as text, because they can exceed JavaScript's exact numbers.
    `select account_id, kind, debit, credit, currency, cast(sum(amount_minor) as text) as minor,
       count(*) as total
     from ledger_postings group by account_id, kind, debit, credit, currency`,
    [],
  )
  const { account_id: accountId, credit, currency, debit } = POSTING.columns
  return rows.map((row) => ({
    accountId: accountId.read(row.account_id),
    kind: String(row.kind),
    debit: debit.read(row.debit),
    credit: credit.read(row.credit),
    currency: currency.read(row.currency),
    minor: BigInt(String(row.minor)),
    count: Number(row.total),
  }))
}

const EXPORT_TABLE = {
  name: 'ledger_postings',
  columns: POSTING.list('t'),
  keys: ['source_id', 'kind'],
}

async function listPostingsAfter(
  sql: Sql,
  accountId: AccountId,
  { after, countMax, times }: StepThrough<PostingKey>,
): Promise<readonly LedgerPosting[]> {
  const { params, text: select } = selectAfter(EXPORT_TABLE, {
    accountId,
    times,
    countMax,
    after: after && [after.createdAtMs, Number(after.sourceId), after.kind],
  })
  return (await sql.all(select, params)).map(postingFrom)
}

function postingFrom(row: Row): LedgerPosting {
  const values = POSTING.read(row)
  return {
    kind: values.kind,
    sourceId: values.source_id,
    ...(values.payment_attempt_id !== NO_PAYMENT && {
      paymentAttemptId: values.payment_attempt_id,
    }),
    accountId: values.account_id,
    debit: values.debit,
    credit: values.credit,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    createdAtMs: values.created_at_ms,
  }
}

/** Makes a store's functions for the ledger. */
export const ledgerOf = ({ engine, readLong }: StoreContext): Store['ledger'] => ({
  check: (onPart) => engine.snapshot((sql) => checkLedger(sql, onPart)),
  listAfter: (accountId, step) => listPostingsAfter(readLong, accountId, step),
  count: (accountId, times, countMax) =>
    countRows(readLong, EXPORT_TABLE, { accountId, times, countMax }),
})

/** Makes a transaction's functions for the ledger. */
export const ledgerIn = ({ sql }: TransactionContext): Transaction['ledger'] => ({
  insert: (postings) => insertLedgerPostings(sql, postings),
})

/** Makes the functions of `ledgerIn` for operations that share a transaction on PostgreSQL. */
export const ledgerTogether = ({ sql }: TransactionContext): SessionTransaction['ledger'] => ({
  insert: gatherCalls(async (postings) => {
    await insertLedgerPostings(sql, postings.flat(), true)
    return []
  }),
})
