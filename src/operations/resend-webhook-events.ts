import type { Clock } from '../domain/clock.ts'
import type { WebhookEventId } from '../domain/id.ts'
import type { WebhookDelivery } from '../domain/webhook-delivery.ts'
import { receivesEvents, type WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type { WebhookEventType } from '../domain/webhook-event.ts'
import { type EndpointKey, lockWebhookEndpoint } from './change-webhook-endpoint.ts'
import type { Store, Transaction, WebhookEvent, WebhookEventFilter } from './store.ts'

/** The reason why events are not sent again. A replay can restart some of its events before it is refused. */
export type ResendRefusal = {
  readonly notSent: /** The endpoint is inactive or disabled. */
    | 'endpoint_not_active'
    /** No active endpoint of the account subscribes to the event's type. */
    | 'no_endpoint'
    /** More than `REPLAY_COUNT_MAX` events match. */
    | 'too_many_events'
}

/** The maximum number of events of one replay. It is limited because clients wait for the answer. */
export const REPLAY_COUNT_MAX = 10_000
/** The maximum number of events that one transaction restarts, so that it does not block others. */
const REPLAY_BATCH_COUNT = 100

/**
 * Restarts one delivery, which may have any status, to a locked endpoint: it is sent at once and gets a new schedule.
 * Undefined: the event has no delivery to this endpoint.
 */
export async function resendDelivery(
  tx: Transaction,
  { clock }: { readonly clock: Clock },
  endpoint: WebhookEndpoint,
  eventId: WebhookEventId,
): Promise<WebhookDelivery | ResendRefusal | undefined> {
  if ((await tx.webhookDeliveries.find(eventId, endpoint.id)) === undefined) return undefined
  if (endpoint.status !== 'active') return { notSent: 'endpoint_not_active' }
  await tx.webhookDeliveries.resend(endpoint, [eventId], clock.nowMs())
  return tx.webhookDeliveries.find(eventId, endpoint.id)
}

/**
 * Restarts an event's deliveries to every active endpoint of its account that subscribes to it, and creates missing
 * ones. `endpoints` are those of the account, locked by the transaction. Returns the event's deliveries to all
 * `endpoints`.
 */
export async function resendEvent(
  tx: Transaction,
  { clock }: { readonly clock: Clock },
  endpoints: readonly WebhookEndpoint[],
  { id, type }: Pick<WebhookEvent, 'id' | 'type'>,
): Promise<readonly WebhookDelivery[] | ResendRefusal> {
  const subscribers = endpoints.filter((endpoint) => receivesEvents(endpoint, type))
  if (subscribers.length === 0) return { notSent: 'no_endpoint' }
  const nowMs = clock.nowMs()
  for (const endpoint of subscribers) await tx.webhookDeliveries.resend(endpoint, [id], nowMs)
  return deliveriesTo(endpoints, await tx.webhookDeliveries.listByEvent(id))
}

/** Returns an event's deliveries to endpoints that still exist, in the order of the endpoints. */
export function deliveriesTo(
  endpoints: readonly WebhookEndpoint[],
  deliveries: readonly WebhookDelivery[],
): readonly WebhookDelivery[] {
  return endpoints.flatMap(({ id }) => deliveries.filter(({ endpointId }) => endpointId === id))
}

/** The events to replay: their types, and a period that excludes its end. */
export type ReplayRequest = {
  readonly fromMs: number
  readonly toMs: number
  readonly types: readonly WebhookEventType[]
}

type ReplayDeps = {
  readonly clock: Clock
  readonly store: Pick<Store, 'webhookEvents' | 'transaction'>
}

/**
 * Restarts the deliveries of all events of a period and of some types to one endpoint, oldest first, including events
 * from before its registration. Returns the number of events.
 *
 * It takes several transactions: after a crash only some events are restarted, and the request can be sent again.
 * Undefined: the account has no such endpoint. Throws LockedRowError.
 */
export async function replayWebhookEvents(
  deps: ReplayDeps,
  key: EndpointKey,
  { fromMs, toMs, types }: ReplayRequest,
): Promise<number | ResendRefusal | undefined> {
  const filter = { types, createdFromMs: fromMs, createdToMs: toMs }
  const count = await deps.store.webhookEvents.count(key.accountId, filter, REPLAY_COUNT_MAX + 1)
  if (count > REPLAY_COUNT_MAX) return { notSent: 'too_many_events' }
  return restartAll(deps, key, filter)
}

async function restartAll(
  deps: ReplayDeps,
  key: EndpointKey,
  filter: WebhookEventFilter,
): Promise<number | ResendRefusal | undefined> {
  let count = 0
  let after: Parameters<Store['webhookEvents']['listAfter']>[2]
  while (count < REPLAY_COUNT_MAX) {
    const events = await deps.store.webhookEvents.listAfter(
      key.accountId,
      filter,
      after,
      REPLAY_BATCH_COUNT,
    )
    const result = await deps.store.transaction(async (tx) => {
      // Locked again for each batch: it may have been deleted or set to inactive in the meantime.
      const endpoint = await lockWebhookEndpoint(tx, key)
      if (endpoint === undefined) return undefined
      if (endpoint.status !== 'active') return { notSent: 'endpoint_not_active' } as const
      const ids = events.map(({ id }) => id)
      return tx.webhookDeliveries.resend(endpoint, ids, deps.clock.nowMs())
    })
    if (typeof result !== 'number') return result
    count += result
    after = events.at(-1)
    if (events.length < REPLAY_BATCH_COUNT) break
  }
  return count
}
