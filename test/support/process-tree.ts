/**
 * Reads the child processes of a process from Linux's /proc. On other systems the lists are empty.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** A process at one moment. */
export type ProcessFacts = {
  readonly pid: number
  readonly parentPid: number
  /** The program's name, cut to 15 characters by the kernel. */
  readonly name: string
  /** The CPU time (user and system) of the process and of the children that it has waited for, in seconds. */
  readonly cpuSeconds: number
  /** True if the process has ended and its parent has not waited for it yet. */
  readonly isZombie: boolean
}

/** The kernel's unit of the times in /proc. It is 100 on every architecture that Node supports. */
const TICKS_PER_SECOND = 100

/** Reads all processes of the machine. */
export function readProcesses(): readonly ProcessFacts[] {
  return entriesOfProc().flatMap((pid) => readProcess(pid) ?? [])
}

/** Returns the process ids in /proc; none where there is no /proc. */
export function entriesOfProc(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** Reads one process. Undefined: it has ended. */
export function readProcess(pid: number): ProcessFacts | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  // The name is in parentheses, and can contain parentheses and spaces.
  const end = stat.lastIndexOf(')')
  const name = stat.slice(stat.indexOf('(') + 1, end)
  // The fields from the third on. See proc(5): 14 to 17 are utime, stime, cutime and cstime.
  const fields = stat.slice(end + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return {
    pid,
    parentPid: Number(fields[1]),
    name,
    cpuSeconds: ticks / TICKS_PER_SECOND,
    isZombie: fields[0] === 'Z',
  }
}

/** Returns the command line of a process, its parts separated by spaces. Empty: it has ended. */
export function commandLineOf(pid: number): string {
  return readOfProcess(pid, 'cmdline').join(' ').trim()
}

/**
 * Returns the environment that a process was started with, as `NAME=value`. Empty: the process has ended, or belongs to
 * another user.
 */
export function environmentOf(pid: number): readonly string[] {
  return readOfProcess(pid, 'environ')
}

function readOfProcess(pid: number, file: 'cmdline' | 'environ'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0')
  } catch {
    return []
  }
}

/** Ends processes at once. An ended process is no error. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // The process has already ended.
    }
  }
}

/** Returns all descendants of a process. Parents come before their children. */
export function descendantsOf(
  rootPid: number,
  processes: readonly ProcessFacts[] = readProcesses(),
): readonly ProcessFacts[] {
  const children = processes.filter(({ parentPid }) => parentPid === rootPid)
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, processes)])
}

/**
 * Returns the CPU time (user and system) of a process and its descendants in seconds, including ended ones.
 * Undefined: the system has no /proc.
 */
export function cpuSecondsOfTree(
  rootPid: number,
  processes: readonly ProcessFacts[] = readProcesses(),
): number | undefined {
  const root = processes.find(({ pid }) => pid === rootPid)
  if (root === undefined) return undefined
  return [root, ...descendantsOf(rootPid, processes)].reduce(
    (sum, { cpuSeconds }) => sum + cpuSeconds,
    0,
  )
}
