import { clearTimeout, setTimeout } from 'node:timers'
import type { Logger } from 'pino'
import { StoreUnavailable } from '../operations/store.ts'

/** Work that goes on in the background until it is told to stop. */
export type Loop = {
  readonly stop: () => void
  readonly stopped: Promise<void>
  /** Ends the rest that an idle lane takes: there is something to do. */
  readonly wake: () => void
  /** Keeps all lanes from beginning anything. Resolves when none is at work. */
  readonly pause: () => Promise<void>
  /** Ends a pause. */
  readonly resume: () => void
}

/** How long a lane waits after a failure, in milliseconds, so that an outage is not hammered. */
const AFTER_FAILURE_MS = 2_000

/**
 * Calls `next` again and again: at once while it finds something to do, after `idleMs` when it finds
 * nothing. As many lanes as said work at the same time. `stop` lets what is under way end.
 */
export function startLoop({
  name,
  next,
  idleMs,
  laneCount,
  logger,
}: {
  readonly name: string
  /** Does one unit of work. Undefined: there was none. */
  readonly next: () => Promise<unknown>
  readonly idleMs: number
  readonly laneCount: number
  readonly logger: Logger
}): Loop {
  const stopping = new AbortController()
  const { signal } = stopping
  const woken = new EventTarget()
  /** How often `wake` was called. A lane that has not seen the last call does not rest. */
  let wakeCount = 0
  const atWork = new Set<Promise<unknown>>()
  let paused: PromiseWithResolvers<void> | undefined
  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        woken.removeEventListener('wake', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
      woken.addEventListener('wake', done)
    })

  async function runLane(lane: number): Promise<void> {
    // Lanes look at different moments, so that an idle one asks the database less often.
    await rest((idleMs * lane) / laneCount)
    while (!signal.aborted) {
      await paused?.promise
      if (signal.aborted) return
      const seenCount = wakeCount
      const working = next()
      atWork.add(working)
      try {
        const found = await working
        atWork.delete(working)
        if (found === undefined && wakeCount === seenCount) await rest(idleMs * laneCount)
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
    woken.dispatchEvent(new Event('wake'))
  }
  const resume = () => {
    paused?.resolve()
    paused = undefined
  }
  const stopped = Promise.all(Array.from({ length: laneCount }, (_, lane) => runLane(lane)))
  return {
    stop: () => {
      stopping.abort()
      resume()
    },
    stopped: stopped.then(() => {}),
    wake,
    pause: async () => {
      paused ??= Promise.withResolvers()
      await Promise.allSettled(atWork)
    },
    resume: () => {
      resume()
      wake()
    },
  }
}
