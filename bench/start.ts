/**
 * The benchmark `start`: the time from the command to the first answered request, and the memory after many requests.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../test/support/postgres-cluster.ts'
import { cpuMillisecondsOf } from './cpu.ts'
import type { Lifetime } from './lifetime.ts'
import type { Load, LoadResult } from './load.ts'
import type { Options } from './options.ts'
import { type Paydesk, startPaydesk } from './paydesk.ts'
import { type EngineName, type ModeName, makeFolder, makePlaceOn, type Place } from './places.ts'
import type { Report } from './report.ts'
import { medianOf, spreadCells } from './rounds.ts'
import { ask, bytesOf, CREATE_REQUEST } from './sample.ts'
import { startWorker } from './worker.ts'

const START_MS_EXPECTED = 300
const MEMORY_MB_EXPECTED = 130
const SESSION_COUNT = 10_000
const LOAD_SECONDS_MAX = 60
const FIRST_ANSWER_MS_MAX = 30_000
const POLL_MS = 2

export async function measureStart(
  lifetime: Lifetime,
  _engine: EngineName,
  { modes, roundCount }: Options,
): Promise<Report> {
  const folder = await makeFolder(lifetime)
  const starts = modes.map((mode) => ({ mode, fresh: [] as Start[], existing: [] as Start[] }))
  const runtime: Start[] = []
  for (let round = 0; round < roundCount; round += 1) {
    runtime.push(await runtimeStart())
    for (const { existing, fresh, mode } of starts) {
      const place = await makePlaceOn(
        { data: join(folder, `${mode}-${round}.db`) },
        mode,
        undefined,
      )
      const first = await paydeskStart(lifetime, place)
      // In live mode the file exists before the first start, because the account was created in it.
      if (mode === 'sandbox') fresh.push(first)
      existing.push(await paydeskStart(lifetime, place))
    }
  }
  const memory: { mode: ModeName; megabytes: number }[] = []
  for (const mode of modes) {
    const place = await makePlaceOn({ data: join(folder, `${mode}-memory.db`) }, mode, undefined)
    memory.push({ mode, megabytes: await memoryAfterSessions(lifetime, place) })
  }
  return {
    title: `start on sqlite: from the command to the first answer, ${roundCount} rounds; memory after ${SESSION_COUNT} sessions`,
    table: [
      ['', 'CPU ms', 'median ms', 'min', 'max', 'resident MB'],
      ...starts.flatMap(({ existing, fresh, mode }, index) => [
        ...(fresh.length === 0 ? [] : [[`paydesk, ${mode}, fresh file`, ...startCells(fresh), '']]),
        [
          `paydesk, ${mode}, existing file`,
          ...startCells(existing),
          String(Math.round(memory[index]?.megabytes ?? Number.NaN)),
        ],
      ]),
      ['node -e 0, from start to end', ...startCells(runtime), ''],
    ],
    goals: [
      ...starts.map(({ existing, mode }) => ({
        measured: `start, ${mode}, existing file: ${medianMs(existing).toFixed(0)} ms`,
        limit: `under ${START_MS_EXPECTED} ms`,
        isMet: medianMs(existing) < START_MS_EXPECTED,
      })),
      ...memory.map(({ megabytes, mode }) => ({
        measured: `resident memory after ${SESSION_COUNT} sessions, ${mode}: ${megabytes.toFixed(0)} MB`,
        limit: `under ${MEMORY_MB_EXPECTED} MB`,
        isMet: megabytes < MEMORY_MB_EXPECTED,
      })),
    ],
  }
}

export type Start = {
  readonly milliseconds: number
  /** CPU time of the process. */
  readonly cpuMilliseconds: number
}

function medianMs(starts: readonly Start[]): number {
  return medianOf(starts.map(({ milliseconds }) => milliseconds))
}

function startCells(starts: readonly Start[]): readonly string[] {
  const cpu = medianOf(starts.map(({ cpuMilliseconds }) => cpuMilliseconds))
  return [cpu.toFixed(0), ...spreadCells(starts.map(({ milliseconds }) => milliseconds))]
}

/** Measures a start of Node without a program, until it exits. */
async function runtimeStart(): Promise<Start> {
  const cpuBefore = cpuMillisecondsOf(process.pid)
  const startedAtMs = performance.now()
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' })
  await once(child, 'exit')
  const milliseconds = performance.now() - startedAtMs
  // The CPU time of an ended child counts for its parent.
  return { milliseconds, cpuMilliseconds: cpuMillisecondsOf(process.pid) - cpuBefore }
}

/** Measures a server, from the command to the first answered request. */
export async function paydeskStart(lifetime: Lifetime, place: Place): Promise<Start> {
  const port = await freePort()
  const startedAtMs = performance.now()
  const paydesk = await startPaydesk(lifetime, place, { args: ['--port', String(port)] })
  await firstAnswer(paydesk, port)
  const milliseconds = performance.now() - startedAtMs
  const cpuMilliseconds = cpuMillisecondsOf(paydesk.pid)
  await paydesk.stop()
  return { milliseconds, cpuMilliseconds }
}

async function firstAnswer(paydesk: Paydesk, port: number): Promise<void> {
  const deadline = performance.now() + FIRST_ANSWER_MS_MAX
  for (;;) {
    // The server may not listen yet.
    const answer = await ask(port, CREATE_REQUEST).catch(() => undefined)
    if (answer?.status === 201) return
    if (answer !== undefined) throw new Error(`the first answer was ${answer.status}`)
    if (performance.now() > deadline) throw new Error(`process ${paydesk.pid} does not answer`)
    await wait(POLL_MS)
  }
}

/** Returns the resident memory in megabytes (10^6) after many sessions were created as fast as possible. */
async function memoryAfterSessions(lifetime: Lifetime, place: Place): Promise<number> {
  const paydesk = await startPaydesk(lifetime, place)
  const port = await paydesk.listening
  const load = await startWorker<Load, LoadResult>(lifetime, 'load.ts')
  await load.ask({
    port,
    requests: [bytesOf(CREATE_REQUEST)],
    status: 201,
    seconds: LOAD_SECONDS_MAX,
    requestCountMax: SESSION_COUNT,
  })
  const status = readFileSync(`/proc/${paydesk.pid}/status`, 'utf8')
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
  await paydesk.stop()
  return (kibibytes * 1024) / 1e6
}
