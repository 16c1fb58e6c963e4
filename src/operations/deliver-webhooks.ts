import type { AccountId, WebhookEndpointId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import { openSealed } from '../domain/secret.ts'
import {
  afterAttempt,
  begunAnewAt,
  isAccepted,
  longestWaitMs,
  type WebhookDelivery,
  waitingStatus,
} from '../domain/webhook-delivery.ts'
import {
  ACCEPTED_GRAIN_MS,
  isAlive,
  moveWebhookEndpoint,
  sealedKeysAt,
  type WebhookEndpoint,
} from '../domain/webhook-endpoint.ts'
import { signWebhook } from '../domain/webhook-signature.ts'
import type { PostWebhook } from '../webhooks/post-webhook.ts'
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
  readonly post: PostWebhook
  /** Waits between the attempts of a delivery, in milliseconds. */
  readonly retryWaitsMs: readonly number[]
  /** Turns true when the connections are about to be closed under what is being sent. */
  readonly isStopping: () => boolean
  /** Is told of each attempt that was recorded, and when its event happened. */
  readonly onAttempt: (
    attempt: { readonly startedAtMs: number; readonly httpStatus?: number },
    eventAtMs: number,
  ) => void
  /** Is told when an endpoint was disabled. */
  readonly onDisabled: (endpoint: WebhookEndpoint) => void
  /** Is told when an attempt could not be recorded. */
  readonly onTrouble: (error: unknown) => void
}

/** How many deliveries are under way at the same time. */
export const DELIVERY_COUNT_MAX = 256
/** How many of them of one account, so that one whose endpoints do not answer holds up no other. */
export const DELIVERY_COUNT_PER_ACCOUNT = 64
/** How many of them to one endpoint, likewise. */
export const DELIVERY_COUNT_PER_ENDPOINT = 16
/** How many to one that did not answer when it was last called. */
export const DELIVERY_COUNT_UNANSWERED = 2
/** How many are taken at once. */
const CLAIM_COUNT_MAX = 64
/** How many endpoints are remembered that did not answer; of more the first are forgotten. */
const UNANSWERED_COUNT_MAX = 1_000
/** For how long a claimed delivery is nobody else's, in milliseconds: longer than a POST and its record. */
const LEASE_MS = 30_000

/** Sends what is due, as much at the same time as the limits allow. */
export type Deliverer = {
  /**
   * Claims deliveries that are due and begins to send them. Gives how many; undefined when nothing is
   * due, or everything is busy: then `onEnded` tells when to ask again.
   */
  readonly deliverNext: () => Promise<number | undefined>
  /** Resolves when all that are under way have ended. */
  readonly allEnded: () => Promise<void>
}

/**
 * Makes a deliverer. It keeps nothing that is not in the store, but for what is under way, and which
 * endpoints did not answer.
 */
export function createDeliverer(deps: DeliverDeps, onEnded: () => void = () => {}): Deliverer {
  const ofAccounts = new Map<AccountId, number>()
  const ofEndpoints = new Map<WebhookEndpointId, number>()
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
    for (const [id, count] of ofEndpoints) {
      roomOfEndpoints.set(id, (roomOfEndpoints.get(id) ?? DELIVERY_COUNT_PER_ENDPOINT) - count)
    }
    return {
      waitMsMax: longestWaitMs(deps.retryWaitsMs),
      countMax: Math.min(CLAIM_COUNT_MAX, DELIVERY_COUNT_MAX - sending.size),
      countPerAccount: DELIVERY_COUNT_PER_ACCOUNT,
      countPerEndpoint: DELIVERY_COUNT_PER_ENDPOINT,
      roomOfAccounts: new Map(
        [...ofAccounts].map(([id, count]) => [id, DELIVERY_COUNT_PER_ACCOUNT - count]),
      ),
      roomOfEndpoints,
    }
  }

  function begin({ accountId, endpointId }: WebhookDelivery, work: Promise<void>): void {
    add(ofAccounts, accountId, 1)
    add(ofEndpoints, endpointId, 1)
    const one = work
      // Not recorded: it is due again when its lease has passed.
      .catch((error: unknown) => deps.onTrouble(error))
      .finally(() => {
        sending.delete(one)
        add(ofAccounts, accountId, -1)
        add(ofEndpoints, endpointId, -1)
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
        // Read once, and put off together, for all that were claimed together.
        const reading = deps.tenant.store.webhookEndpoints.find(id)
        let puttingOff: Promise<void> | undefined
        const to: Destination = {
          reading,
          putOff: () => {
            puttingOff ??= putOff(deps.tenant, group)
            return puttingOff
          },
          noteAnswer: (hasAnswered) => noteAnswer(id, hasAnswered),
        }
        for (const one of group) begin(one.delivery, deliver(deps, one, to))
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

/** Where deliveries that were claimed together go. */
type Destination = {
  readonly reading: Promise<WebhookEndpoint | undefined>
  /** Makes them wait: the endpoint is not active. */
  readonly putOff: () => Promise<void>
  readonly noteAnswer: (hasAnswered: boolean) => void
}

/**
 * Brings deliveries of one endpoint into agreement with what it is, looking once more while it is held:
 * they are put off, canceled, or due at once because it has become active meanwhile.
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
    const to = waitingStatus(status)
    await tx.webhookDeliveries.move(endpointId, events, { from: 'pending', to }, clock.nowMs())
  })
}

/** How many held deliveries one step begins anew. */
const RELEASE_COUNT_MAX = 500

/**
 * Begins some of what is held anew, where the endpoint is active again. Gives how many; undefined when
 * there is nothing of that kind.
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
  // By one clock both are one moment: a sandbox finds the logged request of an attempt by it.
  const signedAtMs = signingClock === clock ? startedAtMs : signingClock.nowMs()
  const signed = { body: bodyJson, eventId, atMs: signedAtMs, keys }
  const answer = await deps.post({
    url: endpoint.url,
    headers: signWebhook(signed),
    body: bodyJson,
  })
  // Cut off by us, not refused by them: it is due again when its lease has passed.
  if (answer.kind === 'failed' && deps.isStopping()) return
  noteAnswer(answer.kind === 'answered')
  const jitter = jitterFrom(deps.random)
  const httpStatus = answer.kind === 'answered' ? { httpStatus: answer.status } : {}
  const after = await store.webhookDeliveries.recordAttempt({
    eventId,
    endpointId,
    decide: (stored) =>
      afterAttempt(
        begunAnewAt(stored, endpoint.activatedAtMs),
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

/** From -1 to 1, in steps that are fine enough to spread deliveries. */
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
