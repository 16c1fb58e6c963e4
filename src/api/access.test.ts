/** The pages that may call a server, and the host names under which a sandbox answers. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visit } from '../../test/support/customer.ts'
import { makePlace, settingsAt } from '../../test/support/engines.ts'
import { type RawAnswer, sendRaw } from '../../test/support/raw-http.ts'
import { control } from '../../test/support/sandbox.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, TOKEN } from '../../test/support/server.ts'
import { startServer } from '../server/start-server.ts'

const EVIL = 'http://evil.test'
const ACCOUNT = `account_id=${ACCOUNT_ID}`
const WITH_TOKEN = `authorization: Zoho-oauthtoken ${TOKEN}`

let sandbox: TestServer
/** The addresses of the sandbox and of one of its tenants. */
let baseUrls: readonly string[]
beforeAll(async () => {
  sandbox = await startTestServer('memory', { trustProxy: true })
  const tenantAnswer = await control(sandbox.baseUrl)('POST', '/tenants', {})
  baseUrls = [sandbox.baseUrl, tenantAnswer.body.tenant.base_url]
})
afterAll(() => sandbox.close())

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const hostOf = (baseUrl: string) => `host: ${new URL(baseUrl).host}`
/** Sends a request with the right Host, unless `headers` has another one. */
function ask(
  requestLine: string,
  headers: readonly string[] = [],
  body = '',
  baseUrl = sandbox.baseUrl,
): Promise<RawAnswer> {
  const own = headers.some((line) => /^host:/i.test(line)) ? [] : [hostOf(baseUrl)]
  return sendRaw(baseUrl, [`${requestLine} HTTP/1.1`, ...own, ...headers], body)
}

/** Requests to every folder of routes. If a folder has routes that change something, one of them is here. */
const REQUESTS: readonly (readonly [
  requestLine: string,
  headers?: readonly string[],
  body?: string,
])[] = [
  [`GET /api/v1/paymentsessions?${ACCOUNT}`, [WITH_TOKEN]],
  [
    `POST /api/v1/paymentsessions?${ACCOUNT}`,
    [WITH_TOKEN, 'content-type: text/plain'],
    '{"amount":1,"currency":"INR"}',
  ],
  [
    `POST /api/v1/webhooks?${ACCOUNT}`,
    [WITH_TOKEN],
    '{"url":"http://127.0.0.1:1/x","events":["payment.succeeded"]}',
  ],
  ['GET /api/v1/nothing'],
  [`GET /_sandbox/api/paymentsessions?${ACCOUNT}`],
  [
    `POST /_sandbox/api/paymentsessions?${ACCOUNT}`,
    ['content-type: application/json'],
    '{"amount":1,"currency":"INR"}',
  ],
  ['GET /_sandbox/facts'],
  ['GET /_sandbox/requests/stream', ['accept: text/event-stream']],
  ['POST /_sandbox/clock/advance', ['content-type: application/json'], '{"by":"2d"}'],
  ['POST /_sandbox/reset'],
  ['DELETE /_sandbox/requests'],
  ['GET /_sandbox/openapi.json'],
  ['POST /oauth/v2/token', [], 'grant_type=refresh_token'],
  ['POST /oauth/v2/consent', [], 'decision=allow'],
  ['GET /oauth/v2/auth?client_id=1'],
  ['GET /console'],
  ['GET /console/sessions/1'],
  ['GET /demo'],
  ['POST /demo/session', [], 'product=tea'],
  ['GET /docs'],
  ['GET /docs/guides/webhooks'],
  ['GET /docs/search.json'],
  ['GET /openapi.json'],
  ['GET /llms-full.txt'],
  ['GET /metrics'],
  ['GET /nothing'],
  [
    'GET /_sandbox/facts',
    ['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'],
  ],
]

/** Reads the state that a request in `REQUESTS` could change. Freezes the clock, so that time changes nothing. */
async function stateOf(baseUrl: string): Promise<unknown> {
  const send = control(baseUrl)
  await send('POST', '/clock/freeze')
  const read = async (path: string) => (await send('GET', path)).body
  const { facts } = await read('/facts')
  const query = `account_id=${facts.account_id}`
  return [
    (await read('/clock')).clock.time_ms,
    (await read(`/api/paymentsessions?${query}`)).page_context.total,
    (await read(`/api/webhooks?${query}`)).webhooks.length,
    (await read('/requests')).requests.length,
  ]
}

describe('a foreign Host header', () => {
  test('gets 421 on routes of every folder, with the name of the setting, and changes nothing', async () => {
    for (const baseUrl of baseUrls) {
      const before = await stateOf(baseUrl)
      for (const [requestLine, headers = [], body] of REQUESTS) {
        const answer = await ask(requestLine, [...headers, 'host: evil.test:4242'], body, baseUrl)
        expect([requestLine, answer.status, JSON.parse(answer.body)]).toEqual([
          requestLine,
          421,
          {
            code: 'error',
            field: 'Host',
            message: expect.stringContaining('--allow-host evil.test'),
          },
        ])
        expect(answer.headers.get('access-control-allow-origin')).toBeUndefined()
      }
      expect(await stateOf(baseUrl)).toEqual(before)
    }
  })

  test.each([
    [
      'the origin of the page that rebinds its name',
      ['host: evil.test', 'origin: http://evil.test'],
    ],
    ['a loopback origin', ['host: evil.test', 'origin: http://localhost:3000']],
    ['X-Forwarded-Host', ['host: evil.test', 'x-forwarded-host: localhost']],
    ['Forwarded', ['host: evil.test', 'forwarded: host=localhost']],
    ['a name that begins with localhost', ['host: localhost.evil.test']],
    ['a name without a dot, on a loopback server', ['host: paydesk:4242']],
    ['a private network address, on a loopback server', ['host: 192.168.1.5:4242']],
    ['the wildcard address 0.0.0.0', ['host: 0.0.0.0:4242']],
    ['a host name of the real service, without --impersonate', ['host: payments.zoho.in']],
  ])('a foreign Host header stays refused with %s', async (_name, headers) => {
    expect((await ask('GET /_sandbox/facts', headers)).status).toBe(421)
  })

  test('the host of an absolute request target replaces the Host header', async () => {
    expect((await ask('GET http://evil.test/_sandbox/facts', ['host: localhost'])).status).toBe(421)
    expect((await ask('GET http://localhost/_sandbox/facts', ['host: evil.test'])).status).toBe(200)
  })

  test.each([
    'localhost',
    'LOCALHOST:1',
    'localhost.',
    'shop.localhost:4242',
    '127.0.0.1',
    '127.0.0.2:99',
    '[::1]:4242',
    '[0:0:0:0:0:0:0:1]',
  ])('the loopback name %s is accepted', async (host) => {
    expect((await ask('GET /_sandbox/facts', [`host: ${host}`])).status).toBe(200)
  })

  test('a request without Host is accepted: browsers always send one', async () => {
    expect((await sendRaw(sandbox.baseUrl, ['GET /_sandbox/facts HTTP/1.0'])).status).toBe(200)
  })

  test('the error does not repeat a number that could be a card number', async () => {
    const { body } = await ask('GET /', ['host: 4111111111111111.evil.test'])
    expect(body).not.toContain('4111')
    expect(body).toContain('--allow-host <name>')
  })
})

describe('a page of a foreign origin', () => {
  test.each([
    EVIL,
    'null',
    'http://localhost.evil.test',
    'http://localhost:3000, http://evil.test',
  ])(
    '%s gets a readable 403 on routes of every folder, with the name of the setting, and changes nothing',
    async (origin) => {
      for (const baseUrl of baseUrls) {
        const before = await stateOf(baseUrl)
        for (const [requestLine, headers = [], body] of REQUESTS) {
          const answer = await ask(requestLine, [...headers, `origin: ${origin}`], body, baseUrl)
          expect([requestLine, answer.status, JSON.parse(answer.body)]).toEqual([
            requestLine,
            403,
            { code: 'error', field: 'Origin', message: expect.stringContaining('--allow-origin') },
          ])
          expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
          expect(answer.headers.get('access-control-allow-credentials')).toBeUndefined()
          expect(answer.headers.get('vary')).toBe('Origin')
        }
        expect(await stateOf(baseUrl)).toEqual(before)
      }
    },
  )

  test('gets an answer to every preflight request, so that it can read the refusal', async () => {
    for (const path of ['/api/v1/paymentsessions', '/_sandbox/reset', '/oauth/v2/token', '/demo']) {
      const answer = await ask(`OPTIONS ${path}`, [
        `origin: ${EVIL}`,
        'access-control-request-method: PATCH',
        'access-control-request-headers: authorization,x-whatever',
      ])
      expect([path, answer.status, answer.body]).toEqual([path, 204, ''])
      expect(answer.headers.get('access-control-allow-origin')).toBe(EVIL)
      expect(answer.headers.get('access-control-allow-methods')).toBe('PATCH')
      expect(answer.headers.get('access-control-allow-headers')).toBe('authorization,x-whatever')
      expect(answer.headers.get('access-control-allow-credentials')).toBeUndefined()
    }
    expect((await ask('OPTIONS /_sandbox/reset', [`origin: ${EVIL}`])).status).toBe(403)
  })

  test('finds its origin in the refusal, unless the origin could be a card number', async () => {
    const refusal = await ask('GET /demo', ['origin: http://shop.test:8080'])
    expect(JSON.parse(refusal.body).message).toContain('PAYDESK_ALLOW_ORIGIN=http://shop.test:8080')
    const card = await ask('GET /demo', ['origin: http://4111111111111111.test'])
    expect(card.body).not.toContain('4111')
  })
})

describe('a page from a loopback origin', () => {
  test.each([
    'http://localhost:3000',
    'https://127.0.0.1',
    'http://shop.localhost',
    'http://[::1]:1',
  ])('%s may call the API and the control API, and read the answers', async (origin) => {
    for (const baseUrl of baseUrls) {
      for (const path of ['/_sandbox/clock', '/_sandbox/requests']) {
        const answer = await ask(`GET ${path}`, [`origin: ${origin}`], '', baseUrl)
        expect([path, answer.status]).toEqual([path, 200])
        expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
        expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
      }
      const preflight = await ask(
        'OPTIONS /api/v1/paymentsessions',
        [`origin: ${origin}`, 'access-control-request-method: POST'],
        '',
        baseUrl,
      )
      expect(preflight.status).toBe(204)
      expect(preflight.headers.get('access-control-allow-origin')).toBe(origin)
      expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
    }
    const advance = await ask(
      'POST /_sandbox/clock/advance',
      [`origin: ${origin}`, 'sec-fetch-site: same-site', 'content-type: application/json'],
      '{"by":0}',
    )
    expect(advance.status).toBe(200)
  })

  test('the Vary header names Origin, because answers differ by origin', async () => {
    const answer = await ask('GET /api/v1/paymentsessions', ['origin: http://localhost:3000'])
    expect(answer.headers.get('vary')).toBe('Origin')
  })
})

describe('control routes', () => {
  test.each([
    ['no type', [], 400],
    ['text/plain', ['content-type: text/plain'], 400],
    ['a form', ['content-type: application/x-www-form-urlencoded'], 400],
    ['a file', ['content-type: multipart/form-data; boundary=x'], 400],
    ['another type', ['content-type: application/json-patch'], 400],
    ['two types', ['content-type: text/plain, application/json'], 400],
    ['no type, in chunks', ['transfer-encoding: chunked'], 400],
    ['JSON', ['content-type: application/json'], 200],
    ['JSON with a charset', ['content-type: Application/JSON ; charset=utf-8'], 200],
  ])('a body with %s and the headers %j gets status %i', async (_name, headers, status) => {
    const isChunked = headers.some((line) => line.includes('chunked'))
    const body = isChunked ? '8\r\n{"by":0}\r\n0\r\n\r\n' : '{"by":0}'
    const answer = await ask('POST /_sandbox/clock/advance', headers, body)
    expect(answer.status).toBe(status)
    if (status === 400) expect(JSON.parse(answer.body).field).toBe('Content-Type')
  })

  test('a request without a body needs no content type', async () => {
    expect((await ask('POST /_sandbox/clock/freeze')).status).toBe(200)
    expect((await ask('POST /_sandbox/clock/run', ['content-length: 0'])).status).toBe(200)
  })

  test('a request from another site without an Origin is refused by its Sec-Fetch-Site', async () => {
    const answer = await ask('POST /_sandbox/clock/freeze', ['sec-fetch-site: cross-site'])
    expect([answer.status, JSON.parse(answer.body).field]).toEqual([400, 'Sec-Fetch-Site'])
  })
})

describe('pages for customers', () => {
  const FOREIGN = ['origin: https://bank.example', 'sec-fetch-site: cross-site']
  const newKey = async () => {
    const creation = await sandbox.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
    return creation.body.payments_session.access_key as string
  }

  test('a bank’s return form is accepted, with the bank’s origin or without an origin', async () => {
    const path = `/hostedcheckout/${await newKey()}/return`
    for (const headers of [FOREIGN, ['origin: null', 'sec-fetch-site: cross-site']]) {
      const answer = await ask(`POST ${path}`, headers, 'MD=1')
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
        303,
        undefined,
      ])
    }
  })

  test('a checkout form with `Origin: null` is accepted, and a form from another page is refused', async () => {
    const key = await newKey()
    const form = 'method=netbanking&bank_code=PDSK'
    const own = await ask(
      `POST /hostedcheckout/${key}/pay`,
      ['origin: null', 'sec-fetch-site: same-origin'],
      form,
    )
    expect(own.status).not.toBe(404)
    expect((await ask(`POST /hostedcheckout/${key}/pay`, FOREIGN, form)).status).toBe(404)
    expect((await visit(sandbox.baseUrl, `/hostedcheckout/${key}`)).status).toBe(200)
  })

  test('a foreign page can load the widget script, also with `integrity`, but cannot read a checkout page', async () => {
    const script = await ask('GET /zpay/zpay-js/v1/zpayments.js', [`origin: ${EVIL}`])
    expect([script.status, script.headers.get('access-control-allow-origin')]).toEqual([200, '*'])
    const page = await ask(`GET /hostedcheckout/${await newKey()}`, [`origin: ${EVIL}`])
    expect(page.headers.get('access-control-allow-origin')).toBeUndefined()
  })
})

describe('configured origins and hosts', () => {
  test('--allow-origin accepts only pages from the exact origin', async () => {
    const server = await startTestServer('memory', {
      allowOrigin: 'http://shop.test,http://b.test',
    })
    const status = async (origin: string) =>
      (await ask('GET /_sandbox/facts', [`origin: ${origin}`], '', server.baseUrl)).status
    expect(await status('http://shop.test')).toBe(200)
    expect(await status('http://b.test')).toBe(200)
    expect(await status('https://shop.test')).toBe(403)
    expect(await status('http://shop.test:81')).toBe(403)
    expect(await status('null')).toBe(403)
    await server.close()
  })

  test('--allow-origin * accepts every page, without credentials, and logs a warning', async () => {
    const lines: string[] = []
    const server = await startTestServer(
      'memory',
      { allowOrigin: '*', logLevel: 'warn' },
      { logTo: { write: (line: string) => void lines.push(line) } },
    )
    for (const origin of [EVIL, 'null']) {
      const answer = await ask('GET /_sandbox/facts', [`origin: ${origin}`], '', server.baseUrl)
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
        200,
        origin,
      ])
      expect(answer.headers.get('access-control-allow-credentials')).toBeUndefined()
    }
    expect(lines.join()).toContain('--allow-origin *')
    await server.close()
  })

  test('--allow-host accepts a name with any port and in any spelling', async () => {
    const server = await startTestServer('memory', { allowHost: 'paydesk.test,b.test' })
    const status = async (host: string) =>
      (await ask('GET /_sandbox/facts', [`host: ${host}`], '', server.baseUrl)).status
    expect(await status('paydesk.test')).toBe(200)
    expect(await status('PAYDESK.test.:8080')).toBe(200)
    expect(await status('x.paydesk.test')).toBe(421)
    expect(await status('evil.test')).toBe(421)
    await server.close()
  })

  test('--public-url accepts its host and pages from its origin, even behind a proxy that replaces Host', async () => {
    const port = await freePort()
    const flags = { port: String(port), publicUrl: 'https://pay.test:8443' }
    const server = await startTestServer('memory', flags)
    const status = async (...headers: readonly string[]) =>
      (await ask('GET /_sandbox/facts', headers, '', `http://127.0.0.1:${port}`)).status
    expect(await status('host: pay.test:8443', 'origin: https://pay.test:8443')).toBe(200)
    expect(await status('host: 127.0.0.1', 'origin: https://pay.test:8443')).toBe(200)
    expect(await status('host: 127.0.0.1', 'origin: https://pay.test')).toBe(403)
    expect(await status('host: evil.test', 'origin: https://pay.test:8443')).toBe(421)
    await server.close()
  })
})

describe('live mode', () => {
  const start = async (flags: Readonly<Record<string, string>>) => {
    const place = await makePlace('file')
    const live = await startServer(
      settingsAt(place, {
        live: true,
        secretKey: '0f'.repeat(32),
        processor: new URL('../../test/support/processor-module.ts', import.meta.url).pathname,
        ...flags,
      }),
    )
    const close = async () => {
      await live.close()
      place.remove()
    }
    const answer = (origin: string, method = 'GET') =>
      ask(
        `${method} /api/v1/paymentsessions`,
        [`origin: ${origin}`, 'access-control-request-method: POST', 'host: pay.example'],
        '',
        live.baseUrl,
      )
    return { answer, close }
  }
  const corsOf = ({ headers }: RawAnswer) =>
    [...headers].filter(([name]) => name.startsWith('access-control-'))

  test('refuses no request by its origin, and lets no page of another origin read an answer', async () => {
    const { answer, close } = await start({})
    for (const origin of [EVIL, 'null', 'http://localhost:3000', 'http://pay.example']) {
      const originAnswer = await answer(origin)
      expect([origin, originAnswer.status, corsOf(originAnswer)]).toEqual([origin, 401, []])
      expect(corsOf(await answer(origin, 'OPTIONS'))).toEqual([])
    }
    await close()
  })

  test('sends CORS headers only to listed origins', async () => {
    const { answer, close } = await start({ allowOrigin: 'https://office.example' })
    const corsHeaders = Object.fromEntries(corsOf(await answer('https://office.example')))
    expect(corsHeaders).toMatchObject({
      'access-control-allow-origin': 'https://office.example',
      'access-control-allow-credentials': 'true',
    })
    expect((await answer('https://office.example', 'OPTIONS')).status).toBe(204)
    for (const origin of [EVIL, 'null', 'http://localhost:3000']) {
      expect(corsOf(await answer(origin))).toEqual([])
      expect(corsOf(await answer(origin, 'OPTIONS'))).toEqual([])
    }
    await close()
  })

  test('never allows credentials from other origins, even with *', async () => {
    const { answer, close } = await start({ allowOrigin: '*' })
    const cors = Object.fromEntries(corsOf(await answer(EVIL)))
    expect(cors['access-control-allow-origin']).toBe(EVIL)
    expect(cors['access-control-allow-credentials']).toBeUndefined()
    await close()
  })
})
