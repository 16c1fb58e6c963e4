/** The control API creates sessions and events in any state. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Receiver, startReceiver } from '../../../test/support/receiver.ts'
import {
  ACCOUNT_ID,
  startTestServer,
  type TestServer,
  US_ACCOUNT_ID,
} from '../../../test/support/server.ts'
import {
  expectedSignatures,
  registerEndpoint,
  signaturesOf,
} from '../../../test/support/webhooks.ts'
import { DECLINE_CODES } from '../../domain/payment-attempt.ts'
import { PAYMENT_METHODS } from '../../domain/payment-method.ts'
import { WEBHOOK_EVENT_TYPES } from '../../domain/webhook-event.ts'

describe.each(['memory', 'postgres'] as const)('%s', (engine) => {
  let server: TestServer
  let receiver: Receiver
  let signingKey: string
  beforeAll(async () => {
    server = await startTestServer(engine)
    receiver = await startReceiver()
    const all = { enabled_events: [...WEBHOOK_EVENT_TYPES] }
    signingKey = (await registerEndpoint(server, receiver, all)).key
  })
  afterAll(async () => {
    await server.close()
    await receiver.close()
  })

  async function control(path: string, body?: unknown) {
    const response = await fetch(`${server.baseUrl}/_sandbox${path}`, {
      ...(body !== undefined && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    })
    const text = await response.text()
    return { status: response.status, text, body: JSON.parse(text) }
  }
  async function triggerSession(body: unknown) {
    const { body: answer, status } = await control('/sessions', body)
    expect([status, answer]).toEqual([201, expect.anything()])
    return answer.payments_session
  }
  const us = { account_id: US_ACCOUNT_ID }
  /** Sends all due events before it answers. */
  const settle = () => control('/clock/advance', { by: 0 })
  const bodiesSince = (count: number) =>
    receiver.received.slice(count).map(({ body }) => JSON.parse(body))
  /** Sorts the types: events that are due together can arrive in any order. */
  const sortedTypesSince = (count: number): string[] =>
    bodiesSince(count)
      .map((one) => one.event_type)
      .toSorted()

  test('a trigger without options creates a session of 100.00 whose checkout page opens', async () => {
    const session = await triggerSession({})
    expect(session).toMatchObject({ status: 'created', amount: '100.00', currency: 'INR' })
    const page = await fetch(session.checkout_url)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('100.00')])
    const retrieval = await server.call('GET', `/paymentsessions/${session.payments_session_id}`)
    expect(retrieval.body.payments_session.status).toBe('created')
  })

  test('a trigger accepts the session fields of a create request', async () => {
    const session = await triggerSession({
      session: { amount: 1499.9, currency: 'INR', reference_number: 'ord_1', expires_in: 300 },
    })
    expect(session).toMatchObject({ amount: '1499.90', reference_number: 'ord_1' })
    expect(session.expiry_time - session.created_time).toBe(300)
  })

  for (const [edition, methods] of Object.entries(PAYMENT_METHODS)) {
    test.each(methods)(
      `the control API pays, declines and leaves open a session of ${edition} by %s`,
      async (method) => {
        const account = edition === 'US' ? us : {}
        const playOutcomes = async (...outcomes: string[]) =>
          triggerSession({ ...account, attempts: outcomes.map((outcome) => ({ method, outcome })) })
        const success = await playOutcomes('succeeded')
        expect(success.status).toBe('succeeded')
        expect(success.payments).toMatchObject([{ status: 'succeeded' }])
        const { payment_id } = success.payments[0]
        const account_id = edition === 'US' ? US_ACCOUNT_ID : ACCOUNT_ID
        const path = `/payments/${payment_id}?account_id=${account_id}`
        const { body } = await server.call('GET', path)
        const wireType = method === 'netbanking' ? 'net_banking' : method
        expect(body.payment.payment_method.type).toBe(wireType)
        expect(await playOutcomes('pending')).toMatchObject({ status: 'in_progress' })
        const after = await playOutcomes('failed', 'succeeded')
        expect(after.status).toBe('succeeded')
        expect(after.payments).toMatchObject([{ status: 'succeeded' }, { status: 'failed' }])
      },
    )
  }

  test('the control API decides a waiting attempt once, like the processor', async () => {
    const decide = (id: string, body: object) => control(`/sessions/${id}/decide`, body)
    const waiting = async () => {
      const { payments_session_id: id } = await triggerSession({
        attempts: [{ method: 'upi', outcome: 'pending' }],
      })
      return id as string
    }
    const paymentId = await waiting()
    const { body } = await decide(paymentId, { outcome: 'succeeded' })
    expect(body.payments_session).toMatchObject({
      status: 'succeeded',
      payments: [{ status: 'succeeded' }],
    })
    expect((await decide(paymentId, { outcome: 'failed' })).body.message).toContain(
      'waiting attempt',
    )
    const refusedSession = await waiting()
    const failure = { outcome: 'failed', decline_code: 'insufficient_funds' }
    const { payments_session: session } = (await decide(refusedSession, failure)).body
    expect(session).toMatchObject({ status: 'created', payments: [{ status: 'failed' }] })
    const payment = await server.call('GET', `/payments/${session.payments[0].payment_id}`)
    expect(payment.body.payment.failure_code).toBe('insufficient_funds')
    expect((await decide('1', { outcome: 'succeeded' })).status).toBe(404)
    const wrong = await decide(refusedSession, {
      outcome: 'succeeded',
      decline_code: 'card_declined',
    })
    expect([wrong.status, wrong.body.field]).toEqual([400, 'decline_code'])
  })

  test('one of two contrary concurrent decisions is the outcome, and the other is refused', async () => {
    const outcomes = ['succeeded', 'failed']
    for (let round = 0; round < 2; round += 1) {
      const { payments_session_id: id } = await triggerSession({
        attempts: [{ method: 'upi', outcome: 'pending' }],
      })
      const answers = await Promise.all(
        outcomes.map((outcome) => control(`/sessions/${id}/decide`, { outcome })),
      )
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400])
      const { body } = await server.call('GET', `/paymentsessions/${id}`)
      const status = outcomes[answers.findIndex((answer) => answer.status === 200)]
      expect(body.payments_session.payments).toMatchObject([{ status }])
    }
  })

  test.each(DECLINE_CODES)(
    'a triggered session fails with the decline code of its last attempt: %s',
    async (decline_code) => {
      const failure = { method: 'card', outcome: 'failed', decline_code }
      const session = await triggerSession({
        session: { max_retry_count: 2 },
        attempts: [failure, failure],
      })
      expect(session).toMatchObject({ status: 'failed', payments: [{}, {}] })
      const { payment_id } = session.payments[0]
      const { body } = await server.call('GET', `/payments/${payment_id}`)
      expect(body.payment).toMatchObject({ status: 'failed', failure_code: decline_code })
    },
  )

  test('the control API expires or cancels a session, when it creates the session or later', async () => {
    for (const [ends_by, status] of [
      ['expire', 'expired'],
      ['cancel', 'canceled'],
    ]) {
      const attempts = [{ method: 'upi', outcome: 'failed' }]
      expect(await triggerSession({ ends_by, attempts })).toMatchObject({ status })
      const { payments_session_id: id } = await triggerSession({})
      const later = await control(`/sessions/${id}/${ends_by}`, {})
      expect([later.status, later.body.payments_session.status]).toEqual([200, status])
      const tooLate = await control(`/sessions/${id}/attempts`, {
        attempts: [{ method: 'upi', outcome: 'succeeded' }],
      })
      expect([tooLate.status, tooLate.body.field]).toEqual([400, 'attempts[0]'])
    }
  })

  test('a trigger can add attempts to an existing session', async () => {
    const { payments_session_id: id } = await triggerSession({
      attempts: [{ method: 'card', outcome: 'failed', decline_code: 'incorrect_cvv' }],
    })
    const attemptsAnswer = await control(`/sessions/${id}/attempts`, {
      attempts: [
        { method: 'card', outcome: 'failed', decline_code: 'insufficient_funds' },
        { method: 'upi', outcome: 'succeeded' },
      ],
    })
    expect(attemptsAnswer.body.payments_session).toMatchObject({
      status: 'succeeded',
      payments: [{ status: 'succeeded' }, { status: 'failed' }, { status: 'failed' }],
    })
  })

  test.each([
    ['an invalid amount', { session: { amount: '1.234' } }, 'session.amount'],
    [
      'an amount with more digits than JavaScript keeps',
      '{"session":{"amount":1.0000000000000000001}}',
      'session.amount',
    ],
    ['a duplicate key', '{"session":{"amount":1,"amount":2}}', 'session.amount'],
    ['an unknown currency', { session: { currency: 'EUR' } }, 'session.currency'],
    ['a nested field', { session: { meta_data: [{ key: '' }] } }, 'session.meta_data[0].key'],
    ['a list instead of an object', { session: [] }, 'session'],
    [
      'an unknown method',
      { attempts: [{ method: 'cash', outcome: 'failed' }] },
      'attempts[0].method',
    ],
    [
      'a method of another edition',
      { attempts: [{ method: 'ach_debit', outcome: 'succeeded' }] },
      'attempts[0].method',
    ],
    [
      'a method that the session does not accept',
      {
        session: { configurations: { allowed_payment_methods: ['upi'] } },
        attempts: [
          { method: 'upi', outcome: 'failed' },
          { method: 'card', outcome: 'failed' },
        ],
      },
      'attempts[1].method',
    ],
    ['no outcome', { attempts: [{ method: 'upi' }] }, 'attempts[0].outcome'],
    [
      'an unknown outcome',
      { attempts: [{ method: 'upi', outcome: 'lost' }] },
      'attempts[0].outcome',
    ],
    [
      'an unknown decline code',
      { attempts: [{ method: 'upi', outcome: 'failed', decline_code: 'no' }] },
      'attempts[0].decline_code',
    ],
    [
      'a decline code for a success',
      { attempts: [{ method: 'upi', outcome: 'succeeded', decline_code: 'upi_timeout' }] },
      'attempts[0].decline_code',
    ],
    [
      'an invalid time',
      { attempts: [{ method: 'upi', outcome: 'failed', after: 'soon' }] },
      'attempts[0].after',
    ],
    [
      'a time without a decision',
      { attempts: [{ method: 'upi', outcome: 'pending', after: '1m' }] },
      'attempts[0].after',
    ],
    [
      'an attempt after a success',
      { attempts: Array(2).fill({ method: 'upi', outcome: 'succeeded' }) },
      'attempts[1]',
    ],
    ['six attempts', { attempts: Array(6).fill({ method: 'upi', outcome: 'failed' }) }, 'attempts'],
    ['an unknown end', { ends_by: 'fire' }, 'ends_by'],
    ['an account', { account_id: '1' }, 'account_id'],
  ])('the error for an invalid trigger names the field: %s', async (_, body, field) => {
    const { body: answer, status } = await control('/sessions', body)
    expect([status, answer.field]).toEqual([field === 'account_id' ? 404 : 400, field])
    expect(answer.message).toMatch(/\.$/)
    if (field.startsWith('session.')) expect(answer.message).toContain(field)
  })

  test('a missing session is a 404', async () => {
    for (const path of ['attempts', 'expire', 'cancel']) {
      for (const id of ['1', 'x']) {
        const body = { attempts: [{ method: 'upi', outcome: 'failed' }] }
        const { body: answer, status } = await control(`/sessions/${id}/${path}`, body)
        expect([status, answer.field]).toEqual([404, 'payments_session_id'])
      }
    }
  })

  test.each(WEBHOOK_EVENT_TYPES)(
    'the event %s arrives signed, with the merged data',
    async (event_type) => {
      await settle()
      const countBefore = receiver.received.length
      const data = { status: 'mine', nested: { a: 1 }, amount: '7.00' }
      const { body, status } = await control('/events', { event_type, data })
      expect([status, body.event.event_type]).toEqual([201, event_type])
      await settle()
      const [lastBody] = bodiesSince(countBefore)
      expect(lastBody).toEqual(body.event)
      expect(lastBody).toMatchObject({ event_type, account_id: 23137556, live_mode: false })
      const [object] = Object.values(lastBody.event_object)
      expect(object).toMatchObject(data)
      const request = receiver.received[countBefore]
      if (request === undefined) throw new Error('nothing has arrived')
      expect(signaturesOf(request)).toEqual(expectedSignatures(request, signingKey))
      const eventAnswer = await server.call('GET', `/events/${body.event.event_id}`)
      expect(eventAnswer.body.event.payload).toEqual(lastBody)
    },
  )

  test.each([
    ['payment_link.paid', 'paid', ['payment.succeeded', 'payment_link.paid']],
    ['payment_link.expired', 'expired', ['payment_link.expired']],
    ['payment_link.canceled', 'canceled', ['payment_link.canceled']],
  ])(
    'without data the event %s is real: a link exists and is %s',
    async (event_type, status, types) => {
      await settle()
      const countBefore = receiver.received.length
      for (const account of [{}, us]) {
        const { body, status: httpStatus } = await control('/events', { event_type, ...account })
        expect(httpStatus).toBe(201)
        const { payment_links: link } = body.event.event_object
        const accountId = body.event.account_id
        const path = `/paymentlinks/${link.payment_link_id}?account_id=${accountId}`
        expect((await server.call('GET', path)).body.payment_links).toEqual(link)
        expect(link.status).toBe(status)
        expect(link.url.startsWith(`${server.baseUrl}/paymentlink/`)).toBe(true)
      }
      await settle()
      expect(sortedTypesSince(countBefore)).toEqual(types.toSorted())
      expect((await control('/ledger')).body.ledger).toMatchObject({ agrees: true })
    },
  )

  test.each([
    ['virtual_account.paid', 'active', ['payment.succeeded', 'virtual_account.paid']],
    ['virtual_account.closed', 'closed', ['virtual_account.closed']],
  ])(
    'without data the event %s is real: a virtual account exists and is %s',
    async (event_type, status, types) => {
      await settle()
      const countBefore = receiver.received.length
      const { body, status: httpStatus } = await control('/events', { event_type })
      expect(httpStatus).toBe(201)
      const { payments: _, ...account } = body.event.event_object.virtual_account
      const path = `/virtualaccounts/${account.virtual_account_id}`
      expect((await server.call('GET', path)).body.virtual_account).toEqual(account)
      expect(account.status).toBe(status)
      await settle()
      expect(sortedTypesSince(countBefore)).toEqual(types.toSorted())
      expect((await control('/ledger')).body.ledger).toMatchObject({ agrees: true })
    },
  )

  test.each([
    ['payout.initiated', 'initiated', ['payout.initiated']],
    ['payout.paid', 'paid', ['payout.initiated', 'payout.paid']],
    ['payout.failed', 'failed', ['payout.initiated', 'payout.failed']],
  ])(
    'without data the event %s is real: a payout exists and is %s',
    async (event_type, status, types) => {
      await settle()
      for (const account of [{}, us]) {
        const countBefore = receiver.received.length
        const { body, status: httpStatus } = await control('/events', { event_type, ...account })
        expect(httpStatus).toBe(201)
        const { payout } = body.event.event_object
        const path = `/payouts?account_id=${body.event.account_id}`
        const { payouts } = (await server.call('GET', path)).body
        expect(payouts).toContainEqual(payout)
        expect(payout.status).toBe(status)
        await settle()
        if (account === us) continue
        expect(sortedTypesSince(countBefore)).toEqual(['payment.succeeded', ...types].toSorted())
      }
      expect((await control('/ledger')).body.ledger).toMatchObject({ agrees: true })
    },
  )

  test('a played attempt has the address and the phone number that the checkout page fills in', async () => {
    const customer = { name: 'Asha', email: 'asha@shop.test', phone: '+91 90000 00002' }
    const { customer_id } = (await server.call('POST', '/customers', customer)).body.customer
    const parameters = {
      email: 'hosted@shop.test',
      phone: '90000 00003',
      phone_country_code: 'IN',
      success_url: 'https://shop.test/ok',
      failure_url: 'https://shop.test/ko',
    }
    for (const [session, expected] of [
      [{}, { receipt_email: 'asha@example.com' }],
      [
        { customer_id },
        { receipt_email: 'asha@shop.test', phone: '9000000002', dialing_code: '+91' },
      ],
      [
        { customer_id, configurations: { hosted_page_parameters: parameters } },
        { receipt_email: 'hosted@shop.test', phone: '9000000003', dialing_code: '+91' },
      ],
    ] as const) {
      const attempts = [{ method: 'upi', outcome: 'succeeded' }]
      const { body } = await control('/sessions', { session, attempts })
      const [{ payment_id }] = body.payments_session.payments
      expect((await server.call('GET', `/payments/${payment_id}`)).body.payment).toMatchObject(
        expected,
      )
    }
  })

  test('the control API opens a payment link as its page does, and ends it at once or after its payment', async () => {
    const link = { amount: 10, currency: 'INR', description: 'Order 1' }
    const create = async () =>
      (await server.call('POST', '/paymentlinks', link)).body.payment_links.payment_link_id
    const [id, other] = [await create(), await create()]
    const { payments_session: session } = (await control(`/payment_links/${id}/open`, {})).body
    expect((await fetch(session.checkout_url)).status).toBe(200)
    const attempts = [{ method: 'upi', outcome: 'pending' }]
    await control(`/sessions/${session.payments_session_id}/attempts`, { attempts })
    const expiry = await control(`/payment_links/${id}/expire`, {})
    expect([expiry.status, expiry.body.payment_links.status]).toEqual([200, 'active'])
    await control(`/sessions/${session.payments_session_id}/decide`, { outcome: 'failed' })
    expect((await server.call('GET', `/paymentlinks/${id}`)).body.payment_links.status).toBe(
      'expired',
    )
    const ending = await control(`/payment_links/${other}/expire`, {})
    expect(ending.body.payment_links.status).toBe('expired')
    for (const action of ['open', 'expire']) {
      const refusal = await control(`/payment_links/${other}/${action}`, {})
      expect([refusal.status, refusal.body.code]).toEqual([400, 'invalid_payment_link'])
      const missing = await control(`/payment_links/1/${action}`, {})
      expect([missing.status, missing.body.field]).toEqual([404, 'payment_link_id'])
    }
  })

  test('data is a merge patch: objects merge, lists are replaced, null removes, digits stay', async () => {
    await settle()
    const countBefore = receiver.received.length
    await control(
      '/events',
      '{"event_type":"payment.succeeded","data":{"payment_method":{"upi":{"channel":"qr"}},"phone":null,"amount":12345678901234567890.10,"tags":[1,{"a":null}]}}',
    )
    await settle()
    const { payment } = bodiesSince(countBefore)[0].event_object
    expect(payment.payment_method).toEqual({
      type: 'upi',
      upi: { upi_id: 'asha@okbank', channel: 'qr', account_type: 'bank_account' },
    })
    expect(payment).not.toHaveProperty('phone')
    expect(payment.tags).toEqual([1, { a: null }])
    expect(receiver.received[countBefore]?.body).toContain('"amount":12345678901234567890.10')
  })

  test('an event gets the requested id, which no other event gets', async () => {
    await settle()
    const countBefore = receiver.received.length
    const body = { event_type: 'refund.failed', event_id: '4711000000000001' }
    expect((await control('/events', body)).body.event.event_id).toBe(4711000000000001)
    const again = await control('/events', { ...body, event_type: 'payout.paid' })
    expect([again.status, again.body.field]).toEqual([400, 'event_id'])
    await settle()
    expect(bodiesSince(countBefore)).toMatchObject([{ event_id: 4711000000000001 }])
    const [request] = receiver.received.slice(countBefore)
    expect(request?.headers['webhook-id']).toBe('4711000000000001')
  })

  test.each([
    ['no type', {}, 'event_type'],
    ['an unknown type', { event_type: 'payment.stolen' }, 'event_type'],
    ['an invalid id', { event_type: 'payout.paid', event_id: '0' }, 'event_id'],
    [
      'an id above the largest safe number',
      { event_type: 'payout.paid', event_id: '9999999999999999' },
      'event_id',
    ],
    ['an id that is a number', { event_type: 'payout.paid', event_id: 7 }, 'event_id'],
    ['data that is not an object', { event_type: 'payout.paid', data: 'x' }, 'data'],
    [
      'data with a duplicate key',
      '{"event_type":"payout.paid","data":{"a":{"b":1,"b":2}}}',
      'data.a.b',
    ],
    ['an account', { event_type: 'payout.paid', account_id: 'x' }, 'account_id'],
  ])('the error for an invalid event names the field: %s', async (_, body, field) => {
    const { body: answer, status } = await control('/events', body)
    expect([status, answer.field]).toEqual([400, field])
  })

  test('triggered sessions send the same events as other sessions, and the ledger agrees', async () => {
    await settle()
    const countBefore = receiver.received.length
    await triggerSession({
      attempts: [
        { method: 'card', outcome: 'failed' },
        { method: 'netbanking', outcome: 'succeeded' },
      ],
    })
    await settle()
    const types = bodiesSince(countBefore).map(({ event_type }) => event_type)
    expect(types.sort()).toEqual(['payment.failed', 'payment.succeeded'])
    expect(WEBHOOK_EVENT_TYPES).toEqual(expect.arrayContaining(types))
    const { ledger } = (await control('/ledger')).body
    expect(ledger).toMatchObject({ agrees: true, discrepancies: [] })
    expect(ledger.posting_count).toBeGreaterThan(0)
  })

  test('a session whose bank decides late stays in progress until then, and money after its expiry is refunded', async () => {
    const [inTime, late] = [
      await triggerSession({
        attempts: [{ method: 'netbanking', outcome: 'succeeded', after: '9m' }],
      }),
      await triggerSession({
        session: { expires_in: 300 },
        attempts: [{ method: 'netbanking', outcome: 'succeeded', after: '12m' }],
      }),
    ]
    expect([inTime.status, late.status]).toEqual(['in_progress', 'in_progress'])
    await control('/clock/advance', { by: '13m' })
    const now = async ({ payments_session_id: id }: { payments_session_id: string }) =>
      (await server.call('GET', `/paymentsessions/${id}`)).body.payments_session
    expect(await now(inTime)).toMatchObject({ status: 'succeeded' })
    expect(await now(late)).toMatchObject({
      status: 'expired',
      payments: [{ status: 'refunded' }],
    })
    expect((await control('/ledger')).body.ledger.agrees).toBe(true)
  })
})
