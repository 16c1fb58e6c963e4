import { type AccountId, bucketOf, type WebhookEventId } from '../domain/id.ts'
import type {
  Listed,
  Page,
  Store,
  Transaction,
  WebhookEvent,
  WebhookEventFilter,
} from '../operations/store.ts'
import { columns, id, small, text, whole } from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import {
  addTimes,
  type Conditions,
  createConditions,
  notSearched,
  readListPage,
  withFilter,
} from './engine/statement.ts'

const EVENT = columns<WebhookEvent>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  type: text(({ type }) => type),
  payment_session_id: id(({ paymentSessionId }) => paymentSessionId),
  body_json: text(({ bodyJson }) => bodyJson),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
})
const SELECT = `select ${EVENT.list('v')}`

function eventFrom(row: Row): WebhookEvent {
  const values = EVENT.read(row)
  return {
    id: values.id,
    accountId: values.account_id,
    type: values.type,
    paymentSessionId: values.payment_session_id,
    bodyJson: values.body_json,
    createdAtMs: values.created_at_ms,
  }
}

/**
 * Stores an event in its session's bucket, and a delivery for each endpoint that subscribes to it: due at once if the
 * endpoint is active, held if it is disabled. False: the id is taken, and nothing was stored.
 */
export async function insertWebhookEvent(sql: Sql, event: WebhookEvent): Promise<boolean> {
  const key = EVENT.valuesOf(['bucket', 'id', 'account_id'], event)
  const storing = sql.run(
    `insert into webhook_events ${EVENT.insert()} on conflict (bucket, id) do nothing`,
    EVENT.values(event),
  )
  const planning = sql.run(
    `insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type, status,
       attempt_count, failure_count, next_attempt_at_ms, created_at_ms)
     select v.bucket, v.id, e.id, v.account_id, v.type,
       case e.status when 'active' then 'pending' else 'held' end, 0, 0,
       case e.status when 'active' then v.created_at_ms end, v.created_at_ms
     from webhook_events v join webhook_endpoints e on e.account_id = v.account_id
     where v.bucket = $1 and v.id = $2 and e.account_id = $3 and e.status in ('active', 'disabled')
       and e.enabled_events like $4 and v.payment_session_id = $5
     on conflict (bucket, event_id, endpoint_id) do nothing`,
    // The session is compared too: a taken id belongs to another event, which has its own deliveries.
    [...key, `%"${event.type}"%`, Number(event.paymentSessionId)],
  )
  // Sent together, without waiting in between.
  const [storedCount] = await Promise.all([storing, planning])
  return storedCount > 0
}

/** Undefined: there is no such event. */
export async function findWebhookEvent(
  sql: Sql,
  id: WebhookEventId,
): Promise<WebhookEvent | undefined> {
  const [row] = await sql.all(`${SELECT} from webhook_events v where v.bucket = $1 and v.id = $2`, [
    bucketOf(id),
    Number(id),
  ])
  return row && eventFrom(row)
}

/** Writes the account's column for the index of a filter. With several types the index gives no order. */
function accountColumn({ paymentSessionId, types }: WebhookEventFilter): string {
  if (paymentSessionId !== undefined) return notSearched('v.account_id')
  return types?.length === 1 ? withFilter('v.account_id') : 'v.account_id'
}

function conditionsOf(
  accountId: AccountId,
  filter: WebhookEventFilter,
  account = accountColumn(filter),
): Conditions {
  const conditions = createConditions()
  const { add } = conditions
  add(`${account} = ?`, Number(accountId))
  if (filter.types !== undefined) {
    add(`v.type in (${filter.types.map(() => '?').join(', ')})`, ...filter.types)
  }
  if (filter.paymentSessionId !== undefined) {
    const id = filter.paymentSessionId
    add('v.bucket = ? and v.payment_session_id = ?', bucketOf(id), Number(id))
  }
  addTimes(conditions, 'v.created_at_ms', filter)
  return conditions
}

/** Lists an account's events, newest first, and counts all matches. */
export async function listWebhookEvents(
  sql: Sql,
  accountId: AccountId,
  filter: WebhookEventFilter,
  page: Page,
): Promise<Listed<WebhookEvent>> {
  const { rows, total } = await readListPage(
    sql,
    { select: SELECT, from: 'from webhook_events v', order: 'v.created_at_ms desc, v.id desc' },
    conditionsOf(accountId, filter),
    page,
  )
  return { items: rows.map(eventFrom), total }
}

/** Counts an account's events of some types, up to `countMax`, by the index of the type. */
export async function countWebhookEvents(
  sql: Sql,
  accountId: AccountId,
  filter: WebhookEventFilter & Required<Pick<WebhookEventFilter, 'types'>>,
  countMax: number,
): Promise<number> {
  const { params, text } = conditionsOf(accountId, filter, withFilter('v.account_id'))
  const [counted] = await sql.all(
    `select count(*) as total from (
       select 1 from webhook_events v where ${text()} limit $${params.length + 1}) f`,
    [...params, countMax],
  )
  return Number(counted?.total ?? 0)
}

/** Lists an account's events, oldest first, starting after one of them. */
export async function listWebhookEventsFrom(
  sql: Sql,
  accountId: AccountId,
  filter: WebhookEventFilter,
  {
    after,
    countMax,
  }: {
    readonly after: Pick<WebhookEvent, 'id' | 'createdAtMs'> | undefined
    readonly countMax: number
  },
): Promise<readonly Pick<WebhookEvent, 'id' | 'createdAtMs'>[]> {
  const { add, params, text } = conditionsOf(accountId, filter)
  if (after !== undefined) {
    const { createdAtMs, id } = after
    add('v.created_at_ms >= ?', createdAtMs)
    add('(v.created_at_ms > ? or v.id > ?)', createdAtMs, Number(id))
  }
  const rows = await sql.all(
    `select v.id, v.created_at_ms from webhook_events v where ${text()}
     order by v.created_at_ms, v.id limit $${params.length + 1}`,
    [...params, countMax],
  )
  return rows.map((row) => ({
    id: EVENT.columns.id.read(row.id),
    createdAtMs: Number(row.created_at_ms),
  }))
}

/** Makes a store's functions for webhook events. */
export const webhookEventsOf = ({ read, readLong }: StoreContext): Store['webhookEvents'] => ({
  find: (id) => findWebhookEvent(read, id),
  list: (accountId, filter, page) => listWebhookEvents(readLong, accountId, filter, page),
  count: (accountId, filter, countMax) => countWebhookEvents(readLong, accountId, filter, countMax),
  listAfter: (accountId, filter, after, countMax) =>
    listWebhookEventsFrom(readLong, accountId, filter, { after, countMax }),
})

/** Makes a transaction's functions for webhook events. */
export const webhookEventsIn = ({
  sql,
  onDue,
}: TransactionContext): Transaction['webhookEvents'] => ({
  insert: async (event) => {
    const isStored = await insertWebhookEvent(sql, event)
    if (isStored) onDue()
    return isStored
  },
})
