import { DISPUTE_STATUSES, type Dispute } from '../domain/dispute.ts'
import { type AccountId, bucketOf, type DisputeId, type PaymentAttemptId } from '../domain/id.ts'
import type { DisputeFilter, ListPage, Page, Store, Transaction } from '../operations/store.ts'
import {
  columns,
  id,
  minor,
  omitUndefined,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import {
  addTimes,
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  readListPage,
} from './list-page.ts'

const DISPUTE = columns<Dispute>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  payment_attempt_id: id(({ paymentAttemptId }) => paymentAttemptId),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  fee_minor: minor(({ feeMinor }) => feeMinor),
  reason: text(({ reason }) => reason),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  processor_reference: optionalText(({ processorReference }) => processorReference),
  status: text(({ status }) => status),
  decided_at_ms: optionalWhole(({ decidedAtMs }) => decidedAtMs),
})
const SELECT = `select ${DISPUTE.list()} from disputes`

function disputeFrom(row: Row): Dispute {
  const values = DISPUTE.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    paymentAttemptId: values.payment_attempt_id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    feeMinor: values.fee_minor,
    reason: values.reason,
    status: values.status,
    createdAtMs: values.created_at_ms,
    decidedAtMs: values.decided_at_ms,
    processorReference: values.processor_reference,
  })
}

async function insertDispute(sql: Sql, dispute: Dispute): Promise<boolean> {
  const count = await sql.run(
    `insert into disputes ${DISPUTE.insert()} on conflict (bucket, id) do nothing`,
    DISPUTE.values(dispute),
  )
  return count === 1
}

async function decideDispute(sql: Sql, dispute: Dispute): Promise<boolean> {
  const count = await sql.run(
    `update disputes set status = $3, decided_at_ms = $4
     where bucket = $1 and id = $2 and status = 'open'`,
    DISPUTE.valuesOf(['bucket', 'id', 'status', 'decided_at_ms'], dispute),
  )
  return count === 1
}

async function findDispute(sql: Sql, id: DisputeId): Promise<Dispute | undefined> {
  const [row] = await sql.all(`${SELECT} where bucket = $1 and id = $2`, [bucketOf(id), Number(id)])
  return row && disputeFrom(row)
}

/** An open dispute can be older than a decided one: a processor may report the older one last. */
async function findCurrent(sql: Sql, id: PaymentAttemptId): Promise<Dispute | undefined> {
  const [row] = await sql.all(
    `${SELECT} where bucket = $1 and payment_attempt_id = $2
     order by case status when 'open' then 0 else 1 end, created_at_ms desc, id desc limit 1`,
    [bucketOf(id), Number(id)],
  )
  return row && disputeFrom(row)
}

async function findByProcessorReference(
  sql: Sql,
  id: PaymentAttemptId,
  processorReference: string,
): Promise<Dispute | undefined> {
  const [row] = await sql.all(
    `${SELECT} where bucket = $1 and payment_attempt_id = $2 and processor_reference = $3`,
    [bucketOf(id), Number(id), processorReference],
  )
  return row && disputeFrom(row)
}

const LIST_TABLE: ListedTable = {
  name: 'disputes',
  columns: DISPUTE.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

async function listDisputes(
  sql: Sql,
  accountId: AccountId,
  filter: DisputeFilter,
  page: Page,
): Promise<ListPage<Dispute>> {
  const ranges = createRanges(LIST_TABLE)
  ranges.add('t.account_id = ?', Number(accountId))
  ranges.split('t.status', filter.status === undefined ? DISPUTE_STATUSES : [filter.status])
  addTimes(ranges, filter)
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), disputeFrom)
}

/** Makes a store's functions for disputes. */
export const disputesOf = ({ read, readLong }: StoreContext): Store['disputes'] => ({
  find: (id) => findDispute(read, id),
  findCurrent: (attemptId) => findCurrent(read, attemptId),
  findByProcessorReference: (attemptId, reference) =>
    findByProcessorReference(read, attemptId, reference),
  list: (accountId, filter, page) => listDisputes(readLong, accountId, filter, page),
})

/** Makes a transaction's functions for disputes. */
export const disputesIn = ({ sql }: TransactionContext): Transaction['disputes'] => ({
  find: (id) => findDispute(sql, id),
  findCurrent: (attemptId) => findCurrent(sql, attemptId),
  findByProcessorReference: (attemptId, reference) =>
    findByProcessorReference(sql, attemptId, reference),
  insert: (dispute) => insertDispute(sql, dispute),
  decide: (dispute) => decideDispute(sql, dispute),
})
