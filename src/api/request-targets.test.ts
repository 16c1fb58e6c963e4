/** Request targets and Host headers that no browser sends, written to the socket by hand. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePlace, type Place, settingsAt } from '../../test/support/engines.ts'
import { sendRaw } from '../../test/support/raw-http.ts'
import { ACCOUNT_ID, startTestServer, type TestServer } from '../../test/support/server.ts'
import { startServer } from '../server/start-server.ts'

let sandbox: TestServer
beforeAll(async () => {
  sandbox = await startTestServer('memory', { trustProxy: true })
})
afterAll(() => sandbox.close())

const ask = (target: string, ...headers: readonly string[]) =>
  sendRaw(sandbox.baseUrl, [`GET ${target} HTTP/1.1`, ...headers])

describe('a path is never read as a host', () => {
  test.each([
    ['/_sandbox/api///[', 404],
    ['/_sandbox/api//[', 404],
    ['/_sandbox/api/[', 404],
    ['/_sandbox/api/http://[', 404],
    ['/_sandbox/api//evil.test:99999/x', 404],
    ['/_sandbox/api/../oauth/v2/auth', 404],
    ['/_sandbox/api/%2e%2e/x', 404],
    ['/_sandbox/api/%zz', 400],
    ['/_sandbox/api/?[', 404],
    ['/_sandbox/api/', 404],
    [`/_sandbox/api//paymentsessions?account_id=${ACCOUNT_ID}`, 404],
    [`/_sandbox/api/paymentsessions?account_id=${ACCOUNT_ID}`, 200],
    ['/oauth/v2/auth?//[', 400],
    ['/demo/done?//[', 200],
    ['/docs///[', 404],
    ['/docs/[', 404],
    ['/console///[', 200],
    ['/docs/guides/[', 404],
    ['//[', 404],
    ['/hostedcheckout/[', 404],
    ['/hostedpages/[', 404],
    ['/charge/[', 404],
    ['/sandbox/bank/[', 404],
  ])('the target %s gets status %i', async (target, status) => {
    const answer = await ask(target, 'host: localhost')
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([
      status,
      expect.any(String),
    ])
  })

  test.each([
    '/_sandbox/api/x',
    '/oauth/v2/auth',
    '/oauth/v2/token',
    '/demo',
    '/demo/done',
    '/docs/x',
    '/console',
    '/hostedcheckout/x',
    '/healthz',
  ])('the target http://[%s with an invalid host gets 400', async (path) => {
    const answer = await ask(`http://[${path}`, 'host: localhost')
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      400,
      { code: 'invalid_parameter', message: expect.any(String), field: 'Host' },
    ])
  })
})

describe('an absolute target is handled like a relative target', () => {
  test.each(['http://localhost', 'HTTP://LOCALHOST', 'https://localhost:4242'])(
    '%s/healthz',
    async (origin) => {
      const answer = await ask(`${origin}/healthz`, 'host: localhost')
      expect([answer.status, answer.body]).toEqual([200, '{"status":"alive"}'])
    },
  )

  test('also without a path, and for requests of the console', async () => {
    expect((await ask('http://localhost?x=1', 'host: localhost')).status).toBe(200)
    const path = `/_sandbox/api/paymentsessions?account_id=${ACCOUNT_ID}`
    expect((await ask(`http://localhost${path}`, 'host: localhost')).status).toBe(200)
  })
})

describe('a path is matched literally', () => {
  test.each([
    '/%6detrics',
    '/metric%73',
    '/%68ealthz',
    '/%72eadyz',
    '/metrics#',
    '/metrics#?x',
    'http://localhost/%6detrics',
    '/%64ocs',
    '/%64ocs/static/index.html',
    '/%63onsole/x',
    '/%5fsandbox/clock',
    '/_sandbox/%61pi/paymentsessions',
    `/api/v1/%70aymentsessions?account_id=${ACCOUNT_ID}`,
    '/oauth/v2/%61uth',
    '/%61ssets/accent-112233.css',
    '/assets/%61ccent-112233.css',
  ])('the target %s gets 404', async (target) => {
    const answer = await ask(target, 'host: localhost')
    expect([target, answer.status, JSON.parse(answer.body).code]).toEqual([target, 404, 'error'])
  })

  test('a path parameter can be percent-encoded', async () => {
    const creation = await sandbox.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
    const { payments_session_id: id } = creation.body.payments_session
    const escapes = `%3${id[0]}${id.slice(1)}`
    expect((await sandbox.call('GET', `/paymentsessions/${escapes}`)).status).toBe(200)
  })
})

describe('a page shows the address of its request', () => {
  test.each([
    ['X-Forwarded-Host names another host', ['host: localhost', 'x-forwarded-host: evil.test']],
    ['X-Forwarded-Host is not a valid host', ['host: localhost', 'x-forwarded-host: [']],
    [
      'X-Forwarded-Proto is not a valid scheme',
      ['host: localhost', 'x-forwarded-proto: java script'],
    ],
  ])('also when %s', async (_name, headers) => {
    const { body, status } = await ask('/demo', ...headers)
    expect(status).toBe(200)
    expect(body).toContain('http://localhost/demo/done')
    expect(body).not.toContain('evil.test')
  })

  test('also without a Host header, as in HTTP/1.0', async () => {
    const { body } = await sendRaw(sandbox.baseUrl, ['GET /demo HTTP/1.0'])
    expect(body).toContain(`${sandbox.baseUrl}/demo/done`)
  })
})

const TWO_HOSTS: readonly (readonly string[])[] = [
  ['host: localhost', 'host: localhost'],
  ['host: localhost', 'HOST: evil.test'],
  ['host: evil.test', 'x-a: b', 'Host: localhost'],
  ['host: localhost', 'host: localhost', 'host: localhost'],
]
const INVALID_HOSTS: readonly string[] = [
  'host:',
  'host: [',
  'host: [::1',
  'host: a b',
  'host: user@localhost',
  'host: localhost/x',
  'host: localhost:99999',
  'host: localhost, localhost',
  'host: %6cocalhost',
  'host: 1.2.3.4.5',
  'host: .',
  `host: ${'a'.repeat(300)}`,
]

describe.each(['a sandbox', 'live mode'] as const)('in %s', (mode) => {
  let baseUrl = ''
  let place: Place
  let close = async () => {}
  beforeAll(async () => {
    place = await makePlace('file')
    if (mode === 'a sandbox') {
      baseUrl = sandbox.baseUrl
      return
    }
    const live = await startServer(
      settingsAt(place, {
        live: true,
        secretKey: '0f'.repeat(32),
        processor: new URL('../../test/support/processor-module.ts', import.meta.url).pathname,
      }),
    )
    baseUrl = live.baseUrl
    close = live.close
  })
  afterAll(async () => {
    await close()
    place.remove()
  })
  const status = async (target: string, headers: readonly string[]) =>
    (await sendRaw(baseUrl, [`GET ${target} HTTP/1.1`, ...headers])).status

  test.each(TWO_HOSTS)('several Host headers get 400: %s, %s', async (...headers) => {
    for (const target of ['/healthz', '/api/v1/paymentsessions', '/nowhere', 'http://localhost/']) {
      const answer = await sendRaw(baseUrl, [`GET ${target} HTTP/1.1`, ...headers])
      expect([target, answer.status, JSON.parse(answer.body)]).toEqual([
        target,
        400,
        { code: 'invalid_parameter', message: expect.stringContaining('Host'), field: 'Host' },
      ])
    }
  })

  test.each(INVALID_HOSTS)('the invalid header %s gets 400', async (header) => {
    expect(await status('/healthz', [header])).toBe(400)
  })

  test('/metrics is served only at its literal path', async () => {
    expect(await status('/metrics', ['host: localhost'])).toBe(200)
    expect(await status('/%6detrics', ['host: localhost'])).toBe(404)
    expect(await status('/metrics/', ['host: localhost'])).toBe(404)
  })

  test('a request of HTTP/1.0 needs no Host', async () => {
    expect((await sendRaw(baseUrl, ['GET /healthz HTTP/1.0'])).status).toBe(200)
  })
})
