import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  account,
  endpointOf,
  eventOf,
  limitsOf,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  planDeliveries,
  random,
  recordOf,
  useStore,
} from '../../../test/support/stored-rows.ts'
import type { WebhookEndpointId } from '../../domain/id.ts'
import type { WebhookDelivery } from '../../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import type { DeliveryRecord, Store, WebhookEvent } from '../../operations/store.ts'
import type { Engine } from '../engine/engine.ts'
import { migrate } from '../engine/migrate.ts'
import { createStore } from '../store.ts'

/** Webhook deliveries and their attempts, as tests that every engine passes. */
export function deliveryTests(open: OpenEngine): void {
  describe('the record of a delivery', () => {
    const db = useStore(open)
    const planOne = async () => {
      const [one] = await planDeliveries(db.store, [endpoint], [eventOf(ACCOUNT)])
      return one as WebhookDelivery
    }
    const endpoint = endpointOf(ACCOUNT)

    test('returns an attempt unchanged, with all fields and with only the required fields', async () => {
      const one = await planOne()
      const after: WebhookDelivery = {
        ...one,
        status: 'pending',
        attemptCount: 1,
        failureCount: 10_000,
        failingSinceMs: NOW_MS,
        nextAttemptAtMs: NOW_MS + 9,
        attemptedAtMs: NOW_MS + 1,
        httpStatus: 503,
      }
      const { nextAttemptAtMs: _, ...endedDelivery } = { ...after, status: 'given_up' as const }
      const attemptWithAnswer = {
        startedAtMs: NOW_MS + 1,
        durationMs: 0,
        httpStatus: 503,
        responseBody: 'busy "₹" 😀',
      }
      const failedAttempt = {
        startedAtMs: NOW_MS + 2,
        durationMs: 30_000,
        failure: 'No answer in time.',
      }
      const record = (nextDelivery: WebhookDelivery, attempt: DeliveryRecord['attempt']) =>
        db.store.webhookDeliveries.recordAttempt({ ...one, attempt, decide: () => nextDelivery })
      expect(await record(after, attemptWithAnswer)).toEqual(after)
      expect(await db.store.webhookDeliveries.find(one.eventId, one.endpointId)).toEqual(after)
      const last = { ...endedDelivery, attemptCount: 2 }
      expect(await record(last, failedAttempt)).toEqual(last)
      expect(await db.store.webhookDeliveries.find(one.eventId, one.endpointId)).toEqual(last)
      expect(await db.store.webhookDeliveries.listAttempts(one.eventId, one.endpointId)).toEqual([
        { number: 1, ...attemptWithAnswer },
        { number: 2, ...failedAttempt },
      ])
    })

    test('numbers 30 concurrent attempts without a gap', async () => {
      const one = await planOne()
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          db.store.webhookDeliveries.recordAttempt(recordOf(one, 500, NOW_MS + index)),
        ),
      )
      const counts = answers.map((after) => after?.attemptCount ?? 0)
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
      const storedDelivery = await db.store.webhookDeliveries.find(one.eventId, one.endpointId)
      // A schedule of two waits: given up after the third failure. Later attempts do not change the schedule.
      expect(storedDelivery).toMatchObject({
        status: 'given_up',
        attemptCount: 30,
        failureCount: 30,
      })
      const attempts = await db.store.webhookDeliveries.listAttempts(one.eventId, one.endpointId)
      expect(attempts.map(({ number }) => number)).toEqual(counts)
    })

    test('a delivered event stays delivered, even when another server records a failure later', async () => {
      const one = await planOne()
      await db.store.webhookDeliveries.recordAttempt(recordOf(one, 204))
      const after = await db.store.webhookDeliveries.recordAttempt(recordOf(one, 500))
      expect(after).toMatchObject({ status: 'delivered', attemptCount: 2, failureCount: 0 })
      expect(after).not.toHaveProperty('nextAttemptAtMs')
      expect(await db.store.webhookDeliveries.find(one.eventId, one.endpointId)).toEqual(after)
    })

    test('records nothing for an event without a delivery', async () => {
      const one = { eventId: eventOf(ACCOUNT).id, endpointId: endpoint.id }
      expect(await db.store.webhookDeliveries.recordAttempt(recordOf(one, 200))).toBeUndefined()
      expect(await db.store.webhookDeliveries.listAttempts(one.eventId, one.endpointId)).toEqual([])
      expect(await db.store.webhookDeliveries.find(one.eventId, one.endpointId)).toBeUndefined()
    })

    test('writes 100 concurrent records in a few commits', async () => {
      const events = Array.from({ length: 100 }, (_, index) => eventOf(ACCOUNT, {}, index))
      const deliveries = await planDeliveries(db.store, [endpoint], events)
      let commitCount = 0
      const counting: Engine = {
        ...db.engine,
        transaction: (work) => {
          commitCount += 1
          return db.engine.transaction(work)
        },
      }
      const store = createStore(counting, random)
      const answers = await Promise.all(
        deliveries.map((one) => store.webhookDeliveries.recordAttempt(recordOf(one, 200))),
      )
      expect(answers.map((after) => after?.eventId)).toEqual(
        deliveries.map(({ eventId }) => eventId),
      )
      expect(commitCount).toBeLessThanOrEqual(4)
    })

    test('a refused record does not undo others of its commit', async () => {
      const deliveries = await planDeliveries(
        db.store,
        [endpoint],
        Array.from({ length: 3 }, () => eventOf(ACCOUNT)),
      )
      const [first, bad, last] = deliveries.map((one) => recordOf(one, 200)) as [
        DeliveryRecord,
        DeliveryRecord,
        DeliveryRecord,
      ]
      const nonsense = {
        ...bad,
        decide: (one: WebhookDelivery) => ({ ...one, status: 'x' as 'held' }),
      }
      const outcomes = await Promise.allSettled(
        [first, nonsense, last].map((one) => db.store.webhookDeliveries.recordAttempt(one)),
      )
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      const counts = await Promise.all(
        deliveries.map(async (one) => [
          (await db.store.webhookDeliveries.find(one.eventId, one.endpointId))?.status,
          (await db.store.webhookDeliveries.listAttempts(one.eventId, one.endpointId)).length,
        ]),
      )
      expect(counts).toEqual([
        ['delivered', 1],
        ['pending', 0],
        ['delivered', 1],
      ])
    })

    test('attempts are deleted after 30 days, and their delivery stays', async () => {
      const one = await planOne()
      const DAY_MS = 24 * 60 * 60_000
      await db.store.webhookDeliveries.recordAttempt(recordOf(one, 500, NOW_MS - 1))
      await db.store.webhookDeliveries.recordAttempt(recordOf(one, 200, NOW_MS + 1))
      await db.store.deleteExpired(NOW_MS + 30 * DAY_MS)
      const attempts = await db.store.webhookDeliveries.listAttempts(one.eventId, one.endpointId)
      expect(attempts.map(({ number }) => number)).toEqual([2])
      const storedDelivery = await db.store.webhookDeliveries.find(one.eventId, one.endpointId)
      expect(storedDelivery).toMatchObject({ status: 'delivered', attemptCount: 2 })
    })
  })

  describe('deliveries of an endpoint', () => {
    let engine: Engine
    let store: Store
    const endpoint = endpointOf(ACCOUNT)
    const neighbor = endpointOf(ACCOUNT)
    let deliveries: readonly WebhookDelivery[]
    beforeEach(async () => {
      engine = await open()
      await migrate(engine)
      store = createStore(engine, random)
      await store.transaction(async (tx) => {
        await tx.accounts.insert(account(ACCOUNT), NOW_MS)
        await tx.accounts.insert(account(OTHER_ACCOUNT), NOW_MS)
      })
      const events = Array.from({ length: 4 }, (_, index) =>
        eventOf(ACCOUNT, { createdAtMs: NOW_MS + index }, 50 - index),
      )
      deliveries = await planDeliveries(store, [endpoint, neighbor], events)
    })
    afterEach(() => store.close())

    const deliveriesOf = (id: WebhookEndpointId) =>
      deliveries.filter(({ endpointId }) => endpointId === id)
    const statuses = async (id: WebhookEndpointId) => {
      const results = deliveriesOf(id).map((one) => store.webhookDeliveries.find(one.eventId, id))
      return (await Promise.all(results)).map((one) => one?.status)
    }
    /** Brings the endpoint's four deliveries to: pending after one failure, delivered, given up, pending. */
    async function mix(): Promise<void> {
      const [first, second, third] = deliveriesOf(endpoint.id) as [
        WebhookDelivery,
        WebhookDelivery,
        WebhookDelivery,
      ]
      await store.webhookDeliveries.recordAttempt(recordOf(first, 500))
      await store.webhookDeliveries.recordAttempt(recordOf(second, 200))
      for (let count = 0; count < 3; count += 1) {
        await store.webhookDeliveries.recordAttempt(recordOf(third, 500))
      }
    }
    const ALL_PENDING = ['pending', 'pending', 'pending', 'pending']

    const put = (status: WebhookEndpoint['status'], of = endpoint) =>
      store.transaction((tx) => tx.webhookEndpoints.put({ ...of, status }))
    const storedStatuses = async (id: WebhookEndpointId) => {
      const rows = await engine.read.all(
        'select event_id, status from webhook_deliveries where endpoint_id = $1',
        [Number(id)],
      )
      const statusById = new Map(rows.map((row) => [String(row.event_id), row.status]))
      return deliveriesOf(id).map(({ eventId }) => statusById.get(eventId))
    }
    const move = (
      ids: readonly WebhookEvent['id'][],
      from: 'pending' | 'given_up',
      to: 'pending' | 'held' | 'canceled',
      nowMs = NOW_MS,
    ) => store.transaction((tx) => tx.webhookDeliveries.move(endpoint.id, ids, { from, to }, nowMs))
    const eventIds = () => deliveriesOf(endpoint.id).map(({ eventId }) => eventId)

    test('held deliveries are released only after the activation of their endpoint, and then restart', async () => {
      await mix()
      await put('inactive')
      const hold = () => move(eventIds(), 'pending', 'held')
      await hold()
      await hold()
      const expected = ['held', 'delivered', 'given_up', 'held']
      expect(await storedStatuses(endpoint.id)).toEqual(expected)
      expect(await statuses(endpoint.id)).toEqual(expected)
      expect(await statuses(neighbor.id)).toEqual(ALL_PENDING)
      const [first] = deliveriesOf(endpoint.id) as [WebhookDelivery]
      const delivery = await store.webhookDeliveries.find(first.eventId, endpoint.id)
      expect(delivery).toMatchObject({ status: 'held', attemptCount: 1, failureCount: 1 })
      expect(delivery).not.toHaveProperty('nextAttemptAtMs')
      const atMs = NOW_MS + 77
      for (const status of ['inactive', 'disabled'] as const) {
        await put(status)
        expect(await store.webhookDeliveries.releaseHeld(atMs, 500)).toBe(0)
      }

      await put('active')
      expect(await store.webhookDeliveries.releaseHeld(atMs, 500)).toBe(2)
      expect(await store.webhookDeliveries.releaseHeld(atMs, 500)).toBe(0)
      const releasedStatuses = ['pending', 'delivered', 'given_up', 'pending']
      expect(await storedStatuses(endpoint.id)).toEqual(releasedStatuses)
      const again = await store.webhookDeliveries.find(first.eventId, endpoint.id)
      expect(again).toMatchObject({ attemptCount: 1, failureCount: 0, nextAttemptAtMs: atMs })
      expect(again).not.toHaveProperty('failingSinceMs')
    })

    test('the status of waiting deliveries follows their endpoint before their rows change', async () => {
      await mix()
      const [first, , , last] = eventIds() as [WebhookEvent['id'], unknown, unknown, string]
      await move([first], 'pending', 'held')
      const rowStatuses = ['held', 'delivered', 'given_up', 'pending']
      const list = async (status: WebhookDelivery['status']) => {
        const page = { page: 1, perPage: 10 }
        const result = await store.webhookDeliveries.list(endpoint.id, { status }, page)
        expect(result.items.map((one) => one.status)).toEqual(result.items.map(() => status))
        expect(result.total).toBe(result.items.length)
        return result.items.map(({ eventId }) => eventId)
      }
      const listStatuses = async () => {
        const all = await store.webhookDeliveries.list(endpoint.id, {}, { page: 1, perPage: 10 })
        const [ofFirst] = (await store.webhookDeliveries.listByEvent(first)).filter(
          ({ endpointId }) => endpointId === endpoint.id,
        )
        const inTransaction = await store.transaction((tx) =>
          tx.webhookDeliveries.find(first, endpoint.id),
        )
        const one = await store.webhookDeliveries.find(first, endpoint.id)
        expect([ofFirst, inTransaction]).toEqual([one, one])
        expect(all.items.filter(({ eventId }) => eventId === first)).toEqual([one])
        return statuses(endpoint.id)
      }
      const waiting = [last, first]
      expect(await listStatuses()).toEqual(['pending', 'delivered', 'given_up', 'pending'])
      expect([await list('pending'), await list('held')]).toEqual([waiting, []])
      for (const status of ['inactive', 'disabled'] as const) {
        await put(status)
        expect(await listStatuses()).toEqual(['held', 'delivered', 'given_up', 'held'])
        expect([await list('pending'), await list('held')]).toEqual([[], waiting])
      }
      const ofLast = await store.webhookDeliveries.find(last as WebhookEvent['id'], endpoint.id)
      expect(ofLast).not.toHaveProperty('nextAttemptAtMs')
      await store.transaction((tx) => tx.webhookEndpoints.delete(endpoint.id, NOW_MS))
      expect(await listStatuses()).toEqual(['canceled', 'delivered', 'given_up', 'canceled'])
      expect([await list('held'), await list('canceled')]).toEqual([[], waiting])
      expect(await storedStatuses(endpoint.id)).toEqual(rowStatuses)
      expect(await statuses(neighbor.id)).toEqual(ALL_PENDING)
    })

    test('a deleted endpoint gets no more events, and keeps its log', async () => {
      await mix()
      const [first, , third, last] = deliveriesOf(endpoint.id) as [
        WebhookDelivery,
        WebhookDelivery,
        WebhookDelivery,
        WebhookDelivery,
      ]
      await move([first.eventId], 'pending', 'held')
      await store.transaction((tx) => tx.webhookEndpoints.delete(endpoint.id, NOW_MS))
      const expected = ['canceled', 'delivered', 'given_up', 'canceled']
      expect(await statuses(endpoint.id)).toEqual(expected)
      expect(await store.webhookDeliveries.releaseHeld(NOW_MS, 500)).toBe(1)
      await move([last.eventId], 'pending', 'canceled')
      expect(await storedStatuses(endpoint.id)).toEqual(expected)
      expect(await statuses(neighbor.id)).toEqual(ALL_PENDING)
      expect(await store.webhookDeliveries.listAttempts(third.eventId, endpoint.id)).toHaveLength(3)
      expect(await store.webhookDeliveries.releaseHeld(NOW_MS, 500)).toBe(0)
    })

    test('only deliveries with the expected status are changed', async () => {
      await mix()
      await move(eventIds(), 'given_up', 'held')
      expect(await storedStatuses(endpoint.id)).toEqual(['pending', 'delivered', 'held', 'pending'])
      await move(eventIds().slice(0, 2), 'pending', 'pending', NOW_MS + 9)
      const [first, second, , last] = await Promise.all(
        eventIds().map((id) => store.webhookDeliveries.find(id, endpoint.id)),
      )
      expect(first).toMatchObject({ nextAttemptAtMs: NOW_MS + 9, failureCount: 0 })
      expect(second).toMatchObject({ status: 'delivered' })
      expect(last?.nextAttemptAtMs).not.toBe(NOW_MS + 9)
      await move([], 'pending', 'held')
      expect(await statuses(neighbor.id)).toEqual(ALL_PENDING)
    })

    test('a release contains deliveries of each endpoint, and at most as many as its limit', async () => {
      const ids = eventIds()
      const hold = (endpointId: WebhookEndpointId) =>
        store.transaction((tx) =>
          tx.webhookDeliveries.move(endpointId, ids, { from: 'pending', to: 'held' }, NOW_MS),
        )
      await hold(endpoint.id)
      await hold(neighbor.id)
      expect(await store.webhookDeliveries.releaseHeld(NOW_MS, 4)).toBe(4)
      for (const { id } of [endpoint, neighbor]) {
        const statuses = await storedStatuses(id)
        expect(statuses.filter((status) => status === 'pending')).toHaveLength(2)
      }
      expect(await store.webhookDeliveries.releaseHeld(NOW_MS, 3)).toBe(3)
      expect(await store.webhookDeliveries.releaseHeld(NOW_MS, 3)).toBe(1)
      expect(await store.webhookDeliveries.releaseHeld(NOW_MS, 3)).toBe(0)
    })

    test('held deliveries are found by their index, endpoint by endpoint', async () => {
      if (engine.name !== 'sqlite') return
      const rows = await engine.read.all(
        `explain query plan select min(endpoint_id) from webhook_deliveries
         where status = 'held' and endpoint_id > $1`,
        [1],
      )
      expect(rows.map(({ detail }) => detail)).toEqual([
        expect.stringMatching(/^SEARCH .*webhook_deliveries_held/),
      ])
    })

    test('a resend includes events without a delivery, and no event of another account', async () => {
      await mix()
      const unwantedEvent = eventOf(ACCOUNT, { type: 'refund.failed' })
      const foreign = eventOf(OTHER_ACCOUNT)
      await planDeliveries(store, [], [unwantedEvent, foreign])
      const unknownEvent = eventOf(ACCOUNT)
      const atMs = NOW_MS + 500
      const resend = (events: readonly WebhookEvent['id'][]) =>
        store.transaction((tx) => tx.webhookDeliveries.resend(endpoint, events, atMs))
      const knownIds = deliveriesOf(endpoint.id).map(({ eventId }) => eventId)
      expect(await resend([unknownEvent.id, foreign.id])).toBe(0)
      expect(await resend([foreign.id, ...knownIds, unknownEvent.id, unwantedEvent.id])).toBe(5)
      expect(await resend([])).toBe(0)
      for (const [index, eventId] of knownIds.entries()) {
        const again = await store.webhookDeliveries.find(eventId, endpoint.id)
        expect(again).toMatchObject({
          status: 'pending',
          failureCount: 0,
          nextAttemptAtMs: atMs,
          attemptCount: [1, 1, 3, 0][index],
        })
        expect(again).not.toHaveProperty('failingSinceMs')
      }
      expect(await store.webhookDeliveries.find(unwantedEvent.id, endpoint.id)).toEqual({
        eventId: unwantedEvent.id,
        endpointId: endpoint.id,
        accountId: ACCOUNT,
        eventType: 'refund.failed',
        status: 'pending',
        attemptCount: 0,
        failureCount: 0,
        nextAttemptAtMs: atMs,
        createdAtMs: atMs,
      })
      for (const { id } of [foreign, unknownEvent]) {
        expect(await store.webhookDeliveries.find(id, endpoint.id)).toBeUndefined()
      }
      expect(await statuses(neighbor.id)).toEqual(ALL_PENDING)
    })

    test('concurrent holds, releases, resends and records wait for each other, and never fail', async () => {
      const events = Array.from({ length: 60 }, (_, index) =>
        eventOf(ACCOUNT, { createdAtMs: NOW_MS + index }, (index * 37) % 256),
      )
      const many = (await planDeliveries(store, [], events)).filter(
        ({ endpointId }) => endpointId === endpoint.id,
      )
      const ids = many.map(({ eventId }) => eventId)
      const works: Promise<unknown>[] = []
      const roundCount = 6
      for (let round = 0; round < roundCount; round += 1) {
        works.push(
          ...many.map((one) => store.webhookDeliveries.recordAttempt(recordOf(one, 500))),
          put(round % 2 === 0 ? 'inactive' : 'active'),
          move(ids, 'pending', 'held'),
          store.transaction((tx) =>
            tx.webhookDeliveries.resend(endpoint, ids.toReversed(), NOW_MS),
          ),
          move(ids.toReversed(), 'pending', 'held'),
          store.webhookDeliveries.releaseHeld(NOW_MS, 500),
          store.webhookDeliveries.claim(NOW_MS, 0, limitsOf()),
        )
        await new Promise(setImmediate)
      }
      const outcomes = await Promise.allSettled(works)
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
      for (const one of many) {
        const attempts = await store.webhookDeliveries.listAttempts(one.eventId, endpoint.id)
        expect(attempts.map(({ number }) => number)).toEqual(
          Array.from({ length: roundCount }, (_, index) => index + 1),
        )
      }
    })

    test('are listed newest first, in pages, filtered by status and type', async () => {
      const failedEvent = eventOf(ACCOUNT, { type: 'payment.failed', createdAtMs: NOW_MS + 2 })
      await planDeliveries(store, [], [failedEvent])
      await store.transaction((tx) =>
        tx.webhookDeliveries.resend(endpoint, [failedEvent.id], NOW_MS + 2),
      )
      await mix()
      const all = [
        ...deliveriesOf(endpoint.id),
        { eventId: failedEvent.id, createdAtMs: NOW_MS + 2 },
      ]
      const newestFirst = all
        .toSorted((a, b) => b.createdAtMs - a.createdAtMs || Number(b.eventId) - Number(a.eventId))
        .map(({ eventId }) => eventId)
      const list = async (filter: Parameters<Store['webhookDeliveries']['list']>[1], page = 1) => {
        const result = await store.webhookDeliveries.list(endpoint.id, filter, { page, perPage: 3 })
        return { ids: result.items.map(({ eventId }) => eventId), total: result.total }
      }
      expect(await list({})).toEqual({ ids: newestFirst.slice(0, 3), total: 5 })
      expect(await list({}, 2)).toEqual({ ids: newestFirst.slice(3), total: 5 })
      const [first, second, third, fourth] = deliveriesOf(endpoint.id).map(({ eventId }) => eventId)
      expect((await list({ status: 'delivered' })).ids).toEqual([second])
      expect((await list({ status: 'given_up' })).ids).toEqual([third])
      expect((await list({ eventType: 'payment.failed' })).ids).toEqual([failedEvent.id])
      const narrow = { status: 'pending', eventType: 'payment.succeeded' } as const
      expect(await list(narrow)).toEqual({ ids: [fourth, first], total: 2 })
      expect(await list({ status: 'held' })).toEqual({ ids: [], total: 0 })
    })
  })
}
