import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import {
  type Receiver,
  type ReceiverAnswer,
  startReceiver,
} from '../../../test/support/receiver.ts'
import { ACCOUNT_ID } from '../../../test/support/server.ts'
import {
  causeEvent,
  deleteEndpoints,
  deliveryThat,
  expectedSignatures,
  registerEndpoint,
  signaturesOf,
} from '../../../test/support/webhooks.ts'
import type { AccountId } from '../../domain/id.ts'

const HOUR_MS = 60 * 60_000
/** A possible id that does not exist. */
const UNKNOWN_ID = '250301496979812'

describe.each(ENGINES)('webhook deliveries, on %s', (engine) => {
  const golden = openGolden('webhook-deliveries')
  let server: CheckoutServer
  let receiver: Receiver
  let answer: () => ReceiverAnswer = () => ({ status: 200 })
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
    receiver = await startReceiver(() => answer())
  })
  afterAll(async () => {
    await server.close()
    await receiver.close()
    golden.finish()
  })
  afterEach(async () => {
    answer = () => ({ status: 200 })
    await deleteEndpoints(server)
  })
  const conversation = (title: string, placeholders: Readonly<Record<string, string>> = {}) =>
    golden.conversation(title, server, { [receiver.url]: 'receiver', ...placeholders })
  const iso = (atMs: number) => new Date(atMs).toISOString()
  /** Returns the events of all requests after the first `seenCount` ones. */
  const eventsSince = (seenCount: number): string[] =>
    receiver.received.slice(seenCount).map(({ body }) => String(JSON.parse(body).event_id))

  test('the event of a payment arrives with both families of signatures, and the log shows the delivery as it was sent', async () => {
    answer = () => ({ status: 202, body: '{"taken":true}' })
    const { id, key } = await registerEndpoint(server, receiver)
    const countBefore = receiver.received.length
    const { eventId, sessionId } = await causeEvent(server)
    await deliveryThat(server, id, eventId, { status: 'delivered' })
    const [request] = receiver.received.slice(countBefore)
    if (request === undefined) throw new Error('nothing came')
    expect(receiver.received).toHaveLength(countBefore + 1)
    expect(request.path).toBe('/hooks')
    expect(signaturesOf(request)).toEqual(expectedSignatures(request, key))
    expect(request.headers['webhook-id']).toBe(eventId)
    const signedAtMs = Number(
      /^t=(\d{13}),/.exec(String(request.headers['x-zoho-webhook-signature']))?.[1],
    )
    expect(Math.abs(signedAtMs - server.tenant.clock.nowMs())).toBeLessThan(HOUR_MS)
    expect(Number(request.headers['webhook-timestamp'])).toBe(Math.floor(signedAtMs / 1000))

    const { exchange, recordReceived } = conversation('a payment')
    await exchange('session', 'GET', `/paymentsessions/${sessionId}`)
    recordReceived('event', request.body)
    await exchange('log', 'GET', `/webhooks/${id}/deliveries`)
    await exchange('delivery', 'GET', `/webhooks/${id}/deliveries/${eventId}`)
  })

  test('the log is filtered by status and type, and is divided into pages', async () => {
    const { id } = await registerEndpoint(server, receiver)
    const successEvent = await causeEvent(server)
    await deliveryThat(server, id, successEvent.eventId, { status: 'delivered' })
    server.advance(1_000)
    answer = () => ({ status: 500, body: 'closed' })
    const failedEvent = await causeEvent(server, 'payment.failed')
    await deliveryThat(server, id, failedEvent.eventId, { attempt_count: 1 })

    const { exchange } = conversation('a log')
    const path = `/webhooks/${id}/deliveries`
    await exchange('all', 'GET', path)
    await exchange('pending', 'GET', `${path}?status=pending`)
    await exchange('succeeded', 'GET', `${path}?event_type=payment.succeeded`)
    await exchange('both', 'GET', `${path}?status=pending&event_type=payment.succeeded`)
    await exchange('second page', 'GET', `${path}?page=2&per_page=1`)
    await exchange('one that waits', 'GET', `${path}/${failedEvent.eventId}`)
    await exchange('unknown status', 'GET', `${path}?status=open`)
    await exchange('unknown type', 'GET', `${path}?event_type=payment`)
    await exchange('wrong page', 'GET', `${path}?page=0`)
    await exchange('many rows', 'GET', `${path}?per_page=201`)
    await exchange('unknown event', 'GET', `${path}/${UNKNOWN_ID}`)
    await exchange('no id', 'GET', `${path}/event`)
  })

  test('a resend of a failed or successful delivery sends the body of the first attempt', async () => {
    answer = () => ({ status: 200 })
    const { id, key } = await registerEndpoint(server, receiver)
    answer = () => 'reset'
    const { eventId } = await causeEvent(server)
    await deliveryThat(server, id, eventId, { attempt_count: 1, status: 'pending' })
    answer = () => ({ status: 200 })
    const countBefore = receiver.received.length
    const { exchange } = conversation('a delivery sent again')
    const path = `/webhooks/${id}/deliveries/${eventId}`
    await exchange('resend what failed', 'POST', `${path}/resend`)
    await deliveryThat(server, id, eventId, { attempt_count: 2, status: 'delivered' })
    const headers = { 'idempotency-key': 'again' }
    await exchange('resend a delivered event', 'POST', `${path}/resend`, undefined, headers)
    await deliveryThat(server, id, eventId, { attempt_count: 3, status: 'delivered' })
    await exchange('repeat', 'POST', `${path}/resend`, undefined, headers)
    await exchange('delivery', 'GET', path)
    expect(eventsSince(countBefore)).toEqual([eventId, eventId])
    const bodies = new Set(receiver.received.slice(countBefore - 1).map(({ body }) => body))
    expect(bodies.size).toBe(1)
    for (const request of receiver.received.slice(countBefore)) {
      expect(signaturesOf(request)).toEqual(expectedSignatures(request, key))
    }

    await exchange('resend unknown', 'POST', `/webhooks/${id}/deliveries/${UNKNOWN_ID}/resend`)
    await exchange('resend no id', 'POST', `/webhooks/${id}/deliveries/event/resend`)
    await server.call('PUT', `/webhooks/${id}`, { status: 'inactive' })
    await exchange('resend while inactive', 'POST', `${path}/resend`)
    await exchange('replay while inactive', 'POST', `/webhooks/${id}/replay`, { from: 1, to: 2 })
    expect(receiver.received).toHaveLength(countBefore + 2)
  })

  test('a replay includes events from before the endpoint’s creation and events that it has received', async () => {
    server.advance(HOUR_MS)
    const fromMs = server.tenant.clock.nowMs()
    const before = await causeEvent(server)
    const declinedEvent = await causeEvent(server, 'payment.failed')
    server.advance(1_000)
    const toMs = server.tenant.clock.nowMs()
    server.advance(1_000)
    const later = await causeEvent(server)
    const { id, key } = await registerEndpoint(server, receiver)
    const countBefore = receiver.received.length
    // `to` names the moment `toMs` in another time zone.
    const from = iso(fromMs)
    const to = iso(toMs + 5.5 * HOUR_MS).replace('Z', '+05:30')
    const { exchange } = conversation('a replay', { [from]: 'from', [to]: 'to' })
    const path = `/webhooks/${id}/replay`
    await exchange('all of a span', 'POST', path, { from, to })
    await deliveryThat(server, id, before.eventId, { status: 'delivered' })
    await deliveryThat(server, id, declinedEvent.eventId, { status: 'delivered' })
    expect(eventsSince(countBefore).sort()).toEqual([before.eventId, declinedEvent.eventId].sort())
    for (const request of receiver.received.slice(countBefore)) {
      expect(signaturesOf(request)).toEqual(expectedSignatures(request, key))
    }
    const missing = await server.call('GET', `/webhooks/${id}/deliveries/${later.eventId}`)
    expect(missing.status).toBe(404)

    const one = { from, to, event_types: ['payment.failed'] }
    const headers = { 'idempotency-key': 'replay-1' }
    await exchange('one type', 'POST', path, one, headers)
    await deliveryThat(server, id, declinedEvent.eventId, { status: 'delivered', attempt_count: 2 })
    await exchange('one type, repeated', 'POST', path, one, headers)
    await exchange('nothing', 'POST', path, { from: 86_400, to: 86_401 })
    expect(eventsSince(countBefore + 2)).toEqual([declinedEvent.eventId])
  })

  test('a span includes its first moment and excludes its last', async () => {
    server.advance(HOUR_MS)
    const { eventId } = await causeEvent(server)
    const { id } = await registerEndpoint(server, receiver)
    const { body } = await server.call('GET', `/events/${eventId}`)
    const atMs = body.event.event_time as number
    const countOf = async (fromMs: number, toMs: number) => {
      const span = { from: iso(fromMs), to: iso(toMs) }
      return (await server.call('POST', `/webhooks/${id}/replay`, span)).body.replay.event_count
    }
    expect(await countOf(atMs, atMs + 1)).toBe(1)
    expect(await countOf(atMs - 1, atMs)).toBe(0)
    expect(await countOf(atMs + 1, atMs + 2)).toBe(0)
  })

  test('a replay of any number of batches sends each event once', async () => {
    server.advance(HOUR_MS)
    const fromMs = server.tenant.clock.nowMs()
    const events: Awaited<ReturnType<typeof causeEvent>>[] = []
    while (events.length < 205) {
      events.push(...(await Promise.all(Array.from({ length: 5 }, () => causeEvent(server)))))
    }
    const { id } = await registerEndpoint(server, receiver)
    const countBefore = receiver.received.length
    const { body } = await server.call('POST', `/webhooks/${id}/replay`, {
      from: iso(fromMs),
      to: iso(server.tenant.clock.nowMs() + 1),
    })
    expect(body.replay.event_count).toBe(205)
    const deliveredPath = `/webhooks/${id}/deliveries?status=delivered&per_page=1`
    await expect
      .poll(async () => (await server.call('GET', deliveredPath)).body.page_context.total, {
        timeout: 30_000,
      })
      .toBe(205)
    expect(eventsSince(countBefore).sort()).toEqual(events.map(({ eventId }) => eventId).sort())
  })

  test('a replay of 10,000 events is accepted, and a larger replay is refused', async () => {
    if (engine !== 'memory') return
    const { id } = await registerEndpoint(server, receiver, { enabled_events: ['payout.paid'] })
    const { sessionId } = await causeEvent(server)
    const { ids, store } = server.tenant
    await store.transaction(async (tx) => {
      for (let second = 0; second <= 10_000; second += 1) {
        await tx.webhookEvents.insert({
          id: ids.webhookEvent(sessionId),
          accountId: ACCOUNT_ID as AccountId,
          type: 'payout.failed',
          subject: { kind: 'payment_session', id: sessionId },
          bodyJson: '{}',
          createdAtMs: second * 1000,
        })
      }
    })
    const wanting = { enabled_events: ['payout.failed'] }
    await server.call('PUT', `/webhooks/${id}`, wanting)
    const replay = (from: number) =>
      server.call('POST', `/webhooks/${id}/replay`, { from, to: 10_001 })
    const refusal = await replay(0)
    expect([refusal.status, refusal.body]).toEqual([
      400,
      {
        code: 'invalid_parameter',
        message:
          'There are more than 10000 events between from and to: choose a shorter period or fewer event_types.',
        field: 'from',
      },
    ])
    expect((await replay(1)).body.replay).toEqual({ event_count: 10_000 })
    // Without its endpoint nothing of the replay is sent any more.
    await server.call('DELETE', `/webhooks/${id}`)
  })

  test('the error for a wrong replay names the first wrong field', async () => {
    const { id } = await registerEndpoint(server, receiver)
    const { exchange } = conversation('a wrong replay')
    const day = '2026-11-21T00:00:00Z'
    const next = '2026-11-22T00:00:00Z'
    const rows: readonly [string, unknown][] = [
      ['no body', ''],
      ['no from', { to: 1 }],
      ['a day', { from: '2026-11-21', to: next }],
      ['no zone', { from: '2026-11-21T00:00:00', to: next }],
      ['no such day', { from: '2026-02-30T00:00:00Z', to: next }],
      ['no such hour', { from: '2026-11-21T24:00:00Z', to: next }],
      ['milliseconds', { from: 1_795_386_600_123, to: next }],
      ['a fraction', { from: 1.5, to: next }],
      ['a number as a text', { from: '1795386600', to: next }],
      ['no to', { from: day }],
      ['null', { from: day, to: null }],
      ['nothing between', { from: day, to: day }],
      ['backwards', { from: next, to: day }],
      ['more than 31 days', { from: '2026-10-21T23:59:59Z', to: next }],
      ['no types', { from: day, to: next, event_types: [] }],
      ['an unknown type', { from: day, to: next, event_types: ['payment'] }],
      ['a type without a subscription', { from: day, to: next, event_types: ['refund.failed'] }],
    ]
    for (const [name, body] of rows) await exchange(name, 'POST', `/webhooks/${id}/replay`, body)
    const month = { from: '2026-10-22T00:00:00Z', to: next }
    expect((await server.call('POST', `/webhooks/${id}/replay`, month)).status).toBe(200)
  })

  test('deleting an endpoint cancels its pending deliveries', async () => {
    const { id } = await registerEndpoint(server, receiver)
    answer = () => ({ status: 500 })
    const { eventId } = await causeEvent(server)
    await deliveryThat(server, id, eventId, { attempt_count: 1 })
    await server.call('DELETE', `/webhooks/${id}`)
    const countBefore = receiver.received.length
    server.advance(2 * HOUR_MS)
    // A new endpoint with the same URL gets the next event, and not the one of the deleted endpoint.
    answer = () => ({ status: 200 })
    const other = await registerEndpoint(server, receiver)
    const next = await causeEvent(server)
    await deliveryThat(server, other.id, next.eventId, { status: 'delivered' })
    expect(eventsSince(countBefore).slice(1)).toEqual([next.eventId])
    const event = await server.call('GET', `/events/${eventId}`)
    expect(event.body.event.deliveries).toEqual([])
  })
})

describe.each(ENGINES)('an endpoint that fails every delivery, on %s', (engine) => {
  test('is disabled at the end of its schedule, and gets all missed events after it is set to active', async () => {
    const server = await startCheckoutServer(engine, { webhookRetries: '1s' })
    let answer: ReceiverAnswer = { status: 200 }
    const receiver = await startReceiver(() => answer)
    try {
      const { id } = await registerEndpoint(server, receiver)
      answer = { status: 500 }
      const first = await causeEvent(server)
      await deliveryThat(server, id, first.eventId, { attempt_count: 1 })
      server.advance(5_000)
      await deliveryThat(server, id, first.eventId, { attempt_count: 2, status: 'held' })
      const getStatus = async () =>
        (await server.call('GET', `/webhooks/${id}`)).body.webhook.status
      await expect.poll(getStatus, { timeout: 30_000 }).toBe('disabled')
      const missedEvent = await causeEvent(server)
      await deliveryThat(server, id, missedEvent.eventId, { attempt_count: 0, status: 'held' })
      const refusal = await server.call(
        'POST',
        `/webhooks/${id}/deliveries/${first.eventId}/resend`,
      )
      expect([refusal.status, refusal.body.message]).toEqual([
        400,
        'The webhook endpoint is not active: set its status to active first.',
      ])

      answer = { status: 200 }
      const active = await server.call('PUT', `/webhooks/${id}`, { status: 'active' })
      expect(active.body.webhook.status).toBe('active')
      await deliveryThat(server, id, first.eventId, { attempt_count: 3, status: 'delivered' })
      await deliveryThat(server, id, missedEvent.eventId, { status: 'delivered' })
    } finally {
      await server.close()
      await receiver.close()
    }
  })
})
