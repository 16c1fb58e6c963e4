import type { AccountId, WebhookEndpointId, WebhookEventId } from '../domain/id.ts'
import type { WebhookDelivery } from '../domain/webhook-delivery.ts'
import type { ClaimedDelivery, ClaimLimits } from '../operations/store.ts'
import { columns, small, whole } from './columns.ts'
import type { Engine, Row, Sql, SqlValue } from './engine/engine.ts'
import { fromJson, jsonRows } from './many-rows.ts'
import { readByKeysOf } from './read-by-keys.ts'
import {
  changeableTogether,
  DELIVERY_COLUMNS,
  deliveryFrom,
  inKeyOrder,
  keyRow,
} from './webhook-deliveries.ts'

/** The most rows of one query for due deliveries. */
const LOOK_ROW_COUNT = 400
/** The most queries of one claim; each excludes the accounts of the earlier ones. */
const LOOK_COUNT_MAX = 4

/**
 * The pause after a query for other accounts that found no row, in milliseconds. Such a query reads the whole backlog.
 */
const OTHERS_PAUSE_MS = 250

/** The random numbers of a store's claims, and the facts that it keeps between two claims. */
export type ClaimState = {
  readonly below: (bound: number) => number
  /** The number of times that this process announced due deliveries. */
  announcedCount: number
  /** The last query for other accounts, if it found no row. */
  noOthers: NoOthers | undefined
}

/** A query that found no row except those of the excluded accounts and endpoints. */
type NoOthers = {
  readonly atMs: number
  /** The count of announcements before the query. */
  readonly announcedCount: number
  readonly accounts: readonly SqlValue[]
  readonly endpoints: readonly SqlValue[]
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
  const due = await lookFor(engine.read, { nowMs, latestMs }, limits, state)
  const picks = pickFrom(due, limits, state.below)
  const groups = changeableTogether(engine, picks)
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

/** Ends leases, as `WebhookDeliveries.returnClaims` says. */
export async function returnDeliveryClaims(
  engine: Engine,
  claims: readonly ClaimedDelivery[],
): Promise<void> {
  const rows = inKeyOrder(claims.map((one) => ({ ...one, ...keyRow(one.delivery) })))
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
  state: ClaimState,
): Promise<readonly Row[]> {
  const endpoints = withoutRoom(roomOfEndpoints)
  const accountsWithoutRoom = withoutRoom(roomOfAccounts)
  const accountIds = new Set<SqlValue | undefined>()
  const due: Row[] = []
  for (let count = 0; count < LOOK_COUNT_MAX && accountIds.size < countMax; count += 1) {
    const accounts = [...accountsWithoutRoom, ...accountIds] as SqlValue[]
    const query = { atMs: nowMs, announcedCount: state.announcedCount, accounts, endpoints }
    if (count > 0 && findsNoOthers(state.noOthers, query, due)) break
    const isWanted = `${notIn('endpoint_id', endpoints, 4)} ${notIn('account_id', accounts, 4 + endpoints.length)}`
    // Two reads of the index of waiting rows, as in `claimDue`.
    const rows = await sql.all(
      `select * from (${LOOK} where next_attempt_at_ms <= $1 ${isWanted}
         order by next_attempt_at_ms limit $3) as due
       union all select * from (${LOOK} where next_attempt_at_ms > $2 ${isWanted}
         order by next_attempt_at_ms limit $3) as misdated
       order by next_attempt_at_ms`,
      [nowMs, latestMs, LOOK_ROW_COUNT, ...endpoints, ...accounts],
    )
    due.push(...rows)
    if (count > 0) state.noOthers = rows.length === 0 ? query : undefined
    if (rows.length < LOOK_ROW_COUNT) break
    for (const { account_id: id } of rows) accountIds.add(id)
  }
  return due
}

/**
 * Returns true if a query for other accounts can be skipped, because the last one found nothing. It must be recent, this
 * process must have announced nothing since then, and the query must exclude all that the last one excluded: by
 * itself, or by the accounts of the rows in `due`. A clock that was set back ends the pause.
 */
function findsNoOthers(last: NoOthers | undefined, query: NoOthers, due: readonly Row[]): boolean {
  if (last === undefined || last.announcedCount !== query.announcedCount) return false
  if (query.atMs < last.atMs || query.atMs >= last.atMs + OTHERS_PAUSE_MS) return false
  const accounts = new Set(query.accounts)
  const endpoints = new Set<SqlValue | undefined>(query.endpoints)
  for (const { endpoint_id: id } of due) endpoints.add(id)
  return (
    last.accounts.every((id) => accounts.has(id)) && last.endpoints.every((id) => endpoints.has(id))
  )
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
function inTurns(lists: readonly (readonly Row[])[]): readonly Row[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, turn) =>
    lists.flatMap((list) => list.slice(turn, turn + 1)),
  ).flat()
}

/** A due row, as the query read it. */
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

/** Claims rows. Returns their deliveries as they were before. */
async function claim(
  engine: Engine,
  sql: Sql,
  rows: readonly Row[],
  leasedUntilMs: number,
): Promise<readonly WebhookDelivery[]> {
  const due = inKeyOrder(rows.map((row) => DUE.read(row)))
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
