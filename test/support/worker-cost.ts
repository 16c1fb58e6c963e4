/** Measures the CPU time of this worker for each file. */
import { cpuSecondsOfTree } from './process-tree.ts'

let countedSeconds = 0
let lostSeconds = 0

/** Returns the CPU time (user and system) of the worker and its descendants since the last call, in seconds. */
export function cpuSecondsOfWorker(): number | undefined {
  const tree = cpuSecondsOfTree(process.pid)
  if (tree === undefined) return undefined
  const seconds = tree + lostSeconds - countedSeconds
  countedSeconds += seconds
  return seconds
}

/**
 * Runs `end`, which ends a process, such as Chromium, that does not wait for its children. The CPU time of those
 * children stays in the count.
 */
export async function keepingCount(end: () => Promise<void>): Promise<void> {
  const secondsBefore = cpuSecondsOfTree(process.pid) ?? 0
  await end()
  lostSeconds += Math.max(0, secondsBefore - (cpuSecondsOfTree(process.pid) ?? 0))
}
