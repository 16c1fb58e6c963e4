import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { dayInIndia } from '../../../test/support/account-days.ts'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import { type Receiver, startReceiver } from '../../../test/support/receiver.ts'
import { US_ACCOUNT_ID } from '../../../test/support/server.ts'
import { tokenFor } from '../../../test/support/taken-payments.ts'
import {
  type CausedEvent,
  causeEvent,
  deleteEndpoints,
  deliveryThat,
  registerEndpoint,
} from '../../../test/support/webhooks.ts'

const DAY_MS = 24 * 60 * 60_000
/** A possible id that does not exist. */
const UNKNOWN_ID = '250301496979812'

describe.each(ENGINES)('events, on %s', (engine) => {
  const golden = openGolden('events', { timesWithinDays: 4 })
  let server: CheckoutServer
  let receiver: Receiver
  let first: CausedEvent
  let second: CausedEvent
  let third: CausedEvent
  /** The day of the first two events and the next day, in the form of a query. */
  let day: string
  let dayAfter: string
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
    receiver = await startReceiver()
    // Moves the clock to noon (UTC) of the next day, so that all new rows have the same day.
    const nowMs = server.tenant.clock.nowMs()
    server.advance(DAY_MS + DAY_MS / 2 - (nowMs % DAY_MS))
    const dayOf = dayInIndia
    day = dayOf(server.tenant.clock.nowMs())
    first = await causeEvent(server)
    server.advance(1_000)
    second = await causeEvent(server, 'payment.failed')
    server.advance(DAY_MS)
    dayAfter = dayOf(server.tenant.clock.nowMs())
    third = await causeEvent(server)
  })
  afterAll(async () => {
    await server.close()
    await receiver.close()
    golden.finish()
  })
  afterEach(() => deleteEndpoints(server))
  const conversation = (title: string) =>
    golden.conversation(title, server, {
      [receiver.url]: 'receiver',
      [day]: 'a day',
      [dayAfter]: 'the day after',
    })

  test('are listed newest first, even without a subscribed endpoint', async () => {
    const { exchange } = conversation('the list')
    await exchange('all', 'GET', '/events')
    await exchange('of a type', 'GET', '/events?event_type=payment.failed')
    await exchange('of none', 'GET', '/events?event_type=payout.paid')
    await exchange('of a session', 'GET', `/events?payments_session_id=${first.sessionId}`)
    await exchange('of no session', 'GET', `/events?payments_session_id=${UNKNOWN_ID}`)
    await exchange('of an id too large', 'GET', '/events?payments_session_id=9999999999999999')
    await exchange('of a day', 'GET', `/events?from_date=${day}&to_date=${day}`)
    await exchange('from a day', 'GET', `/events?from_date=${dayAfter}`)
    await exchange('to a day', 'GET', `/events?to_date=${day}&event_type=payment.succeeded`)
    await exchange('second page', 'GET', '/events?per_page=1&page=2')
    await exchange('of another account', 'GET', `/events?account_id=${US_ACCOUNT_ID}`)
  })

  test('the error for a wrong query names the first wrong parameter', async () => {
    const { exchange } = conversation('a wrong query')
    for (const query of [
      'event_type=payment',
      'event_type=webhook.test',
      'payments_session_id=abc',
      'payments_session_id=0',
      'from_date=soon&to_date=now',
      `from_date=${day}&to_date=2020-01-01`,
      'page=x',
      'per_page=0',
    ]) {
      await exchange(query.replaceAll(day, 'a day'), 'GET', `/events?${query}`)
    }
  })

  test('need the scope of settings, not of payments', async () => {
    const headers = await tokenFor(server, ['payments.READ', 'refunds.READ'])
    const allowedToken = await tokenFor(server, ['settings.READ'])
    for (const path of ['/events', `/events/${first.eventId}`]) {
      const { body, status } = await server.call('GET', path, undefined, headers)
      expect([status, body.message]).toEqual([
        401,
        'You are not authorized: the access token lacks the scope ZohoPay.settings.READ.',
      ])
      expect((await server.call('GET', path, undefined, allowedToken)).status).toBe(200)
    }
  })

  test('a retrieved event contains the webhook body', async () => {
    const { exchange } = conversation('one event')
    await exchange('session', 'GET', `/paymentsessions/${second.sessionId}`)
    const retrieval = await exchange('retrieve', 'GET', `/events/${second.eventId}`)
    const { payment } = (await server.call('GET', `/payments/${second.paymentId}`)).body
    expect(retrieval.body.event.payload.event_object).toEqual({ payment })

    const answer = await exchange('not there', 'GET', `/events/${UNKNOWN_ID}`)
    const other = `/events/${second.eventId}?account_id=${US_ACCOUNT_ID}`
    expect((await exchange('of another account', 'GET', other)).text).toBe(answer.text)
    expect((await exchange('no id', 'GET', '/events/event')).text).toBe(answer.text)
  })

  test('a resend reaches every active subscribed endpoint, including one that never received the event', async () => {
    const { exchange } = conversation('an event sent again')
    const path = `/events/${third.eventId}`
    await exchange('session', 'GET', `/paymentsessions/${third.sessionId}`)
    await exchange('no endpoint', 'POST', `${path}/resend`)
    const wanting = await registerEndpoint(server, receiver)
    // Endpoints are listed in the order of their registration.
    server.advance(1_000)
    const other = await registerEndpoint(server, receiver)
    const inactive = await registerEndpoint(server, receiver)
    await registerEndpoint(server, receiver, { enabled_events: ['refund.failed'] })
    await server.call('PUT', `/webhooks/${inactive.id}`, { status: 'inactive' })
    await exchange('resend', 'POST', `${path}/resend`)
    for (const { id } of [wanting, other]) {
      await deliveryThat(server, id, third.eventId, { status: 'delivered', attempt_count: 1 })
    }
    await exchange('retrieve', 'GET', path)
    await server.call('PUT', `/webhooks/${other.id}`, { status: 'inactive' })
    const countBefore = receiver.received.length
    const headers = { 'idempotency-key': 'again' }
    await exchange('resend to one', 'POST', `${path}/resend`, undefined, headers)
    await deliveryThat(server, wanting.id, third.eventId, { status: 'delivered', attempt_count: 2 })
    await exchange('repeat', 'POST', `${path}/resend`, undefined, headers)
    expect(receiver.received).toHaveLength(countBefore + 1)
    const newEvents = receiver.received
      .map(({ body }) => body)
      .filter((body) => body.includes('"payment"'))
    expect(new Set(newEvents).size).toBe(1)

    await server.call('DELETE', `/webhooks/${wanting.id}`)
    await exchange('retrieve after one was deleted', 'GET', path)
    await exchange('resend to none', 'POST', `${path}/resend`)
    await exchange('resend unknown', 'POST', `/events/${UNKNOWN_ID}/resend`)
  })
})
