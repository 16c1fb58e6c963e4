/** The benchmark `lists`: the CPU time of every list and filter on a large database. */
import { readFileSync } from 'node:fs'
import { EMPTY_LIST_PAGE, type ListPage, type Store } from '../src/operations/store.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { openEngine } from '../src/server/core.ts'
import { createRandom } from '../src/server/random.ts'
import type { Engine } from '../src/store/engine/engine.ts'
import { createStore } from '../src/store/store.ts'
import { everyList, type OneList } from '../test/support/every-list.ts'
import type { Lifetime } from './lifetime.ts'
import { fillLists } from './lists-rows.ts'
import type { OpenLoad, OpenLoadResult } from './open-load.ts'
import type { Options } from './options.ts'
import { countAllPayments, OVERVIEWS } from './overview.ts'
import { startPaydesk } from './paydesk.ts'
import { type EngineName, makePlace, type Place } from './places.ts'
import type { Report } from './report.ts'
import { medianOf } from './rounds.ts'
import { ask, bytesOf, CREATE_REQUEST } from './sample.ts'
import { startWorker } from './worker.ts'

/** The maximum CPU time of a list. */
const CPU_MS_MAX = 50
/** The maximum CPU time of an overview of the console. */
const OVERVIEW_CPU_MS_MAX = 100
/** The first page of a list, and a page far behind it. */
const PAGE = { page: 1, perPage: 25 }
const DEEP_PAGE = { page: 4_000, perPage: 25 }
/** A list that takes longer than this time, in milliseconds, is read only once. */
const SLOW_MS = 1_000

/** Measures every list with up to two of its filters. */
export async function measureLists(
  lifetime: Lifetime,
  engineName: EngineName,
  { only, roundCount, rowCount, seconds }: Options,
): Promise<Report> {
  const place = await makePlace(lifetime, engineName, 'sandbox')
  const { values } = await fillLists(place, rowCount)
  const engine = await lifetime.keep(openEngine(place.settings), ({ close }) => close())
  const store = createStore(engine, createRandom())
  const cpuMs = await cpuClock(engine, place)
  const lists = everyList(values).filter(({ filter, filterCount, name }) => {
    const areTimesPaired = 'createdFromMs' in filter === 'createdToMs' in filter
    return filterCount <= 2 && areTimesPaired && name.includes(only)
  })
  const rows: string[][] = []
  const medians: number[] = []
  for (const one of lists) {
    for (const page of one.filterCount === 0 ? [PAGE, DEEP_PAGE] : [PAGE]) {
      const { takenMs, total } = await measureList(() => one.list(store, page), roundCount, cpuMs)
      medians.push(takenMs)
      rows.push([nameOf(one, page), total, takenMs.toFixed(1)])
    }
  }
  const overviews = await measureOverviews(store, { only, roundCount }, cpuMs)
  rows.push(...overviews.rows)
  const creates = await measureCreates(lifetime, place, { roundCount, seconds })
  const most = Math.max(0, ...medians)
  return {
    title: `lists on ${engineName}: ${rowCount.toLocaleString('en-US')} rows of one account, pages of ${PAGE.perPage}`,
    table: [['', 'total', 'CPU ms'], ...rows],
    goals: [
      {
        measured: `lists ${engineName}: the slowest takes ${most.toFixed(1)} ms of CPU`,
        limit: `at most ${CPU_MS_MAX}`,
        isMet: most <= CPU_MS_MAX,
      },
      {
        measured: `lists ${engineName}: the slowest overview takes ${overviews.mostMs.toFixed(1)} ms of CPU`,
        limit: `at most ${OVERVIEW_CPU_MS_MAX}`,
        isMet: overviews.mostMs <= OVERVIEW_CPU_MS_MAX,
      },
      {
        measured: `lists ${engineName}: at ${CREATES_PER_SECOND} creates per second, p99 is ${creates.withMs.toFixed(1)} ms beside slow lists, and ${creates.aloneMs.toFixed(1)} ms alone`,
        limit: `at most ${P99_RATIO_MAX} times`,
        isMet: creates.withMs <= creates.aloneMs * P99_RATIO_MAX,
      },
    ],
  }
}

async function measureOverviews(
  store: Store,
  { only, roundCount }: Pick<Options, 'only' | 'roundCount'>,
  cpuMs: () => number,
): Promise<{ readonly rows: readonly string[][]; readonly mostMs: number }> {
  const overviews = OVERVIEWS.filter(({ name }) => name.includes(only))
  const rows: string[][] = []
  let mostMs = 0
  for (const when of ['before counting', 'counted']) {
    if (when === 'counted' && overviews.length > 0) await countAllPayments(store)
    for (const { name, read } of overviews) {
      const list = async () => ({ ...EMPTY_LIST_PAGE, total: await read(store) })
      const { takenMs, total } = await measureList(list, roundCount, cpuMs)
      rows.push([`${name}, ${when}`, total, takenMs.toFixed(1)])
      mostMs = Math.max(mostMs, takenMs)
    }
  }
  return { rows, mostMs }
}

/** The rate of creates during lists: far below the capacity, so that only the waits for lists show in the latencies. */
const CREATES_PER_SECOND = 200
const CONNECTION_COUNT = 100
/** The maximum p99 of creates during slow lists, in multiples of their p99 without lists. */
const P99_RATIO_MAX = 1.5

/** The most expensive lists, and the ledger check, which reads every payment. */
const SLOW_PATHS = [
  `/api/v1/paymentsessions?account_id=${SANDBOX_VALUES.accountId}&page=4000`,
  `/api/v1/payments?account_id=${SANDBOX_VALUES.accountId}&search_text=ord_often`,
  '/_sandbox/ledger',
]

/** Measures scheduled creates, first alone, then while another client reads the slow paths one after the other. */
async function measureCreates(
  lifetime: Lifetime,
  place: Place,
  { roundCount, seconds }: Pick<Options, 'roundCount' | 'seconds'>,
): Promise<{ readonly aloneMs: number; readonly withMs: number }> {
  const paydesk = await startPaydesk(lifetime, place, { args: ['--rate-limits', 'off'] })
  const port = await paydesk.listening
  const openLoad = await startWorker<OpenLoad, OpenLoadResult>(lifetime, 'open-load.ts')
  const requests = [bytesOf(CREATE_REQUEST)]
  const load = { port, requests, status: 201, seconds, perSecond: CREATES_PER_SECOND }
  const p99Ms = async () =>
    (await openLoad.ask({ ...load, connectionCount: CONNECTION_COUNT })).acceptedP99Ms
  const alone: number[] = []
  const withLists: number[] = []
  await p99Ms()
  for (let round = 0; round < roundCount; round += 1) {
    alone.push(await p99Ms())
    let isOver = false
    const readSlowly = async () => {
      for (let count = 0; !isOver; count += 1) {
        const path = SLOW_PATHS[count % SLOW_PATHS.length] ?? ''
        const { status } = await ask(port, { method: 'GET', path })
        if (status !== 200) throw new Error(`${path} answered ${status}`)
      }
    }
    const reading = readSlowly()
    withLists.push(await p99Ms())
    isOver = true
    await reading
  }
  await paydesk.stop()
  return { aloneMs: medianOf(alone), withMs: medianOf(withLists) }
}

async function measureList(
  list: () => Promise<ListPage<unknown>>,
  roundCount: number,
  cpuMs: () => number,
): Promise<{ readonly takenMs: number; readonly total: string }> {
  const measurements: number[] = []
  let total = ''
  for (let round = 0; round <= roundCount; round += 1) {
    const beforeMs = cpuMs()
    total = await list().then(
      (page) => `${page.isTotalCut ? '> ' : ''}${page.total.toLocaleString('en-US')}`,
      // The list took longer than the database's time limit.
      () => 'no answer',
    )
    const takenMs = cpuMs() - beforeMs
    if (round > 0 || takenMs > SLOW_MS) measurements.push(takenMs)
    if (takenMs > SLOW_MS) break
  }
  return { takenMs: medianOf(measurements), total }
}

function nameOf({ name }: OneList, page: typeof PAGE): string {
  return page === PAGE ? name : `${name}, page ${page.page}`
}

const WITHOUT_WORKERS = `do $$ begin execute format(
  'alter database %I set max_parallel_workers_per_gather = 0', current_database()); end $$`

function cpuOfProcess(): number {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1000
}

/** Makes a clock of the CPU time of this process and of PostgreSQL, in milliseconds. */
export async function cpuClock(engine: Engine, { databasePid }: Place): Promise<() => number> {
  if (databasePid === undefined) return cpuOfProcess
  // The CPU time of parallel workers would not be counted, because they end before the measurement does.
  await engine.migrate((sql) => sql.script(WITHOUT_WORKERS))
  const nanosecondsOf = new Map<string, number>()
  return () => {
    for (const pid of childrenOf(databasePid)) {
      try {
        const [nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
        nanosecondsOf.set(pid, Number(nanoseconds))
      } catch {
        // The process has ended in the meantime. Its last known time stays in the sum.
      }
    }
    const sum = [...nanosecondsOf.values()].reduce((total, one) => total + one, 0)
    return cpuOfProcess() + sum / 1_000_000
  }
}

function childrenOf(pid: number): readonly string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
}
