import type { AccountId, WebhookEndpointId } from '../domain/id.ts'
import { ACCEPTED_PRECISION_MS, type WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type { Store, Transaction } from '../operations/store.ts'
import {
  columns,
  id,
  json,
  omitUndefined,
  optionalText,
  optionalWhole,
  text,
  whole,
} from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Engine, Row, Sql } from './engine/engine.ts'
import { assignInsertedColumns } from './engine/statement.ts'
import { retryDeadlocks } from './retry-deadlocks.ts'

const ENDPOINT = columns<WebhookEndpoint>()({
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  name: text(({ name }) => name),
  url: text(({ url }) => url),
  description: optionalText(({ description }) => description),
  status: text(({ status }) => status),
  enabled_events: json(({ enabledEvents }) => enabledEvents),
  signing_key_sealed: text(({ signingKeySealed }) => signingKeySealed),
  previous_key_sealed: optionalText(({ previousKey }) => previousKey?.sealedKey),
  previous_key_until_ms: optionalWhole(({ previousKey }) => previousKey?.untilMs),
  accepted_at_ms: optionalWhole(({ acceptedAtMs }) => acceptedAtMs),
  activated_at_ms: optionalWhole(({ activatedAtMs }) => activatedAtMs),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  changed_at_ms: whole(({ changedAtMs }) => changedAtMs),
})
const SELECT = `select ${ENDPOINT.list()} from webhook_endpoints`
/** The time of the last accepted delivery has its own writer. */
const CHANGING = ENDPOINT.names.filter(
  (name) => !['id', 'account_id', 'accepted_at_ms', 'created_at_ms'].includes(name),
)

function endpointFrom(row: Row): WebhookEndpoint {
  const values = ENDPOINT.read(row)
  const { previous_key_sealed: sealedKey, previous_key_until_ms: untilMs } = values
  return omitUndefined({
    id: values.id,
    accountId: values.account_id,
    name: values.name,
    url: values.url,
    status: values.status,
    enabledEvents: values.enabled_events,
    signingKeySealed: values.signing_key_sealed,
    createdAtMs: values.created_at_ms,
    changedAtMs: values.changed_at_ms,
    description: values.description,
    previousKey:
      sealedKey !== undefined && untilMs !== undefined ? { sealedKey, untilMs } : undefined,
    acceptedAtMs: values.accepted_at_ms,
    activatedAtMs: values.activated_at_ms,
  })
}

const INSERT = `insert into webhook_endpoints ${ENDPOINT.insert()}`

async function insertWebhookEndpoint(sql: Sql, endpoint: WebhookEndpoint): Promise<boolean> {
  const count = await sql.run(`${INSERT} on conflict (id) do nothing`, ENDPOINT.values(endpoint))
  return count === 1
}

async function putWebhookEndpoint(sql: Sql, endpoint: WebhookEndpoint): Promise<void> {
  await sql.run(
    `${INSERT} on conflict (id) do update set ${assignInsertedColumns(CHANGING)}
     where webhook_endpoints.status <> 'deleted'`,
    ENDPOINT.values(endpoint),
  )
}

async function findWebhookEndpoint(
  sql: Sql,
  id: WebhookEndpointId,
): Promise<WebhookEndpoint | undefined> {
  const [row] = await sql.all(`${SELECT} where id = $1 and status <> 'deleted'`, [Number(id)])
  return row && endpointFrom(row)
}

const LIST = `${SELECT} where account_id = $1 and status <> 'deleted' order by created_at_ms, id`

async function listWebhookEndpoints(
  sql: Sql,
  accountId: AccountId,
): Promise<readonly WebhookEndpoint[]> {
  return (await sql.all(LIST, [Number(accountId)])).map(endpointFrom)
}

/** Locks the account's row, because an account may have no endpoint yet. */
async function lockWebhookEndpoints(
  engine: Engine,
  sql: Sql,
  accountId: AccountId,
): Promise<readonly WebhookEndpoint[]> {
  if (engine.isDistributed) {
    // A write of an endpoint locks its table and then that of accounts, on all machines. The same order prevents deadlocks.
    await sql.all(`select id from webhook_endpoints where account_id = $1${engine.rowLock}`, [
      Number(accountId),
    ])
  }
  await sql.all(`select id from accounts where id = $1${engine.rowLock}`, [Number(accountId)])
  return listWebhookEndpoints(sql, accountId)
}

/** The endpoint's pending deliveries are canceled when they are claimed, its held ones by `releaseHeldDeliveries`. */
async function deleteWebhookEndpoint(
  sql: Sql,
  id: WebhookEndpointId,
  nowMs: number,
): Promise<void> {
  await sql.run(
    `update webhook_endpoints set status = 'deleted', changed_at_ms = $2 where id = $1`,
    [Number(id), nowMs],
  )
}

async function recordAcceptance(sql: Sql, id: WebhookEndpointId, atMs: number): Promise<void> {
  await sql.run(
    `update webhook_endpoints set accepted_at_ms = $2
     where id = $1 and (accepted_at_ms is null or accepted_at_ms < $3)`,
    [Number(id), atMs, atMs - ACCEPTED_PRECISION_MS],
  )
}

/** Makes a store's functions for webhook endpoints. */
export const webhookEndpointsOf = ({ engine, read }: StoreContext): Store['webhookEndpoints'] => ({
  find: (id) => findWebhookEndpoint(read, id),
  list: (accountId) => listWebhookEndpoints(read, accountId),
  recordAcceptance: acceptanceRecorder(engine),
})

/** Makes the function that records acceptances. Simultaneous calls for one endpoint share one write. */
function acceptanceRecorder(engine: Engine): Store['webhookEndpoints']['recordAcceptance'] {
  const running = new Map<WebhookEndpointId, Promise<void>>()
  // On Citus every machine has the row, so two servers that record can wait for each other.
  const record = (id: WebhookEndpointId, atMs: number) =>
    retryDeadlocks(() => engine.transaction((sql) => recordAcceptance(sql, id, atMs)))
  return (id, atMs) => {
    const recording = running.get(id) ?? record(id, atMs).finally(() => running.delete(id))
    running.set(id, recording)
    return recording
  }
}

/** Makes a transaction's functions for webhook endpoints. */
export const webhookEndpointsIn = ({
  engine,
  sql,
  onDue,
}: TransactionContext): Transaction['webhookEndpoints'] => ({
  lock: (accountId) => lockWebhookEndpoints(engine, sql, accountId),
  insert: (endpoint) => insertWebhookEndpoint(sql, endpoint),
  put: (endpoint) => {
    // Its held deliveries become due.
    if (endpoint.status === 'active') onDue()
    return putWebhookEndpoint(sql, endpoint)
  },
  delete: (id, nowMs) => deleteWebhookEndpoint(sql, id, nowMs),
})
