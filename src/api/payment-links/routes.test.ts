import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import { ACCOUNT_ID, US_ACCOUNT_ID } from '../../../test/support/server.ts'
import {
  AS_ANOTHER,
  atOnce,
  countStatuses,
  descriptions,
  tokenFor,
  waitForRefund,
} from '../../../test/support/taken-payments.ts'
import type { AccountId, PaymentLinkId, PaymentSessionId } from '../../domain/id.ts'
import { opensPaymentLink, readPaymentLinkKey } from '../../domain/payment-link-key.ts'
import type { PaymentSessionMove } from '../../domain/payment-session.ts'
import { applyMove } from '../../operations/apply-move.ts'
import { expirePaymentLinks } from '../../operations/expire-payment-links.ts'
import { openPaymentLink } from '../../operations/open-payment-link.ts'

const WHOLE = {
  amount: 1499.9,
  currency: 'INR',
  description: 'Order 8841',
  email: 'asha@shop.test',
  phone: '9000000001',
  phone_country_code: 'IN',
  expires_at: '2025-12-22',
  reference_id: 'INV-8841',
  return_url: 'https://shop.test/back?o=8841',
  configurations: { allowed_payment_methods: ['upi', 'card'] },
}
const PLAIN = { amount: 10, currency: 'INR', description: 'Order 1' }
/** 14:00 in India, 08:30 in UTC. */
const NOW_MS = Date.UTC(2025, 10, 22, 8, 30)

describe.each(ENGINES)('payment links, on %s', (engine) => {
  const golden = openGolden('payment-links', { timesWithinDays: 3 })
  const lines: string[] = []
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(
      engine,
      { logLevel: 'info', accessLog: 'all' },
      {
        logTo: { write: (line: string) => void lines.push(line) },
        clock: { nowMs: () => NOW_MS },
      },
    )
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })
  const create = (body: unknown = PLAIN, headers = {}) =>
    server.call('POST', '/paymentlinks', body, headers)
  const createLink = async (more: object = {}) =>
    (await create({ ...PLAIN, ...more })).body.payment_links
  const read = async (id: string) => (await server.call('GET', `/paymentlinks/${id}`)).body
  const update = (id: string, body: unknown) => server.call('PUT', `/paymentlinks/${id}`, body)

  /** Opens the link as its page does, and begins a payment. Returns the functions that decide it. */
  async function begin(id: string) {
    const result = await openPaymentLink(server.tenant, id as PaymentLinkId)
    if (result === undefined || 'refused' in result) throw new Error('the link does not open')
    const sessionId: PaymentSessionId = result.session.id
    const attemptId = server.tenant.ids.paymentAttempt(sessionId)
    const move = (one: PaymentSessionMove) => applyMove(server.tenant, sessionId, one)
    const start = await move({
      type: 'start_attempt',
      attemptId,
      attemptLifeMs: 600_000,
      instrument: { type: 'upi', channel: 'collect', upiId: 'asha@okbank' },
      customer: { email: 'asha@shop.test' },
    })
    expect(start).toHaveProperty('session')
    return {
      sessionId,
      attemptId,
      approve: () => move({ type: 'record_approval', attemptId, processorReference: '5326' }),
      decline: () => move({ type: 'record_decline', attemptId, declineCode: 'bank_declined' }),
    }
  }
  const pay = async (id: string) => {
    const payment = await begin(id)
    await payment.approve()
    return payment
  }
  /** Returns the bodies of the events of a link, oldest first. */
  async function eventsOf(id: string) {
    const { body } = await server.call('GET', `/events?payment_link_id=${id}`)
    const events = await Promise.all(
      body.events.map(({ event_id }: { event_id: number }) =>
        server.call('GET', `/events/${event_id}`),
      ),
    )
    return events.map((answer) => answer.body.event.payload).toReversed()
  }

  test('a link can be created, read, paid and listed', async () => {
    const { exchange, recordReceived } = golden.conversation('the life of a link', server)
    const answer = await exchange('create', 'POST', '/paymentlinks', WHOLE)
    const { payment_link_id: id } = answer.body.payment_links
    const path = `/paymentlinks/${id}`
    await exchange('retrieve', 'GET', path)
    const failedPayment = await begin(id)
    await failedPayment.decline()
    await exchange('retrieve after a failed payment', 'GET', path)
    const payment = await pay(id)
    await exchange('retrieve the paid one', 'GET', path)
    await exchange('list', 'GET', '/paymentlinks')
    await exchange('its payment', 'GET', `/payments/${payment.attemptId}`)
    await exchange('its session', 'GET', `/paymentsessions/${payment.sessionId}`)
    await exchange('its events', 'GET', `/events?payment_link_id=${id}`)
    const [event] = await eventsOf(id)
    recordReceived('the event', JSON.stringify(event))
    const refund = await server.call('POST', `/payments/${payment.attemptId}/refunds`, {
      amount: 1,
    })
    await waitForRefund(server, refund.body.refund.refund_id)
    await exchange('retrieve after a refund', 'GET', path)
    await exchange('update the paid one', 'PUT', path, { description: 'Order 1' })
    await exchange('cancel the paid one', 'PUT', `${path}/cancel`)
  })

  test('a link of the smallest request has no optional fields, and expires after 30 days', async () => {
    const { exchange } = golden.conversation('the smallest link', server)
    const answer = await exchange('create', 'POST', '/paymentlinks', PLAIN)
    await exchange('retrieve', 'GET', `/paymentlinks/${answer.body.payment_links.payment_link_id}`)
  })

  test('a link can be canceled, once', async () => {
    const { exchange, recordReceived } = golden.conversation('cancel', server)
    const { payment_link_id: id } = await createLink()
    const path = `/paymentlinks/${id}`
    const payment = await begin(id)
    await exchange('with a payment in progress', 'PUT', `${path}/cancel`)
    await payment.decline()
    const key = { 'idempotency-key': 'cancel-1' }
    await exchange('cancel', 'PUT', `${path}/cancel`, undefined, key)
    await exchange('again with its key', 'PUT', `${path}/cancel`, undefined, key)
    await exchange('again', 'PUT', `${path}/cancel`)
    await exchange('with a body', 'PUT', `${path}/cancel`, { reason: 'ignored' })
    await exchange('update', 'PUT', path, { description: 'Order 2' })
    const [event] = await eventsOf(id)
    recordReceived('the event', JSON.stringify(event))
    await exchange('its session', 'GET', `/paymentsessions/${payment.sessionId}`)
  })

  test('a link of an account of the US edition can be in dollars, and expires at the end of a day in UTC', async () => {
    const { exchange } = golden.conversation('the US edition', server)
    const body = {
      ...PLAIN,
      currency: 'USD',
      email: 'ben@shop.test',
      notify_customer: { email: true },
    }
    const answer = await exchange('create', 'POST', `/paymentlinks?${AS_ANOTHER}`, body)
    const { payment_link_id: id } = answer.body.payment_links
    await exchange('of another account', 'GET', `/paymentlinks/${id}`)
    const sms = { ...body, phone: '+1 555 0100', notify_customer: { sms: true } }
    await exchange('with an SMS', 'POST', `/paymentlinks?${AS_ANOTHER}`, sms)
    const link = await server.tenant.store.paymentLinks.find(id)
    expect(link?.expiresAtMs).toBe(Date.UTC(2025, 11, 23))
    expect(link?.accountId).toBe(US_ACCOUNT_ID)
  })

  test('the first wrong field is named, in the order of the documentation', async () => {
    const { exchange } = golden.conversation('wrong requests', server)
    const rows: readonly (readonly [string, object])[] = [
      ['nothing', {}],
      ['no currency', { amount: 1 }],
      ['no description', { amount: 1, currency: 'INR' }],
      ['amount', { ...PLAIN, amount: 0 }],
      ['currency of another edition', { ...PLAIN, currency: 'USD' }],
      ['unknown currency', { ...PLAIN, currency: 'inr' }],
      ['empty description', { ...PLAIN, description: '' }],
      ['long description', { ...PLAIN, description: 'x'.repeat(501) }],
      ['email', { ...PLAIN, email: 'asha' }],
      ['phone', { ...PLAIN, phone: 'no digits' }],
      ['country', { ...PLAIN, phone_country_code: 'in' }],
      ['phone of another country', { ...PLAIN, phone: '+1 555', phone_country_code: 'IN' }],
      ['a past day', { ...PLAIN, expires_at: '2025-11-21' }],
      ['more than five years', { ...PLAIN, expires_at: '2030-11-23' }],
      ['no such day', { ...PLAIN, expires_at: '2026-02-30' }],
      ['a time', { ...PLAIN, expires_at: '2025-12-22T10:00:00Z' }],
      ['long reference', { ...PLAIN, reference_id: 'x'.repeat(101) }],
      ['reference of two lines', { ...PLAIN, reference_id: 'a\nb' }],
      ['no URL', { ...PLAIN, return_url: 'shop.test/back' }],
      ['http', { ...PLAIN, return_url: 'http://shop.example/back' }],
      ['our parameter', { ...PLAIN, return_url: 'https://shop.test/?status=1' }],
      ['notify without e-mail', { ...PLAIN, notify_customer: { email: true } }],
      ['notify without phone', { ...PLAIN, notify_customer: { sms: true } }],
      ['notify is no flag', { ...PLAIN, notify_customer: { email: 'yes' } }],
      ['unknown method', { ...PLAIN, configurations: { allowed_payment_methods: ['cash'] } }],
      [
        'method of another edition',
        { ...PLAIN, configurations: { allowed_payment_methods: ['ach'] } },
      ],
    ]
    for (const [name, body] of rows) await exchange(name, 'POST', '/paymentlinks', body)
    await exchange('unknown link', 'GET', '/paymentlinks/1')
    await exchange('no id', 'GET', '/paymentlinks/abc')
    await exchange('update an unknown link', 'PUT', '/paymentlinks/1', { description: 'x' })
    await exchange('cancel an unknown link', 'PUT', '/paymentlinks/1/cancel')
    await exchange('unknown status', 'GET', '/paymentlinks?status=open')
    await exchange(
      'days in the wrong order',
      'GET',
      '/paymentlinks?from_date=2025-11-22&to_date=2025-11-21',
    )
    const { payment_link_id: id } = await createLink(WHOLE)
    const path = `/paymentlinks/${id}`
    const updates: readonly (readonly [string, object])[] = [
      ['update nothing', {}],
      ['update only the amount', { amount: 1499.9 }],
      ['update to another amount', { amount: 1499.91 }],
      ['update to another currency', { currency: 'USD' }],
      ['update to a past day', { expires_at: '2025-11-21' }],
      ['update to another country', { phone: '+1 555', phone_country_code: 'IN' }],
      ['update the country alone', { phone: '', phone_country_code: 'XX' }],
      ['update without an address', { email: '', notify_customer: { email: true } }],
      ['update without a phone', { phone: '', notify_customer: { sms: true } }],
    ]
    for (const [name, body] of updates) await exchange(name, 'PUT', path, body)
  })

  test.each([
    ['today', '2025-11-22', Date.UTC(2025, 10, 22, 18, 30)],
    ['five years ahead', '2030-11-22', Date.UTC(2030, 10, 22, 18, 30)],
  ])('a link can be valid until %s', async (_, day, endMs) => {
    const link = await createLink({ expires_at: day })
    expect(link.expires_at).toBe(day)
    const record = await server.tenant.store.paymentLinks.find(link.payment_link_id)
    expect(record?.expiresAtMs).toBe(endMs)
  })

  test('an update replaces the sent fields, and keeps the address, the amount and the other fields', async () => {
    const { exchange } = golden.conversation('update', server)
    const answer = await exchange('create', 'POST', '/paymentlinks', {
      ...WHOLE,
      notify_customer: { email: true, sms: false },
    })
    const { payment_link_id: id, url } = answer.body.payment_links
    const path = `/paymentlinks/${id}`
    await exchange('texts', 'PUT', path, { description: 'Order 8842', expires_at: '2026-01-31' })
    await exchange('objects', 'PUT', path, {
      notify_customer: { sms: true },
      configurations: { allowed_payment_methods: ['netbanking'] },
    })
    await exchange('empty texts', 'PUT', path, {
      email: '',
      phone: '',
      reference_id: '',
      return_url: '',
      description: '',
    })
    await exchange('nothing but its amount and currency', 'PUT', path, {
      ...WHOLE,
      amount: '1499.90',
      expires_at: null,
    })
    expect((await read(id)).payment_links.url).toBe(url)
    const { phone_country_code: country } = (await update(id, { phone: '+1 555 0100' })).body
      .payment_links
    expect(country).toBeUndefined()
  })

  test('an update with a payment in progress is accepted', async () => {
    const { payment_link_id: id } = await createLink()
    const payment = await begin(id)
    expect((await update(id, { return_url: 'https://shop.test/new' })).status).toBe(200)
    await payment.approve()
    const { payment_links: link } = await read(id)
    expect([link.status, link.return_url]).toEqual(['paid', 'https://shop.test/new'])
  })

  test('each request for a notice queues one message with the link for each channel, and a repeated request queues none', async () => {
    const key = { 'idempotency-key': 'notice-1' }
    const body = { ...WHOLE, notify_customer: { email: true, sms: true } }
    const [first, again] = [await create(body, key), await create(body, key)]
    expect(again.text).toBe(first.text)
    const { payment_link_id: id, url } = first.body.payment_links
    const messages = async () => {
      const { items } = await server.tenant.store.messages.list(ACCOUNT_ID as AccountId, {
        page: 1,
        perPage: 50,
      })
      return items.filter(({ subjectId }) => subjectId === id)
    }
    expect((await messages()).map(({ channel, recipient }) => [channel, recipient]).sort()).toEqual(
      [
        ['email', 'asha@shop.test'],
        ['sms', '+919000000001'],
      ],
    )
    for (const { content } of await messages()) {
      expect(content).toMatchObject({ kind: 'payment_link', url, validUntil: '2025-12-22' })
    }
    server.advance(1)
    await update(id, { description: 'Order 1' })
    expect(await messages()).toHaveLength(2)
    await update(id, { notify_customer: { email: true } })
    expect(await messages()).toHaveLength(3)
  })

  test('a link is sent again by the requested channels or by its own, once for an idempotency key', async () => {
    const { payment_link_id: id, ...link } = await createLink({
      ...WHOLE,
      notify_customer: { email: true },
    })
    const { exchange } = golden.conversation('send again', server)
    const path = `/paymentlinks/${id}/notify`
    const notify = (body?: object, headers?: Record<string, string>) => {
      server.advance(1)
      return server.call('POST', path, body, headers)
    }
    const channels = async () => {
      const { items } = await server.tenant.store.messages.list(ACCOUNT_ID as AccountId, {
        page: 1,
        perPage: 50,
      })
      return items.filter(({ subjectId }) => subjectId === id).map(({ channel }) => channel)
    }
    server.advance(1)
    const again = await exchange('by its own channel', 'POST', path)
    expect(again.body.payment_links).toEqual({ payment_link_id: id, ...link, payments: [] })
    expect(await channels()).toEqual(['email', 'email'])
    const key = { 'Idempotency-Key': `notify-${id}` }
    await notify({ notify_customer: { sms: true } }, key)
    await notify({ notify_customer: { sms: true } }, key)
    expect((await channels()).toSorted()).toEqual(['email', 'email', 'sms'])
    const expectRefusal = async (name: string, body?: unknown, of = path) => {
      const { status } = await exchange(name, 'POST', of, body)
      expect([name, status]).toEqual([name, status === 404 ? 404 : 400])
    }
    await expectRefusal('channels that are not an object', { notify_customer: 'email' })
    await expectRefusal('a channel that is not a flag', { notify_customer: { email: 'yes' } })
    await update(id, { email: '' })
    await expectRefusal('by its own channel, without an address')
    await expectRefusal('no channel', { notify_customer: { email: false } })
    await server.call('PUT', `/paymentlinks/${id}/cancel`)
    await expectRefusal('a canceled one', { notify_customer: { sms: true } })
    await expectRefusal('an unknown one', undefined, '/paymentlinks/1/notify')
    await expectRefusal('no id', undefined, '/paymentlinks/abc/notify')
    expect(await channels()).toHaveLength(3)
  })

  test('the key in the address of a link is signed, names the link, and opens no other link', async () => {
    const { payment_link_id: id, url } = await createLink()
    const key = url.slice(url.lastIndexOf('/') + 1)
    const { linkKey } = server.tenant.store.publicIds
    expect(key).toMatch(/^01[0-9a-f]{50}$/)
    expect(readPaymentLinkKey(key, linkKey)).toBe(id)
    expect(opensPaymentLink(key, { url })).toBe(true)
    expect(opensPaymentLink(key, { url: (await createLink()).url })).toBe(false)
  })

  test('each parameter filters the list', async () => {
    const { payment_link_id: id } = await createLink({
      reference_id: 'ref-17',
      email: 'filter@shop.test',
      phone: '+91 98765 00017',
    })
    const findIds = async (query: string) =>
      (await server.call('GET', `/paymentlinks?${query}`)).body.payment_links.map(
        (link: { payment_link_id: string }) => link.payment_link_id,
      )
    for (const query of [
      'reference_id=ref-17',
      `search_text=${id}`,
      'search_text=ref-17',
      'search_text=filter@shop.test',
      'search_text=9876500017',
      'search_text=%2B91%2098765-00017',
      'search_text=ref-17&status=active',
      'search_text=ref-17&status=Status.Active&from_date=2025-11-22&to_date=2025-11-22',
    ]) {
      expect([query, await findIds(query)]).toEqual([query, [id]])
    }
    for (const query of [
      'reference_id=ref-1',
      'reference_id=ref-17&status=paid',
      'search_text=ref',
      'search_text=ref-17&to_date=2025-11-21',
    ]) {
      expect([query, await findIds(query)]).toEqual([query, []])
    }
    const { page_context: page } = (await server.call('GET', '/paymentlinks?per_page=2')).body
    expect(page).toMatchObject({ page: 1, per_page: 2, has_more_page: true })
  })

  test('each request needs the scope of its action', async () => {
    const { payment_link_id: id } = await createLink()
    const { exchange } = golden.conversation('scopes', server)
    const path = `/paymentlinks/${id}`
    const reads = await tokenFor(server, ['payments.READ'])
    await exchange('payments.CREATE is missing', 'POST', '/paymentlinks', PLAIN, reads)
    await exchange('payments.UPDATE is missing', 'PUT', path, { description: 'x' }, reads)
    await exchange(
      'payments.UPDATE is missing for cancel',
      'PUT',
      `${path}/cancel`,
      undefined,
      reads,
    )
    await exchange(
      'payments.UPDATE is missing for a notice',
      'POST',
      `${path}/notify`,
      undefined,
      reads,
    )
    const creates = await tokenFor(server, ['payments.CREATE', 'payments.UPDATE'])
    await exchange('payments.READ is missing', 'GET', path, undefined, creates)
    await exchange(
      'payments.READ is missing for the list',
      'GET',
      '/paymentlinks',
      undefined,
      creates,
    )
  })

  test('concurrent creates with one key make one link, and one of several concurrent cancellations succeeds', async () => {
    const key = { 'idempotency-key': 'link at once' }
    const answers = await atOnce(8, () => create(PLAIN, key))
    expect(countStatuses(answers)).toEqual({ 201: 8 })
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const path = `/paymentlinks/${answers[0]?.body.payment_links.payment_link_id}/cancel`
    const cancels = await atOnce(8, () => server.call('PUT', path))
    expect(countStatuses(cancels)).toEqual({ 200: 1, 400: 7 })
  })

  test('the log names the link, and contains none of its texts', async () => {
    const answer = await create({
      ...PLAIN,
      description: 'a private thing',
      email: 'a@private.test',
    })
    const { payment_link_id: paymentLinkId } = answer.body.payment_links
    const about = lines.filter(
      (line) => line.includes('payment link created') && line.includes(paymentLinkId),
    )
    expect(about.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ requestId: answer.headers.get('x-request-id'), paymentLinkId }),
    ])
    expect(lines.join('')).not.toMatch(/a private thing|a@private\.test/)
  })

  test('requests and answers match their description', async () => {
    const isDescribed = await descriptions(server)
    const answer = await create(WHOLE)
    const { payment_link_id: id } = answer.body.payment_links
    await pay(id)
    const one = '/paymentlinks/{payment_link_id}'
    const rows = [
      isDescribed('post', '/paymentlinks', answer),
      isDescribed('post', '/paymentlinks', await create({})),
      isDescribed('get', one, await server.call('GET', `/paymentlinks/${id}`)),
      isDescribed('get', '/paymentlinks', await server.call('GET', '/paymentlinks')),
      isDescribed('put', one, await update(id, { description: 'x' })),
      isDescribed('put', `${one}/cancel`, await server.call('PUT', `/paymentlinks/${id}/cancel`)),
    ]
    expect(rows).toEqual(rows.map(() => true))
  })

  // The last test, because it moves the clock by a day.
  test('a link expires at the end of the account’s day, and its event follows', async () => {
    const { exchange, recordReceived } = golden.conversation('expiry', server)
    const { payment_link_id: id } = await createLink({ expires_at: '2025-11-23' })
    const path = `/paymentlinks/${id}`
    const dayEndMs = Date.UTC(2025, 10, 23, 18, 30)
    server.advance(dayEndMs - server.tenant.clock.nowMs() - 1)
    expect((await read(id)).payment_links.status).toBe('active')
    server.advance(1)
    await exchange('retrieve', 'GET', path)
    await exchange('list', 'GET', '/paymentlinks?status=expired')
    await exchange('update', 'PUT', path, { expires_at: '2025-12-01' })
    await exchange('cancel', 'PUT', `${path}/cancel`)
    while ((await expirePaymentLinks(server.tenant)) !== undefined);
    const [event, ...others] = await eventsOf(id)
    recordReceived('the event', JSON.stringify(event))
    expect(others).toEqual([])
    await exchange('retrieve later', 'GET', path)
  })
})
