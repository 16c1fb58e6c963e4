/** Resets, restores and forks under load: requests wait for the new database, and nothing fails. */
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePlace, type Place, settingsAt } from '../../../test/support/engines.ts'
import { startReceiver } from '../../../test/support/receiver.ts'
import { type Control, control } from '../../../test/support/sandbox.ts'
import { ACCOUNT_ID, call, type TestServer, type WireAnswer } from '../../../test/support/server.ts'
import { startServer } from '../../server/start-server.ts'

const SESSION = { amount: 100, currency: 'INR' }
const PAID = { attempts: [{ method: 'upi', outcome: 'succeeded' }] }

type Caller = Pick<TestServer, 'call'> & {
  readonly accountId: string
  readonly sandbox: Control
  readonly baseUrl: string
}

function startLoad({ accountId, call: send, sandbox }: Caller) {
  const answers: WireAnswer[] = []
  let isOver = false
  const lane = async (ask: () => Promise<WireAnswer>) => {
    while (!isOver) answers.push(await ask())
  }
  const lanes = [
    ...Array.from({ length: 4 }, () => lane(() => send('POST', '/paymentsessions', SESSION))),
    lane(() => send('GET', '/paymentsessions')),
    lane(() => send('GET', '/events')),
    lane(() => sandbox('POST', '/sessions', PAID)),
    lane(() => sandbox('GET', '/ledger')),
    lane(() => sandbox('GET', `/api/payments?account_id=${accountId}`)),
  ]
  return {
    stop: async () => {
      isOver = true
      await Promise.all(lanes)
      return answers
    },
  }
}

describe.each(['memory', 'file', 'a tenant'] as const)('under load, on %s', (where) => {
  const lines: string[] = []
  let place: Place
  let service: Awaited<ReturnType<typeof startServer>>
  let caller: Caller
  beforeAll(async () => {
    place = await makePlace(where === 'file' ? 'file' : 'memory')
    const logTo = { write: (line: string) => void lines.push(line) }
    service = await startServer(settingsAt(place, { logLevel: 'error' }), { logTo })
    const sandbox = control(service.baseUrl)
    caller = {
      sandbox,
      accountId: ACCOUNT_ID,
      baseUrl: service.baseUrl,
      call: (method, path, body, headers) => call(service.baseUrl, method, path, body, headers),
    }
    if (where === 'a tenant') caller = await tenantOf(await sandbox('POST', '/tenants'))
  })
  afterAll(async () => {
    await service.close()
    place.remove()
  })

  test('a reset, a restore and a fork fail no request and no background work', async () => {
    const receiver = await startReceiver()
    const { call: send, sandbox } = caller
    await send('POST', '/webhooks', {
      name: 'Shop',
      url: `${receiver.url}/hooks`,
      enabled_events: ['payment.succeeded'],
    })
    expect((await sandbox('POST', '/snapshots', { name: 'begin' })).status).toBe(201)
    const sessionAnswer = await send('POST', '/paymentsessions', SESSION)
    const { access_key: key } = sessionAnswer.body.payments_session
    const page = await fetch(`${caller.baseUrl}/hostedcheckout/${key}/events`)
    expect(page.status).toBe(200)
    const pageEnd = page.text().catch((error: Error) => error.message)

    const load = startLoad(caller)
    for (let round = 0; round < 4; round += 1) {
      for (const [path, body, status] of [
        ['/fork', undefined, 201],
        ['/reset', undefined, 200],
        ['/restore', { name: 'begin' }, 200],
        ['/snapshots', { name: 'other' }, 201],
      ] as const) {
        const answer = await sandbox('POST', path, body)
        expect([path, answer.status, answer.text]).toEqual([path, status, expect.any(String)])
      }
      // The snapshot's endpoint gets webhooks, so one is under way when the next round begins.
      await receiver.waitFor(receiver.received.length + 1)
    }
    const answers = await load.stop()
    const failures = answers.filter(({ status }) => status >= 400)
    expect([...new Set(failures.map(({ status, text }) => `${status} ${text}`))]).toEqual([])
    expect(answers.length).toBeGreaterThan(50)
    expect((await sandbox('GET', '/ledger')).body.ledger.agrees).toBe(true)
    // The page's session no longer exists, so its stream ends without an error.
    expect(await pageEnd).toContain('data: ')
    expect(lines).toEqual([])
    await receiver.close()
  })

  test('concurrent resets run one after another', async () => {
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => caller.sandbox('POST', '/reset')),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect((await caller.call('POST', '/paymentsessions', SESSION)).status).toBe(201)
  })

  test('a reset does not wait for a request that a fault delays', async () => {
    await caller.sandbox('POST', '/faults', {
      target: 'route',
      match: { route: '/paymentsessions' },
      effect: { latency: '1h' },
    })
    const ending = new AbortController()
    const slow = fetch(`${caller.baseUrl}/api/v1/paymentsessions`, { signal: ending.signal })
    const slowEnd = slow.catch(() => 'ended')
    expect((await caller.sandbox('POST', '/reset')).status).toBe(200)
    ending.abort()
    expect(await slowEnd).not.toBeUndefined()
  })
})

test('a failed reset leaves the sandbox unchanged, and its error names the reason', async () => {
  const place = await makePlace('file')
  const service = await startServer(settingsAt(place, { seed: 'kept' }))
  const sandbox = control(service.baseUrl)
  const { body } = await call(service.baseUrl, 'POST', '/paymentsessions', SESSION)
  const path = `/paymentsessions/${body.payments_session.payments_session_id}`
  const before = await call(service.baseUrl, 'GET', path)
  await sandbox('POST', '/snapshots', { name: 'before' })

  // Another program writes to the file, and keeps its transaction open.
  const other = new DatabaseSync(String(place.flags.data))
  other.exec('begin immediate')
  for (const [control, body] of [
    ['/reset', undefined],
    ['/restore', { name: 'before' }],
  ] as const) {
    const refusal = await sandbox('POST', control, body)
    expect([control, refusal.status, refusal.headers.get('retry-after')]).toEqual([
      control,
      503,
      '5',
    ])
    expect(refusal.body.message).toMatch(
      /^The data file .* is locked by another program\..* The sandbox is unchanged\.$/,
    )
  }
  other.exec('rollback')
  other.close()
  expect((await call(service.baseUrl, 'GET', path)).text).toBe(before.text)
  // The next random values are also the same as before.
  const next = await call(service.baseUrl, 'POST', '/paymentsessions', SESSION)
  expect(next.status).toBe(201)
  await sandbox('POST', '/restore', { name: 'before' })
  expect((await call(service.baseUrl, 'POST', '/paymentsessions', SESSION)).text).toBe(next.text)
  expect((await sandbox('POST', '/reset')).status).toBe(200)
  expect((await call(service.baseUrl, 'GET', path)).status).toBe(404)
  await service.close()
  place.remove()
})

async function tenantOf(answer: WireAnswer): Promise<Caller> {
  const { access_token: token, account_id: accountId, base_url: baseUrl } = answer.body.tenant
  return {
    accountId,
    baseUrl,
    sandbox: control(baseUrl),
    call: (method, path, body, headers) =>
      call(baseUrl, method, `${path}?account_id=${accountId}`, body, {
        authorization: `Zoho-oauthtoken ${token}`,
        ...headers,
      }),
  }
}
