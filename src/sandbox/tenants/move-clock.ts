import { setImmediate } from 'node:timers'
import type { Store } from '../../operations/store.ts'
import type { ClockKeeper } from './kept-clock.ts'
import type { SandboxClock } from './sandbox-clock.ts'

/** Background work that the clock mover can pause and run. */
export type PausableWork = {
  /** Starts no more work, and waits for running work. */
  readonly pause: () => Promise<void>
  readonly resume: () => void
  /** Does all work that is due now, and waits until it is done. */
  readonly doAllDue: () => Promise<void>
}

/** Moves the clock, one move at a time. The results are the numbers of stops. */
export type ClockMover = {
  /**
   * Moves the clock forward to a time. Work that becomes due happens at its own time and in order:
   * the clock stops there until the work is done. After `EXACT_STOP_COUNT` stops the clock advances
   * in at most `STEP_COUNT` steps, and does the work of each step at its end.
   */
  readonly moveTo: (timeMs: number) => Promise<number>
  /** Moves the clock forward by a duration after all earlier moves have ended. */
  readonly moveBy: (lengthMs: number) => Promise<number>
}

/** The maximum number of stops of a move at the exact time of due work. */
export const EXACT_STOP_COUNT = 1_000
/**
 * The maximum number of steps of the rest of a move. Without this limit a thousand failing deliveries would stop the
 * clock 37,000 times.
 */
export const STEP_COUNT = 1_000

/** Makes the mover of a sandbox's clock. */
export function createClockMover(
  /** A restore replaces its store, so each use reads it again. */
  tenant: {
    readonly clock: SandboxClock
    readonly store: { readonly openWork: Pick<Store['openWork'], 'findNextDueMs'> }
  },
  work: PausableWork,
  keeper: ClockKeeper,
  /** Aborted when the tenant ends: a move then ends at its next stop. */
  stopping: AbortSignal,
): ClockMover {
  let moving: Promise<unknown> = Promise.resolve()

  async function moveTo(timeMs: number): Promise<number> {
    const { clock } = tenant
    await work.pause()
    try {
      // The target is stored before the first row with a later time: after a crash the clock must not be behind the
      // stored rows.
      await keeper.keep(timeMs)
      let stopCount = 0
      let stepMs = 0
      await work.doAllDue()
      for (;;) {
        const nowMs = clock.nowMs()
        const nextMs = await tenant.store.openWork.findNextDueMs(nowMs)
        if (nextMs === undefined || nextMs > timeMs) break
        if (stopCount === EXACT_STOP_COUNT) stepMs = Math.ceil((timeMs - nowMs) / STEP_COUNT)
        clock.moveTo(Math.min(timeMs, Math.max(nextMs, nowMs + stepMs)))
        stopCount += 1
        await work.doAllDue()
        // Without this turn of the event loop, work that needs no network would block all requests.
        await new Promise(setImmediate)
        if (stopping.aborted) return stopCount
      }
      clock.moveTo(timeMs)
      await keeper.keep()
      await work.doAllDue()
      return stopCount
    } finally {
      work.resume()
    }
  }

  function inTurn(move: () => Promise<number>): Promise<number> {
    const result = moving.then(move)
    moving = result.catch(() => {})
    return result
  }

  return {
    moveTo: (timeMs) => inTurn(() => moveTo(timeMs)),
    moveBy: (lengthMs) => inTurn(() => moveTo(tenant.clock.nowMs() + lengthMs)),
  }
}
