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
  keysOf,
  keyValues,
  SELECT_DELIVERY,
} from './webhook-deliveries.ts'

/** The most due deliveries of one query. */
const LOOK_ROW_COUNT = 256
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
  const taken = pickFrom(due, limits, below)
  const groups = changeableTogether(engine, taken)
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
    return bodyJson === undefined ? [] : [{ delivery, bodyJson }]
  })
}

const LOOK =
  'select bucket, event_id, endpoint_id, account_id, next_attempt_at_ms from webhook_deliveries'

/** A row is due when its time is at most `nowMs`, or later than `latestMs`: only a wrong clock can have written that. */
type Times = { readonly nowMs: number; readonly latestMs: number }

/**
 * Finds due deliveries, the most overdue first, without accounts and endpoints at their limits. If a query is
 * full, others can wait behind the accounts that fill it: the next query excludes these.
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
    // Two walks of the index of waiting rows, as in `claimDue`.
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
 * Picks deliveries in turns: accounts, then their endpoints, the oldest first, within the limits.
 * After the first of each account, two servers that query at the same moment start at different places,
 * so that they claim fewer rows in common.
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
    return inTurns(endpoints).slice(0, room)
  })
  const turns = inTurns(accounts)
  const firsts = turns.slice(0, Math.min(accounts.length, countMax))
  const left = countMax - firsts.length
  const others = turns.slice(firsts.length)
  const start = others.length > left ? below(others.length - left + 1) : 0
  return [...firsts, ...others.slice(start, start + left)]
}

/** The first of each list, then the second of each, and so on. */
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
  const held = await sql.all(
    `${SELECT_DELIVERY} from webhook_deliveries d
     where (d.next_attempt_at_ms <= $1 or d.next_attempt_at_ms > $2)
       and (${keysOf(rows, 'd', 3)})${engine.skipLocked}`,
    [nowMs, latestMs, ...keyValues(rows)],
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
