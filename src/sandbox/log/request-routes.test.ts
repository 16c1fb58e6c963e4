/** The request log of a sandbox. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { visit } from '../../../test/support/customer.ts'
import { type Receiver, startReceiver } from '../../../test/support/receiver.ts'
import { type Control, control, payByUpi } from '../../../test/support/sandbox.ts'
import { startTestServer, type TestServer, TOKEN } from '../../../test/support/server.ts'
import { registerEndpoint } from '../../../test/support/webhooks.ts'
import { systemClock } from '../../server/clock.ts'
import { SANDBOX_VALUES } from '../well-known.ts'
import { createListeners, LISTENER_HEADER, listenerHeader } from './listeners.ts'

const run = promisify(execFile)

let server: TestServer
let sandbox: Control
let receiver: Receiver
beforeAll(async () => {
  server = await startTestServer('memory', {}, { clock: systemClock })
  sandbox = control(server.baseUrl)
  receiver = await startReceiver()
  await registerEndpoint(server, receiver)
})
afterAll(async () => {
  await receiver.close()
  await server.close()
})
beforeEach(async () => {
  await sandbox('DELETE', '/requests')
})

const list = async (query = '') => (await sandbox('GET', `/requests${query}`)).body.requests
const create = (more: Readonly<Record<string, unknown>> = {}) =>
  server.call('POST', '/paymentsessions', { amount: 100, currency: 'INR', ...more })
const shell = async (curl: string) => (await run('bash', ['-c', `${curl} -sS`])).stdout

describe('a request to the API', () => {
  test('is logged with its headers, bodies and time as the newest entry', async () => {
    await server.call('GET', '/payments/1')
    const creation = await create({ description: 'It’s two books' })
    const [newest, older] = await list()
    expect(newest).toMatchObject({
      kind: 'api',
      method: 'POST',
      path: expect.stringMatching(/^\/api\/v1\/paymentsessions\?/),
      request: {
        headers: { authorization: `Zoho-oauthtoken ${TOKEN}`, 'content-type': 'application/json' },
        body: '{"amount":100,"currency":"INR","description":"It’s two books"}',
      },
      response: { status: 201, headers: { 'x-request-id': creation.headers.get('x-request-id') } },
      payments_session_id: creation.body.payments_session.payments_session_id,
      duration_ms: expect.any(Number),
    })
    expect(newest.response.body).toBe(creation.text)
    expect(Date.parse(newest.time)).toBe(newest.time_ms)
    expect(older).toMatchObject({ method: 'GET', payment_id: '1', response: { status: 404 } })
    expect((await sandbox('GET', `/requests/${newest.id}`)).body.request).toEqual(newest)
    expect((await sandbox('GET', '/requests/0')).status).toBe(404)
  })

  test('can be repeated unchanged with its curl command', async () => {
    await create({ description: 'It’s "two" $HOME books\nand \'a\' lamp' })
    const [{ curl }] = await list()
    const again = JSON.parse(await shell(curl))
    expect(again).toMatchObject({
      code: 0,
      payments_session: { description: 'It’s "two" $HOME books\nand \'a\' lamp' },
    })
    await server.call('GET', '/payments?per_page=2')
    const [{ curl: get }] = await list()
    expect(JSON.parse(await shell(get))).toMatchObject({ code: 0, page_context: { per_page: 2 } })
  })

  test('is logged even when its token, body or path is refused', async () => {
    await create({ currency: 'XXX' })
    await server.call('GET', '/payments/1', undefined, { authorization: 'Zoho-oauthtoken no' })
    await server.call('POST', '/paymentsessions', 'x'.repeat(70_000))
    await server.call('GET', '/nothing')
    const result = await list('?status=4xx')
    const statuses = result.map(({ response }: { response: { status: number } }) => response.status)
    expect(statuses).toEqual([404, 413, 401, 400])
  })

  test('is logged, unlike a request to the control API, to the API description or to a health route', async () => {
    await sandbox('GET', '/clock')
    await visit(server.baseUrl, '/healthz')
    await visit(server.baseUrl, '/openapi.json')
    await sandbox('POST', '/sessions', {})
    expect(await list()).toEqual([])
  })

  test('is logged with the first 16 KiB of a long body', async () => {
    const description = 'a'.repeat(40_000)
    await create({ description })
    const [{ request }] = await list()
    expect(request.body).toHaveLength(16_385)
    expect(request.body.endsWith('…')).toBe(true)
  })
})

test('all calls of a payment are found by its session id, the processor’s also by the payment id, and the webhook by the event id', async () => {
  const id = await payByUpi(server)
  await create()
  const payments = await server.call('GET', `/paymentsessions/${id}`)
  const paymentId = payments.body.payments_session.payments[0].payment_id
  await expect.poll(() => list('?kind=webhook'), { timeout: 30_000 }).toHaveLength(1)
  const [webhook] = await list('?kind=webhook')
  expect(webhook).toMatchObject({
    method: 'POST',
    path: `${receiver.url}/hooks`,
    response: { status: 200 },
    payments_session_id: id,
    payment_id: paymentId,
  })

  const kinds = async (query: string) =>
    (await list(query)).map(({ kind, method, path }: Record<string, string>) =>
      kind === 'api' ? `${method} ${path?.split(/[/?]/).find((part) => /^pay/.test(part))}` : kind,
    )
  const all = await kinds(`?payments_session_id=${id}`)
  expect(new Set(all)).toEqual(
    new Set(['GET paymentsessions', 'POST pay', 'POST paymentsessions', 'processor', 'webhook']),
  )
  expect(await kinds(`?payment_id=${paymentId}&kind=processor`)).toContain('processor')
  expect(await kinds(`?event_id=${webhook.event_id}`)).toEqual(['webhook'])
  const call = (await list('?kind=processor')).at(-1)
  expect(call).toMatchObject({
    method: 'charge',
    path: 'sandbox',
    response: { status: 'pending' },
  })
  expect(JSON.parse(call.request.body)).toMatchObject({
    amount: '100.00',
    currency: 'INR',
    instrument: { type: 'upi', channel: 'collect' },
  })
  expect(call).not.toHaveProperty('curl')

  const before = receiver.received.at(-1)
  await shell(webhook.curl)
  const again = receiver.received.at(-1)
  expect(again).not.toBe(before)
  expect(again?.body).toBe(before?.body)
  expect(again?.headers).toMatchObject({
    'x-zoho-webhook-signature': before?.headers['x-zoho-webhook-signature'],
    'webhook-signature': before?.headers['webhook-signature'],
  })
})

test('an entry names its fault and the effect on the request', async () => {
  await sandbox('POST', '/faults', { target: 'route', count: 1, effect: { lost_answer: true } })
  await sandbox('POST', '/faults', { target: 'route', count: 1, effect: { reset: true } })
  await create().catch(() => {})
  await create().catch(() => {})
  const [reset, lostRequest] = await list()
  const { faults } = (await sandbox('GET', '/faults')).body
  expect(lostRequest).toMatchObject({
    fault_id: faults[0].id,
    response: { status: 201 },
    failure: expect.stringContaining('cut'),
  })
  expect(reset).toMatchObject({
    fault_id: faults[1].id,
    failure: expect.stringContaining('Nothing'),
  })
  expect(reset).not.toHaveProperty('response')
  await sandbox('DELETE', '/faults')
})

test('the list can be filtered, limited and continued, and keeps the last thousand requests', async () => {
  for (let count = 0; count < 5; count += 1) await server.call('GET', `/payments/${count + 1}`)
  const rows = await list('?limit=2')
  expect(rows.map((row: { payment_id: string }) => row.payment_id)).toEqual(['5', '4'])
  expect(await list(`?since=${rows[1].id}`)).toMatchObject([{ payment_id: '5' }])
  expect(await list('?status=2xx')).toEqual([])
  expect(await list('?status=404,5xx')).toHaveLength(5)
  await Promise.all(Array.from({ length: 1_010 }, () => server.call('GET', '/payments/9')))
  const all = await list('?limit=1000')
  expect(all).toHaveLength(1_000)
  expect(new Set(all.map((row: { id: string }) => row.id)).size).toBe(1_000)
  expect(await list()).toHaveLength(100)
  for (const [query, field] of [
    ['?limit=1001', 'limit'],
    ['?kind=x', 'kind'],
    ['?status=9xx', 'status'],
    ['?since=x', 'since'],
  ]) {
    expect((await sandbox('GET', `/requests${query}`)).body).toMatchObject({ field })
  }
})

describe('secrets of a request', () => {
  const { clientSecret, clientId, refreshToken } = SANDBOX_VALUES
  const logText = async () => (await sandbox('GET', '/requests?limit=1000')).text

  test('the log contains no client secret, and no token of a token request', async () => {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
      code: '1000.abc',
    })
    const answer = await fetch(`${server.baseUrl}/oauth/v2/token`, { method: 'POST', body: form })
    const { access_token: accessToken } = (await answer.json()) as { access_token: string }
    await fetch(`${server.baseUrl}/oauth/v2/token?${form}`, { method: 'POST' })
    const text = await logText()
    expect(accessToken).toMatch(/^1000\./)
    for (const secret of [clientSecret, refreshToken, accessToken, '1000.abc']) {
      expect(text).not.toContain(secret)
    }
    expect(text).toContain('client_secret=***&refresh_token=***&code=***')
  })

  test('the log contains no signing key of a webhook endpoint', async () => {
    const { id, key } = await registerEndpoint(server, receiver)
    expect(await logText()).not.toContain(key)
    await server.call('DELETE', `/webhooks/${id}`)
  })

  const NUMBER = '4111111111111111'
  const WRITINGS: readonly [what: string, body: string, contentType: string][] = [
    ['a field', `{"card_number":"${NUMBER}","card_cvv":"907","otp":"889977"}`, 'application/json'],
    ['another field', '{"meta":[{"value":"4111 1111 1111 1111"}],"cvv":907}', 'application/json'],
    ['a name', `{"${NUMBER}":1}`, 'application/json'],
    ['a number as value', `{"amount":${NUMBER}}`, 'application/json'],
    ['JSON escapes', '{"x":"\\u0034111111111111111"}', 'application/json'],
    ['broken JSON', `{"card_number":"${NUMBER}","card_cvv":"907"`, 'application/json'],
    ['a form', 'card_number=4111+1111+1111+1111&card_cvv=907', 'application/x-www-form-urlencoded'],
    ['another form', 'a=4111-1111-1111-1111&otp=889977', 'text/plain'],
    ['plain text', `my card is ${NUMBER}`, 'text/plain'],
  ]
  test.each(WRITINGS)('the log contains no card data from %s', async (_what, body, contentType) => {
    await server.call('POST', '/paymentsessions', body, { 'content-type': contentType })
    await server.call('GET', `/payments?search_text=${NUMBER}`)
    await server.call('GET', `/payments/${NUMBER}`, undefined, { 'x-note': NUMBER })
    const text = (await logText()).replaceAll(/"(?:duration_ms|content-length)":"?\d+/g, '')
    expect((await list()).length).toBe(3)
    expect(text).not.toMatch(/4111[ +-]?1111|u0034111/)
    expect(text).not.toMatch(/\b(?:907|889977)\b/)
  })
})

describe('a mistake that the answer does not mention', () => {
  const HEADER = 'x-paydesk-warning'
  const warningsOf = async (answer: { readonly headers: Headers }) => [
    answer.headers.get(HEADER),
    (await list())[0].warnings?.join('; ') ?? null,
  ]

  test.each([
    ['amout', { amout: 5 }, 'amout: unknown field, did you mean amount?'],
    ['quantity', { quantity: 5 }, 'quantity: unknown field, ignored'],
    [
      'success_url',
      { success_url: 'https://shop.example/' },
      'success_url: unknown field, did you mean configurations.hosted_page_parameters.success_url?',
    ],
    [
      'meta_data[0].valu',
      { meta_data: [{ key: 'a', value: 'b', valu: 'c' }] },
      'meta_data[0].valu: unknown field, did you mean value?',
    ],
  ])(
    'an unknown field is ignored as by the real API, and the header and the log name it: %s',
    async (_name, more, warning) => {
      const answer = await create(more)
      expect(answer.status).toBe(201)
      expect(answer.text).not.toContain('unknown')
      expect(await warningsOf(answer)).toEqual([warning, warning])
    },
  )

  test('a refused request also has warnings about its unknown fields and query parameters', async () => {
    const answer = await server.call('POST', '/paymentsessions?curency=INR', { amout: 1 })
    expect([answer.status, answer.body.field]).toEqual([400, 'amount'])
    const warning =
      'curency: unknown query parameter, ignored; amout: unknown field, did you mean amount?'
    expect(await warningsOf(answer)).toEqual([warning, warning])
  })

  test('a correct request has no warning', async () => {
    for (const answer of [
      await create({ meta_data: [{ key: 'a', value: 'b' }] }),
      await server.call('GET', '/payments?per_page=5'),
    ]) {
      expect(await warningsOf(answer)).toEqual([null, null])
    }
  })

  test('warnings are few and show no card number and no control character', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x${index}`, 1]))
    const answer = await create({
      '4111 1111 1111 1111': 1,
      'a\r\nx-evil: 1\u2028': 1,
      ['y'.repeat(5_000)]: 1,
      ...many,
    })
    const text = answer.headers.get(HEADER) ?? ''
    expect(answer.headers.get('x-evil')).toBeNull()
    expect(text).toMatch(/^\*\*\*: unknown field, ignored; a\?\?x-evil:\?1\?: unknown/)
    expect(text.length).toBeLessThan(500)
    expect(text).toMatch(/; more unknown fields, ignored$/)
    expect(text).not.toContain('4111')
  })

  test.each([
    [
      'POST',
      '/payment_sessions',
      'POST /api/v1/payment_sessions is not served, did you mean POST /api/v1/paymentsessions?',
    ],
    [
      'GET',
      '/payment/12',
      'GET /api/v1/payment/{} is not served, did you mean GET /api/v1/payments/{payment_id}?',
    ],
  ])(
    'an unknown path is explained in a header and in the log, and its answer has only a code and a message: %s %s',
    async (method, path, warning) => {
      const answer = await server.call(method, path, method === 'POST' ? {} : undefined)
      expect([404, 405]).toContain(answer.status)
      expect(Object.keys(answer.body)).toEqual(['code', 'message'])
      const [header, loggedWarning] = await warningsOf(answer)
      expect(header).toBe(warning)
      expect(loggedWarning).toBe(header)
    },
  )

  test('a call to a base URL without /api/v1 is logged, and the log names the right path', async () => {
    const answer = await fetch(`${server.baseUrl}/paymentsessions?account_id=1`, {
      method: 'POST',
      body: '{}',
    })
    expect(answer.status).toBe(404)
    const warning =
      'POST /paymentsessions is not served, did you mean POST /api/v1/paymentsessions?'
    expect(await warningsOf(answer)).toEqual([warning, warning])
  })

  test('the API accepts a second endpoint with the same URL, and a warning names the first one if both subscribe to the same event type', async () => {
    const register = async (more: object) => {
      const answer = await server.call('POST', '/webhooks', {
        name: 'Again',
        url: `${receiver.url}/again`,
        enabled_events: ['refund.succeeded', 'refund.failed'],
        ...more,
      })
      expect(answer.status).toBe(201)
      return { id: answer.body.webhook.webhook_url_id, warning: answer.headers.get(HEADER) }
    }
    const first = await register({})
    const warningOfFirst = expect.stringMatching(
      `^url: endpoint ${first.id} has the same URL, so each event arrives there twice if both endpoints subscribe to it`,
    )
    expect(first.warning).toBeNull()
    const second = await register({ enabled_events: ['refund.failed'] })
    expect(second.warning).toEqual(warningOfFirst)
    const third = await register({ enabled_events: ['payment.succeeded'] })
    expect(third.warning).toBeNull()
    const change = (body: object) => server.call('PUT', `/webhooks/${third.id}`, body)
    const answer = await change({ enabled_events: ['refund.succeeded'] })
    expect(answer.headers.get(HEADER)).toEqual(warningOfFirst)
    expect((await change({ url: `${receiver.url}/elsewhere` })).headers.get(HEADER)).toBeNull()
    for (const { id } of [first, second, third]) await server.call('DELETE', `/webhooks/${id}`)
  })

  test('the program’s log has the same warning', async () => {
    const lines: string[] = []
    const own = await startTestServer(
      'memory',
      { logLevel: 'warn' },
      { logTo: { write: (line: string) => void lines.push(line) } },
    )
    await own.call('POST', '/paymentsessions', { amount: 1, currency: 'INR', curency: 'INR' })
    await own.close()
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 40,
        route: '/api/v1/paymentsessions',
        warnings: ['curency: unknown field, did you mean currency?'],
      }),
    ])
  })
})

describe('a program that polls events', () => {
  const headers = {
    [LISTENER_HEADER]: listenerHeader({
      id: 'run-1',
      forwardTo: 'http://localhost:3000/hooks?token=4111111111111111',
    }),
  }
  const listeners = async () => (await sandbox('GET', '/listeners')).body.listeners

  test('is listed as a receiver with the events that it has read, and its calls are not in the log', async () => {
    await payByUpi(server)
    const { event_id: id } = (await server.call('GET', '/events')).body.events[0]
    await sandbox('DELETE', '/requests')
    for (let count = 0; count < 3; count += 1)
      await server.call('GET', '/events', undefined, headers)
    await server.call('GET', `/events/${id}`, undefined, headers)
    await server.call('GET', '/events/1', undefined, headers)
    expect(await list()).toEqual([])
    expect(await listeners()).toEqual([
      {
        is_running: true,
        forward_to: 'http://localhost:3000/hooks?token=***',
        event_ids: [String(id)],
      },
    ])
  })

  test('is in the log with its other calls, and with calls that a fault changes', async () => {
    await server.call('POST', '/paymentsessions', {}, headers)
    await sandbox('POST', '/faults', { target: 'route', effect: { status: 500 }, count: 1 })
    await server.call('GET', '/events', undefined, headers)
    expect((await list()).map(({ method }: { method: string }) => method)).toEqual(['GET', 'POST'])
    await sandbox('DELETE', '/faults')
  })

  test.each([
    '',
    'id=',
    `id=${'x'.repeat(41)}`,
    'id=<script>',
    `id=a&forward_to=${'x'.repeat(600)}`,
  ])('counts as an ordinary caller if its header is damaged: %s', async (value) => {
    const before = await listeners()
    await server.call('GET', '/events', undefined, { [LISTENER_HEADER]: value })
    expect(await list()).toHaveLength(1)
    expect(await listeners()).toEqual(before)
  })
})

test('a listener has ended some seconds after its last call, and only the last 20 listeners are remembered', () => {
  let nowMs = 0
  const { list, note } = createListeners({ nowMs: () => nowMs })
  for (let index = 0; index < 25; index += 1) note({ id: `run-${index}` }, undefined)
  expect(list().map(({ id }) => id)).toEqual(
    Array.from({ length: 20 }, (_, index) => `run-${24 - index}`),
  )
  nowMs += 5_001
  note({ id: 'run-24' }, '1')
  expect(
    list()
      .map(({ eventIds, isRunning }) => [isRunning, eventIds])
      .slice(0, 2),
  ).toEqual([
    [true, ['1']],
    [false, []],
  ])
})

describe('the stream', () => {
  test('sends each exchange immediately, and ends with the server', async () => {
    const own = await startTestServer('memory', {}, { clock: systemClock })
    const answer = await fetch(`${own.baseUrl}/_sandbox/requests/stream`)
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    let text = ''
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString('utf8')
    })()
    await own.call('GET', '/payments/7')
    await expect.poll(() => text, { timeout: 30_000 }).toContain('data: ')
    expect(JSON.parse(/data: (.+)/.exec(text)?.[1] ?? '')).toMatchObject({
      id: '1',
      kind: 'api',
      summary: 'GET /api/v1/payments/7 404',
      payment_id: '7',
    })
    await own.close()
    await reading
  })

  test('refuses more listeners than its limit', async () => {
    const own = await startTestServer('memory', {}, { clock: systemClock })
    const url = `${own.baseUrl}/_sandbox/requests/stream`
    const streams = await Promise.all(Array.from({ length: 50 }, () => fetch(url)))
    expect((await fetch(url)).status).toBe(204)
    await streams[0]?.body?.cancel()
    await expect
      .poll(
        async () => {
          const next = await fetch(url)
          await next.body?.cancel()
          return next.status
        },
        { timeout: 30_000 },
      )
      .toBe(200)
    await own.close()
  })
})
