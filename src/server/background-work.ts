import { setTimeout } from 'node:timers'
import type { Logger } from 'pino'
import type { Random } from '../domain/random.ts'
import { isAccepted } from '../domain/webhook-delivery.ts'
import { createDeliverer, releaseHeldNext } from '../operations/deliver-webhooks.ts'
import { reconcileNext } from '../operations/reconcile-attempts.ts'
import { refundNext } from '../operations/refund-payment.ts'
import type { Tenant } from '../operations/tenant.ts'
import type { WorkInHand } from '../sandbox/tenants/move-clock.ts'
import type { PostWebhook, WebhookPoster } from '../webhooks/post-webhook.ts'
import { startDeletingExpired } from './delete-expired.ts'
import { startLoop } from './loop.ts'
import type { Metrics } from './metrics.ts'

/** What a server does beside answering requests. */
export type BackgroundWork = WorkInHand & {
  /** Is told of what the store commits from now on; after another store was opened. */
  readonly watch: () => void
  /**
   * Stops all of it, and waits for what is under way as long as it may take. What asks a processor that
   * is slow is left to the next process: it is leased, not lost.
   */
  readonly stop: () => Promise<void>
}

/** How often it is looked whether something is to be done, in milliseconds. */
const LOOK_MS = 500
/** How many attempts are asked about, and refunds sent, at the same time: one call can take 40 s. */
const LANE_COUNT = 4
/** How long what is under way gets to end when the program stops, in milliseconds. */
const WORK_MS_MAX = 5_000

/**
 * Starts the background work of a tenant: queries open attempts, sends refunds, delivers webhooks, and deletes expired
 * rows.
 */
export function startBackgroundWork(
  tenant: Tenant,
  {
    logger,
    metrics,
    poster,
    random = tenant.random,
    retryWaitsMs,
  }: {
    readonly logger: Logger
    readonly metrics: Metrics
    readonly poster: Pick<WebhookPoster, 'close'> & { readonly post: PostWebhook }
    /** Spreads the retries of deliveries. Undefined: the tenant's. */
    readonly random?: Random
    /** Waits between the attempts of a delivery, in milliseconds. */
    readonly retryWaitsMs: readonly number[]
  },
): BackgroundWork {
  let isStopping = false
  const deliverer = createDeliverer(
    {
      tenant,
      random,
      post: poster.post,
      retryWaitsMs,
      isStopping: () => isStopping,
      onAttempt: ({ httpStatus, startedAtMs }, eventAtMs) => {
        const outcome =
          httpStatus === undefined ? 'unanswered' : isAccepted(httpStatus) ? 'accepted' : 'refused'
        const lagSeconds = Math.max(0, startedAtMs - eventAtMs) / 1000
        metrics.countDelivery(outcome, outcome === 'accepted' ? lagSeconds : undefined)
      },
      onDisabled: ({ accountId, id }) =>
        logger.warn({ accountId, endpointId: id }, 'a webhook endpoint was disabled'),
      onTrouble: (error) =>
        logger.error({ err: error }, 'a webhook delivery could not be recorded'),
    },
    () => delivering.wake(),
  )
  const loopOf = (name: string, next: () => Promise<unknown>, laneCount = 1) =>
    startLoop({ name, next, idleMs: LOOK_MS, laneCount, logger })
  const delivering = loopOf('deliver webhooks', deliverer.deliverNext)
  const watch = () => tenant.store.webhookDeliveries.onDue(delivering.wake)
  watch()
  const loops = [
    delivering,
    loopOf('release held webhook deliveries', () => releaseHeldNext(tenant)),
    loopOf('ask about attempts', () => reconcileNext(tenant), LANE_COUNT),
    loopOf('send refunds', () => refundNext(tenant), LANE_COUNT),
  ]
  /** Several may want the work to pause at once: it goes on when the last one lets it. */
  let pauseCount = 0
  const deleting = startDeletingExpired(tenant, { logger, isPaused: () => pauseCount > 0 })
  const pause = async () => {
    pauseCount += 1
    await Promise.all([deleting.settled(), ...loops.map((loop) => loop.pause())])
    await deliverer.allEnded()
  }
  /** Each kind of work until it finds nothing; gives whether it had found anything. */
  const doAll = async (next: () => Promise<unknown>) => {
    let count = 0
    while ((await next()) !== undefined) count += 1
    return count > 0
  }
  const deliverAll = async () => {
    const hasFound = await doAll(deliverer.deliverNext)
    await deliverer.allEnded()
    return hasFound
  }

  return {
    watch,
    pause,
    resume: () => {
      pauseCount -= 1
      if (pauseCount > 0) return
      for (const loop of loops) loop.resume()
    },
    doAllDue: async () => {
      // What one kind does can make another due at once.
      for (let hasFound = true; hasFound; ) {
        const found = [
          await doAll(() => reconcileNext(tenant)),
          await doAll(() => refundNext(tenant)),
          await doAll(() => releaseHeldNext(tenant)),
          await deliverAll(),
        ]
        hasFound = found.includes(true)
      }
    },
    stop: async () => {
      isStopping = true
      const all = [deleting, ...loops]
      for (const one of all) one.stop()
      const ended = Promise.all(all.map(({ stopped }) => stopped)).then(deliverer.allEnded)
      await Promise.race([ended, new Promise((done) => setTimeout(done, WORK_MS_MAX).unref())])
      // What is being sent fails now, and is sent again when its lease has passed.
      poster.close()
      await deliverer.allEnded()
    },
  }
}
