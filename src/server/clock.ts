import { clearInterval, setInterval } from 'node:timers'
import type { Clock } from '../domain/clock.ts'

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() }

/**
 * The machine's monotonic clock: milliseconds since an arbitrary moment. Changes of the time of day do not affect it.
 */
export const steadyClock: Clock = { nowMs: () => performance.now() }

/** The time between two queries of the database's time, in milliseconds. */
const ASK_EVERY_MS = 15_000
/** The longest duration of a query whose answer is exact enough, in milliseconds. */
const ANSWER_MS_MAX = 2_000

/** A clock that follows another machine's clock. */
type FollowingClock = Clock & {
  /** Queries the time now. After an error the clock continues with the machine's monotonic clock. */
  readonly ask: () => Promise<void>
  /** Starts to query every 15 seconds of real time. */
  readonly start: () => void
  readonly stop: () => void
}

/**
 * Makes a clock that shows the time of a database. Between two queries it follows the machine's steady clock, so that
 * jumps of the machine's time of day have no effect.
 *
 * `askMs` returns the database's time in milliseconds. `onTime` gets each answer with the machine's time of day at that
 * moment. Throws the error of the first query.
 */
export async function followClock(
  askMs: () => Promise<number>,
  onTime: (databaseMs: number, machineMs: number) => void,
  machine: { readonly day: Clock; readonly steady: Clock } = {
    day: systemClock,
    steady: steadyClock,
  },
): Promise<FollowingClock> {
  const { day, steady } = machine
  let timer: NodeJS.Timeout | undefined
  let reading = await measure()

  async function measure(): Promise<{ readonly atMs: number; readonly steadyMs: number }> {
    const beforeMs = steady.nowMs()
    const atMs = await askMs()
    const afterMs = steady.nowMs()
    onTime(atMs, day.nowMs())
    // The database read its clock between query and answer, so half the time is the best estimate.
    return { atMs, steadyMs: (beforeMs + afterMs) / 2 }
  }

  async function ask(): Promise<void> {
    const startedMs = steady.nowMs()
    try {
      const measurement = await measure()
      if (steady.nowMs() - startedMs <= ANSWER_MS_MAX) reading = measurement
    } catch {
      // Requests report an outage.
    }
  }

  return {
    nowMs: () => Math.floor(reading.atMs + steady.nowMs() - reading.steadyMs),
    ask,
    start: () => {
      timer ??= setInterval(() => void ask(), ASK_EVERY_MS).unref()
    },
    stop: () => clearInterval(timer),
  }
}

/** The largest difference between the machine's clock and the database's without a warning, in milliseconds. */
const DIFFERENCE_MS_MAX = 60_000

/**
 * Makes a listener for `followClock` that warns when the clocks differ by more than a minute, and reports when they
 * agree again.
 */
export function createDifferenceWarning(
  warn: (differenceSeconds: number) => void,
  agree: () => void,
): (databaseMs: number, machineMs: number) => void {
  let isWarned = false
  return (databaseMs, machineMs) => {
    const differenceMs = machineMs - databaseMs
    const differs = Math.abs(differenceMs) > DIFFERENCE_MS_MAX
    if (differs && !isWarned) warn(Math.round(differenceMs / 1000))
    if (!differs && isWarned) agree()
    isWarned = differs
  }
}
