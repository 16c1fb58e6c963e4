/** Many deliveries at the same time, several deliverers, and processes that crash. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  answerWith,
  DELIVERY_ENGINES,
  Deliveries,
  failWith,
  type ReceivedPost,
  sendAllDue,
} from '../../test/support/deliveries.ts'
import { startReceiver } from '../../test/support/receiver.ts'
import type { WebhookEventId } from '../domain/id.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type { PostWebhook } from '../webhooks/post-webhook.ts'
import { createWebhookPoster } from '../webhooks/post-webhook.ts'
import { createWebhookSender } from '../webhooks/send-webhook.ts'
import type { Deliverer } from './deliver-webhooks.ts'
import {
  DELIVERY_COUNT_MAX,
  DELIVERY_COUNT_PER_ACCOUNT,
  DELIVERY_COUNT_PER_ENDPOINT,
  DELIVERY_COUNT_UNANSWERED,
  WAITING_MS_MAX,
} from './delivery-queue.ts'

/** The lease of a delivery, in milliseconds. */
const LEASE_MS = 30_000

describe.each(DELIVERY_ENGINES)('deliveries at the same time, on %s', (engine) => {
  let world: Deliveries
  beforeEach(async () => {
    world = await Deliveries.open(engine)
  })
  afterEach(async () => {
    expect(world.trouble).toEqual([])
    await world.close()
  })

  const countOf = (endpoint: WebhookEndpoint) =>
    world.posted.filter(({ url }) => url === endpoint.url).length

  /** Runs a deliverer that is called again after each start and each end of a delivery. */
  function drive(reply: (post: ReceivedPost) => ReturnType<PostWebhook>) {
    let movement = Promise.withResolvers<void>()
    const move = () => {
      movement.resolve()
      movement = Promise.withResolvers()
    }
    const answer = (post: ReceivedPost) => {
      const answering = reply(post)
      move()
      return answering
    }
    const deliverer = world.deliverer(answer, {}, move)
    const runUntil = async (isDone: () => boolean) => {
      while (!isDone()) {
        const next = movement.promise
        if ((await deliverer.deliverNext()) === undefined && !isDone()) await next
      }
    }
    return { deliverer, runUntil }
  }

  test('an endpoint that hangs uses only its share of slots, and delays no other endpoint', async () => {
    const hanging = await world.endpoint({ url: 'https://hangs.example/' })
    const other = await world.endpoint({ url: 'https://works.example/' })
    // More deliveries than one claim takes, and all of them are older than those to the other endpoint.
    await world.events(hanging, 300)
    world.clock.advance(1)
    await world.events(other, 50)
    const opening = Promise.withResolvers<void>()
    let underWay = 0
    let isOver = false
    const { deliverer, runUntil } = drive(async ({ url }) => {
      if (url === other.url) return answerWith(200)
      underWay += 1
      isOver ||= underWay > DELIVERY_COUNT_PER_ENDPOINT
      await opening.promise
      underWay -= 1
      return answerWith(200)
    })
    await runUntil(() => countOf(other) === 50 && underWay >= DELIVERY_COUNT_PER_ENDPOINT)
    expect(underWay).toBe(DELIVERY_COUNT_PER_ENDPOINT)
    expect(countOf(hanging)).toBe(DELIVERY_COUNT_PER_ENDPOINT)
    opening.resolve()
    await runUntil(() => countOf(hanging) === 300)
    await deliverer.allEnded()
    expect(isOver).toBe(false)
    expect(new Set(world.posted.map(({ eventId }) => eventId)).size).toBe(350)
    expect(world.posted).toHaveLength(350)
  })

  /** Makes endpoints of one merchant, and 300 events that each of them gets. */
  async function backlog(urls: readonly string[]): Promise<readonly WebhookEndpoint[]> {
    const [first, ...others] = urls
    const one = await world.endpoint({ url: first as string })
    const { accountId } = one
    const more = await Promise.all(others.map((url) => world.endpoint({ accountId, url })))
    await world.events(one, 300)
    world.clock.advance(1)
    return [one, ...more]
  }

  test('five hanging endpoints of one merchant, with 1,500 deliveries, delay no other merchant', async () => {
    const hanging = await backlog([1, 2, 3, 4, 5].map((one) => `https://hangs${one}.example/`))
    const other = await world.endpoint({ url: 'https://works.example/' })
    await world.events(other, 100)
    const opening = Promise.withResolvers<void>()
    const { deliverer, runUntil } = drive(async ({ url }) => {
      if (url !== other.url) await opening.promise
      return answerWith(200)
    })
    await runUntil(() => countOf(other) === 100)
    // A new event is sent at the next call.
    await world.events(other, 1)
    await runUntil(() => countOf(other) === 101)
    const hangingCount = () => hanging.reduce((sum, endpoint) => sum + countOf(endpoint), 0)
    await runUntil(() => hangingCount() >= DELIVERY_COUNT_PER_ACCOUNT)
    expect(hangingCount()).toBe(DELIVERY_COUNT_PER_ACCOUNT)
    opening.resolve()
    await runUntil(() => world.posted.length === 1_601)
    await deliverer.allEnded()
    expect(new Set(world.posted.map(({ eventId, url }) => `${eventId} ${url}`)).size).toBe(1_601)
  })

  test('one merchant’s backlog at five fast endpoints delays no other merchant', async () => {
    await backlog([1, 2, 3, 4, 5].map((one) => `https://fast${one}.example/`))
    const other = await world.endpoint({ url: 'https://works.example/' })
    await world.events(other, 20)
    const { deliverer, runUntil } = drive(() => answerWith(200))
    await runUntil(() => countOf(other) === 20)
    // All 1,500 deliveries of the backlog are older than the 20. On a busy machine more of the 1,500 are sent before the 20.
    expect(world.posted.length).toBeLessThan(750)
    await deliverer.allEnded()
  })

  test('an endpoint that did not answer gets two deliveries at a time, until it answers', async () => {
    const endpoint = await world.endpoint()
    await world.events(endpoint, 200)
    let replies: ((answer: ReturnType<PostWebhook>) => void)[] = []
    let replyForAll: ReturnType<PostWebhook> | undefined
    const { deliverer, runUntil } = drive(
      () => replyForAll ?? new Promise((resolve) => replies.push((answer) => resolve(answer))),
    )
    const replyToAll = async (answer: ReturnType<PostWebhook>) => {
      replyForAll = answer
      for (const reply of replies.splice(0)) reply(answer)
      await deliverer.allEnded()
      replyForAll = undefined
      replies = []
    }
    const expectBusyWith = async (count: number) => {
      await runUntil(() => replies.length === count)
      expect(await deliverer.deliverNext()).toBe(undefined)
      expect(replies).toHaveLength(count)
    }
    await expectBusyWith(DELIVERY_COUNT_PER_ENDPOINT)
    await replyToAll(failWith())
    await expectBusyWith(DELIVERY_COUNT_UNANSWERED)
    await replyToAll(failWith())
    await expectBusyWith(DELIVERY_COUNT_UNANSWERED)
    // Any answer counts, even a refusal.
    await replyToAll(answerWith(500))
    await expectBusyWith(DELIVERY_COUNT_PER_ENDPOINT)
    await replyToAll(answerWith(200))
  })

  /** Makes an endpoint with 100 deliveries. Many are claimed ahead, because the first ones were answered promptly. */
  async function claimedAhead(afterwards: () => ReturnType<PostWebhook>, isStopping = () => false) {
    const endpoint = await world.endpoint()
    await world.events(endpoint, 100)
    const fullStart = Promise.withResolvers<void>()
    let [isAhead, aheadCount] = [false, 0]
    const reply = () => {
      if (!isAhead) return answerWith(200)
      aheadCount += 1
      if (aheadCount === DELIVERY_COUNT_PER_ENDPOINT) fullStart.resolve()
      return afterwards()
    }
    const deliverer = world.deliverer(reply, { isStopping })
    await deliverer.deliverNext()
    await deliverer.allEnded()
    isAhead = true
    expect(await deliverer.deliverNext()).toBeGreaterThan(DELIVERY_COUNT_PER_ENDPOINT)
    await fullStart.promise
    return { deliverer, endpoint }
  }

  test('an endpoint gets no more claimed deliveries at a time than its share', async () => {
    const opening = Promise.withResolvers<void>()
    let [underWay, most] = [0, 0]
    const { deliverer } = await claimedAhead(async () => {
      underWay += 1
      most = Math.max(most, underWay)
      await opening.promise
      underWay -= 1
      return answerWith(200)
    })
    opening.resolve()
    await deliverer.allEnded()
    await sendAllDue(deliverer)
    expect(most).toBe(DELIVERY_COUNT_PER_ENDPOINT)
    expect(new Set(world.posted.map(({ eventId }) => eventId)).size).toBe(100)
    expect(world.posted).toHaveLength(100)
  })

  test('a delivery that waits for the record of other attempts is sent after it', async () => {
    const endpoints = await Promise.all(
      Array.from({ length: 12 }, () => world.endpoint({ url: 'https://shop.example/' })),
    )
    for (const endpoint of endpoints) await world.events(endpoint, 60)
    const opening = Promise.withResolvers<void>()
    const webhookDeliveries: typeof world.store.webhookDeliveries = {
      ...world.store.webhookDeliveries,
      recordAttempt: async (record) => {
        await opening.promise
        return world.store.webhookDeliveries.recordAttempt(record)
      },
    }
    let movement = Promise.withResolvers<void>()
    const move = () => {
      movement.resolve()
      movement = Promise.withResolvers()
    }
    const deliverer = world.deliverer(
      () => {
        move()
        return answerWith(200)
      },
      { store: { ...world.store, webhookDeliveries } },
      move,
    )
    while (world.posted.length < 512) {
      const next = movement.promise
      if ((await deliverer.deliverNext()) === undefined && world.posted.length < 512) await next
    }
    opening.resolve()
    await deliverer.allEnded()
    await sendAllDue(deliverer)
    expect(world.posted).toHaveLength(720)
  })

  test('claimed deliveries of a stopped process are sent immediately by another process', async () => {
    let isStopping = false
    const opening = Promise.withResolvers<void>()
    const { deliverer } = await claimedAhead(
      async () => {
        await opening.promise
        return answerWith(200)
      },
      () => isStopping,
    )
    isStopping = true
    const allEnd = deliverer.allEnded()
    opening.resolve()
    await allEnd
    const sentCount = world.posted.length
    expect(sentCount).toBe(2 * DELIVERY_COUNT_PER_ENDPOINT)
    await sendAllDue(world.deliverer(() => answerWith(200)))
    expect(new Set(world.posted.map(({ eventId }) => eventId)).size).toBe(100)
    expect(world.posted).toHaveLength(100)
  })

  test('if an endpoint stops answering, its waiting deliveries are given back, and can be claimed at once', async () => {
    const { deliverer, endpoint } = await claimedAhead(() => failWith())
    await deliverer.allEnded()
    // The deliveries under way have failed; the others were not tried.
    expect(world.posted).toHaveLength(2 * DELIVERY_COUNT_PER_ENDPOINT)
    const next = await world.store.webhookDeliveries.claim(world.clock.nowMs(), LEASE_MS, {
      waitMsMax: 2 * 3_600_000,
      countMax: 100,
      countPerAccount: 100,
      countPerEndpoint: 100,
      roomOfAccounts: new Map(),
      roomOfEndpoints: new Map(),
    })
    expect(next).toHaveLength(100 - 2 * DELIVERY_COUNT_PER_ENDPOINT)
    expect(next[0]?.delivery.endpointId).toBe(endpoint.id)
  })

  test('a delivery that has waited too long for a slot is not sent before it is claimed again', async () => {
    const opening = Promise.withResolvers<void>()
    const { deliverer } = await claimedAhead(async () => {
      await opening.promise
      return answerWith(200)
    })
    world.clock.advance(WAITING_MS_MAX + 1)
    opening.resolve()
    await deliverer.allEnded()
    expect(world.posted).toHaveLength(2 * DELIVERY_COUNT_PER_ENDPOINT)
    await sendAllDue(deliverer)
    await deliverer.allEnded()
    expect(world.posted).toHaveLength(100)
  })

  test('an endpoint that is turned off gets none of its claimed deliveries', async () => {
    const opening = Promise.withResolvers<void>()
    const { deliverer, endpoint } = await claimedAhead(async () => {
      await opening.promise
      return answerWith(200)
    })
    await world.setStatus(endpoint, 'inactive')
    opening.resolve()
    await deliverer.allEnded()
    await sendAllDue(deliverer)
    expect(world.posted).toHaveLength(2 * DELIVERY_COUNT_PER_ENDPOINT)
    const page = { page: 1, perPage: 1 }
    const { total } = await world.store.webhookDeliveries.list(
      endpoint.id,
      { status: 'held' },
      page,
    )
    expect(total).toBe(100 - 2 * DELIVERY_COUNT_PER_ENDPOINT)
  })

  test('receivers that never answer delay no other merchant, even over real sockets', async () => {
    const silent = await Promise.all([1, 2, 3, 4, 5].map(() => startReceiver(() => 'hang')))
    const working = await startReceiver()
    const targets = { allowsLoopback: true, networks: [] }
    const poster = createWebhookPoster({ targets, clock: world.clock })
    try {
      await backlog(silent.map(({ url }) => url))
      const other = await world.endpoint({ url: working.url })
      await world.events(other, 50)
      let isStopping = false
      let movement = Promise.withResolvers<void>()
      const move = () => {
        movement.resolve()
        movement = Promise.withResolvers()
      }
      const deliverer = world.deliverer(
        () => failWith(),
        {
          send: createWebhookSender(poster.post),
          isStopping: () => isStopping,
          onAttempt: move,
        },
        move,
      )
      while (working.received.length < 50) {
        const next = movement.promise
        if ((await deliverer.deliverNext()) === undefined) await next
      }
      const silentCount = silent.reduce((sum, { received }) => sum + received.length, 0)
      expect(silentCount).toBeLessThanOrEqual(DELIVERY_COUNT_PER_ACCOUNT)
      isStopping = true
      poster.close()
      await deliverer.allEnded()
    } finally {
      poster.close()
      await Promise.all([working, ...silent].map((receiver) => receiver.close()))
    }
  })

  test('a process never exceeds its limit of running deliveries, with any number of hanging endpoints', async () => {
    const endpoints = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        world.endpoint({ url: `https://shop${index}.example/` }),
      ),
    )
    for (const endpoint of endpoints) await world.events(endpoint, 20)
    const opening = Promise.withResolvers<void>()
    let [underWay, most] = [0, 0]
    const { deliverer, runUntil } = drive(async () => {
      underWay += 1
      most = Math.max(most, underWay)
      await opening.promise
      underWay -= 1
      return answerWith(200)
    })
    await runUntil(() => underWay === DELIVERY_COUNT_MAX)
    expect(await deliverer.deliverNext()).toBe(undefined)
    expect(world.posted).toHaveLength(DELIVERY_COUNT_MAX)
    opening.resolve()
    await runUntil(() => world.posted.length === 400)
    await deliverer.allEnded()
    expect(most).toBe(DELIVERY_COUNT_MAX)
    for (const endpoint of endpoints) expect(countOf(endpoint)).toBe(20)
  })

  test('an unrecorded delivery is sent again after its lease, as the same event with another signature', async () => {
    const endpoint = await world.endpoint()
    const eventId = await world.event(endpoint)
    const recording = Promise.withResolvers<void>()
    const slow = world.deliverer(() => answerWith(200), {
      store: {
        ...world.store,
        webhookDeliveries: {
          ...world.store.webhookDeliveries,
          recordAttempt: async (record) => {
            await recording.promise
            return world.store.webhookDeliveries.recordAttempt(record)
          },
        },
      },
    })
    await slow.deliverNext()
    const other = world.deliverer(() => answerWith(503))
    world.clock.advance(LEASE_MS - 1)
    expect(await other.deliverNext()).toBe(undefined)
    world.clock.advance(1)
    await sendAllDue(other)
    const [first, second] = world.posted as [ReceivedPost, ReceivedPost]
    expect(world.posted).toHaveLength(2)
    expect([second.eventId, second.body]).toEqual([first.eventId, first.body])
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
    for (const name of ['x-zoho-webhook-signature', 'webhook-timestamp', 'webhook-signature']) {
      expect([name, second.headers[name]]).not.toEqual([name, first.headers[name]])
    }
    const log = () => world.store.webhookDeliveries.listAttempts(eventId, endpoint.id)
    expect(await log()).toMatchObject([{ number: 1, startedAtMs: second.atMs, httpStatus: 503 }])

    // The process was only slow: its attempt is logged too, and the event counts as delivered.
    recording.resolve()
    await slow.allEnded()
    expect(await log()).toMatchObject([
      { number: 1, startedAtMs: second.atMs, httpStatus: 503 },
      { number: 2, startedAtMs: first.atMs, httpStatus: 200 },
    ])
    expect(await world.delivery(eventId, endpoint)).toMatchObject({
      status: 'delivered',
      attemptCount: 2,
    })
    world.clock.advance(30 * 24 * 60 * 60_000)
    await sendAllDue(other)
    expect(world.posted).toHaveLength(2)
  })

  test('a delivered event stays delivered, even when a slower process records a failure later', async () => {
    const endpoint = await world.endpoint()
    const eventId = await world.event(endpoint)
    const reply = Promise.withResolvers<void>()
    const slow = world.deliverer(() => reply.promise.then(() => answerWith(500)))
    await slow.deliverNext()
    world.clock.advance(LEASE_MS)
    await sendAllDue(world.deliverer(() => answerWith(200)))
    reply.resolve()
    await slow.allEnded()
    expect(await world.delivery(eventId, endpoint)).toMatchObject({
      status: 'delivered',
      attemptCount: 2,
      failureCount: 0,
    })
    expect(await world.store.webhookDeliveries.listAttempts(eventId, endpoint.id)).toMatchObject([
      { number: 1, httpStatus: 200 },
      { number: 2, httpStatus: 500 },
    ])
  })

  test('two delivery processes send each of 500 events once', async () => {
    const endpoints = await Promise.all([world.endpoint(), world.endpoint()])
    for (const endpoint of endpoints) await world.events(endpoint, 250)
    const senders = new Map<WebhookEventId, number[]>()
    const stores = [world.store, await world.openAgain()]
    const runs = stores.map(async (store, sender) => {
      const deliverer = world.deliverer(
        async ({ eventId }) => {
          senders.set(eventId, [...(senders.get(eventId) ?? []), sender])
          // One turn later, so that both deliverers get a turn.
          await new Promise(setImmediate)
          return answerWith(200)
        },
        { store },
      )
      // One deliverer may find only rows that the other is claiming, and so find nothing at this moment.
      while (senders.size < 500) {
        await deliverer.deliverNext()
        await deliverer.allEnded()
      }
      await deliverer.allEnded()
    })
    await Promise.all(runs)
    expect(senders.size).toBe(500)
    expect(world.posted).toHaveLength(500)
    expect(new Set([...senders.values()].flat())).toEqual(new Set([0, 1]))
    for (const { id } of endpoints) {
      const page = { page: 1, perPage: 1 }
      const { total } = await world.store.webhookDeliveries.list(id, { status: 'delivered' }, page)
      expect(total).toBe(250)
    }
  })

  test('the log lists all attempts in the order in which the receiver got them, for any answers', async () => {
    const outcome = fc.oneof(
      fc.record({ status: fc.integer({ min: 100, max: 599 }), body: fc.string() }),
      fc.record({ detail: fc.string() }),
    )
    const retryWaitsMs = [1_000, 2_000, 60_000]
    const outcomesOfEvents = fc.array(fc.array(outcome, { maxLength: 5 }), {
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(outcomesOfEvents, async (outcomes) => {
        const endpoint = await world.endpoint()
        const ids = await world.events(endpoint, outcomes.length)
        const remainingOutcomes = new Map(
          ids.map((id, index) => [id, [...(outcomes[index] ?? [])]]),
        )
        const recordsByEvent = new Map<WebhookEventId, unknown[]>(ids.map((id) => [id, []]))
        const deliverer = world.deliverer(
          ({ atMs, eventId }) => {
            const next = remainingOutcomes.get(eventId)?.shift() ?? { status: 200, body: '' }
            const [reply, loggedAttempt] =
              'status' in next
                ? [
                    answerWith(next.status, next.body),
                    { httpStatus: next.status, responseBody: next.body },
                  ]
                : [failWith(next.detail), { failure: next.detail }]
            const number = (recordsByEvent.get(eventId)?.length ?? 0) + 1
            recordsByEvent
              .get(eventId)
              ?.push({ number, startedAtMs: atMs, durationMs: 12, ...loggedAttempt })
            return reply
          },
          { retryWaitsMs },
        )
        await sendToTheEnd(deliverer, endpoint, ids)
        for (const [id, attempts] of recordsByEvent) {
          expect(await world.store.webhookDeliveries.listAttempts(id, endpoint.id)).toEqual(
            attempts,
          )
          expect((await world.delivery(id, endpoint)).attemptCount).toBe(attempts.length)
        }
      }),
      { numRuns: engine === 'PostgreSQL' ? 20 : 200 },
    )
  })

  /** Moves from one due time to the next until nothing is pending. */
  async function sendToTheEnd(
    deliverer: Deliverer,
    endpoint: WebhookEndpoint,
    ids: readonly WebhookEventId[],
  ): Promise<void> {
    for (;;) {
      await sendAllDue(deliverer)
      const all = await Promise.all(ids.map((id) => world.delivery(id, endpoint)))
      const due = all.flatMap(({ nextAttemptAtMs }) => nextAttemptAtMs ?? [])
      if (due.length === 0) return
      world.clock.advance(Math.min(...due) - world.clock.nowMs())
    }
  }
})
