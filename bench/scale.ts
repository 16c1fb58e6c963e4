/** The benchmark `scale`: 1, 2 and 4 servers on one PostgreSQL, and on Citus with 1, 2 and 3 worker nodes. */
import { setTimeout } from 'node:timers/promises'
import { createPublicIds, HIDDEN_FROM_MIN } from '../src/domain/public-id.ts'
import { deriveKeys } from '../src/domain/secret.ts'
import { openEngine } from '../src/server/core.ts'
import { migrateAndDistribute, startCitus } from '../test/support/citus-cluster.ts'
import { startPostgres } from '../test/support/postgres-cluster.ts'
import { cpuMillisecondsOf } from './cpu.ts'
import type { Lifetime } from './lifetime.ts'
import type { Load, LoadResult } from './load.ts'
import type { Options } from './options.ts'
import { startPaydesk } from './paydesk.ts'
import type { EngineName } from './places.ts'
import { makePlaceOn, type Place } from './places.ts'
import type { Goal, Report } from './report.ts'
import { medianOf } from './rounds.ts'
import { fillSessions } from './rows.ts'
import { bytesOf, CREATE_REQUEST, retrieveRequest, type SampleRequest } from './sample.ts'
import { startWorker, type Worker } from './worker.ts'

/** The numbers of worker nodes. 0: one PostgreSQL without Citus. */
const NODE_COUNTS = [0, 1, 2, 3] as const
/** The numbers of server processes, each with a separate load. */
const SERVER_COUNTS = [1, 2, 4] as const
const SUBJECTS = ['create', 'retrieve'] as const
/** The number of shards of each table, as in `paydesk database distribute`. */
const SHARD_COUNT = 32
const SESSION_COUNT = 5_000
/** The number of requests to each server before a measurement, because the server compiles its code first. */
const AWAKE_REQUEST_COUNT = 2_000
/** The wait after the start of servers, in milliseconds. A server reads more while it starts. */
const IDLE_FROM_MS = 2_000
/** The measured time without requests, in milliseconds. */
const IDLE_MS = 6_000
/** The part by which the application's CPU time of a request may grow with nodes or servers. */
const GROWTH_MAX = 0.15
/** The smallest throughput with three nodes, as a part of that of one PostgreSQL on the same cores. */
const RATIO_MIN = 0.7

type Subject = (typeof SUBJECTS)[number]

/** A database with its servers' settings, and the processes whose CPU time is the database's. */
type Layout = {
  readonly nodeCount: number
  readonly place: Place
  readonly databasePids: readonly number[]
  readonly requests: Readonly<Record<Subject, readonly SampleRequest[]>>
}

type Figures = {
  readonly nodeCount: number
  readonly subject: Subject
  readonly perSecond: number
  /** CPU time that all servers use for a request, in microseconds. */
  readonly appMicros: number
  /** CPU time that all database processes use for a request, in microseconds. */
  readonly databaseMicros: number
}

/** The medians of the rounds of one subject on a layout with some servers. */
type Cell = Figures & {
  readonly serverCount: number
  /** The throughput as a part of that of PostgreSQL in the same round. */
  readonly ofPostgres: number
  /** The cores that the database uses while the servers get no requests. */
  readonly idleDatabaseCores: number
}

/** Needs Citus. */
export async function measureScale(
  lifetime: Lifetime,
  _engine: EngineName,
  options: Options,
): Promise<Report> {
  const loads: Worker<Load, LoadResult>[] = []
  for (let count = 0; count < Math.max(...SERVER_COUNTS); count += 1) {
    loads.push(await startWorker<Load, LoadResult>(lifetime, 'load.ts'))
  }
  const layouts: Layout[] = []
  for (const nodeCount of NODE_COUNTS) layouts.push(await startLayout(lifetime, nodeCount))
  // Before the load: its rows keep the database's own processes busy afterwards.
  const idleCores = new Map<string, number>()
  for (const layout of layouts) {
    for (const serverCount of SERVER_COUNTS) {
      const cores = await measureIdle(lifetime, layout, serverCount)
      idleCores.set(`${layout.nodeCount} ${serverCount}`, cores)
    }
  }
  const cells: Cell[] = []
  for (const serverCount of SERVER_COUNTS) {
    const rounds: Figures[] = []
    // In turns, so that other load on the machine affects all databases.
    for (let round = 0; round < options.roundCount; round += 1) {
      for (const layout of layouts) {
        const serverLoads = loads.slice(0, serverCount)
        rounds.push(...(await measureServers(lifetime, layout, serverLoads, options.seconds)))
      }
    }
    for (const cell of cellsFrom(rounds)) {
      const idleDatabaseCores = idleCores.get(`${cell.nodeCount} ${serverCount}`) ?? 0
      cells.push({ ...cell, serverCount, idleDatabaseCores })
    }
  }
  return {
    title: `scale: live servers with 64 connections each, ${options.roundCount} rounds of ${options.seconds} s, all on this machine`,
    table: tableOf(cells),
    goals: goalsOf(cells),
  }
}

async function startLayout(lifetime: Lifetime, nodeCount: number): Promise<Layout> {
  const { databasePids, url } = await lifetime.keep(startDatabase(nodeCount), ({ stop }) => stop())
  const place = await makePlaceOn({ databaseUrl: url }, 'live', undefined)
  const engine = await openEngine(place.settings)
  const ids = await fillSessions(engine, SESSION_COUNT)
  await engine.close()
  const publicIds = createPublicIds(deriveKeys(place.settings.secretKey).publicId, HIDDEN_FROM_MIN)
  const retrieves = ids.map((id) => retrieveRequest(publicIds.publicIdOf(id)))
  return {
    nodeCount,
    place,
    databasePids,
    requests: { create: [CREATE_REQUEST], retrieve: retrieves },
  }
}

type Database = {
  readonly url: string
  readonly databasePids: readonly number[]
  readonly stop: () => Promise<void>
}

async function startDatabase(nodeCount: number): Promise<Database> {
  if (nodeCount === 0) {
    const { pid, stop, url } = await startPostgres({ isDurable: true })
    return { url, stop, databasePids: [pid] }
  }
  const cluster = await startCitus({ isDurable: true, workerCount: nodeCount })
  const { coordinator, stop, url, workers } = cluster
  await migrateAndDistribute(url, SHARD_COUNT)
  return { url, stop, databasePids: [coordinator, ...workers].map(({ pid }) => pid) }
}

/** Starts servers, and waits until all answer. Returns them with their ports. */
async function startServers(lifetime: Lifetime, place: Place, count: number) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => startPaydesk(lifetime, place)),
  )
  return { servers, ports: await Promise.all(servers.map(({ listening }) => listening)) }
}

async function measureServers(
  lifetime: Lifetime,
  { databasePids, nodeCount, place, requests }: Layout,
  loads: readonly Worker<Load, LoadResult>[],
  seconds: number,
): Promise<readonly Figures[]> {
  const { ports, servers } = await startServers(lifetime, place, loads.length)
  const appPids = servers.map(({ pid }) => pid)
  const applyAll = (subject: Subject, limits: Pick<Load, 'seconds' | 'requestCountMax'>) =>
    Promise.all(
      loads.map(({ ask }, index) => {
        const status = subject === 'create' ? 201 : 200
        const texts = requests[subject].map(bytesOf)
        return ask({ port: ports[index] as number, requests: texts, status, ...limits })
      }),
    )
  const figures: Figures[] = []
  for (const subject of SUBJECTS) {
    await applyAll(subject, { seconds, requestCountMax: AWAKE_REQUEST_COUNT })
    const before = [sumOf(appPids), sumOf(databasePids)] as const
    const results = await applyAll(subject, { seconds })
    const count = results.reduce((sum, { answerCount }) => sum + answerCount, 0)
    figures.push({
      nodeCount,
      subject,
      perSecond: results.reduce((sum, one) => sum + one.answerCount / one.seconds, 0),
      appMicros: ((sumOf(appPids) - before[0]) * 1000) / count,
      databaseMicros: ((sumOf(databasePids) - before[1]) * 1000) / count,
    })
  }
  await Promise.all(servers.map(({ stop }) => stop()))
  return figures
}

function cellsFrom(
  rounds: readonly Figures[],
): readonly Omit<Cell, 'serverCount' | 'idleDatabaseCores'>[] {
  const roundsOf = (nodeCount: number, subject: Subject) =>
    rounds.filter((one) => one.nodeCount === nodeCount && one.subject === subject)
  return NODE_COUNTS.flatMap((nodeCount) =>
    SUBJECTS.map((subject) => {
      const layoutRounds = roundsOf(nodeCount, subject)
      const postgresRounds = roundsOf(0, subject)
      const median = (key: 'perSecond' | 'appMicros' | 'databaseMicros') =>
        medianOf(layoutRounds.map((one) => one[key]))
      return {
        nodeCount,
        subject,
        perSecond: median('perSecond'),
        appMicros: median('appMicros'),
        databaseMicros: median('databaseMicros'),
        ofPostgres: medianOf(
          layoutRounds.map(
            ({ perSecond }, round) => perSecond / (postgresRounds[round]?.perSecond ?? perSecond),
          ),
        ),
      }
    }),
  )
}

/** Measures the CPU time of the database while servers get no requests: they search for due work. */
async function measureIdle(
  lifetime: Lifetime,
  { databasePids, place }: Layout,
  serverCount: number,
): Promise<number> {
  const { servers } = await startServers(lifetime, place, serverCount)
  await setTimeout(IDLE_FROM_MS)
  const [beforeMs, startMs] = [sumOf(databasePids), performance.now()]
  await setTimeout(IDLE_MS)
  const cores = (sumOf(databasePids) - beforeMs) / (performance.now() - startMs)
  await Promise.all(servers.map(({ stop }) => stop()))
  return cores
}

const sumOf = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + cpuMillisecondsOf(pid), 0)

const nameOf = (nodeCount: number): string =>
  nodeCount === 0 ? 'PostgreSQL' : `Citus, ${nodeCount} worker${nodeCount === 1 ? '' : 's'}`

function tableOf(cells: readonly Cell[]): readonly (readonly string[])[] {
  const head = [
    'database',
    'servers',
    'request',
    'CPU µs of a server',
    'CPU µs of the database',
    'a CPU second of a server',
    'a CPU second of the database',
    'requests/s',
    'of PostgreSQL',
    'cores of the idle database',
  ]
  const perCpuSecond = (micros: number) => Math.round(1_000_000 / micros).toLocaleString('en')
  return [
    head,
    ...cells.map((cell) => [
      nameOf(cell.nodeCount),
      String(cell.serverCount),
      cell.subject,
      cell.appMicros.toFixed(1),
      cell.databaseMicros.toFixed(1),
      perCpuSecond(cell.appMicros),
      perCpuSecond(cell.databaseMicros),
      Math.round(cell.perSecond).toLocaleString('en'),
      cell.ofPostgres.toFixed(2),
      cell.idleDatabaseCores.toFixed(3),
    ]),
  ]
}

function find(
  cells: readonly Cell[],
  { nodeCount, serverCount, subject }: Pick<Cell, 'nodeCount' | 'serverCount' | 'subject'>,
): Cell {
  const cell = cells.find(
    (one) =>
      one.nodeCount === nodeCount && one.serverCount === serverCount && one.subject === subject,
  )
  if (cell === undefined) throw new Error('a layout was not measured')
  return cell
}

/** The servers' CPU time of a request may grow by at most `GROWTH_MAX`, and three nodes keep most of the throughput. */
function goalsOf(cells: readonly Cell[]): readonly Goal[] {
  const most = Math.max(...SERVER_COUNTS)
  return SUBJECTS.flatMap((subject) => {
    const growth = (name: string, from: Cell, to: Cell): Goal => {
      const ratio = to.appMicros / from.appMicros
      return {
        measured: `scale, ${subject}, CPU of a server, ${name}: ${ratio.toFixed(2)} times`,
        limit: `at most ${1 + GROWTH_MAX}`,
        isMet: ratio <= 1 + GROWTH_MAX,
      }
    }
    const at = (nodeCount: number, serverCount: number) =>
      find(cells, { nodeCount, serverCount, subject })
    const ratio = at(3, most).ofPostgres
    return [
      growth('3 nodes instead of 1', at(1, 1), at(3, 1)),
      growth('4 servers instead of 1', at(3, 1), at(3, most)),
      {
        measured: `scale, ${subject}, 3 nodes: ${ratio.toFixed(2)} of PostgreSQL`,
        limit: `at least ${RATIO_MIN}`,
        isMet: ratio >= RATIO_MIN,
      },
    ]
  })
}
