import {
  type AccountId,
  bucketOf,
  type WebhookEndpointId,
  type WebhookEventId,
} from '../domain/id.ts'
import type {
  WebhookDelivery,
  WebhookDeliveryAttempt,
  WebhookDeliveryStatus,
} from '../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type { WebhookEventType } from '../domain/webhook-event.ts'
import type {
  ClaimedDelivery,
  DeliveryRecord,
  Page,
  Store,
  WebhookDeliveryFilter,
} from '../operations/ports.ts'
import { type Engine, isRefusedRow, type Row, type Sql, type SqlValue } from './engine.ts'
import type { Settled } from './group-commit.ts'
import { createConditions, placeholders, readListPage } from './statement.ts'

const COLUMNS = [
  ...['bucket', 'event_id', 'endpoint_id', 'account_id', 'event_type', 'created_at_ms', 'status'],
  ...['attempt_count', 'failure_count', 'failing_since_ms', 'next_attempt_at_ms'],
  ...['attempted_at_ms', 'http_status'],
]
const SELECT = `select ${COLUMNS.map((column) => `d.${column}`).join(', ')}`
/** Those that an attempt can change, which come last. */
const CHANGING = COLUMNS.slice(COLUMNS.indexOf('status'))
const ONE = 'd.bucket = $1 and d.event_id = $2 and d.endpoint_id = $3'

type Key = Pick<WebhookDelivery, 'eventId' | 'endpointId'>
const keyOf = ({ eventId, endpointId }: Key): [number, number, number] => [
  bucketOf(eventId),
  Number(eventId),
  Number(endpointId),
]

function keyRow(key: Key) {
  const [bucket, event_id, endpoint_id] = keyOf(key)
  return { bucket, event_id, endpoint_id }
}

function valuesFrom(delivery: WebhookDelivery): SqlValue[] {
  return [
    ...keyOf(delivery),
    Number(delivery.accountId),
    delivery.eventType,
    delivery.createdAtMs,
    delivery.status,
    delivery.attemptCount,
    delivery.failureCount,
    delivery.failingSinceMs ?? null,
    delivery.nextAttemptAtMs ?? null,
    delivery.attemptedAtMs ?? null,
    delivery.httpStatus ?? null,
  ]
}

function deliveryFrom(row: Row): WebhookDelivery {
  return {
    eventId: String(row.event_id) as WebhookEventId,
    endpointId: String(row.endpoint_id) as WebhookEndpointId,
    accountId: String(row.account_id) as AccountId,
    eventType: row.event_type as WebhookEventType,
    status: row.status as WebhookDeliveryStatus,
    attemptCount: row.attempt_count as number,
    failureCount: row.failure_count as number,
    createdAtMs: row.created_at_ms as number,
    ...(row.failing_since_ms !== null && { failingSinceMs: row.failing_since_ms as number }),
    ...(row.next_attempt_at_ms !== null && { nextAttemptAtMs: row.next_attempt_at_ms as number }),
    ...(row.attempted_at_ms !== null && { attemptedAtMs: row.attempted_at_ms as number }),
    ...(row.http_status !== null && { httpStatus: row.http_status as number }),
  }
}

/** How many due deliveries are looked at for each that can be taken: some are of endpoints that are busy enough. */
const LOOK_FACTOR = 4

/**
 * Takes deliveries that are due, and moves their time on by the length of the lease: what was taken by
 * a process which died is due again by itself.
 */
export async function claimWebhookDeliveries(
  engine: Engine,
  nowMs: number,
  leaseMs: number,
  { countMax, countPerEndpoint, underWay }: Parameters<Store['claimWebhookDeliveries']>[2],
  below: (bound: number) => number,
): Promise<readonly ClaimedDelivery[]> {
  const roomFor = (id: string) => countPerEndpoint - (underWay.get(id as WebhookEndpointId) ?? 0)
  const busy = [...underWay.keys()].filter((id) => roomFor(id) <= 0)
  const others =
    busy.length === 0
      ? ''
      : `and endpoint_id not in (${busy.map((_, index) => `$${index + 3}`).join(', ')})`
  // Looked for outside a transaction: most of the time there is nothing to do.
  const due = await engine.read.all(
    `select bucket, event_id, endpoint_id from webhook_deliveries
     where next_attempt_at_ms <= $1 ${others}
     order by next_attempt_at_ms limit $2`,
    [nowMs, countMax * LOOK_FACTOR, ...busy.map(Number)],
  )
  const taken = pickFrom(due, countMax, roomFor, below)
  if (taken.length === 0) return []
  // A statement that changes rows names one bucket where rows are spread over machines.
  const groups = engine.isDistributed
    ? [...Map.groupBy(taken, ({ bucket }) => bucket).values()]
    : [taken]
  const claimed = await Promise.all(
    groups.map((group) => engine.transaction((sql) => claim(engine, sql, group, nowMs, leaseMs))),
  )
  const deliveries = claimed
    .flat()
    .sort((a, b) => (a.nextAttemptAtMs ?? 0) - (b.nextAttemptAtMs ?? 0))
  if (deliveries.length === 0) return []
  const bodies = await bodiesOf(engine.read, deliveries)
  return deliveries.flatMap((delivery) => {
    const bodyJson = bodies.get(delivery.eventId)
    return bodyJson === undefined ? [] : [{ delivery, bodyJson }]
  })
}

/**
 * Picks the oldest of each endpoint up to its share. Two servers that look at the same moment begin at
 * different places, so that they meet at fewer rows.
 */
function pickFrom(
  due: readonly Row[],
  countMax: number,
  roomFor: (endpointId: string) => number,
  below: (bound: number) => number,
): readonly Row[] {
  const counts = new Map<unknown, number>()
  const candidates = due.filter(({ endpoint_id: id }) => {
    const count = (counts.get(id) ?? 0) + 1
    counts.set(id, count)
    return count <= roomFor(String(id))
  })
  const first = candidates.length > countMax ? below(candidates.length - countMax + 1) : 0
  return candidates.slice(first, first + countMax)
}

/** Names rows by their key, for a statement without other parameters before `first`. */
function keysOf(rows: readonly Row[], alias: string, first: number): string {
  return rows
    .map((_, index) => {
      const at = first + 3 * index
      return `(${alias}.bucket = $${at} and ${alias}.event_id = $${at + 1} and ${alias}.endpoint_id = $${at + 2})`
    })
    .join(' or ')
}

const keyValues = (rows: readonly Row[]) =>
  rows.flatMap((row) => [row.bucket, row.event_id, row.endpoint_id] as SqlValue[])

async function claim(
  engine: Engine,
  sql: Sql,
  rows: readonly Row[],
  nowMs: number,
  leaseMs: number,
): Promise<readonly WebhookDelivery[]> {
  const held = await sql.all(
    `${SELECT} from webhook_deliveries d
     where d.next_attempt_at_ms <= $1 and (${keysOf(rows, 'd', 2)})${engine.skipLocked}`,
    [nowMs, ...keyValues(rows)],
  )
  if (held.length === 0) return []
  await sql.run(
    `update webhook_deliveries set next_attempt_at_ms = $1
     where ${keysOf(held, 'webhook_deliveries', 2)}`,
    [nowMs + leaseMs, ...keyValues(held)],
  )
  return held.map(deliveryFrom)
}

async function bodiesOf(
  sql: Sql,
  deliveries: readonly WebhookDelivery[],
): Promise<ReadonlyMap<WebhookEventId, string>> {
  const ids = [...new Set(deliveries.map(({ eventId }) => eventId))]
  const rows = await sql.all(
    `select v.id, v.body_json from webhook_events v
     where ${ids.map((_, index) => `(v.bucket = $${2 * index + 1} and v.id = $${2 * index + 2})`).join(' or ')}`,
    ids.flatMap((id) => [bucketOf(id), Number(id)]),
  )
  return new Map(rows.map((row) => [String(row.id) as WebhookEventId, row.body_json as string]))
}

const UPDATE = `update webhook_deliveries
  set ${CHANGING.map((column, index) => `${column} = $${index + 4}`).join(', ')}
  where bucket = $1 and event_id = $2 and endpoint_id = $3`

async function updateDelivery(sql: Sql, delivery: WebhookDelivery): Promise<void> {
  await sql.run(UPDATE, [...keyOf(delivery), ...valuesFrom(delivery).slice(-CHANGING.length)])
}

const ATTEMPT_COLUMNS = [
  ...['bucket', 'event_id', 'endpoint_id', 'number', 'started_at_ms', 'duration_ms'],
  ...['http_status', 'failure', 'response_body'],
]

/**
 * Records attempts in one transaction a bucket where rows are spread over machines, else in one for
 * all. One that the database refuses does not take its neighbours with it. Answers in the order of the
 * records.
 */
export async function recordDeliveryAttempts(
  engine: Engine,
  records: readonly DeliveryRecord[],
): Promise<readonly Settled<WebhookDelivery | undefined>[]> {
  const groups = Map.groupBy(records, ({ eventId }) =>
    engine.isDistributed ? bucketOf(eventId) : undefined,
  )
  const outcomes = new Map<DeliveryRecord, Settled<WebhookDelivery | undefined>>()
  async function record(group: readonly DeliveryRecord[]): Promise<void> {
    try {
      const recorded = await engine.transaction((sql) => recordAll(engine, sql, group))
      for (const [index, one] of group.entries()) outcomes.set(one, { value: recorded[index] })
    } catch (error) {
      if (group.length > 1 && isRefusedRow(error)) {
        for (const one of group) await record([one])
      } else {
        for (const one of group) outcomes.set(one, { error })
      }
    }
  }
  await Promise.all([...groups.values()].map(record))
  return records.map(
    (one) => outcomes.get(one) ?? { error: new Error('an attempt was left out of its batch') },
  )
}

async function recordAll(
  engine: Engine,
  sql: Sql,
  records: readonly DeliveryRecord[],
): Promise<readonly (WebhookDelivery | undefined)[]> {
  const keys = records.map(keyRow)
  // In the order of their keys, so that two servers never wait for one another.
  const rows = await sql.all(
    `${SELECT} from webhook_deliveries d where ${keysOf(keys, 'd', 1)}
     order by d.bucket, d.event_id, d.endpoint_id${engine.rowLock}`,
    keyValues(keys),
  )
  const stored = new Map(
    rows.map((row) => {
      const delivery = deliveryFrom(row)
      return [`${delivery.eventId} ${delivery.endpointId}`, delivery]
    }),
  )
  const writes: Promise<unknown>[] = []
  const recorded = records.map((record) => {
    const key = `${record.eventId} ${record.endpointId}`
    const before = stored.get(key)
    if (before === undefined) return undefined
    const after = record.decide(before)
    // The same delivery can stand twice in a batch, tried by two whose leases crossed.
    stored.set(key, after)
    writes.push(updateDelivery(sql, after), insertAttempt(sql, after, record.attempt))
    return after
  })
  // Sent without waiting for one another.
  await Promise.all(writes)
  return recorded
}

async function insertAttempt(
  sql: Sql,
  delivery: WebhookDelivery,
  attempt: DeliveryRecord['attempt'],
): Promise<void> {
  await sql.run(
    `insert into webhook_delivery_attempts (${ATTEMPT_COLUMNS.join(', ')})
     values ${placeholders(1, ATTEMPT_COLUMNS.length)}`,
    [
      ...keyOf(delivery),
      delivery.attemptCount,
      attempt.startedAtMs,
      attempt.durationMs,
      attempt.httpStatus ?? null,
      attempt.failure ?? null,
      attempt.responseBody ?? null,
    ],
  )
}

/** Undefined: the event was never to be delivered there. */
export async function findWebhookDelivery(
  sql: Sql,
  eventId: WebhookEventId,
  endpointId: WebhookEndpointId,
): Promise<WebhookDelivery | undefined> {
  const [row] = await sql.all(
    `${SELECT} from webhook_deliveries d where ${ONE}`,
    keyOf({ eventId, endpointId }),
  )
  return row && deliveryFrom(row)
}

/** Lists an event's deliveries, by endpoint. */
export async function listEventDeliveries(
  sql: Sql,
  of: WebhookEventId,
): Promise<readonly WebhookDelivery[]> {
  const rows = await sql.all(
    `${SELECT} from webhook_deliveries d where d.bucket = $1 and d.event_id = $2
     order by d.endpoint_id`,
    [bucketOf(of), Number(of)],
  )
  return rows.map(deliveryFrom)
}

/** Lists an endpoint's deliveries, newest first, with how many match in all. */
export async function listWebhookDeliveries(
  sql: Sql,
  of: WebhookEndpointId,
  filter: WebhookDeliveryFilter,
  page: Page,
): Promise<{ readonly deliveries: readonly WebhookDelivery[]; readonly total: number }> {
  const conditions = createConditions()
  conditions.add('d.endpoint_id = ?', Number(of))
  if (filter.status !== undefined) conditions.add('d.status = ?', filter.status)
  if (filter.eventType !== undefined) conditions.add('d.event_type = ?', filter.eventType)
  const { rows, total } = await readListPage(
    sql,
    SELECT,
    'from webhook_deliveries d',
    'd.created_at_ms desc, d.event_id desc',
    conditions,
    page,
  )
  return { deliveries: rows.map(deliveryFrom), total }
}

/** Lists a delivery's attempts, oldest first. */
export async function listDeliveryAttempts(
  sql: Sql,
  eventId: WebhookEventId,
  endpointId: WebhookEndpointId,
): Promise<readonly WebhookDeliveryAttempt[]> {
  const rows = await sql.all(
    `select ${ATTEMPT_COLUMNS.join(', ')} from webhook_delivery_attempts d
     where ${ONE} order by number`,
    keyOf({ eventId, endpointId }),
  )
  return rows.map((row) => ({
    number: row.number as number,
    startedAtMs: row.started_at_ms as number,
    durationMs: row.duration_ms as number,
    ...(row.http_status !== null && { httpStatus: row.http_status as number }),
    ...(row.failure !== null && { failure: row.failure as string }),
    ...(row.response_body !== null && { responseBody: row.response_body as string }),
  }))
}

/** How long the attempts of a delivery can be looked at, in milliseconds: 30 days. */
const ATTEMPT_KEPT_MS = 30 * 24 * 60 * 60_000

/** Deletes a bucket's attempts that are older than they are kept. Gives how many. */
export function deleteOldAttempts(sql: Sql, bucket: number, nowMs: number): Promise<number> {
  return sql.run(
    'delete from webhook_delivery_attempts where bucket = $1 and started_at_ms <= $2',
    [bucket, nowMs - ATTEMPT_KEPT_MS],
  )
}

/** Begins deliveries of events to an endpoint anew, of those too that it never had. Gives how many. */
export async function resendWebhookEvents(
  engine: Engine,
  sql: Sql,
  endpoint: Pick<WebhookEndpoint, 'accountId' | 'id'>,
  events: readonly WebhookEventId[],
  nowMs: number,
): Promise<number> {
  const keys = [...new Set(events)]
    .map((eventId) => keyRow({ eventId, endpointId: endpoint.id }))
    .sort((a, b) => a.bucket - b.bucket || a.event_id - b.event_id)
  const groups = engine.isDistributed
    ? [...Map.groupBy(keys, ({ bucket }) => bucket).values()]
    : [keys]
  let count = 0
  for (const group of groups) {
    if (group.length > 0) count += await resendAll(engine, sql, endpoint, group, nowMs)
  }
  return count
}

async function resendAll(
  engine: Engine,
  sql: Sql,
  { accountId, id: endpointId }: Pick<WebhookEndpoint, 'accountId' | 'id'>,
  keys: readonly ReturnType<typeof keyRow>[],
  nowMs: number,
): Promise<number> {
  // In the order in which attempts are recorded, so that the two never wait for one another.
  const held = await sql.all(
    `select d.bucket, d.event_id, d.endpoint_id from webhook_deliveries d
     where ${keysOf(keys, 'd', 1)} order by d.bucket, d.event_id, d.endpoint_id${engine.rowLock}`,
    keyValues(keys),
  )
  if (held.length > 0) {
    await sql.run(
      `update webhook_deliveries
       set status = 'pending', next_attempt_at_ms = $1, failure_count = 0, failing_since_ms = null
       where ${keysOf(held, 'webhook_deliveries', 2)}`,
      [nowMs, ...keyValues(held)],
    )
  }
  const had = new Set(held.map(({ event_id: id }) => id))
  const missing = keys.filter(({ event_id: id }) => !had.has(id))
  if (missing.length === 0) return held.length
  const planned = await sql.run(
    `insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type,
       status, attempt_count, failure_count, next_attempt_at_ms, created_at_ms)
     select v.bucket, v.id, cast($1 as bigint), v.account_id, v.type, 'pending', 0, 0,
       cast($2 as bigint), cast($2 as bigint)
     from webhook_events v
     where v.account_id = $3
       and (${missing.map((_, at) => `(v.bucket = $${2 * at + 4} and v.id = $${2 * at + 5})`).join(' or ')})
     order by v.bucket, v.id
     on conflict (bucket, event_id, endpoint_id) do nothing`,
    [
      ...[Number(endpointId), nowMs, Number(accountId)],
      ...missing.flatMap(({ bucket, event_id: id }) => [bucket, id]),
    ],
  )
  return held.length + planned
}
