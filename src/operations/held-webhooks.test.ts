/** Deliveries that wait for an inactive endpoint. All of them are sent when it is active again. */
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import {
  answerWith,
  DELIVERY_ENGINES,
  Deliveries,
  failWith,
  sendAllDue,
} from '../../test/support/deliveries.ts'
import { createMigratedDatabase } from '../../test/support/postgres-cluster.ts'
import { TEST_ACTOR } from '../../test/support/stored-rows.ts'
import type { WebhookEventId } from '../domain/id.ts'
import type { WebhookDelivery } from '../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type { Engine, Sql } from '../store/engine/engine.ts'
import { openPostgres } from '../store/engine/postgres.ts'
import { deleteWebhookEndpoint } from './change-webhook-endpoint.ts'
import { releaseHeldNext } from './deliver-webhooks.ts'
import { LIST_TOTAL_MAX } from './store.ts'

const HOUR_MS = 3_600_000
/** The number of events for an endpoint that does not answer: more than are sent to it at the same time. */
const EVENT_COUNT = 20

describe.each(DELIVERY_ENGINES)('an endpoint that is turned off and on, on %s', (engine) => {
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
  const statusesOf = (ids: readonly WebhookEventId[], endpoint: WebhookEndpoint) =>
    Promise.all(ids.map((id) => statusOf(id, endpoint)))

  test('deliveries that are claimed during an activation, and new events, are sent', async () => {
    const endpoint = await world.endpoint()
    const before = await world.event(endpoint)
    await world.setStatus(endpoint, 'inactive')
    let after: WebhookEventId | undefined
    const deliverer = world.deliverer(() => answerWith(200), {
      store: {
        ...world.store,
        webhookEndpoints: {
          ...world.store.webhookEndpoints,
          find: async (id) => {
            const result = await world.store.webhookEndpoints.find(id)
            if (after === undefined) {
              // This happens between the read of the endpoint and the change that follows from it.
              await world.setStatus(endpoint, 'active')
              after = await world.event(endpoint)
            }
            return result
          },
        },
      },
    })
    await deliverer.deliverNext()
    await deliverer.allEnded()
    const { status, nextAttemptAtMs } = await world.delivery(before, endpoint)
    expect([status, nextAttemptAtMs]).toEqual(['pending', world.clock.nowMs()])
    await sendAllDue(deliverer)
    const both = [before, after as WebhookEventId]
    expect(await statusesOf(both, endpoint)).toEqual(['delivered', 'delivered'])
    expect(world.posted.map(({ eventId }) => eventId).sort()).toEqual(both.sort())
  })

  test('a delivery that becomes held during an activation is sent after the next release', async () => {
    const endpoint = await world.endpoint({ status: 'disabled' })
    const eventId = await world.event(endpoint)
    // A change that began while the endpoint was disabled may end later.
    await world.setStatus(endpoint, 'active')
    await sendAllDue(world.deliverer(() => answerWith(200)))
    expect(world.posted).toEqual([])
    await world.releaseHeld()
    await sendAllDue(world.deliverer(() => answerWith(200)))
    expect(await statusOf(eventId, endpoint)).toBe('delivered')
  })

  test('an endpoint that was disabled after two days without an answer gets each held event once when it is active again', async () => {
    const endpoint = await world.endpoint()
    let isUp = true
    const deliverer = world.deliverer(() => (isUp ? answerWith(200) : failWith()))
    const all = [await world.event(endpoint)]
    await sendAllDue(deliverer)
    isUp = false
    for (let count = 0; count < EVENT_COUNT; count += 1) {
      world.clock.advance(1_000)
      all.push(await world.event(endpoint))
      await sendAllDue(deliverer)
    }
    while (world.disabled.length === 0) {
      const nextMs = await world.store.openWork.findNextDueMs(world.clock.nowMs())
      world.clock.advance((nextMs as number) - world.clock.nowMs())
      await sendAllDue(deliverer)
    }
    for (let count = 0; count < 5; count += 1) {
      world.clock.advance(HOUR_MS)
      all.push(await world.event(endpoint))
      await sendAllDue(deliverer)
    }
    const heldEvents = all.slice(1)
    expect(new Set(await statusesOf(heldEvents, endpoint))).toEqual(new Set(['held']))
    isUp = true
    const sentCount = world.posted.length
    await world.setStatus(endpoint, 'active')
    await world.releaseHeld()
    await sendAllDue(deliverer)
    expect(new Set(await statusesOf(all, endpoint))).toEqual(new Set(['delivered']))
    const sentIds = world.posted.slice(sentCount).map(({ eventId }) => eventId)
    expect(sentIds.sort()).toEqual([...heldEvents].sort())
    expect(world.disabled).toEqual([endpoint.id])
    // Hundreds of attempts take long on a busy machine.
  }, 180_000)

  test('no delivery is lost when several schedules end at the same time and disable the endpoint', async () => {
    const endpoint = await world.endpoint()
    const ids = await world.events(endpoint, 8)
    await sendAllDue(world.deliverer(() => failWith(), { retryWaitsMs: [] }))
    expect(world.disabled).toEqual([endpoint.id])
    expect(new Set(await statusesOf(ids, endpoint))).toEqual(new Set(['held']))
  })

  test('a schedule that ends during an activation starts again, and does not disable the endpoint', async () => {
    const endpoint = await world.endpoint({ status: 'active' })
    const eventId = await world.event(endpoint)
    const deliverer = world.deliverer(
      async () => {
        await world.setStatus(endpoint, 'inactive')
        world.clock.advance(1)
        await world.setStatus(endpoint, 'active')
        return failWith()
      },
      { retryWaitsMs: [] },
    )
    await deliverer.deliverNext()
    await deliverer.allEnded()
    expect(world.disabled).toEqual([])
    await world.releaseHeld()
    expect(await world.delivery(eventId, endpoint)).toMatchObject({
      status: 'pending',
      failureCount: 0,
      nextAttemptAtMs: world.clock.nowMs(),
    })
  })

  test('a delivery between two attempts gets a complete new schedule at an activation', async () => {
    const endpoint = await world.endpoint()
    const eventId = await world.event(endpoint)
    const retryWaitsMs = [HOUR_MS, HOUR_MS]
    const deliverer = world.deliverer(() => failWith(), { retryWaitsMs })
    const next = async () => {
      const { nextAttemptAtMs = 0 } = await world.delivery(eventId, endpoint)
      world.clock.advance(nextAttemptAtMs - world.clock.nowMs())
      await sendAllDue(deliverer)
      return (await world.delivery(eventId, endpoint)) satisfies WebhookDelivery
    }
    await sendAllDue(deliverer)
    expect(await next()).toMatchObject({ failureCount: 2, status: 'pending' })
    await world.setStatus(endpoint, 'inactive')
    expect(await statusOf(eventId, endpoint)).toBe('held')
    world.clock.advance(1_000)
    await world.setStatus(endpoint, 'active')
    expect(await next()).toMatchObject({ failureCount: 1, status: 'pending' })
    expect(await next()).toMatchObject({ failureCount: 2, status: 'pending' })
    expect(await next()).toMatchObject({ failureCount: 3, status: 'held' })
    expect(world.disabled).toEqual([endpoint.id])
  })
})

describe('50,000 waiting deliveries, on PostgreSQL', () => {
  const COUNT = 50_000
  /** The largest number of rows that one statement of the program may change or read here. */
  const ROW_COUNT_MAX = 500

  test('are changed in batches when their endpoint is turned off, turned on or deleted', async () => {
    const engine = await openPostgres(await createMigratedDatabase(inject('postgresUrl')), 4)
    const counts = countingRows(engine)
    const world = await Deliveries.on(counts.engine)
    try {
      const endpoint = await world.endpoint()
      await storeDeliveries(engine, endpoint, COUNT, world.clock.nowMs())
      const countOf = async (status: WebhookDelivery['status']) => {
        const page = { page: 1, perPage: 1 }
        return (await world.store.webhookDeliveries.list(endpoint.id, { status }, page)).total
      }
      const storedCounts = async () => {
        const rows = await engine.read.all(
          'select status, count(*) as count from webhook_deliveries group by status',
          [],
        )
        return Object.fromEntries(rows.map(({ count, status }) => [status, Number(count)]))
      }
      const sendSome = async () => {
        const deliverer = world.deliverer(() => answerWith(200))
        for (let count = 0; count < 10; count += 1) {
          await deliverer.deliverNext()
          await deliverer.allEnded()
        }
      }
      counts.reset()

      await world.setStatus(endpoint, 'inactive')
      expect(counts.most()).toBeLessThanOrEqual(1)
      expect([await countOf('held'), await countOf('pending')]).toEqual([LIST_TOTAL_MAX, 0])
      await sendSome()
      expect(world.posted).toEqual([])
      const { held: heldCount = 0 } = await storedCounts()
      expect(heldCount).toBeGreaterThan(0)

      counts.reset()
      await world.setStatus(endpoint, 'active')
      expect(counts.most()).toBeLessThanOrEqual(1)
      expect([await countOf('held'), await countOf('pending')]).toEqual([0, LIST_TOTAL_MAX])
      await world.releaseHeld()
      expect(await storedCounts()).toEqual({ pending: COUNT })

      // Makes the rows look as if all had been claimed.
      await engine.transaction((sql) =>
        sql.run("update webhook_deliveries set status = 'held', next_attempt_at_ms = null", []),
      )
      expect(await countOf('pending')).toBe(LIST_TOTAL_MAX)
      let releasedCount = 0
      while (releasedCount < COUNT / 2)
        releasedCount += (await releaseHeldNext(world)) ?? Number.NaN
      expect(await storedCounts()).toEqual({ held: COUNT - releasedCount, pending: releasedCount })

      const auditDeps = { actor: TEST_ACTOR, clock: world.clock, store: world.store }
      counts.reset()
      expect(await deleteWebhookEndpoint(auditDeps, endpoint)).toBe(true)
      expect(counts.most()).toBeLessThanOrEqual(1)
      expect(await countOf('canceled')).toBe(LIST_TOTAL_MAX)
      await sendSome()
      await world.releaseHeld()
      const { canceled: canceledCount = 0, pending = 0, ...others } = await storedCounts()
      expect([canceledCount + pending, others]).toEqual([COUNT, {}])
      expect(canceledCount).toBeGreaterThan(COUNT - releasedCount)
      expect(world.posted).toEqual([])
      expect(counts.mostOfAll()).toBeLessThanOrEqual(ROW_COUNT_MAX)
    } finally {
      await world.close()
    }
  })
})

/** Makes an engine that records the largest number of rows that a statement returned or changed. */
function countingRows(engine: Engine) {
  let [most, mostOfAll] = [0, 0]
  const note = (count: number) => {
    most = Math.max(most, count)
    mostOfAll = Math.max(mostOfAll, count)
  }
  const counting = (sql: Sql): Sql => ({
    all: async (text, params) => {
      const rows = await sql.all(text, params)
      note(rows.length)
      return rows
    },
    run: async (text, params) => {
      const count = await sql.run(text, params)
      note(count)
      return count
    },
  })
  const countingEngine: Engine = {
    ...engine,
    read: counting(engine.read),
    transaction: (work) => engine.transaction((sql) => work(counting(sql))),
  }
  return {
    engine: countingEngine,
    /** The largest number since the last reset. */
    most: () => most,
    mostOfAll: () => mostOfAll,
    reset: () => {
      most = 0
    },
  }
}

/** Stores new events, each with one due delivery, in few statements. */
async function storeDeliveries(
  engine: Engine,
  { accountId, id }: WebhookEndpoint,
  count: number,
  nowMs: number,
): Promise<void> {
  const [account, endpoint] = [Number(accountId), Number(id)]
  // Ids have 14 bits for the counter, and above them 8 bits for the bucket.
  const FIRST_ID = 2 ** 45
  await engine.transaction(async (sql) => {
    await sql.run(
      `insert into webhook_events (bucket, id, account_id, type, subject_id, body_json, created_at_ms)
       select ((one >> 14) & 255), one, cast($1 as bigint), 'payment.succeeded', one, '{}', cast($2 as bigint)
       from generate_series(cast($3 as bigint), cast($4 as bigint)) one`,
      [account, nowMs, FIRST_ID, FIRST_ID + count - 1],
    )
    await sql.run(
      `insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type, status,
         attempt_count, failure_count, next_attempt_at_ms, created_at_ms)
       select bucket, id, cast($1 as bigint), account_id, type, 'pending', 0, 0, created_at_ms, created_at_ms
       from webhook_events`,
      [endpoint],
    )
  })
}
