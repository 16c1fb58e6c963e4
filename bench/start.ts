/** The benchmark `start`: from the command to the first answered request, and the memory after many. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../test/support/postgres-cluster.ts'
import type { Lifetime } from './lifetime.ts'
import type { Load, LoadResult } from './load.ts'
import { type Paydesk, startPaydesk } from './paydesk.ts'
import { makeFolder } from './places.ts'
import { printTable, printVerdict, spreadCells } from './print.ts'
import { medianOf } from './rounds.ts'
import { ask, bytesOf, CREATE_REQUEST } from './sample.ts'
import { startWorker } from './worker.ts'

const START_MS_EXPECTED = 1_000
const MEMORY_MB_EXPECTED = 150
const SESSION_COUNT = 10_000
const LOAD_SECONDS_MAX = 60
const FIRST_ANSWER_MS_MAX = 30_000
const POLL_MS = 2

/** Measures starts and memory on the embedded database, prints them, answers whether the limits hold. */
export async function measureStart(lifetime: Lifetime, roundCount: number): Promise<boolean> {
  const folder = await makeFolder(lifetime)
  const [runtime, fresh, existing]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < roundCount; round += 1) {
    const data = join(folder, `start-${round}.db`)
    runtime.push(await runtimeStart())
    fresh.push(await paydeskStart(lifetime, data))
    existing.push(await paydeskStart(lifetime, data))
  }
  console.log(`\nstart on sqlite: from the command to the first answer, ${roundCount} rounds`)
  printTable([
    ['', 'median ms', 'min', 'max'],
    ['paydesk, fresh file', ...spreadCells(fresh)],
    ['paydesk, existing file', ...spreadCells(existing)],
    ['node -e 0, from start to end', ...spreadCells(runtime)],
  ])
  const slower = Math.max(medianOf(fresh), medianOf(existing))
  const memoryMb = await memoryAfterSessions(lifetime, join(folder, 'memory.db'))
  const areMet = [
    printVerdict(
      `start: ${slower.toFixed(0)} ms`,
      `under ${START_MS_EXPECTED} ms`,
      slower < START_MS_EXPECTED,
    ),
    printVerdict(
      `resident memory after ${SESSION_COUNT} sessions: ${memoryMb.toFixed(0)} MB`,
      `under ${MEMORY_MB_EXPECTED} MB`,
      memoryMb < MEMORY_MB_EXPECTED,
    ),
  ]
  return !areMet.includes(false)
}

/** Milliseconds that the runtime takes to start and end without a program. */
async function runtimeStart(): Promise<number> {
  const startedAtMs = performance.now()
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' })
  await once(child, 'exit')
  return performance.now() - startedAtMs
}

/** Milliseconds from the command to the first answered request. */
async function paydeskStart(lifetime: Lifetime, data: string): Promise<number> {
  const port = await freePort()
  const startedAtMs = performance.now()
  const paydesk = await startPaydesk(lifetime, ['--data', data, '--port', String(port)])
  await firstAnswer(paydesk, port)
  const milliseconds = performance.now() - startedAtMs
  await paydesk.stop()
  return milliseconds
}

async function firstAnswer(paydesk: Paydesk, port: number): Promise<void> {
  const deadline = performance.now() + FIRST_ANSWER_MS_MAX
  for (;;) {
    // Nobody listens yet.
    const answer = await ask(port, CREATE_REQUEST).catch(() => undefined)
    if (answer?.status === 201) return
    if (answer !== undefined) throw new Error(`the first answer was ${answer.status}`)
    if (performance.now() > deadline) throw new Error(`process ${paydesk.pid} does not answer`)
    await wait(POLL_MS)
  }
}

/** Megabytes (10^6) that are resident after so many sessions were created as fast as possible. */
async function memoryAfterSessions(lifetime: Lifetime, data: string): Promise<number> {
  const paydesk = await startPaydesk(lifetime, ['--data', data, '--port', '0'])
  const port = await paydesk.listening
  const applyLoad = await startWorker<Load, LoadResult>(lifetime, 'load.ts')
  await applyLoad({
    port,
    requests: [bytesOf(CREATE_REQUEST)],
    status: 201,
    seconds: LOAD_SECONDS_MAX,
    answerCountMax: SESSION_COUNT,
  })
  const status = readFileSync(`/proc/${paydesk.pid}/status`, 'utf8')
  const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1])
  return (kibibytes * 1024) / 1e6
}
