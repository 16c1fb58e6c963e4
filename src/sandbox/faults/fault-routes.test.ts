/** Injected failures in a sandbox. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { visit } from '../../../test/support/customer.ts'
import { startReceiver } from '../../../test/support/receiver.ts'
import { type Control, control, payByUpi } from '../../../test/support/sandbox.ts'
import {
  ACCOUNT_ID,
  startTestServer,
  type TestServer,
  TOKEN,
} from '../../../test/support/server.ts'
import { AS_ANOTHER, makePayment } from '../../../test/support/taken-payments.ts'
import {
  expectedSignatures,
  registerEndpoint,
  signaturesOf,
} from '../../../test/support/webhooks.ts'

const SESSION = { amount: 100, currency: 'INR' }

let server: TestServer
let sandbox: Control
beforeAll(async () => {
  server = await startTestServer('memory', { seed: 'faults' })
  sandbox = control(server.baseUrl)
})
afterAll(() => server.close())
afterEach(async () => {
  await sandbox('DELETE', '/faults')
})

const add = async (rule: Readonly<Record<string, unknown>>) => {
  const answer = await sandbox('POST', '/faults', rule)
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
  return answer.body.fault
}
const readAppliedCount = async () => (await sandbox('GET', '/faults')).body.faults[0].applied_count
const create = (more: Readonly<Record<string, string>> = {}) =>
  server.call('POST', '/paymentsessions', SESSION, more)
/** Returns the status of a request that may get no answer. */
const statusOf = (asking: Promise<{ readonly status: number }>) =>
  asking.then(({ status }) => status).catch((error: Error) => `no answer: ${error.message}`)
const sessionCount = async () =>
  (await server.call('GET', '/paymentsessions')).body.page_context.total

test('a rule with an unknown field is refused, and has no effect', async () => {
  const rule = { target: 'route', match: { rout: '/paymentsessions' }, effect: { status: 503 } }
  expect(await sandbox('POST', '/faults', rule)).toMatchObject({
    status: 400,
    body: {
      field: 'match.rout',
      message:
        'match.rout is unknown, did you mean route? The known fields are: route, call, event_type.',
    },
  })
  expect((await create()).status).toBe(201)
})

describe('a fault of a route', () => {
  test('answers the requested number of times with an error status, without an effect of the request', async () => {
    const before = await sessionCount()
    await add({
      target: 'route',
      match: { route: 'POST /paymentsessions' },
      count: 2,
      effect: { status: 503, retry_after: 7 },
    })
    const refusal = await create()
    expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([503, '7'])
    expect(refusal.body).toEqual({
      code: 'error',
      message: expect.stringContaining('not available'),
    })
    // A page of another origin may read the header Retry-After.
    expect(refusal.headers.get('access-control-expose-headers')).toContain('retry-after')
    expect((await create()).status).toBe(503)
    expect((await create()).status).toBe(201)
    expect(await sessionCount()).toBe(before + 1)
    expect(await readAppliedCount()).toBe(2)
  })

  test.each([
    [500, /^An internal error occurred/],
    [429, /exceeded the maximum number/],
    [401, /^You are not authorized/],
    [418, /./],
  ])('answers %i with the API’s code and message for that status', async (status, message) => {
    await add({ target: 'route', effect: { status } })
    const refusal = await create()
    expect(refusal.status).toBe(status)
    expect(refusal.body).toEqual({ code: 'error', message: expect.stringMatching(message) })
  })

  test('resets the connection before the request has an effect', async () => {
    const before = await sessionCount()
    await add({
      target: 'route',
      match: { route: '/paymentsessions' },
      count: 1,
      effect: { reset: true },
    })
    expect(await statusOf(create())).toBe('no answer: fetch failed')
    expect(await sessionCount()).toBe(before)
  })

  test('loses the answer after the request has its effect, and a request with the same idempotency key gets the answer', async () => {
    const before = await sessionCount()
    await add({ target: 'route', count: 1, effect: { lost_answer: true } })
    const key = { 'idempotency-key': 'lost-1' }
    expect(await statusOf(create(key))).toBe('no answer: fetch failed')
    const again = await create(key)
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true'])
    expect(await sessionCount()).toBe(before + 1)
  })

  test('delays an answer by the machine’s clock, and the delayed answer can have an error status', async () => {
    await add({ target: 'route', effect: { latency: '60ms', status: 504 } })
    const startedAtMs = performance.now()
    expect((await create()).status).toBe(504)
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(55)
  })

  test('applies only to matching routes', async () => {
    await add({
      target: 'route',
      match: { route: 'POST /payments/*/refunds' },
      effect: { status: 500 },
    })
    expect((await server.call('POST', '/payments/1/refunds', {})).status).toBe(500)
    expect((await server.call('GET', '/payments/1/refunds')).status).toBe(404)
    expect((await server.call('GET', '/payments/1')).status).toBe(404)
    expect((await create()).status).toBe(201)
  })

  test('can apply to the token endpoint and the checkout page', async () => {
    await add({ target: 'route', match: { route: '/oauth/v2/token' }, effect: { status: 502 } })
    await add({
      target: 'route',
      match: { route: '/hostedcheckout/*/pay' },
      effect: { status: 503 },
    })
    const token = await fetch(`${server.baseUrl}/oauth/v2/token`, { method: 'POST' })
    expect(token.status).toBe(502)
    const key = (await create()).body.payments_session.access_key
    const form = { method: 'upi', upi_channel: 'collect', upi_id: 'success@paydesk' }
    const page = await visit(server.baseUrl, `/hostedcheckout/${key}/pay`, form)
    expect([page.status, page.text.startsWith('<!doctype html>')]).toEqual([503, true])
    expect((await visit(server.baseUrl, `/hostedcheckout/${key}`)).status).toBe(200)
  })

  test('never applies to the control API, operation routes and documentation', async () => {
    await add({ target: 'route', match: { route: '/**' }, effect: { status: 500 } })
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/_sandbox/clock']) {
      expect([path, (await fetch(`${server.baseUrl}${path}`)).status]).toEqual([path, 200])
    }
    const creation = await sandbox('POST', '/sessions', {
      attempts: [{ method: 'upi', outcome: 'succeeded' }],
    })
    expect(creation.status).toBe(201)
  })

  test('does not replace the error for an invalid token', async () => {
    await add({ target: 'route', effect: { status: 500 } })
    const answer = await create({ authorization: `Zoho-oauthtoken ${TOKEN}x` })
    expect(answer.status).toBe(401)
  })
})

describe('the rules of faults', () => {
  test('the period of a rule begins and ends by the sandbox’s clock', async () => {
    const { time_ms: nowMs } = (await sandbox('GET', '/clock')).body.clock
    const timeAfter = (ms: number) => new Date(nowMs + ms).toISOString()
    await add({
      target: 'route',
      effect: { status: 500 },
      window: { from: timeAfter(60_000), to: timeAfter(120_000) },
    })
    expect((await create()).status).toBe(201)
    await sandbox('POST', '/clock/advance', { by: '1m' })
    expect((await create()).status).toBe(500)
    await sandbox('POST', '/clock/advance', { by: '1m' })
    expect((await create()).status).toBe(201)
  })

  test('a rule applies for its duration', async () => {
    await add({ target: 'route', effect: { status: 500 }, for: '10m' })
    expect((await create()).status).toBe(500)
    await sandbox('POST', '/clock/advance', { by: '10m' })
    expect((await create()).status).toBe(201)
  })

  test('the oldest of several matching rules applies', async () => {
    const first = await add({ target: 'route', effect: { status: 501 }, count: 1 })
    await add({ target: 'route', effect: { status: 502 } })
    expect((await create()).status).toBe(501)
    expect((await create()).status).toBe(502)
    expect((await sandbox('DELETE', `/faults/${first.id}`)).status).toBe(200)
    expect((await sandbox('DELETE', `/faults/${first.id}`)).status).toBe(404)
    expect((await sandbox('GET', '/faults')).body.faults).toMatchObject([{ applied_count: 1 }])
    await sandbox('DELETE', '/faults')
    expect((await sandbox('GET', '/faults')).body.faults).toEqual([])
    expect((await create()).status).toBe(201)
  })

  test('two tenants with the same seed fail the same requests, and another seed fails different ones', async () => {
    const run = async (seed: string) => {
      const { tenant } = (await sandbox('POST', '/tenants', { seed })).body
      const its = control(tenant.base_url)
      const rule = { target: 'route', probability: 0.5, effect: { status: 500 } }
      await its('POST', '/faults', rule)
      const statuses: number[] = []
      for (let count = 0; count < 40; count += 1) {
        const url = `${tenant.base_url}/api/v1/payments?account_id=${ACCOUNT_ID}`
        const headers = { authorization: `Zoho-oauthtoken ${tenant.access_token}` }
        statuses.push((await fetch(url.replace(ACCOUNT_ID, tenant.account_id), { headers })).status)
      }
      await sandbox('DELETE', `/tenants/${tenant.name}`)
      return statuses.join()
    }
    const first = await run('a')
    expect(first).toContain('200,')
    expect(first).toContain('500,')
    expect(await run('a')).toBe(first)
    expect(await run('b')).not.toBe(first)
  })

  test('a rule of one sandbox does not apply in another', async () => {
    const { tenant } = (await sandbox('POST', '/tenants')).body
    await control(tenant.base_url)('POST', '/faults', { target: 'route', effect: { reset: true } })
    expect((await create()).status).toBe(201)
    expect((await sandbox('GET', '/faults')).body.faults).toEqual([])
    await sandbox('DELETE', `/tenants/${tenant.name}`)
  })
})

describe('a fault of the processor', () => {
  const pay = () => payByUpi(server)
  const processorCalls = async () => {
    const { requests } = (await sandbox('GET', '/requests?kind=processor')).body
    return requests.map((one: { method: string }) => one.method).reverse()
  }
  const attempt = async (id: string) =>
    (await server.call('GET', `/paymentsessions/${id}`)).body.payments_session

  test.each([
    [
      'is declined with the requested code',
      { outcome: 'declined', decline_code: 'insufficient_funds' },
      'failed',
    ],
    ['without an answer succeeds after a query', { lost_answer: true }, 'succeeded'],
    ['that is sent twice is paid once', { duplicate: true }, 'succeeded'],
    [
      'that never reaches the processor is unknown, and then declined',
      { outcome: 'unknown' },
      'failed',
    ],
  ])('a charge %s', async (_what, effect, ends) => {
    await sandbox('DELETE', '/requests')
    await add({ target: 'processor', match: { call: 'charge' }, count: 1, effect })
    const id = await pay()
    await sandbox('POST', '/clock/advance', { by: '10m' })
    const { payments } = await attempt(id)
    expect(payments).toMatchObject([{ status: ends }])
    const { balances, agrees } = (await sandbox('GET', '/ledger')).body.ledger
    expect([agrees, balances.length > 0]).toEqual([true, true])
    const { faults } = (await sandbox('GET', '/faults')).body
    expect(faults).toMatchObject([{ applied_count: 1 }])
    expect((await processorCalls())[0]).toBe('charge')
  })

  test('a fault can make a refund fail with a reason, or lose the answer to a refund, which then succeeds at the next call', async () => {
    const paymentId = await makePayment({ ...server, advance: () => {} }, 100)
    const refund = async () => {
      const body = { amount: 10, reason: 'requested_by_customer', type: 'initiated_by_merchant' }
      const creation = await server.call('POST', `/payments/${paymentId}/refunds`, body)
      await sandbox('POST', '/clock/advance', { by: '10m' })
      return (await server.call('GET', `/refunds/${creation.body.refund.refund_id}`)).body.refund
    }
    const match = { call: 'refund' }
    const effect = { outcome: 'failed', failure_reason: 'expired_or_canceled_card' }
    await add({ target: 'processor', match, count: 1, effect })
    expect(await refund()).toMatchObject({
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
    })
    await add({ target: 'processor', match, count: 1, effect: { lost_answer: true } })
    expect(await refund()).toMatchObject({ status: 'succeeded' })
  })

  describe('about a saved payment method', () => {
    let customerId: string
    beforeAll(async () => {
      const customer = { name: 'Ben Ode', email: 'ben@shop.test' }
      const { body } = await server.call('POST', `/customers?${AS_ANOTHER}`, customer)
      customerId = body.customer.customer_id
    })
    const save = (type = 'card') =>
      sandbox('POST', `/customers/${customerId}/payment_methods`, { type })
    const advance = (by: string) => sandbox('POST', '/clock/advance', { by })
    const status = async (id: string) =>
      (await server.call('GET', `/paymentmethods/${id}?${AS_ANOTHER}`)).body.payment_method.status

    test('a save is declined with the requested code', async () => {
      const effect = { outcome: 'declined', decline_code: 'expired_card' }
      await add({ target: 'processor', match: { call: 'save' }, count: 1, effect })
      expect(await save()).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining('expired_card') },
      })
      expect((await save()).status).toBe(201)
    })

    test.each([
      ['a save whose answer is lost is found', 'save', { lost_answer: true }],
      ['a save that is sent twice saves one method', 'save', { duplicate: true }],
      ['a query without an answer is repeated', 'findSaved', { outcome: 'unknown' }],
    ])('%s', async (_what, call, effect) => {
      await sandbox('DELETE', '/requests')
      await add({ target: 'processor', match: { call }, count: 1, effect })
      const creation = await save('ach_debit')
      expect([creation.status, creation.text]).toEqual([201, expect.any(String)])
      await advance('10m')
      expect(await status(creation.body.payment_method.payment_method_id)).toBe('active')
      expect(await readAppliedCount()).toBe(1)
      expect(await processorCalls()).toEqual(expect.arrayContaining(['save', 'findSaved']))
    })

    test('a forget without an answer is repeated until the instrument is forgotten', async () => {
      const { payment_method_id: id } = (await save()).body.payment_method
      await sandbox('DELETE', '/requests')
      await add({
        target: 'processor',
        match: { call: 'forget' },
        count: 1,
        effect: { outcome: 'unknown' },
      })
      await server.call('DELETE', `/paymentmethods/${id}?${AS_ANOTHER}`)
      await advance('1h')
      expect(await processorCalls()).toEqual(['forget', 'forget'])
      const { requests } = (await sandbox('GET', '/requests?kind=processor')).body
      expect(requests).toMatchObject([
        { response: { status: 'forgotten' } },
        { response: { status: 'unknown' } },
      ])
    })

    test('the log has the calls without the token of the instrument', async () => {
      await sandbox('DELETE', '/requests')
      await save()
      const { text } = await sandbox('GET', '/requests?kind=processor')
      expect(text).toContain('paymentMethodId')
      expect(text).toContain('\\"kind\\":\\"saved\\"')
      expect(text).not.toMatch(/sandbox_\d+/)
    })
  })
})

describe('a fault of webhooks', () => {
  async function deliver(rule: Readonly<Record<string, unknown>>, eventCount = 1) {
    const { tenant } = (await sandbox('POST', '/tenants', { seed: 'webhooks' })).body
    const its = control(tenant.base_url)
    const receiver = await startReceiver()
    const call: TestServer['call'] = async (method, path, body) => {
      const url = `${tenant.base_url}/api/v1${path}?account_id=${tenant.account_id}`
      const headers = {
        authorization: `Zoho-oauthtoken ${tenant.access_token}`,
        'content-type': 'application/json',
      }
      const response = await fetch(url, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
    }
    const endpoint = await registerEndpoint({ ...server, call }, receiver)
    const faultAnswer = await its('POST', '/faults', { target: 'webhook', ...rule })
    expect([faultAnswer.status, faultAnswer.text]).toEqual([201, expect.any(String)])
    const ids: number[] = []
    for (let count = 0; count < eventCount; count += 1) {
      const creation = await its('POST', '/events', { event_type: 'payment.succeeded' })
      ids.push(creation.body.event.event_id)
    }
    const end = async () => {
      await receiver.close()
      await sandbox('DELETE', `/tenants/${tenant.name}`)
    }
    const attempts = async (index = 0) => {
      const { delivery } = (await call('GET', `/webhooks/${endpoint.id}/deliveries/${ids[index]}`))
        .body
      return delivery
    }
    /** The received requests without the test request of the registration. */
    const receivedRequests = () => receiver.received.slice(1)
    return { its, ids, endpoint, receiver, receivedRequests, attempts, end }
  }

  test.each([
    [{ status: 503 }, { http_status: 503 }, 0],
    [{ reset: true }, { failure: expect.stringContaining('closed') }, 0],
    [{ drop: true }, { failure: expect.stringContaining('lost') }, 0],
    [{ lost_answer: true }, { failure: expect.stringContaining('closed') }, 1],
  ])(
    'the fault %j fails the first attempt, and the next attempt follows the schedule',
    async (effect, fields, sentCount) => {
      const { attempts, end, its, receivedRequests } = await deliver({ count: 1, effect })
      await expect
        .poll(async () => (await attempts()).attempts, { timeout: 30_000 })
        .toHaveLength(1)
      expect((await attempts()).attempts).toMatchObject([fields])
      expect(receivedRequests()).toHaveLength(sentCount)
      await its('POST', '/clock/advance', { by: '90m' })
      expect(await attempts()).toMatchObject({ status: 'delivered', attempt_count: 2 })
      expect(receivedRequests()).toHaveLength(sentCount + 1)
      expect(receivedRequests().every(({ body }) => body === receivedRequests()[0]?.body)).toBe(
        true,
      )
      await end()
    },
  )

  test('a duplicate webhook is sent twice with the same signature', async () => {
    const { attempts, end, receiver } = await deliver({ effect: { duplicate: true } })
    const [, first, second] = await receiver.waitFor(3)
    expect(second).toEqual(first)
    await expect.poll(async () => (await attempts()).status, { timeout: 30_000 }).toBe('delivered')
    await end()
  })

  test('a corrupt body does not match its signature', async () => {
    const { end, endpoint, ids, receiver } = await deliver({ count: 1, effect: { corrupt: true } })
    const [, corrupt] = await receiver.waitFor(2)
    if (corrupt === undefined) throw new Error('nothing was sent')
    expect(signaturesOf(corrupt)).not.toEqual(expectedSignatures(corrupt, endpoint.key))
    expect(corrupt.headers['webhook-id']).toBe(String(ids[0]))
    await end()
  })

  test('the effect reorder delivers a later event before an earlier one', async () => {
    const { end, ids, its, receiver } = await deliver({ effect: { reorder: true }, count: 1 }, 2)
    const receivedItems = await receiver.waitFor(3)
    expect(receivedItems.slice(1).map(({ headers }) => headers['webhook-id'])).toEqual(
      [ids[1], ids[0]].map(String),
    )
    expect((await its('GET', '/faults')).body.faults).toMatchObject([{ applied_count: 1 }])
    await end()
  })

  test('the effect reorder also sends an event without a later event', async () => {
    const { attempts, end } = await deliver({ effect: { reorder: true } })
    await expect.poll(async () => (await attempts()).status, { timeout: 30_000 }).toBe('delivered')
    await end()
  })

  test('a rule can apply to one event type', async () => {
    const match = { event_type: 'payment.failed' }
    const { end, receiver } = await deliver({ match, effect: { drop: true } })
    expect(await receiver.waitFor(2)).toHaveLength(2)
    await end()
  })
})

const ROUTE = { target: 'route' }
const STATUS = { status: 500 }
const WRONG: readonly [rule: object, field: string, message: RegExp][] = [
  [{ effect: STATUS }, 'target', /one of route, processor, webhook/],
  [{ target: 'all', effect: STATUS }, 'target', /one of route, processor, webhook/],
  [ROUTE, 'effect', /required/],
  [{ ...ROUTE, effect: {} }, 'effect', /one of: latency, status, reset, lost_answer/],
  [
    { ...ROUTE, effect: { corrupt: true } },
    'effect.corrupt',
    /is not for the target "route"\. The effects of this target are/,
  ],
  [{ ...ROUTE, effect: { outcome: 'unknown' } }, 'effect.outcome', /not for the target "route"/],
  [{ target: 'processor', effect: STATUS }, 'effect.status', /not for the target "processor"/],
  [
    { target: 'processor', effect: { reorder: true } },
    'effect.reorder',
    /not for the target "processor"/,
  ],
  [
    { target: 'webhook', effect: { outcome: 'unknown' } },
    'effect.outcome',
    /not for the target "webhook"/,
  ],
  [{ ...ROUTE, effect: { reset: true, status: 500 } }, 'effect.reset', /exclude each other/],
  [{ ...ROUTE, effect: { reset: false } }, 'effect.reset', /must be true/],
  [{ ...ROUTE, effect: { latency: '31s' } }, 'effect.latency', /at most 30s/],
  [{ ...ROUTE, effect: { latency: 'long' } }, 'effect.latency', /such as 500ms/],
  [{ ...ROUTE, effect: { status: 200 } }, 'effect.status', /from 400 to 599/],
  [
    { ...ROUTE, effect: { reset: true, retry_after: 1 } },
    'effect.retry_after',
    /effect.status only/,
  ],
  [
    { target: 'webhook', effect: { status: 503, retry_after: 1 } },
    'effect.retry_after',
    /only for the target "route"/,
  ],
  [{ target: 'processor', effect: { outcome: 'declined' } }, 'effect.outcome', /for charges/],
  [
    { target: 'processor', match: { call: 'forget' }, effect: { outcome: 'declined' } },
    ...(['effect.outcome', /for charges and saves/] as const),
  ],
  [
    { target: 'processor', match: { call: 'charge' }, effect: { outcome: 'failed' } },
    ...(['effect.outcome', /for refunds/] as const),
  ],
  [
    {
      target: 'processor',
      match: { call: 'charge' },
      effect: { outcome: 'unknown', decline_code: 'card_declined' },
    },
    ...(['effect.decline_code', /only for the outcome "declined"/] as const),
  ],
  [{ ...ROUTE, match: { call: 'charge' }, effect: STATUS }, 'match.call', /send match.route/],
  [
    { target: 'webhook', match: { route: '/x' }, effect: { drop: true } },
    'match.route',
    /send match.event_type/,
  ],
  [
    { ...ROUTE, match: { route: 'paymentsessions' }, effect: STATUS },
    'match.route',
    /a path such as/,
  ],
  [{ ...ROUTE, match: { route: '/a/**/b' }, effect: STATUS }, 'match.route', /a path such as/],
  [{ ...ROUTE, probability: 1.5, effect: STATUS }, 'probability', /from 0 to 1/],
  [{ ...ROUTE, count: 0, effect: STATUS }, 'count', /from 1 to/],
  [{ ...ROUTE, for: 'ever', effect: STATUS }, 'for', /such as 10m/],
  [{ ...ROUTE, for: '1m', window: {}, effect: STATUS }, 'for', /exclude each other/],
  [{ ...ROUTE, window: { from: '2026-01-01' }, effect: STATUS }, 'window.from', /with a zone/],
  [
    {
      ...ROUTE,
      window: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
      effect: STATUS,
    },
    ...(['window.to', /after window.from/] as const),
  ],
]

test.each(WRONG)('an invalid rule is refused: %j', async (rule, field, message) => {
  const answer = await sandbox('POST', '/faults', rule)
  expect(answer.status).toBe(400)
  expect(answer.body).toMatchObject({ field, message: expect.stringMatching(message) })
  expect((await sandbox('GET', '/faults')).body.faults).toEqual([])
})
