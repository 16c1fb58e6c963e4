import { clearInterval, setInterval } from 'node:timers'
import type { Logger } from 'pino'
import type { Clock } from '../domain/clock.ts'
import type { Store } from '../operations/store.ts'

const EVERY_MS = 10 * 60_000
/**
 * The largest step of the stored time, in milliseconds. After a jump of the clock the stored time follows it, six times
 * as fast as real time.
 */
const STEP_MS_MAX = 60 * 60_000

/** A sandbox replaces its store, so each use reads it again. */
type ExpiringTenant = {
  readonly store: Pick<Store, 'installation' | 'deleteExpired'>
  readonly clock: Clock
}

/**
 * Makes a function that deletes expired rows and returns their number. Call it every ten minutes of real time.
 *
 * A time in the database decides which rows have expired. It follows the clock in small steps, so that no needed row is
 * deleted if the clock is years ahead for an hour. If there are several processes, only one moves
 * the stored time; the others see that it has moved, and do nothing.
 */
export function createExpiry(tenant: ExpiringTenant): () => Promise<number> {
  // A new database begins with the time of its first start, when it has no rows.
  const startedMs = String(tenant.clock.nowMs())
  let seenMs: number | undefined

  return async () => {
    const { clock, store } = tenant
    const nowMs = clock.nowMs()
    const storedMs = Number(await store.installation.stateFact('expiry_time_ms', startedMs))
    if (storedMs !== seenMs) {
      seenMs = storedMs
      return 0
    }
    const stepMs = Math.min(Math.max(nowMs - storedMs, -STEP_MS_MAX), STEP_MS_MAX)
    const nextMs = storedMs + stepMs
    const hasMoved = await store.installation.advanceExpiryTime(storedMs, nextMs)
    seenMs = hasMoved ? nextMs : undefined
    return hasMoved ? store.deleteExpired(Math.min(nextMs, nowMs)) : 0
  }
}

/**
 * Deletes expired rows every ten minutes, so that the database does not grow. Keys, codes, tokens and sessions do not
 * depend on the deletion, because their readers ignore expired ones.
 */
export function startDeletingExpired(
  tenant: ExpiringTenant,
  {
    isPaused,
    logger,
  }: {
    /** While it returns true, a round does nothing. */
    readonly isPaused: () => boolean
    readonly logger: Logger
  },
): {
  readonly stop: () => void
  readonly whenStopped: Promise<void>
  /** Resolves when no round is running. */
  readonly waitForRound: () => Promise<void>
} {
  let running: Promise<void> = Promise.resolve()
  const { promise: stop, resolve } = Promise.withResolvers<void>()
  const expire = createExpiry(tenant)

  const timer = setInterval(() => {
    running = running.then(deleteOnce)
  }, EVERY_MS)
  timer.unref()

  async function deleteOnce(): Promise<void> {
    if (isPaused()) return
    try {
      const count = await expire()
      if (count > 0) logger.debug({ count }, 'expired rows deleted')
    } catch (error) {
      // The next round tries again.
      logger.warn({ err: error }, 'expired rows could not be deleted')
    }
  }

  return {
    stop: () => {
      clearInterval(timer)
      running.then(resolve)
    },
    whenStopped: stop,
    waitForRound: () => running,
  }
}
