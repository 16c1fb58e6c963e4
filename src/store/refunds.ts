import { type AccountId, bucketOf, type PaymentAttemptId, type RefundId } from '../domain/id.ts'
import type { Refund } from '../domain/refund.ts'
import type {
  ListPage,
  Page,
  RefundKey,
  StepThrough,
  Store,
  Transaction,
} from '../operations/store.ts'
import { claimDue } from './claim.ts'
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
import type { Engine, Row, Sql } from './engine/engine.ts'
import { assignParameters } from './engine/statement.ts'
import { countRows, selectAfter } from './list-after.ts'
import {
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  readListPage,
} from './list-page.ts'

const REFUND = columns<Refund>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  payment_attempt_id: id(({ paymentAttemptId }) => paymentAttemptId),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  type: text(({ type }) => type),
  reason: text(({ reason }) => reason),
  description: optionalText(({ description }) => description),
  meta_data_json: optionalText(({ metaDataJson }) => metaDataJson),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  status: text(({ status }) => status),
  failure_reason: optionalText(({ failureReason }) => failureReason),
  processor_reference: optionalText(({ processorReference }) => processorReference),
  decided_at_ms: optionalWhole(({ decidedAtMs }) => decidedAtMs),
  ask_at_ms: optionalWhole(({ nextQueryAtMs }) => nextQueryAtMs),
  asked_count: whole(({ queryCount }) => queryCount),
})
const SELECT = `select ${REFUND.list()} from refunds`
const CHANGING = REFUND.names.slice(REFUND.names.indexOf('status'))

function refundFrom(row: Row): Refund {
  const values = REFUND.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    paymentAttemptId: values.payment_attempt_id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    type: values.type,
    reason: values.reason,
    description: values.description,
    metaDataJson: values.meta_data_json,
    createdAtMs: values.created_at_ms,
    status: values.status,
    failureReason: values.failure_reason,
    processorReference: values.processor_reference,
    decidedAtMs: values.decided_at_ms,
    nextQueryAtMs: values.ask_at_ms,
    queryCount: values.asked_count,
  })
}

async function insertRefund(sql: Sql, refund: Refund): Promise<boolean> {
  const count = await sql.run(
    `insert into refunds ${REFUND.insert()} on conflict (bucket, id) do nothing`,
    REFUND.values(refund),
  )
  return count === 1
}

const UPDATE = `update refunds set ${assignParameters(CHANGING, 3)}
  where bucket = $1 and id = $2 and status in ('initiated', 'pending')`

async function updateRefund(sql: Sql, refund: Refund): Promise<boolean> {
  const count = await sql.run(UPDATE, REFUND.valuesOf(['bucket', 'id', ...CHANGING], refund))
  return count === 1
}

async function findRefund(sql: Sql, id: RefundId): Promise<Refund | undefined> {
  const [row] = await sql.all(`${SELECT} where bucket = $1 and id = $2`, [bucketOf(id), Number(id)])
  return row && refundFrom(row)
}

async function listRefunds(sql: Sql, attemptId: PaymentAttemptId): Promise<readonly Refund[]> {
  const rows = await sql.all(
    `${SELECT}
     where bucket = $1 and payment_attempt_id = $2 order by created_at_ms, id`,
    [bucketOf(attemptId), Number(attemptId)],
  )
  return rows.map(refundFrom)
}

async function listOpenRefunds(sql: Sql, attemptId: PaymentAttemptId): Promise<readonly Refund[]> {
  const rows = await sql.all(
    `${SELECT}
     where bucket = $1 and payment_attempt_id = $2 and status in ('initiated', 'pending')
     order by created_at_ms, id`,
    [bucketOf(attemptId), Number(attemptId)],
  )
  return rows.map(refundFrom)
}

const LIST_TABLE: ListedTable = {
  name: 'refunds',
  columns: REFUND.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

async function listPaymentRefunds(
  sql: Sql,
  attemptId: PaymentAttemptId,
  page: Page,
): Promise<ListPage<Refund>> {
  const ranges = createRanges(LIST_TABLE)
  ranges.add('t.bucket = ? and t.payment_attempt_id = ?', bucketOf(attemptId), Number(attemptId))
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), refundFrom)
}

const EXPORT_TABLE = { name: 'refunds', columns: REFUND.list('t'), keys: ['id'] }

async function listRefundsAfter(
  sql: Sql,
  accountId: AccountId,
  { after, countMax, times }: StepThrough<RefundKey>,
): Promise<readonly Refund[]> {
  const { params, text: select } = selectAfter(EXPORT_TABLE, {
    accountId,
    times,
    countMax,
    after: after && [after.createdAtMs, Number(after.id)],
  })
  return (await sql.all(select, params)).map(refundFrom)
}

async function claimRefund(
  engine: Engine,
  nowMs: number,
  leaseMs: number,
): Promise<Refund | undefined> {
  const row = await claimDue(engine, 'refunds', REFUND.list(), { nowMs, leaseMs })
  return row && refundFrom(row)
}

/** Makes a store's functions for refunds. */
export const refundsOf = ({ engine, read, readLong }: StoreContext): Store['refunds'] => ({
  find: (id) => findRefund(read, id),
  listByPayment: (attemptId) => listRefunds(read, attemptId),
  listPage: (attemptId, page) => listPaymentRefunds(readLong, attemptId, page),
  listAfter: (accountId, step) => listRefundsAfter(readLong, accountId, step),
  count: (accountId, times, countMax) =>
    countRows(readLong, EXPORT_TABLE, { accountId, times, countMax }),
  claim: (nowMs, leaseMs) => claimRefund(engine, nowMs, leaseMs),
})

/** Makes a transaction's functions for refunds. */
export const refundsIn = ({ sql }: TransactionContext): Transaction['refunds'] => ({
  find: (id) => findRefund(sql, id),
  insert: (refund) => insertRefund(sql, refund),
  listOpen: (attemptId) => listOpenRefunds(sql, attemptId),
  update: (refund) => updateRefund(sql, refund),
})
