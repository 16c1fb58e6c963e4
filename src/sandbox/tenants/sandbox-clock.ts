import type { Clock } from '../../domain/clock.ts'

/** The last time of a sandbox's clock. Ids can be drawn until January 2093. */
export const CLOCK_MS_MAX = Date.UTC(2090, 0, 1)
/** The highest speed of a sandbox's clock, relative to the machine's. */
export const CLOCK_RATE_MAX = 100_000

/** The state of a sandbox's clock. */
export type SandboxClockState = {
  readonly nowMs: number
  /** Its speed relative to the machine's clock; 0: it is frozen. */
  readonly rate: number
}

/** A clock that can be moved while the program runs. It moves forward only, except when a snapshot is restored. */
export type SandboxClock = Clock & {
  readonly state: () => SandboxClockState
  /** Moves it forward to a time, at most to `CLOCK_MS_MAX`. Does nothing for a past time. */
  readonly moveTo: (timeMs: number) => void
  /** Sets any time, even an earlier one: for a restored snapshot. */
  readonly startFrom: (timeMs: number) => void
  /** Sets its speed: 0 freezes it, 1 is the speed of the machine's clock. */
  readonly setRate: (rate: number) => void
}

/**
 * Makes a clock that follows the machine's until it is changed. `rateAtStart` 0: it is frozen from the start, so that a
 * seeded run begins at the same millisecond on every machine.
 */
export function createSandboxClock(
  machine: Clock,
  startMs = machine.nowMs(),
  rateAtStart = 1,
): SandboxClock {
  // The times of both clocks at the last change.
  let shownMs = startMs
  let machineMs = machine.nowMs()
  let rate = rateAtStart

  /** If the machine's clock is set back, this clock waits. */
  function nowMs(): number {
    const passedMs = Math.max(0, machine.nowMs() - machineMs)
    return Math.min(CLOCK_MS_MAX, Math.floor(shownMs + passedMs * rate))
  }
  function hold(atMs: number): void {
    shownMs = atMs
    machineMs = machine.nowMs()
  }

  return {
    nowMs,
    state: () => ({ nowMs: nowMs(), rate }),
    moveTo: (timeMs) => hold(Math.max(timeMs, nowMs())),
    startFrom: hold,
    setRate: (to) => {
      hold(nowMs())
      rate = to
    },
  }
}
