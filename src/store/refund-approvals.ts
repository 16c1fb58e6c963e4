import {
  type AccountId,
  bucketOf,
  type PaymentAttemptId,
  type RefundApprovalId,
} from '../domain/id.ts'
import type { RefundApproval } from '../domain/refund-approval.ts'
import type { ListPage, ListTimes, Page, Store, Transaction } from '../operations/store.ts'
import {
  columns,
  id,
  minor,
  omitUndefined,
  optionalId,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { assignParameters } from './engine/statement.ts'
import {
  addTimes,
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  readListPage,
} from './list-page.ts'

const APPROVAL = columns<RefundApproval>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  payment_attempt_id: id(({ paymentAttemptId }) => paymentAttemptId),
  currency: text(({ amount }) => amount.currency),
  amount_minor: minor(({ amount }) => amount.amountMinor),
  reason: text(({ reason }) => reason),
  requested_by: text(({ requestedBy }) => requestedBy),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  expires_at_ms: whole(({ expiresAtMs }) => expiresAtMs),
  status: text(({ status }) => status),
  decided_by: optionalText(({ decidedBy }) => decidedBy),
  decided_at_ms: optionalWhole(({ decidedAtMs }) => decidedAtMs),
  refund_id: optionalId(({ refundId }) => refundId),
})
const SELECT = `select ${APPROVAL.list()} from refund_approvals`
const CHANGING = APPROVAL.names.slice(APPROVAL.names.indexOf('status'))

function approvalFrom(row: Row): RefundApproval {
  const values = APPROVAL.read(row)
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    paymentAttemptId: values.payment_attempt_id,
    amount: { amountMinor: values.amount_minor, currency: values.currency },
    reason: values.reason,
    requestedBy: values.requested_by,
    createdAtMs: values.created_at_ms,
    expiresAtMs: values.expires_at_ms,
    status: values.status,
    decidedBy: values.decided_by,
    decidedAtMs: values.decided_at_ms,
    refundId: values.refund_id,
  })
}

async function findApproval(
  sql: Sql,
  approvalId: RefundApprovalId,
): Promise<RefundApproval | undefined> {
  const params = [bucketOf(approvalId), Number(approvalId)]
  const [row] = await sql.all(`${SELECT} where bucket = $1 and id = $2`, params)
  return row && approvalFrom(row)
}

async function listApprovals(
  sql: Sql,
  accountId: AccountId,
  nowMs: number,
  countMax: number,
): Promise<readonly RefundApproval[]> {
  const newestRows = await sql.all(
    `${SELECT} where account_id = $1 order by created_at_ms desc, id desc limit $2`,
    [Number(accountId), countMax],
  )
  const waitingRows = await sql.all(
    `${SELECT} where account_id = $1 and status = 'waiting' and expires_at_ms > $2
     order by expires_at_ms limit $3`,
    [Number(accountId), nowMs, countMax],
  )
  const newest = newestRows.map(approvalFrom)
  const newestIds = new Set(newest.map(({ id }) => id))
  const waiting = waitingRows.map(approvalFrom).filter(({ id }) => !newestIds.has(id))
  return [...newest, ...waiting.toReversed()]
}

const LIST_TABLE: ListedTable = {
  name: 'refund_approvals',
  columns: APPROVAL.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

async function listApprovalPage(
  sql: Sql,
  accountId: AccountId,
  times: ListTimes,
  page: Page,
): Promise<ListPage<RefundApproval>> {
  const ranges = createRanges(LIST_TABLE)
  ranges.add('t.account_id = ?', Number(accountId))
  addTimes(ranges, times)
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), approvalFrom)
}

async function countWaiting(
  sql: Sql,
  accountId: AccountId,
  operatorId: string,
  nowMs: number,
): Promise<number> {
  const [row] = await sql.all(
    `select count(*) as waiting_count from refund_approvals
     where account_id = $1 and status = 'waiting' and expires_at_ms > $3 and requested_by <> $2`,
    [Number(accountId), operatorId, nowMs],
  )
  return Number(row?.waiting_count ?? 0)
}

/** Only one request of a payment may wait. */
async function endExpired(sql: Sql, attemptId: PaymentAttemptId, nowMs: number): Promise<void> {
  await sql.run(
    `update refund_approvals set status = 'expired'
     where bucket = $1 and payment_attempt_id = $2 and status = 'waiting' and expires_at_ms <= $3`,
    [bucketOf(attemptId), Number(attemptId), nowMs],
  )
}

async function findWaiting(
  sql: Sql,
  attemptId: PaymentAttemptId,
): Promise<RefundApproval | undefined> {
  const [row] = await sql.all(
    `${SELECT} where bucket = $1 and payment_attempt_id = $2 and status = 'waiting'`,
    [bucketOf(attemptId), Number(attemptId)],
  )
  return row && approvalFrom(row)
}

async function insertApproval(sql: Sql, approval: RefundApproval): Promise<boolean> {
  const count = await sql.run(
    `insert into refund_approvals ${APPROVAL.insert()} on conflict (bucket, id) do nothing`,
    APPROVAL.values(approval),
  )
  return count === 1
}

const UPDATE = `update refund_approvals set ${assignParameters(CHANGING, 3)}
  where bucket = $1 and id = $2 and status = 'waiting'`

async function updateApproval(sql: Sql, approval: RefundApproval): Promise<boolean> {
  const count = await sql.run(UPDATE, APPROVAL.valuesOf(['bucket', 'id', ...CHANGING], approval))
  return count === 1
}

/** Makes a store's functions for requests for refunds. */
export const refundApprovalsOf = ({ read, readLong }: StoreContext): Store['refundApprovals'] => ({
  find: (approvalId) => findApproval(read, approvalId),
  findWaiting: (attemptId) => findWaiting(read, attemptId),
  list: (accountId, nowMs, countMax) => listApprovals(readLong, accountId, nowMs, countMax),
  listPage: (accountId, times, page) => listApprovalPage(readLong, accountId, times, page),
  countWaiting: (accountId, operatorId, nowMs) => countWaiting(read, accountId, operatorId, nowMs),
})

/** Makes a transaction's functions for requests for refunds. */
export const refundApprovalsIn = ({ sql }: TransactionContext): Transaction['refundApprovals'] => ({
  find: (approvalId) => findApproval(sql, approvalId),
  findWaiting: (attemptId) => findWaiting(sql, attemptId),
  endExpired: (attemptId, nowMs) => endExpired(sql, attemptId, nowMs),
  insert: (approval) => insertApproval(sql, approval),
  update: (approval) => updateApproval(sql, approval),
})
