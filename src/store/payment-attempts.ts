import type { PaymentAttemptId, PaymentSessionId } from '../domain/id.ts'
import { bucketOf } from '../domain/id.ts'
import type {
  DeclineCode,
  PaymentAttempt,
  PaymentAttemptStatus,
} from '../domain/payment-attempt.ts'
import type { Sql } from './engine.ts'

/** Stores a new attempt in its session's bucket. */
export async function insertPaymentAttempt(sql: Sql, attempt: PaymentAttempt): Promise<void> {
  await sql.run(
    `insert into payment_attempts
       (bucket, id, payment_session_id, number, status, decline_code, created_at_ms, deadline_at_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      bucketOf(attempt.id),
      Number(attempt.id),
      Number(attempt.paymentSessionId),
      attempt.number,
      attempt.status,
      attempt.declineCode ?? null,
      attempt.createdAtMs,
      attempt.deadlineAtMs,
    ],
  )
}

/** Writes an attempt's outcome. */
export async function updatePaymentAttempt(
  sql: Sql,
  id: PaymentAttemptId,
  status: PaymentAttemptStatus,
  declineCode: DeclineCode | undefined,
): Promise<void> {
  await sql.run(
    'update payment_attempts set status = $3, decline_code = $4 where bucket = $1 and id = $2',
    [bucketOf(id), Number(id), status, declineCode ?? null],
  )
}

/** Lists a session's attempts, newest first. */
export async function listPaymentAttempts(
  sql: Sql,
  of: PaymentSessionId,
): Promise<readonly PaymentAttempt[]> {
  const rows = await sql.all(
    `select id, number, status, decline_code, created_at_ms, deadline_at_ms from payment_attempts
     where bucket = $1 and payment_session_id = $2 order by number desc`,
    [bucketOf(of), Number(of)],
  )
  return rows.map((row) => ({
    id: String(row.id) as PaymentAttemptId,
    paymentSessionId: of,
    status: row.status as PaymentAttemptStatus,
    number: row.number as number,
    createdAtMs: row.created_at_ms as number,
    deadlineAtMs: row.deadline_at_ms as number,
    ...(row.decline_code !== null && { declineCode: row.decline_code as DeclineCode }),
  }))
}
