import type { Store } from '../../operations/store.ts'
import type { SandboxClock } from './sandbox-clock.ts'

/** The control over background work that a moved clock needs. */
export type WorkInHand = {
  /** Starts no more work, and waits for work under way. */
  readonly pause: () => Promise<void>
  readonly resume: () => void
  /** Does all work that is due now, and waits until it is done. */
  readonly doAllDue: () => Promise<void>
}

/** Moves the clock, one move at a time. */
export type ClockMover = {
  /**
   * Moves the clock forward to a time. Work that falls due on the way happens at its own time and in order: the clock
   * stops there until it is done. Gives the number of stops.
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
