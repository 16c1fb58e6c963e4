import type { AccountId, WebhookEndpointId } from '../domain/id.ts'
import type { WebhookEndpoint, WebhookEndpointStatus } from '../domain/webhook-endpoint.ts'
import type { WebhookEventType } from '../domain/webhook-event.ts'
import { ACCEPTED_GRAIN_MS } from '../operations/store.ts'
import type { Engine, Row, Sql, SqlValue } from './engine/engine.ts'
import { inserted, placeholders } from './engine/statement.ts'

const COLUMNS = [
  'id',
  'account_id',
  'name',
  'url',
  'description',
  'status',
  'enabled_events',
  'signing_key_sealed',
  'previous_key_sealed',
  'previous_key_until_ms',
  'accepted_at_ms',
  'activated_at_ms',
  'created_at_ms',
  'changed_at_ms',
]
const SELECT = `select ${COLUMNS.join(', ')} from webhook_endpoints`
/** What a change may write. When it last took a delivery is written elsewhere, and not taken back. */
const CHANGING = COLUMNS.filter(
  (column) => !['id', 'account_id', 'accepted_at_ms', 'created_at_ms'].includes(column),
)

function endpointFrom(row: Row): WebhookEndpoint {
  return {
    id: String(row.id) as WebhookEndpointId,
    accountId: String(row.account_id) as AccountId,
    name: row.name as string,
    url: row.url as string,
    status: row.status as WebhookEndpointStatus,
    enabledEvents: JSON.parse(row.enabled_events as string) as WebhookEventType[],
    signingKeySealed: row.signing_key_sealed as string,
    createdAtMs: row.created_at_ms as number,
    changedAtMs: row.changed_at_ms as number,
    ...(row.description !== null && { description: row.description as string }),
    ...(row.previous_key_sealed !== null && {
      previousKey: {
        sealed: row.previous_key_sealed as string,
        untilMs: row.previous_key_until_ms as number,
      },
    }),
    ...(row.accepted_at_ms !== null && { acceptedAtMs: row.accepted_at_ms as number }),
    ...(row.activated_at_ms !== null && { activatedAtMs: row.activated_at_ms as number }),
  }
}

function valuesFrom(endpoint: WebhookEndpoint): SqlValue[] {
  return [
    Number(endpoint.id),
    Number(endpoint.accountId),
    endpoint.name,
    endpoint.url,
    endpoint.description ?? null,
    endpoint.status,
    JSON.stringify(endpoint.enabledEvents),
    endpoint.signingKeySealed,
    endpoint.previousKey?.sealed ?? null,
    endpoint.previousKey?.untilMs ?? null,
    endpoint.acceptedAtMs ?? null,
    endpoint.activatedAtMs ?? null,
    endpoint.createdAtMs,
    endpoint.changedAtMs,
  ]
}

const INSERT = `insert into webhook_endpoints (${COLUMNS.join(', ')})
  values ${placeholders(1, COLUMNS.length)}`

/** Stores a new endpoint. False: the id is taken, and nothing was stored. */
export async function insertWebhookEndpoint(sql: Sql, endpoint: WebhookEndpoint): Promise<boolean> {
  const count = await sql.run(`${INSERT} on conflict (id) do nothing`, valuesFrom(endpoint))
  return count === 1
}

/** Stores an endpoint, or all that a merchant can change of it. */
export async function putWebhookEndpoint(sql: Sql, endpoint: WebhookEndpoint): Promise<void> {
  await sql.run(
    `${INSERT} on conflict (id) do update set ${inserted(CHANGING)}
     where webhook_endpoints.status <> 'deleted'`,
    valuesFrom(endpoint),
  )
}

/** Undefined: there is no such endpoint, or it was deleted. */
export async function findWebhookEndpoint(
  sql: Sql,
  id: WebhookEndpointId,
): Promise<WebhookEndpoint | undefined> {
  const [row] = await sql.all(`${SELECT} where id = $1 and status <> 'deleted'`, [Number(id)])
  return row && endpointFrom(row)
}

const LIST = `${SELECT} where account_id = $1 and status <> 'deleted' order by created_at_ms, id`

/** Lists an account's endpoints, oldest first. */
export async function listWebhookEndpoints(
  sql: Sql,
  of: AccountId,
): Promise<readonly WebhookEndpoint[]> {
  return (await sql.all(LIST, [Number(of)])).map(endpointFrom)
}

/**
 * Holds an account's endpoints until the transaction ends. The account's row is what is held: where
 * there is no endpoint yet there is no other row to hold.
 */
export async function lockWebhookEndpoints(
  engine: Engine,
  sql: Sql,
  of: AccountId,
): Promise<readonly WebhookEndpoint[]> {
  await sql.all(`select id from accounts where id = $1${engine.rowLock}`, [Number(of)])
  return listWebhookEndpoints(sql, of)
}

/** Takes an endpoint away. What was to be sent to it is canceled as it is come upon; its log stays. */
export async function deleteWebhookEndpoint(
  sql: Sql,
  id: WebhookEndpointId,
  nowMs: number,
): Promise<void> {
  await sql.run(
    `update webhook_endpoints set status = 'deleted', changed_at_ms = $2 where id = $1`,
    [Number(id), nowMs],
  )
}

/** Notes that an endpoint has taken a delivery, unless that was noted a moment ago. */
export async function noteEndpointAccepted(
  sql: Sql,
  id: WebhookEndpointId,
  atMs: number,
): Promise<void> {
  await sql.run(
    `update webhook_endpoints set accepted_at_ms = $2
     where id = $1 and (accepted_at_ms is null or accepted_at_ms < $3)`,
    [Number(id), atMs, atMs - ACCEPTED_GRAIN_MS],
  )
}
