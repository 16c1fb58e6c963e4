import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from '../../test/support/server.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'

const CREATE = '{"amount": 100.5, "currency": "INR", "description": "₹ 100.50"}'
const MARK = '\u{feff}'
const KIB = 1024

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

const create = (body: Uint8Array | string, encoding: string) =>
  server.call('POST', '/paymentsessions', body, { 'content-encoding': encoding })

test.each([
  ['gzip', gzipSync(CREATE)],
  ['x-gzip', gzipSync(CREATE)],
  ['GZIP', gzipSync(CREATE)],
  ['deflate', deflateSync(CREATE)],
  ['deflate', deflateRawSync(CREATE)],
  ['br', brotliCompressSync(CREATE)],
  ['identity', Buffer.from(CREATE)],
  ['gzip', gzipSync(`${MARK}${CREATE}`)],
  ['identity', Buffer.from(`${MARK}${CREATE}`)],
])('a body in the encoding %s is read', async (encoding, body) => {
  const answer = await create(body, encoding)
  expect([answer.status, answer.body.payments_session?.description]).toEqual([201, '₹ 100.50'])
})

test.each(['zstd', 'compress', 'gzip, br', 'gzip, identity', 'utf-8'])(
  'the encoding %s is refused with the name of its header',
  async (encoding) => {
    const { body, status } = await create(gzipSync(CREATE), encoding)
    expect([status, body.code, body.field]).toEqual([415, 'invalid_parameter', 'Content-Encoding'])
    expect(body.message).toMatch(/gzip, deflate, br and identity/)
  },
)

test.each([
  ['text', 'gzip', Buffer.from(CREATE)],
  ['a truncated body', 'gzip', gzipSync(CREATE).subarray(0, 30)],
  ['a truncated body', 'br', brotliCompressSync(CREATE).subarray(0, 30)],
  ['a truncated body', 'deflate', deflateSync(CREATE).subarray(0, 30)],
])('%s with Content-Encoding %s is refused', async (_what, encoding, bytes) => {
  const { body, status } = await create(bytes, encoding)
  expect([status, body.field]).toEqual([400, 'Content-Encoding'])
})

test.each([
  ['gzip', (bytes: number) => gzipSync(Buffer.alloc(bytes, ' '))],
  ['deflate', (bytes: number) => deflateSync(Buffer.alloc(bytes, ' '))],
  ['br', (bytes: number) => brotliCompressSync(Buffer.alloc(bytes, ' '))],
])('a compressed body (%s) with more than 64 KiB of content gets 413', async (encoding, pack) => {
  const atLimit = await create(pack(64 * KIB), encoding)
  expect([atLimit.status, atLimit.body.field]).toEqual([400, 'body'])
  for (const bytes of [64 * KIB + 1, 8 * KIB * KIB]) {
    const packedBody = pack(bytes)
    expect(packedBody.length).toBeLessThan(64 * KIB)
    const { body, status } = await create(packedBody, encoding)
    expect([status, body.code]).toEqual([413, 'invalid_parameter'])
  }
})

test('an Idempotency-Key treats a plain and a compressed request as equal', async () => {
  const key = { 'idempotency-key': 'packed' }
  const first = await server.call('POST', '/paymentsessions', CREATE, key)
  const second = await server.call('POST', '/paymentsessions', gzipSync(`${MARK}${CREATE}`), {
    ...key,
    'content-encoding': 'gzip',
  })
  expect([first.status, second.status]).toEqual([201, 201])
  expect(second.headers.get('idempotent-replayed')).toBe('true')
  expect(second.body).toEqual(first.body)
})

test('the token endpoint and the control API accept compressed bodies and refuse other encodings too', async () => {
  const { clientId, clientSecret, refreshToken } = SANDBOX_VALUES
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  }).toString()
  const post = async (path: string, type: string, body: string, encoding: string) => {
    const answer = await fetch(`${server.baseUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, 'content-encoding': encoding },
      body: gzipSync(body),
    })
    return { status: answer.status, body: await answer.json() }
  }
  const token = ['/oauth/v2/token', 'application/x-www-form-urlencoded', form] as const
  expect((await post(...token, 'gzip')).body).toHaveProperty('access_token')
  expect(await post(...token, 'zstd')).toMatchObject({
    status: 415,
    body: { field: 'Content-Encoding' },
  })
  const clock = ['/_sandbox/clock/advance', 'application/json', '{"by": 0}'] as const
  expect((await post(...clock, 'gzip')).status).toBe(200)
  expect((await post(...clock, 'zstd')).status).toBe(415)
})

test('the description of each API call with a body names 413 and 415', async () => {
  type Call = { requestBody?: unknown; responses: Record<string, unknown> }
  const answer = await fetch(`${server.baseUrl}/openapi.json`)
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, Call>> }
  const calls = Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/v1/'))
    .flatMap(([, byMethod]) => Object.values(byMethod))
    .filter(({ requestBody }) => requestBody !== undefined)
  expect(calls.length).toBeGreaterThan(0)
  for (const { responses } of calls)
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['413', '415']))
})
