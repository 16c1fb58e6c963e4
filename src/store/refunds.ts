import { type AccountId, bucketOf, type PaymentAttemptId, type RefundId } from '../domain/id.ts'
import type { Currency } from '../domain/money.ts'
import type { Refund, RefundStatus } from '../domain/refund.ts'
import { claimDue } from './claim.ts'
import type { Engine, Row, Sql, SqlValue } from './engine.ts'
import { placeholders } from './statement.ts'

const COLUMNS = [
  ...['bucket', 'id', 'account_id', 'payment_attempt_id', 'currency', 'amount_minor', 'type'],
  ...['reason', 'created_at_ms', 'status', 'ask_at_ms', 'asked_count'],
]

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
    refund.createdAtMs,
    refund.status,
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
    ...(row.ask_at_ms !== null && { askAtMs: row.ask_at_ms as number }),
  }
}

/** Stores a new refund in its attempt's bucket. */
export async function insertRefund(sql: Sql, refund: Refund): Promise<void> {
  await sql.run(
    `insert into refunds (${COLUMNS.join(', ')}) values ${placeholders(1, COLUMNS.length)}`,
    valuesFrom(refund),
  )
}

/** Writes what the processor's answer changes. A refund that has ended stays as it ended. */
export async function updateRefund(sql: Sql, refund: Refund): Promise<void> {
  await sql.run(
    `update refunds set status = $3, ask_at_ms = $4, asked_count = $5
     where bucket = $1 and id = $2 and status in ('initiated', 'pending')`,
    [
      bucketOf(refund.id),
      Number(refund.id),
      refund.status,
      refund.askAtMs ?? null,
      refund.askedCount,
    ],
  )
}

/** Lists an attempt's refunds, oldest first. */
export async function listRefunds(sql: Sql, of: PaymentAttemptId): Promise<readonly Refund[]> {
  const rows = await sql.all(
    `select ${COLUMNS.join(', ')} from refunds
     where bucket = $1 and payment_attempt_id = $2 order by created_at_ms, id`,
    [bucketOf(of), Number(of)],
  )
  return rows.map(refundFrom)
}

/** Takes a refund that is due to be sent or asked about. Undefined: there is none. */
export async function claimRefund(
  engine: Engine,
  nowMs: number,
  leaseMs: number,
): Promise<Refund | undefined> {
  const row = await claimDue(engine, 'refunds', COLUMNS, nowMs, leaseMs)
  return row && refundFrom(row)
}
