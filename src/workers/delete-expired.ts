import type { Logger } from 'pino'
import type { Clock, Store } from '../operations/ports.ts'

/** How often what has had its time is deleted, in milliseconds: every ten minutes. */
const EVERY_MS = 10 * 60_000

/**
 * Deletes expired keys, codes and tokens from time to time, so that the database does not grow by
 * them. Nothing depends on it: what has expired does not count, deleted or not.
 */
export function startDeletingExpired({
  store,
  clock,
  logger,
}: {
  readonly store: Pick<Store, 'deleteExpired'>
  readonly clock: Clock
  readonly logger: Logger
}): { readonly stop: () => void; readonly stopped: Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  const { promise: stopped, resolve } = Promise.withResolvers<void>()

  const timer = setInterval(() => {
    running = running.then(deleteOnce)
  }, EVERY_MS)
  timer.unref()

  async function deleteOnce(): Promise<void> {
    try {
      const count = await store.deleteExpired(clock.nowMs())
      if (count > 0) logger.debug({ count }, 'expired rows deleted')
    } catch (error) {
      // The next round tries again, and nothing waits for this one.
      logger.warn({ err: error }, 'expired rows could not be deleted')
    }
  }

  return {
    stop: () => {
      clearInterval(timer)
      running.then(resolve)
    },
    stopped,
  }
}
