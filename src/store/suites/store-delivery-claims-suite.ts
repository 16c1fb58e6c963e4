import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  account,
  CLOCK_JUMPS,
  endpointOf,
  eventOf,
  keyOf,
  limitsOf,
  NOW_MS,
  type OpenEngine,
  planDeliveries,
  random,
  recordOf,
} from '../../../test/support/stored-rows.ts'
import type { AccountId, WebhookEndpointId } from '../../domain/id.ts'
import type { WebhookDelivery } from '../../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import type { WebhookEventType } from '../../domain/webhook-event.ts'
import type { ClaimLimits, Store } from '../../operations/store.ts'
import type { Engine } from '../engine/engine.ts'
import { migrate } from '../engine/migrate.ts'
import { createStore } from '../store.ts'

const LEASE_MS = 60_000

/** Claims of deliveries, as tests that every engine passes. `openTwice` opens one database twice. */
export function deliveryClaimTests(
  open: OpenEngine,
  openTwice: (() => Promise<readonly [Engine, Engine]>) | undefined,
): void {
  describe('the claim of due deliveries', () => {
    let engine: Engine
    let store: Store
    beforeEach(async () => {
      engine = await open()
      await migrate(engine)
      store = createStore(engine, random)
      await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))
    })
    afterEach(() => store.close())

    const planMany = (
      count: number,
      endpoint: WebhookEndpoint,
      dueAtMs: (index: number) => number = () => NOW_MS,
    ) =>
      planDeliveries(
        store,
        [endpoint],
        Array.from({ length: count }, (_, index) =>
          eventOf(
            ACCOUNT,
            {
              type: endpoint.enabledEvents[0] as WebhookEventType,
              createdAtMs: dueAtMs(index),
            },
            (index * 7) % 256,
          ),
        ),
      )
    const claim = (nowMs = NOW_MS, more: Partial<ClaimLimits> = {}) =>
      store.webhookDeliveries.claim(nowMs, LEASE_MS, limitsOf(more))

    test.each(CLOCK_JUMPS)(
      'returns every delivery after a clock that is $name for a moment',
      async ({ jumpMs }) => {
        const [plannedDelivery] = await planMany(1, endpointOf(ACCOUNT))
        const claimAt = async (nowMs: number) =>
          (await claim(nowMs, { waitMsMax: 30 * 60_000 })).map(({ delivery }) => delivery.eventId)
        // Claimed and delayed under the wrong clock.
        expect(await claimAt(NOW_MS + jumpMs)).toEqual([plannedDelivery?.eventId])
        expect(await claimAt(NOW_MS)).toEqual([plannedDelivery?.eventId])
        expect(await claimAt(NOW_MS)).toEqual([])
      },
    )

    test('returns only due deliveries, the longest overdue first, with their bodies', async () => {
      const deliveries = await planMany(6, endpointOf(ACCOUNT), (index) => NOW_MS + 1 - index)
      const claims = await claim()
      const due = deliveries.slice(1).toReversed()
      expect(claims).toEqual(
        due.map((delivery) => ({
          delivery,
          leasedUntilMs: NOW_MS + LEASE_MS,
          bodyJson: `{"event_id":${delivery.eventId}}`,
        })),
      )
      const [first] = due as [WebhookDelivery]
      expect(await store.webhookDeliveries.find(first.eventId, first.endpointId)).toEqual({
        ...first,
        nextAttemptAtMs: NOW_MS + LEASE_MS,
      })
    })

    test('returns a leased delivery again only after the end of its lease', async () => {
      await planMany(3, endpointOf(ACCOUNT))
      expect(await claim()).toHaveLength(3)
      expect(await claim(NOW_MS + LEASE_MS - 1)).toEqual([])
      expect(await claim(NOW_MS + LEASE_MS)).toHaveLength(3)
    })

    test('makes returned deliveries due at their earlier times, and does not touch deliveries that have changed since the claim', async () => {
      const endpoint = endpointOf(ACCOUNT)
      await planMany(3, endpoint, (index) => NOW_MS - index)
      const claims = await claim()
      const [first, second, third] = claims.map(({ delivery }) => delivery) as [
        WebhookDelivery,
        WebhookDelivery,
        WebhookDelivery,
      ]
      await store.webhookDeliveries.recordAttempt(recordOf(first, 200))
      const change = { from: 'pending', to: 'held' } as const
      await store.transaction((tx) =>
        tx.webhookDeliveries.move(endpoint.id, [second.eventId], change, NOW_MS),
      )
      await store.webhookDeliveries.returnClaims(claims)
      expect((await claim()).map(({ delivery }) => delivery)).toEqual([third])
      // A lease of a later claim is not ended by an earlier one.
      await store.webhookDeliveries.returnClaims(
        claims.map((one) => ({ ...one, leasedUntilMs: NOW_MS + LEASE_MS - 1 })),
      )
      expect(await claim()).toEqual([])
    })

    test('returns no held, canceled or ended delivery', async () => {
      const endpoint = endpointOf(ACCOUNT)
      const deliveries = await planMany(4, endpoint)
      const [first, second] = deliveries as [WebhookDelivery, WebhookDelivery]
      await store.webhookDeliveries.recordAttempt(recordOf(first, 200))
      for (let count = 0; count < 3; count += 1) {
        await store.webhookDeliveries.recordAttempt(recordOf(second, 500))
      }
      const move = (from: 'pending', to: 'held' | 'canceled') =>
        store.transaction((tx) => {
          const ids = deliveries.map(({ eventId }) => eventId)
          return tx.webhookDeliveries.move(endpoint.id, ids, { from, to }, NOW_MS)
        })
      await move('pending', 'held')
      expect(await claim(NOW_MS + 10 * LEASE_MS)).toEqual([])
      expect(await store.webhookDeliveries.releaseHeld(NOW_MS, 500)).toBe(2)
      expect(await claim()).toHaveLength(2)
      await move('pending', 'canceled')
      expect(await claim(NOW_MS + 10 * LEASE_MS)).toEqual([])
    })

    test.each([
      { countMax: 5, room: 16, accountRoom: 64, expected: 5 },
      { countMax: 64, room: 16, accountRoom: 64, expected: 16 },
      { countMax: 64, room: 1, accountRoom: 64, expected: 1 },
      { countMax: 64, room: 0, accountRoom: 64, expected: 0 },
      { countMax: 64, room: -1, accountRoom: 64, expected: 0 },
      { countMax: 64, room: 16, accountRoom: 7, expected: 7 },
      { countMax: 64, room: 16, accountRoom: 0, expected: 0 },
      { countMax: 64, room: 16, accountRoom: -3, expected: 0 },
    ])(
      'returns $expected deliveries of one endpoint if the limits are $countMax in all, $room for the endpoint and $accountRoom for the account',
      async ({ accountRoom, countMax, expected, room }) => {
        const endpoint = endpointOf(ACCOUNT)
        await planMany(40, endpoint)
        const limits = {
          countMax,
          roomOfEndpoints: new Map([[endpoint.id, room]]),
          roomOfAccounts: new Map([[ACCOUNT, accountRoom]]),
        }
        expect(await claim(NOW_MS, limits)).toHaveLength(expected)
        // No deliveries are under way here, so the full limits of the account and of the endpoint apply.
        const other = endpointOf(ACCOUNT, { enabledEvents: ['payment.failed'] })
        await planMany(40, other)
        const whole = await claim(NOW_MS, { countPerAccount: 9, countPerEndpoint: 5 })
        const ofOther = whole.filter(({ delivery }) => delivery.endpointId === other.id)
        expect(whole.length).toBeLessThanOrEqual(9)
        expect(ofOther.length).toBeGreaterThan(0)
        expect(ofOther.length).toBeLessThanOrEqual(5)
      },
    )

    test('returns deliveries of other endpoints despite hundreds of due deliveries of a silent endpoint', async () => {
      const dead = endpointOf(ACCOUNT)
      const alive = endpointOf(ACCOUNT, { enabledEvents: ['payment.failed'] })
      await planMany(400, dead, (index) => NOW_MS - 1_000 - index)
      const [other] = await planMany(1, alive)
      // Like a deliverer: the claimed deliveries count as under way, because none is answered.
      const roomOfEndpoints = new Map<WebhookEndpointId, number>()
      const claims: WebhookDelivery[] = []
      for (let count = 0; count < 3; count += 1) {
        for (const { delivery } of await claim(NOW_MS, { roomOfEndpoints })) {
          const { endpointId: id } = delivery
          roomOfEndpoints.set(id, (roomOfEndpoints.get(id) ?? 16) - 1)
          claims.push(delivery)
        }
      }
      expect(claims.filter(({ endpointId }) => endpointId === dead.id)).toHaveLength(16)
      expect(claims.filter(({ endpointId }) => endpointId === alive.id)).toEqual([other])
    })

    test('returns deliveries of other accounts despite an old and long backlog of one account', async () => {
      const busy = endpointOf(ACCOUNT)
      await planMany(700, busy, (index) => NOW_MS - 5_000 - index)
      const others: WebhookDelivery[] = []
      for (const index of [0, 1, 2]) {
        const accountId = String(60_000_000_050 + index) as AccountId
        await store.transaction((tx) => tx.accounts.insert(account(accountId), NOW_MS))
        const endpoint = endpointOf(accountId)
        // The backlog of the busy account fills the first query. The third account has one delivery, the newest of all.
        const count = index < 2 ? 150 : 1
        const events = Array.from({ length: count }, (_, at) =>
          eventOf(accountId, { createdAtMs: NOW_MS - (2 - index) * 1_000 }, at),
        )
        others.push(...(await planDeliveries(store, [endpoint], events)))
      }
      const claims = await claim(NOW_MS, { countMax: 40, countPerEndpoint: 1_000 })
      const counts = Map.groupBy(claims, ({ delivery }) => delivery.accountId)
      expect(claims).toHaveLength(40)
      expect(counts.get('60000000052' as AccountId)).toHaveLength(1)
      for (const id of [ACCOUNT, '60000000050', '60000000051'] as AccountId[]) {
        expect(counts.get(id)?.length).toBeGreaterThan(10)
      }
    })

    describe('behind a long backlog of one account', () => {
      const accountId = '60000000060' as AccountId
      const limits = { countMax: 40, countPerEndpoint: 40 }
      const accountsOf = async (nowMs: number, more: Partial<ClaimLimits> = {}) =>
        (await claim(nowMs, { ...limits, ...more })).map(({ delivery }) => delivery.accountId)

      beforeEach(async () => {
        await planMany(900, endpointOf(ACCOUNT), (index) => NOW_MS - 5_000 - index)
        await store.transaction((tx) => tx.accounts.insert(account(accountId), NOW_MS))
      })

      test('an event of another account is found at once', async () => {
        expect(new Set(await accountsOf(NOW_MS))).toEqual(new Set([ACCOUNT]))
        await planDeliveries(store, [endpointOf(accountId)], [eventOf(accountId, {}, 0)])
        expect(await accountsOf(NOW_MS)).toContain(accountId)
      })

      test('a delivery that becomes due in the meantime is found at once', async () => {
        await planDeliveries(
          store,
          [endpointOf(accountId)],
          [eventOf(accountId, { createdAtMs: NOW_MS + 100 }, 0)],
        )
        expect(new Set(await accountsOf(NOW_MS))).toEqual(new Set([ACCOUNT]))
        expect(await accountsOf(NOW_MS + 100)).toContain(accountId)
      })

      test('all of many endpoints get their turn within two claims', async () => {
        const endpoints = await Promise.all(
          Array.from({ length: 70 }, async (_, index) => {
            const id = String(60_000_000_100 + index) as AccountId
            await store.transaction((tx) => tx.accounts.insert(account(id), NOW_MS))
            await planDeliveries(store, [endpointOf(id)], [eventOf(id, {}, index)])
            return id
          }),
        )
        const more = { countMax: 80, roomOfAccounts: new Map([[ACCOUNT, 0]]) }
        const claimedAccounts = [
          ...(await accountsOf(NOW_MS, more)),
          ...(await accountsOf(NOW_MS, more)),
        ]
        expect(claimedAccounts.toSorted()).toEqual(endpoints.toSorted())
      })

      test('the deliveries of an endpoint that has room again are found at once', async () => {
        const other = endpointOf(accountId)
        await planDeliveries(store, [other], [eventOf(accountId, {}, 0)])
        const room = (count: number) => ({ roomOfEndpoints: new Map([[other.id, count]]) })
        expect(new Set(await accountsOf(NOW_MS, room(0)))).toEqual(new Set([ACCOUNT]))
        expect(await accountsOf(NOW_MS, room(1))).toContain(accountId)
      })
    })

    test('alternates between accounts, and between the endpoints of each account', async () => {
      const endpoints = [
        endpointOf(ACCOUNT),
        endpointOf(ACCOUNT, { enabledEvents: ['payment.failed'] }),
      ]
      await planMany(30, endpoints[0] as WebhookEndpoint, (index) => NOW_MS - 100 + index)
      await planMany(30, endpoints[1] as WebhookEndpoint)
      const claims = await claim(NOW_MS, { countMax: 64, countPerAccount: 8 })
      const counts = Map.groupBy(claims, ({ delivery }) => delivery.endpointId)
      expect(endpoints.map(({ id }) => counts.get(id)?.length)).toEqual([4, 4])
      const times = counts.get(endpoints[0]?.id as WebhookEndpointId)
      expect(times?.map(({ delivery }) => delivery.createdAtMs)).toEqual(
        [100, 99, 98, 97].map((ms) => NOW_MS - ms),
      )
    })

    test('returns all due deliveries to 10 concurrent claims and the claims after them, each delivery once', async () => {
      const deliveries = await planMany(120, endpointOf(ACCOUNT))
      const limits = { countMax: 12, countPerAccount: 1_000, countPerEndpoint: 1_000 }
      const claims = (
        await Promise.all(Array.from({ length: 10 }, () => claim(NOW_MS, limits)))
      ).flat()
      for (;;) {
        const more = await claim(NOW_MS, limits)
        if (more.length === 0) break
        claims.push(...more)
      }
      const keys = claims.map(({ delivery }) => keyOf(delivery))
      expect(keys.sort()).toEqual(deliveries.map(keyOf).sort())
    })
  })

  if (openTwice === undefined) return
  describe('two servers on one database', () => {
    let stores: [Store, Store]
    const endpoint = endpointOf(ACCOUNT)
    let deliveries: readonly WebhookDelivery[]
    beforeEach(async () => {
      const engines = await openTwice()
      await migrate(engines[0])
      stores = [createStore(engines[0], random), createStore(engines[1], random)]
      await stores[0].transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))
      const events = Array.from({ length: 150 }, (_, index) => eventOf(ACCOUNT, {}, index))
      deliveries = await planDeliveries(stores[0], [endpoint], events)
    })
    afterEach(() => Promise.all(stores.map((store) => store.close())))

    test('claim each delivery exactly once', async () => {
      const limits = limitsOf({ countMax: 10, countPerAccount: 1_000, countPerEndpoint: 1_000 })
      const drain = async (store: Store) => {
        const keys: string[] = []
        for (;;) {
          const claims = await store.webhookDeliveries.claim(NOW_MS, LEASE_MS, limits)
          const pendingPage = await store.webhookDeliveries.list(
            endpoint.id,
            {},
            { page: 1, perPage: 200 },
          )
          keys.push(...claims.map(({ delivery }) => keyOf(delivery)))
          // The other transaction may hold the rows that are due at this moment.
          const isDue = ({ nextAttemptAtMs = Number.POSITIVE_INFINITY }: WebhookDelivery) =>
            nextAttemptAtMs <= NOW_MS
          if (claims.length === 0 && !pendingPage.items.some(isDue)) return keys
        }
      }
      const claims = await Promise.all([...stores, ...stores].map(drain))
      expect(claims.flat().sort()).toEqual(deliveries.map(keyOf).sort())
    })

    test('get the claimed deliveries of a failed server after the end of their lease', async () => {
      const [dying, living] = stores
      const limits = limitsOf({ countMax: 1_000, countPerAccount: 1_000, countPerEndpoint: 1_000 })
      expect(await dying.webhookDeliveries.claim(NOW_MS, LEASE_MS, limits)).toHaveLength(150)
      const claimAt = (nowMs: number) => living.webhookDeliveries.claim(nowMs, LEASE_MS, limits)
      expect(await claimAt(NOW_MS + LEASE_MS - 1)).toEqual([])
      expect(await claimAt(NOW_MS + LEASE_MS)).toHaveLength(150)
    })

    test('number the attempts of one delivery without a gap', async () => {
      const [one] = deliveries as [WebhookDelivery]
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const store = stores[index % 2] as Store
          await store.webhookDeliveries.recordAttempt(recordOf(one, 500, NOW_MS + index))
        }),
      )
      const attempts = await stores[0].webhookDeliveries.listAttempts(one.eventId, one.endpointId)
      expect(attempts.map(({ number }) => number)).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      )
    })
  })
}
