import { type AccountId, bucketOf, type PaymentAttemptId, type RefundId } from '../domain/id.ts'
import type { Currency } from '../domain/money.ts'
import type { Refund, RefundFailureReason, RefundStatus } from '../domain/refund.ts'
import type { Listed, Page } from '../operations/store.ts'
import { claimDue } from './claim.ts'
import type { Engine, Row, Sql, SqlValue } from './engine/engine.ts'
import { createConditions, placeholders, readListPage } from './engine/statement.ts'

const COLUMNS = [
  'bucket',
  'id',
  'account_id',
  'payment_attempt_id',
  'currency',
  'amount_minor',
  'type',
  'reason',
  'description',
  'meta_data_json',
  'created_at_ms',
  'status',
  'failure_reason',
  'processor_reference',
  'decided_at_ms',
  'ask_at_ms',
  'asked_count',
]
const SELECT = `select ${COLUMNS.join(', ')} from refunds`

function valuesFrom(refund: Refund): SqlValue[] {
  return [
    bucketOf(refund.id),
    Number(refund.id),
    Number(refund.accountId),
    Number(refund.paymentAttemptId),
    refund.amount.currency,
    refund.amount.amountMinor,
    refund.type,
    refund.reason,
    refund.description ?? null,
    refund.metaDataJson ?? null,
    refund.createdAtMs,
    refund.status,
    refund.failureReason ?? null,
    refund.processorReference ?? null,
    refund.decidedAtMs ?? null,
    refund.askAtMs ?? null,
    refund.askedCount,
  ]
}

function refundFrom(row: Row): Refund {
  return {
    id: String(row.id) as RefundId,
    accountId: String(row.account_id) as AccountId,
    paymentAttemptId: String(row.payment_attempt_id) as PaymentAttemptId,
    amount: { amountMinor: BigInt(row.amount_minor as number), currency: row.currency as Currency },
    type: row.type as Refund['type'],
    reason: row.reason as Refund['reason'],
    createdAtMs: row.created_at_ms as number,
    status: row.status as RefundStatus,
    askedCount: row.asked_count as number,
    ...(row.description !== null && { description: row.description as string }),
    ...(row.meta_data_json !== null && { metaDataJson: row.meta_data_json as string }),
    ...(row.failure_reason !== null && {
      failureReason: row.failure_reason as RefundFailureReason,
    }),
    ...(row.processor_reference !== null && {
      processorReference: row.processor_reference as string,
    }),
    ...(row.decided_at_ms !== null && { decidedAtMs: row.decided_at_ms as number }),
    ...(row.ask_at_ms !== null && { askAtMs: row.ask_at_ms as number }),
  }
}

/** Stores a new refund in its attempt's bucket. False: the id is taken, and nothing was stored. */
export async function insertRefund(sql: Sql, refund: Refund): Promise<boolean> {
  const count = await sql.run(
    `insert into refunds (${COLUMNS.join(', ')}) values ${placeholders(1, COLUMNS.length)}
     on conflict (bucket, id) do nothing`,
    valuesFrom(refund),
  )
  return count === 1
}

/** Writes what the processor's answer changes. False: the refund has ended, and stays as it ended. */
export async function updateRefund(sql: Sql, refund: Refund): Promise<boolean> {
  const count = await sql.run(
    `update refunds set status = $3, failure_reason = $4, processor_reference = $5,
       decided_at_ms = $6, ask_at_ms = $7, asked_count = $8
     where bucket = $1 and id = $2 and status in ('initiated', 'pending')`,
    [
      bucketOf(refund.id),
      Number(refund.id),
      refund.status,
      refund.failureReason ?? null,
      refund.processorReference ?? null,
      refund.decidedAtMs ?? null,
      refund.askAtMs ?? null,
      refund.askedCount,
    ],
  )
  return count === 1
}

/** Undefined: there is no such refund. */
export async function findRefund(sql: Sql, id: RefundId): Promise<Refund | undefined> {
  const [row] = await sql.all(`${SELECT} where bucket = $1 and id = $2`, [bucketOf(id), Number(id)])
  return row && refundFrom(row)
}

/** Lists an attempt's refunds, oldest first. */
export async function listRefunds(sql: Sql, of: PaymentAttemptId): Promise<readonly Refund[]> {
  const rows = await sql.all(
    `${SELECT}
     where bucket = $1 and payment_attempt_id = $2 order by created_at_ms, id`,
    [bucketOf(of), Number(of)],
  )
  return rows.map(refundFrom)
}

/** Lists an attempt's refunds, newest first, with how many there are in all. */
export async function listPaymentRefunds(
  sql: Sql,
  of: PaymentAttemptId,
  page: Page,
): Promise<Listed<Refund>> {
  const conditions = createConditions()
  conditions.add('bucket = ? and payment_attempt_id = ?', bucketOf(of), Number(of))
  const order = 'created_at_ms desc, id desc'
  const { rows, total } = await readListPage(
    sql,
    `select ${COLUMNS.join(', ')}`,
    'from refunds',
    order,
    conditions,
    page,
  )
  return { items: rows.map(refundFrom), total }
}

/** Takes a refund that is due to be sent or asked about. Undefined: there is none. */
export async function claimRefund(
  engine: Engine,
  nowMs: number,
  leaseMs: number,
): Promise<Refund | undefined> {
  const row = await claimDue(engine, 'refunds', COLUMNS, { nowMs, leaseMs })
  return row && refundFrom(row)
}
