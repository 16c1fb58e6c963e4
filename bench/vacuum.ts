/**
 * The benchmark `vacuum`: two PostgreSQL servers with the same rows and the same churn, one with the defaults of
 * autovacuum and one with the advised settings. A round is a day: new rows, their changes, and a prune of as many old
 * ones.
 */
import { join } from 'node:path'
import { BUCKET_COUNT } from '../src/domain/id.ts'
import type { ClaimLimits } from '../src/operations/store.ts'
import { openEngine } from '../src/server/core.ts'
import { createRandom } from '../src/server/random.ts'
import type { Engine } from '../src/store/engine/engine.ts'
import { createStore } from '../src/store/store.ts'
import {
  initializeServer,
  makeClusterPlace,
  startServer,
} from '../test/support/postgres-cluster.ts'
import { cpuMillisecondsOf, startCpuMeter } from './cpu.ts'
import type { Lifetime } from './lifetime.ts'
import { cpuClock } from './lists.ts'
import {
  type FillFacts,
  fillLists,
  fillRows,
  idTimeOf,
  openFiller,
  type Parts,
  ROW_MS,
} from './lists-rows.ts'
import type { Load, LoadResult } from './load.ts'
import type { Options } from './options.ts'
import { type Paydesk, startPaydesk } from './paydesk.ts'
import { type EngineName, makeFolder, makePlaceOn, type Place } from './places.ts'
import type { Report } from './report.ts'
import { medianOf } from './rounds.ts'
import { bytesOf, CREATE_REQUEST } from './sample.ts'
import { startWorker } from './worker.ts'

/** The tables with churn. Each has as many rows as the others. */
const TABLES = ['payment_sessions', 'webhook_events', 'webhook_deliveries'] as const
const PARTS: Parts = new Map(TABLES.map((table) => [table, 1]))
/** The setting that the guide of retention advises for each of these tables. */
const ADVICE = 'autovacuum_vacuum_scale_factor = 0.02'
/** A round is a day of churn in some seconds, so autovacuum looks at the tables every second instead of every minute. */
const SERVER_SETTINGS = ['autovacuum_naptime=1s']
/** The rows of a round, as a part of all. */
const ROUND_PART = 0.1
/** The number of measurements of creates and claims after the rounds. The report has their medians. */
const MEASUREMENT_COUNT = 5
const CALL_COUNT = 50

type ChurnedServer = {
  readonly name: string
  readonly place: Place
  readonly engine: Engine
  readonly facts: FillFacts
  /** The largest number of dead rows after a round, all tables together. */
  deadCountMax: number
  /** CPU time of the database in the rounds, in milliseconds. */
  churnMs: number
}

export async function measureVacuum(
  lifetime: Lifetime,
  _engine: EngineName,
  { roundCount, rowCount, seconds }: Options,
): Promise<Report> {
  const all: ChurnedServer[] = []
  for (const name of ['defaults', ADVICE]) all.push(await fillServer(lifetime, name, rowCount))
  const roundRowCount = Math.round(rowCount * ROUND_PART)
  const beforeRows = await Promise.all(all.map(({ engine }) => sizesOf(engine)))
  for (let round = 0; round < roundCount; round += 1) {
    for (const one of all) await churn(one, round * roundRowCount, roundRowCount)
  }
  const afterRows = await Promise.all(all.map(({ engine }) => sizesOf(engine)))
  const costs = await measureCosts(lifetime, all, seconds)
  const row = (name: string, cellOf: (index: number) => string) => [
    name,
    ...all.map((_, index) => cellOf(index)),
  ]
  const sizeRows = (['table', 'index'] as const).flatMap((part) =>
    TABLES.map((table) =>
      row(
        `${table}, ${part} MB before and after`,
        (index) =>
          `${megabytes(beforeRows[index]?.get(table)?.[part])} → ${megabytes(afterRows[index]?.get(table)?.[part])}`,
      ),
    ),
  )
  const whole = (value: number | undefined) =>
    Math.round(value ?? Number.NaN).toLocaleString('en-US')
  const runsOf = (index: number) =>
    [...(afterRows[index]?.values() ?? [])].reduce((sum, { runCount }) => sum + runCount, 0)
  return {
    title: `vacuum on postgres: ${whole(rowCount)} rows in each of ${TABLES.length} tables, ${roundCount} rounds that replace a tenth`,
    table: [
      ['', ...all.map(({ name }) => name)],
      ...sizeRows,
      row('most dead rows after a round', (index) => whole(all[index]?.deadCountMax)),
      row('runs of autovacuum', (index) => whole(runsOf(index))),
      row('CPU s of the database in the rounds', (index) =>
        ((all[index]?.churnMs ?? 0) / 1_000).toFixed(1),
      ),
      row('CPU µs of a create, server and database', (index) => whole(costs[index]?.createMicros)),
      row('CPU µs of a claim of due deliveries', (index) => whole(costs[index]?.claimMicros)),
    ],
    goals: [],
  }
}

const megabytes = (bytes: number | undefined) => ((bytes ?? Number.NaN) / 1e6).toFixed(0)

/** Starts and fills a server. The advised setting is made after the fill, as an operator would make it. */
async function fillServer(
  lifetime: Lifetime,
  name: string,
  rowCount: number,
): Promise<ChurnedServer> {
  const cluster = makeClusterPlace(await makeFolder(lifetime))
  const data = join(cluster.folder, 'data')
  initializeServer(cluster, data)
  const { pid, url } = await lifetime.keep(
    startServer(cluster, data, true, SERVER_SETTINGS),
    ({ stop }) => stop(),
  )
  const place = await makePlaceOn({ databaseUrl: url }, 'live', pid)
  const { facts } = await fillLists(place, rowCount, PARTS)
  const engine = await lifetime.keep(openEngine(place.settings), ({ close }) => close())
  if (name === ADVICE) {
    for (const table of TABLES)
      await engine.migrate((sql) => sql.script(`alter table ${table} set (${ADVICE})`))
  }
  return { name, place, engine, facts, deadCountMax: 0, churnMs: 0 }
}

/** Adds the rows of a round, changes each twice as a payment and a delivery do, and prunes as many old rows. */
async function churn(one: ChurnedServer, doneCount: number, count: number): Promise<void> {
  const { engine, facts, place } = one
  const { databasePid = 0 } = place
  const fromMs = cpuMillisecondsOf(databasePid)
  const filler = await openFiller(place.settings.database)
  const first = facts.rowCount + doneCount + 1
  await fillRows(filler, facts, PARTS, { first, last: first + count - 1 })
  const newFromMs = facts.firstMs + first * ROW_MS
  for (const text of [
    `update webhook_deliveries set status = 'pending', next_attempt_at_ms = created_at_ms
     where created_at_ms >= $1 and status = 'delivered'`,
    `update webhook_deliveries set status = 'delivered', next_attempt_at_ms = null, attempt_count = 2
     where created_at_ms >= $1 and status = 'pending'`,
    'update payment_sessions set attempt_count = 2 where created_at_ms >= $1',
    'update payment_sessions set attempt_count = 3 where created_at_ms >= $1',
  ]) {
    await filler.run(text, [newFromMs])
  }
  await filler.disconnect()
  await pruneRows(engine, facts, doneCount + count)
  one.churnMs += cpuMillisecondsOf(databasePid) - fromMs
  const dead = [...(await sizesOf(engine)).values()].reduce(
    (sum, { deadCount }) => sum + deadCount,
    0,
  )
  one.deadCountMax = Math.max(one.deadCountMax, dead)
}

/** Deletes the events and the unpaid sessions among the oldest rows, like `paydesk prune`. */
async function pruneRows(engine: Engine, facts: FillFacts, rowCount: number): Promise<void> {
  const { oldRows } = createStore(engine, createRandom())
  const beforeMs = idTimeOf(facts, rowCount)
  for (const kind of ['unpaid_sessions', 'events'] as const) {
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket += 1) {
      for (let after: number | undefined = 0; after !== undefined; ) {
        after = (await oldRows.delete({ kind, bucket, beforeMs, after })).nextAfter
      }
    }
  }
}

type TableState = {
  /** Bytes, with the free space in the table. */
  readonly table: number
  /** Bytes of all indexes. */
  readonly index: number
  readonly deadCount: number
  /** The runs of autovacuum. */
  readonly runCount: number
}

async function sizesOf(engine: Engine): Promise<ReadonlyMap<string, TableState>> {
  const rows = await engine.read.all(
    `select relname as name, pg_table_size(relid) as table_bytes, pg_indexes_size(relid) as index_bytes,
       n_dead_tup as dead_count, autovacuum_count as run_count
     from pg_stat_user_tables where relname in (${TABLES.map((table) => `'${table}'`).join(', ')})`,
    [],
  )
  return new Map(
    rows.map((row) => [
      String(row.name),
      {
        table: Number(row.table_bytes),
        index: Number(row.index_bytes),
        deadCount: Number(row.dead_count),
        runCount: Number(row.run_count),
      },
    ]),
  )
}

/** CPU time after the rounds, in microseconds. */
type Costs = { readonly createMicros: number; readonly claimMicros: number }

async function measureCosts(
  lifetime: Lifetime,
  all: readonly ChurnedServer[],
  seconds: number,
): Promise<readonly Costs[]> {
  const load = await startWorker<Load, LoadResult>(lifetime, 'load.ts')
  const servers: { paydesk: Paydesk; cpuMs: () => number; creates: number[]; claims: number[] }[] =
    []
  for (const { engine, place } of all) {
    const cpuMs = await cpuClock(engine, place)
    servers.push({ paydesk: await startPaydesk(lifetime, place), cpuMs, creates: [], claims: [] })
  }
  // The first round warms up and does not count.
  for (let round = 0; round <= MEASUREMENT_COUNT; round += 1) {
    for (const [index, { claims, cpuMs, creates, paydesk }] of servers.entries()) {
      const { engine, place } = all[index] as ChurnedServer
      const costOf = startCpuMeter({ serverPid: paydesk.pid, databasePid: place.databasePid })
      const port = await paydesk.listening
      const { answerCount } = await load.ask({
        port,
        requests: [bytesOf(CREATE_REQUEST)],
        status: 201,
        seconds,
      })
      const { cpuMicros, databaseCpuMicros = 0 } = costOf(answerCount)
      const { webhookDeliveries } = createStore(engine, createRandom())
      const beforeMs = cpuMs()
      for (let count = 0; count < CALL_COUNT; count += 1) {
        await webhookDeliveries.claim(Date.now(), 1_000, CLAIM_LIMITS)
      }
      if (round === 0) continue
      creates.push(cpuMicros + databaseCpuMicros)
      claims.push(((cpuMs() - beforeMs) * 1_000) / CALL_COUNT)
    }
  }
  for (const { paydesk } of servers) await paydesk.stop()
  return servers.map(({ claims, creates }) => ({
    createMicros: medianOf(creates),
    claimMicros: medianOf(claims),
  }))
}

const CLAIM_LIMITS: ClaimLimits = {
  waitMsMax: 3_600_000,
  countMax: 64,
  countPerAccount: 64,
  countPerEndpoint: 16,
  roomOfAccounts: new Map(),
  roomOfEndpoints: new Map(),
}
