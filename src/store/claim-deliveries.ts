import {
  type AccountId,
  bucketOf,
  type WebhookEndpointId,
  type WebhookEventId,
} from '../domain/id.ts'
import type { WebhookDelivery } from '../domain/webhook-delivery.ts'
import type { ClaimedDelivery, ClaimLimits } from '../operations/store.ts'
import type { Engine, Row, Sql, SqlValue } from './engine/engine.ts'
import {
  changeableTogether,
  deliveryFrom,
  keyRow,
  keysOf,
  keyValues,
  SELECT_DELIVERY,
} from './webhook-deliveries.ts'

/** The most rows of one query for due deliveries. */
const LOOK_ROW_COUNT = 400
/** The most queries of one claim; each excludes the accounts of the earlier ones. */
const LOOK_COUNT_MAX = 4

/**
 * Claims due deliveries by moving their time ahead by the lease: after a crash of the process,
 * its deliveries are due again.
 */
export async function claimWebhookDeliveries(
  engine: Engine,
  { leaseMs, nowMs }: { readonly nowMs: number; readonly leaseMs: number },
  limits: ClaimLimits,
  below: (bound: number) => number,
): Promise<readonly ClaimedDelivery[]> {
  const latestMs = nowMs + limits.waitMsMax
  const due = await lookFor(engine.read, { nowMs, latestMs }, limits)
  const picks = pickFrom(due, limits, below)
  const groups = changeableTogether(engine, picks)
  const claimed = await Promise.all(
    groups.map((group) =>
      engine.transaction((sql) => claim(engine, sql, group, { nowMs, latestMs, leaseMs })),
    ),
  )
  const deliveries = claimed
    .flat()
    .sort((a, b) => (a.nextAttemptAtMs ?? 0) - (b.nextAttemptAtMs ?? 0))
  if (deliveries.length === 0) return []
  const bodies = await bodiesOf(engine.read, deliveries)
  return deliveries.flatMap((delivery) => {
    const bodyJson = bodies.get(delivery.eventId)
    return bodyJson === undefined ? [] : [{ delivery, leasedUntilMs: nowMs + leaseMs, bodyJson }]
  })
}

const RETURN = `update webhook_deliveries set next_attempt_at_ms = $4
  where bucket = $1 and event_id = $2 and endpoint_id = $3
    and status = 'pending' and next_attempt_at_ms = $5`

/** Ends leases, as `WebhookDeliveries.returnClaims` says. */
export async function returnDeliveryClaims(
  engine: Engine,
  claimed: readonly ClaimedDelivery[],
): Promise<void> {
  const rows = claimed
    .map((one) => ({ ...one, ...keyRow(one.delivery) }))
    // In the order in which attempts are recorded, so that the two transactions never deadlock.
    .sort((a, b) => a.bucket - b.bucket || a.event_id - b.event_id || a.endpoint_id - b.endpoint_id)
  const groups = engine.isDistributed
    ? [...Map.groupBy(rows, ({ bucket }) => bucket).values()]
    : [rows]
  for (const group of groups) {
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
 * Finds due deliveries, the most overdue first, except those of accounts and endpoints at their limits. If a query is
 * full, the next one excludes its accounts, so that other accounts are found too.
 *
 * It runs outside a transaction, because most of the time nothing is due.
 */
async function lookFor(
  sql: Sql,
  { latestMs, nowMs }: Times,
  { countMax, roomOfAccounts, roomOfEndpoints }: ClaimLimits,
): Promise<readonly Row[]> {
  const endpoints = withoutRoom(roomOfEndpoints)
  const accounts = new Set<SqlValue | undefined>(withoutRoom(roomOfAccounts))
  const seen = new Set<SqlValue | undefined>()
  const due: Row[] = []
  for (let count = 0; count < LOOK_COUNT_MAX && seen.size < countMax; count += 1) {
    const others = [...accounts, ...seen] as SqlValue[]
    const isWanted = `${notIn('endpoint_id', endpoints, 4)} ${notIn('account_id', others, 4 + endpoints.length)}`
    // Two reads of the index of waiting rows, as in `claimDue`.
    const rows = await sql.all(
      `select * from (${LOOK} where next_attempt_at_ms <= $1 ${isWanted}
         order by next_attempt_at_ms limit $3) as due
       union all select * from (${LOOK} where next_attempt_at_ms > $2 ${isWanted}
         order by next_attempt_at_ms limit $3) as misdated
       order by next_attempt_at_ms`,
      [nowMs, latestMs, LOOK_ROW_COUNT, ...endpoints, ...others],
    )
    due.push(...rows)
    if (rows.length < LOOK_ROW_COUNT) break
    for (const { account_id: id } of rows) seen.add(id)
  }
  return due
}

const withoutRoom = (rooms: ReadonlyMap<string, number>): readonly SqlValue[] =>
  [...rooms].filter(([, room]) => room <= 0).map(([id]) => Number(id))

function notIn(column: string, values: readonly SqlValue[], first: number): string {
  if (values.length === 0) return ''
  return `and ${column} not in (${values.map((_, index) => `$${first + index}`).join(', ')})`
}

/**
 * Picks deliveries in turns: accounts, then their endpoints, within the limits.
 *
 * It takes each endpoint's oldest delivery, and the others from a random place, so that two servers that query at the
 * same moment claim fewer common rows.
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
  return inTurns(
    accounts.map((endpoints, account) => {
      const parts = shareInTurns(
        shares[account] ?? 0,
        endpoints.map(({ length }) => length),
      )
      return inTurns(
        endpoints.map((rows, endpoint) => fromRandomPlace(rows, parts[endpoint] ?? 0, below)),
      )
    }),
  )
}

/** Divides a total into shares: each wish gets one in turn, until the total is used up or all wishes are met. */
function shareInTurns(total: number, wishes: readonly number[]): readonly number[] {
  const shares = wishes.map(() => 0)
  let left = Math.min(
    total,
    wishes.reduce((sum, wish) => sum + Math.max(0, wish), 0),
  )
  while (left > 0) {
    for (const [index, wish] of wishes.entries()) {
      const share = shares[index] ?? 0
      if (left === 0 || share >= wish) continue
      shares[index] = share + 1
      left -= 1
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
function inTurns(lists: readonly (readonly Row[])[]): readonly Row[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, turn) =>
    lists.flatMap((list) => list.slice(turn, turn + 1)),
  ).flat()
}

async function claim(
  engine: Engine,
  sql: Sql,
  rows: readonly Row[],
  { latestMs, leaseMs, nowMs }: Times & { readonly leaseMs: number },
): Promise<readonly WebhookDelivery[]> {
  const lockedRows = await sql.all(
    `${SELECT_DELIVERY} from webhook_deliveries d
     where (d.next_attempt_at_ms <= $1 or d.next_attempt_at_ms > $2)
       and (${keysOf(rows, 'd', 3)})${engine.skipLocked}`,
    [nowMs, latestMs, ...keyValues(rows)],
  )
  if (lockedRows.length === 0) return []
  await sql.run(
    `update webhook_deliveries set next_attempt_at_ms = $1
     where ${keysOf(lockedRows, 'webhook_deliveries', 2)}`,
    [nowMs + leaseMs, ...keyValues(lockedRows)],
  )
  return lockedRows.map(deliveryFrom)
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
