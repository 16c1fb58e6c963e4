import {
  type AccountId,
  bucketOf,
  type PaymentAttemptId,
  type TransferId,
  type TransferReversalId,
} from '../domain/id.ts'
import type { Transfer, TransferReversal } from '../domain/transfer.ts'
import type {
  ListPage,
  Page,
  SessionTransaction,
  StepThrough,
  Store,
  Transaction,
  TransferFilter,
} from '../operations/store.ts'
import { columns, id, minor, omitUndefined, optionalText, small, text, whole } from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { placeholders } from './engine/statement.ts'
import { gatherCalls } from './gather-calls.ts'
import { selectAfter } from './list-after.ts'
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
import { insertManyOf } from './many-rows.ts'

const TRANSFER = columns<Transfer>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  payment_attempt_id: id(({ paymentAttemptId }) => paymentAttemptId),
  number: whole(({ number }) => number),
  connected_account_id: id(({ connectedAccountId }) => connectedAccountId),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  reversed_minor: minor(({ reversedMinor }) => reversedMinor),
  description: optionalText(({ description }) => description),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
})
const SELECT = `select ${TRANSFER.list('t')}`

function transferFrom(row: Row): Transfer {
  const values = TRANSFER.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    paymentAttemptId: values.payment_attempt_id,
    number: values.number,
    connectedAccountId: values.connected_account_id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    reversedMinor: values.reversed_minor,
    description: values.description,
    createdAtMs: values.created_at_ms,
  })
}

async function insertTransfer(sql: Sql, transfer: Transfer): Promise<boolean> {
  const count = await sql.run(
    `insert into transfers ${TRANSFER.insert()} on conflict (bucket, id) do nothing`,
    TRANSFER.values(transfer),
  )
  return count === 1
}

const insertTransfers = insertManyOf('transfers', TRANSFER)

async function updateTransfer(
  sql: Sql,
  { id, reversedMinor }: Pick<Transfer, 'id' | 'reversedMinor'>,
): Promise<void> {
  await sql.run('update transfers set reversed_minor = $3 where bucket = $1 and id = $2', [
    bucketOf(id),
    Number(id),
    reversedMinor,
  ])
}

async function findTransfer(sql: Sql, id: TransferId): Promise<Transfer | undefined> {
  const [row] = await sql.all(`${SELECT} from transfers t where t.bucket = $1 and t.id = $2`, [
    bucketOf(id),
    Number(id),
  ])
  return row && transferFrom(row)
}

async function listTransfers(sql: Sql, attemptId: PaymentAttemptId): Promise<readonly Transfer[]> {
  const rows = await sql.all(
    `${SELECT} from transfers t
     where t.bucket = $1 and t.payment_attempt_id = $2 order by t.number`,
    [bucketOf(attemptId), Number(attemptId)],
  )
  return rows.map(transferFrom)
}

const LIST_TABLE: ListedTable = {
  name: 'transfers',
  columns: TRANSFER.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

/** The columns that a search for an id compares: of a transfer, then of a reversal. */
const TRANSFER_IDS = ['t.id', 't.payment_attempt_id']
const REVERSAL_IDS = ['t.id', 't.transfer_id']

function rangesOf(accountId: AccountId, fullFilter: TransferFilter): Ranges {
  const filter = withOneReceiver(fullFilter)
  const { connectedAccountId, paymentAttemptId, searchId } = filter
  const isBySearch = searchId !== undefined && paymentAttemptId === undefined
  const ranges = createRanges(LIST_TABLE, { isEmpty: isBySearch })
  const { add } = ranges
  if (isBySearch) beginSearch(ranges, accountId, filter, TRANSFER_IDS)
  if (paymentAttemptId !== undefined) {
    const bucket = bucketOf(paymentAttemptId)
    add('t.bucket = ? and t.payment_attempt_id = ?', bucket, Number(paymentAttemptId))
    addSearch(ranges, filter)
  }
  const usesOtherIndex = (paymentAttemptId ?? searchId) !== undefined
  add(`${usesOtherIndex ? withoutSearch('t.account_id') : 't.account_id'} = ?`, Number(accountId))
  if (connectedAccountId !== undefined) {
    add('t.connected_account_id = ?', Number(connectedAccountId))
  }
  addTimes(ranges, filter)
  return ranges
}

/** Adds the condition of a search to the few transfers of a payment. */
function addSearch({ add, mark }: Ranges, { searchAccountId, searchId }: TransferFilter): void {
  if (searchId === undefined) return
  const id = mark(Number(searchId))
  const receiver = mark(searchAccountId === undefined ? null : Number(searchAccountId))
  const idCondition = TRANSFER_IDS.map((column) => `${column} = ${id}`).join(' or ')
  add(`(${idCondition} or t.connected_account_id = ${receiver})`)
}

/**
 * Begins a range for each column that may contain the search's id, and one for its receiver. A row that matches both is
 * counted once.
 */
function beginSearch(
  { begin, mark }: Ranges,
  accountId: AccountId,
  { searchAccountId, searchId }: TransferFilter,
  columns: readonly string[],
): void {
  if (searchId === undefined) return
  const bucket = `t.bucket = ${mark(bucketOf(searchId))}`
  const id = mark(Number(searchId))
  const receiver = searchAccountId === undefined ? undefined : mark(Number(searchAccountId))
  columns.forEach((column, index) => {
    const others = columns.slice(0, index).map((other) => `${other} <> ${id}`)
    const isOther = `coalesce(t.connected_account_id, 0) <> ${receiver}`
    begin([bucket, `${column} = ${id}`, ...others, ...(receiver === undefined ? [] : [isOther])])
  })
  if (receiver === undefined) return
  begin([`t.account_id = ${mark(Number(accountId))}`, `t.connected_account_id = ${receiver}`])
}

async function listAccountTransfers(
  sql: Sql,
  accountId: AccountId,
  filter: TransferFilter,
  page: Page,
): Promise<ListPage<Transfer>> {
  const { isAscending } = filter
  const ranges = rangesOf(accountId, filter)
  return listPageFrom(
    await readListPage(sql, LIST_TABLE, ranges, { ...page, isAscending }),
    transferFrom,
  )
}

const REVERSAL = columns<TransferReversal>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  transfer_id: id(({ transferId }) => transferId),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  description: optionalText(({ description }) => description),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
})
const SELECT_REVERSAL = `select ${REVERSAL.list('t')}`

function reversalFrom(row: Row): TransferReversal {
  const values = REVERSAL.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    transferId: values.transfer_id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    description: values.description,
    createdAtMs: values.created_at_ms,
  })
}

/** The row has the receiver of the transfer, because lists use it. */
async function insertTransferReversal(sql: Sql, reversal: TransferReversal): Promise<boolean> {
  const [, ...names] = REVERSAL.names
  const count = await sql.run(
    `insert into transfer_reversals (bucket, ${names.join(', ')}, connected_account_id)
     select x.bucket, ${placeholders(1, names.length, 2).slice(1, -1)}, x.connected_account_id
     from transfers x where x.bucket = $1 and x.id = $${names.length + 2}
     on conflict (bucket, id) do nothing`,
    [...REVERSAL.values(reversal), Number(reversal.transferId)],
  )
  return count === 1
}

async function findTransferReversal(
  sql: Sql,
  id: TransferReversalId,
): Promise<TransferReversal | undefined> {
  const [row] = await sql.all(
    `${SELECT_REVERSAL} from transfer_reversals t where t.bucket = $1 and t.id = $2`,
    [bucketOf(id), Number(id)],
  )
  return row && reversalFrom(row)
}

const LISTED_REVERSALS: ListedTable = {
  name: 'transfer_reversals',
  columns: REVERSAL.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

function reversalRangesOf(accountId: AccountId, fullFilter: TransferFilter): Ranges {
  const filter = withOneReceiver(fullFilter)
  const { connectedAccountId, paymentAttemptId, searchId, transferId } = filter
  const usesOtherIndex = (paymentAttemptId ?? searchId ?? transferId) !== undefined
  const isByTransfer = transferId !== undefined
  const ranges = createRanges(LISTED_REVERSALS, { isEmpty: usesOtherIndex && !isByTransfer })
  const { add } = ranges
  if (isByTransfer) {
    add('t.bucket = ? and t.transfer_id = ?', bucketOf(transferId), Number(transferId))
  } else if (paymentAttemptId !== undefined) beginOfPayment(ranges, paymentAttemptId)
  else if (searchId !== undefined) {
    beginSearch(ranges, accountId, filter, REVERSAL_IDS)
    beginOfPayment(ranges, searchId)
  }
  if (isByTransfer && paymentAttemptId !== undefined) {
    add(selectTransfer('y.payment_attempt_id = ?'), Number(paymentAttemptId))
  }
  if (isByTransfer || paymentAttemptId !== undefined) addReversalSearch(ranges, filter)
  if (connectedAccountId !== undefined) {
    const isOfReceiver = usesOtherIndex
      ? selectTransfer('y.connected_account_id = ?')
      : 't.connected_account_id = ?'
    add(isOfReceiver, Number(connectedAccountId))
  }
  add(`${usesOtherIndex ? withoutSearch('t.account_id') : 't.account_id'} = ?`, Number(accountId))
  addTimes(ranges, filter)
  if (connectedAccountId !== undefined && !usesOtherIndex) beginEarlier(ranges, accountId, filter)
  return ranges
}

/**
 * Begins a range for the few reversals that a server of an earlier version has stored without the receiver. Its
 * time conditions compare expressions, so that no index by time is used.
 */
function beginEarlier({ begin, mark }: Ranges, accountId: AccountId, filter: TransferFilter): void {
  const { connectedAccountId, createdFromMs, createdToMs } = filter
  const time = withoutSearch('t.created_at_ms')
  begin([
    `t.account_id = ${mark(Number(accountId))}`,
    't.connected_account_id is null',
    selectTransfer(`y.connected_account_id = ${mark(Number(connectedAccountId))}`),
    ...(createdFromMs === undefined ? [] : [`${time} >= ${mark(createdFromMs)}`]),
    ...(createdToMs === undefined ? [] : [`${time} < ${mark(createdToMs)}`]),
  ])
}

/**
 * Removes the search for a receiver from a filter that already has a receiver. A search for the same one changes
 * nothing; a search for another one finds nothing.
 */
function withOneReceiver(filter: TransferFilter): TransferFilter {
  const { searchAccountId, searchId, ...others } = filter
  if (others.connectedAccountId === undefined || searchId === undefined) return filter
  return searchAccountId === others.connectedAccountId ? others : { ...others, searchId }
}

/** Writes a condition for the transfer of a reversal, `y`. */
const selectTransfer = (condition: string): string =>
  `exists (select 1 from transfers y
     where y.bucket = t.bucket and y.id = t.transfer_id and ${condition})`

/** Adds the condition of a search to the few reversals of a payment or a transfer. */
function addReversalSearch(
  { add, mark }: Ranges,
  { searchAccountId, searchId }: TransferFilter,
): void {
  if (searchId === undefined) return
  const id = mark(Number(searchId))
  const receiver = mark(searchAccountId === undefined ? null : Number(searchAccountId))
  const idCondition = REVERSAL_IDS.map((column) => `${column} = ${id}`).join(' or ')
  const ofPayment = selectTransfer(
    `(y.payment_attempt_id = ${id} or y.connected_account_id = ${receiver})`,
  )
  add(`(${idCondition} or ${ofPayment})`)
}

/** Begins a range for the reversals of a payment's few transfers. */
function beginOfPayment(
  { begin, mark }: Ranges,
  paymentAttemptId: PaymentAttemptId | NonNullable<TransferFilter['searchId']>,
): void {
  begin(
    [
      `x.bucket = ${mark(bucketOf(paymentAttemptId))}`,
      `x.payment_attempt_id = ${mark(Number(paymentAttemptId))}`,
      't.bucket = x.bucket and t.transfer_id = x.id',
    ],
    'from transfers x cross join transfer_reversals t',
  )
}

async function listTransferReversals(
  sql: Sql,
  accountId: AccountId,
  filter: TransferFilter,
  page: Page,
): Promise<ListPage<TransferReversal>> {
  const { isAscending } = filter
  const ranges = reversalRangesOf(accountId, filter)
  return listPageFrom(
    await readListPage(sql, LISTED_REVERSALS, ranges, { ...page, isAscending }),
    reversalFrom,
  )
}

async function listTransfersAfter(
  sql: Sql,
  accountId: AccountId,
  { after, countMax, times }: StepThrough<Transfer>,
): Promise<readonly Transfer[]> {
  const { params, text: select } = selectAfter(
    { name: 'transfers', columns: TRANSFER.list('t'), keys: ['id'] },
    { accountId, times, countMax, after: after && [after.createdAtMs, Number(after.id)] },
  )
  return (await sql.all(select, params)).map(transferFrom)
}

/** Makes a store's functions for transfers. */
export const transfersOf = ({ read, readLong }: StoreContext): Store['transfers'] => ({
  find: (id) => findTransfer(read, id),
  listByPayment: (attemptId) => listTransfers(read, attemptId),
  list: (accountId, filter, page) => listAccountTransfers(readLong, accountId, filter, page),
  listAfter: (accountId, step) => listTransfersAfter(readLong, accountId, step),
})

/** Makes a transaction's functions for transfers. */
export const transfersIn = ({ sql }: TransactionContext): Transaction['transfers'] => ({
  find: (id) => findTransfer(sql, id),
  listByPayment: (attemptId) => listTransfers(sql, attemptId),
  insert: (transfer) => insertTransfer(sql, transfer),
  update: (transfer) => updateTransfer(sql, transfer),
})

/** Makes the functions of `transfersIn` for operations that share a transaction on PostgreSQL. */
export const transfersTogether = ({
  sql,
}: TransactionContext): SessionTransaction['transfers'] => ({
  insert: gatherCalls((transfers) => insertTransfers(sql, transfers)),
})

/** Makes a store's functions for transfer reversals. */
export const transferReversalsOf = ({
  read,
  readLong,
}: StoreContext): Store['transferReversals'] => ({
  find: (id) => findTransferReversal(read, id),
  list: (accountId, filter, page) => listTransferReversals(readLong, accountId, filter, page),
})

/** Makes a transaction's functions for transfer reversals. */
export const transferReversalsIn = ({
  sql,
}: TransactionContext): Transaction['transferReversals'] => ({
  insert: (reversal) => insertTransferReversal(sql, reversal),
})
