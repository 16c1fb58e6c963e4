/** The CPU time of this worker, file by file. */
import { cpuSecondsOfTree } from './process-tree.ts'

let countedSeconds = 0
let lostSeconds = 0

/** Returns the seconds that the worker and all processes below it used since the last call; user and system. */
export function cpuSecondsOfWorker(): number | undefined {
  const tree = cpuSecondsOfTree(process.pid)
  if (tree === undefined) return undefined
  const seconds = tree + lostSeconds - countedSeconds
  countedSeconds += seconds
  return seconds
}

/**
 * Runs `end`, which ends a process that does not wait for its own children, as Chromium: the time of
 * those would be lost from the count.
 */
export async function keepingCount(end: () => Promise<void>): Promise<void> {
  const before = cpuSecondsOfTree(process.pid) ?? 0
  await end()
  lostSeconds += Math.max(0, before - (cpuSecondsOfTree(process.pid) ?? 0))
}
