import type { WebhookEndpointId } from '../domain/id.ts'
import type { WebhookDeliveryStatus } from '../domain/webhook-delivery.ts'
import type { Engine, Sql } from './engine.ts'

/**
 * Changes all deliveries of an endpoint that have one of the statuses. The rows are held in the order
 * in which attempts are recorded, so that the two never wait for one another.
 */
async function changeAll(
  engine: Engine,
  sql: Sql,
  of: WebhookEndpointId,
  statuses: readonly WebhookDeliveryStatus[],
  changes: string,
  ...params: readonly number[]
): Promise<void> {
  const wanted = `endpoint_id = $1 and status in (${statuses.map((one) => `'${one}'`).join(', ')})`
  // Rows that are spread over machines cannot be held by one statement.
  const where = engine.isDistributed
    ? wanted
    : `(bucket, event_id, endpoint_id) in (select bucket, event_id, endpoint_id
         from webhook_deliveries where ${wanted} order by bucket, event_id${engine.rowLock})`
  await sql.run(`update webhook_deliveries set ${changes} where ${where}`, [Number(of), ...params])
}

/** Puts off what is pending for an endpoint. */
export function holdWebhookDeliveries(
  engine: Engine,
  sql: Sql,
  of: WebhookEndpointId,
): Promise<void> {
  return changeAll(engine, sql, of, ['pending'], "status = 'held', next_attempt_at_ms = null")
}

/** Begins what was held for an endpoint anew. */
export function releaseWebhookDeliveries(
  engine: Engine,
  sql: Sql,
  of: WebhookEndpointId,
  nowMs: number,
): Promise<void> {
  const changes =
    "status = 'pending', next_attempt_at_ms = $2, failure_count = 0, failing_since_ms = null"
  return changeAll(engine, sql, of, ['held'], changes, nowMs)
}

/** Cancels what was to be sent to an endpoint. */
export function cancelWebhookDeliveries(
  engine: Engine,
  sql: Sql,
  of: WebhookEndpointId,
): Promise<void> {
  const changes = "status = 'canceled', next_attempt_at_ms = null"
  return changeAll(engine, sql, of, ['pending', 'held'], changes)
}
