import { connect } from 'node:net'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dayInIndia } from '../../test/support/account-days.ts'
import {
  ACCOUNT_ID,
  call,
  startTestServer,
  type TestServer,
  TOKEN,
} from '../../test/support/server.ts'
import { API_ROUTES } from './routes.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(server.baseUrl + path, { method, headers })
const SESSIONS = `/api/v1/paymentsessions?account_id=${ACCOUNT_ID}`
const withToken = { authorization: `Zoho-oauthtoken ${TOKEN}` }

describe('authentication', () => {
  const ROWS: readonly [
    name: string,
    path: string,
    authorization: string | undefined,
    expected: string,
  ][] = [
    ['no token', SESSIONS, undefined, '401 error'],
    ['an unknown token', SESSIONS, 'Zoho-oauthtoken 1000.x.y', '401 error'],
    ['another scheme', SESSIONS, `Basic ${TOKEN}`, '401 error'],
    ['the token alone', SESSIONS, TOKEN, '401 error'],
    ['the token', SESSIONS, `Zoho-oauthtoken ${TOKEN}`, '200 0'],
    ['the token as Bearer', SESSIONS, `Bearer ${TOKEN}`, '200 0'],
    ['the scheme in lower case', SESSIONS, `zoho-oauthtoken ${TOKEN}`, '200 0'],
    ['no account', '/api/v1/paymentsessions', `Bearer ${TOKEN}`, '400 missing_parameter'],
    [
      'an empty account',
      '/api/v1/paymentsessions?account_id=',
      `Bearer ${TOKEN}`,
      '400 missing_parameter',
    ],
    [
      'an account with letters',
      '/api/v1/paymentsessions?account_id=abc',
      `Bearer ${TOKEN}`,
      '400 invalid_parameter',
    ],
    ['two accounts', `${SESSIONS}&account_id=1`, `Bearer ${TOKEN}`, '400 invalid_parameter'],
    [
      'another account',
      '/api/v1/paymentsessions?account_id=99999999',
      `Bearer ${TOKEN}`,
      '401 error',
    ],
  ]
  test.each(ROWS)('%s', async (_name, path, authorization, expected) => {
    const answer = await get(path, authorization === undefined ? {} : { authorization })
    const body = (await answer.json()) as { code: string; message: string }
    expect(`${answer.status} ${body.code}`).toBe(expected)
    if (answer.status === 401) {
      expect(body.message).toContain('authorized')
      expect(body.message).not.toContain(TOKEN)
      expect(answer.headers.get('www-authenticate')).toBe('Zoho-oauthtoken')
    }
  })

  test('the error for a token without the needed scope names the scope', async () => {
    const token = await server.tenant.store.transaction(async (tx) => {
      const { hashSecret } = await import('../domain/secret.ts')
      const grant = {
        clientId: '1000.SANDBOX',
        accountIds: [ACCOUNT_ID as never],
        scopes: ['payments.READ' as const],
        grantId: 'g',
      }
      await tx.tokens.insertAccessToken(hashSecret('1000.read.only'), grant, undefined)
      return '1000.read.only'
    })
    const answer = await call(
      server.baseUrl,
      'POST',
      '/paymentsessions',
      {},
      { authorization: `Bearer ${token}` },
    )
    expect(answer.status).toBe(401)
    expect(answer.body.message).toContain('ZohoPay.payments.CREATE')
  })

  test('a token works until the last millisecond before its expiry', async () => {
    let nowMs = Date.now()
    const clockedServer = await startTestServer('memory', {}, { clock: { nowMs: () => nowMs } })
    const { hashSecret } = await import('../domain/secret.ts')
    await clockedServer.tenant.store.transaction((tx) =>
      tx.tokens.insertAccessToken(
        hashSecret('1000.short.lived'),
        {
          clientId: '1000.SANDBOX',
          accountIds: [ACCOUNT_ID as never],
          scopes: ['payments.READ'],
          grantId: 'g',
          expiresAtMs: nowMs + 3_600_000,
        },
        undefined,
      ),
    )
    const ask = () =>
      call(clockedServer.baseUrl, 'GET', '/paymentsessions', undefined, {
        authorization: 'Bearer 1000.short.lived',
      })
    expect((await ask()).status).toBe(200)
    nowMs += 3_599_999
    expect((await ask()).status).toBe(200)
    nowMs += 1
    const late = await ask()
    expect([late.status, late.body.message]).toEqual([401, expect.stringContaining('expired')])
    await clockedServer.close()
  })
})

describe('answers', () => {
  test('every answer has a different request id', async () => {
    const answers = await Promise.all(
      [SESSIONS, '/api/v1/nothing', '/healthz', '/oauth/v2/token', '/%zz'].map((path) =>
        get(path, withToken),
      ),
    )
    const ids = answers.map(({ headers }) => headers.get('x-request-id'))
    expect(ids.every((id) => id !== null && id.length > 8)).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('the answer to an unknown path or method is JSON', async () => {
    const ROWS: [string, string, number, string | null][] = [
      ['GET', '/api/v1/nothing', 404, null],
      ['GET', '/api/v1/payment_sessions', 404, null],
      ['GET', '/nothing', 404, null],
      ['GET', `/api/v1/paymentsessions/${'9'.repeat(800)}`, 404, null],
      ['DELETE', '/api/v1/paymentsessions', 405, 'GET, HEAD, POST'],
      ['PUT', '/api/v1/paymentsessions/1', 405, 'GET, HEAD'],
      ['GET', '/api/v1/paymentsessions/1/cancel', 405, 'POST'],
      ['GET', '/oauth/v2/token', 405, 'POST'],
      ['POST', '/healthz', 405, 'GET, HEAD'],
    ]
    for (const [method, path, status, allow] of ROWS) {
      const answer = await get(path, withToken, method)
      expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([
        method,
        path,
        status,
        allow,
      ])
      expect(await answer.json()).toMatchObject({ code: 'error', message: expect.any(String) })
    }
  })

  test('bytes that are not HTTP get an error in the usual envelope', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(server.baseUrl).port), '127.0.0.1')
      let receivedText = ''
      socket.on('data', (chunk) => {
        receivedText += chunk
      })
      socket.on('end', () => resolve(receivedText))
      socket.on('error', reject)
      socket.write('NONSENSE\r\n\r\n')
    })
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'invalid_parameter' })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8'])(
    'JSON is read with any content type: %s',
    async (type) => {
      const answer = await call(
        server.baseUrl,
        'POST',
        '/paymentsessions',
        '{"amount":1,"currency":"INR"}',
        { 'content-type': type },
      )
      expect(answer.status).toBe(201)
    },
  )

  test('the error for an unreadable path or content type names the cause', async () => {
    const badPath = await get('/%zz', withToken)
    expect([badPath.status, (await badPath.json()).code]).toEqual([400, 'invalid_parameter'])
    const badType = await call(server.baseUrl, 'POST', '/paymentsessions', '{}', {
      'content-type': 'nonsense',
    })
    expect([badType.status, badType.body.code]).toEqual([400, 'invalid_parameter'])
    expect(badType.body.message).toContain('Content-Type')
  })

  test('a request without Host or with an unknown Expect is routed as usual, here to a 404 in the usual envelope', async () => {
    const { port } = new URL(server.baseUrl)
    const raw = (head: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1')
        let receivedText = ''
        socket.on('data', (chunk) => {
          receivedText += chunk
        })
        socket.on('end', () => resolve(receivedText))
        socket.on('error', reject)
        socket.write(head)
      })
    for (const head of [
      'GET /api/v1/x HTTP/1.1\r\nconnection: close\r\n\r\n',
      'GET /api/v1/x HTTP/1.1\r\nhost: localhost\r\nexpect: cookies\r\nconnection: close\r\n\r\n',
    ]) {
      const answer = await raw(head)
      expect(answer).toMatch(/^HTTP\/1\.1 404/)
      expect(answer.toLowerCase()).toContain('x-request-id: ')
      expect(answer).toContain('{"code":"error"')
    }
  })

  test('a missing page below the docs is a 404 in the envelope', async () => {
    const answer = await get('/docs/nope')
    expect([answer.status, (await answer.json()).code]).toEqual([404, 'error'])
    expect(answer.headers.get('x-request-id')).not.toBeNull()
    expect((await get('/docs')).headers.get('content-security-policy')).not.toContain(
      'upgrade-insecure',
    )
  })

  test('an impossible session id is a 404', async () => {
    for (const id of ['abc', '0', '-1', '1e3', '99999999999999999', '%00', "1'--"]) {
      const answer = await server.call('GET', `/paymentsessions/${id}`)
      expect([id, answer.status, answer.body.code]).toEqual([id, 404, 'resource_does_not_exist'])
    }
  })
})

describe('an internal error', () => {
  test('hides its cause from the client; the log has the cause and the request id', async () => {
    const lines: string[] = []
    const brokenServer = await startTestServer(
      'memory',
      { logLevel: 'info' },
      { logTo: { write: (line: string) => void lines.push(line) } },
    )
    const id = '250301496979812'
    // The store fails with an error that is no known outage of the database.
    Object.assign(brokenServer.tenant.store.paymentSessions, {
      find: () => Promise.reject(new Error('secret detail of the database')),
    })
    const answer = await brokenServer.call('GET', `/paymentsessions/${id}`)
    expect([answer.status, answer.body.code]).toEqual([500, 'error'])
    expect(answer.text).not.toContain('secret detail')
    const logLine = lines.find((line) => line.includes('secret detail of the database')) ?? ''
    expect(logLine).toContain(String(answer.headers.get('x-request-id')))
    await brokenServer.close()
  })
})

describe('rate limits', () => {
  test('refuse the 601st call of an account in a minute with 429 and Retry-After, and no call of another account', async () => {
    const limitedServer = await startTestServer('memory', { rateLimits: 'on' })
    const statuses: number[] = []
    for (let batch = 0; batch < 6; batch += 1) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => limitedServer.call('GET', '/paymentsessions/1')),
      )
      statuses.push(...answers.map(({ status }) => status))
    }
    expect(new Set(statuses)).toEqual(new Set([404]))
    const refusal = await limitedServer.call('GET', '/paymentsessions/1')
    expect([refusal.status, refusal.body.code]).toEqual([429, 'error'])
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0)
    const other = await limitedServer.call('GET', '/paymentsessions/1?account_id=23137600')
    expect(other.status).toBe(404)
    await limitedServer.close()
  })

  test('refuse the 61st token request of a client that guesses client secrets', async () => {
    const limitedServer = await startTestServer('memory', { rateLimits: 'on' })
    const tries = await Promise.all(
      Array.from({ length: 61 }, () =>
        fetch(`${limitedServer.baseUrl}/oauth/v2/token`, { method: 'POST', body: 'client_id=x' }),
      ),
    )
    const refusals = tries.filter(({ status }) => status === 429)
    expect(refusals).toHaveLength(1)
    expect(await refusals[0]?.json()).toMatchObject({ code: 'error' })
    expect(Number(refusals[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
    await limitedServer.close()
  })
})

describe('listing', () => {
  test('the error for a wrong parameter names that parameter', async () => {
    const ROWS = [
      ['status=paid', 'status'],
      ['from_date=22-11-2026', 'from_date'],
      ['to_date=2026-02-30', 'to_date'],
      ['from_date=2026-11-23&to_date=2026-11-22', 'to_date'],
      ['page=0', 'page'],
      ['page=x', 'page'],
      ['per_page=201', 'per_page'],
      ['per_page=1&per_page=2', 'per_page'],
      [`reference_number=${'x'.repeat(51)}`, 'reference_number'],
    ]
    for (const [query, field] of ROWS) {
      const answer = await server.call('GET', `/paymentsessions?${query}`)
      expect([query, answer.status, answer.body.code, answer.body.field]).toEqual([
        query,
        400,
        'invalid_parameter',
        field,
      ])
    }
  })

  test('returns the newest objects first, in pages, with a description of the page', async () => {
    let nowMs = Date.now()
    const clock = { nowMs: () => nowMs++ }
    const fresh = await startTestServer('memory', {}, { clock })
    for (let index = 0; index < 5; index += 1) {
      await fresh.call('POST', '/paymentsessions', {
        amount: index + 1,
        currency: 'INR',
        reference_number: index < 3 ? 'a' : 'b',
      })
    }
    const first = await fresh.call('GET', '/paymentsessions?per_page=2')
    expect(first.body.payments_sessions.map(({ amount }: { amount: string }) => amount)).toEqual([
      '5.00',
      '4.00',
    ])
    expect(first.body.page_context).toEqual({
      page: 1,
      per_page: 2,
      total: 5,
      total_pages: 3,
      has_more_page: true,
    })
    const today = dayInIndia(Date.now())
    const filterAnswer = await fresh.call(
      'GET',
      `/paymentsessions?reference_number=a&status=created&from_date=${today}&to_date=${today}`,
    )
    expect(filterAnswer.body.page_context.total).toBe(3)
    for (const [word, total] of [
      ['Status.Created', 5],
      ['success', 0],
      ['Status.Succeeded', 0],
      ['Status.Expired', 0],
    ]) {
      const { body } = await fresh.call('GET', `/paymentsessions?status=${word}`)
      expect([word, body.page_context.total]).toEqual([word, total])
    }
    const empty = await fresh.call('GET', '/paymentsessions?page=9')
    expect(empty.body).toMatchObject({
      payments_sessions: [],
      page_context: { has_more_page: false },
    })
    await fresh.close()
  })
})

describe('the description', () => {
  test('is valid OpenAPI 3.1 and contains every route of the API', async () => {
    const text = await (await get('/openapi.json')).text()
    const validator = new Validator()
    const result = await validator.validate(JSON.parse(text))
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
    expect(validator.version).toBe('3.1')
    const paths = new Set(API_ROUTES.map(({ url }) => `/api/v1${url}`))
    expect(paths.size).toBeGreaterThan(35)
    expect(Object.keys(JSON.parse(text).paths).sort()).toEqual([...paths].sort())
  })

  test('matches the answers of the server', async () => {
    const { paths } = JSON.parse(await (await get('/openapi.json')).text())
    const schemaOf = (path: string, method: string, status: number) =>
      Compile(paths[path][method].responses[status].content['application/json'].schema)
    const creation = await server.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
    const id = creation.body.payments_session.payments_session_id
    expect(schemaOf('/api/v1/paymentsessions', 'post', 201).Check(creation.body)).toBe(true)
    const path = '/api/v1/paymentsessions/{payments_session_id}'
    expect(
      schemaOf(path, 'get', 200).Check((await server.call('GET', `/paymentsessions/${id}`)).body),
    ).toBe(true)
    expect(
      schemaOf('/api/v1/paymentsessions', 'get', 200).Check(
        (await server.call('GET', '/paymentsessions')).body,
      ),
    ).toBe(true)
    const refusal = await server.call('POST', '/paymentsessions', {})
    expect(schemaOf('/api/v1/paymentsessions', 'post', 400).Check(refusal.body)).toBe(true)
  })

  test('is shown on a page that loads nothing from other servers', async () => {
    const page = await get('/docs/')
    expect(page.status).toBe(200)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await page.text()).not.toMatch(/(?:src|href)="https?:/)
  })
})

describe('operation', () => {
  test('reports liveness, readiness and metrics', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ status: 'alive' })
    expect(await (await get('/readyz')).json()).toEqual({ status: 'ready' })
    await server.call('GET', '/paymentsessions/1')
    const metrics = await (await get('/metrics')).text()
    expect(metrics).toMatch(
      /paydesk_http_requests_total\{method="GET",route="\/api\/v1\/paymentsessions\/:payments_session_id",status="404"\} \d+/,
    )
    expect(metrics).toContain('paydesk_http_request_duration_seconds_bucket')
    expect(metrics).toMatch(/paydesk_database_batch_size_count\{kind="retrieve"\} [1-9]/)
    expect(metrics).toContain('process_resident_memory_bytes')
    expect(metrics).not.toContain(ACCOUNT_ID)
  })

  test('reports not ready while the database does not answer', async () => {
    const brokenServer = await startTestServer('memory')
    Object.assign(brokenServer.tenant.store, {
      checkWritable: () => Promise.reject(new Error('gone')),
    })
    const answer = await fetch(`${brokenServer.baseUrl}/readyz`)
    expect(answer.status).toBe(503)
    await brokenServer.close()
  })
})
