import type { Store } from '../../operations/store.ts'
import type { SandboxClock } from './sandbox-clock.ts'

/** The background work, as far as moving the clock needs it in hand. */
export type WorkInHand = {
  /** Keeps the work from beginning anything, and waits for what is under way. */
  readonly pause: () => Promise<void>
  readonly resume: () => void
  /** Does all that is due now, and waits until it is done. */
  readonly doAllDue: () => Promise<void>
}

/** Moves the clock, one at a time. */
export type ClockMover = {
  /**
   * Moves the clock on to a time. What falls due in between happens at its own time and in its own
   * order: the clock stops there, until all of it is done. Gives how many times it stopped.
   */
  readonly moveTo: (timeMs: number) => Promise<number>
}

/** Makes the mover of a sandbox's clock. */
export function createClockMover(
  /** Its store is read at each use: a restore replaces it. */
  tenant: {
    readonly clock: SandboxClock
    readonly store: { readonly openWork: Pick<Store['openWork'], 'findNextDueMs'> }
  },
  work: WorkInHand,
): ClockMover {
  let moving: Promise<unknown> = Promise.resolve()

  async function moveTo(timeMs: number): Promise<number> {
    const { clock, store } = tenant
    await work.pause()
    try {
      let stopCount = 0
      await work.doAllDue()
      for (;;) {
        const nextMs = await store.openWork.findNextDueMs(clock.nowMs())
        if (nextMs === undefined || nextMs > timeMs) break
        clock.moveTo(nextMs)
        stopCount += 1
        await work.doAllDue()
      }
      clock.moveTo(timeMs)
      await work.doAllDue()
      return stopCount
    } finally {
      work.resume()
    }
  }

  return {
    moveTo: (timeMs) => {
      const moved = moving.then(() => moveTo(timeMs))
      moving = moved.catch(() => {})
      return moved
    },
  }
}
