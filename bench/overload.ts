/** The benchmark `overload`: more creations than the server can make, by a schedule that does not wait. */
import type { Lifetime } from './lifetime.ts'
import type { Load, LoadResult } from './load.ts'
import type { OpenLoad, OpenLoadResult } from './open-load.ts'
import { startPaydesk } from './paydesk.ts'
import { type EngineName, makePlace } from './places.ts'
import { printTable, printVerdict } from './print.ts'
import { medianOf } from './rounds.ts'
import { bytesOf, CREATE_REQUEST } from './sample.ts'
import { startWorker } from './worker.ts'

/** The engines, the number of rounds, and the seconds of each load. */
export type OverloadOptions = {
  readonly engines: readonly EngineName[]
  readonly roundCount: number
  readonly seconds: number
}

/** The loads, as parts of the capacity. */
const USUAL = 0.8
const OVERLOAD = 5
/** The highest p99 of accepted creations, in multiples of the p99 at the usual load. */
const P99_RATIO_MAX = 3
const CONNECTION_COUNT = 1_000

/** Measures on each engine, prints a table, and answers whether the goal is reached on all. */
export async function measureOverload(
  lifetime: Lifetime,
  { engines, roundCount, seconds }: OverloadOptions,
): Promise<boolean> {
  const areMet: boolean[] = []
  for (const engine of engines) {
    const place = await makePlace(lifetime, engine)
    const flags = ['--port', '0', '--overload-protection', 'on', ...place.args]
    const paydesk = await startPaydesk(lifetime, flags)
    const port = await paydesk.listening
    const request = bytesOf(CREATE_REQUEST)

    const applyLoad = await startWorker<Load, LoadResult>(lifetime, 'load.ts')
    const measureCapacity = async () => {
      const { answerCount, seconds: taken } = await applyLoad({
        port,
        requests: [request],
        status: 201,
        seconds,
      })
      return answerCount / taken
    }
    await measureCapacity()
    const applyOpenLoad = await startWorker<OpenLoad, OpenLoadResult>(lifetime, 'open-load.ts')
    const ratios: number[] = []
    const rows: string[][] = []
    for (let round = 0; round < roundCount; round += 1) {
      const capacity = await measureCapacity()
      const offer = (part: number) =>
        applyOpenLoad({
          port,
          request,
          perSecond: capacity * part,
          seconds,
          connectionCount: CONNECTION_COUNT,
        })
      const usual = await offer(USUAL)
      const over = await offer(OVERLOAD)
      ratios.push(over.acceptedP99Ms / usual.acceptedP99Ms)
      rows.push(rowOf(`${USUAL} of ${Math.round(capacity)}/s`, usual, seconds))
      rows.push(rowOf(`${OVERLOAD} times`, over, seconds))
    }
    console.log(
      `\noverload on ${engine}: ${CONNECTION_COUNT} connections, ${roundCount} rounds of ${seconds} s`,
    )
    printTable([
      ['offered', 'accepted/s', 'refused', 'p50 ms', 'p99 ms', 'refused p99 ms', 'open'],
      ...rows,
    ])
    const ratio = medianOf(ratios)
    areMet.push(
      printVerdict(
        `overload ${engine}: p99 of accepted creations ${ratio.toFixed(1)} times that at ${USUAL}`,
        `at most ${P99_RATIO_MAX}`,
        ratio <= P99_RATIO_MAX,
      ),
    )
    await paydesk.stop()
  }
  return !areMet.includes(false)
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
