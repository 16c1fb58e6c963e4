import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RawAnswer, sendRaw } from '../../test/support/raw-http.ts'
import { control } from '../../test/support/sandbox.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, TOKEN } from '../../test/support/server.ts'
import { answerDirectly } from './answer-directly.ts'
import type { ApiDeps } from './deps.ts'
import { FREQUENT_ROUTES } from './routes.ts'

const HOST = 'host: 127.0.0.1'
const WITH_TOKEN = `authorization: Zoho-oauthtoken ${TOKEN}`
const JSON_TYPE = 'content-type: application/json'
const BODY = '{"amount":10.5,"currency":"INR","description":"Lamp"}'
const PLAIN = `account_id=${ACCOUNT_ID}`
/** The same query in a spelling that only the framework reads. */
const ESCAPED = `account%5Fid=${ACCOUNT_ID}`
const CREATE = `POST /api/v1/paymentsessions?${PLAIN} HTTP/1.1`
const RETRIEVE = `GET /api/v1/paymentsessions/123?${PLAIN} HTTP/1.1`

/**
 * A server without tokens. A call that it answers directly gets 401. Other calls reach a stand-in for the framework,
 * which answers 299.
 */
let router: Server
let sandbox: TestServer
beforeAll(async () => {
  const deps = {
    mode: 'live',
    access: { hosts: {}, allowedOrigins: new Set() },
    accessLog: 'off',
    basePath: '/pay',
    trustsProxy: false,
    closesConnections: () => false,
    logger: pino({ level: 'silent' }),
    metrics: { startTimer: () => () => 0, countRequest: () => {} },
    tenantOf: () => ({ store: { tokens: { findAccessToken: async () => undefined } } }),
  } as unknown as ApiDeps
  const parts = {
    apiPath: '/api/v1',
    routes: FREQUENT_ROUTES,
    nextRequestId: () => '1',
    checkRate: () => undefined,
    watchCall: undefined,
  }
  const listener = answerDirectly(
    (_request, response) => response.writeHead(299).end(),
    deps,
    parts,
  )
  router = createServer({ requireHostHeader: false }, listener).on('checkExpectation', listener)
  await new Promise<void>((resolve) => router.listen(0, '127.0.0.1', resolve))
  sandbox = await startTestServer('memory')
})
afterAll(async () => {
  router.close()
  await sandbox.close()
})

const askRouter = async (lines: readonly string[], body = '') => {
  const { port } = router.address() as AddressInfo
  return (await sendRaw(`http://127.0.0.1:${port}`, lines, body)).status
}

test('plain calls of the frequent routes do not reach the framework', async () => {
  const withToken = [HOST, WITH_TOKEN]
  expect(await askRouter([CREATE, ...withToken, JSON_TYPE], BODY)).toBe(401)
  expect(await askRouter([CREATE, ...withToken, `${JSON_TYPE}; charset=UTF-8`], BODY)).toBe(401)
  expect(await askRouter([RETRIEVE, ...withToken])).toBe(401)
  expect(await askRouter([RETRIEVE.replace('/api', '/pay/api'), ...withToken])).toBe(401)
})

test.each<[name: string, lines: readonly string[], body?: string]>([
  ['another route', [`GET /api/v1/paymentsessions?${PLAIN} HTTP/1.1`, HOST]],
  ['another method', [RETRIEVE.replace('GET', 'HEAD'), HOST]],
  ['another query', [RETRIEVE.replace(PLAIN, ESCAPED), HOST]],
  ['no query', [RETRIEVE.replace(`?${PLAIN}`, ''), HOST]],
  ['an id that is not a number', [RETRIEVE.replace('123', '12%33'), HOST]],
  ['an Origin', [RETRIEVE, HOST, 'origin: http://shop.test']],
  ['an Expect', [CREATE, HOST, JSON_TYPE, 'expect: more'], BODY],
  ['a body in chunks', [CREATE, HOST, JSON_TYPE, 'transfer-encoding: chunked'], '0\r\n\r\n'],
  ['no body', [CREATE, HOST, JSON_TYPE]],
  ['a large body', [CREATE, HOST, JSON_TYPE], 'x'.repeat(64 * 1024 + 1)],
  ['another type of body', [CREATE, HOST, 'content-type: text/plain'], BODY],
  ['a body on a route without one', [RETRIEVE, HOST], '{}'],
  ['no Host', [RETRIEVE.replace('1.1', '1.0')]],
  ['two Hosts', [RETRIEVE, HOST, HOST]],
  ['an invalid Host', [RETRIEVE, 'host: a b']],
])('the framework gets a request with %s', async (_name, lines, body) => {
  expect(await askRouter(lines, body)).toBe(299)
})

function ask(query: string, lines: readonly string[], body = ''): Promise<RawAnswer> {
  const [requestLine = '', ...headers] = lines
  const host = `host: ${new URL(sandbox.baseUrl).host}`
  return sendRaw(sandbox.baseUrl, [requestLine.replace(PLAIN, query), host, ...headers], body)
}

/** Replaces the values that differ from call to call. */
function withoutValues(text: string): string {
  return text
    .replaceAll(/\d{9,}/g, '<number>')
    .replaceAll(/[\w-]{60}/g, '<access key>')
    .replaceAll(/[0-9a-f]{12}-\w+/g, '<request id>')
    .replaceAll(ESCAPED, PLAIN)
}

function comparable({ body, headers, status }: RawAnswer) {
  const headerLines = [...headers]
    // An id in the body has 15 or 16 digits, so the length of the body varies.
    .filter(([name]) => !['x-request-id', 'date', 'content-length'].includes(name))
    .toSorted()
  expect(headers.get('content-length')).toBe(String(Buffer.byteLength(body)))
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{12}-\w+$/)
  return {
    status,
    headers: headerLines.map((pair) => withoutValues(pair.join(': '))),
    body: withoutValues(body),
  }
}

const jsonHeaders = [WITH_TOKEN, JSON_TYPE]
test.each<[name: string, status: number, lines: readonly string[], body?: string]>([
  ['a create', 201, [CREATE, ...jsonHeaders], BODY],
  ['an unknown field', 201, [CREATE, ...jsonHeaders], BODY.replace('description', 'descripton')],
  ['a wrong field', 400, [CREATE, ...jsonHeaders], BODY.replace('10.5', '-1')],
  [
    'a repeated field',
    400,
    [CREATE, ...jsonHeaders],
    BODY.replace('"amount"', '"amount":1,"amount"'),
  ],
  ['a body that is not JSON', 400, [CREATE, ...jsonHeaders], '{'],
  ['a body in an unknown encoding', 415, [CREATE, ...jsonHeaders, 'content-encoding: x'], BODY],
  ['a bad idempotency key', 400, [CREATE, ...jsonHeaders, 'idempotency-key: é'], BODY],
  ['no token', 401, [CREATE, JSON_TYPE], BODY],
  ['an unknown token', 401, [CREATE, JSON_TYPE, 'authorization: Bearer x'], BODY],
  ['a token in another form', 401, [RETRIEVE, 'authorization: x']],
  ['an unknown session', 404, [RETRIEVE, WITH_TOKEN]],
])(
  'the direct path and the framework give the same answer, log entry and count: %s',
  async (_name, status, lines, body) => {
    const answers = [await ask(PLAIN, lines, body), await ask(ESCAPED, lines, body)]
    expect(answers[0]?.status).toBe(status)
    const [direct, framework] = answers.map(comparable)
    expect(direct).toEqual(framework)

    const requestList = await control(sandbox.baseUrl)('GET', '/requests?limit=2')
    const [latter, former] = requestList.body.requests.map((entry: Record<string, unknown>) => {
      const { duration_ms, id, time, time_ms, ...same } = entry
      expect([typeof duration_ms, typeof id, typeof time, typeof time_ms]).toEqual([
        'number',
        'string',
        'string',
        'number',
      ])
      return JSON.parse(withoutValues(JSON.stringify(same)))
    })
    expect(former).toEqual(latter)

    const text = await (await fetch(`${sandbox.baseUrl}/metrics`)).text()
    const route = lines[0]?.startsWith('GET') ? '/:payments_session_id' : ''
    const [, count] = text.split(`route="/api/v1/paymentsessions${route}",status="${status}"} `)
    expect(Number(count?.split('\n')[0]) % 2).toBe(0)
  },
)

test('a session that was created directly is retrieved directly, and compressed bodies are read', async () => {
  const packedBody = gzipSync(BODY)
  const response = await fetch(`${sandbox.baseUrl}/api/v1/paymentsessions?${PLAIN}`, {
    method: 'POST',
    headers: {
      authorization: `Zoho-oauthtoken ${TOKEN}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    },
    body: packedBody,
  })
  const { payments_session: session } = (await response.json()) as {
    payments_session: { payments_session_id: string }
  }
  const path = `${RETRIEVE.replace('123', session.payments_session_id)}`
  const [direct, framework] = [
    await ask(PLAIN, [path, WITH_TOKEN]),
    await ask(ESCAPED, [path, WITH_TOKEN]),
  ]
  expect(direct.status).toBe(200)
  expect(direct.body).toBe(framework.body)
})

test('a repeated idempotency key gets the first answer, on the direct path and through the framework', async () => {
  const lines = [CREATE, ...jsonHeaders, 'idempotency-key: both-ways']
  const [first, second, third] = [
    await ask(PLAIN, lines, BODY),
    await ask(ESCAPED, lines, BODY),
    await ask(PLAIN, lines, BODY),
  ]
  expect([first.status, second.body, third.body]).toEqual([201, first.body, first.body])
  expect([second, third].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([
    'true',
    'true',
  ])
})

test('a client that disconnects while it sends its body does not block the sandbox', async () => {
  const { hostname, port } = new URL(sandbox.baseUrl)
  const socket = connect(Number(port), hostname)
  const closing = new Promise((resolve) => socket.on('close', resolve))
  const head = [CREATE, `host: ${hostname}:${port}`, ...jsonHeaders, 'content-length: 50', '', '']
  await new Promise<void>((resolve) =>
    socket.write(`${head.join('\r\n')}{"amount"`, () => resolve()),
  )
  // When this request has its answer, the server has also read the beginning of the unfinished request.
  expect((await ask(PLAIN, [RETRIEVE, WITH_TOKEN])).status).toBe(404)
  socket.destroy()
  await closing
  // A reset waits for every request inside the gate.
  expect((await control(sandbox.baseUrl)('POST', '/reset', {})).status).toBe(200)
})

test('faults apply to plain calls', async () => {
  const ask = control(sandbox.baseUrl)
  const faultAnswer = await ask('POST', '/faults', {
    target: 'route',
    match: { route: 'POST /paymentsessions' },
    effect: { status: 503 },
  })
  expect(faultAnswer.status).toBe(201)
  expect((await sandbox.call('POST', '/paymentsessions', BODY)).status).toBe(503)
})
