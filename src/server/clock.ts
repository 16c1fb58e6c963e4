import { clearInterval, setInterval } from 'node:timers'
import type { Clock } from '../domain/clock.ts'

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() }

/** The machine's steady clock: milliseconds since some moment, which nobody sets forward or back. */
export const steadyClock: Clock = { nowMs: () => performance.now() }

/** The time between two questions for the database's time, in milliseconds. */
const ASK_EVERY_MS = 15_000
/** An answer that took longer than this, in milliseconds, says too little about the time. */
const ANSWER_MS_MAX = 2_000

/** A clock that follows another program's. */
export type FollowingClock = Clock & {
  /** Asks for the time now. An error leaves the clock as it was: it goes on by the machine's steady clock. */
  readonly ask: () => Promise<void>
  /** Asks from now on every 15 seconds of real time. */
  readonly start: () => void
  readonly stop: () => void
}

/**
 * Makes a clock that shows the time of a database. Between two questions the machine's steady clock carries it, so that
 * it does not matter where the machine's time of day jumps to.
 *
 * `askMs` gives the database's time in milliseconds. `onTime` gets each answer with the machine's time of day at that
 * moment. Throws what the first question throws.
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
  let answered = await measure()

  async function measure(): Promise<{ readonly atMs: number; readonly steadyMs: number }> {
    const beforeMs = steady.nowMs()
    const atMs = await askMs()
    const afterMs = steady.nowMs()
    onTime(atMs, day.nowMs())
    // The database read its clock somewhere between question and answer.
    return { atMs, steadyMs: (beforeMs + afterMs) / 2 }
  }

  async function ask(): Promise<void> {
    const startedMs = steady.nowMs()
    try {
      const measured = await measure()
      if (steady.nowMs() - startedMs <= ANSWER_MS_MAX) answered = measured
    } catch {
      // An outage of the database is reported by those who need it.
    }
  }

  return {
    nowMs: () => Math.floor(answered.atMs + steady.nowMs() - answered.steadyMs),
    ask,
    start: () => {
      timer ??= setInterval(() => void ask(), ASK_EVERY_MS).unref()
    },
    stop: () => clearInterval(timer),
  }
}

/** From which difference on the machine's clock and the database's are reported as different, in milliseconds. */
const DIFFERENCE_MS_MAX = 60_000

/**
 * Makes a listener for `followClock` that warns when the clocks begin to differ by more than a minute, and says when
 * they agree again.
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
