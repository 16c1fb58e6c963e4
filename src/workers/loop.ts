import type { Logger } from 'pino'

/** Work that goes on in the background until it is told to stop. */
export type Loop = {
  readonly stop: () => void
  readonly stopped: Promise<void>
  /** Ends the rest that an idle lane takes: there is something to do. */
  readonly wake: () => void
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
  const pause = (ms: number) =>
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
    await pause((idleMs * lane) / laneCount)
    while (!signal.aborted) {
      const seenCount = wakeCount
      try {
        if ((await next()) === undefined && wakeCount === seenCount) await pause(idleMs * laneCount)
      } catch (error) {
        logger.error({ err: error, loop: name }, 'background work failed')
        await pause(AFTER_FAILURE_MS)
      }
    }
  }
  const stopped = Promise.all(Array.from({ length: laneCount }, (_, lane) => runLane(lane)))
  return {
    stop: () => stopping.abort(),
    stopped: stopped.then(() => {}),
    wake: () => {
      wakeCount += 1
      woken.dispatchEvent(new Event('wake'))
    },
  }
}
