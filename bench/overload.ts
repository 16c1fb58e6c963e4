/** The benchmark `overload`: a fixed schedule with more creations than the server can carry out. */
import { type CpuCost, startCpuMeter } from './cpu.ts'
import type { Lifetime } from './lifetime.ts'
import type { Load, LoadResult } from './load.ts'
import type { OpenLoad, OpenLoadResult } from './open-load.ts'
import type { Options } from './options.ts'
import { startPaydesk } from './paydesk.ts'
import { type EngineName, type ModeName, makePlace } from './places.ts'
import type { Report } from './report.ts'
import { medianOf } from './rounds.ts'
import { bytesOf, CREATE_REQUEST } from './sample.ts'
import { startWorker } from './worker.ts'

/** The loads, as multiples of the capacity. */
const USUAL = 0.8
const OVERLOAD = 5
/** The highest p99 of accepted creations, in multiples of the p99 at the usual load. */
const P99_RATIO_MAX = 3
const CONNECTION_COUNT = 1_000

export async function measureOverload(
  lifetime: Lifetime,
  engine: EngineName,
  options: Options,
): Promise<Report> {
  const results: ModeResult[] = []
  for (const mode of options.modes) results.push(await overloadIn(lifetime, engine, mode, options))
  const { roundCount, seconds } = options
  return {
    title: `overload on ${engine}: ${CONNECTION_COUNT} connections, ${roundCount} rounds of ${seconds} s`,
    table: [
      [
        'offered',
        'CPU µs an answer',
        ...(engine === 'postgres' ? ['PostgreSQL’s CPU µs'] : []),
        'accepted/s',
        'refused',
        'p50 ms',
        'p99 ms',
        'refused p99 ms',
        'open',
      ],
      ...results.flatMap(({ rows }) => rows),
    ],
    goals: results.map(({ mode, p99Ratio }) => ({
      measured: `overload, ${engine}, ${mode}: p99 of accepted creations ${p99Ratio.toFixed(1)} times that at ${USUAL}`,
      limit: `at most ${P99_RATIO_MAX}`,
      isMet: p99Ratio <= P99_RATIO_MAX,
    })),
  }
}

type ModeResult = {
  readonly mode: ModeName
  readonly rows: readonly (readonly string[])[]
  /** The p99 of accepted creations in overload, in multiples of the one at the usual load. */
  readonly p99Ratio: number
}

async function overloadIn(
  lifetime: Lifetime,
  engine: EngineName,
  mode: ModeName,
  { profileFolder, roundCount, seconds }: Options,
): Promise<ModeResult> {
  const place = await makePlace(lifetime, engine, mode)
  const args = ['--overload-protection', 'on']
  const paydesk = await startPaydesk(lifetime, place, { args, profileFolder })
  const port = await paydesk.listening
  const request = bytesOf(CREATE_REQUEST)

  const closedLoad = await startWorker<Load, LoadResult>(lifetime, 'load.ts')
  const measureCapacity = async () => {
    const question = { port, requests: [request], status: 201, refusalStatus: 503, seconds }
    const result = await closedLoad.ask(question)
    if (result.answerCount === 0) throw new Error('the machine is too busy: no create was accepted')
    return result.answerCount / result.seconds
  }
  await measureCapacity()
  const openLoad = await startWorker<OpenLoad, OpenLoadResult>(lifetime, 'open-load.ts')
  const ratios: number[] = []
  const rows: string[][] = []
  for (let round = 0; round < roundCount; round += 1) {
    const capacity = await measureCapacity()
    const offer = async (name: string, part: number) => {
      const costOf = startCpuMeter({ serverPid: paydesk.pid, databasePid: place.databasePid })
      const perSecond = capacity * part
      const load = {
        port,
        requests: [request],
        status: 201,
        perSecond,
        seconds,
        connectionCount: CONNECTION_COUNT,
      }
      const result = await openLoad.ask(load)
      const cost = costOf(result.acceptedCount + result.refusedCount)
      rows.push(rowOf(`${mode}, ${name}`, { result, cost, seconds }))
      return result.acceptedP99Ms
    }
    const usualP99Ms = await offer(`${USUAL} of ${Math.round(capacity)}/s`, USUAL)
    ratios.push((await offer(`${OVERLOAD} times`, OVERLOAD)) / usualP99Ms)
  }
  await paydesk.stop()
  return { mode, rows, p99Ratio: medianOf(ratios) }
}

type Offered = {
  readonly result: OpenLoadResult
  readonly cost: CpuCost
  readonly seconds: number
}

function rowOf(name: string, { cost, result, seconds }: Offered): string[] {
  const { acceptedCount, offeredCount, openCount, refusedCount } = result
  const ms = (value: number) => (Number.isNaN(value) ? '' : String(Math.round(value)))
  return [
    name,
    cost.cpuMicros.toFixed(1),
    ...(cost.databaseCpuMicros === undefined ? [] : [cost.databaseCpuMicros.toFixed(1)]),
    String(Math.round(acceptedCount / seconds)),
    `${Math.round((refusedCount / offeredCount) * 100)} %`,
    ms(result.acceptedP50Ms),
    ms(result.acceptedP99Ms),
    ms(result.refusedP99Ms),
    String(openCount),
  ]
}
