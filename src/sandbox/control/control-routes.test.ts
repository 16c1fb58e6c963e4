/** A sandbox's clock, its tenants and its snapshots, and their absence in live mode. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ENGINES, makePlace, settingsAt } from '../../../test/support/engines.ts'
import { startReceiver } from '../../../test/support/receiver.ts'
import { type Control, control } from '../../../test/support/sandbox.ts'
import { ACCOUNT_ID, call, startTestServer, type TestServer } from '../../../test/support/server.ts'
import { deleteEndpoints, registerEndpoint } from '../../../test/support/webhooks.ts'
import { systemClock } from '../../server/clock.ts'
import { startServer } from '../../server/start-server.ts'
import { SANDBOX_VALUES } from '../well-known.ts'
import { CONTROL_ROUTES } from './routes.ts'

const SESSION = { amount: 100, currency: 'INR' }
const PAID = { attempts: [{ method: 'upi', outcome: 'succeeded' }] }

type Tenant = {
  readonly name: string
  readonly baseUrl: string
  readonly accountId: string
  readonly sandbox: Control
  readonly call: TestServer['call']
}

async function tenantOf(madeNames: Readonly<Record<string, string>>): Promise<Tenant> {
  const {
    access_token: token,
    account_id: accountId = '',
    base_url: baseUrl = '',
    name = '',
  } = madeNames
  return {
    name,
    baseUrl,
    accountId,
    sandbox: control(baseUrl),
    call: (method, path, body, headers) => {
      const query = `${path.includes('?') ? '&' : '?'}account_id=${accountId}`
      const authorization = `Zoho-oauthtoken ${token}`
      return call(baseUrl, method, `${path}${query}`, body, { authorization, ...headers })
    },
  }
}

async function makeTenant(sandbox: Control, body?: unknown): Promise<Tenant> {
  const tenantAnswer = await sandbox('POST', '/tenants', body)
  expect([tenantAnswer.status, tenantAnswer.text]).toEqual([201, expect.any(String)])
  return tenantOf(tenantAnswer.body.tenant)
}

describe.each(ENGINES)('a moved clock, on %s', (engine) => {
  let server: TestServer
  let sandbox: Control
  beforeAll(async () => {
    server = await startTestServer(engine, { seed: `clock ${engine}` })
    sandbox = control(server.baseUrl)
  })
  afterAll(() => server.close())
  const advance = (by: string) => sandbox('POST', '/clock/advance', { by })
  const timeMs = async () => (await sandbox('GET', '/clock')).body.clock.time_ms as number

  test('a move of 54 hours makes all 36 retries of a webhook at their scheduled times, and disables the endpoint', async () => {
    const receiver = await startReceiver(({ body }) => ({
      status: body.includes('webhook.test') ? 200 : 500,
    }))
    const endpoint = await registerEndpoint(server, receiver)
    const startMs = await timeMs()
    const eventAnswer = await sandbox('POST', '/events', { event_type: 'payment.succeeded' })
    const eventId = eventAnswer.body.event.event_id
    await expect.poll(() => receiver.received.length, { timeout: 30_000 }).toBe(2)
    // A part of each wait is random. Together they take about two days.
    const answer = await advance('54h')
    expect(answer.body.clock.stop_count).toBeGreaterThanOrEqual(36)
    expect(answer.body.clock.time_ms).toBe(startMs + 54 * 3_600_000)

    const { delivery } = (
      await server.call('GET', `/webhooks/${endpoint.id}/deliveries/${eventId}`)
    ).body
    expect(delivery).toMatchObject({ status: 'held', attempt_count: 37 })
    const times: number[] = delivery.attempts.map(({ time }: { time: number }) => time)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    waits.forEach((wait, index) => {
      const hours = index < 24 ? 1 : 2
      expect([index, Math.abs(wait / 3_600 - hours) <= 0.1 * hours + 0.001]).toEqual([index, true])
    })
    const sentAt = receiver.received
      .slice(1)
      .map(({ headers }) => Number(headers['webhook-timestamp']))
    expect(sentAt).toEqual(times)
    const { webhook } = (await server.call('GET', `/webhooks/${endpoint.id}`)).body
    expect(webhook.status).toBe('disabled')
    await deleteEndpoints(server)
    await receiver.close()
  })

  test('other requests are answered while a move waits for a receiver', async () => {
    const receiver = await startReceiver(({ body }) =>
      body.includes('webhook.test') ? { status: 200 } : 'hang',
    )
    await registerEndpoint(server, receiver)
    await sandbox('POST', '/events', { event_type: 'payment.succeeded' })
    const moving = advance('2h')
    await receiver.waitFor(2)
    expect((await fetch(`${server.baseUrl}/readyz`)).status).toBe(200)
    expect((await server.call('POST', '/paymentsessions', SESSION)).status).toBe(201)
    await receiver.close()
    expect((await moving).status).toBe(200)
    await deleteEndpoints(server)
  })

  test('a session expires at its expiry time', async () => {
    const creation = await server.call('POST', '/paymentsessions', SESSION)
    const { expiry_time: expiry, payments_session_id: id } = creation.body.payments_session
    const status = async () =>
      (await server.call('GET', `/paymentsessions/${id}`)).body.payments_session.status
    await advance(`${expiry * 1000 - (await timeMs()) - 1_000}ms`)
    expect(await status()).toBe('created')
    await advance('1s')
    expect(await status()).toBe('expired')
  })

  test('a delayed outcome arrives after ten seconds, and the end of a refund after two seconds', async () => {
    const attempts = [{ method: 'upi', outcome: 'succeeded', after: '10s' }]
    const { payments_session: newSession } = (await sandbox('POST', '/sessions', { attempts })).body
    const path = `/paymentsessions/${newSession.payments_session_id}`
    const session = async () => (await server.call('GET', path)).body.payments_session
    await advance('9s')
    expect((await session()).status).toBe('in_progress')
    await advance('1s')
    expect((await session()).status).toBe('succeeded')

    const [{ payment_id: paymentId }] = (await session()).payments
    const refundBody = {
      amount: 10,
      reason: 'requested_by_customer',
      type: 'initiated_by_merchant',
    }
    const refund = (await server.call('POST', `/payments/${paymentId}/refunds`, refundBody)).body
      .refund
    const status = async () =>
      (await server.call('GET', `/refunds/${refund.refund_id}`)).body.refund.status
    await advance('0s')
    expect(await status()).not.toBe('succeeded')
    await advance('1999ms')
    expect(await status()).not.toBe('succeeded')
    await advance('1ms')
    expect(await status()).toBe('succeeded')
  })

  test('a token expires after an hour, and an idempotency key after a day', async () => {
    const { clientId, clientSecret, refreshToken } = SANDBOX_VALUES
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
    })
    const answer = await fetch(`${server.baseUrl}/oauth/v2/token`, { method: 'POST', body })
    const { access_token: token } = (await answer.json()) as { access_token: string }
    const authorization = `Zoho-oauthtoken ${token}`
    const create = (headers: Readonly<Record<string, string>>) =>
      server.call('POST', '/paymentsessions', SESSION, headers)
    const key = { 'idempotency-key': `of a day on ${engine}` }
    const first = await create({ authorization, ...key })
    expect(first.status).toBe(201)
    await advance('59m')
    expect((await create({ authorization })).status).toBe(201)
    await advance('1m')
    expect((await create({ authorization })).status).toBe(401)
    await advance('22h')
    expect((await create(key)).text).toBe(first.text)
    await advance('61m')
    const second = await create(key)
    expect(second.status).toBe(201)
    expect(second.text).not.toBe(first.text)
  })

  test('an open page gets the event that its session has expired', async () => {
    const creation = await server.call('POST', '/paymentsessions', SESSION)
    const { access_key: key } = creation.body.payments_session
    const ending = new AbortController()
    const stream = await fetch(`${server.baseUrl}/hostedcheckout/${key}/events`, {
      signal: ending.signal,
    })
    let text = ''
    const reading = (async () => {
      for await (const chunk of stream.body ?? []) text += Buffer.from(chunk).toString('utf8')
    })().catch(() => {})
    const messageCount = () => text.match(/^data: /gm)?.length ?? 0
    await expect.poll(messageCount, { timeout: 30_000 }).toBe(1)
    await advance('16m')
    await expect.poll(messageCount, { timeout: 30_000 }).toBe(2)
    ending.abort()
    await reading
  })
})

describe('the clock', () => {
  let server: TestServer
  let sandbox: Control
  beforeAll(async () => {
    server = await startTestServer('memory', {}, { clock: systemClock })
    sandbox = control(server.baseUrl)
  })
  afterAll(() => server.close())
  const clock = async () => (await sandbox('GET', '/clock')).body.clock

  test('follows the machine’s clock until it is frozen, and runs faster at a higher rate', async () => {
    expect(await clock()).toMatchObject({ is_frozen: false, rate: 1 })
    const { clock: frozenClock } = (await sandbox('POST', '/clock/freeze')).body
    expect(frozenClock).toMatchObject({ is_frozen: true, rate: 0 })
    await sandbox('GET', '/requests')
    expect(await clock()).toEqual(frozenClock)
    expect((await sandbox('POST', '/clock/run', { rate: 36_000 })).body.clock.rate).toBe(36_000)
    await expect
      .poll(async () => (await clock()).time_ms - frozenClock.time_ms, { timeout: 30_000 })
      .toBeGreaterThan(3_600_000)
    await sandbox('POST', '/clock/run')
    expect(await clock()).toMatchObject({ is_frozen: false, rate: 1 })
  })

  test('can be set forward, and not back', async () => {
    const { time_ms: nowMs } = (await sandbox('POST', '/clock/freeze')).body.clock
    const timeAfter = (ms: number) => new Date(nowMs + ms).toISOString()
    const set = (time: unknown) => sandbox('POST', '/clock/set', { time })
    expect((await set(timeAfter(86_400_000))).body.clock.time).toBe(timeAfter(86_400_000))
    const backAnswer = await set(timeAfter(0))
    expect([backAnswer.status, backAnswer.body.field]).toEqual([400, 'time'])
    expect(backAnswer.body.message).toContain(`must not be before ${timeAfter(86_400_000)}`)
    for (const wrong of ['yesterday', '2030-01-01T00:00:00', 5, timeAfter(800 * 86_400_000)]) {
      expect((await set(wrong)).status).toBe(400)
    }
    for (const by of ['-1s', '2 days', '367d', null]) {
      expect((await sandbox('POST', '/clock/advance', { by })).status).toBe(400)
    }
    for (const rate of [0, -1, 100_001, 'fast']) {
      expect((await sandbox('POST', '/clock/run', { rate })).status).toBe(400)
    }
    expect((await clock()).time).toBe(timeAfter(86_400_000))
  })

  test('ends in 2090: a later time is refused, and sessions can be created until then', async () => {
    const tenant = await makeTenant(sandbox)
    const advance = (by: string) => tenant.sandbox('POST', '/clock/advance', { by })
    let status = 200
    while (status === 200) status = (await advance('366d')).status
    const refusal = await advance('366d')
    expect([refusal.status, refusal.body.field]).toEqual([400, 'by'])
    expect(refusal.body.message).toBe(
      'by must not move the clock beyond its end, 2090-01-01T00:00:00.000Z.',
    )
    const set = await tenant.sandbox('POST', '/clock/set', { time: '2090-01-01T00:00:00.001Z' })
    expect([set.status, set.body.field]).toEqual([400, 'time'])
    const end = await tenant.sandbox('POST', '/clock/set', { time: '2090-01-01T00:00:00Z' })
    expect(end.status).toBe(200)
    expect((await tenant.call('POST', '/paymentsessions', SESSION)).status).toBe(201)
    await sandbox('DELETE', `/tenants/${tenant.name}`)
  })

  test('runs concurrent moves one after another', async () => {
    const { time_ms: beforeMs } = await clock()
    await Promise.all(
      Array.from({ length: 20 }, () => sandbox('POST', '/clock/advance', { by: '1m' })),
    )
    expect((await clock()).time_ms).toBe(beforeMs + 20 * 60_000)
  })
})

describe('tenants', () => {
  let server: TestServer
  let sandbox: Control
  beforeAll(async () => {
    server = await startTestServer('memory')
    sandbox = control(server.baseUrl)
  })
  afterAll(() => server.close())

  test('forty concurrent tenants never see each other’s data', async () => {
    const tenants = await Promise.all(Array.from({ length: 40 }, () => makeTenant(sandbox)))
    expect(new Set(tenants.map(({ accountId }) => accountId)).size).toBe(40)
    const tenantData = await Promise.all(
      tenants.map(async (tenant, index) => {
        const count = 1 + (index % 4)
        const receiver = await startReceiver()
        await registerEndpoint({ ...server, call: tenant.call }, receiver)
        await tenant.sandbox('POST', '/clock/freeze')
        await tenant.sandbox('POST', '/clock/advance', { by: `${index + 1}d` })
        await tenant.sandbox('POST', '/faults', {
          target: 'route',
          match: { route: `/payments/${index}` },
          effect: { status: 418 },
        })
        const ids: string[] = []
        for (let sessionIndex = 0; sessionIndex < count; sessionIndex += 1) {
          const answer = await tenant.sandbox('POST', '/sessions', {
            ...PAID,
            session: { ...SESSION, description: `of ${tenant.name}` },
          })
          expect(answer.status).toBe(201)
          ids.push(answer.body.payments_session.payments_session_id)
          await tenant.call('GET', `/payments/${index}`)
        }
        await tenant.sandbox('POST', '/clock/advance', { by: '1s' })
        const sessions = (await tenant.call('GET', '/paymentsessions')).body
        const requests = (await tenant.sandbox('GET', '/requests?limit=1000&kind=api')).body
          .requests
        const events = receiver.received.slice(1).map(({ body }) => JSON.parse(body))
        await receiver.close()
        return { count, events, ids, index, requests, sessions, tenant }
      }),
    )
    for (const { count, events, ids, index, requests, sessions, tenant } of tenantData) {
      const sessionIds = sessions.payments_sessions.map(
        (one: { payments_session_id: string }) => one.payments_session_id,
      )
      expect(sessionIds.toSorted()).toEqual(ids.toSorted())
      expect(events.map(({ account_id: id }) => String(id))).toEqual(
        Array.from({ length: count }, () => tenant.accountId),
      )
      const paths = requests.filter(({ path }: { path: string }) => path.includes('/payments/'))
      expect(paths).toHaveLength(count)
      for (const one of paths) {
        expect(one).toMatchObject({
          path: expect.stringContaining(`/payments/${index}?`),
          response: { status: 418 },
        })
      }
    }
    const [one, another] = tenants
    const { time_ms: oneMs } = (await one?.sandbox('GET', '/clock'))?.body.clock ?? {}
    const { time_ms: anotherMs } = (await another?.sandbox('GET', '/clock'))?.body.clock ?? {}
    expect(Math.round((anotherMs - oneMs) / 86_400_000)).toBe(1)
    const crossAccountAnswer = await call(
      one?.baseUrl ?? '',
      'GET',
      `/payments?account_id=${another?.accountId}`,
    )
    expect(crossAccountAnswer.status).toBe(401)
    expect((await server.call('GET', '/paymentsessions')).body.page_context.total).toBe(0)
    expect((await sandbox('GET', '/tenants')).body.tenants).toHaveLength(41)
    for (const { name } of tenants) {
      expect((await sandbox('DELETE', `/tenants/${name}`)).status).toBe(200)
    }
    expect((await sandbox('GET', '/tenants')).body.tenants).toHaveLength(1)
    await expect(fetch(`${one?.baseUrl}/healthz`)).rejects.toThrow()
  })

  test('a name belongs to one tenant, and the main tenant cannot be deleted', async () => {
    const { name } = await makeTenant(sandbox, { name: 'shop' })
    const again = await sandbox('POST', '/tenants', { name })
    expect([again.status, again.body.field]).toEqual([400, 'name'])
    expect((await sandbox('POST', '/tenants', { name: 'Not a name' })).status).toBe(400)
    expect((await sandbox('DELETE', '/tenants/main')).status).toBe(404)
    expect((await sandbox('DELETE', `/tenants/${name}`)).status).toBe(200)
    expect((await sandbox('DELETE', `/tenants/${name}`)).status).toBe(404)
  })

  test('two runs with the same seed give the same bytes', async () => {
    const run = async (seed: string) => {
      let failedCount = 0
      const receiver = await startReceiver(() => {
        failedCount += 1
        return { status: failedCount === 3 ? 500 : 200 }
      })
      const tenant = await makeTenant(sandbox, { seed })
      const messages: string[] = []
      const note = async (answer: Promise<{ readonly text: string; readonly status: number }>) => {
        const { status, text } = await answer
        messages.push(`${status} ${text}`)
        return JSON.parse(text)
      }
      await note(
        tenant.call('POST', '/webhooks', {
          name: 'Shop',
          url: `${receiver.url}/hooks`,
          enabled_events: [
            'payment.succeeded',
            'payment.failed',
            'refund.succeeded',
            'refund.failed',
          ],
        }),
      )
      await tenant.sandbox('POST', '/faults', {
        target: 'webhook',
        probability: 0.5,
        effect: { duplicate: true },
      })
      for (const outcome of ['succeeded', 'failed', 'succeeded']) {
        const attempts = [{ method: 'card', outcome, after: '5s' }]
        const { payments_session: newSession } = await note(
          tenant.sandbox('POST', '/sessions', { attempts }),
        )
        await tenant.sandbox('POST', '/clock/advance', { by: '5s' })
        const path = `/paymentsessions/${newSession.payments_session_id}`
        const { payments_session: session } = await note(tenant.call('GET', path))
        const [{ payment_id: id }] = session.payments
        const refundBody = {
          amount: 5,
          reason: 'requested_by_customer',
          type: 'initiated_by_merchant',
        }
        await note(tenant.call('POST', `/payments/${id}/refunds`, refundBody))
        await tenant.sandbox('POST', '/clock/advance', { by: '1h' })
        await note(tenant.call('GET', `/payments/${id}`))
      }
      await tenant.sandbox('POST', '/clock/advance', { by: '2d' })
      await note(tenant.call('GET', '/events'))
      await note(tenant.call('GET', '/payments'))
      await note(tenant.sandbox('GET', '/ledger'))
      await note(tenant.sandbox('GET', '/clock'))
      await note(tenant.sandbox('GET', '/faults'))
      for (const { body, headers } of receiver.received) {
        messages.push(
          `${body} ${headers['x-zoho-webhook-signature']} ${headers['webhook-signature']}`,
        )
      }
      await receiver.close()
      await sandbox('DELETE', `/tenants/${tenant.name}`)
      return messages
        .join('\n')
        .replaceAll(tenant.baseUrl, 'BASE')
        .replaceAll(receiver.url, 'RECEIVER')
    }
    const first = await run('same')
    expect(first.match(/"event_type":"refund.succeeded"/g)?.length).toBeGreaterThan(2)
    expect(await run('same')).toBe(first)
    expect(await run('other')).not.toBe(first)
  })
})

describe.each(['memory', 'file'] as const)('snapshots, on %s', (engine) => {
  let server: TestServer
  let sandbox: Control
  beforeAll(async () => {
    server = await startTestServer(engine, { seed: 'snapshots' })
    sandbox = control(server.baseUrl)
  })
  afterAll(() => server.close())
  afterEach(() => sandbox('POST', '/reset'))
  const total = async (from: Pick<TestServer, 'call'> = server) =>
    (await from.call('GET', '/paymentsessions')).body.page_context.total
  const create = (from: Pick<TestServer, 'call'> = server) =>
    from.call('POST', '/paymentsessions', SESSION)

  test('restore the data, the clock and the state of the random numbers', async () => {
    const { body } = await sandbox('POST', '/sessions', PAID)
    const snapshotAnswer = await sandbox('POST', '/snapshots', { name: 'paid' })
    expect([snapshotAnswer.status, snapshotAnswer.body.snapshot.name]).toEqual([201, 'paid'])
    const next = await create()
    await sandbox('POST', '/clock/advance', { by: '3d' })
    await sandbox('POST', '/sessions', PAID)
    const restoration = await sandbox('POST', '/restore', { name: 'paid' })
    expect(restoration.body.snapshot).toEqual(snapshotAnswer.body.snapshot)
    expect(await total()).toBe(1)
    const { payments_session_id: id } = body.payments_session
    expect((await server.call('GET', `/paymentsessions/${id}`)).body.payments_session.status).toBe(
      'succeeded',
    )
    expect((await sandbox('GET', '/clock')).body.clock.time).toBe(snapshotAnswer.body.snapshot.time)
    expect((await create()).text).toBe(next.text)
    expect((await sandbox('GET', '/ledger')).body.ledger.agrees).toBe(true)
  })

  test('keep customers, payment links, virtual accounts, payouts and messages, even in a fork', async () => {
    const customer = { name: 'Asha', email: 'asha@shop.test', phone: '+91 90000 00001' }
    const { customer_id } = (await server.call('POST', '/customers', customer)).body.customer
    const account = { description: 'Dealer', customer_id }
    await server.call('POST', '/virtualaccounts', account)
    const link = {
      amount: '700.00',
      currency: 'INR',
      description: 'Order 1',
      email: 'asha@shop.test',
      notify_customer: { email: true },
    }
    const { payment_link_id } = (await server.call('POST', '/paymentlinks', link)).body
      .payment_links
    await sandbox('POST', '/events', { event_type: 'payout.paid' })
    await sandbox('POST', '/events', { event_type: 'virtual_account.paid' })
    const read = async (from: Pick<TestServer, 'call'>, of: Control) => {
      const paths = ['customers', 'paymentlinks', 'virtualaccounts', 'payouts', 'balance']
      const lists = paths.map(async (path) => (await from.call('GET', `/${path}`)).body)
      return [...(await Promise.all(lists)), (await of('GET', '/messages')).body.messages]
    }
    const before = await read(server, sandbox)
    const lengths = before.slice(0, 4).map((list) => list.page_context.total)
    expect(lengths).toEqual([1, 1, 2, 1])
    expect(before[5].length).toBeGreaterThan(1)
    await sandbox('POST', '/snapshots', { name: 'all' })

    await server.call('PUT', `/paymentlinks/${payment_link_id}/cancel`)
    await server.call('PUT', `/customers/${customer_id}`, { name: 'Ben' })
    await sandbox('POST', '/events', { event_type: 'payout.failed' })
    expect(await read(server, sandbox)).not.toEqual(before)
    await sandbox('POST', '/restore', { name: 'all' })
    expect(await read(server, sandbox)).toEqual(before)

    const fork = await makeTenant(sandbox, { snapshot: 'all' })
    const inFork = await read(fork, fork.sandbox)
    const textOf = (value: unknown, base: string) => JSON.stringify(value).replaceAll(base, 'BASE')
    expect(textOf(inFork, fork.baseUrl)).toBe(textOf(before, server.baseUrl))
    // The address of a copied link opens its page in the copy.
    const [, { payment_links: links }] = inFork
    expect((await fetch(links[0].url)).status).toBe(200)
    await fork.sandbox('POST', `/payment_links/${payment_link_id}/expire`)
    expect((await fetch(links[0].url)).status).toBe(410)
    expect((await sandbox('GET', '/ledger')).body.ledger.agrees).toBe(true)
    expect((await fork.sandbox('GET', '/ledger')).body.ledger.agrees).toBe(true)
    await sandbox('DELETE', `/tenants/${fork.name}`)
  })

  test('can be listed and deleted, and the error for a missing snapshot names it', async () => {
    await sandbox('POST', '/snapshots', { name: 'a' })
    await sandbox('POST', '/snapshots', { name: 'a' })
    const names = async () =>
      (await sandbox('GET', '/snapshots')).body.snapshots.map((one: { name: string }) => one.name)
    expect((await names()).filter((name: string) => name === 'a')).toEqual(['a'])
    expect((await sandbox('DELETE', '/snapshots/a')).status).toBe(200)
    expect((await sandbox('DELETE', '/snapshots/a')).status).toBe(404)
    const missing = await sandbox('POST', '/restore', { name: 'a' })
    expect([missing.status, missing.body.field]).toEqual([404, 'name'])
    expect(await names()).not.toContain('a')
  })

  test('can be forked into sandboxes that change independently', async () => {
    await create()
    await sandbox('POST', '/snapshots', { name: 'one' })
    await create()
    const fork = await tenantOf((await sandbox('POST', '/fork')).body.tenant)
    const fromSnapshot = await makeTenant(sandbox, { snapshot: 'one' })
    expect([await total(), await total(fork), await total(fromSnapshot)]).toEqual([2, 2, 1])
    await create(fork)
    await create(fork)
    await create(fromSnapshot)
    expect([await total(), await total(fork), await total(fromSnapshot)]).toEqual([2, 4, 2])
    const { time } = (await sandbox('GET', '/clock')).body.clock
    expect((await fork.sandbox('GET', '/clock')).body.clock.time.slice(0, 10)).toBe(
      time.slice(0, 10),
    )
    for (const { name } of [fork, fromSnapshot]) await sandbox('DELETE', `/tenants/${name}`)
  })

  test('a reset keeps only the preset accounts and the clock', async () => {
    await sandbox('POST', '/sessions', PAID)
    await sandbox('POST', '/faults', { target: 'webhook', effect: { drop: true } })
    const { time } = (await sandbox('GET', '/clock')).body.clock
    const reset = await sandbox('POST', '/reset')
    expect(reset.body.tenant).toMatchObject({ name: 'main', account_id: ACCOUNT_ID })
    expect(await total()).toBe(0)
    expect((await sandbox('GET', '/faults')).body.faults).toEqual([])
    expect((await sandbox('GET', '/clock')).body.clock.time).toBe(time)
    expect((await create()).status).toBe(201)
    expect((await sandbox('POST', '/sessions', PAID)).status).toBe(201)
  })
})

test('on PostgreSQL a snapshot, a fork and a reset are refused with the reason, and tenants work', async () => {
  const server = await startTestServer('postgres')
  const sandbox = control(server.baseUrl)
  for (const [path, body] of [
    ['/snapshots', { name: 'a' }],
    ['/fork', undefined],
    ['/reset', undefined],
  ] as const) {
    const answer = await sandbox('POST', path, body)
    expect([path, answer.status]).toEqual([path, 400])
    expect(answer.body.message).toBe(
      'Snapshots, restores, forks and resets need the embedded database: this sandbox runs on PostgreSQL.',
    )
  }
  const tenant = await makeTenant(sandbox)
  expect((await tenant.call('POST', '/paymentsessions', SESSION)).status).toBe(201)
  expect((await tenant.sandbox('POST', '/snapshots', { name: 'a' })).status).toBe(201)
  await server.close()
})

test('the description has every route of the control API, with 413 and 415 for each body, and the server gives these answers', async () => {
  const server = await startTestServer('memory')
  const { paths } = (await (await fetch(`${server.baseUrl}/_sandbox/openapi.json`)).json()) as {
    paths: Readonly<
      Record<
        string,
        Readonly<Record<string, { operationId: string; requestBody?: object; responses: object }>>
      >
    >
  }
  for (const { body, method, operationId, url } of CONTROL_ROUTES) {
    const description = paths[`/_sandbox${url}`]?.[method.toLowerCase()]
    expect(description).toMatchObject({ operationId })
    expect(description?.requestBody !== undefined, operationId).toBe(body !== undefined)
    const statuses = Object.keys(description?.responses ?? {})
    expect(statuses.includes('413') && statuses.includes('415'), operationId).toBe(
      body !== undefined,
    )
  }
  const send = async (headers: Readonly<Record<string, string>>, body: string) => {
    const url = `${server.baseUrl}/_sandbox/faults`
    const type = { 'content-type': 'application/json' }
    return (await fetch(url, { method: 'POST', headers: { ...type, ...headers }, body })).status
  }
  expect(await send({ 'content-encoding': 'compress' }, '{}')).toBe(415)
  expect(await send({}, `"${'x'.repeat(2_000_000)}"`)).toBe(413)
  await server.close()
})

describe('in live mode', () => {
  test('every path of the control API gets 404', async () => {
    const sandbox = await startTestServer('memory')
    const { paths } = (await (await fetch(`${sandbox.baseUrl}/_sandbox/openapi.json`)).json()) as {
      paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    }
    await sandbox.close()
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [
        method.toUpperCase(),
        path.replaceAll(/\{\w+\}/g, '1'),
      ]),
    )
    expect(routes.length).toBeGreaterThan(20)
    expect(routes).toContainEqual(['POST', '/_sandbox/faults'])
    expect(routes).toContainEqual(['GET', '/_sandbox/requests/stream'])

    const place = await makePlace('file')
    const live = await startServer(
      settingsAt(place, {
        live: true,
        secretKey: 'cd'.repeat(32),
        processor: new URL('../../../test/support/processor-module.ts', import.meta.url).pathname,
      }),
    )
    const ask = async (method: string, path: string) => {
      const answer = await fetch(`${live.baseUrl}${path}`, {
        method,
        ...(method !== 'GET' && {
          headers: { 'content-type': 'application/json' },
          body: '{}',
        }),
      })
      return [answer.status, await answer.text()]
    }
    for (const [method = '', path = ''] of [...routes, ['GET', '/_sandbox'], ['GET', '/console']]) {
      const answer = await ask(method, '/nothing/is/here')
      expect(answer[0]).toBe(404)
      expect([method, path, ...(await ask(method, path))]).toEqual([method, path, ...answer])
    }
    const documentText = await (await fetch(`${live.baseUrl}/openapi.json`)).text()
    expect(documentText).not.toContain('_sandbox')
    // The documentation shows the calls without a form, because it is not the page of a sandbox.
    const [status, page] = await ask('GET', '/docs/control/clock')
    expect(status).toBe(200)
    expect(page).toContain('http://127.0.0.1:4242/_sandbox/clock')
    expect(page).not.toMatch(/class="(?:try|credentials)/)
    await live.close()
    place.remove()
  })
})

test('a page of another origin cannot control a sandbox', async () => {
  const sandbox = await startTestServer('memory')
  const url = `${sandbox.baseUrl}/_sandbox/reset`
  const sendReset = (headers: Readonly<Record<string, string>>, body?: string) =>
    fetch(url, { method: 'POST', headers, ...(body !== undefined && { body }) })
  expect((await sendReset({ 'content-type': 'text/plain' }, '{}')).status).toBe(400)
  expect((await sendReset({ 'sec-fetch-site': 'cross-site' })).status).toBe(400)
  expect((await sendReset({})).status).toBe(200)
  await sandbox.close()
})
