/** Webhooks without a network: endpoints and events on a real store, a clock to move, a scripted receiver. */
import { inject } from 'vitest'
import type { AccountId, WebhookEndpointId, WebhookEventId } from '../../src/domain/id.ts'
import { deriveKeys, SEAL_NONCE_BYTES, seal } from '../../src/domain/secret.ts'
import { RETRY_WAITS_MS_DEFAULT } from '../../src/domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../../src/domain/webhook-endpoint.ts'
import { makeWebhookKey } from '../../src/domain/webhook-signature.ts'
import { changeWebhookEndpoint } from '../../src/operations/change-webhook-endpoint.ts'
import {
  createDeliverer,
  type DeliverDeps,
  type Deliverer,
  releaseHeldNext,
} from '../../src/operations/deliver-webhooks.ts'
import type { Store } from '../../src/operations/store.ts'
import { createIds } from '../../src/server/ids.ts'
import { createRandom } from '../../src/server/random.ts'
import type { Engine } from '../../src/store/engine/engine.ts'
import { migrate } from '../../src/store/engine/migrate.ts'
import { openPostgres } from '../../src/store/engine/postgres.ts'
import { createStore } from '../../src/store/store.ts'
import type { PostWebhook } from '../../src/webhooks/post-webhook.ts'
import { createWebhookSender } from '../../src/webhooks/send-webhook.ts'
import { createTestClock, openMemoryEngine, type TestClock } from './memory-store.ts'
import { createMigratedDatabase } from './postgres-cluster.ts'
import { account, endpointOf, eventOf, TEST_ACTOR } from './stored-rows.ts'

/** The engines on which deliveries are tested. */
export const DELIVERY_ENGINES = ['SQLite in memory', 'PostgreSQL'] as const

/** A POST that the receiver got. */
export type ReceivedPost = Parameters<PostWebhook>[0] & {
  readonly eventId: WebhookEventId
  readonly atMs: number
}

/** The receiver's reaction to a POST. */
export type Reply = (post: ReceivedPost) => ReturnType<PostWebhook>

const random = createRandom()
const keys = deriveKeys(new Uint8Array(32))

/** Draws a signing key, and seals it as the store needs it. */
export function drawSigningKey(): { readonly key: string; readonly sealed: string } {
  const key = makeWebhookKey(random.bytes(32))
  return { key, sealed: seal(key, keys.sealing, random.bytes(SEAL_NONCE_BYTES)) }
}

/** Makes the answer of a receiver. */
export const answerWith = (status: number, body = ''): ReturnType<PostWebhook> =>
  Promise.resolve({ kind: 'answered', status, body, durationMs: 12 })
/** Makes the result of a POST without an answer. */
export const failWith = (detail = 'Nobody answered.'): ReturnType<PostWebhook> =>
  Promise.resolve({ kind: 'failed', reason: 'reset', detail, durationMs: 12 })

/** A database with merchants and their webhook endpoints. */
export class Deliveries {
  readonly store: Store
  readonly clock: TestClock
  /** All sent POSTs, in order. */
  readonly posted: ReceivedPost[] = []
  readonly disabled: WebhookEndpointId[] = []
  readonly trouble: unknown[] = []
  readonly #openAgain: () => Promise<Store>
  readonly #opened: Store[] = []
  #accountCount = 0

  private constructor(store: Store, openAgain: () => Promise<Store>) {
    this.store = store
    this.clock = createTestClock()
    this.#openAgain = openAgain
  }

  static async open(engine: (typeof DELIVERY_ENGINES)[number]): Promise<Deliveries> {
    if (engine === 'SQLite in memory') {
      return Deliveries.on(await openMemoryEngine())
    }
    const url = await createMigratedDatabase(inject('postgresUrl'))
    const another = async () => storeOn(await openPostgres(url, 10))
    return new Deliveries(await another(), another)
  }

  /** Makes the object on a database that the test has opened. Closing this object closes the database. */
  static async on(engine: Engine): Promise<Deliveries> {
    const store = await storeOn(engine)
    return new Deliveries(store, async () => store)
  }

  /** Opens the store again, like another process. */
  async openAgain(): Promise<Store> {
    const store = await this.#openAgain()
    this.#opened.push(store)
    return store
  }

  async close(): Promise<void> {
    for (const store of new Set([this.store, ...this.#opened])) await store.close()
  }

  /**
   * Stores a merchant with an endpoint that subscribes to successes. With `accountId` it adds the endpoint to the
   * merchant with this id.
   */
  async endpoint(more: Partial<WebhookEndpoint> = {}): Promise<WebhookEndpoint> {
    this.#accountCount += 1
    const accountId = more.accountId ?? (String(60_000_000_000 + this.#accountCount) as AccountId)
    const signingKeySealed = drawSigningKey().sealed
    const endpoint = endpointOf(accountId, { signingKeySealed, ...more })
    await this.store.transaction(async (tx) => {
      await tx.accounts.insert(account(accountId), this.clock.nowMs())
      await tx.webhookEndpoints.put(endpoint)
    })
    return endpoint
  }

  /** Sets an endpoint's status, as its merchant would. */
  async setStatus(
    { accountId, id }: WebhookEndpoint,
    status: 'active' | 'inactive',
  ): Promise<void> {
    const { clock, store } = this
    const ids = createIds(clock, random)
    const sendWebhook = () => Promise.reject(new Error('its URL is not changed'))
    const deps = {
      actor: TEST_ACTOR,
      clock,
      signingClock: clock,
      ids,
      keys,
      mode: 'sandbox',
      sendWebhook,
      store,
    } as const
    await changeWebhookEndpoint(deps, { accountId, id }, { status })
  }

  /** Releases all held deliveries of active endpoints, as the background work does. */
  async releaseHeld(): Promise<void> {
    while ((await releaseHeldNext(this)) !== undefined);
  }

  /** Stores changes of an endpoint. */
  async change(endpoint: WebhookEndpoint, more: Partial<WebhookEndpoint>): Promise<void> {
    await this.store.transaction((tx) => tx.webhookEndpoints.put({ ...endpoint, ...more }))
  }

  /** Writes events with the current time. Returns their ids. */
  async events({ accountId }: WebhookEndpoint, count: number): Promise<WebhookEventId[]> {
    const createdAtMs = this.clock.nowMs()
    const events = Array.from({ length: count }, (_, index) => {
      const event = eventOf(accountId, { createdAtMs }, index % 256)
      const body = { event_id: Number(event.id), event_type: event.type, event_object: {} }
      return { ...event, bodyJson: JSON.stringify(body) }
    })
    await this.store.transaction(async (tx) => {
      for (const event of events) await tx.webhookEvents.insert(event)
    })
    return events.map(({ id }) => id)
  }

  /** Writes one event with the current time. Returns its id. */
  async event(endpoint: WebhookEndpoint): Promise<WebhookEventId> {
    return (await this.events(endpoint, 1))[0] as WebhookEventId
  }

  /** Makes a deliverer. `reply` answers its POSTs. `onEnded` is called as in the real loop. */
  deliverer(
    reply: Reply,
    {
      store = this.store,
      ...more
    }: Partial<DeliverDeps> & { readonly store?: DeliverDeps['tenant']['store'] } = {},
    onEnded?: () => void,
  ): Deliverer {
    const { clock } = this
    return createDeliverer(
      {
        tenant: { clock, keys, store, signingClock: clock },
        random,
        retryWaitsMs: RETRY_WAITS_MS_DEFAULT,
        send: createWebhookSender((request) => {
          const { event_id: id } = JSON.parse(request.body) as { event_id: number }
          const eventId = String(id) as WebhookEventId
          const receivedPost = { ...request, eventId, atMs: clock.nowMs() }
          this.posted.push(receivedPost)
          return reply(receivedPost)
        }),
        isStopping: () => false,
        onAttempt: () => {},
        onDisabled: ({ id }) => this.disabled.push(id),
        onTrouble: (error) => this.trouble.push(error),
        ...more,
      },
      onEnded,
    )
  }

  /** Reads a stored delivery. */
  async delivery(eventId: WebhookEventId, { id }: WebhookEndpoint) {
    const delivery = await this.store.webhookDeliveries.find(eventId, id)
    if (delivery === undefined) throw new Error(`the event ${eventId} has no delivery`)
    return delivery
  }
}

/** Sends all due deliveries. */
export async function sendAllDue(deliverer: Deliverer): Promise<void> {
  while ((await deliverer.deliverNext()) !== undefined) await deliverer.allEnded()
}

async function storeOn(engine: Engine): Promise<Store> {
  await migrate(engine)
  return createStore(engine, random)
}
