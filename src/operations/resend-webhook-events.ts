import type { WebhookEventId } from '../domain/id.ts'
import type { WebhookDelivery } from '../domain/webhook-delivery.ts'
import { takesEvents, type WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type { WebhookEventType } from '../domain/webhook-event.ts'
import { type AnswerOnceDeps, answerOnce } from './answer-once.ts'
import { type EndpointKey, lockWebhookEndpoint } from './change-webhook-endpoint.ts'
import {
  type Answer,
  bucketOfIdentity,
  type IdempotentRequest,
  identityHashOf,
  type Replay,
} from './idempotency.ts'
import type { Store, WebhookEvent, WebhookEventFilter } from './store.ts'

/** Why nothing was sent again. */
export type ResendRefusal = {
  readonly notSent: /** The endpoint is inactive or disabled. */
    | 'endpoint_not_active'
    /** No active endpoint of the account wants the event. */
    | 'no_endpoint'
    /** More than `REPLAY_COUNT_MAX` events match. */
    | 'too_many_events'
}

/** How many events one request replays at most: it has to answer in a time that clients wait for. */
export const REPLAY_COUNT_MAX = 10_000
/** How many events one transaction begins anew, so that it holds nobody up. */
const REPLAY_BATCH_COUNT = 100

/**
 * Begins one delivery anew, whatever has become of it: it is sent at once, with the whole schedule
 * ahead.
 *
 * `render` makes the answer; it is stored with the change when the request has an idempotency key.
 * Undefined: the account has no such endpoint, or it never had the event. Throws RowHeld.
 */
export async function resendDelivery(
  deps: AnswerOnceDeps,
  key: EndpointKey,
  eventId: WebhookEventId,
  render: (delivery: WebhookDelivery) => Answer,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | ResendRefusal | undefined> {
  let endpoint: WebhookEndpoint | undefined
  let refusal: ResendRefusal | undefined
  const result = await answerOnce(deps, idempotent, {
    bucket: deps.store.publicIds.bucketOf(eventId),
    hold: async (tx) => {
      endpoint = await lockWebhookEndpoint(tx, key)
      return endpoint !== undefined
    },
    change: async (tx) => {
      if (endpoint === undefined) return undefined
      if ((await tx.findWebhookDelivery(eventId, key.id)) === undefined) return undefined
      if (endpoint.status !== 'active') {
        refusal = { notSent: 'endpoint_not_active' }
        return undefined
      }
      await tx.resendWebhookEvents(endpoint, [eventId], deps.clock.nowMs())
      const delivery = await tx.findWebhookDelivery(eventId, key.id)
      return delivery && { answer: render(delivery), resourceId: eventId }
    },
  })
  return result ?? refusal
}

/**
 * Begins an event's deliveries anew to every active endpoint of its account that wants it, also to one
 * that never had it.
 *
 * `render` makes the answer of all its deliveries to endpoints that are there; it is stored likewise.
 * Throws RowHeld.
 */
export async function resendEvent(
  deps: AnswerOnceDeps,
  { accountId, id, type }: Pick<WebhookEvent, 'accountId' | 'id' | 'type'>,
  render: (deliveries: readonly WebhookDelivery[]) => Answer,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | ResendRefusal> {
  let endpoints: readonly WebhookEndpoint[] = []
  const result = await answerOnce(deps, idempotent, {
    bucket: deps.store.publicIds.bucketOf(id),
    hold: async (tx) => {
      endpoints = await tx.lockWebhookEndpoints(accountId)
      return true
    },
    change: async (tx) => {
      const takers = endpoints.filter((endpoint) => takesEvents(endpoint, type))
      if (takers.length === 0) return undefined
      const nowMs = deps.clock.nowMs()
      for (const endpoint of takers) await tx.resendWebhookEvents(endpoint, [id], nowMs)
      const deliveries = await tx.listEventDeliveries(id)
      return { answer: render(deliveriesTo(endpoints, deliveries)), resourceId: id }
    },
  })
  return result ?? { notSent: 'no_endpoint' }
}

/** Gives those of an event's deliveries whose endpoints are still there, in the endpoints' order. */
export function deliveriesTo(
  endpoints: readonly WebhookEndpoint[],
  deliveries: readonly WebhookDelivery[],
): readonly WebhookDelivery[] {
  return endpoints.flatMap(({ id }) => deliveries.filter(({ endpointId }) => endpointId === id))
}

/** Which events to replay: those of an account in a span of time, the end not included. */
export type ReplayRequest = {
  readonly fromMs: number
  readonly toMs: number
  readonly types: readonly WebhookEventType[]
}

type ReplayDeps = AnswerOnceDeps & {
  readonly store: Pick<Store, 'countWebhookEvents' | 'listWebhookEventsFrom' | 'transaction'>
}

/**
 * Begins all events of a span of time anew for one endpoint, oldest first, also those from before it
 * was registered.
 *
 * They are begun in several transactions: after a crash some are and some are not, and the request can
 * be sent again. `render` makes the answer, with the count of events; it is kept under the request's
 * idempotency key. Undefined: the account has no such endpoint. Throws RowHeld.
 */
export async function replayWebhookEvents(
  deps: ReplayDeps,
  key: EndpointKey,
  { fromMs, toMs, types }: ReplayRequest,
  render: (eventCount: number) => Answer,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | ResendRefusal | undefined> {
  const filter = { types, createdFromMs: fromMs, createdToMs: toMs }
  const count = await deps.store.countWebhookEvents(key.accountId, filter, REPLAY_COUNT_MAX + 1)
  if (count > REPLAY_COUNT_MAX) return { notSent: 'too_many_events' }

  const begun = await beginAll(deps, key, filter)
  if (typeof begun !== 'number') return begun
  return answerOnce(deps, idempotent, {
    bucket:
      idempotent === undefined
        ? deps.store.publicIds.bucketOf(key.id)
        : bucketOfIdentity(identityHashOf(idempotent)),
    // Of two requests with one key both may come this far; the second tells what the first did.
    hold: async (tx) => (await lockWebhookEndpoint(tx, key)) !== undefined,
    change: async () => ({ answer: render(begun), resourceId: key.id }),
  })
}

/** Gives how many events were begun anew. */
async function beginAll(
  deps: ReplayDeps,
  key: EndpointKey,
  filter: WebhookEventFilter,
): Promise<number | ResendRefusal | undefined> {
  let count = 0
  let after: Parameters<Store['listWebhookEventsFrom']>[2]
  while (count < REPLAY_COUNT_MAX) {
    const events = await deps.store.listWebhookEventsFrom(
      key.accountId,
      filter,
      after,
      REPLAY_BATCH_COUNT,
    )
    const begun = await deps.store.transaction(async (tx) => {
      // Held anew for each batch: it may have been deleted or set to inactive meanwhile.
      const endpoint = await lockWebhookEndpoint(tx, key)
      if (endpoint === undefined) return undefined
      if (endpoint.status !== 'active') return { notSent: 'endpoint_not_active' } as const
      const ids = events.map(({ id }) => id)
      return tx.resendWebhookEvents(endpoint, ids, deps.clock.nowMs())
    })
    if (typeof begun !== 'number') return begun
    count += begun
    after = events.at(-1)
    if (events.length < REPLAY_BATCH_COUNT) break
  }
  return count
}
