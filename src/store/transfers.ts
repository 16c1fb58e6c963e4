import {
  type AccountId,
  bucketOf,
  type PaymentAttemptId,
  type TransferId,
  type TransferReversalId,
} from '../domain/id.ts'
import type { Transfer, TransferReversal } from '../domain/transfer.ts'
import type { Listed, Page, Store, Transaction, TransferFilter } from '../operations/store.ts'
import {
  columns,
  id,
  minor,
  optionalText,
  small,
  text,
  whole,
  withoutUndefined,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import {
  addTimes,
  type Conditions,
  createConditions,
  notSearched,
  readListPage,
  withFilter,
} from './engine/statement.ts'

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
  return withoutUndefined({
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

/** Stores a new transfer in its attempt's bucket. False: the id is taken, and nothing was stored. */
export async function insertTransfer(sql: Sql, transfer: Transfer): Promise<boolean> {
  const count = await sql.run(
    `insert into transfers ${TRANSFER.insert()} on conflict (bucket, id) do nothing`,
    TRANSFER.values(transfer),
  )
  return count === 1
}

/** Writes the reversed amount of a transfer. */
export async function updateTransfer(
  sql: Sql,
  { id, reversedMinor }: Pick<Transfer, 'id' | 'reversedMinor'>,
): Promise<void> {
  await sql.run('update transfers set reversed_minor = $3 where bucket = $1 and id = $2', [
    bucketOf(id),
    Number(id),
    reversedMinor,
  ])
}

/** Undefined: there is no such transfer. */
export async function findTransfer(sql: Sql, id: TransferId): Promise<Transfer | undefined> {
  const [row] = await sql.all(`${SELECT} from transfers t where t.bucket = $1 and t.id = $2`, [
    bucketOf(id),
    Number(id),
  ])
  return row && transferFrom(row)
}

/** Lists an attempt's transfers in the order of their numbers. */
export async function listTransfers(sql: Sql, of: PaymentAttemptId): Promise<readonly Transfer[]> {
  const rows = await sql.all(
    `${SELECT} from transfers t
     where t.bucket = $1 and t.payment_attempt_id = $2 order by t.number`,
    [bucketOf(of), Number(of)],
  )
  return rows.map(transferFrom)
}

/** Lists an account's transfers and counts all matches. */
export async function listAccountTransfers(
  sql: Sql,
  accountId: AccountId,
  filter: TransferFilter,
  page: Page,
): Promise<Listed<Transfer>> {
  const { connectedAccountId, paymentAttemptId } = filter
  const ofAccount = connectedAccountId === undefined ? 't.account_id' : withFilter('t.account_id')
  const column = paymentAttemptId === undefined ? ofAccount : notSearched('t.account_id')
  const conditions = narrowedBy(accountId, filter, column)
  const from = fromFound('transfers', TRANSFERS_FOUND, filter, conditions)
  if (paymentAttemptId !== undefined) {
    conditions.add(
      't.bucket = ? and t.payment_attempt_id = ?',
      bucketOf(paymentAttemptId),
      Number(paymentAttemptId),
    )
  }
  if (connectedAccountId !== undefined) {
    conditions.add('t.connected_account_id = ?', Number(connectedAccountId))
  }
  const { rows, total } = await readListPage(
    sql,
    { select: SELECT, from, order: orderOf(filter) },
    conditions,
    page,
  )
  return { items: rows.map(transferFrom), total }
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
  return withoutUndefined({
    id: values.id,
    accountId: values.account_id,
    transferId: values.transfer_id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    description: values.description,
    createdAtMs: values.created_at_ms,
  })
}

/** Stores a new reversal in its transfer's bucket. False: the id is taken, and nothing was stored. */
export async function insertTransferReversal(
  sql: Sql,
  reversal: TransferReversal,
): Promise<boolean> {
  const count = await sql.run(
    `insert into transfer_reversals ${REVERSAL.insert()} on conflict (bucket, id) do nothing`,
    REVERSAL.values(reversal),
  )
  return count === 1
}

/** Undefined: there is no such reversal. */
export async function findTransferReversal(
  sql: Sql,
  id: TransferReversalId,
): Promise<TransferReversal | undefined> {
  const [row] = await sql.all(
    `${SELECT_REVERSAL} from transfer_reversals t where t.bucket = $1 and t.id = $2`,
    [bucketOf(id), Number(id)],
  )
  return row && reversalFrom(row)
}

/** Lists an account's reversals and counts all matches. */
export async function listTransferReversals(
  sql: Sql,
  accountId: AccountId,
  filter: TransferFilter,
  page: Page,
): Promise<Listed<TransferReversal>> {
  const { connectedAccountId, paymentAttemptId, transferId } = filter
  const isByOther = (connectedAccountId ?? paymentAttemptId ?? transferId) !== undefined
  const conditions = narrowedBy(
    accountId,
    filter,
    isByOther ? notSearched('t.account_id') : 't.account_id',
  )
  const from = fromReversals(filter, conditions)
  if (transferId !== undefined) {
    conditions.add('t.bucket = ? and t.transfer_id = ?', bucketOf(transferId), Number(transferId))
  }
  const { rows, total } = await readListPage(
    sql,
    { select: SELECT_REVERSAL, from, order: orderOf(filter) },
    conditions,
    page,
  )
  return { items: rows.map(reversalFrom), total }
}

/**
 * Writes the source of a list of reversals. Only the transfer has the payment and the connected account: without a
 * narrower filter the query starts with the reversed transfers, by a separate index.
 */
function fromReversals(filter: TransferFilter, conditions: Conditions): string {
  const from = fromFound('transfer_reversals', REVERSALS_FOUND, filter, conditions)
  const ofTransfer = ofReversedTransfer(filter, conditions)
  if (ofTransfer === undefined) return from
  if (filter.searchId !== undefined || filter.transferId !== undefined) {
    conditions.add(
      `exists (select 1 from transfers x
         where x.bucket = t.bucket and x.id = t.transfer_id and ${ofTransfer})`,
    )
    return from
  }
  conditions.add('t.bucket = f.bucket and t.transfer_id = f.id')
  return `from (select x.bucket, x.id from transfers x where ${ofTransfer}) f cross join transfer_reversals t`
}

/** Writes the condition on a reversal's transfer `x`, with its parameters. Undefined: there is none. */
function ofReversedTransfer(
  { connectedAccountId, paymentAttemptId }: TransferFilter,
  { params }: Conditions,
): string | undefined {
  const parts: string[] = []
  if (paymentAttemptId !== undefined) {
    const bucket = params.push(bucketOf(paymentAttemptId))
    const id = params.push(Number(paymentAttemptId))
    parts.push(`x.bucket = $${bucket} and x.payment_attempt_id = $${id}`)
  }
  if (connectedAccountId !== undefined) {
    const id = params.push(Number(connectedAccountId))
    const write = paymentAttemptId === undefined ? withFilter : notSearched
    parts.push(
      `${write('x.account_id')} = $1 and x.connected_account_id = $${id} and x.reversed_minor > 0`,
    )
  }
  return parts.length === 0 ? undefined : parts.join(' and ')
}

/** `account`: the account's column, written so that the right index is used. */
function narrowedBy(accountId: AccountId, filter: TransferFilter, account: string): Conditions {
  const conditions = createConditions()
  conditions.add(`${account} = ?`, Number(accountId))
  addTimes(conditions, 't.created_at_ms', filter)
  return conditions
}

/**
 * Finds transfers by an id: ACCOUNT, RECEIVER, BUCKET and ID stand for parameters. Duplicate rows are removed at the
 * end: for the order of `union` SQLite would walk a whole bucket.
 */
const TRANSFERS_FOUND = `
  select bucket, id from transfers where bucket = BUCKET and id = ID
  union all select bucket, id from transfers where bucket = BUCKET and payment_attempt_id = ID
  union all select bucket, id from transfers
    where ${withFilter('account_id')} = ACCOUNT and connected_account_id = RECEIVER`
/** Finds reversals by an id in the same way. Of an account's transfers only the reversed ones count. */
const REVERSALS_FOUND = `
  select bucket, id from transfer_reversals where bucket = BUCKET and id = ID
  union all select v.bucket, v.id from (${TRANSFERS_FOUND} and reversed_minor > 0) x
    cross join transfer_reversals v where v.bucket = x.bucket and v.transfer_id = x.id`

/** Writes the source of a list's rows: with an id as searchText, the few rows that match it. */
function fromFound(
  table: 'transfers' | 'transfer_reversals',
  found: string,
  { searchAccountId, searchId }: TransferFilter,
  { add, params }: Conditions,
): string {
  if (searchId === undefined) return `from ${table} t`
  // The account is the first parameter of every list.
  const bucket = params.push(bucketOf(searchId))
  const id = params.push(Number(searchId))
  const receiver = params.push(searchAccountId === undefined ? null : Number(searchAccountId))
  const text = found
    .replaceAll('ACCOUNT', '$1')
    .replaceAll('RECEIVER', `$${receiver}`)
    .replaceAll('BUCKET', `$${bucket}`)
    .replaceAll('ID', `$${id}`)
  add('t.bucket = f.bucket and t.id = f.id')
  return `from (select distinct bucket, id from (${text}) y) f cross join ${table} t`
}

function orderOf({ isAscending }: TransferFilter): string {
  const direction = isAscending === true ? 'asc' : 'desc'
  return `t.created_at_ms ${direction}, t.id ${direction}`
}

/** Makes a store's functions for transfers. */
export const transfersOf = ({ read, readLong }: StoreContext): Store['transfers'] => ({
  find: (id) => findTransfer(read, id),
  listByPayment: (attemptId) => listTransfers(read, attemptId),
  list: (accountId, filter, page) => listAccountTransfers(readLong, accountId, filter, page),
})

/** Makes a transaction's functions for transfers. */
export const transfersIn = ({ sql }: TransactionContext): Transaction['transfers'] => ({
  find: (id) => findTransfer(sql, id),
  listByPayment: (attemptId) => listTransfers(sql, attemptId),
  insert: (transfer) => insertTransfer(sql, transfer),
  update: (transfer) => updateTransfer(sql, transfer),
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
