import { clearTimeout, setTimeout } from 'node:timers'
import type { Logger } from 'pino'
import { StoreUnavailable } from '../operations/store.ts'

type Loop = {
  readonly stop: () => void
  readonly whenStopped: Promise<void>
  /** Ends the wait of idle lanes, because there is work. */
  readonly wake: () => void
  /** Stops lanes from starting work. Resolves when no lane works. */
  readonly pause: () => Promise<void>
  readonly resume: () => void
}

/** The wait of a lane after a failure, in milliseconds, so that an outage does not cause a flood of attempts. */
const AFTER_FAILURE_MS = 2_000

/**
 * Calls `next` repeatedly: at once while there is work, after `idleMs` when there is none. `laneCount` lanes work at
 * the same time. `stop` does not interrupt running work.
 *
 * After a wait that nothing ended early, a lane first takes a turn, and waits again if another server has it.
 */
export function startLoop({
  name,
  next,
  idleMs,
  laneCount,
  logger,
  takeTurn,
}: {
  readonly name: string
  /** Does one unit of work. Returns undefined if there was none. */
  readonly next: () => Promise<unknown>
  readonly idleMs: number
  readonly laneCount: number
  readonly logger: Logger
  /** Returns false if another server searches for this work. Without this function every server searches. */
  readonly takeTurn?: () => Promise<boolean>
}): Loop {
  const stopping = new AbortController()
  const { signal } = stopping
  const wakeUps = new EventTarget()
  /** The number of `wake` calls. A lane that has not handled the last call does not wait. */
  let wakeCount = 0
  const atWork = new Set<Promise<unknown>>()
  let pause: PromiseWithResolvers<void> | undefined
  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      // A signal that was aborted during the last work sends no event again.
      if (signal.aborted) return resolve()
      const finish = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', finish)
        wakeUps.removeEventListener('wake', finish)
        resolve()
      }
      const timer = setTimeout(finish, ms)
      signal.addEventListener('abort', finish)
      wakeUps.addEventListener('wake', finish)
    })

  async function nextInTurn(): Promise<unknown> {
    return takeTurn === undefined || (await takeTurn()) ? next() : undefined
  }

  async function runLane(lane: number): Promise<void> {
    // Lanes start at different times, so that idle lanes query the database at even intervals.
    await rest((idleMs * lane) / laneCount)
    /** The number of wake calls before a wait for work. Undefined: the lane has not waited. */
    let restedAt: number | undefined = wakeCount
    while (!signal.aborted) {
      // A new pause can begin before the lane continues after the last one.
      while (pause !== undefined) await pause.promise
      if (signal.aborted) return
      const seenCount = wakeCount
      const working = restedAt === seenCount ? nextInTurn() : next()
      restedAt = undefined
      atWork.add(working)
      try {
        const result = await working
        atWork.delete(working)
        if (result === undefined && wakeCount === seenCount) {
          restedAt = seenCount
          await rest(idleMs * laneCount)
        }
      } catch (error) {
        atWork.delete(working)
        if (error instanceof StoreUnavailable) {
          logger.warn({ reason: error.message, loop: name }, 'background work failed')
        } else {
          logger.error({ err: error, loop: name }, 'background work failed')
        }
        await rest(AFTER_FAILURE_MS)
      }
    }
  }
  const wake = () => {
    wakeCount += 1
    wakeUps.dispatchEvent(new Event('wake'))
  }
  const resume = () => {
    pause?.resolve()
    pause = undefined
  }
  const lanesEnd = Promise.all(Array.from({ length: laneCount }, (_, lane) => runLane(lane)))
  return {
    stop: () => {
      stopping.abort()
      resume()
    },
    whenStopped: lanesEnd.then(() => {}),
    wake,
    pause: async () => {
      pause ??= Promise.withResolvers()
      await Promise.allSettled(atWork)
    },
    resume: () => {
      resume()
      wake()
    },
  }
}
