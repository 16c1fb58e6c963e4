/**
 * Runs in a worker with each test file. After the tests of the file it closes resources and ends processes that they
 * left behind, so that a failed test does not disturb later files. It also records the CPU time of the file.
 */
import { afterAll, type RunnerTestSuite } from 'vitest'
import { closeLeftOpen, SHARED_BY_FILES } from './left-open.ts'
import { commandLineOf, descendantsOf, killAll, type ProcessFacts } from './process-tree.ts'
import { cpuSecondsOfWorker } from './worker-cost.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** The CPU time of a file's worker and of all processes below it, in seconds. Undefined: not known. */
    cpuSeconds?: number
  }
}

/** The longest wait for a process to end after its signal, in milliseconds. */
const ENDING_MS_MAX = 10_000
const LOOK_AGAIN_MS = 20

// biome-ignore lint/correctness/noEmptyPattern: Vitest requires a destructured first argument.
afterAll(async ({}, file) => {
  await closeLeftOpen()
  const leftovers = hasFailed(file) ? leftProcesses() : await processesThatStay()
  const names = leftovers.map(({ pid }) => `${pid}: ${commandLineOf(pid)}`)
  killAll(leftovers.map(({ pid }) => pid))
  const cpuSeconds = cpuSecondsOfWorker()
  if (cpuSeconds !== undefined) file.meta.cpuSeconds = cpuSeconds
  if (names.length > 0 && !hasFailed(file)) {
    throw new Error(`The tests of this file did not end what they started: ${names.join('; ')}`)
  }
})

function hasFailed(suite: RunnerTestSuite): boolean {
  return suite.tasks.some((task) =>
    task.type === 'suite' ? hasFailed(task) : task.result?.state === 'fail',
  )
}

/** Returns the child processes of this worker, without the Chromium that its files share. */
function leftProcesses(): readonly ProcessFacts[] {
  const all = descendantsOf(process.pid)
  const sharedProcesses = all.filter(({ pid }) => commandLineOf(pid).includes(SHARED_BY_FILES))
  const allowedPids = new Set(
    sharedProcesses.flatMap(({ pid }) => [pid, ...descendantsOf(pid).map((one) => one.pid)]),
  )
  return all.filter(({ isZombie, pid }) => !isZombie && !allowedPids.has(pid))
}

/** Returns the processes that do not end. A process with a pending signal gets time to end. */
async function processesThatStay(): Promise<readonly ProcessFacts[]> {
  const giveUpAt = Date.now() + ENDING_MS_MAX
  for (;;) {
    const leftovers = leftProcesses()
    if (leftovers.length === 0 || Date.now() > giveUpAt) return leftovers
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}
