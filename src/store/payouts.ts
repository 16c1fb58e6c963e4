import type {
  BalanceTransactionKey,
  BalanceTransactionRecord,
} from '../domain/balance-transaction.ts'
import { type AccountId, bucketOf, type PayoutId } from '../domain/id.ts'
import {
  PAYOUT_STATUSES,
  type Payout,
  type PayoutSum,
  type PayoutSummary,
} from '../domain/payout.ts'
import type {
  Balance,
  DueSum,
  ListPage,
  Page,
  PayoutFilter,
  PayoutRun,
  StepThrough,
  Store,
  Transaction,
} from '../operations/store.ts'
import { BALANCE_TRANSACTION, balanceTransactionFrom, MERCHANT } from './balance-transactions.ts'
import {
  columns,
  id,
  json,
  minor,
  omitUndefined,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Engine, Row, Sql } from './engine/engine.ts'
import { assignInsertedColumns, assignParameters } from './engine/statement.ts'
import { selectAfter } from './list-after.ts'
import {
  addTimes,
  createRanges,
  type ListedTable,
  listPageFrom,
  readListPage,
} from './list-page.ts'
import { fromJson, jsonRows } from './many-rows.ts'

/** A sum as it is stored. JSON has no bigint. */
type StoredSum = readonly [count: number, amount: string, fee: string, tax: string]

const storedSum = ({ amountMinor, count, feeMinor, taxMinor }: PayoutSum): StoredSum => [
  count,
  String(amountMinor),
  String(feeMinor),
  String(taxMinor),
]
const sumFrom = ([count, amount, fee, tax]: StoredSum): PayoutSum => ({
  count,
  amountMinor: BigInt(amount),
  feeMinor: BigInt(fee),
  taxMinor: BigInt(tax),
})
const summaryFrom = (sums: Readonly<Record<keyof PayoutSummary, StoredSum>>): PayoutSummary => ({
  charge: sumFrom(sums.charge),
  refund: sumFrom(sums.refund),
  adjustment: sumFrom(sums.adjustment),
})

const PAYOUT = columns<Payout>()({
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  connected_account_id: id(({ connectedAccountId = MERCHANT }) => connectedAccountId),
  currency: text(({ amount }) => amount.currency),
  processor_reference: optionalText(({ processorReference }) => processorReference),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  arrives_at_ms: whole(({ arrivesAtMs }) => arrivesAtMs),
  statement_descriptor: text(({ statementDescriptor }) => statementDescriptor),
  bank_account_json: json(({ bankAccount }) => bankAccount),
  status: text(({ status }) => status),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  summary_json: json(({ summary: { adjustment, charge, refund } }) => ({
    charge: storedSum(charge),
    refund: storedSum(refund),
    adjustment: storedSum(adjustment),
  })),
  next_step_at_ms: optionalWhole(({ nextStepAtMs }) => nextStepAtMs),
  decided_at_ms: optionalWhole(({ decidedAtMs }) => decidedAtMs),
  failure_code: optionalText(({ failureCode }) => failureCode),
  bank_reference: optionalText(({ bankReference }) => bankReference),
})
/** The columns that a move can change. They come last. */
const CHANGING = PAYOUT.names.slice(PAYOUT.names.indexOf('status'))

function payoutFrom(row: Row): Payout {
  const values = PAYOUT.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    connectedAccountId:
      values.connected_account_id === MERCHANT ? undefined : values.connected_account_id,
    status: values.status,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    summary: summaryFrom(values.summary_json),
    createdAtMs: values.created_at_ms,
    arrivesAtMs: values.arrives_at_ms,
    nextStepAtMs: values.next_step_at_ms,
    decidedAtMs: values.decided_at_ms,
    failureCode: values.failure_code,
    bankReference: values.bank_reference,
    statementDescriptor: values.statement_descriptor,
    bankAccount: values.bank_account_json,
    processorReference: values.processor_reference,
  })
}

const SELECT = `select ${PAYOUT.list()} from payouts`

async function findPayout(sql: Sql, id: PayoutId, lock = ''): Promise<Payout | undefined> {
  const [row] = await sql.all(`${SELECT} where id = $1${lock}`, [Number(id)])
  return row && payoutFrom(row)
}

async function findReportedPayout(sql: Sql, reference: string): Promise<Payout | undefined> {
  const [row] = await sql.all(`${SELECT} where processor_reference = $1`, [reference])
  return row && payoutFrom(row)
}

async function insertPayout(sql: Sql, payout: Payout): Promise<boolean> {
  const text = `insert into payouts ${PAYOUT.insert()} on conflict do nothing`
  return (await sql.run(text, PAYOUT.values(payout))) === 1
}

async function updatePayout(sql: Sql, payout: Payout): Promise<void> {
  await sql.run(`update payouts set ${assignParameters(CHANGING, 2)} where id = $1`, [
    Number(payout.id),
    ...PAYOUT.valuesOf(CHANGING, payout),
  ])
}

const LIST_TABLE: ListedTable = {
  name: 'payouts',
  columns: PAYOUT.list('t'),
  id: 'id',
  keyOf: 't.id = k.id',
}
const IS_SHOWN = `t.status in (${PAYOUT_STATUSES.map((status) => `'${status}'`).join(', ')})`

async function listPayouts(
  sql: Sql,
  accountId: AccountId,
  filter: PayoutFilter,
  page: Page,
): Promise<ListPage<Payout>> {
  const { connectedAccountId = MERCHANT, status } = filter
  const ranges = createRanges(LIST_TABLE)
  ranges.add(
    't.account_id = ? and t.connected_account_id = ?',
    Number(accountId),
    Number(connectedAccountId),
  )
  ranges.split('t.status', status === undefined ? PAYOUT_STATUSES : [status])
  addTimes(ranges, filter)
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), payoutFrom)
}

async function listPayoutsAfter(
  sql: Sql,
  accountId: AccountId,
  { after, countMax, times }: StepThrough<Payout>,
): Promise<readonly Payout[]> {
  const { params, text: select } = selectAfter(
    { name: 'payouts', columns: PAYOUT.list('t'), keys: ['id'], condition: IS_SHOWN },
    { accountId, times, countMax, after: after && [after.createdAtMs, Number(after.id)] },
  )
  return (await sql.all(select, params)).map(payoutFrom)
}

async function findDuePayout(sql: Sql, nowMs: number): Promise<Payout | undefined> {
  const [row] = await sql.all(
    `${SELECT} where next_step_at_ms <= $1 order by next_step_at_ms, id limit 1`,
    [nowMs],
  )
  return row && payoutFrom(row)
}

async function findLastReference(sql: Sql, prefix: string): Promise<string | undefined> {
  const [row] = await sql.all(
    'select max(bank_reference) as last from payouts where bank_reference > $1 and bank_reference < $2',
    [prefix, `${prefix}A`],
  )
  return typeof row?.last === 'string' ? row.last : undefined
}

const RUN = columns<PayoutRun>()({
  account_id: id(({ accountId }) => accountId),
  next_run_at_ms: whole(({ nextRunAtMs }) => nextRunAtMs),
  after_connected_account_id: whole(({ after }) => (after === undefined ? -1 : ownerOf(after))),
  after_currency: optionalText(({ after }) => after?.currency ?? ''),
})

const ownerOf = ({ connectedAccountId = MERCHANT }: Balance): number => Number(connectedAccountId)

function runFrom(row: Row): PayoutRun {
  const values = RUN.read(row)
  const owner = values.after_connected_account_id
  return {
    accountId: values.account_id,
    nextRunAtMs: values.next_run_at_ms,
    ...(owner >= 0 && { after: balanceFrom(row.after_connected_account_id, row.after_currency) }),
  }
}

function balanceFrom(owner: Row[string], currency: Row[string]): Balance {
  const { columns: payoutColumns } = PAYOUT
  const connectedAccountId = payoutColumns.connected_account_id.read(owner)
  return {
    currency: payoutColumns.currency.read(currency),
    ...(connectedAccountId !== MERCHANT && { connectedAccountId }),
  }
}

async function findDueRun(sql: Sql, nowMs: number): Promise<PayoutRun | undefined> {
  const [row] = await sql.all(
    `select ${RUN.list()} from payout_runs where next_run_at_ms <= $1
     order by next_run_at_ms, account_id limit 1`,
    [nowMs],
  )
  return row && runFrom(row)
}

async function findAccountWithoutRun(sql: Sql): Promise<AccountId | undefined> {
  const [row] = await sql.all(
    `select a.id from accounts a left join payout_runs r on r.account_id = a.id
     where r.account_id is null order by a.id limit 1`,
    [],
  )
  return row && PAYOUT.columns.account_id.read(row.id)
}

async function beginRuns(sql: Sql, run: PayoutRun): Promise<void> {
  await sql.run(
    `insert into payout_runs ${RUN.insert()} on conflict (account_id) do nothing`,
    RUN.values(run),
  )
}

async function lockRun(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  accountId: AccountId,
): Promise<PayoutRun | undefined> {
  const [row] = await sql.all(
    `select ${RUN.list()} from payout_runs where account_id = $1${engine.rowLock}`,
    [Number(accountId)],
  )
  return row && runFrom(row)
}

async function updateRun(sql: Sql, run: PayoutRun): Promise<void> {
  await sql.run(
    `insert into payout_runs ${RUN.insert()} on conflict (account_id) do update
     set ${assignInsertedColumns(RUN.names.filter((name) => name !== 'account_id'))}`,
    RUN.values(run),
  )
}

async function findNextBalance(
  sql: Sql,
  accountId: AccountId,
  after: Balance | undefined,
): Promise<Balance | undefined> {
  const [row] = await sql.all(
    `select connected_account_id, currency from balance_transactions
     where account_id = $1 and payout_id is null and (connected_account_id, currency) > ($2, $3)
     order by connected_account_id, currency limit 1`,
    [Number(accountId), after === undefined ? -1 : ownerOf(after), after?.currency ?? ''],
  )
  return row && balanceFrom(row.connected_account_id, row.currency)
}

const selectFree = (alias: string) => `from balance_transactions ${alias}
  where ${alias}.account_id = $1 and ${alias}.connected_account_id = $2 and ${alias}.currency = $3
    and ${alias}.available_at_ms <= $4 and ${alias}.payout_id is null`

const freeValues = (accountId: AccountId, balance: Balance, atMs: number) => [
  Number(accountId),
  ownerOf(balance),
  balance.currency,
  atMs,
]

/** Reads only an index. */
async function sumDue(
  sql: Sql,
  accountId: AccountId,
  balance: Balance,
  atMs: number,
): Promise<DueSum> {
  const [row] = await sql.all(
    `select count(*) as total, cast(coalesce(sum(t.net_minor), 0) as text) as net_minor ${selectFree('t')}`,
    freeValues(accountId, balance, atMs),
  )
  return { count: Number(row?.total ?? 0), netMinor: BigInt(row?.net_minor ?? 0) }
}

async function findNextAvailableMs(
  sql: Sql,
  accountId: AccountId,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<number | undefined> {
  const [row] = await sql.all(
    `select min(available_at_ms) as at_ms from balance_transactions
     where account_id = $1 and payout_id is null and available_at_ms > $2
       and available_at_ms <= $3`,
    [Number(accountId), fromMs, toMs],
  )
  return typeof row?.at_ms === 'number' ? row.at_ms : undefined
}

type PayoutItem = { readonly payoutId: PayoutId; readonly transaction: BalanceTransactionRecord }

const ITEM_COLUMNS = columns<PayoutItem>()({
  payout_id: id(({ payoutId }) => payoutId),
  created_at_ms: whole(({ transaction }) => transaction.createdAtMs),
  transaction_id: id(({ transaction }) => transaction.id),
  kind: text(({ transaction }) => transaction.kind),
})
const KEY = columns<BalanceTransactionKey>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  kind: text(({ kind }) => kind),
})

/** Keys for one statement, with a condition on the row `t` and its parameters. */
type KeyGroup = {
  readonly keys: readonly BalanceTransactionKey[]
  readonly condition: (first: number) => string
  readonly params: readonly number[]
}

/** Groups keys by statement: one for all, or one for each bucket of a distributed database. */
function groupByStatement(
  { isDistributed }: Pick<Engine, 'isDistributed'>,
  keys: readonly BalanceTransactionKey[],
): readonly KeyGroup[] {
  if (!isDistributed) return [{ keys, condition: () => 'true', params: [] }]
  return [...Map.groupBy(keys, ({ id }) => bucketOf(id))].map(([bucket, group]) => ({
    keys: group,
    condition: (first) => `t.bucket = $${first}`,
    params: [bucket],
  }))
}

async function takeTransactions(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  payout: Payout,
  countMax: number,
): Promise<readonly BalanceTransactionRecord[]> {
  const { accountId, amount, connectedAccountId, createdAtMs } = payout
  const balance = {
    currency: amount.currency,
    ...(connectedAccountId !== undefined && { connectedAccountId }),
  }
  const rows = await sql.all(
    `select ${BALANCE_TRANSACTION.list('b')} ${selectFree('b')}
     order by b.available_at_ms, b.id, b.kind limit $5`,
    [...freeValues(accountId, balance, createdAtMs), countMax],
  )
  const transactions = rows.map(balanceTransactionFrom)
  if (transactions.length === 0) return transactions
  await attachTransactions({ engine, sql }, payout, transactions)
  return transactions
}

async function findByKeys(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  keys: readonly BalanceTransactionKey[],
): Promise<readonly BalanceTransactionRecord[]> {
  if (engine.prefersManyRowStatements) {
    const rowLists = await Promise.all(
      groupByStatement(engine, keys).map(({ condition, keys: group, params }) =>
        sql.all(
          `select ${BALANCE_TRANSACTION.list('t')} from balance_transactions t
             join ${fromJson(KEY)} on t.bucket = v.bucket and t.id = v.id and t.kind = v.kind
           where ${condition(2)} ${engine.rowLock && ` ${engine.rowLock} of t`}`,
          [jsonRows(KEY, group), ...params],
        ),
      ),
    )
    return rowLists.flat().map(balanceTransactionFrom)
  }
  const transactions: BalanceTransactionRecord[] = []
  for (const key of keys) {
    const [row] = await sql.all(
      `select ${BALANCE_TRANSACTION.list()} from balance_transactions
       where bucket = $1 and id = $2 and kind = $3`,
      KEY.values(key),
    )
    if (row !== undefined) transactions.push(balanceTransactionFrom(row))
  }
  return transactions
}

/** Puts free balance transactions into a payout that the database transaction has locked. */
async function attachTransactions(
  context: Pick<TransactionContext, 'engine' | 'sql'>,
  { id }: Pick<Payout, 'id'>,
  transactions: readonly BalanceTransactionRecord[],
): Promise<void> {
  if (transactions.length === 0) return
  await listItems(
    context,
    transactions.map((transaction) => ({ payoutId: id, transaction })),
  )
  await setPayout(context, transactions, id)
}

/** Adds transactions to the lists of payouts. */
async function listItems(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  items: readonly PayoutItem[],
): Promise<void> {
  if (engine.prefersManyRowStatements) {
    await sql.run(
      `insert into payout_transactions (${ITEM_COLUMNS.list()}) select ${ITEM_COLUMNS.list()} from ${fromJson(ITEM_COLUMNS)}`,
      [jsonRows(ITEM_COLUMNS, items)],
    )
    return
  }
  for (const one of items) {
    await sql.run(
      `insert into payout_transactions ${ITEM_COLUMNS.insert()}`,
      ITEM_COLUMNS.values(one),
    )
  }
}

async function discardPayout(
  context: Pick<TransactionContext, 'engine' | 'sql'>,
  id: PayoutId,
  countMax: number,
): Promise<boolean> {
  await releaseTransactions(context, id, countMax)
  const count = await context.sql.run(
    `delete from payout_transactions where payout_id = $1
       and (created_at_ms, transaction_id, kind) in (
         select created_at_ms, transaction_id, kind from payout_transactions
         where payout_id = $1 limit $2)`,
    [Number(id), countMax],
  )
  if (count === countMax) return false
  await context.sql.run('delete from payouts where id = $1', [Number(id)])
  return true
}

/** Stores which payout has the transactions. `payoutId` undefined: the transactions become free. */
async function setPayout(
  { engine, sql }: { readonly engine: Engine; readonly sql: Sql },
  transactions: readonly BalanceTransactionRecord[],
  payoutId: PayoutId | undefined,
): Promise<void> {
  const value = payoutId === undefined ? null : Number(payoutId)
  if (engine.prefersManyRowStatements) {
    await Promise.all(
      groupByStatement(engine, transactions).map(({ condition, keys, params }) =>
        sql.run(
          `update balance_transactions t set payout_id = $2 from ${fromJson(KEY)}
           where t.bucket = v.bucket and t.id = v.id and t.kind = v.kind and ${condition(3)}`,
          [jsonRows(KEY, keys), value, ...params],
        ),
      ),
    )
    return
  }
  for (const transaction of transactions) {
    await sql.run(
      'update balance_transactions set payout_id = $4 where bucket = $1 and id = $2 and kind = $3',
      [...KEY.values(transaction), value],
    )
  }
}

async function releaseTransactions(
  context: Pick<TransactionContext, 'engine' | 'sql'>,
  id: PayoutId,
  countMax: number,
): Promise<number> {
  const rows = await context.sql.all(
    `select ${BALANCE_TRANSACTION.list()} from balance_transactions where payout_id = $1 limit $2`,
    [Number(id), countMax],
  )
  await setPayout(context, rows.map(balanceTransactionFrom), undefined)
  return rows.length
}

/** Makes a store's functions for payouts. */
export const payoutsOf = ({ read, readLong }: StoreContext): Store['payouts'] => ({
  find: (id) => findPayout(read, id),
  findByProcessorReference: (reference) => findReportedPayout(read, reference),
  list: (accountId, filter, page) => listPayouts(readLong, accountId, filter, page),
  listAfter: (accountId, step) => listPayoutsAfter(readLong, accountId, step),
  findDue: (nowMs) => findDuePayout(read, nowMs),
  findDueRun: (nowMs) => findDueRun(read, nowMs),
  findAccountWithoutRun: () => findAccountWithoutRun(read),
  findNextBalance: (accountId, after) => findNextBalance(read, accountId, after),
  findNextAvailableMs: (accountId, times) => findNextAvailableMs(readLong, accountId, times),
  sumDue: (accountId, balance, atMs) => sumDue(readLong, accountId, balance, atMs),
})

/** Makes a transaction's functions for payouts. */
export const payoutsIn = ({ engine, sql }: TransactionContext): Transaction['payouts'] => ({
  lock: (id) => findPayout(sql, id, engine.rowLock),
  insert: (payout) => insertPayout(sql, payout),
  update: (payout) => updatePayout(sql, payout),
  findLastReference: (prefix) => findLastReference(sql, prefix),
  take: (payout, countMax) => takeTransactions({ engine, sql }, payout, countMax),
  findByKeys: (keys) => findByKeys({ engine, sql }, keys),
  attach: (payout, transactions) => attachTransactions({ engine, sql }, payout, transactions),
  discard: (id, countMax) => discardPayout({ engine, sql }, id, countMax),
  release: (id, countMax) => releaseTransactions({ engine, sql }, id, countMax),
  lockRun: (accountId) => lockRun({ engine, sql }, accountId),
  beginRuns: (run) => beginRuns(sql, run),
  updateRun: (run) => updateRun(sql, run),
})
