import { type AccountId, bucketOf, type WebhookEventId } from '../domain/id.ts'
import type { EventSubject } from '../domain/webhook-event.ts'
import type {
  ListPage,
  Page,
  SessionTransaction,
  Store,
  Transaction,
  WebhookEvent,
  WebhookEventFilter,
} from '../operations/store.ts'
import { columns, id, small, text, whole } from './columns.ts'
import type { StoreContext, TransactionContext } from './context.ts'
import type { Row, Sql } from './engine/engine.ts'
import { gatherCalls } from './gather-calls.ts'
import {
  addTimes,
  countUpTo,
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  type Ranges,
  readKeys,
  readListPage,
  withoutSearch,
} from './list-page.ts'
import { fromJson, jsonRows, storedIdsOf } from './many-rows.ts'

const EVENT = columns<WebhookEvent>()({
  bucket: small(({ id }) => bucketOf(id)),
  id: id(({ id }) => id),
  account_id: id(({ accountId }) => accountId),
  type: text(({ type }) => type),
  subject_kind: text(({ subject }) => subject.kind),
  subject_id: id(({ subject }) => subject.id),
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
    // The kind of the row decides the type of the id.
    subject: { kind: values.subject_kind, id: values.subject_id } as EventSubject,
    bodyJson: values.body_json,
    createdAtMs: values.created_at_ms,
  }
}

async function insertWebhookEvent(sql: Sql, event: WebhookEvent): Promise<boolean> {
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
       and e.status <> 'deleted'
       and e.enabled_events like $4 and v.subject_kind = $5 and v.subject_id = $6
     on conflict (bucket, event_id, endpoint_id) do nothing`,
    // The subject is compared too, because another event may already have the id, with its own deliveries.
    [...key, `%"${event.type}"%`, event.subject.kind, Number(event.subject.id)],
  )
  // Both statements are sent without waiting in between.
  const [storedCount] = await Promise.all([storing, planning])
  return storedCount > 0
}

const INSERT_MANY = `with stored as (
    insert into webhook_events (${EVENT.list()}) select ${EVENT.list()} from ${fromJson(EVENT)}
    on conflict (bucket, id) do nothing
    returning bucket, id, account_id, type, created_at_ms),
  planned as (
    insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type, status,
      attempt_count, failure_count, next_attempt_at_ms, created_at_ms)
    select v.bucket, v.id, e.id, v.account_id, v.type,
      case e.status when 'active' then 'pending' else 'held' end, 0, 0,
      case e.status when 'active' then v.created_at_ms end, v.created_at_ms
    from stored v join webhook_endpoints e on e.account_id = v.account_id
    where e.status in ('active', 'disabled') and e.status <> 'deleted'
      and e.enabled_events like '%"' || v.type || '"%')
  select id from stored`

/** Stores events as `insertWebhookEvent` does, by one statement of PostgreSQL. Returns false for each whose id is taken. */
async function insertWebhookEvents(
  sql: Sql,
  events: readonly WebhookEvent[],
): Promise<readonly boolean[]> {
  return storedIdsOf(events, await sql.all(INSERT_MANY, [jsonRows(EVENT, events)]))
}

async function findWebhookEvent(sql: Sql, id: WebhookEventId): Promise<WebhookEvent | undefined> {
  const [row] = await sql.all(`${SELECT} from webhook_events v where v.bucket = $1 and v.id = $2`, [
    bucketOf(id),
    Number(id),
  ])
  return row && eventFrom(row)
}

const LIST_TABLE: ListedTable = {
  name: 'webhook_events',
  columns: EVENT.list('t'),
  id: 'id',
  keyOf: keyWithBucket('id'),
}

/** Returns the index ranges of an account's events: one for each type of a filter without a subject, otherwise one. */
function rangesOf(accountId: AccountId, filter: WebhookEventFilter): Ranges {
  const { subject, types } = filter
  const ranges = createRanges(LIST_TABLE)
  const { add, split } = ranges
  if (subject !== undefined) {
    add('t.bucket = ? and t.subject_id = ?', bucketOf(subject.id), Number(subject.id))
    add('t.subject_kind = ?', subject.kind)
    add(`${withoutSearch('t.account_id')} = ?`, Number(accountId))
    if (types !== undefined) add(`t.type in (${types.map(() => '?').join(', ')})`, ...types)
  } else if (types !== undefined) {
    add('t.account_id = ?', Number(accountId))
    split('t.type', [...new Set(types)])
  } else add('t.account_id = ?', Number(accountId))
  addTimes(ranges, filter)
  return ranges
}

async function listWebhookEvents(
  sql: Sql,
  accountId: AccountId,
  filter: WebhookEventFilter,
  page: Page,
): Promise<ListPage<WebhookEvent>> {
  return listPageFrom(
    await readListPage(sql, LIST_TABLE, rangesOf(accountId, filter), page),
    eventFrom,
  )
}

async function countWebhookEvents(
  sql: Sql,
  accountId: AccountId,
  filter: WebhookEventFilter & Required<Pick<WebhookEventFilter, 'types'>>,
  countMax: number,
): Promise<number> {
  return countUpTo(sql, rangesOf(accountId, filter), countMax)
}

async function listWebhookEventsFrom(
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
  const ranges = rangesOf(accountId, filter)
  if (after !== undefined) {
    const { createdAtMs, id } = after
    ranges.add('t.created_at_ms >= ?', createdAtMs)
    ranges.add('(t.created_at_ms > ? or t.id > ?)', createdAtMs, Number(id))
  }
  const rows = await readKeys(sql, LIST_TABLE, ranges, countMax)
  return rows.map((row) => ({
    id: EVENT.columns.id.read(row.id),
    createdAtMs: Number(row.at_ms),
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

/** Makes the functions of `webhookEventsIn` for operations that share a transaction on PostgreSQL. */
export const webhookEventsTogether = ({
  onDue,
  sql,
}: TransactionContext): SessionTransaction['webhookEvents'] => ({
  insert: gatherCalls((events) => {
    onDue()
    return insertWebhookEvents(sql, events)
  }),
})
