import { setTimeout } from 'node:timers'
import type { Logger } from 'pino'
import type { Random } from '../domain/random.ts'
import { isAccepted } from '../domain/webhook-delivery.ts'
import type { Messenger } from '../messengers/messenger.ts'
import { showForgottenSession } from '../operations/begin-terminal-payment.ts'
import { callPaymentMethodNext } from '../operations/call-payment-methods.ts'
import { endVirtualAccounts } from '../operations/change-virtual-account.ts'
import { chargeDebitNext } from '../operations/charge-waiting-debits.ts'
import { countPaymentsNext } from '../operations/count-payments.ts'
import {
  createDeliverer,
  type DeliverDeps,
  releaseHeldNext,
} from '../operations/deliver-webhooks.ts'
import { CLAIM_COUNT_MAX } from '../operations/delivery-queue.ts'
import { expirePaymentLinks } from '../operations/expire-payment-links.ts'
import { followDisputes } from '../operations/follow-disputes.ts'
import { followPayouts } from '../operations/follow-payouts.ts'
import { followSecretKey } from '../operations/follow-secret-key.ts'
import {
  closeAtProcessorNext,
  followTransfers,
  sendDecision,
} from '../operations/follow-transfers.ts'
import { expireMandates, queryMandateNext } from '../operations/move-mandate.ts'
import { sendNoticeNext } from '../operations/notify-of-debit.ts'
import { payOutNext } from '../operations/pay-out.ts'
import { reconcileNext } from '../operations/reconcile-attempts.ts'
import { refundNext } from '../operations/refund-payment.ts'
import { reverseBankTransfers } from '../operations/reverse-bank-transfers.ts'
import { sendMessageNext } from '../operations/send-messages.ts'
import type { Tenant } from '../operations/tenant.ts'
import type { PausableWork } from '../sandbox/tenants/move-clock.ts'
import type { PostWebhook, WebhookPoster } from '../webhooks/post-webhook.ts'
import { createWebhookSender } from '../webhooks/send-webhook.ts'
import { startDeletingExpired } from './delete-expired.ts'
import { startLoop } from './loop.ts'
import type { Metrics } from './metrics.ts'

/** The work of a tenant beside its requests. */
export type BackgroundWork = PausableWork & {
  /** Listens to the commits of the tenant's store. Must be called again after the store is replaced. */
  readonly watch: () => void
  /**
   * Stops the work and waits a limited time for running work. If a call to the processor takes longer, the claim of its
   * object expires, and the next process repeats the call.
   */
  readonly stop: () => Promise<void>
}

const POLL_MS = 500
/**
 * The time between two turns of a kind of work, as a multiple of its idle time. On a distributed database a search for
 * work costs more, so only the server that has the turn searches. The factor is a little below 2, because a timer that
 * fires early would lose its turn.
 */
const TURN_FACTOR = 1.9
/** The time between two reads of the database's secret key. */
const KEY_POLL_MS = 10_000
/** The time between two queries for one kind of work that the clock makes due. */
const TIMED_POLL_MS = 2_000
/** The number of calls of one kind of work that are made at the same time, because a call can take 40 s. */
const LANE_COUNT = 4
/** The longest wait for work under way when the program stops. */
const WORK_MS_MAX = 5_000

type BackgroundDeps = {
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'countDelivery' | 'countMessage'>
  readonly poster: Pick<WebhookPoster, 'close'> & { readonly post: PostWebhook }
  /** Guarded: it answers even if the module behind it fails. Undefined: no messages are sent. */
  readonly messenger?: Messenger | undefined
  /** Spreads the retries of deliveries. Undefined: the tenant's. */
  readonly random?: Random
  readonly retryWaitsMs: readonly number[]
}

/**
 * Starts the background work of a tenant: it queries open attempts, sends refunds and messages, delivers webhooks, does
 * the work that the clock makes due, and deletes expired rows.
 */
export function startBackgroundWork(tenant: Tenant, deps: BackgroundDeps): BackgroundWork {
  const { logger, poster } = deps
  let isStopping = false
  const deliverer = createDeliverer(
    deliveryDeps(tenant, deps, () => isStopping),
    () => delivering.wake(),
  )
  const release = () => releaseHeldNext(tenant)
  const reconcile = () => reconcileNext(tenant)
  const refund = () => refundNext(tenant)
  const sendMessage = messageSenderOf(tenant, deps)
  const timedWork = timedWorkOf(tenant, logger)
  const loopOf = (name: string, next: () => Promise<unknown>, laneCount = 1, idleMs = POLL_MS) => {
    const takeTurn = () => tenant.store.openWork.takeTurn(name, idleMs * TURN_FACTOR)
    return startLoop({ name, next, idleMs, laneCount, logger, takeTurn })
  }
  /**
   * Claims and sends deliveries. After a batch below the maximum no other delivery can start, so the loop waits until
   * it is woken or its idle time ends.
   */
  const deliver = async () => {
    const count = await deliverer.deliverNext()
    return count === CLAIM_COUNT_MAX ? count : undefined
  }
  const delivering = loopOf('deliver webhooks', deliver)
  const loops = [
    delivering,
    loopOf('release held webhook deliveries', release),
    loopOf('query attempts', reconcile, LANE_COUNT),
    loopOf('send refunds', refund, LANE_COUNT),
    ...timedWork.map(({ laneCount, name, next }) => loopOf(name, next, laneCount, TIMED_POLL_MS)),
    ...(sendMessage === undefined ? [] : [loopOf('send messages', sendMessage, LANE_COUNT)]),
    ...(tenant.mode === 'live' ? [followingKey(tenant, logger)] : []),
  ]
  const watch = () => tenant.store.webhookDeliveries.onDue(delivering.wake)
  watch()
  /**
   * The number of callers that have paused the work. The work continues when the last pause ends.
   */
  let pauseCount = 0
  const deleting = startDeletingExpired(tenant, { logger, isPaused: () => pauseCount > 0 })

  return {
    watch,
    pause: async () => {
      pauseCount += 1
      await Promise.all([deleting.waitForRound(), ...loops.map((loop) => loop.pause())])
      await deliverer.allEnded()
    },
    resume: () => {
      pauseCount -= 1
      if (pauseCount > 0) return
      for (const loop of loops) loop.resume()
    },
    doAllDue: async () => {
      // Work of one kind can make work of another kind due at once.
      for (let hasFound = true; hasFound; ) {
        const results = [
          await doAll(reconcile),
          await doAll(() => firstOf(timedWork)),
          await doAll(refund),
          await doAll(release),
          await doAll(deliverer.deliverNext),
        ]
        await deliverer.allEnded()
        hasFound = results.includes(true)
      }
    },
    stop: async () => {
      isStopping = true
      const all = [deleting, ...loops]
      for (const one of all) one.stop()
      const ending = Promise.all(all.map(({ whenStopped }) => whenStopped)).then(deliverer.allEnded)
      await Promise.race([
        ending,
        new Promise((resolve) => setTimeout(resolve, WORK_MS_MAX).unref()),
      ])
      // Running requests fail now; another process sends them again after their claims have expired.
      poster.close()
      await deliverer.allEnded()
      await deps.messenger?.close?.()
    },
  }
}

type TimedWork = readonly {
  readonly name: string
  readonly next: () => Promise<unknown>
  readonly laneCount?: number
}[]

function timedWorkOf(tenant: Tenant, logger: Logger): TimedWork {
  const isSandboxBank = tenant.sandboxProcessor !== undefined
  const { disputes, payouts, terminals, virtualAccounts } = tenant.processor
  return [
    { name: 'expire payment links', next: () => expirePaymentLinks(tenant) },
    { name: 'process saved payment methods', next: () => callPaymentMethodNext(tenant) },
    // For the console of a live server. A sandbox's console counts the newest payments itself.
    ...(tenant.mode === 'live'
      ? [{ name: 'count payments', next: () => countPaymentsNext(tenant) }]
      : []),
    ...mandateWorkOf(tenant),
    ...(isSandboxBank || virtualAccounts !== undefined
      ? [{ name: 'close virtual accounts', next: () => endVirtualAccounts(tenant) }]
      : []),
    ...(virtualAccounts === undefined ? [] : transferWorkOf(tenant, logger)),
    ...(payouts === undefined
      ? []
      : [{ name: 'read payouts', next: () => followPayouts(withTrouble(tenant, logger)) }]),
    ...(disputes === undefined
      ? []
      : [{ name: 'read disputes', next: () => followDisputes(withTrouble(tenant, logger)) }]),
    // The sandbox's terminals show each session automatically.
    ...(isSandboxBank || terminals === undefined
      ? []
      : [
          {
            name: 'show sessions on terminals',
            next: () => showForgottenSession({ ...tenant, ...tenant.chargeLimits }),
          },
        ]),
    ...(!isSandboxBank
      ? []
      : [
          { name: 'reverse transfers', next: () => reverseBankTransfers(tenant) },
          // In live mode the acquirer makes the payouts.
          { name: 'make payouts', next: () => payOutNext(tenant) },
        ]),
  ]
}

function transferWorkOf(tenant: Tenant, logger: Logger): TimedWork {
  return [
    { name: 'read transfers', next: () => followTransfers(withTrouble(tenant, logger)) },
    {
      name: 'send decisions about transfers',
      next: () => sendDecision(tenant),
      laneCount: LANE_COUNT,
    },
    {
      name: 'report closed virtual accounts to the processor',
      next: () => closeAtProcessorNext(tenant),
    },
  ]
}

/** Adds the log of reports that cannot be recorded. The tenant's store can be replaced, so each call reads it. */
const withTrouble = (tenant: Tenant, logger: Logger) => ({
  ...tenant,
  onTrouble: (trouble: string) =>
    logger.error({ trouble }, 'a report of the processor cannot be recorded yet'),
})

/** Empty: the processor has no mandates. */
function mandateWorkOf(tenant: Tenant): TimedWork {
  if (tenant.processor.mandates === undefined) return []
  return [
    {
      name: 'send notices of debits',
      next: () => sendNoticeNext(tenant),
      laneCount: LANE_COUNT,
    },
    {
      name: 'charge debits',
      next: () => chargeDebitNext({ ...tenant, ...tenant.chargeLimits }),
      laneCount: LANE_COUNT,
    },
    { name: 'query mandates', next: () => queryMandateNext(tenant), laneCount: LANE_COUNT },
    { name: 'expire mandates', next: () => expireMandates(tenant) },
  ]
}

/** Undefined: no work is due. */
async function firstOf(work: TimedWork): Promise<unknown> {
  for (const { next } of work) {
    const result = await next()
    if (result !== undefined) return result
  }
  return undefined
}

/** Undefined: there is no messenger. */
function messageSenderOf(
  tenant: Tenant,
  { messenger, metrics }: Pick<BackgroundDeps, 'messenger' | 'metrics'>,
): (() => Promise<unknown>) | undefined {
  if (messenger === undefined) return undefined
  const onOutcome = metrics.countMessage
  return () => sendMessageNext({ clock: tenant.clock, store: tenant.store, messenger, onOutcome })
}

/** Makes the loop by which a live server follows a replacement of the database's secret key. */
function followingKey(tenant: Tenant, logger: Logger): ReturnType<typeof startLoop> {
  const next = async () => {
    if (await followSecretKey(tenant)) return
    logger.error(
      'the database and this server have different secret keys: set PAYDESK_SECRET_KEY to the database’s key, and restart',
    )
  }
  return startLoop({
    name: 'check the secret key of the database',
    next,
    idleMs: KEY_POLL_MS,
    laneCount: 1,
    logger,
  })
}

/** Returns true if it did something. */
async function doAll(next: () => Promise<unknown>): Promise<boolean> {
  let count = 0
  while ((await next()) !== undefined) count += 1
  return count > 0
}

function deliveryDeps(
  tenant: Tenant,
  { logger, metrics, poster, random = tenant.random, retryWaitsMs }: BackgroundDeps,
  isStopping: () => boolean,
): DeliverDeps {
  return {
    tenant,
    random,
    send: createWebhookSender(poster.post),
    retryWaitsMs,
    isStopping,
    onAttempt: ({ httpStatus, startedAtMs }, eventAtMs) => {
      const outcome =
        httpStatus === undefined ? 'unanswered' : isAccepted(httpStatus) ? 'accepted' : 'refused'
      const lagSeconds = Math.max(0, startedAtMs - eventAtMs) / 1000
      metrics.countDelivery(outcome, outcome === 'accepted' ? lagSeconds : undefined)
    },
    onDisabled: ({ accountId, id }) =>
      logger.warn({ accountId, endpointId: id }, 'a webhook endpoint was disabled'),
    onTrouble: (error) => logger.error({ err: error }, 'a webhook delivery could not be recorded'),
  }
}
