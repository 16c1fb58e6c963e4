import type { WebhookEndpointId } from '../domain/id.ts'
import { type Keys, openSealed } from '../domain/secret.ts'
import { afterAttempt, isAccepted, type WebhookDelivery } from '../domain/webhook-delivery.ts'
import { sealedKeysAt, type WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import { signWebhook } from '../domain/webhook-signature.ts'
import {
  ACCEPTED_GRAIN_MS,
  type ClaimedDelivery,
  type Clock,
  type Random,
  type Store,
} from './ports.ts'

/** One guarded POST, and what came of it. It never throws. */
export type PostWebhook = (request: {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}) => Promise<
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The beginning of the answer's body. */
      readonly body: string
      readonly durationMs: number
    }
  | {
      readonly kind: 'failed'
      /** Why there was no answer, in a sentence. */
      readonly detail: string
      readonly durationMs: number
    }
>

/** What delivering needs. */
export type DeliverDeps = {
  readonly clock: Clock
  readonly keys: Keys
  readonly random: Random
  readonly store: Pick<
    Store,
    | 'transaction'
    | 'claimWebhookDeliveries'
    | 'findWebhookEndpoint'
    | 'noteEndpointAccepted'
    | 'recordDeliveryAttempt'
  >
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
export const DELIVERY_COUNT_MAX = 64
/** How many of them to one endpoint, so that one which does not answer holds up no other. */
export const DELIVERY_COUNT_PER_ENDPOINT = 16
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

/** Makes a deliverer. It keeps nothing that is not in the store, but for what is under way. */
export function createDeliverer(deps: DeliverDeps, onEnded: () => void = () => {}): Deliverer {
  const underWay = new Map<WebhookEndpointId, number>()
  const sending = new Set<Promise<void>>()

  function begin(claimed: ClaimedDelivery, endpoint: Promise<WebhookEndpoint | undefined>): void {
    const { endpointId } = claimed.delivery
    underWay.set(endpointId, (underWay.get(endpointId) ?? 0) + 1)
    const one = deliver(deps, claimed, endpoint)
      // Not recorded: it is due again when its lease has passed.
      .catch((error: unknown) => deps.onTrouble(error))
      .finally(() => {
        sending.delete(one)
        const count = (underWay.get(endpointId) ?? 1) - 1
        if (count === 0) underWay.delete(endpointId)
        else underWay.set(endpointId, count)
        onEnded()
      })
    sending.add(one)
  }

  return {
    deliverNext: async () => {
      const countMax = DELIVERY_COUNT_MAX - sending.size
      if (countMax <= 0) return undefined
      const claimed = await deps.store.claimWebhookDeliveries(deps.clock.nowMs(), LEASE_MS, {
        countMax,
        countPerEndpoint: DELIVERY_COUNT_PER_ENDPOINT,
        underWay,
      })
      // An endpoint is read once for all that were claimed together.
      const endpoints = new Map<WebhookEndpointId, Promise<WebhookEndpoint | undefined>>()
      for (const one of claimed) {
        const { endpointId } = one.delivery
        const endpoint = endpoints.get(endpointId) ?? deps.store.findWebhookEndpoint(endpointId)
        endpoints.set(endpointId, endpoint)
        begin(one, endpoint)
      }
      return claimed.length === 0 ? undefined : claimed.length
    },
    allEnded: async () => {
      await Promise.all(sending)
    },
  }
}

async function deliver(
  deps: DeliverDeps,
  { bodyJson, delivery }: ClaimedDelivery,
  reading: Promise<WebhookEndpoint | undefined>,
): Promise<void> {
  const { clock, store } = deps
  const { endpointId, eventId } = delivery
  const endpoint = await reading
  if (endpoint?.status !== 'active') {
    // It came to be while the endpoint was taken out of service.
    await store.transaction((tx) => tx.holdWebhookDeliveries(endpointId))
    return
  }
  const startedAtMs = clock.nowMs()
  const keys = sealedKeysAt(endpoint, startedAtMs).map((sealed) =>
    openSealed(sealed, deps.keys.sealing),
  )
  const signed = { body: bodyJson, eventId, atMs: startedAtMs, keys }
  const answer = await deps.post({
    url: endpoint.url,
    headers: signWebhook(signed),
    body: bodyJson,
  })
  // Cut off by us, not refused by them: it is due again when its lease has passed.
  if (answer.kind === 'failed' && deps.isStopping()) return
  const jitter = jitterFrom(deps.random)
  const httpStatus = answer.kind === 'answered' ? { httpStatus: answer.status } : {}
  const after = await store.recordDeliveryAttempt({
    eventId,
    endpointId,
    decide: (stored) =>
      afterAttempt(
        stored,
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
      await store.noteEndpointAccepted(endpointId, startedAtMs)
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
 * Takes an endpoint out of service when the whole schedule of a delivery has failed and nothing else
 * was taken meanwhile. Where only this one was refused, the endpoint works, and only this one is given
 * up. What else waits for the endpoint is held until the merchant sets it to active again.
 */
async function disableIfDead(deps: DeliverDeps, delivery: WebhookDelivery): Promise<void> {
  const disabled = await deps.store.transaction(async (tx) => {
    const endpoints = await tx.lockWebhookEndpoints(delivery.accountId)
    const endpoint = endpoints.find(({ id }) => id === delivery.endpointId)
    if (endpoint?.status !== 'active') return undefined
    const failingSinceMs = delivery.failingSinceMs ?? Number.POSITIVE_INFINITY
    const acceptedAtMs = endpoint.acceptedAtMs ?? Number.NEGATIVE_INFINITY
    if (acceptedAtMs >= failingSinceMs - ACCEPTED_GRAIN_MS) return undefined
    const changed = { ...endpoint, status: 'disabled', changedAtMs: deps.clock.nowMs() } as const
    await tx.putWebhookEndpoint(changed)
    await tx.holdWebhookDeliveries(endpoint.id)
    return changed
  })
  if (disabled !== undefined) deps.onDisabled(disabled)
}
