import { beforeAll, describe, expect, test } from 'vitest'
import {
  ACCOUNT,
  account,
  draw,
  endpointOf,
  eventOf,
  NOW_MS,
  type OpenEngine,
  OTHER_ACCOUNT,
  useStore,
} from '../../../test/support/stored-rows.ts'
import {
  type AccountId,
  type PaymentLinkId,
  type PaymentSessionId,
  parseId,
} from '../../domain/id.ts'
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import type { EventSubject, WebhookEventType } from '../../domain/webhook-event.ts'
import type { WebhookEvent, WebhookEventFilter } from '../../operations/store.ts'

/** Webhook endpoints and events, as tests that every engine passes. */
export function webhookTests(open: OpenEngine): void {
  describe('webhook endpoints', () => {
    const db = useStore(open)
    const put = (endpoint: WebhookEndpoint) =>
      db.store.transaction((tx) => tx.webhookEndpoints.put(endpoint))

    test('are read back unchanged, with all fields and with only the required fields', async () => {
      const bare = endpointOf(ACCOUNT)
      const full = endpointOf(ACCOUNT, {
        name: 'Bücher "₹" 😀',
        description: 'For the ledger',
        status: 'disabled',
        enabledEvents: ['payment.failed', 'refund.succeeded', 'payout.paid'],
        previousKey: { sealedKey: 'the old one', untilMs: NOW_MS + 7 },
        acceptedAtMs: NOW_MS + 1,
        activatedAtMs: NOW_MS - 1,
        createdAtMs: NOW_MS + 1,
        changedAtMs: NOW_MS + 2,
      })
      for (const one of [full, bare]) {
        await put(one)
        expect(await db.store.webhookEndpoints.find(one.id)).toEqual(one)
      }
      const oldestFirst = [bare, full]
      expect(await db.store.webhookEndpoints.list(ACCOUNT)).toEqual(oldestFirst)
      expect(await db.store.transaction((tx) => tx.webhookEndpoints.lock(ACCOUNT))).toEqual(
        oldestFirst,
      )
      expect(await db.store.webhookEndpoints.list(OTHER_ACCOUNT)).toEqual([])
      expect(await db.store.webhookEndpoints.find(draw(1))).toBeUndefined()
    })

    test('a duplicate id is reported, and the first endpoint stays', async () => {
      const first = endpointOf(OTHER_ACCOUNT)
      const insert = (one: WebhookEndpoint) =>
        db.store.transaction((tx) => tx.webhookEndpoints.insert(one))
      expect(await insert(first)).toBe(true)
      expect(await insert({ ...first, accountId: ACCOUNT, name: 'Another' })).toBe(false)
      expect(await db.store.webhookEndpoints.find(first.id)).toEqual(first)
    })

    test('are replaced by an update, except their account and their last delivery', async () => {
      const before = endpointOf(ACCOUNT, {
        description: 'to go',
        previousKey: { sealedKey: 'old', untilMs: NOW_MS },
      })
      await put(before)
      await db.store.webhookEndpoints.recordAcceptance(before.id, NOW_MS)
      const { description: _, previousKey: __, ...rest } = before
      const after = {
        ...rest,
        name: 'New',
        url: 'https://shop.example/new',
        status: 'inactive' as const,
        enabledEvents: ['refund.failed' as const],
        signingKeySealed: 'new key',
        changedAtMs: NOW_MS + 5,
      }
      // An endpoint that was read before the acceptance was recorded, and is written after it.
      await put({ ...after, accountId: OTHER_ACCOUNT, createdAtMs: 1, acceptedAtMs: 1 })
      expect(await db.store.webhookEndpoints.find(before.id)).toEqual({
        ...after,
        acceptedAtMs: NOW_MS,
      })
    })

    test('the time of the last delivery is written at most once a minute, and never decreases', async () => {
      const { id } = endpointOf(ACCOUNT)
      await put(endpointOf(ACCOUNT, { id }))
      const noteAt = async (atMs: number) => {
        await db.store.webhookEndpoints.recordAcceptance(id, atMs)
        return (await db.store.webhookEndpoints.find(id))?.acceptedAtMs
      }
      expect(await noteAt(NOW_MS)).toBe(NOW_MS)
      expect(await noteAt(NOW_MS + 60_000)).toBe(NOW_MS)
      expect(await noteAt(NOW_MS - 90_000)).toBe(NOW_MS)
      expect(await noteAt(NOW_MS + 60_001)).toBe(NOW_MS + 60_001)
    })

    test('changes of endpoints succeed while acceptances are recorded', async () => {
      const one = endpointOf(ACCOUNT)
      await put(one)
      const change = () =>
        db.store.transaction(async (tx) => {
          for (const endpoint of await tx.webhookEndpoints.lock(ACCOUNT)) {
            await tx.webhookEndpoints.put({ ...endpoint, name: `${endpoint.name}.` })
          }
        })
      for (let round = 1; round <= 5; round += 1) {
        const acceptedAtMs = NOW_MS + round * 120_000
        await Promise.all([
          change(),
          db.store.webhookEndpoints.recordAcceptance(one.id, acceptedAtMs),
          change(),
        ])
        expect(await db.store.webhookEndpoints.find(one.id)).toMatchObject({
          acceptedAtMs,
          name: `${one.name}${'..'.repeat(round)}`,
        })
      }
    })

    test('a deleted endpoint is not found, and no change restores it', async () => {
      const one = endpointOf(ACCOUNT)
      await put(one)
      await db.store.transaction((tx) => tx.webhookEndpoints.delete(one.id, NOW_MS + 1))
      await put({ ...one, status: 'active', name: 'Back' })
      expect(await db.store.webhookEndpoints.find(one.id)).toBeUndefined()
      const endpoints = await db.store.webhookEndpoints.list(ACCOUNT)
      expect(endpoints.map(({ id }) => id)).not.toContain(one.id)
      expect(await db.store.transaction((tx) => tx.webhookEndpoints.insert(one))).toBe(false)
    })

    test('20 concurrent additions never exceed the limit', async () => {
      const accountId = '60000000004' as AccountId
      await db.store.transaction((tx) => tx.accounts.insert(account(accountId), NOW_MS))
      await Promise.all(
        Array.from({ length: 20 }, () =>
          db.store.transaction(async (tx) => {
            const { length } = await tx.webhookEndpoints.lock(accountId)
            if (length < 5) await tx.webhookEndpoints.insert(endpointOf(accountId))
          }),
        ),
      )
      expect(await db.store.webhookEndpoints.list(accountId)).toHaveLength(5)
    })
  })

  describe('webhook events', () => {
    const db = useStore(open)
    const write = (event: WebhookEvent) =>
      db.store.transaction((tx) => tx.webhookEvents.insert(event))

    test('are read back unchanged, and are not stored twice', async () => {
      const one = eventOf(ACCOUNT, { bodyJson: '{"text":"₹ \\"😀\\""}', type: 'refund.failed' })
      await write(one)
      expect(await db.store.webhookEvents.find(one.id)).toEqual(one)
      expect(await db.store.webhookEvents.find(draw(1))).toBeUndefined()
      expect(await write({ ...one, bodyJson: '{}' })).toBe(false)
      expect(await db.store.webhookEvents.find(one.id)).toEqual(one)
    })

    test('get a delivery for each subscribed active endpoint of their account, a held one for each subscribed disabled endpoint, and no other', async () => {
      const accountId = '60000000005' as AccountId
      await db.store.transaction((tx) => tx.accounts.insert(account(accountId), NOW_MS))
      const type = 'payment.succeeded'
      // None of our types begins with another one; the test proves that such a prefix would not matter.
      const longer = (text: string) => text as WebhookEventType
      const wanting = [
        endpointOf(accountId),
        endpointOf(accountId, { enabledEvents: ['payment.failed', type, 'refund.failed'] }),
      ]
      const disabledEndpoint = endpointOf(accountId, { status: 'disabled' })
      const others = [
        endpointOf(OTHER_ACCOUNT),
        endpointOf(accountId, { status: 'inactive' }),
        endpointOf(accountId, { status: 'disabled', enabledEvents: ['payment.failed'] }),
        endpointOf(accountId, { enabledEvents: [] }),
        endpointOf(accountId, { enabledEvents: ['payment.failed', 'refund.succeeded'] }),
        endpointOf(accountId, {
          enabledEvents: [
            longer('payment.succeeded_late'),
            longer('late_payment.succeeded'),
            longer('paymentXsucceeded'),
            longer('payment'),
          ],
        }),
      ]
      const deletedEndpoint = endpointOf(accountId)
      const event = eventOf(accountId, { type, createdAtMs: NOW_MS + 3 })
      await db.store.transaction(async (tx) => {
        for (const one of [...others, ...wanting, disabledEndpoint, deletedEndpoint])
          await tx.webhookEndpoints.put(one)
        await tx.webhookEndpoints.delete(deletedEndpoint.id, NOW_MS)
        await tx.webhookEvents.insert(event)
        expect(await tx.webhookDeliveries.listByEvent(event.id)).toHaveLength(3)
      })
      const deliveries = await db.store.webhookDeliveries.listByEvent(event.id)
      expect(deliveries).toEqual(
        [...wanting, disabledEndpoint]
          .map(({ id }) => ({
            eventId: event.id,
            endpointId: id,
            accountId,
            eventType: type,
            attemptCount: 0,
            failureCount: 0,
            createdAtMs: NOW_MS + 3,
            ...(id === disabledEndpoint.id
              ? { status: 'held' }
              : { status: 'pending', nextAttemptAtMs: NOW_MS + 3 }),
          }))
          .sort((a, b) => Number(a.endpointId) - Number(b.endpointId)),
      )
      const longerEvent = eventOf(accountId, { type: longer('payment.succeeded_late') })
      await write(longerEvent)
      expect(await db.store.webhookDeliveries.listByEvent(longerEvent.id)).toMatchObject([
        { endpointId: others.at(-1)?.id, eventType: 'payment.succeeded_late' },
      ])
    })

    test('an event that was rolled back has no delivery', async () => {
      const event = eventOf(ACCOUNT)
      const endpoint = endpointOf(ACCOUNT)
      const work = db.store.transaction(async (tx) => {
        await tx.webhookEndpoints.put(endpoint)
        await tx.webhookEvents.insert(event)
        expect(await tx.webhookDeliveries.find(event.id, endpoint.id)).toBeDefined()
        throw new Error('never mind')
      })
      await expect(work).rejects.toThrow('never mind')
      expect(await db.store.webhookEvents.find(event.id)).toBeUndefined()
      expect(await db.store.webhookDeliveries.find(event.id, endpoint.id)).toBeUndefined()
    })

    test('the listener for deliveries is called after the commit, and not after a rollback', async () => {
      const event = eventOf(ACCOUNT)
      const endpoint = endpointOf(ACCOUNT)
      const reads: Promise<WebhookEvent | undefined>[] = []
      db.store.webhookDeliveries.onDue(() => reads.push(db.store.webhookEvents.find(event.id)))
      const put = (one: WebhookEndpoint) =>
        db.store.transaction((tx) => tx.webhookEndpoints.put(one))
      const writeAnd = (then: () => void) =>
        db.store.transaction(async (tx) => {
          await tx.webhookEvents.insert(event)
          then()
        })
      const failing = writeAnd(() => {
        throw new Error('never mind')
      })
      await expect(failing).rejects.toThrow('never mind')
      await db.store.transaction((tx) => tx.accounts.find(ACCOUNT))
      expect(reads).toEqual([])

      await writeAnd(() => {})
      expect(await Promise.all(reads)).toEqual([event])
      // A second one with the same id is not stored.
      await writeAnd(() => {})
      expect(reads).toHaveLength(1)
      await put({ ...endpoint, status: 'disabled' })
      expect(reads).toHaveLength(1)
      // The listener is also called when the endpoint becomes active, and after a resend.
      await put(endpoint)
      await db.store.transaction((tx) => tx.webhookDeliveries.resend(endpoint, [], NOW_MS))
      expect(reads).toHaveLength(3)
      await Promise.all(reads)
    })
  })

  describe('the list of an account’s events', () => {
    const db = useStore(open)
    const LISTED = '60000000003' as AccountId
    const sessionId = draw<PaymentSessionId>(5)
    const linkWithSameId: EventSubject = {
      kind: 'payment_link',
      id: parseId<PaymentLinkId>(sessionId) ?? draw(5),
    }
    const TYPES = ['payment.succeeded', 'payment.failed', 'refund.succeeded'] as const
    // Two of each minute, in different buckets, so that their ids are not in the order of their times.
    const events = Array.from({ length: 30 }, (_, index) =>
      eventOf(
        LISTED,
        {
          type: TYPES[index % 3] as WebhookEventType,
          createdAtMs: NOW_MS + Math.floor(index / 2) * 60_000,
          ...(index % 10 === 0 && { subject: { kind: 'payment_session', id: sessionId } }),
          ...(index % 10 === 3 && { subject: linkWithSameId }),
        },
        index % 10 === 0 || index % 10 === 3 ? 5 : 100 - index,
      ),
    )
    const oldestFirst = events.toSorted(
      (a, b) => a.createdAtMs - b.createdAtMs || Number(a.id) - Number(b.id),
    )
    beforeAll(async () => {
      await db.store.transaction(async (tx) => {
        await tx.accounts.insert(account(LISTED), NOW_MS)
        for (const one of events) await tx.webhookEvents.insert(one)
        await tx.webhookEvents.insert(eventOf(ACCOUNT))
      })
    })
    const list = (filter: WebhookEventFilter, page = 1, perPage = 200) =>
      db.store.webhookEvents.list(LISTED, filter, { page, perPage })

    test('is newest first, in pages, with the total', async () => {
      const pages = [await list({}, 1, 20), await list({}, 2, 20), await list({}, 3, 20)]
      expect(pages.map(({ total }) => total)).toEqual([30, 30, 30])
      expect(pages.map(({ items: events }) => events.length)).toEqual([20, 10, 0])
      expect(pages.flatMap(({ items: events }) => events)).toEqual(oldestFirst.toReversed())
    })

    test.each<[what: string, filter: WebhookEventFilter, keeps: (one: WebhookEvent) => boolean]>([
      ['one type', { types: ['payment.failed'] }, ({ type }) => type === 'payment.failed'],
      [
        'several types',
        { types: ['payment.failed', 'refund.succeeded'] },
        ({ type }) => type !== 'payment.succeeded',
      ],
      [
        'a session',
        { subject: { kind: 'payment_session', id: sessionId } },
        ({ subject }) => subject.kind === 'payment_session' && subject.id === sessionId,
      ],
      [
        'a payment link whose id is also a session’s',
        { subject: linkWithSameId },
        ({ subject }) => subject.kind === 'payment_link',
      ],
      ['an earliest time', { createdFromMs: NOW_MS + 60_000 }, (one) => one.createdAtMs > NOW_MS],
      ['a latest time', { createdToMs: NOW_MS + 60_000 }, (one) => one.createdAtMs === NOW_MS],
      [
        'all fields together',
        {
          types: ['payment.failed'],
          subject: { kind: 'payment_session', id: sessionId },
          createdFromMs: NOW_MS + 1,
          createdToMs: NOW_MS + 10 * 60_000,
        },
        (one) => one === events[10],
      ],
    ])('is filtered by %s, even when it is read oldest first', async (_, filter, keeps) => {
      const expected = oldestFirst.filter(keeps)
      expect(expected.length).toBeGreaterThan(0)
      expect(await list(filter)).toEqual({
        items: expected.toReversed(),
        total: expected.length,
        hasMore: false,
        isTotalCut: false,
      })
      const positions: Pick<WebhookEvent, 'id' | 'createdAtMs'>[] = []
      for (;;) {
        const next = await db.store.webhookEvents.listAfter(LISTED, filter, positions.at(-1), 3)
        expect(next.length).toBeLessThanOrEqual(3)
        if (next.length === 0) break
        positions.push(...next)
      }
      expect(positions).toEqual(expected.map(({ createdAtMs, id }) => ({ id, createdAtMs })))
      const { types } = filter
      if (types === undefined) return
      const count = (max: number) => db.store.webhookEvents.count(LISTED, { ...filter, types }, max)
      expect(await count(100)).toBe(expected.length)
      expect(await count(1)).toBe(Math.min(expected.length, 1))
    })
  })
}
