import { bucketOf, type WebhookEndpointId, type WebhookEventId } from '../domain/id.ts'
import {
  shownDelivery,
  storedStatusesOf,
  WEBHOOK_DELIVERY_STATUSES,
  type WebhookDelivery,
  type WebhookDeliveryAttempt,
} from '../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import {
  type DeliveryRecord,
  EMPTY_LIST_PAGE,
  type ListPage,
  type Page,
  type WebhookDeliveryFilter,
} from '../operations/store.ts'
import {
  columns,
  id,
  omitUndefined,
  optionalText,
  optionalWhole,
  small,
  text,
  whole,
} from './columns.ts'
import type { TransactionContext } from './context.ts'
import { type Engine, isRefusedRow, type Row, type Sql, type SqlValue } from './engine/engine.ts'
import type { Settlement } from './engine/group-commit.ts'
import { assignFrom, assignParameters } from './engine/statement.ts'
import {
  createRanges,
  keyWithBucket,
  type ListedTable,
  listPageFrom,
  readListPage,
} from './list-page.ts'
import { fromJson, jsonRows } from './many-rows.ts'

const DELIVERY = columns<WebhookDelivery>()({
  bucket: small(({ eventId }) => bucketOf(eventId)),
  event_id: id(({ eventId }) => eventId),
  endpoint_id: id(({ endpointId }) => endpointId),
  account_id: id(({ accountId }) => accountId),
  event_type: text(({ eventType }) => eventType),
  created_at_ms: whole(({ createdAtMs }) => createdAtMs),
  status: text(({ status }) => status),
  attempt_count: whole(({ attemptCount }) => attemptCount),
  failure_count: whole(({ failureCount }) => failureCount),
  failing_since_ms: optionalWhole(({ failingSinceMs }) => failingSinceMs),
  next_attempt_at_ms: optionalWhole(({ nextAttemptAtMs }) => nextAttemptAtMs),
  attempted_at_ms: optionalWhole(({ attemptedAtMs }) => attemptedAtMs),
  http_status: optionalWhole(({ httpStatus }) => httpStatus),
})
/** The columns of a delivery, without an alias. */
export const DELIVERY_COLUMNS = DELIVERY.list()
const SELECT_DELIVERY = `select ${DELIVERY.list('d')}`
/** The columns that an attempt can change. They come last. */
const CHANGING = DELIVERY.names.slice(DELIVERY.names.indexOf('status'))
const ONE = 'd.bucket = $1 and d.event_id = $2 and d.endpoint_id = $3'

type Key = Pick<WebhookDelivery, 'eventId' | 'endpointId'>
const keyOf = ({ eventId, endpointId }: Key): [number, number, number] => [
  bucketOf(eventId),
  Number(eventId),
  Number(endpointId),
]

/** Returns a delivery's key as a row has it. */
export function keyRow(key: Key) {
  const [bucket, event_id, endpoint_id] = keyOf(key)
  return { bucket, event_id, endpoint_id }
}

/** Sorts rows by key. Statements that lock rows in this order never deadlock with each other. */
export function sortByKey<KeyRow extends ReturnType<typeof keyRow>>(rows: readonly KeyRow[]) {
  return rows.toSorted(
    (a, b) => a.bucket - b.bucket || a.event_id - b.event_id || a.endpoint_id - b.endpoint_id,
  )
}

/** Makes a delivery from its row. */
export function deliveryFrom(row: Row): WebhookDelivery {
  const values = DELIVERY.read(row)
  return omitUndefined({
    eventId: values.event_id,
    endpointId: values.endpoint_id,
    accountId: values.account_id,
    eventType: values.event_type,
    status: values.status,
    attemptCount: values.attempt_count,
    failureCount: values.failure_count,
    createdAtMs: values.created_at_ms,
    failingSinceMs: values.failing_since_ms,
    nextAttemptAtMs: values.next_attempt_at_ms,
    attemptedAtMs: values.attempted_at_ms,
    httpStatus: values.http_status,
  })
}

/** Writes the condition for rows by their keys. `first` is the first parameter's number. */
export function keysOf(rows: readonly Row[], alias: string, first: number): string {
  return rows
    .map((_, index) => {
      const position = first + 3 * index
      return `(${alias}.bucket = $${position} and ${alias}.event_id = $${position + 1} and ${alias}.endpoint_id = $${position + 2})`
    })
    .join(' or ')
}

/** Returns the parameters of `keysOf`. */
export const keyValues = (rows: readonly Row[]): SqlValue[] =>
  rows.flatMap((row) => [row.bucket ?? null, row.event_id ?? null, row.endpoint_id ?? null])

/**
 * Groups rows for transactions that change them. If rows are spread over machines, a transaction with those of one machine
 * needs no two-phase commit.
 */
export function groupByTransaction<Item>(
  { nodes }: Pick<Engine, 'nodes'>,
  items: readonly Item[],
  bucketFrom: (item: Item) => number,
): readonly (readonly Item[])[] {
  return [...Map.groupBy(items, (item) => nodes?.placeOf(bucketFrom(item))).values()]
}

/**
 * Groups rows for statements that change them. If rows are spread over machines, each statement must name one bucket.
 */
export function changeableTogether<KeyedRow extends Row>(
  { isDistributed }: Engine,
  rows: readonly KeyedRow[],
): readonly (readonly KeyedRow[])[] {
  if (rows.length === 0) return []
  return isDistributed ? [...Map.groupBy(rows, ({ bucket }) => bucket).values()] : [rows]
}

const UPDATE = `update webhook_deliveries set ${assignParameters(CHANGING, 4)}
  where bucket = $1 and event_id = $2 and endpoint_id = $3`

async function updateDelivery(sql: Sql, delivery: WebhookDelivery): Promise<void> {
  await sql.run(UPDATE, [...keyOf(delivery), ...DELIVERY.valuesOf(CHANGING, delivery)])
}

/** An attempt of a delivery, with the state of the delivery after this attempt. */
type StoredAttempt = {
  readonly delivery: WebhookDelivery
  readonly attempt: DeliveryRecord['attempt']
}

const ATTEMPT = columns<StoredAttempt>()({
  bucket: small(({ delivery }) => bucketOf(delivery.eventId)),
  event_id: id(({ delivery }) => delivery.eventId),
  endpoint_id: id(({ delivery }) => delivery.endpointId),
  number: whole(({ delivery }) => delivery.attemptCount),
  started_at_ms: whole(({ attempt }) => attempt.startedAtMs),
  duration_ms: whole(({ attempt }) => attempt.durationMs),
  http_status: optionalWhole(({ attempt }) => attempt.httpStatus),
  failure: optionalText(({ attempt }) => attempt.failure),
  response_body: optionalText(({ attempt }) => attempt.responseBody),
})

/**
 * Records attempts in one transaction, or in one for each machine if rows are spread over several.
 * A record that the database refuses does not affect the others. Returns the results in the order of the
 * records.
 */
export async function recordDeliveryAttempts(
  engine: Engine,
  records: readonly DeliveryRecord[],
): Promise<readonly Settlement<WebhookDelivery | undefined>[]> {
  const groups = groupByTransaction(engine, records, ({ eventId }) => bucketOf(eventId))
  const outcomes = new Map<DeliveryRecord, Settlement<WebhookDelivery | undefined>>()
  async function record(group: readonly DeliveryRecord[]): Promise<void> {
    try {
      const results = await engine.transaction((sql) => recordAll(engine, sql, group))
      for (const [index, one] of group.entries()) outcomes.set(one, { value: results[index] })
    } catch (error) {
      if (group.length > 1 && isRefusedRow(error)) {
        for (const one of group) await record([one])
      } else {
        for (const one of group) outcomes.set(one, { error })
      }
    }
  }
  await Promise.all(groups.map(record))
  return records.map(
    (one) => outcomes.get(one) ?? { error: new Error('an attempt was left out of its batch') },
  )
}

const KEY = columns<ReturnType<typeof keyRow>>()({
  bucket: small((row) => row.bucket),
  event_id: whole((row) => row.event_id),
  endpoint_id: whole((row) => row.endpoint_id),
})

const LOCK_MANY = `${SELECT_DELIVERY} from ${fromJson(KEY)} join webhook_deliveries d
  on d.bucket = v.bucket and d.event_id = v.event_id and d.endpoint_id = v.endpoint_id
  order by d.bucket, d.event_id, d.endpoint_id`

/** Reads and locks deliveries, in the order of their keys. */
async function lockDeliveries(
  engine: Engine,
  sql: Sql,
  keys: readonly ReturnType<typeof keyRow>[],
): Promise<readonly Row[]> {
  if (engine.prefersManyRowStatements && !engine.isDistributed) {
    return sql.all(LOCK_MANY + engine.rowLock, [jsonRows(KEY, keys)])
  }
  const rowLists = await Promise.all(
    sortByKey(keys).map((key) =>
      sql.all(`${SELECT_DELIVERY} from webhook_deliveries d where ${ONE}${engine.rowLock}`, [
        key.bucket,
        key.event_id,
        key.endpoint_id,
      ]),
    ),
  )
  return rowLists.flat()
}

async function recordAll(
  engine: Engine,
  sql: Sql,
  records: readonly DeliveryRecord[],
): Promise<readonly (WebhookDelivery | undefined)[]> {
  const keys = records.map(keyRow)
  const rows = await lockDeliveries(engine, sql, keys)
  const deliveryOf = new Map(
    rows.map((row) => {
      const delivery = deliveryFrom(row)
      return [`${delivery.eventId} ${delivery.endpointId}`, delivery]
    }),
  )
  const latest = new Map<string, WebhookDelivery>()
  const attempts: StoredAttempt[] = []
  const results = records.map((record) => {
    const key = `${record.eventId} ${record.endpointId}`
    const before = deliveryOf.get(key)
    if (before === undefined) return undefined
    const after = record.decide(before)
    // A batch can contain a delivery twice if two leases overlapped.
    deliveryOf.set(key, after)
    latest.set(key, after)
    attempts.push({ delivery: after, attempt: record.attempt })
    return after
  })
  // Both statements are sent without waiting in between.
  await Promise.all(
    engine.prefersManyRowStatements && !engine.isDistributed
      ? [
          sql.run(UPDATE_MANY, [jsonRows(DELIVERY, [...latest.values()])]),
          sql.run(INSERT_MANY, [jsonRows(ATTEMPT, attempts)]),
        ]
      : [
          ...[...latest.values()].map((delivery) => updateDelivery(sql, delivery)),
          ...attempts.map((one) => insertAttempt(sql, one)),
        ],
  )
  return results
}

const UPDATE_MANY = `update webhook_deliveries d
  set ${assignFrom(CHANGING, 'v')} from ${fromJson(DELIVERY)}
  where d.bucket = v.bucket and d.event_id = v.event_id and d.endpoint_id = v.endpoint_id`
const INSERT_MANY = `insert into webhook_delivery_attempts (${ATTEMPT.list()})
  select ${ATTEMPT.list('v')} from ${fromJson(ATTEMPT)}`

async function insertAttempt(sql: Sql, one: StoredAttempt): Promise<void> {
  await sql.run(`insert into webhook_delivery_attempts ${ATTEMPT.insert()}`, ATTEMPT.values(one))
}

const SELECT_PUBLIC = `${SELECT_DELIVERY}, e.status as endpoint_status
  from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id`

function publicDeliveryFrom(row: Row): WebhookDelivery {
  return shownDelivery(deliveryFrom(row), ENDPOINT_STATUS.read(row.endpoint_status))
}

const ENDPOINT_STATUS = text((status: Parameters<typeof shownDelivery>[1]) => status)

/** Undefined: the event had no delivery to this endpoint. */
export async function findWebhookDelivery(
  sql: Sql,
  eventId: WebhookEventId,
  endpointId: WebhookEndpointId,
): Promise<WebhookDelivery | undefined> {
  const [row] = await sql.all(`${SELECT_PUBLIC} where ${ONE}`, keyOf({ eventId, endpointId }))
  return row && publicDeliveryFrom(row)
}

/** Lists an event's deliveries, by endpoint. */
export async function listEventDeliveries(
  sql: Sql,
  eventId: WebhookEventId,
): Promise<readonly WebhookDelivery[]> {
  const rows = await sql.all(
    `${SELECT_PUBLIC} where d.bucket = $1 and d.event_id = $2 order by d.endpoint_id`,
    [bucketOf(eventId), Number(eventId)],
  )
  return rows.map(publicDeliveryFrom)
}

/** The endpoint is the first parameter of a list. */
const LIST_TABLE: ListedTable = {
  name: 'webhook_deliveries',
  columns: DELIVERY.list('t'),
  id: 'event_id',
  keyOf: `${keyWithBucket('event_id')} and t.endpoint_id = $1`,
}

/** Lists an endpoint's deliveries, newest first. */
export async function listWebhookDeliveries(
  sql: Sql,
  endpointId: WebhookEndpointId,
  { eventType, status }: WebhookDeliveryFilter,
  page: Page,
): Promise<ListPage<WebhookDelivery>> {
  const [endpointRow] = await sql.all('select status from webhook_endpoints where id = $1', [
    Number(endpointId),
  ])
  if (endpointRow === undefined) return EMPTY_LIST_PAGE
  const endpoint = ENDPOINT_STATUS.read(endpointRow.status)
  const ranges = createRanges(LIST_TABLE)
  ranges.add('t.endpoint_id = ?', Number(endpointId))
  if (eventType !== undefined) ranges.add('t.event_type = ?', eventType)
  ranges.split(
    't.status',
    status === undefined ? WEBHOOK_DELIVERY_STATUSES : storedStatusesOf(status, endpoint),
  )
  return listPageFrom(await readListPage(sql, LIST_TABLE, ranges, page), (row) =>
    shownDelivery(deliveryFrom(row), endpoint),
  )
}

/** Lists a delivery's attempts, oldest first. */
export async function listDeliveryAttempts(
  sql: Sql,
  eventId: WebhookEventId,
  endpointId: WebhookEndpointId,
): Promise<readonly WebhookDeliveryAttempt[]> {
  const rows = await sql.all(
    `select ${ATTEMPT.list('d')} from webhook_delivery_attempts d
     where ${ONE} order by number`,
    keyOf({ eventId, endpointId }),
  )
  return rows.map((row) => {
    const values = ATTEMPT.read(row)
    return omitUndefined({
      number: values.number,
      startedAtMs: values.started_at_ms,
      durationMs: values.duration_ms,
      httpStatus: values.http_status,
      failure: values.failure,
      responseBody: values.response_body,
    })
  })
}

/** The retention of delivery attempts: 30 days. */
const ATTEMPT_KEPT_MS = 30 * 24 * 60 * 60_000

/** Deletes a bucket's attempts after their retention. Returns the number of deleted rows. */
export function deleteOldAttempts(sql: Sql, bucket: number, nowMs: number): Promise<number> {
  return sql.run(
    'delete from webhook_delivery_attempts where bucket = $1 and started_at_ms <= $2',
    [bucket, nowMs - ATTEMPT_KEPT_MS],
  )
}

/** Restarts deliveries of events to an endpoint, and creates missing ones. Returns their number. */
export async function resendWebhookEvents(
  context: Pick<TransactionContext, 'engine' | 'sql'>,
  endpoint: Pick<WebhookEndpoint, 'accountId' | 'id'>,
  events: readonly WebhookEventId[],
  nowMs: number,
): Promise<number> {
  const keys = sortByKey(
    [...new Set(events)].map((eventId) => keyRow({ eventId, endpointId: endpoint.id })),
  )
  const groups = changeableTogether(context.engine, keys)
  const counts = await Promise.all(
    groups.map((group) => resendAll(context, endpoint, group, nowMs)),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}

async function resendAll(
  { engine, sql }: Pick<TransactionContext, 'engine' | 'sql'>,
  { accountId, id: endpointId }: Pick<WebhookEndpoint, 'accountId' | 'id'>,
  keys: readonly ReturnType<typeof keyRow>[],
  nowMs: number,
): Promise<number> {
  // In the order in which attempts are recorded, so that a resend and a record never deadlock.
  const lockedRows = await sql.all(
    `select d.bucket, d.event_id, d.endpoint_id from webhook_deliveries d
     where ${keysOf(keys, 'd', 1)} order by d.bucket, d.event_id, d.endpoint_id${engine.rowLock}`,
    keyValues(keys),
  )
  if (lockedRows.length > 0) {
    await sql.run(
      `update webhook_deliveries
       set status = 'pending', next_attempt_at_ms = $1, failure_count = 0, failing_since_ms = null
       where ${keysOf(lockedRows, 'webhook_deliveries', 2)}`,
      [nowMs, ...keyValues(lockedRows)],
    )
  }
  const had = new Set(lockedRows.map(({ event_id: id }) => id))
  const missing = keys.filter(({ event_id: id }) => !had.has(id))
  if (missing.length === 0) return lockedRows.length
  const newCount = await sql.run(
    `insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type,
       status, attempt_count, failure_count, next_attempt_at_ms, created_at_ms)
     select v.bucket, v.id, cast($1 as bigint), v.account_id, v.type, 'pending', 0, 0,
       cast($2 as bigint), cast($2 as bigint)
     from webhook_events v
     where v.account_id = $3
       and (${missing.map((_, index) => `(v.bucket = $${2 * index + 4} and v.id = $${2 * index + 5})`).join(' or ')})
     order by v.bucket, v.id
     on conflict (bucket, event_id, endpoint_id) do nothing`,
    [
      Number(endpointId),
      nowMs,
      Number(accountId),
      ...missing.flatMap(({ bucket, event_id: id }) => [bucket, id]),
    ],
  )
  return lockedRows.length + newCount
}
