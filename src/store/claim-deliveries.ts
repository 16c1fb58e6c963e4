import type { AccountId, WebhookEndpointId, WebhookEventId } from '../domain/id.ts'
import type { WebhookDelivery } from '../domain/webhook-delivery.ts'
import type { ClaimedDelivery, ClaimLimits } from '../operations/store.ts'
import { columns, small, whole } from './columns.ts'
import { type Engine, inReachableBuckets, type Row, type Sql } from './engine/engine.ts'
import { fromJson, jsonRows } from './many-rows.ts'
import { readByKeysOf } from './read-by-keys.ts'
import {
  DELIVERY_COLUMNS,
  deliveryFrom,
  groupByTransaction,
  keyRow,
  sortByKey,
} from './webhook-deliveries.ts'

/** The maximum number of rows of the first query for due deliveries: the longest overdue ones of all endpoints. */
const LOOK_ROW_COUNT = 400
/** The maximum number of endpoints that a claim visits behind a long backlog. */
const VISITED_COUNT_MAX = 256
/** The maximum number of statements of a visit on a distributed database. Each statement asks all nodes. */
const VISIT_STATEMENT_COUNT_MAX = 8
const VISIT_ROW_COUNT = 64
/** The maximum number of endpoints with a separate query in a claim. */
const QUERIED_COUNT_MAX = 64

/** The random numbers of a store's claims, and the endpoint at which the last claim ended. */
export type ClaimState = {
  readonly below: (bound: number) => number
  /** The last endpoint that a claim visited. The next claim continues after it, so that all endpoints get a turn. */
  visitedId: number
}

/**
 * Claims due deliveries by moving their time ahead by the lease: after a crash of the process,
 * its deliveries are due again.
 */
export async function claimWebhookDeliveries(
  engine: Engine,
  { leaseMs, nowMs }: { readonly nowMs: number; readonly leaseMs: number },
  limits: ClaimLimits,
  state: ClaimState,
): Promise<readonly ClaimedDelivery[]> {
  const latestMs = nowMs + limits.waitMsMax
  const rows = await lookFor(engine, { nowMs, latestMs }, limits, state)
  const picks = pickFrom(rows, limits, state.below)
  const due = picks.map((row) => DUE.read(row))
  const groups = groupByTransaction(engine, due, ({ bucket }) => bucket)
  const claimGroups = await Promise.all(
    groups.map((group) => engine.transaction((sql) => claim(engine, sql, group, nowMs + leaseMs))),
  )
  const deliveries = claimGroups
    .flat()
    .sort((a, b) => (a.nextAttemptAtMs ?? 0) - (b.nextAttemptAtMs ?? 0))
  if (deliveries.length === 0) return []
  const bodies = await bodiesOf(engine, deliveries)
  return deliveries.flatMap((delivery) => {
    const bodyJson = bodies.get(delivery.eventId)
    return bodyJson === undefined ? [] : [{ delivery, leasedUntilMs: nowMs + leaseMs, bodyJson }]
  })
}

const RETURN = `update webhook_deliveries set next_attempt_at_ms = $4
  where bucket = $1 and event_id = $2 and endpoint_id = $3
    and status = 'pending' and next_attempt_at_ms = $5`

/** Implements `WebhookDeliveries.returnClaims`. */
export async function returnDeliveryClaims(
  engine: Engine,
  claims: readonly ClaimedDelivery[],
): Promise<void> {
  const rows = sortByKey(claims.map((one) => ({ ...one, ...keyRow(one.delivery) })))
  for (const group of groupByTransaction(engine, rows, ({ bucket }) => bucket)) {
    await engine.transaction(async (sql) => {
      await Promise.all(
        group.map(({ bucket, delivery, endpoint_id, event_id, leasedUntilMs }) =>
          sql.run(RETURN, [
            bucket,
            event_id,
            endpoint_id,
            delivery.nextAttemptAtMs ?? leasedUntilMs,
            leasedUntilMs,
          ]),
        ),
      )
    })
  }
}

const LOOK =
  'select bucket, event_id, endpoint_id, account_id, next_attempt_at_ms from webhook_deliveries'

/**
 * The times between which a row is not due. Only a wrong clock writes a time after `latestMs`, so such a row is treated
 * as due.
 */
type Times = { readonly nowMs: number; readonly latestMs: number }

/**
 * Finds due deliveries, except those of accounts and endpoints at their limits.
 *
 * The first query reads the longest overdue rows of all endpoints. If its result is full, an endpoint with a long
 * backlog could hide the others. Then the claim reads the next waiting endpoints by an index, so the number of rows
 * that are read does not depend on the backlog.
 *
 * The search runs outside a transaction, because most of the time nothing is due.
 */
async function lookFor(
  engine: Engine,
  times: Times,
  limits: ClaimLimits,
  state: ClaimState,
): Promise<readonly Row[]> {
  const first = await lookAtAll(engine, times)
  const usable = first.filter((row) => hasRoom(row, limits))
  const accounts = new Set(usable.map(({ account_id: id }) => id))
  if (first.length < LOOK_ROW_COUNT || accounts.size >= limits.countMax) return usable
  const behind = await lookBehind(engine, times.nowMs, limits, state)
  const rows = new Map([...usable, ...behind].map((row) => [keyTextOf(row), row]))
  return [...rows.values()].sort(
    (a, b) => Number(a.next_attempt_at_ms) - Number(b.next_attempt_at_ms),
  )
}

const keyTextOf = ({ endpoint_id: endpointId, event_id: eventId }: Row): string =>
  `${eventId} ${endpointId}`

function hasRoom(
  { account_id: accountId, endpoint_id: endpointId }: Row,
  { roomOfAccounts, roomOfEndpoints }: ClaimLimits,
): boolean {
  return (
    (roomOfAccounts.get(String(accountId) as AccountId) ?? 1) > 0 &&
    (roomOfEndpoints.get(String(endpointId) as WebhookEndpointId) ?? 1) > 0
  )
}

/** Reads the longest overdue rows. It reads the index of waiting rows twice, as `findDueRows` does. */
function lookAtAll(engine: Engine, { latestMs, nowMs }: Times): Promise<readonly Row[]> {
  const isReachable = inReachableBuckets(engine)
  return engine.read.all(
    `select * from (${LOOK} where next_attempt_at_ms <= $1${isReachable}
       order by next_attempt_at_ms limit ${LOOK_ROW_COUNT}) as due
     union all select * from (${LOOK} where next_attempt_at_ms > $2${isReachable}
       order by next_attempt_at_ms limit ${LOOK_ROW_COUNT}) as misdated
     order by next_attempt_at_ms`,
    [nowMs, latestMs],
  )
}

// A query for some endpoints sorts its rows by the endpoint first, and compares the endpoint by ranges, never by
// equality. Otherwise PostgreSQL could choose the index of times, and walk all waiting rows.
const WAITS = 'next_attempt_at_ms is not null'
const ENDPOINT_ORDER = 'order by endpoint_id, next_attempt_at_ms limit'
/** Selects a column of the earliest waiting row of the first endpoint that meets a condition. */
const nextOf = (column: string, condition: string) =>
  `(select ${column} from webhook_deliveries where ${condition} and ${WAITS}
     ${ENDPOINT_ORDER} 1)`
/** The query that jumps from one endpoint with a waiting row to the next one, in the order of their ids. */
const VISIT = `with recursive visited (endpoint_id, step) as (
    select ${nextOf('endpoint_id', 'endpoint_id > $1')}, 1
    union all
    select ${nextOf('endpoint_id', 'endpoint_id > visited.endpoint_id')}, step + 1 from visited
    where visited.endpoint_id is not null and step < $2)
  select endpoint_id, ${nextOf('account_id', 'endpoint_id >= visited.endpoint_id')} as account_id,
    ${nextOf('next_attempt_at_ms', 'endpoint_id >= visited.endpoint_id')} as next_attempt_at_ms
  from visited where endpoint_id is not null`
async function lookBehind(
  engine: Engine,
  nowMs: number,
  limits: ClaimLimits,
  state: ClaimState,
): Promise<readonly Row[]> {
  const visitedRows = await visitWaiting(engine, state)
  const due = visitedRows.filter(
    (row) => Number(row.next_attempt_at_ms) <= nowMs && hasRoom(row, limits),
  )
  // On a distributed database the visits have already read the rows.
  if (engine.isDistributed) return due
  const endpoints = due.map(({ endpoint_id: id }) => Number(id))
  const queriedEndpoints = endpoints.slice(0, QUERIED_COUNT_MAX)
  if (queriedEndpoints.length < endpoints.length) state.visitedId = queriedEndpoints.at(-1) ?? 0
  return lookAtEach(engine, queriedEndpoints, nowMs, limits)
}

/** Waiting rows of some endpoints, in the order of the endpoints. */
type Visit = {
  readonly rows: readonly Row[]
  /** False: no endpoint after the last one has waiting rows. */
  readonly hasMore: boolean
}

/** Returns the earliest waiting rows of the next endpoints, at least one of each. */
async function visitWaiting(engine: Engine, state: ClaimState): Promise<readonly Row[]> {
  const visitAfter = engine.isDistributed ? visitBySteps : visitByJumps
  const startId = state.visitedId
  const visit = await visitAfter(engine, startId, VISITED_COUNT_MAX)
  state.visitedId = visit.hasMore ? lastIdOf(visit) : 0
  if (startId === 0 || visit.hasMore) return visit.rows
  // No id is left, so the visit continues at the first id, up to the id at which it began.
  const again = await visitAfter(engine, 0, VISITED_COUNT_MAX - countEndpoints(visit.rows))
  const rows = again.rows.filter(({ endpoint_id: id }) => Number(id) <= startId)
  state.visitedId = lastIdOf({ rows })
  return [...visit.rows, ...rows]
}

const lastIdOf = ({ rows }: Pick<Visit, 'rows'>): number => Number(rows.at(-1)?.endpoint_id ?? 0)

const countEndpoints = (rows: readonly Row[]): number =>
  new Set(rows.map(({ endpoint_id: id }) => id)).size

async function visitByJumps({ read }: Engine, startId: number, countMax: number): Promise<Visit> {
  const rows = await read.all(VISIT, [startId, countMax])
  return { rows, hasMore: rows.length === countMax }
}

/**
 * Reads waiting rows by a few statements, because Citus has no recursive queries of distributed tables. Each statement
 * begins after the last endpoint of the previous one, so it skips the rest of a long backlog.
 */
async function visitBySteps(engine: Engine, startId: number, countMax: number): Promise<Visit> {
  const select = `${LOOK} where endpoint_id > $1 and ${WAITS}${inReachableBuckets(engine)} ${ENDPOINT_ORDER} $2`
  const rows: Row[] = []
  for (let step = 0; step < VISIT_STATEMENT_COUNT_MAX; step += 1) {
    const afterId = rows.length === 0 ? startId : lastIdOf({ rows })
    const more = await engine.read.all(select, [afterId, VISIT_ROW_COUNT])
    rows.push(...more)
    if (more.length < VISIT_ROW_COUNT) return { rows, hasMore: false }
    if (countEndpoints(rows) >= countMax) break
  }
  return { rows, hasMore: true }
}

async function lookAtEach(
  engine: Engine,
  endpointIds: readonly number[],
  nowMs: number,
  { countMax }: ClaimLimits,
): Promise<readonly Row[]> {
  if (endpointIds.length === 0) return []
  const isReachable = inReachableBuckets(engine)
  const queries = endpointIds.map(
    (_, index) => `select * from (${LOOK} where ${WAITS}${isReachable}
      and (endpoint_id, next_attempt_at_ms) >= ($${index + 3}, 0)
      and (endpoint_id, next_attempt_at_ms) <= ($${index + 3}, $1) ${ENDPOINT_ORDER} $2) as due`,
  )
  return engine.read.all(queries.join(' union all '), [nowMs, countMax, ...endpointIds])
}

/**
 * Picks deliveries in turns: accounts, then their endpoints, within the limits. Takes each endpoint's oldest delivery,
 * and the others from a random place, so that two servers that query at the same moment claim fewer common rows.
 */
function pickFrom(
  due: readonly Row[],
  { countMax, countPerAccount, countPerEndpoint, roomOfAccounts, roomOfEndpoints }: ClaimLimits,
  below: (bound: number) => number,
): readonly Row[] {
  const accounts = [...Map.groupBy(due, ({ account_id: id }) => id)].map(([accountId, rows]) => {
    const endpoints = [...Map.groupBy(rows, ({ endpoint_id: id }) => id)].map(([id, waiting]) =>
      waiting.slice(0, roomOfEndpoints.get(String(id) as WebhookEndpointId) ?? countPerEndpoint),
    )
    const room = roomOfAccounts.get(String(accountId) as AccountId) ?? countPerAccount
    const parts = shareInTurns(
      room,
      endpoints.map(({ length }) => length),
    )
    return endpoints.map((waiting, endpoint) => waiting.slice(0, parts[endpoint]))
  })
  const shares = shareInTurns(
    countMax,
    accounts.map((endpoints) => endpoints.flat().length),
  )
  return takeTurns(
    accounts.map((endpoints, account) => {
      const parts = shareInTurns(
        shares[account] ?? 0,
        endpoints.map(({ length }) => length),
      )
      return takeTurns(
        endpoints.map((rows, endpoint) => fromRandomPlace(rows, parts[endpoint] ?? 0, below)),
      )
    }),
  )
}

/** Divides a total into shares: in each turn every wish gets 1, until the total is used up or all wishes are met. */
function shareInTurns(total: number, wishes: readonly number[]): readonly number[] {
  const shares = wishes.map(() => 0)
  let rest = Math.min(
    total,
    wishes.reduce((sum, wish) => sum + Math.max(0, wish), 0),
  )
  while (rest > 0) {
    for (const [index, wish] of wishes.entries()) {
      const share = shares[index] ?? 0
      if (rest === 0 || share >= wish) continue
      shares[index] = share + 1
      rest -= 1
    }
  }
  return shares
}

/** Returns `count` rows: the first one, and others from a random place. */
function fromRandomPlace(
  rows: readonly Row[],
  count: number,
  below: (bound: number) => number,
): readonly Row[] {
  if (rows.length <= count) return rows
  if (count === 0) return []
  const start = 1 + below(rows.length - count + 1)
  return [...rows.slice(0, 1), ...rows.slice(start, start + count - 1)]
}

/** Returns the first row of each list, then the second of each, and so on. */
function takeTurns(lists: readonly (readonly Row[])[]): readonly Row[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, turn) =>
    lists.flatMap((list) => list.slice(turn, turn + 1)),
  ).flat()
}

type DueRow = Readonly<Record<'bucket' | 'event_id' | 'endpoint_id' | 'next_attempt_at_ms', number>>

const DUE = columns<DueRow>()({
  bucket: small(({ bucket }) => bucket),
  event_id: whole(({ event_id }) => event_id),
  endpoint_id: whole(({ endpoint_id }) => endpoint_id),
  next_attempt_at_ms: whole(({ next_attempt_at_ms }) => next_attempt_at_ms),
})

/** A row whose time has changed since the query belongs to another server, or waits for its retry. */
const CLAIM = `update webhook_deliveries set next_attempt_at_ms = $5
  where bucket = $1 and event_id = $2 and endpoint_id = $3 and next_attempt_at_ms = $4
  returning ${DELIVERY_COLUMNS}`

/** Claims many rows in one statement, and skips those that another transaction has locked. */
const claimMany = ({ skipLocked }: Engine) => `with due as (
    select d.bucket, d.event_id, d.endpoint_id from ${fromJson(DUE)} join webhook_deliveries d
      on d.bucket = v.bucket and d.event_id = v.event_id and d.endpoint_id = v.endpoint_id
        and d.next_attempt_at_ms = v.next_attempt_at_ms${skipLocked})
  update webhook_deliveries set next_attempt_at_ms = $2 from due
  where webhook_deliveries.bucket = due.bucket and webhook_deliveries.event_id = due.event_id
    and webhook_deliveries.endpoint_id = due.endpoint_id
  returning webhook_deliveries.*`

/** Returns the deliveries as they were before the claim. */
async function claim(
  engine: Engine,
  sql: Sql,
  rows: readonly DueRow[],
  leasedUntilMs: number,
): Promise<readonly WebhookDelivery[]> {
  const due = sortByKey(rows)
  const claimedRows =
    engine.prefersManyRowStatements && !engine.isDistributed
      ? await sql.all(claimMany(engine), [jsonRows(DUE, due), leasedUntilMs])
      : (
          await Promise.all(due.map((row) => sql.all(CLAIM, [...DUE.values(row), leasedUntilMs])))
        ).flat()
  const timeOf = new Map(
    due.map((row) => [`${row.event_id} ${row.endpoint_id}`, row.next_attempt_at_ms]),
  )
  return claimedRows.map((row) =>
    deliveryFrom({
      ...row,
      next_attempt_at_ms: timeOf.get(`${row.event_id} ${row.endpoint_id}`) ?? leasedUntilMs,
    }),
  )
}

const readBodies = readByKeysOf({
  name: 'webhook_events',
  columns: 't.id, t.body_json',
  key: 'id',
})

async function bodiesOf(
  engine: Engine,
  deliveries: readonly WebhookDelivery[],
): Promise<ReadonlyMap<WebhookEventId, string>> {
  const rows = await readBodies(engine, [...new Set(deliveries.map(({ eventId }) => eventId))])
  return new Map(
    rows.flat().map((row) => [String(row.id) as WebhookEventId, row.body_json as string]),
  )
}
