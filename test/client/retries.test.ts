import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ApiConnectionError,
  ApiError,
  type ClientOptions,
  createPaydeskClient,
  RateLimitError,
} from '../../src/client/index.ts'
import { type Sandbox, startSandbox } from '../../src/testing/index.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

type Fetch = typeof fetch
/**
 * The fate of one request: `through` succeeds, the answer of `lost` is lost, `unsent` never arrives, and a function
 * returns the answer of a proxy.
 */
type Fate = 'through' | 'lost' | 'unsent' | (() => Response)

/** Makes a client whose first requests have these fates, in order. All later requests succeed. */
async function clientWith(
  fates: readonly Fate[],
  options: Partial<Pick<ClientOptions, 'retries' | 'retriesPosts' | 'timeoutMs'>> = {},
  edition?: 'IN',
) {
  const tenant = await sandbox.tenant()
  const waits: number[] = []
  const requests: Request[] = []
  const remaining = [...fates]
  const failingFetch: Fetch = async (input, init) => {
    const url = String(input).replace('https://payments.zoho.in', tenant.baseUrl)
    requests.push(new Request(url, init))
    const fate = remaining.shift() ?? 'through'
    if (typeof fate === 'function') return fate()
    if (fate === 'unsent') throw new TypeError('fetch failed')
    const answer = await fetch(url, init)
    if (fate === 'through') return answer
    await answer.text()
    throw new TypeError('terminated')
  }
  const place = edition === undefined ? { baseUrl: tenant.baseUrl } : { edition }
  const client = createPaydeskClient({
    ...place,
    accountId: tenant.accountId,
    accessToken: tenant.accessToken,
    fetch: failingFetch,
    machine: { chance: () => 1, wait: async (ms) => void waits.push(ms) },
    ...options,
  })
  return { client, requests, tenant, waits }
}

const SESSION = { amount: '10.00', currency: 'INR' }
const answerWith =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    new Response(JSON.stringify({ code: 'error', message: 'no' }), { status, headers })
const keysOf = (requests: readonly Request[]) =>
  requests.map(({ headers }) => headers.get('idempotency-key'))

describe('a change is applied once although answers are lost:', () => {
  test('a session is created once and returned although its answer is lost twice', async () => {
    const { client, requests, tenant } = await clientWith(['lost', 'lost'])
    const session = await client.paymentSessions.create(SESSION)
    const { payments_sessions: sessions } = await tenant.client.paymentSessions.list()
    expect(sessions.map((one) => one.payments_session_id)).toEqual([session.payments_session_id])
    expect(new Set(keysOf(requests)).size).toBe(1)
    expect(requests.length).toBe(3)
  })

  test('a refund is created once although its answer is lost', async () => {
    const { client, tenant } = await clientWith(['lost'])
    const attempts = [{ method: 'upi', outcome: 'succeeded' }] as const
    const paidSession = await tenant.trigger.session({ attempts })
    const payment = paidSession.payments[0]?.payment_id ?? ''
    await client.refunds.create(payment, { amount: '40.00' })
    const { refunds } = await tenant.client.refunds.list(payment)
    expect(refunds.map(({ amount }) => amount)).toEqual(['40.00'])
  })

  test('a deletion succeeds although its answer is lost', async () => {
    const { client, tenant } = await clientWith(['lost'])
    const { webhook } = await tenant.receiver()
    await client.webhooks.delete(webhook.webhook_url_id)
    expect(await tenant.client.webhooks.list()).toEqual([])
  })

  test('two calls apply two changes, and two calls with the same key apply one', async () => {
    const { client, requests } = await clientWith([])
    const first = await client.paymentSessions.create(SESSION)
    const second = await client.paymentSessions.create(SESSION)
    expect(second.payments_session_id).not.toBe(first.payments_session_id)
    const options = { idempotencyKey: 'order-8841' }
    const third = await client.paymentSessions.create(SESSION, options)
    expect(await client.paymentSessions.create(SESSION, options)).toEqual(third)
    expect(keysOf(requests).slice(2)).toEqual(['order-8841', 'order-8841'])
  })
})

describe('the client', () => {
  test.each<[string, Fate]>([
    ['a lost connection', 'unsent'],
    ['an answer 500', answerWith(500)],
    ['an answer 503', answerWith(503)],
    ['an answer 429', answerWith(429)],
    ['an answer that is not JSON', () => new Response('<html>', { status: 200 })],
  ])('repeats a POST to Paydesk and a GET after %s', async (_what, fate) => {
    const { client, requests } = await clientWith([fate, 'through', fate])
    const session = await client.paymentSessions.create(SESSION)
    await client.paymentSessions.retrieve(session.payments_session_id)
    expect(requests.length).toBe(4)
  })

  test.each<[string, Fate, number]>([
    ['an answer 400', answerWith(400), 400],
    ['an answer 404', answerWith(404), 404],
    ['an answer 409 without Retry-After', answerWith(409), 409],
    ['an answer 302', answerWith(302), 302],
    [
      'an answer 429 with a Retry-After above a minute',
      answerWith(429, { 'retry-after': '61' }),
      429,
    ],
  ])('does not repeat a request after %s', async (_what, fate, status) => {
    const { client, requests } = await clientWith([fate])
    await expect(client.paymentSessions.create(SESSION)).rejects.toMatchObject({ status })
    expect(requests.length).toBe(1)
  })

  test('waits for the time in Retry-After before it repeats a request that is still in progress', async () => {
    const busy = answerWith(409, { 'retry-after': '1' })
    const { client, waits } = await clientWith([busy, busy])
    await client.paymentSessions.create(SESSION)
    expect(waits).toEqual([1_000, 1_000])
  })

  test('doubles its wait up to a limit, and prefers Retry-After', async () => {
    const fates = [
      answerWith(500),
      answerWith(503, { 'retry-after': '7' }),
      ...Array(6).fill('unsent'),
    ]
    const { client, waits } = await clientWith(fates, { retries: 8 })
    await client.paymentSessions.create(SESSION)
    expect(waits).toEqual([500, 7_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000])
  })

  test('never exceeds the limit of retries, and then throws the last error', async () => {
    const { client, requests } = await clientWith(['unsent', 'unsent', answerWith(503)], {
      retries: 2,
    })
    await expect(client.paymentSessions.list()).rejects.toBeInstanceOf(ApiError)
    expect(requests.length).toBe(3)
    const once = await clientWith(['unsent'], { retries: 0 })
    await expect(once.client.paymentSessions.list()).rejects.toBeInstanceOf(ApiConnectionError)
    expect(once.requests.length).toBe(1)
  })

  test('repeats GETs and refused requests to the real service, and needs retriesPosts to repeat a POST that may have been executed', async () => {
    const lossCase = await clientWith(['lost'], {}, 'IN')
    await expect(lossCase.client.paymentSessions.create(SESSION)).rejects.toMatchObject({
      code: 'connection_failed',
    })
    expect(lossCase.requests.length).toBe(1)
    const limitCase = await clientWith([answerWith(429), 'through', 'unsent'], {}, 'IN')
    await limitCase.client.paymentSessions.create(SESSION)
    await limitCase.client.paymentSessions.list()
    expect(limitCase.requests.length).toBe(4)
    const retrying = await clientWith(['unsent'], { retriesPosts: true }, 'IN')
    await retrying.client.paymentSessions.create(SESSION)
    expect(retrying.requests.length).toBe(2)
  })
})

test('a rate limit error contains the seconds to wait', async () => {
  const { client } = await clientWith([answerWith(429, { 'retry-after': '9' })], { retries: 0 })
  const error = await client.payments.list().catch((error: unknown) => error)
  expect(error).toBeInstanceOf(RateLimitError)
  expect(error).toMatchObject({ retryAfterSeconds: 9, status: 429 })
})

test('a call that its caller aborts ends with the caller’s reason, and is not repeated', async () => {
  const controller = new AbortController()
  const { client, requests } = await clientWith([
    () => {
      controller.abort(new Error('the customer has left'))
      throw new TypeError('aborted')
    },
  ])
  const call = client.payments.list({}, { signal: controller.signal })
  await expect(call).rejects.toThrow('the customer has left')
  expect(requests.length).toBe(1)
})

test('a call without an answer in time throws an error that names the time limit', async () => {
  const tenant = await sandbox.tenant()
  const client = createPaydeskClient({
    baseUrl: tenant.baseUrl,
    accountId: tenant.accountId,
    accessToken: tenant.accessToken,
    retries: 0,
    timeoutMs: 20,
    fetch: (_input, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      }),
  })
  await expect(client.payments.list()).rejects.toMatchObject({ code: 'timeout' })
})
