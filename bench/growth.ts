/**
 * The benchmark `growth`: the same requests and the same due work on a small and a large database, in turns, so that other
 * load on the machine affects both.
 */
import type { AccountId, WebhookEndpointId } from '../src/domain/id.ts'
import type { ClaimLimits, Store } from '../src/operations/store.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { openCore, openEngine } from '../src/server/core.ts'
import { createRandom } from '../src/server/random.ts'
import { createStore } from '../src/store/store.ts'
import { startCpuMeter } from './cpu.ts'
import { type FilledPlace, openFilledPlace } from './filled-places.ts'
import type { Lifetime } from './lifetime.ts'
import { cpuClock } from './lists.ts'
import { openFiller, type Parts, ROW_MS } from './lists-rows.ts'
import type { OpenLoad, OpenLoadResult } from './open-load.ts'
import type { Options } from './options.ts'
import { type Paydesk, startPaydesk } from './paydesk.ts'
import type { EngineName } from './places.ts'
import type { Goal, Report } from './report.ts'
import { medianOf } from './rounds.ts'
import { bytesOf, CREATE_REQUEST, retrieveRequest } from './sample.ts'
import { paydeskStart } from './start.ts'
import { startWorker, type Worker } from './worker.ts'

const SMALL_ROW_COUNT = 10_000
/** The rows of each table, as parts of the number of sessions. The payments belong to the oldest sessions. */
const PARTS: Parts = new Map([
  ['payment_sessions', 1],
  ['payment_attempts', 0.3],
  ['webhook_events', 1],
  ['webhook_deliveries', 1],
])
/** The largest p99 on the large database, as a multiple of that on the small one. */
const RATIO_MAX = 1.2
/** The retrieved sessions are spread over the whole table. */
const RETRIEVED_COUNT = 1_000
const CONNECTION_COUNT = 8
/** The number of times that a server is started on each database. */
const START_COUNT = 3
/** The part of all deliveries that makes a backlog. */
const BACKLOG_PART = 0.1
/** The number of calls in one measurement of due work. */
const CALL_COUNT = 20

type Size = FilledPlace & {
  readonly name: string
  readonly rowCount: number
}

/** A kind of request. `perSecond` leaves most of the CPU free, so that a latency includes no wait in a queue. */
type Kind = {
  readonly name: string
  readonly status: number
  readonly perSecond: number
  readonly requestsOf: (size: Size, ids: RequestIds) => readonly string[]
}

type RequestIds = { readonly sessionIds: readonly string[]; readonly endpointId: string }

const list = (name: string, pathOf: (ids: RequestIds) => string): Kind => ({
  name,
  status: 200,
  perSecond: 50,
  requestsOf: (_, ids) => {
    const path = `/api/v1${pathOf(ids)}account_id=${SANDBOX_VALUES.accountId}`
    return [bytesOf({ method: 'GET', path })]
  },
})

const KINDS: readonly Kind[] = [
  {
    name: 'create a session',
    status: 201,
    perSecond: 200,
    requestsOf: () => [bytesOf(CREATE_REQUEST)],
  },
  {
    name: 'retrieve a session',
    status: 200,
    perSecond: 200,
    requestsOf: (_, { sessionIds }) => sessionIds.map((id) => bytesOf(retrieveRequest(id))),
  },
  list('sessions, first page', () => '/paymentsessions?'),
  list('sessions with a rare status', () => '/paymentsessions?status=canceled&'),
  list('sessions with a frequent status', () => '/paymentsessions?status=succeeded&'),
  list('payments, first page', () => '/payments?'),
  list('payments with a rare method', () => '/payments?payment_method_type=net_banking&'),
  list('payments with a status', () => '/payments?status=failed&'),
  list('events of a type', () => '/events?event_type=payment.failed&'),
  list('deliveries of an endpoint', ({ endpointId }) => `/webhooks/${endpointId}/deliveries?`),
]

/** The figures of one kind of request or work on one size, one for each round. */
type Figures = { readonly p99Ms: number[]; readonly cpuMicros: number[] }

export async function measureGrowth(
  lifetime: Lifetime,
  engineName: EngineName,
  options: Options,
): Promise<Report> {
  const { roundCount, rowCount, seconds } = options
  const sizes: Size[] = []
  for (const count of [SMALL_ROW_COUNT, rowCount]) {
    // The requests of a run add rows, which would change a small database that is kept.
    const folder = count === SMALL_ROW_COUNT ? undefined : options.folder
    const filling = { folder, parts: PARTS, rowCount: count }
    const place = await openFilledPlace(lifetime, engineName, filling)
    sizes.push({ ...place, name: count.toLocaleString('en-US'), rowCount: count })
  }
  const rows = [
    ...(await measureStarts(lifetime, sizes)),
    ...(await measureRequests(lifetime, sizes, { roundCount, seconds })),
    ...(await measureDueWork(lifetime, sizes, roundCount)),
  ]
  const [small, large] = sizes.map(({ name }) => name)
  return {
    title: `growth on ${engineName}: ${small} and ${large} sessions of one account, ${roundCount} rounds`,
    table: [
      ['', `p99 ms at ${small}`, `at ${large}`, 'ratio', 'CPU µs', `CPU µs at ${large}`, 'ratio'],
      ...rows.map(cellsOf),
    ],
    goals: rows.map((row) => goalOf(engineName, row)),
  }
}

type Compared = { readonly name: string; readonly sizes: readonly [Figures, Figures] }

const noFigures = (): Figures => ({ p99Ms: [], cpuMicros: [] })

function newComparison(name: string): Compared {
  return { name, sizes: [noFigures(), noFigures()] }
}

function ratioOf({ sizes: [small, large] }: Compared, figure: keyof Figures): number {
  return medianOf(large[figure]) / medianOf(small[figure])
}

function cellsOf(row: Compared): readonly string[] {
  const [small, large] = row.sizes
  return [
    row.name,
    medianOf(small.p99Ms).toFixed(2),
    medianOf(large.p99Ms).toFixed(2),
    ratioOf(row, 'p99Ms').toFixed(2),
    medianOf(small.cpuMicros).toFixed(0),
    medianOf(large.cpuMicros).toFixed(0),
    ratioOf(row, 'cpuMicros').toFixed(2),
  ]
}

function goalOf(engineName: EngineName, row: Compared): Goal {
  const ratio = ratioOf(row, 'p99Ms')
  return {
    measured: `growth ${engineName}, ${row.name}: ${ratio.toFixed(2)} times the p99 of the small database`,
    limit: `at most ${RATIO_MAX}`,
    isMet: ratio <= RATIO_MAX,
  }
}

/** Measures starts up to the first answer. They are too few for a p99, so the report has their median in its place. */
async function measureStarts(
  lifetime: Lifetime,
  sizes: readonly Size[],
): Promise<readonly Compared[]> {
  const row = newComparison('start to the first answer')
  for (let round = 0; round < START_COUNT; round += 1) {
    for (const [index, { place }] of sizes.entries()) {
      const start = await paydeskStart(lifetime, place)
      row.sizes[index]?.p99Ms.push(start.milliseconds)
      row.sizes[index]?.cpuMicros.push(start.cpuMilliseconds * 1_000)
    }
  }
  return [row]
}

async function measureRequests(
  lifetime: Lifetime,
  sizes: readonly Size[],
  { roundCount, seconds }: Pick<Options, 'roundCount' | 'seconds'>,
): Promise<readonly Compared[]> {
  const servers: { paydesk: Paydesk; ids: RequestIds; size: Size }[] = []
  for (const size of sizes) {
    const ids = await requestIdsOf(size)
    servers.push({ paydesk: await startPaydesk(lifetime, size.place), ids, size })
  }
  const load = await startWorker<OpenLoad, OpenLoadResult>(lifetime, 'open-load.ts')
  const rows = KINDS.map((kind) => ({ kind, row: newComparison(kind.name) }))
  // The first round warms up and does not count.
  for (let round = 0; round <= roundCount; round += 1) {
    for (const { kind, row } of rows) {
      const turns = [...servers.entries()]
      for (const [index, server] of round % 2 === 0 ? turns : turns.toReversed()) {
        const figures = round === 0 ? noFigures() : row.sizes[index]
        if (figures !== undefined) await measureKind(load, kind, { ...server, seconds }, figures)
      }
    }
  }
  for (const { paydesk } of servers) await paydesk.stop()
  // The measurement of due work can fail after an hour; these figures are not lost then.
  for (const { row } of rows) console.error(cellsOf(row).join('  '))
  return rows.map(({ row }) => row)
}

async function requestIdsOf({ idOf, place, rowCount, values }: Size): Promise<RequestIds> {
  const { store } = await openCore(place.settings)
  const { publicIdOf } = store.publicIds
  const sessionIds = Array.from({ length: RETRIEVED_COUNT }, (_, index) =>
    publicIdOf(idOf(1 + Math.floor((index * rowCount) / RETRIEVED_COUNT), 'session')),
  )
  const endpointId = publicIdOf(values.endpointId)
  await store.close()
  return { sessionIds, endpointId }
}

async function measureKind(
  load: Worker<OpenLoad, OpenLoadResult>,
  { perSecond, requestsOf, status }: Kind,
  server: { paydesk: Paydesk; ids: RequestIds; size: Size; seconds: number },
  figures: Figures,
): Promise<void> {
  const { ids, paydesk, seconds, size } = server
  const port = await paydesk.listening
  const requests = requestsOf(size, ids)
  const costOf = startCpuMeter({ serverPid: paydesk.pid, databasePid: size.place.databasePid })
  const result = await load.ask({
    port,
    requests,
    status,
    perSecond,
    seconds,
    connectionCount: CONNECTION_COUNT,
  })
  const { cpuMicros, databaseCpuMicros = 0 } = costOf(result.acceptedCount)
  figures.p99Ms.push(result.acceptedP99Ms)
  figures.cpuMicros.push(cpuMicros + databaseCpuMicros)
}

const DUE_WORK: readonly (readonly [name: string, work: (store: Store) => Promise<unknown>])[] = [
  ['the next due time', (store) => store.openWork.findNextDueMs(Date.now())],
  ['a payment to query', (store) => store.paymentAttempts.claim(Date.now(), 1_000)],
  ['ages of open work', (store) => store.openWork.countByAge(Date.now(), [60_000, 600_000])],
]

/** Measures due work in this process: without a backlog, then behind the backlog of an endpoint that does not answer. */
async function measureDueWork(
  lifetime: Lifetime,
  sizes: readonly Size[],
  roundCount: number,
): Promise<readonly Compared[]> {
  const openStores: { store: Store; cpuMs: () => number; size: Size }[] = []
  for (const size of sizes) {
    const engine = await lifetime.keep(openEngine(size.place.settings), ({ close }) => close())
    const cpuMs = await cpuClock(engine, size.place)
    openStores.push({ store: createStore(engine, createRandom()), cpuMs, size })
  }
  const measure = async (
    name: string,
    work: (store: Store, size: Size) => Promise<unknown>,
  ): Promise<Compared> => {
    const row = newComparison(name)
    for (let round = 0; round <= roundCount; round += 1) {
      for (const [index, { cpuMs, size, store }] of openStores.entries()) {
        const figures = round === 0 ? noFigures() : row.sizes[index]
        if (figures !== undefined) await measureCalls(() => work(store, size), cpuMs, figures)
      }
    }
    return row
  }
  const rows: Compared[] = []
  for (const [name, work] of DUE_WORK) rows.push(await measure(name, work))
  for (const { size } of openStores) {
    // A kept database must not keep the backlog.
    await lifetime.keep(makeBacklog(size), () => clearBacklog(size))
  }
  rows.push(
    await measure(
      'deliveries to send, while a tenth of all deliveries is overdue',
      (store, { values: { accountId, endpointId } }) =>
        store.webhookDeliveries.claim(Date.now(), 1_000, withoutRoom(accountId, endpointId)),
    ),
  )
  return rows
}

/** Calls some work and adds its slowest time and the CPU time of a call to the figures. */
async function measureCalls(
  work: () => Promise<unknown>,
  cpuMs: () => number,
  figures: Figures,
): Promise<void> {
  const times: number[] = []
  const fromMs = cpuMs()
  for (let count = 0; count < CALL_COUNT; count += 1) {
    const startedAtMs = performance.now()
    await work()
    times.push(performance.now() - startedAtMs)
  }
  figures.p99Ms.push(Math.max(...times))
  figures.cpuMicros.push(((cpuMs() - fromMs) * 1_000) / CALL_COUNT)
}

/** The limits of a claim while an endpoint has the maximum number of running requests. */
function withoutRoom(accountId: AccountId, endpointId: WebhookEndpointId): ClaimLimits {
  return {
    waitMsMax: 3_600_000,
    countMax: 64,
    countPerAccount: 64,
    countPerEndpoint: 16,
    roomOfAccounts: new Map([[accountId, 10]]),
    roomOfEndpoints: new Map([[endpointId, 0]]),
  }
}

function makeBacklog(size: Size): Promise<void> {
  const text = `update webhook_deliveries set status = 'pending', next_attempt_at_ms = created_at_ms
    where endpoint_id = $1 and status = 'delivered' and created_at_ms < (
      select min(created_at_ms) + cast($2 as bigint) from webhook_deliveries where endpoint_id = $1)`
  return changeDeliveries(size, text, [Math.round(size.rowCount * BACKLOG_PART) * ROW_MS])
}

async function clearBacklog(size: Size): Promise<void> {
  if (!size.isKept) return
  const text = `update webhook_deliveries set status = 'delivered', next_attempt_at_ms = null
    where endpoint_id = $1 and status = 'pending'`
  await changeDeliveries(size, text, [])
}

/** Changes deliveries of the endpoint on a connection without a time limit: a million rows are changed. */
async function changeDeliveries(
  { place, values }: Size,
  text: string,
  params: readonly number[],
): Promise<void> {
  const filler = await openFiller(place.settings.database)
  await filler.run(text, [Number(values.endpointId), ...params])
  await filler.close('webhook_deliveries')
}
