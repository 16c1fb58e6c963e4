/**
 * The official Go SDK decodes each answer, by the rules in `support/go-decoding.ts`. Every wire test that uses `call` of
 * `support/server.ts` checks its answers too.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operationsOf } from '../src/api/http-route.ts'
import { API_ROUTES } from '../src/api/routes.ts'
import { goProblemsOf, goProblemsOfSchema } from './support/go-decoding.ts'
import { startTestServer, type TestServer, US_ACCOUNT_ID } from './support/server.ts'

describe('the rules refuse', () => {
  const PAYMENT = { payment_id: '17', amount: '1.00', date: 1, payment_method: { type: 'card' } }
  test.each([
    ['an id that is a number', { payment: { ...PAYMENT, payment_id: 17 } }, 'payment.payment_id'],
    ['a time that is a text', { payment: { ...PAYMENT, date: '1' } }, 'payment.date'],
    ['a time with a fraction', { payment: { ...PAYMENT, date: 1.5 } }, 'payment.date'],
    ['money that is an object', { payment: { ...PAYMENT, amount: {} } }, 'payment.amount'],
    ['money with a currency', { payment: { ...PAYMENT, amount: '1.00 INR' } }, 'payment.amount'],
    ['an exchange rate that is a text', { payment: { exchange_rate: '1' } }, 'exchange_rate'],
    [
      'a card’s year that is a number',
      { payment: { payment_method: { card: { expiry_year: 28 } } } },
      'payment.payment_method.card.expiry_year',
    ],
    ['a count that is a text', { page_context: { total: '1' } }, 'page_context.total'],
    [
      'a flag that is a text',
      { payment_links: { notify_customer: { email: 'yes' } } },
      'payment_links.notify_customer.email',
    ],
    [
      'a wrong row of a list',
      { customers: [{}, { created_time: '1' }] },
      'customers[1].created_time',
    ],
    [
      'a value in meta_data that is a number',
      { customer: { meta_data: [{ key: 'a', value: 1 }] } },
      'customer.meta_data[0].value',
    ],
    ['a code that is a text', { code: '0', message: 'success' }, 'code'],
  ])('%s', (_, answer, path) => {
    const problems = goProblemsOf(answer)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(path)
  })

  test('no unknown field, no null and no missing field', () => {
    expect(goProblemsOf({ code: 0, message: 'success', payment: PAYMENT })).toEqual([])
    expect(
      goProblemsOf({ payment: { amount: null, unknown: {} }, transfers: [{ date: '' }] }),
    ).toEqual([])
    expect(goProblemsOf({ virtual_account: { minimum_amount: 100.5 } })).toEqual([])
  })

  test('a schema with a wrong type in one of its branches', () => {
    const schema = (created_time: object) => ({
      properties: { customer: { anyOf: [{ type: 'null' }, { properties: { created_time } }] } },
    })
    expect(goProblemsOfSchema(schema({ type: 'integer' }))).toEqual([])
    expect(
      goProblemsOfSchema(schema({ anyOf: [{ type: 'integer' }, { type: 'string' }] })),
    ).toEqual(['customer.created_time can be string'])
    expect(goProblemsOfSchema(schema({ enum: ['a', 1] }))).toEqual([
      'customer.created_time can be string',
    ])
  })
})

test.each(
  operationsOf(API_ROUTES).flatMap(({ answers, operationId }) =>
    Object.entries(answers).map(([status, schema]) => [operationId, status, schema] as const),
  ),
)(
  'the Go SDK decodes every answer that the description of %s allows for %s',
  (_, _status, schema) => {
    expect(goProblemsOfSchema(schema)).toEqual([])
  },
)

describe('the Go SDK decodes the real answers about', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer('memory')
  })
  afterAll(() => server.close())

  /** Sends a request and checks its answer. Returns the object in the envelope. */
  async function decodedAnswer(method: string, path: string, body?: object) {
    const answer = await server.call(method, path, body)
    expect([method, path, answer.status, answer.text]).toEqual([
      method,
      path,
      method === 'POST' ? 201 : 200,
      expect.any(String),
    ])
    expect(goProblemsOf(answer.body)).toEqual([])
    return answer.body
  }

  /** Makes a session and its attempts with the control API. */
  async function playedSession(body: object) {
    const response = await fetch(`${server.baseUrl}/_sandbox/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(response.status).toBe(201)
    const { payments_session: session } = await response.json()
    return session as { payments_session_id: string; payments: { payment_id: string }[] }
  }

  const SESSION = {
    amount: 100.5,
    currency: 'INR',
    description: 'Order',
    invoice_number: 'INV-1',
    reference_number: 'ord_1',
    max_retry_count: 3,
    meta_data: [{ key: 'cart', value: 17 }],
    configurations: {
      allowed_payment_methods: ['upi', 'card', 'netbanking', 'wallet', 'bank_transfer'],
      hosted_page_parameters: {
        success_url: 'https://shop.example/paid',
        failure_url: 'https://shop.example/cart',
        phone: '+91 90000 00001',
        udf1: 'a',
      },
    },
  }

  test('payment links', async () => {
    const link = {
      amount: 1499.9,
      currency: 'INR',
      description: 'Order 8841',
      email: 'asha@shop.test',
      phone: '9000000001',
      notify_customer: { email: true, sms: false },
      configurations: { allowed_payment_methods: ['upi', 'card'] },
    }
    const { payment_links: newLink } = await decodedAnswer('POST', '/paymentlinks', link)
    const path = `/paymentlinks/${newLink.payment_link_id}`
    await decodedAnswer('PUT', path, { description: 'Order 1' })
    const open = `${server.baseUrl}/_sandbox/payment_links/${newLink.payment_link_id}/open`
    const { payments_session: session } = await (await fetch(open, { method: 'POST' })).json()
    await fetch(`${server.baseUrl}/_sandbox/sessions/${session.payments_session_id}/attempts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ attempts: [{ method: 'upi', outcome: 'succeeded' }] }),
    })
    expect((await decodedAnswer('GET', path)).payment_links.payments).toHaveLength(1)
    await decodedAnswer('GET', `/paymentsessions/${session.payments_session_id}`)
    await decodedAnswer('GET', '/paymentlinks')
    const other = await decodedAnswer('POST', '/paymentlinks', link)
    await decodedAnswer('PUT', `/paymentlinks/${other.payment_links.payment_link_id}/cancel`)
  })

  test('sessions', async () => {
    const creation = await decodedAnswer('POST', '/paymentsessions', SESSION)
    const id = creation.payments_session.payments_session_id
    await decodedAnswer('GET', `/paymentsessions/${id}`)
    const { payments_session_id: sessionId } = await playedSession({
      session: SESSION,
      attempts: [
        { method: 'card', outcome: 'failed' },
        { method: 'upi', outcome: 'succeeded' },
      ],
    })
    expect(
      (await decodedAnswer('GET', `/paymentsessions/${sessionId}`)).payments_session.payments,
    ).toHaveLength(2)
    await decodedAnswer('GET', '/paymentsessions')
  })

  test.each([
    ['card', 'INR'],
    ['upi', 'INR'],
    ['netbanking', 'INR'],
    ['wallet', 'INR'],
    ['bank_transfer', 'INR'],
    ['card', 'USD'],
    ['ach_debit', 'USD'],
  ])('payments by %s in %s, succeeded, failed and refunded', async (method, currency) => {
    const isUs = currency === 'USD'
    const account = isUs ? { account_id: US_ACCOUNT_ID } : {}
    const { payments } = await playedSession({
      ...account,
      session: { amount: 20.5, currency, meta_data: [{ key: 'a', value: true }] },
      attempts: [
        { method, outcome: 'failed' },
        { method, outcome: 'succeeded' },
      ],
    })
    const query = isUs ? `?account_id=${US_ACCOUNT_ID}` : ''
    for (const { payment_id: id } of payments) {
      expect((await decodedAnswer('GET', `/payments/${id}${query}`)).payment.payment_id).toBe(id)
    }
    const [payment] = payments
    const path = `/payments/${payment?.payment_id}/refunds${query}`
    const { refund } = await decodedAnswer('POST', path, {
      amount: '5.5',
      meta_data: [{ key: 'a' }],
    })
    await decodedAnswer('GET', `/refunds/${refund.refund_id}${query}`)
    await decodedAnswer('GET', path)
    await decodedAnswer('GET', `/payments${query}`)
  })

  test('customers', async () => {
    const body = { name: 'Asha', email: 'asha@shop.example', phone: '+91 1', meta_data: [] }
    const { customer } = await decodedAnswer('POST', '/customers', body)
    const path = `/customers/${customer.customer_id}`
    await decodedAnswer('GET', path)
    await decodedAnswer('PUT', path, { name: 'Rao' })
    await decodedAnswer('GET', '/customers')
    await decodedAnswer('DELETE', path)
    const us = await decodedAnswer('POST', `/customers?account_id=${US_ACCOUNT_ID}`, body)
    await decodedAnswer('GET', `/customers/${us.customer.customer_id}?account_id=${US_ACCOUNT_ID}`)
  })
})
