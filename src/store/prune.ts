import { firstIdAt } from '../domain/id.ts'
import type { PrunedKind } from '../domain/retention.ts'
import type { OldRowsOfBucket, PrunedRows, PruneStep, Store } from '../operations/store.ts'
import type { StoreContext } from './context.ts'
import type { Engine, Sql } from './engine/engine.ts'

/** The maximum number of sessions or events that a transaction deletes, each with the rows that belong to it. */
const BATCH_COUNT = 100

/**
 * The rows of one kind: their table, the condition for deletable ones, and the rows that belong to
 * them.
 */
type Prunable = {
  readonly table: string
  /** A condition on the row `r`. `$3` is the time before which rows are deleted. */
  readonly where: string
  /**
   * Returns the statements that delete the rows that belong to the rows with these ids, in the order that references
   * demand.
   */
  readonly dependentDeletes: (ids: string) => readonly string[]
}

/**
 * An unpaid session for one ordinary payment. Its attempts have all failed, so no processor has money. Sessions
 * of payment links, mandates and virtual accounts belong to the history of these. In-person sessions and direct charges
 * stay too.
 */
const UNPAID_SESSIONS: Prunable = {
  table: 'payment_sessions',
  where: `r.status in ('created', 'failed', 'canceled') and r.expires_at_ms <= $3 and r.is_listed = 1
    and r.payment_link_id is null and r.virtual_account_id is null and r.type_json is null
    and not exists (select 1 from payment_attempts a where a.bucket = r.bucket
      and a.payment_session_id = r.id and (a.status <> 'failed' or a.captured_minor <> 0))`,
  dependentDeletes: (ids) => [
    `delete from sandbox_charges where bucket = $1 and attempt_id in (
       select id from payment_attempts where bucket = $1 and payment_session_id in (${ids}))`,
    `delete from payment_attempts where bucket = $1 and payment_session_id in (${ids})`,
  ],
}

/** An event whose deliveries have all ended. */
const EVENTS: Prunable = {
  table: 'webhook_events',
  where: `r.created_at_ms <= $3 and not exists (select 1 from webhook_deliveries d
    where d.bucket = r.bucket and d.event_id = r.id and d.status in ('pending', 'held'))`,
  dependentDeletes: (ids) => [
    `delete from webhook_delivery_attempts where bucket = $1 and event_id in (${ids})`,
    `delete from webhook_deliveries where bucket = $1 and event_id in (${ids})`,
  ],
}

const BY_ID: Readonly<Record<Exclude<PrunedKind, 'delivery_attempts'>, Prunable>> = {
  unpaid_sessions: UNPAID_SESSIONS,
  events: EVENTS,
}

async function countPrunable(
  { readLong }: Pick<StoreContext, 'readLong'>,
  { beforeMs, bucket, kind }: OldRowsOfBucket,
): Promise<number> {
  const [row] =
    kind === 'delivery_attempts'
      ? await readLong.all(
          'select count(*) as total from webhook_delivery_attempts where bucket = $1 and started_at_ms <= $2',
          [bucket, beforeMs],
        )
      : await readLong.all(
          `select count(*) as total from ${BY_ID[kind].table} r where r.bucket = $1 and r.id < $2 and ${BY_ID[kind].where}`,
          [bucket, Number(firstIdAt(beforeMs, bucket)), beforeMs],
        )
  return Number(row?.total ?? 0)
}

/**
 * Deletes the next old rows of one bucket, in one transaction, so that it is short and stays on one machine of a
 * distributed database. A row that has changed in the meantime is locked and checked again.
 */
function pruneRows(engine: Engine, step: PruneStep): Promise<PrunedRows> {
  const { after, beforeMs, bucket, kind } = step
  return engine.longTransaction(async (sql) => {
    if (kind === 'delivery_attempts') {
      const deletedCount = await sql.run(
        'delete from webhook_delivery_attempts where bucket = $1 and started_at_ms <= $2',
        [bucket, beforeMs],
      )
      return { deletedCount, nextAfter: undefined }
    }
    const { dependentDeletes, table, where } = BY_ID[kind]
    // The ids of a bucket increase with the time, so the primary key finds the old ones.
    const rows = await sql.all(
      `select r.id from ${table} r where r.bucket = $1 and r.id < $2 and ${where} and r.id > $4
       order by r.id limit ${BATCH_COUNT}${engine.rowLock}`,
      [bucket, Number(firstIdAt(beforeMs, bucket)), beforeMs, after],
    )
    const ids = rows.map(({ id }) => Number(id))
    const last = ids.at(-1)
    if (last === undefined) return { deletedCount: 0, nextAfter: undefined }
    const deletes = [
      ...dependentDeletes(ID_LIST),
      `delete from ${table} where bucket = $1 and id in (${ID_LIST})`,
    ]
    for (const text of deletes) await deleteByIds(sql, text, bucket, ids)
    return { deletedCount: ids.length, nextAfter: ids.length < BATCH_COUNT ? undefined : last }
  })
}

/** The parameters of the ids: always the same number, so that each statement has one text. */
const ID_LIST = Array.from({ length: BATCH_COUNT }, (_, index) => `$${index + 2}`).join(', ')

function deleteByIds(
  sql: Sql,
  text: string,
  bucket: number,
  ids: readonly number[],
): Promise<number> {
  const last = ids.at(-1) ?? 0
  return sql.run(text, [bucket, ...ids, ...Array(BATCH_COUNT - ids.length).fill(last)])
}

/** Makes a store's functions for old rows. */
export const oldRowsOf = (context: StoreContext): Store['oldRows'] => ({
  count: (rows) => countPrunable(context, rows),
  delete: (step) => pruneRows(context.engine, step),
})
