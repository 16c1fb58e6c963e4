import { clearInterval, setInterval } from 'node:timers'
import type { Clock } from '../domain/clock.ts'

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() }

/**
 * The machine's monotonic clock: milliseconds since an arbitrary moment. Changes of the time of day do not affect it.
 */
export const steadyClock: Clock = { nowMs: () => performance.now() }

/** The number of queries of the database's time at the start. */
const FIRST_QUERY_COUNT = 3
const ASK_EVERY_MS = 15_000
/** A clock that follows another machine's clock. */
type FollowingClock = Clock & {
  /** Queries the time at once. After an error the clock continues with the machine's monotonic clock. */
  readonly ask: () => Promise<void>
  /** Starts to query every 15 seconds of real time. */
  readonly start: () => void
  readonly stop: () => void
}

/**
 * Makes a clock that shows the time of a database. Between two queries it follows the machine's monotonic clock, so
 * that jumps of the machine's time of day have no effect. Rejects with the error of the first query, if it fails.
 *
 * `askMs` returns the database's time in milliseconds. `onTime` gets each answer with the machine's time of day at that
 * moment.
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
  const first = await measure()
  // The database read its clock between query and answer, so half the duration is the best estimate.
  let reading = { atMs: (first.earliestMs + first.latestMs) / 2, steadyMs: first.steadyMs }
  // The first query also opens a connection, so its answer is not exact.
  for (let count = 1; count < FIRST_QUERY_COUNT; count += 1) await ask()

  async function measure() {
    const beforeMs = steady.nowMs()
    const atMs = await askMs()
    const steadyMs = steady.nowMs()
    onTime(atMs, day.nowMs())
    return { earliestMs: atMs, latestMs: atMs + steadyMs - beforeMs, steadyMs }
  }

  async function ask(): Promise<void> {
    try {
      const { earliestMs, latestMs, steadyMs } = await measure()
      const shownMs = reading.atMs + steadyMs - reading.steadyMs
      // A time that the answer does not exclude stays, so that slow queries do not move the clock back and forth.
      const atMs = Math.min(Math.max(shownMs, earliestMs), latestMs)
      if (atMs !== shownMs) reading = { atMs, steadyMs }
    } catch {
      // The error is ignored: requests report an outage of the database.
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

/** The largest difference between the machine's clock and the database's without a warning. */
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
