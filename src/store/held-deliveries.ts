import type { WebhookEndpointId, WebhookEventId } from '../domain/id.ts'
import { type WebhookDeliveryStatus, waitingStatus } from '../domain/webhook-delivery.ts'
import type { TransactionContext } from './context.ts'
import type { Engine, Row, Sql } from './engine/engine.ts'
import { changeableTogether, keyRow, keysOf, keyValues, sortByKey } from './webhook-deliveries.ts'

/** The changes of a delivery: due at once with a new schedule, held, or canceled. */
const CHANGES = {
  pending:
    "status = 'pending', next_attempt_at_ms = $1, failure_count = 0, failing_since_ms = null",
  held: "status = 'held', next_attempt_at_ms = null",
  canceled: "status = 'canceled', next_attempt_at_ms = null",
} as const

/** Changes rows that the transaction has locked. */
async function changeTo(
  sql: Sql,
  rows: readonly Row[],
  to: keyof typeof CHANGES,
  nowMs: number,
): Promise<number> {
  const first = to === 'pending' ? [nowMs] : []
  return sql.run(
    `update webhook_deliveries set ${CHANGES[to]}
     where ${keysOf(rows, 'webhook_deliveries', 1 + first.length)}`,
    [...first, ...keyValues(rows)],
  )
}

type DeliveryChange = {
  readonly endpointId: WebhookEndpointId
  readonly eventIds: readonly WebhookEventId[]
  readonly from: WebhookDeliveryStatus
  readonly to: keyof typeof CHANGES
  readonly nowMs: number
}

/** Changes the deliveries that have the status `from`. */
export async function moveWebhookDeliveries(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  { endpointId, eventIds, from, nowMs, to }: DeliveryChange,
): Promise<void> {
  // In the order in which attempts are recorded, so that this change and a record never deadlock.
  const keys = sortByKey(eventIds.map((eventId) => keyRow({ eventId, endpointId })))
  // All statements are sent without waiting in between.
  await Promise.all(
    changeableTogether(engine, keys).map(async (group) => {
      const rows = await sql.all(
        `select d.bucket, d.event_id, d.endpoint_id from webhook_deliveries d
         where d.status = $1 and (${keysOf(group, 'd', 2)})
         order by d.bucket, d.event_id${engine.rowLock}`,
        [from, ...keyValues(group)],
      )
      if (rows.length > 0) await changeTo(sql, rows, to, nowMs)
    }),
  )
}

/** The maximum number of endpoints of one release. */
const RELEASE_ENDPOINT_COUNT = 50

/**
 * The select of the endpoints with held deliveries, by one step through the index for each endpoint, because there can
 * be millions of held rows.
 */
const HELD_FOR = `with recursive held_for (id) as (
    select min(endpoint_id) from webhook_deliveries where status = 'held'
    union all
    select (
      select min(d.endpoint_id) from webhook_deliveries d
      where d.status = 'held' and d.endpoint_id > held_for.id)
    from held_for where held_for.id is not null)`
/** The same select for rows that are spread over machines: Citus has no recursive queries of distributed tables. */
const HELD_FOR_DISTRIBUTED = `with held_for (id) as (
    select distinct endpoint_id from webhook_deliveries where status = 'held')`

/**
 * Implements `WebhookDeliveries.releaseHeld`, with some deliveries of each endpoint. If an endpoint is disabled at the
 * same moment, the next claim holds its deliveries again.
 */
export async function releaseHeldDeliveries(
  engine: Engine,
  nowMs: number,
  countMax: number,
): Promise<number> {
  const endpoints = await engine.read.all(
    `${engine.isDistributed ? HELD_FOR_DISTRIBUTED : HELD_FOR}
     select e.id, e.status from held_for join webhook_endpoints e on e.id = held_for.id
     where e.status in ('active', 'deleted') limit ${RELEASE_ENDPOINT_COUNT}`,
    [],
  )
  if (endpoints.length === 0) return 0
  const countEach = Math.ceil(countMax / endpoints.length)
  let count = 0
  for (const { id, status } of endpoints) {
    const rows = await engine.read.all(
      `select bucket, event_id, endpoint_id from webhook_deliveries
       where endpoint_id = $1 and status = 'held' limit $2`,
      [Number(id), Math.min(countEach, countMax - count)],
    )
    const to = waitingStatus(status === 'deleted' ? 'deleted' : 'active')
    for (const group of changeableTogether(engine, rows)) {
      count += await engine.transaction(async (sql) => {
        const lockedRows = await sql.all(
          `select d.bucket, d.event_id, d.endpoint_id from webhook_deliveries d
           where d.status = 'held' and (${keysOf(group, 'd', 1)})${engine.skipLocked}`,
          keyValues(group),
        )
        return lockedRows.length === 0 ? 0 : changeTo(sql, lockedRows, to, nowMs)
      })
    }
  }
  return count
}
