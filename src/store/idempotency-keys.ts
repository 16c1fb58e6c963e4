import type { IdempotentAnswer, Store, Transaction } from '../operations/store.ts'
import { columns, id, small, text, whole } from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Sql } from './engine/engine.ts'
import { assignInsertedColumns } from './engine/statement.ts'

type StoredAnswer = { readonly answer: IdempotentAnswer; readonly nowMs: number }

/** The columns of `idempotency_keys`; the first two are its key. */
export const IDEMPOTENCY = columns<StoredAnswer>()({
  bucket: small(({ answer }) => answer.bucket),
  identity_hash: text(({ answer }) => answer.identityHash),
  request_hash: text(({ answer }) => answer.requestHash),
  status: small(({ answer }) => answer.status),
  answer_sealed: text(({ answer }) => answer.answerSealed),
  resource_id: id(({ answer }) => answer.resourceId),
  created_at_ms: whole(({ nowMs }) => nowMs),
})

/** Undefined: the key is new, or older than `liveFromMs`. */
export async function findIdempotentAnswer(
  sql: Sql,
  bucket: number,
  identityHash: string,
  liveFromMs: number,
): Promise<IdempotentAnswer | undefined> {
  const [row] = await sql.all(
    `select ${IDEMPOTENCY.list()} from idempotency_keys
     where bucket = $1 and identity_hash = $2 and created_at_ms > $3`,
    [bucket, identityHash, liveFromMs],
  )
  if (row === undefined) return undefined
  const values = IDEMPOTENCY.read(row)
  return {
    bucket,
    identityHash,
    requestHash: values.request_hash,
    status: values.status,
    answerSealed: values.answer_sealed,
    resourceId: values.resource_id,
  }
}

async function putIdempotentAnswer(
  sql: Sql,
  answer: IdempotentAnswer,
  nowMs: number,
  liveFromMs: number,
): Promise<boolean> {
  const count = await sql.run(
    `insert into idempotency_keys ${IDEMPOTENCY.insert()}
     on conflict (bucket, identity_hash) do update set ${assignInsertedColumns(IDEMPOTENCY.names.slice(2))}
       where idempotency_keys.created_at_ms <= $${IDEMPOTENCY.names.length + 1}`,
    [...IDEMPOTENCY.values({ answer, nowMs }), liveFromMs],
  )
  return count === 1
}

/** Makes a store's functions for idempotent answers. */
export const idempotencyOf = ({ read }: StoreContext): Store['idempotency'] => ({
  find: (bucket, identityHash, liveFromMs) =>
    findIdempotentAnswer(read, bucket, identityHash, liveFromMs),
})

/** Makes a transaction's functions for idempotent answers. */
export const idempotencyIn = ({ sql }: TransactionContext): Transaction['idempotency'] => ({
  find: (bucket, identityHash, liveFromMs) =>
    findIdempotentAnswer(sql, bucket, identityHash, liveFromMs),
  put: (answer, nowMs, liveFromMs) => putIdempotentAnswer(sql, answer, nowMs, liveFromMs),
})
