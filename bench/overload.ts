/** The benchmark `overload`: more creations than the server can make, by a schedule that does not wait. */
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

/** The loads, as parts of the capacity. */
const USUAL = 0.8
const OVERLOAD = 5
/** The highest p99 of accepted creations, in multiples of the p99 at the usual load. */
const P99_RATIO_MAX = 3
const CONNECTION_COUNT = 1_000

/** Measures each mode on one engine, one after the other. */
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
      ['offered', 'accepted/s', 'refused', 'p50 ms', 'p99 ms', 'refused p99 ms', 'open'],
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

  const load = await startWorker<Load, LoadResult>(lifetime, 'load.ts')
  const measureCapacity = async () => {
    const result = await load.ask({ port, requests: [request], status: 201, seconds })
    return result.answerCount / result.seconds
  }
  await measureCapacity()
  const openLoad = await startWorker<OpenLoad, OpenLoadResult>(lifetime, 'open-load.ts')
  const ratios: number[] = []
  const rows: string[][] = []
  for (let round = 0; round < roundCount; round += 1) {
    const capacity = await measureCapacity()
    const offer = (part: number) =>
      openLoad.ask({
        port,
        request,
        perSecond: capacity * part,
        seconds,
        connectionCount: CONNECTION_COUNT,
      })
    const usual = await offer(USUAL)
    const over = await offer(OVERLOAD)
    ratios.push(over.acceptedP99Ms / usual.acceptedP99Ms)
    rows.push(rowOf(`${mode}, ${USUAL} of ${Math.round(capacity)}/s`, usual, seconds))
    rows.push(rowOf(`${mode}, ${OVERLOAD} times`, over, seconds))
  }
  await paydesk.stop()
  return { mode, rows, p99Ratio: medianOf(ratios) }
}

function rowOf(name: string, result: OpenLoadResult, seconds: number): string[] {
  const { acceptedCount, offeredCount, openCount, refusedCount } = result
  const ms = (value: number) => (Number.isNaN(value) ? '' : String(Math.round(value)))
  return [
    name,
    String(Math.round(acceptedCount / seconds)),
    `${Math.round((refusedCount / offeredCount) * 100)} %`,
    ms(result.acceptedP50Ms),
    ms(result.acceptedP99Ms),
    ms(result.refusedP99Ms),
    String(openCount),
  ]
}
