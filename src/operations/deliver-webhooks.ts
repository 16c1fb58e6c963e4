import { setImmediate } from 'node:timers'
import type { Random } from '../domain/random.ts'
import { type Keys, openSealedWithAny } from '../domain/secret.ts'
import {
  afterAttempt,
  isAccepted,
  longestWaitMs,
  type WebhookDelivery,
  waitingStatus,
  withRestartedSchedule,
} from '../domain/webhook-delivery.ts'
import {
  ACCEPTED_PRECISION_MS,
  isAlive,
  moveWebhookEndpoint,
  sealedKeysAt,
  type WebhookEndpoint,
} from '../domain/webhook-endpoint.ts'
import type { SendWebhook } from '../webhooks/send-webhook.ts'
import { DeliveryQueue, type ReadyDeliveries } from './delivery-queue.ts'
import type { ClaimedDelivery, Store } from './store.ts'
import type { Tenant } from './tenant.ts'

type DeliveringTenant = Pick<Tenant, 'clock' | 'signingClock' | 'keys'> & {
  readonly store: Pick<Store, 'transaction' | 'webhookDeliveries' | 'webhookEndpoints'>
}

/** The dependencies of a deliverer. */
export type DeliverDeps = {
  /** A sandbox replaces its store, so each use reads it again. */
  readonly tenant: DeliveringTenant
  /** For the random part of the waits between attempts. */
  readonly random: Random
  readonly send: SendWebhook
  readonly retryWaitsMs: readonly number[]
  /** True: the connections will be closed soon, even those with open requests. */
  readonly isStopping: () => boolean
  /** Called for each recorded attempt, with the time of its event. */
  readonly onAttempt: (
    attempt: { readonly startedAtMs: number; readonly httpStatus?: number },
    eventAtMs: number,
  ) => void
  readonly onDisabled: (endpoint: WebhookEndpoint) => void
  /** Called when an attempt could not be recorded. */
  readonly onTrouble: (error: unknown) => void
}

/** Longer than a POST and its record. */
const LEASE_MS = 30_000

/**
 * The maximum number of deliveries that were begun but not recorded. Because of this limit a slow database slows
 * down the sending.
 */
const UNRECORDED_COUNT_MAX = 512
/** The maximum number of signing keys that stay unsealed in memory. */
const OPENED_KEY_COUNT_MAX = 1_000

/** Sends due deliveries, as many at the same time as the limits allow. */
export type Deliverer = {
  /**
   * Claims due deliveries and starts to send them. Returns their count, at most `CLAIM_COUNT_MAX`. Undefined: none is
   * due, or there is no room; `onRoom` reports new room.
   */
  readonly deliverNext: () => Promise<number | undefined>
  /**
   * Resolves when all claimed deliveries have ended. Waiting ones are sent too, but if this process stops, it gives
   * their claims back.
   */
  readonly allEnded: () => Promise<void>
}

/**
 * Makes a deliverer. Outside the store, its only state is its claimed deliveries, the last answers of endpoints and a
 * cache of signing keys. `onRoom` is called when more can be claimed.
 */
export function createDeliverer(deps: DeliverDeps, onRoom: () => void = () => {}): Deliverer {
  const queue = new DeliveryQueue()
  const { begin, keep, underWay, unrecordedCount } = createSending(deps, queue)
  let isLookPending = false

  async function giveBack(deliveries: readonly ClaimedDelivery[]): Promise<void> {
    if (deliveries.length > 0) await deps.tenant.store.webhookDeliveries.returnClaims(deliveries)
  }

  function sendReady(): void {
    const late = queue.takeLate(deps.tenant.clock.nowMs())
    if (late.length > 0) keep(giveBack(late))
    for (const ready of queue.takeReady(UNRECORDED_COUNT_MAX - unrecordedCount())) {
      begin(ready, {
        onFree: lookForSlots,
        // Gives the claims back: these deliveries would wait longer than their leases.
        onSilence: () => keep(giveBack(queue.takeWaiting(ready.endpointId))),
      })
    }
  }

  /**
   * Uses free slots in the next turn of the event loop, so that deliveries whose slots become free together share the
   * read of their endpoint.
   */
  function lookForSlots(): void {
    if (isLookPending) return
    isLookPending = true
    const { promise, resolve } = Promise.withResolvers<void>()
    keep(promise)
    setImmediate(() => {
      isLookPending = false
      if (deps.isStopping()) keep(giveBack(queue.takeWaiting()))
      else sendReady()
      if (queue.hasRoomAgain()) onRoom()
      resolve()
    })
  }

  return {
    deliverNext: async () => {
      const limits = queue.limits(longestWaitMs(deps.retryWaitsMs))
      if (limits === undefined) return undefined
      const nowMs = deps.tenant.clock.nowMs()
      const deliveries = await deps.tenant.store.webhookDeliveries.claim(nowMs, LEASE_MS, limits)
      queue.add(deliveries, limits, nowMs)
      sendReady()
      if (queue.hasRoomAgain()) onRoom()
      return deliveries.length === 0 ? undefined : deliveries.length
    },
    allEnded: async () => {
      while (underWay.size > 0 || queue.waitingCount > 0) {
        if (deps.isStopping() || underWay.size === 0) keep(giveBack(queue.takeWaiting()))
        await Promise.all(underWay)
      }
    },
  }
}

function createSending(deps: DeliverDeps, queue: DeliveryQueue) {
  const openKey = createKeyOpener(() => deps.tenant.keys)
  const underWay = new Set<Promise<void>>()
  let unrecordedCount = 0

  function keep(work: Promise<void>): void {
    const one = work
      // Not recorded: the delivery is due again after its lease.
      .catch((error: unknown) => deps.onTrouble(error))
      .finally(() => underWay.delete(one))
    underWay.add(one)
  }

  /** All deliveries share one read and one change of the endpoint. */
  function begin(
    { deliveries, endpointId }: ReadyDeliveries,
    { onFree, onSilence }: { readonly onFree: () => void; readonly onSilence: () => void },
  ): void {
    const reading = deps.tenant.store.webhookEndpoints.find(endpointId)
    let puttingOff: Promise<void> | undefined
    const putOffAll = () => {
      puttingOff ??= putOff(deps.tenant, [...deliveries, ...queue.takeWaiting(endpointId)])
      return puttingOff
    }
    for (const one of deliveries) {
      let isFreed = false
      const free = () => {
        if (isFreed) return
        isFreed = true
        queue.free(one)
        onFree()
      }
      const onAnswer = (durationMs: number | undefined) => {
        queue.noteAnswer(one, durationMs)
        if (durationMs === undefined) onSilence()
        // Freed before the record, so that the next POST does not wait for the database.
        free()
      }
      unrecordedCount += 1
      const work = deliver(deps, one, { reading, openKey, putOff: putOffAll, onAnswer })
      keep(
        work.finally(() => {
          unrecordedCount -= 1
          free()
          // Slots stay unused while too many deliveries are not recorded, so each record makes room.
          if (queue.waitingCount > 0) onFree()
        }),
      )
    }
  }
  return { begin, keep, underWay, unrecordedCount: () => unrecordedCount }
}

function createKeyOpener(keys: () => Keys): (sealedKey: string) => string {
  const openKeys = new Map<string, string>()
  return (sealedKey) => {
    const openedKey = openKeys.get(sealedKey)
    if (openedKey !== undefined) return openedKey
    if (openKeys.size >= OPENED_KEY_COUNT_MAX) openKeys.clear()
    const key = openSealedWithAny(sealedKey, keys())
    openKeys.set(sealedKey, key)
    return key
  }
}

type Destination = {
  readonly reading: Promise<WebhookEndpoint | undefined>
  readonly openKey: (sealedKey: string) => string
  /** Defers the deliveries, because the endpoint is not active. */
  readonly putOff: () => Promise<void>
  /** Called after the POST, with its duration. Undefined: no answer. */
  readonly onAnswer: (durationMs: number | undefined) => void
}

/**
 * Moves deliveries to the status that follows from their endpoint, which is read again under its
 * lock. They are held or canceled, or due at once if the endpoint was activated in the meantime.
 */
async function putOff(
  { clock, store }: DeliveringTenant,
  deliveries: readonly ClaimedDelivery[],
): Promise<void> {
  const [first] = deliveries
  if (first === undefined) return
  const { accountId, endpointId } = first.delivery
  const events = deliveries.map(({ delivery }) => delivery.eventId)
  await store.transaction(async (tx) => {
    const endpoints = await tx.webhookEndpoints.lock(accountId)
    const status = endpoints.find(({ id }) => id === endpointId)?.status ?? 'deleted'
    const change = { from: 'pending', to: waitingStatus(status) } as const
    await tx.webhookDeliveries.move(endpointId, events, change, clock.nowMs())
  })
}

const RELEASE_COUNT_MAX = 500

/**
 * Releases some held deliveries whose endpoints are active again, and cancels some whose endpoints were deleted. Returns
 * the count of both; undefined when there are none.
 */
export async function releaseHeldNext({
  clock,
  store,
}: {
  readonly clock: Tenant['clock']
  readonly store: Pick<Store, 'webhookDeliveries'>
}): Promise<number | undefined> {
  const count = await store.webhookDeliveries.releaseHeld(clock.nowMs(), RELEASE_COUNT_MAX)
  return count === 0 ? undefined : count
}

async function deliver(
  deps: DeliverDeps,
  { bodyJson, delivery }: ClaimedDelivery,
  { onAnswer, openKey, putOff, reading }: Destination,
): Promise<void> {
  const { clock, signingClock, store } = deps.tenant
  const { endpointId, eventId } = delivery
  const endpoint = await reading
  if (endpoint?.status !== 'active') return putOff()
  const startedAtMs = clock.nowMs()
  const keys = sealedKeysAt(endpoint, startedAtMs).map(openKey)
  // If both clocks are the same, the time is read only once, because a sandbox finds the logged request of an attempt by
  // this time, which is in the signature.
  const signedAtMs = signingClock === clock ? startedAtMs : signingClock.nowMs()
  const { url } = endpoint
  const answer = await deps.send({ url, body: bodyJson, eventId, atMs: signedAtMs, keys })
  // This server, not the receiver, closed the connection, so the attempt is not recorded. The
  // delivery is due again after its lease.
  if (answer.kind === 'failed' && deps.isStopping()) return
  onAnswer(answer.kind === 'answered' ? answer.durationMs : undefined)
  const jitter = jitterFrom(deps.random)
  const httpStatus = answer.kind === 'answered' ? { httpStatus: answer.status } : {}
  const after = await store.webhookDeliveries.recordAttempt({
    eventId,
    endpointId,
    decide: (delivery) =>
      afterAttempt(
        withRestartedSchedule(delivery, endpoint.activatedAtMs),
        { startedAtMs, endedAtMs: clock.nowMs(), ...httpStatus },
        deps.retryWaitsMs,
        jitter,
      ),
    attempt: {
      startedAtMs,
      durationMs: Math.max(0, Math.round(answer.durationMs)),
      ...httpStatus,
      ...(answer.kind === 'answered' ? { responseBody: answer.body } : { failure: answer.detail }),
    },
  })
  deps.onAttempt({ startedAtMs, ...httpStatus }, delivery.createdAtMs)
  if (answer.kind === 'answered' && isAccepted(answer.status)) {
    const notedAtMs = endpoint.acceptedAtMs ?? Number.NEGATIVE_INFINITY
    if (notedAtMs < startedAtMs - ACCEPTED_PRECISION_MS) {
      await store.webhookEndpoints.recordAcceptance(endpointId, startedAtMs)
    }
  } else if (after?.status === 'given_up') {
    await disableIfDead(deps, after)
  }
}

/** Draws a number from -1 to 1, in steps that are fine enough to spread deliveries. */
function jitterFrom({ below }: Random): number {
  return below(2_001) / 1_000 - 1
}

/**
 * Disables an endpoint when all attempts of a delivery have failed and the endpoint accepted no
 * other delivery in the meantime. This delivery and all others that wait for the endpoint are then
 * held until the merchant activates it again.
 */
async function disableIfDead(deps: DeliverDeps, delivery: WebhookDelivery): Promise<void> {
  const { accountId, attemptedAtMs = 0, endpointId, eventId } = delivery
  const { failingSinceMs = Number.POSITIVE_INFINITY } = delivery
  const schedule = { failingSinceMs, attemptedAtMs }
  const disabledEndpoint = await deps.tenant.store.transaction(async (tx) => {
    const endpoints = await tx.webhookEndpoints.lock(accountId)
    const endpoint = endpoints.find(({ id }) => id === endpointId)
    if (endpoint === undefined || isAlive(endpoint, schedule)) return undefined
    const nowMs = deps.tenant.clock.nowMs()
    await tx.webhookDeliveries.move(endpointId, [eventId], { from: 'given_up', to: 'held' }, nowMs)
    const move = { type: 'record_dead_delivery', failingSinceMs, attemptedAtMs } as const
    const after = moveWebhookEndpoint(endpoint, move, nowMs)
    if (after === endpoint) return undefined
    await tx.webhookEndpoints.put(after)
    return after
  })
  if (disabledEndpoint !== undefined) deps.onDisabled(disabledEndpoint)
}
