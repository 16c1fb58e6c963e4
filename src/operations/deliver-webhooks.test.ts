import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  answerWith,
  DELIVERY_ENGINES,
  Deliveries,
  drawSigningKey,
  failWith,
  sendAllDue,
} from '../../test/support/deliveries.ts'
import { verifyWebhook } from '../client/webhooks.ts'
import type { WebhookEventId } from '../domain/id.ts'
import { JITTER_SHARE } from '../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import { signWebhook } from '../domain/webhook-signature.ts'
import type { PostWebhook } from '../webhooks/post-webhook.ts'

const HOUR_MS = 3_600_000
/** The duration of each POST, in milliseconds. */
const POST_MS = 7_000
/** The waits of two days, as in the documentation. */
const WAITS_MS = [...Array(24).fill(HOUR_MS), ...Array(12).fill(2 * HOUR_MS)] as number[]

describe.each(DELIVERY_ENGINES)('delivering webhooks, on %s', (engine) => {
  let world: Deliveries
  beforeEach(async () => {
    world = await Deliveries.open(engine)
  })
  afterEach(async () => {
    expect(world.trouble).toEqual([])
    await world.close()
  })

  const statusOf = async (eventId: WebhookEventId, endpoint: WebhookEndpoint) =>
    (await world.delivery(eventId, endpoint)).status
  const logOf = (eventId: WebhookEventId, { id }: WebhookEndpoint) =>
    world.store.webhookDeliveries.listAttempts(eventId, id)

  /** Moves to a delivery's due time, after a check that it is not due a millisecond earlier. */
  async function goToDue(
    eventId: WebhookEventId,
    endpoint: WebhookEndpoint,
    deliverNext: () => Promise<unknown>,
  ): Promise<void> {
    const { nextAttemptAtMs } = await world.delivery(eventId, endpoint)
    if (nextAttemptAtMs === undefined) throw new Error('it is not due at any time')
    world.clock.advance(nextAttemptAtMs - world.clock.nowMs() - 1)
    expect(await deliverNext()).toBe(undefined)
    world.clock.advance(1)
  }

  test('an endpoint that always fails gets 37 attempts in two days, is then disabled, and gets all missed events after activation', async () => {
    const endpoint = await world.endpoint()
    const first = await world.event(endpoint)
    let isUp = false
    const deliverer = world.deliverer(() => {
      if (isUp) return answerWith(204)
      world.clock.advance(POST_MS)
      return failWith()
    })
    await sendAllDue(deliverer)
    let waiting: readonly WebhookEventId[] = []
    while ((await statusOf(first, endpoint)) === 'pending') {
      expect(world.disabled).toEqual([])
      await goToDue(first, endpoint, deliverer.deliverNext)
      if (world.posted.length === WAITS_MS.length) waiting = await world.events(endpoint, 3)
      await sendAllDue(deliverer)
    }

    const firstPosts = world.posted.filter(({ eventId }) => eventId === first)
    expect(firstPosts).toHaveLength(37)
    const [start = 0, ...later] = firstPosts.map(({ atMs }) => atMs)
    for (const [index, atMs] of later.entries()) {
      const waitMs = atMs - (firstPosts[index]?.atMs ?? start) - POST_MS
      expect(Math.abs(waitMs - (WAITS_MS[index] as number))).toBeLessThanOrEqual(
        (WAITS_MS[index] as number) * JITTER_SHARE,
      )
    }
    // The waits differ a little from the schedule and from each other.
    expect(
      new Set(later.map((atMs, index) => atMs - (firstPosts[index]?.atMs ?? 0))).size,
    ).toBeGreaterThan(2)
    expect(await logOf(first, endpoint)).toMatchObject(
      firstPosts.map(({ atMs }, index) => ({ number: index + 1, startedAtMs: atMs })),
    )
    expect(world.disabled).toEqual([endpoint.id])
    expect(await world.store.webhookEndpoints.find(endpoint.id)).toMatchObject({
      status: 'disabled',
    })
    const missedEvents = [first, ...waiting, ...(await world.events(endpoint, 2))]
    for (const id of missedEvents) expect(await statusOf(id, endpoint)).toBe('held')

    isUp = true
    const sentCount = world.posted.length
    world.clock.advance(30 * 24 * HOUR_MS)
    await sendAllDue(deliverer)
    await world.releaseHeld()
    expect(await deliverer.deliverNext()).toBe(undefined)
    expect(world.posted).toHaveLength(sentCount)
    await world.setStatus(endpoint, 'active')
    await world.releaseHeld()
    await sendAllDue(deliverer)
    const late = world.posted.slice(sentCount).map(({ eventId }) => eventId)
    expect(late.sort()).toEqual([...missedEvents].sort())
    for (const id of missedEvents) expect(await statusOf(id, endpoint)).toBe('delivered')
    expect(await logOf(first, endpoint)).toHaveLength(38)
  })

  test('an endpoint that refuses a single event stays active, and only that delivery fails', async () => {
    const endpoint = await world.endpoint()
    const poison = await world.event(endpoint)
    const deliverer = world.deliverer(({ eventId }) =>
      eventId === poison ? answerWith(500) : answerWith(200),
    )
    await sendAllDue(deliverer)
    const others: WebhookEventId[] = []
    for (let count = 1; (await statusOf(poison, endpoint)) === 'pending'; count += 1) {
      await goToDue(poison, endpoint, deliverer.deliverNext)
      // The endpoint accepts one event in these two days.
      if (count === 7) others.push(await world.event(endpoint))
      await sendAllDue(deliverer)
    }
    expect(await logOf(poison, endpoint)).toHaveLength(37)
    expect(await statusOf(poison, endpoint)).toBe('given_up')
    expect(world.disabled).toEqual([])
    await world.releaseHeld()
    expect(await statusOf(poison, endpoint)).toBe('given_up')
    others.push(await world.event(endpoint))
    await sendAllDue(deliverer)
    for (const id of others) expect(await statusOf(id, endpoint)).toBe('delivered')
    // The delivery is sent again when the merchant resends it.
    const nowMs = world.clock.nowMs()
    await world.store.transaction((tx) => tx.webhookDeliveries.resend(endpoint, [poison], nowMs))
    await sendAllDue(world.deliverer(() => answerWith(200)))
    expect(await statusOf(poison, endpoint)).toBe('delivered')
  })

  test('only a status of 2xx counts as delivered', async () => {
    const acceptedStatuses = [200, 201, 202, 204, 206, 299]
    const refusedStatuses = [100, 101, 103, 199, 300, 301, 302, 303, 304, 307, 308]
    refusedStatuses.push(400, 401, 404, 408, 409, 410, 429, 500, 502, 503, 599)
    const endpoint = await world.endpoint()
    const statuses = new Map<WebhookEventId, number>()
    for (const status of [...acceptedStatuses, ...refusedStatuses])
      statuses.set(await world.event(endpoint), status)
    await sendAllDue(
      world.deliverer(({ eventId }) => answerWith(statuses.get(eventId) as number, 'what it says')),
    )
    for (const [eventId, httpStatus] of statuses) {
      const status = acceptedStatuses.includes(httpStatus) ? 'delivered' : 'pending'
      const failureCount = status === 'delivered' ? 0 : 1
      expect(await world.delivery(eventId, endpoint)).toMatchObject({
        status,
        failureCount,
        httpStatus,
        attemptCount: 1,
      })
      expect(await logOf(eventId, endpoint)).toEqual([
        {
          number: 1,
          startedAtMs: world.clock.nowMs(),
          durationMs: 12,
          httpStatus,
          responseBody: 'what it says',
        },
      ])
    }
    expect(world.posted).toHaveLength(statuses.size)
  })

  test('for a day after a key rotation both keys sign, the old key first, and then only the new key', async () => {
    const [old, fresh] = [drawSigningKey(), drawSigningKey()]
    const untilMs = world.clock.nowMs() + 24 * HOUR_MS
    const endpoint = await world.endpoint({
      signingKeySealed: fresh.sealed,
      previousKey: { sealedKey: old.sealed, untilMs },
    })
    const deliverer = world.deliverer(() => answerWith(200))
    const send = async () => {
      await world.event(endpoint)
      await sendAllDue(deliverer)
      const lastPost = world.posted.at(-1)
      if (lastPost === undefined) throw new Error('nothing was sent')
      return lastPost
    }
    const signedBy = (
      { atMs, body, eventId }: Awaited<ReturnType<typeof send>>,
      ...keys: string[]
    ) => signWebhook({ atMs, body, eventId, keys })

    world.clock.advance(24 * HOUR_MS - 1)
    const during = await send()
    expect(during.headers).toEqual(signedBy(during, old.key, fresh.key))
    for (const { key } of [old, fresh]) {
      const event = verifyWebhook(during.body, during.headers, key, { nowMs: during.atMs })
      expect(String(event.event_id)).toBe(during.eventId)
    }
    world.clock.advance(1)
    const after = await send()
    expect(after.headers).toEqual(signedBy(after, fresh.key))
    expect(() => verifyWebhook(after.body, after.headers, old.key, { nowMs: after.atMs })).toThrow()
    expect(during.url).toBe(endpoint.url)
  })

  test.each(['inactive', 'disabled', 'deleted'] as const)(
    'an endpoint that becomes %s right after a claim gets no webhook',
    async (status) => {
      const endpoint = await world.endpoint()
      const eventId = await world.event(endpoint)
      const deliverer = world.deliverer(() => answerWith(200), {
        store: {
          ...world.store,
          webhookDeliveries: {
            ...world.store.webhookDeliveries,
            claim: async (...claim) => {
              const claims = await world.store.webhookDeliveries.claim(...claim)
              await world.store.transaction((tx) =>
                status === 'deleted'
                  ? tx.webhookEndpoints.delete(endpoint.id, world.clock.nowMs())
                  : tx.webhookEndpoints.put({ ...endpoint, status }),
              )
              return claims
            },
          },
        },
      })
      await sendAllDue(deliverer)
      world.clock.advance(24 * HOUR_MS)
      await sendAllDue(deliverer)
      expect(world.posted).toEqual([])
      expect(await statusOf(eventId, endpoint)).toBe(status === 'deleted' ? 'canceled' : 'held')
      expect(await logOf(eventId, endpoint)).toEqual([])
    },
  )

  test.each([
    [500, 'held'],
    [200, 'delivered'],
  ] as const)(
    'an answer %i that arrives after its endpoint was turned off is logged, and the delivery gets the status %s',
    async (httpStatus, status) => {
      const endpoint = await world.endpoint()
      const eventId = await world.event(endpoint)
      const turnOff = async (): ReturnType<PostWebhook> => {
        await world.setStatus(endpoint, 'inactive')
        return answerWith(httpStatus)
      }
      await sendAllDue(world.deliverer(turnOff))
      expect(await statusOf(eventId, endpoint)).toBe(status)
      expect(await logOf(eventId, endpoint)).toMatchObject([{ number: 1, httpStatus }])
    },
  )

  test('a delivery interrupted by a shutdown does not count as a failure, and is sent again after its lease', async () => {
    const endpoint = await world.endpoint()
    const [cutEventId, refusedEventId, takenEventId] = (await world.events(endpoint, 3)) as [
      WebhookEventId,
      WebhookEventId,
      WebhookEventId,
    ]
    const replies = new Map([
      [cutEventId, failWith('The connection was closed.')],
      [refusedEventId, answerWith(500)],
      [takenEventId, answerWith(200)],
    ])
    const stopping = world.deliverer(({ eventId }) => replies.get(eventId) ?? failWith(), {
      isStopping: () => true,
    })
    await stopping.deliverNext()
    await stopping.allEnded()
    expect(await logOf(cutEventId, endpoint)).toEqual([])
    expect(await world.delivery(cutEventId, endpoint)).toMatchObject({
      status: 'pending',
      attemptCount: 0,
      failureCount: 0,
    })
    // A received answer is recorded even while the process stops.
    expect(await world.delivery(refusedEventId, endpoint)).toMatchObject({ failureCount: 1 })
    expect(await statusOf(takenEventId, endpoint)).toBe('delivered')

    const next = world.deliverer(() => answerWith(200))
    await goToDue(cutEventId, endpoint, next.deliverNext)
    await sendAllDue(next)
    expect(await statusOf(cutEventId, endpoint)).toBe('delivered')
    expect(world.posted.filter(({ eventId }) => eventId === cutEventId)).toHaveLength(2)
  })
})
