/** CPU time of processes and of the machine, as Linux counts it in `/proc`. */
import { readdirSync, readFileSync } from 'node:fs'

/** Linux shows CPU time to programs in hundredths of a second, on every architecture that Node supports. */
const MICROS_PER_TICK = 10_000

export type ProcessTime = {
  readonly pid: number
  readonly parentPid: number
  /** CPU time of the process, its threads, and its children that have ended, in microseconds. */
  readonly micros: number
}

/** CPU time of all CPUs since the start of the machine, in microseconds. */
export type MachineTime = {
  /** The time that passed, on all CPUs together. */
  readonly totalMicros: number
  /** The time that programs, the kernel and other virtual machines used. */
  readonly usedMicros: number
}

/**
 * Reads `/proc/<pid>/stat`. The name of the program may contain spaces and parentheses, so the fields
 * are counted from the last parenthesis (man 5 proc_pid_stat).
 */
export function parseProcessStat(text: string): ProcessTime {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const numberAt = (index: number) => Number(fields[index])
  const ticks = numberAt(11) + numberAt(12) + numberAt(13) + numberAt(14)
  return {
    pid: Number.parseInt(text, 10),
    parentPid: numberAt(1),
    micros: ticks * MICROS_PER_TICK,
  }
}

/**
 * Reads the first line of `/proc/stat`. Interrupts are not counted: those of a benchmark are the packets of its own
 * load (man 5 proc_stat).
 */
export function parseMachineStat(text: string): MachineTime {
  const [, ...ticks] = (text.split('\n')[0] ?? '').trim().split(/\s+/)
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] =
    ticks.map(Number)
  const usedTicks = user + nice + system + steal
  return {
    totalMicros: (usedTicks + idle + iowait + irq + softirq) * MICROS_PER_TICK,
    usedMicros: usedTicks * MICROS_PER_TICK,
  }
}

export function microsOfTree(processes: readonly ProcessTime[], rootPid: number): number {
  const children = Map.groupBy(processes, ({ parentPid }) => parentPid)
  const microsBelow = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + child.micros + microsBelow(child.pid), 0)
  const root = processes.find(({ pid }) => pid === rootPid)
  return (root?.micros ?? 0) + microsBelow(rootPid)
}

export type MeteredProcesses = {
  readonly serverPid: number
  /** The first process of PostgreSQL. Undefined: there is no database server. */
  readonly databasePid?: number | undefined
}

/** CPU time of one request, in microseconds. */
export type CpuCost = {
  readonly cpuMicros: number
  /** The CPU time of PostgreSQL's processes. Undefined: there is no database server. */
  readonly databaseCpuMicros: number | undefined
}

/** Starts a meter. The returned function gets the number of requests since the start, and returns the cost of one. */
export function startCpuMeter(processes: MeteredProcesses): (requestCount: number) => CpuCost {
  const { databasePid, serverPid } = processes
  const read = () => {
    const processes = readProcesses()
    return {
      server: microsOfTree(processes, serverPid),
      database: databasePid === undefined ? undefined : microsOfTree(processes, databasePid),
    }
  }
  const before = read()
  return (requestCount) => {
    const after = read()
    return {
      cpuMicros: (after.server - before.server) / requestCount,
      databaseCpuMicros:
        after.database === undefined
          ? undefined
          : (after.database - (before.database ?? 0)) / requestCount,
    }
  }
}

/** Returns the CPU time of a process and its descendants since its start, in milliseconds. */
export function cpuMillisecondsOf(pid: number): number {
  return microsOfTree(readProcesses(), pid) / 1000
}

/**
 * The part of the machine's CPU time between two moments that neither this process nor its descendants used, from 0
 * to 1.
 */
export function othersShareBetween(before: MachineMoment, after: MachineMoment): number {
  const total = after.machine.totalMicros - before.machine.totalMicros
  if (total <= 0) return 0
  const usedMicros = after.machine.usedMicros - before.machine.usedMicros
  const own = after.ownMicros - before.ownMicros
  // Both values are rounded and measured at slightly different times, so the difference can be negative.
  return Math.max(0, usedMicros - own) / total
}

export type MachineMoment = { readonly machine: MachineTime; readonly ownMicros: number }

/**
 * Starts to watch the machine. The returned function returns the share of CPU time that other programs have used
 * since then.
 */
export function watchOtherPrograms(): () => number {
  const before = readMoment()
  return () => othersShareBetween(before, readMoment())
}

function readMoment(): MachineMoment {
  return {
    machine: parseMachineStat(readFileSync('/proc/stat', 'utf8')),
    ownMicros: microsOfTree(readProcesses(), process.pid),
  }
}

function readProcesses(): readonly ProcessTime[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))]
      } catch {
        // The process has ended since the folder was read. Its time is counted for its parent.
        return []
      }
    })
}
