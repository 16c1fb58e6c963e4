import type { AccountId, WebhookEndpointId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import { openSealed } from '../domain/secret.ts'
import {
  afterAttempt,
  isAccepted,
  longestWaitMs,
  type WebhookDelivery,
  waitingStatus,
  withRestartedSchedule,
} from '../domain/webhook-delivery.ts'
import {
  ACCEPTED_GRAIN_MS,
  isAlive,
  moveWebhookEndpoint,
  sealedKeysAt,
  type WebhookEndpoint,
} from '../domain/webhook-endpoint.ts'
import type { SendWebhook } from '../webhooks/send-webhook.ts'
import type { ClaimedDelivery, ClaimLimits, Store } from './store.ts'
import type { Tenant } from './tenant.ts'

/** The part of a tenant that a deliverer uses. */
export type DeliveringTenant = Pick<Tenant, 'clock' | 'signingClock' | 'keys'> & {
  readonly store: Pick<Store, 'transaction' | 'webhookDeliveries' | 'webhookEndpoints'>
}

/** The dependencies of a deliverer. */
export type DeliverDeps = {
  /** Its store is read at each use: a sandbox replaces it. */
  readonly tenant: DeliveringTenant
  /** Spreads the retries. */
  readonly random: Random
  readonly send: SendWebhook
  /** Waits between the attempts of a delivery, in milliseconds. */
  readonly retryWaitsMs: readonly number[]
  /** True: the connections are about to be closed, even during open requests. */
  readonly isStopping: () => boolean
  /** Called for each recorded attempt, with the time of its event. */
  readonly onAttempt: (
    attempt: { readonly startedAtMs: number; readonly httpStatus?: number },
    eventAtMs: number,
  ) => void
  /** Called when an endpoint was disabled. */
  readonly onDisabled: (endpoint: WebhookEndpoint) => void
  /** Called when an attempt could not be recorded. */
  readonly onTrouble: (error: unknown) => void
}

/** The most deliveries under way at the same time. */
export const DELIVERY_COUNT_MAX = 256
/** The most of one account: silent endpoints of one account delay no other account. */
export const DELIVERY_COUNT_PER_ACCOUNT = 64
/** The most to one endpoint. */
export const DELIVERY_COUNT_PER_ENDPOINT = 16
/** The most to one endpoint that did not answer its last request. */
export const DELIVERY_COUNT_UNANSWERED = 2
/** The most deliveries of one claim. */
const CLAIM_COUNT_MAX = 64
/** The most endpoints in the list of those that did not answer. The oldest drop out first. */
const UNANSWERED_COUNT_MAX = 1_000
/** The lease of a claimed delivery, in milliseconds: longer than a POST and its record. */
const LEASE_MS = 30_000

/** Sends due deliveries, as many at the same time as the limits allow. */
export type Deliverer = {
  /**
   * Claims due deliveries and starts to send them. Returns their number; undefined when none is due or all slots are
   * busy: then `onEnded` is the signal to call again.
   */
  readonly deliverNext: () => Promise<number | undefined>
  /** Resolves when all deliveries under way have ended. */
  readonly allEnded: () => Promise<void>
}

/**
 * Makes a deliverer. Besides the store its only state is the deliveries under way and the endpoints that did not
 * answer.
 */
export function createDeliverer(deps: DeliverDeps, onEnded: () => void = () => {}): Deliverer {
  const accountCounts = new Map<AccountId, number>()
  const endpointCounts = new Map<WebhookEndpointId, number>()
  const unanswered = new Set<WebhookEndpointId>()
  const sending = new Set<Promise<void>>()

  function noteAnswer(id: WebhookEndpointId, hasAnswered: boolean): void {
    unanswered.delete(id)
    if (hasAnswered) return
    unanswered.add(id)
    const [first] = unanswered
    if (unanswered.size > UNANSWERED_COUNT_MAX && first !== undefined) unanswered.delete(first)
  }

  function limits(): ClaimLimits {
    const roomOfEndpoints = new Map<WebhookEndpointId, number>()
    for (const id of unanswered) roomOfEndpoints.set(id, DELIVERY_COUNT_UNANSWERED)
    for (const [id, count] of endpointCounts) {
      roomOfEndpoints.set(id, (roomOfEndpoints.get(id) ?? DELIVERY_COUNT_PER_ENDPOINT) - count)
    }
    return {
      waitMsMax: longestWaitMs(deps.retryWaitsMs),
      countMax: Math.min(CLAIM_COUNT_MAX, DELIVERY_COUNT_MAX - sending.size),
      countPerAccount: DELIVERY_COUNT_PER_ACCOUNT,
      countPerEndpoint: DELIVERY_COUNT_PER_ENDPOINT,
      roomOfAccounts: new Map(
        [...accountCounts].map(([id, count]) => [id, DELIVERY_COUNT_PER_ACCOUNT - count]),
      ),
      roomOfEndpoints,
    }
  }

  function begin({ accountId, endpointId }: WebhookDelivery, work: Promise<void>): void {
    add(accountCounts, accountId, 1)
    add(endpointCounts, endpointId, 1)
    const one = work
      // Not recorded: the delivery is due again after its lease.
      .catch((error: unknown) => deps.onTrouble(error))
      .finally(() => {
        sending.delete(one)
        add(accountCounts, accountId, -1)
        add(endpointCounts, endpointId, -1)
        onEnded()
      })
    sending.add(one)
  }

  return {
    deliverNext: async () => {
      if (sending.size >= DELIVERY_COUNT_MAX) return undefined
      const nowMs = deps.tenant.clock.nowMs()
      const claimed = await deps.tenant.store.webhookDeliveries.claim(nowMs, LEASE_MS, limits())
      for (const [id, group] of Map.groupBy(claimed, ({ delivery }) => delivery.endpointId)) {
        // One read and one change for all deliveries that were claimed together.
        const reading = deps.tenant.store.webhookEndpoints.find(id)
        let puttingOff: Promise<void> | undefined
        const destination: Destination = {
          reading,
          putOff: () => {
            puttingOff ??= putOff(deps.tenant, group)
            return puttingOff
          },
          noteAnswer: (hasAnswered) => noteAnswer(id, hasAnswered),
        }
        for (const one of group) begin(one.delivery, deliver(deps, one, destination))
      }
      return claimed.length === 0 ? undefined : claimed.length
    },
    allEnded: async () => {
      await Promise.all(sending)
    },
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, change: number): void {
  const count = (counts.get(key) ?? 0) + change
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}

/** The endpoint of deliveries that were claimed together. */
type Destination = {
  readonly reading: Promise<WebhookEndpoint | undefined>
  /** Delays them, because the endpoint is not active. */
  readonly putOff: () => Promise<void>
  readonly noteAnswer: (hasAnswered: boolean) => void
}

/**
 * Moves deliveries to the status that follows from their endpoint, read again under its lock: they are held,
 * canceled, or due at once because the endpoint was activated meanwhile.
 */
async function putOff(
  { clock, store }: DeliveringTenant,
  claimed: readonly ClaimedDelivery[],
): Promise<void> {
  const [first] = claimed
  if (first === undefined) return
  const { accountId, endpointId } = first.delivery
  const events = claimed.map(({ delivery }) => delivery.eventId)
  await store.transaction(async (tx) => {
    const endpoints = await tx.webhookEndpoints.lock(accountId)
    const status = endpoints.find(({ id }) => id === endpointId)?.status ?? 'deleted'
    const change = { from: 'pending', to: waitingStatus(status) } as const
    await tx.webhookDeliveries.move(endpointId, events, change, clock.nowMs())
  })
}

/** The most held deliveries that one step releases. */
const RELEASE_COUNT_MAX = 500

/**
 * Releases some held deliveries whose endpoints are active again. Returns their count; undefined when there
 * are none.
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
  { noteAnswer, putOff, reading }: Destination,
): Promise<void> {
  const { clock, signingClock, store } = deps.tenant
  const { endpointId, eventId } = delivery
  const endpoint = await reading
  if (endpoint?.status !== 'active') return putOff()
  const startedAtMs = clock.nowMs()
  const keys = sealedKeysAt(endpoint, startedAtMs).map((sealed) =>
    openSealed(sealed, deps.tenant.keys.sealing),
  )
  // One reading of the clock for both: a sandbox finds the logged request of an attempt by its time.
  const signedAtMs = signingClock === clock ? startedAtMs : signingClock.nowMs()
  const { url } = endpoint
  const answer = await deps.send({ url, body: bodyJson, eventId, atMs: signedAtMs, keys })
  // This server closed the connection, not the receiver: the delivery is due again after its lease.
  if (answer.kind === 'failed' && deps.isStopping()) return
  noteAnswer(answer.kind === 'answered')
  const jitter = jitterFrom(deps.random)
  const httpStatus = answer.kind === 'answered' ? { httpStatus: answer.status } : {}
  const after = await store.webhookDeliveries.recordAttempt({
    eventId,
    endpointId,
    decide: (stored) =>
      afterAttempt(
        withRestartedSchedule(stored, endpoint.activatedAtMs),
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
    const noted = endpoint.acceptedAtMs ?? Number.NEGATIVE_INFINITY
    if (noted < startedAtMs - ACCEPTED_GRAIN_MS) {
      await store.webhookEndpoints.noteAccepted(endpointId, startedAtMs)
    }
  } else if (after?.status === 'given_up') {
    await disableIfDead(deps, after)
  }
}

/** A number from -1 to 1, in steps that are fine enough to spread deliveries. */
function jitterFrom({ below }: Random): number {
  return below(2_001) / 1_000 - 1
}

/**
 * Takes an endpoint out of service when the whole schedule of a delivery has failed and nothing else was
 * accepted meanwhile. This delivery and all others that wait for the endpoint are then held until the
 * merchant activates it again.
 */
async function disableIfDead(deps: DeliverDeps, delivery: WebhookDelivery): Promise<void> {
  const { accountId, attemptedAtMs = 0, endpointId, eventId } = delivery
  const { failingSinceMs = Number.POSITIVE_INFINITY } = delivery
  const schedule = { failingSinceMs, attemptedAtMs }
  const disabled = await deps.tenant.store.transaction(async (tx) => {
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
  if (disabled !== undefined) deps.onDisabled(disabled)
}
