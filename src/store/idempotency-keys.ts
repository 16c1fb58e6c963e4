import type { IdempotentAnswer } from '../operations/store.ts'
import type { Sql, SqlValue } from './engine/engine.ts'
import { inserted, placeholders } from './engine/statement.ts'

/** The columns of `idempotency_keys`; the first two are its key. */
export const IDEMPOTENCY_COLUMNS = [
  'bucket',
  'identity_hash',
  'request_hash',
  'status',
  'answer_sealed',
  'resource_id',
  'created_at_ms',
] as const

/** Gives an answer's row, in the order of `IDEMPOTENCY_COLUMNS`. */
export function idempotencyValues(answer: IdempotentAnswer, nowMs: number): SqlValue[] {
  return [
    answer.bucket,
    answer.identityHash,
    answer.requestHash,
    answer.status,
    answer.answerSealed,
    Number(answer.resourceId),
    nowMs,
  ]
}

/** Undefined: the key is new, or older than `liveFromMs`. */
export async function findIdempotentAnswer(
  sql: Sql,
  bucket: number,
  identityHash: string,
  liveFromMs: number,
): Promise<IdempotentAnswer | undefined> {
  const [row] = await sql.all(
    `select request_hash, status, answer_sealed, resource_id from idempotency_keys
     where bucket = $1 and identity_hash = $2 and created_at_ms > $3`,
    [bucket, identityHash, liveFromMs],
  )
  return (
    row && {
      bucket,
      identityHash,
      requestHash: row.request_hash as string,
      status: row.status as number,
      answerSealed: row.answer_sealed as string,
      resourceId: String(row.resource_id),
    }
  )
}

/** Stores an answer, over one that is not newer than `liveFromMs`. False: a newer one is there. */
export async function putIdempotentAnswer(
  sql: Sql,
  answer: IdempotentAnswer,
  nowMs: number,
  liveFromMs: number,
): Promise<boolean> {
  const count = await sql.run(
    `insert into idempotency_keys (${IDEMPOTENCY_COLUMNS.join(', ')})
     values ${placeholders(1, IDEMPOTENCY_COLUMNS.length)}
     on conflict (bucket, identity_hash) do update set ${inserted(IDEMPOTENCY_COLUMNS.slice(2))}
       where idempotency_keys.created_at_ms <= $${IDEMPOTENCY_COLUMNS.length + 1}`,
    [...idempotencyValues(answer, nowMs), liveFromMs],
  )
  return count === 1
}
