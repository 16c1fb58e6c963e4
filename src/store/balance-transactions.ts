import {
  type BalanceTransaction,
  type BalanceTransactionRecord,
  netMinorOf,
} from '../domain/balance-transaction.ts'
import {
  type AccountId,
  BUCKET_COUNT,
  bucketOf,
  COUNTER_COUNT,
  type PaymentAttemptId,
  type PayoutId,
} from '../domain/id.ts'
import {
  type BalanceTransactionView,
  type ConnectedTransactionFilter,
  type CurrencyBalance,
  LIST_TOTAL_MAX,
  type ListPage,
  type Page,
  type SessionTransaction,
  type Store,
  type Transaction,
} from '../operations/store.ts'
import {
  columns,
  id,
  json,
  minor,
  omitUndefined,
  optionalId,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { gatherCalls } from './gather-calls.ts'
import {
  addTimes,
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  type Ranges,
  readListPage,
  withoutSearch,
} from './list-page.ts'
import { fromJson, jsonRows } from './many-rows.ts'
import { readByKeysOf } from './read-by-keys.ts'

/** The merchant's value in a column for the owner of a balance. */
export const MERCHANT = '0' as AccountId

/** The columns of a balance transaction. */
export const BALANCE_TRANSACTION = columns<BalanceTransactionRecord>()({
  bucket: small(({ id }) => bucketOf(id)),
  kind: text(({ kind }) => kind),
  id: id(({ id }) => id),
  parent_id: optionalId(({ parentId }) => parentId),
  account_id: id(({ accountId }) => accountId),
  connected_account_id: id(({ connectedAccountId = MERCHANT }) => connectedAccountId),
  payment_attempt_id: id(({ paymentAttemptId }) => paymentAttemptId),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  fee_minor: minor(({ feeMinor }) => feeMinor),
  tax_minor: minor(({ taxMinor }) => taxMinor),
  net_minor: minor(netMinorOf),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  available_at_ms: whole(({ availableAtMs }) => availableAtMs),
  payout_id: optionalId(({ payoutId }) => payoutId),
})

/** Reads a row that was selected with all columns. */
export function balanceTransactionFrom(row: Row): BalanceTransactionRecord {
  const values = BALANCE_TRANSACTION.read(row)
  return omitUndefined({
    kind: values.kind,
    id: values.id,
    parentId: values.parent_id,
    accountId: values.account_id,
    connectedAccountId:
      values.connected_account_id === MERCHANT ? undefined : values.connected_account_id,
    paymentAttemptId: values.payment_attempt_id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    feeMinor: values.fee_minor,
    taxMinor: values.tax_minor,
    createdAtMs: values.created_at_ms,
    availableAtMs: values.available_at_ms,
    payoutId: values.payout_id,
  })
}

const { insert, list, values } = BALANCE_TRANSACTION
const INSERT_JSON = `insert into balance_transactions (${list()})
  select ${list()} from ${fromJson(BALANCE_TRANSACTION)}`

/** `isTogether`: uses PostgreSQL's statement for any number of rows. */
async function insertBalanceTransactions(
  sql: Sql,
  transactions: readonly BalanceTransaction[],
  isTogether = false,
): Promise<void> {
  if (transactions.length === 0) return
  if (isTogether) {
    await sql.run(INSERT_JSON, [jsonRows(BALANCE_TRANSACTION, transactions)])
    return
  }
  await sql.run(
    `insert into balance_transactions ${insert(transactions.length)}`,
    transactions.flatMap(values),
  )
}

/** The payment of a transaction, with the parts of its session that lists show. */
const PAYMENT = columns<Omit<BalanceTransactionView['payment'], 'customerName'>>()({
  id: id(({ id }) => id),
  instrument_json: json(({ instrument }) => instrument),
  echoed_json: text(({ echoedJson }) => echoedJson),
  customer_id: optionalId(({ customerId }) => customerId),
})
const readPayments = readByKeysOf({
  name: `(select a.bucket, a.id, a.instrument_json, s.echoed_json, s.customer_id
    from payment_attempts a
      join payment_sessions s on s.bucket = a.bucket and s.id = a.payment_session_id)`,
  columns: PAYMENT.list('t'),
  key: 'id',
})
// A customer has a separate bucket, so no statement joins it with its payments.
const readCustomerNames = readByKeysOf({ name: 'customers', columns: 't.id, t.name', key: 'id' })
const CUSTOMER_NAME = text((name: string) => name)

async function withPayments(
  context: StoreContext,
  transactions: readonly BalanceTransactionRecord[],
): Promise<readonly BalanceTransactionView[]> {
  const [payments, payouts] = await Promise.all([
    findPayments(
      context,
      transactions.map(({ paymentAttemptId }) => paymentAttemptId),
    ),
    findPayoutStates(context.readLong, transactions),
  ])
  return transactions.map((transaction, index) => {
    const payment = payments[index]
    if (payment === undefined) throw new Error(`transaction ${transaction.id} has no payment`)
    const payout = transaction.payoutId && payouts.get(transaction.payoutId)
    return { ...transaction, payment, ...(payout !== undefined && { payout }) }
  })
}

/** In the order of the ids. Undefined: the payment is unknown. */
async function findPayments(
  { engine, readLong }: StoreContext,
  ids: readonly PaymentAttemptId[],
): Promise<readonly (BalanceTransactionView['payment'] | undefined)[]> {
  const from = { ...engine, read: readLong }
  const rows = (await readPayments(from, ids)).map(([row]) => row && PAYMENT.read(row))
  const customerIds = [...new Set(rows.flatMap((row) => row?.customer_id ?? []))]
  const customers = customerIds.length === 0 ? [] : await readCustomerNames(from, customerIds)
  const names = new Map(
    customers.flat().map((row) => [String(row.id), CUSTOMER_NAME.read(row.name)]),
  )
  return rows.map(
    (row) =>
      row &&
      omitUndefined({
        id: row.id,
        instrument: row.instrument_json,
        echoedJson: row.echoed_json,
        customerId: row.customer_id,
        customerName: row.customer_id && names.get(row.customer_id),
      }),
  )
}

type PayoutState = NonNullable<BalanceTransactionView['payout']>

const PAYOUT_STATE = columns<PayoutState & { readonly id: PayoutId }>()({
  id: id(({ id }) => id),
  status: text(({ status }) => status),
  decided_at_ms: optionalWhole(({ decidedAtMs }) => decidedAtMs),
})

async function findPayoutStates(
  sql: Sql,
  transactions: readonly BalanceTransactionRecord[],
): Promise<ReadonlyMap<PayoutId, PayoutState>> {
  const ids = new Set(transactions.flatMap(({ payoutId }) => payoutId ?? []))
  if (ids.size === 0) return new Map()
  const marks = [...ids].map((_, index) => `$${index + 1}`).join(', ')
  const rows = await sql.all(
    `select ${PAYOUT_STATE.list()} from payouts where id in (${marks})`,
    [...ids].map(Number),
  )
  return new Map(
    rows.map((row) => {
      const { decided_at_ms: decidedAtMs, id, status } = PAYOUT_STATE.read(row)
      return [id, omitUndefined({ status, decidedAtMs })]
    }),
  )
}

async function listPayoutTransactions(
  context: StoreContext,
  { id, total }: { readonly id: PayoutId; readonly total: number },
  { page, perPage, start }: Page,
): Promise<ListPage<BalanceTransactionView>> {
  const order = (alias: string) =>
    `order by ${alias}.created_at_ms desc, ${alias}.transaction_id desc, ${alias}.kind desc`
  const offset = start === undefined ? (page - 1) * perPage : 0
  const after = typeof start === 'object' ? start.after : []
  const isAfter = '(k.created_at_ms, k.transaction_id, k.kind) < ($4, $5, $6)'
  const keys = `select k.created_at_ms, k.transaction_id, k.kind from payout_transactions k
       where k.payout_id = $1${after.length === 0 ? '' : ` and ${isAfter}`}
       ${order('k')} limit $2 offset $3`
  const params = [Number(id), perPage + 1, offset, ...after]
  // Citus refuses a join of distributed rows with the first rows of a reference table.
  const rows = context.engine.isDistributed
    ? await readListed(context, await context.readLong.all(keys, params))
    : await context.readLong.all(
        `select ${list('t')} from (${keys}) k cross join balance_transactions t
         where t.bucket = k.transaction_id / ${COUNTER_COUNT} % ${BUCKET_COUNT}
           and t.kind = k.kind and t.id = k.transaction_id ${order('k')}`,
        params,
      )
  const items = rows.slice(0, perPage).map(balanceTransactionFrom)
  const hasMore = rows.length > perPage
  const last = items.at(-1)
  return {
    items: await withPayments(context, items),
    total: Math.min(total, LIST_TOTAL_MAX),
    isTotalCut: total > LIST_TOTAL_MAX,
    hasMore,
    ...(hasMore &&
      start !== undefined &&
      last !== undefined && {
        lastPosition: [last.createdAtMs, Number(last.id), last.kind],
      }),
  }
}

const readTransactions = readByKeysOf({
  name: 'balance_transactions',
  columns: list('t'),
  key: 'id',
})

/** Reads the transactions with the keys of these rows, in the order of the rows. */
async function readListed(
  { engine }: Pick<StoreContext, 'engine'>,
  keys: readonly Row[],
): Promise<readonly Row[]> {
  const rowLists = await readTransactions(
    engine,
    keys.map(({ transaction_id: id }) => String(id)),
  )
  return rowLists.flatMap((rows, index) => rows.filter(({ kind }) => kind === keys[index]?.kind))
}

const LIST_TABLE: ListedTable = {
  name: 'balance_transactions',
  columns: list('t'),
  id: 'id',
  keyOf: `${keyWithBucket('id')} and t.connected_account_id > 0`,
}

function unindexedConditions(
  { cardBrand, cardFunding, kind, method }: ConnectedTransactionFilter,
  mark: Ranges['mark'],
): readonly string[] {
  const facts: string[] = []
  if (method !== undefined) facts.push(`a.payment_method = ${mark(method)}`)
  // The storable facts of an instrument are JSON that only Paydesk writes.
  if (cardBrand !== undefined) {
    facts.push(`a.instrument_json like ${mark(`%"brand":${JSON.stringify(cardBrand)}%`)}`)
  }
  if (cardFunding !== undefined) {
    facts.push(`a.instrument_json like ${mark(`%"funding":${JSON.stringify(cardFunding)}%`)}`)
  }
  return [
    ...(kind === undefined ? [] : [`t.kind = ${mark(kind)}`]),
    ...(facts.length === 0
      ? []
      : [
          `exists (select 1 from payment_attempts a
             where a.bucket = t.bucket and a.id = t.payment_attempt_id and ${facts.join(' and ')})`,
        ]),
  ]
}

async function listConnectedTransactions(
  context: StoreContext,
  accountId: AccountId,
  filter: ConnectedTransactionFilter,
  page: Page,
): Promise<ListPage<BalanceTransactionView>> {
  const { connectedAccountId, id } = filter
  const all = createRanges(LIST_TABLE)
  const others = unindexedConditions(filter, all.mark)
  const owners = [Number(accountId), Number(connectedAccountId)]
  if (id === undefined) {
    all.add('t.account_id = ? and t.connected_account_id = ?', ...owners)
    // The condition of the index.
    all.add('t.connected_account_id > 0')
  } else {
    const isOwners = [withoutSearch('t.account_id'), withoutSearch('t.connected_account_id')]
    all.add('t.bucket = ? and t.id = ?', bucketOf(id), Number(id))
    all.add(isOwners.map((column) => `${column} = ?`).join(' and '), ...owners)
  }
  addTimes(all, filter)
  let ranges = all
  if (id !== undefined) for (const condition of others) all.add(condition)
  else if (others.length > 0) {
    ranges = createRanges(LIST_TABLE, { isEmpty: true, params: all.params })
    ranges.beginNewest({ ...LIST_TABLE, texts: all.texts() }, others)
  }
  const { isAscending } = filter
  const rowPage = await readListPage(context.readLong, LIST_TABLE, ranges, { ...page, isAscending })
  const { items, ...extent } = listPageFrom(rowPage, balanceTransactionFrom)
  return { items: await withPayments(context, items), ...extent }
}

async function findBalanceTransaction(
  sql: Sql,
  kind: BalanceTransaction['kind'],
  id: BalanceTransaction['id'],
): Promise<BalanceTransactionRecord | undefined> {
  const [row] = await sql.all(
    `select ${list()} from balance_transactions where bucket = $1 and id = $2 and kind = $3`,
    [bucketOf(id), Number(id), kind],
  )
  return row && balanceTransactionFrom(row)
}

/**
 * A payout that takes or releases its transactions in batches counts as a whole: money that it has taken is available
 * until it is initiated, and again after its failure.
 */
async function sumBalances(
  sql: Sql,
  accountId: AccountId,
  nowMs: number,
): Promise<readonly CurrencyBalance[]> {
  // Sums are read as text, because they can exceed JavaScript's exact numbers.
  const rows = await sql.all(
    `select currency, cast(sum(available_minor) as text) as available_minor,
       cast(sum(pending_minor) as text) as pending_minor,
       cast(sum(payout_minor) as text) as payout_minor
     from (
       select currency,
         sum(case when available_at_ms <= $2 then net_minor else 0 end) as available_minor,
         sum(case when available_at_ms > $2 then net_minor else 0 end) as pending_minor,
         0 as payout_minor
       from balance_transactions
       where account_id = $1 and connected_account_id = 0 and payout_id is null
       group by currency
       union all
       select t.currency, t.net_minor, 0, 0
       from payouts p join balance_transactions t on t.payout_id = p.id
       where p.account_id = $1 and p.connected_account_id = 0
         and p.status in ('collecting', 'failed', 'abandoned') and p.next_step_at_ms is not null
       union all
       select currency, 0, 0, amount_minor from payouts
       where account_id = $1 and connected_account_id = 0 and status = 'initiated') parts
     group by currency order by currency`,
    [Number(accountId), nowMs],
  )
  const { amount_minor: amount, currency } = BALANCE_TRANSACTION.columns
  return rows.map((row) => ({
    currency: currency.read(row.currency),
    availableMinor: amount.read(row.available_minor),
    pendingMinor: amount.read(row.pending_minor),
    inPayoutsMinor: amount.read(row.payout_minor),
  }))
}

/** Makes a store's functions for balance transactions. */
export const balanceTransactionsOf = (context: StoreContext): Store['balanceTransactions'] => ({
  find: (kind, id) => findBalanceTransaction(context.read, kind, id),
  listByPayout: (payout, page) => listPayoutTransactions(context, payout, page),
  listByConnectedAccount: (accountId, filter, page) =>
    listConnectedTransactions(context, accountId, filter, page),
  sum: (accountId, nowMs) => sumBalances(context.readLong, accountId, nowMs),
})

/** Makes a transaction's functions for balance transactions. */
export const balanceTransactionsIn = ({
  sql,
}: TransactionContext): Transaction['balanceTransactions'] => ({
  insert: (transactions) => insertBalanceTransactions(sql, transactions),
  makeAvailable: async (id, atMs) => {
    await sql.run(
      `update balance_transactions set available_at_ms = $3
       where bucket = $1 and id = $2 and kind = 'charge' and available_at_ms > $3`,
      [bucketOf(id), Number(id), atMs],
    )
  },
})

/** Makes the functions of `balanceTransactionsIn` for operations that share a transaction on PostgreSQL. */
export const balanceTransactionsTogether = ({
  sql,
}: TransactionContext): SessionTransaction['balanceTransactions'] => ({
  insert: gatherCalls(async (transactions) => {
    await insertBalanceTransactions(sql, transactions.flat(), true)
    return []
  }),
})
