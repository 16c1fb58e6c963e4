import type { Clock } from '../../domain/clock.ts'

/** How a sandbox's clock stands. */
export type SandboxClockState = {
  readonly nowMs: number
  /** How much faster than the machine's clock it goes; 0: it stands still. */
  readonly rate: number
}

/** A clock that can be moved while the program runs. Moving it never goes back: what has happened has. */
export type SandboxClock = Clock & {
  readonly state: () => SandboxClockState
  /** Moves it on to a time. Does nothing for one that has passed. */
  readonly moveTo: (timeMs: number) => void
  /** Begins at a time, also an earlier one: with a snapshot that is restored. */
  readonly startFrom: (timeMs: number) => void
  /** Lets it stand still (0), go as the machine's clock does (1), or slower or faster. */
  readonly setRate: (rate: number) => void
}

/**
 * Makes a clock that goes with the machine's until it is told otherwise. `rateAtStart` 0: it stands still from the
 * first moment on, so that what is seeded begins at the same millisecond however busy the machine is.
 */
export function createSandboxClock(
  machine: Clock,
  startMs = machine.nowMs(),
  rateAtStart = 1,
): SandboxClock {
  // What it showed when it was last told something, and what the machine's showed then.
  let shownMs = startMs
  let machineMs = machine.nowMs()
  let rate = rateAtStart

  /** A machine's clock that is set back stands still here. */
  function nowMs(): number {
    const passedMs = Math.max(0, machine.nowMs() - machineMs)
    return Math.floor(shownMs + passedMs * rate)
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
