/** Requests that no client library sends, written to the socket by hand. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchangeBytes } from '../../test/support/raw-http.ts'
import { control } from '../../test/support/sandbox.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, TOKEN } from '../../test/support/server.ts'

let sandbox: TestServer
beforeAll(async () => {
  sandbox = await startTestServer('memory', { trustProxy: true })
})
afterAll(() => sandbox.close())

const BODY = '{"amount":10.5,"currency":"INR","description":"Lamp"}'
const CREATE = 'POST /api/v1/paymentsessions?<query> HTTP/1.1\r\n'
const RETRIEVE = 'GET /api/v1/paymentsessions/123?<query> HTTP/1.1\r\n'
const HOST = 'Host: <host>\r\n'
const AUTH = `Authorization: Zoho-oauthtoken ${TOKEN}\r\n`
const JSON_TYPE = 'Content-Type: application/json\r\n'
const CLOSE = 'Connection: close\r\n'
const lengthOf = (body: string) => `Content-Length: ${body.length}\r\n`
const chunkedBody = (body: string, trailers = '') =>
  `${body.length.toString(16)}\r\n${body}\r\n0\r\n${trailers}\r\n`

const create = (headers: string, body = BODY) =>
  `${CREATE}${HOST}${AUTH}${JSON_TYPE}${headers}\r\n${body}`
const retrieve = (headers: string) => `${RETRIEVE}${HOST}${AUTH}${headers}\r\n`
/** A whole create, after which the connection closes. */
const LAST_CREATE = create(`${CLOSE}${lengthOf(BODY)}`)
const LAST_RETRIEVE = retrieve(CLOSE)
const withBody = (body: string) => create(`${CLOSE}${lengthOf(body)}`, body)
const nest = (open: string, close: string, depth: number) =>
  withBody(`${open.repeat(depth)}"token"${close.repeat(depth)}`)

/** Sends bytes with a spelling of the query, and returns the answers without the values that differ each time. */
async function answersTo(bytes: string, query: string): Promise<string> {
  const text = await exchangeBytes(
    sandbox.baseUrl,
    bytes.replaceAll('<query>', query).replaceAll('<host>', new URL(sandbox.baseUrl).host),
  )
  return text
    .split('\r\n\r\n')
    .map((part) => part.split('\r\n').toSorted().join('\n'))
    .join('\n\n')
    .replaceAll(/^content-length: \d+$/gim, 'content-length')
    .replaceAll(/^date: .*$/gim, 'date')
    .replaceAll(/[0-9a-f]{12}-\w+/g, '<request id>')
    .replaceAll(/\d{9,}/g, '<number>')
    .replaceAll(/[\w-]{60}/g, '<access key>')
    .replaceAll('account%5Fid', 'account_id')
}

const statusesIn = (text: string) =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))

const ROWS: readonly [name: string, bytes: string, statuses: readonly number[]][] = [
  ['two lengths that agree', create(`${lengthOf(BODY)}${lengthOf(BODY)}${CLOSE}`), [400]],
  ['two lengths that differ', create(`${lengthOf(BODY)}Content-Length: 5\r\n${CLOSE}`), [400]],
  ['a list of lengths', create(`Content-Length: 53, 53\r\n${CLOSE}`), [400]],
  ['a length with a sign', create(`Content-Length: +53\r\n${CLOSE}`), [400]],
  ['a hexadecimal length', create(`Content-Length: 0x35\r\n${CLOSE}`), [400]],
  [
    'a length above the largest number',
    create(`Content-Length: ${'9'.repeat(30)}\r\n${CLOSE}`),
    [400],
  ],
  ['a length with a zero in front', create(`Content-Length: 0${BODY.length}\r\n${CLOSE}`), [201]],
  ['a blank before a colon', create(`Content-Length : ${BODY.length}\r\n${CLOSE}`), [400]],
  ['a length and chunks', create(`${lengthOf(BODY)}Transfer-Encoding: chunked\r\n`), [400]],
  [
    'chunks with trailers',
    create(
      `${CLOSE}Transfer-Encoding: chunked\r\n`,
      chunkedBody(BODY, 'Host: evil.test\r\nAuthorization: x\r\n'),
    ),
    [201],
  ],
  [
    'an unknown transfer encoding',
    create('Transfer-Encoding: xchunked\r\n', chunkedBody(BODY)),
    [400],
  ],
  ['chunks on a GET', `${retrieve(`${CLOSE}Transfer-Encoding: chunked\r\n`)}0\r\n\r\n`, [404]],
  ['an absolute target', LAST_CREATE.replace('/api', 'http://<host>/api'), [201]],
  [
    'an absolute target and another Host',
    LAST_CREATE.replace('/api', 'http://<host>/api').replace(HOST, 'Host: evil.test\r\n'),
    [201],
  ],
  ['an absolute target elsewhere', LAST_CREATE.replace('/api', 'http://evil.test/api'), [421]],
  ['an absolute target with a user', LAST_CREATE.replace('/api', 'http://a@<host>/api'), [400]],
  ['another Host', LAST_CREATE.replace(HOST, 'Host: evil.test\r\n'), [421]],
  ['two Hosts', LAST_CREATE.replace(HOST, `${HOST}${HOST}`), [400]],
  ['an empty Host', LAST_CREATE.replace(HOST, 'Host:\r\n'), [400]],
  ['no Host', LAST_CREATE.replace(HOST, ''), [201]],
  ['HTTP/1.0', LAST_CREATE.replace('1.1', '1.0'), [201]],
  ['HTTP/2.0', LAST_RETRIEVE.replace('1.1', '2.0'), [404]],
  ['HTTP/1.2', LAST_RETRIEVE.replace('1.1', '1.2'), [400]],
  ['no version', LAST_RETRIEVE.replace(' HTTP/1.1', ''), [404]],
  ['Expect: 100-continue', create(`${CLOSE}${lengthOf(BODY)}Expect: 100-continue\r\n`), [100, 201]],
  ['a method in lower case', LAST_CREATE.replace('POST', 'post'), [400]],
  ['an unknown method', LAST_RETRIEVE.replace('GET', 'FETCH'), [400]],
  ['a request for an upgrade', retrieve(`${CLOSE}Upgrade: websocket\r\n`), [404]],
  [
    'two tokens, the first one valid',
    LAST_RETRIEVE.replace(AUTH, `${AUTH}Authorization: Bearer x\r\n`),
    [404],
  ],
  [
    'two tokens, the second one valid',
    LAST_RETRIEVE.replace(AUTH, `Authorization: Bearer x\r\n${AUTH}`),
    [401],
  ],
  [
    'two types of body',
    LAST_CREATE.replace(JSON_TYPE, `${JSON_TYPE}Content-Type: text/plain\r\n`),
    [201],
  ],
  [
    'a header with the name of a prototype',
    create(`__proto__: x\r\n${CLOSE}${lengthOf(BODY)}`),
    [201],
  ],
  [
    'an encoding with the name of a prototype',
    withBody(BODY).replace(CLOSE, 'Content-Encoding: __proto__\r\n'),
    [415],
  ],
  [
    'two schemes from proxies',
    create(`X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n${CLOSE}${lengthOf(BODY)}`),
    [201],
  ],
  ['a header of 8 KB', retrieve(`X-Long: ${'a'.repeat(8_000)}\r\n${CLOSE}`), [404]],
  ['a header of 17 KB', retrieve(`X-Long: ${'a'.repeat(17_000)}\r\n${CLOSE}`), [431]],
  ['lines that end in LF', LAST_RETRIEVE.replaceAll('\r\n', '\n'), [400]],
  ['a header in two lines', LAST_RETRIEVE.replace('oauthtoken ', 'oauthtoken\r\n '), [400]],
  ['a header with NUL', retrieve(`X: a\0b\r\n${CLOSE}`), [400]],
  ['a target with bytes beyond ASCII', LAST_RETRIEVE.replace('123', '12\xe9'), [400]],
  ['a fragment', LAST_RETRIEVE.replace(' HTTP', '#a HTTP'), [400]],
  ['two accounts', LAST_RETRIEVE.replace('<query>', '<query>&<query>'), [400]],
  ['two question marks', LAST_RETRIEVE.replace('?', '??'), [400]],
  ['an id of 17 digits', LAST_RETRIEVE.replace('123', '1'.repeat(17)), [404]],
  [
    'three requests at once',
    `${create(lengthOf(BODY))}${retrieve('')}${LAST_CREATE}`,
    [201, 404, 201],
  ],
  [
    'a body after a refused token',
    create(lengthOf(BODY)).replace(AUTH, '') + LAST_RETRIEVE,
    [401, 404],
  ],
  [
    'a body after a refused encoding',
    create(`Content-Encoding: x\r\n${lengthOf(BODY)}`) + LAST_RETRIEVE,
    [415],
  ],
  ['a body on a GET', `${retrieve(lengthOf(BODY))}${BODY}${LAST_RETRIEVE}`, [404, 404]],
  ['a body that is longer than its length', `${create(lengthOf(BODY))}xx`, [201, 400]],
  ['bytes after a last request', `${LAST_CREATE}xx`, [201]],
  ['blank lines after a body', `${create(lengthOf(BODY))}\r\n\r\n${LAST_RETRIEVE}`, [201, 404]],
  [
    'a malformed request after two others',
    `${retrieve('')}${create(lengthOf(BODY))}?\r\n\r\n`,
    [404, 201, 400],
  ],
  [
    'a malformed chunk after another request',
    `${create(lengthOf(BODY))}${create('Transfer-Encoding: chunked\r\n', '5\r\nabcdeXX')}`,
    [201, 400],
  ],
  ['a body of arrays, nested too deep', nest('[', ']', 30_000), [400]],
  ['a body of objects, nested too deep', nest('{"token":', '}', 5_000), [400]],
  [
    'a body with the name of a prototype',
    withBody('{"__proto__":{"amount":1},"currency":"INR"}'),
    [400],
  ],
]

describe('a request gets the same answers in its plain form and through the framework', () => {
  test.each(ROWS)('%s', async (_name, bytes, statuses) => {
    const direct = await answersTo(bytes, `account_id=${ACCOUNT_ID}`)
    expect(statusesIn(direct)).toEqual(statuses)
    expect(await answersTo(bytes, `account%5Fid=${ACCOUNT_ID}`)).toBe(direct)
  })
})

test('a request that was carried out is never answered with a refusal of the bytes after it', async () => {
  const before = await control(sandbox.baseUrl)('GET', '/requests?limit=1000')
  const bytes = `${create(lengthOf(BODY))}${create(lengthOf(BODY))}junk`
  const text = await answersTo(bytes, `account_id=${ACCOUNT_ID}`)
  expect(statusesIn(text)).toEqual([201, 201, 400])
  const after = await control(sandbox.baseUrl)('GET', '/requests?limit=1000')
  expect(after.body.requests.length - before.body.requests.length).toBe(2)
})

test('bytes that are not HTTP do not get into a stream of events', async () => {
  const { host, hostname, port } = new URL(sandbox.baseUrl)
  const socket = connect(Number(port), hostname)
  const chunks: Buffer[] = []
  const closing = new Promise((resolve) => socket.once('close', resolve))
  // A reset is an end too.
  socket.on('error', () => {})
  socket.write(`GET /_sandbox/requests/stream HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  socket.on('data', (chunk: Buffer) => {
    if (chunks.push(chunk) === 1) socket.write('junk\r\n\r\n')
  })
  await closing
  expect(statusesIn(Buffer.concat(chunks).toString())).toEqual([200])
})

test('headers that are too large get an error that says so', async () => {
  const text = await answersTo(retrieve(`X-Long: ${'a'.repeat(17_000)}\r\n${CLOSE}`), '')
  expect(text).toContain('"message":"The headers of the request are too large."')
})

test('the port of another tenant refuses bytes that are not HTTP in the usual envelope', async () => {
  const { body } = await control(sandbox.baseUrl)('POST', '/tenants', {})
  const text = await exchangeBytes(body.tenant.base_url, 'junk\r\n\r\n')
  expect(text).toContain('{"code":"invalid_parameter","message":"The request is not well-formed')
})
