/** `paydesk conformance` against a sandbox that others use too, and against servers with faults. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Exchange } from '../src/cli/conformance/exchange.ts'
import { ALL_EXCHANGES } from '../src/cli/conformance/exchanges/all.ts'
import { proveSandbox } from '../src/cli/conformance/prove-sandbox.ts'
import { makeReport, type Report } from '../src/cli/conformance/report.ts'
import { renderReportPage } from '../src/cli/conformance/report-page.ts'
import { REPORT_SCHEMA } from '../src/cli/conformance/report-schema.ts'
import { type RunDeps, runChecks } from '../src/cli/conformance/run-checks.ts'
import { waitForPayment } from '../src/cli/conformance/wait-for-payment.ts'
import { systemClock } from '../src/server/clock.ts'
import { inProcessCli } from './support/in-process-cli.ts'
import { startReceiver } from './support/receiver.ts'
import { control } from './support/sandbox.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, TOKEN } from './support/server.ts'

/** Changes an answer of the sandbox, or answers itself and returns undefined. */
type Fault = (text: string, response: ServerResponse) => string | undefined

let sandbox: TestServer
let proxy: Server
let proxyUrl: string
let folder: string
let faults: Readonly<Record<string, Fault>> = {}
let receivedItems: IncomingMessage[] = []
beforeAll(async () => {
  sandbox = await startTestServer('memory')
  folder = mkdtempSync(join(tmpdir(), 'paydesk-conformance-'))
  proxy = createServer((request, response) => {
    receivedItems.push(request)
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', async () => {
      const { 'content-length': _, connection: __, host: ___, ...headers } = request.headers
      const answer = await fetch(`${sandbox.baseUrl}${request.url}`, {
        method: request.method ?? 'GET',
        redirect: 'manual',
        headers: headers as Record<string, string>,
        ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
      })
      const path = new URL(request.url ?? '/', 'http://x').pathname
      const fault = faults[`${request.method} ${path}`]
      const text = await answer.text()
      const changedText = fault === undefined ? text : fault(text, response)
      if (changedText === undefined) return
      const type = answer.headers.get('content-type') ?? 'text/plain'
      response.writeHead(answer.status, { 'content-type': type }).end(changedText)
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => proxy.once('listening', resolve))
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
})
beforeEach(() => {
  faults = {}
  receivedItems = []
})
afterAll(async () => {
  proxy.closeAllConnections()
  proxy.close()
  await sandbox.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the command, and returns its report and its exit code. */
async function conformance(...args: readonly string[]) {
  const before = process.exitCode
  process.exitCode = undefined
  try {
    const result = await inProcessCli({})('conformance', ...args)
    return { ...result, code: process.exitCode ?? result.refusalCode }
  } finally {
    process.exitCode = before
  }
}

/** Runs chosen exchanges. */
function run(prefix: string, deps: Partial<RunDeps> = {}) {
  return runChecks({
    target: { kind: 'paydesk', url: proxyUrl, token: TOKEN, accountId: ACCOUNT_ID },
    edition: 'IN',
    exchanges: ALL_EXCHANGES.filter(({ id }) => id.startsWith(prefix)),
    givenValues: { currency: 'INR' },
    clock: systemClock,
    signal: new AbortController().signal,
    timeLimitMs: 60_000,
    pauseMs: 0,
    onResult: () => {},
    ...deps,
  })
}

const differences = (exchanges: Awaited<ReturnType<typeof run>>['exchanges']) =>
  exchanges.flatMap(({ checks }) =>
    checks.filter(({ result }) => result === 'differs').map(({ id }) => id),
  )

describe('a sandbox that other programs use too', () => {
  test.each(['IN', 'US'])(
    'conforms to the contract in every check of the %s edition',
    async (edition) => {
      // Other programs have objects in the sandbox, and a payout.
      await control(sandbox.baseUrl)('POST', '/sessions', {
        ...(edition === 'US' && { account_id: '23137600' }),
        attempts: [{ method: 'card', outcome: 'succeeded' }],
      })
      await control(sandbox.baseUrl)('POST', '/clock/advance', { by: '7d' })
      const hook = await startReceiver()
      const file = join(folder, `${edition}.json`)
      const page = join(folder, `${edition}.html`)
      const flags = [
        '--edition',
        edition,
        '--webhook-url',
        hook.url,
        '--report',
        file,
        '--html',
        page,
      ]
      const { code, out } = await conformance('--base-url', `${sandbox.baseUrl}/api/v1`, ...flags)
      await hook.close()
      const report = JSON.parse(readFileSync(file, 'utf8')) as Report
      // The reasons of skipped checks: a wait of minutes, a call that Paydesk does not serve, or an object of such a call.
      const expected = /--slow|does not serve|of an earlier answer/
      const others = report.exchanges.filter(
        ({ checks, reason }) =>
          checks.some(({ result }) => result !== 'conforms') && !expected.test(reason ?? ''),
      )
      expect(others).toEqual([])
      expect([code, report.is_complete, report.left_behind]).toEqual([0, true, []])
      expect(out).toContain(`${report.summary.conforms} conform, 0 differ, 0 had no answer, `)
      for (const text of [readFileSync(file, 'utf8'), readFileSync(page, 'utf8'), out]) {
        const secrets = [TOKEN, hook.url, '@shop.example', 'Asha Rao']
        expect(secrets.filter((secret) => text.includes(secret))).toEqual([])
      }
    },
  )
})

describe('the run finds, and names the check of', () => {
  const replace =
    (from: string | RegExp, to: string): Fault =>
    (text) =>
      text.replaceAll(from, to)
  const reply =
    (status: number, headers: Record<string, string>, body = ''): Fault =>
    (_, response) => {
      response.writeHead(status, headers).end(body)
      return undefined
    }
  const SESSIONS = 'POST /api/v1/paymentsessions'
  test.each<[string, string, Fault, string, readonly string[]]>([
    [
      'an amount that is a number',
      SESSIONS,
      replace('"100.50"', '100.5'),
      'session-create',
      ['session-create.types', 'session-create.amount'],
    ],
    [
      'a code that is a text',
      SESSIONS,
      replace('"code":0', '"code":"0"'),
      'session-create',
      ['session-create.code'],
    ],
    [
      'milliseconds',
      SESSIONS,
      replace(/"created_time":(\d+)/g, '"created_time":$1000'),
      'session-create',
      ['session-create.time-unit', 'session-create.life', 'session-create-least.life'],
    ],
    [
      'a missing key and an unknown one',
      'POST /api/v1/customers',
      replace('"email"', '"mail"'),
      'customer-create',
      ['customer-create.keys', 'customer-create-least.keys'],
    ],
    [
      'a page in place of JSON',
      'GET /api/v1/payouts',
      reply(200, { 'content-type': 'text/html' }, '<p>'),
      'payout-list-unknown',
      ['payout-list-unknown.status', 'payout-list-unknown.types', 'payout-list-unknown.code'],
    ],
    [
      'an empty answer',
      'GET /api/v1/transfers',
      reply(200, {}),
      'transfer-list',
      [
        'transfer-list.envelope',
        'transfer-list.code',
        'transfer-list.message',
        'transfer-list.page-keys',
        'transfer-list.page-types',
        'transfer-list.per-page',
      ],
    ],
    [
      'a redirect',
      'GET /api/v1/payouts',
      reply(307, { location: 'http://127.0.0.1:9/' }),
      'payout-list-paid',
      ['payout-list-paid.status'],
    ],
  ])('%s', async (_, place, fault, prefix, expected) => {
    faults = { [place]: fault }
    expect(differences((await run(prefix)).exchanges)).toEqual(expected)
  })
})

test('a redirect is never followed, so the token reaches no other server', async () => {
  const other = await startReceiver()
  faults = {
    'GET /api/v1/payouts': (_, response) => {
      response.writeHead(302, { location: other.url }).end()
      return undefined
    },
  }
  await run('payout-list')
  expect(other.received).toEqual([])
  await other.close()
})

test('a server that does not prove that it is a sandbox is refused, and never gets the token', async () => {
  const proof = 'GET /_sandbox/clock'
  const answers: Fault[] = [() => '{"code":"error"}', () => '<html>', () => '[]', () => '']
  for (const fault of answers) {
    faults = { [proof]: fault }
    const { code, refusal } = await conformance('--url', proxyUrl, '--token', TOKEN)
    expect([code, refusal]).toEqual([
      1,
      expect.stringContaining('does not prove that it is a sandbox'),
    ])
  }
  expect(receivedItems.map(({ headers, url }) => [url, headers.authorization])).toEqual(
    answers.map(() => ['/_sandbox/clock', undefined]),
  )
})

test.each([
  'https://payments.zoho.in',
  'https://payments.zoho.com',
  'https://PAYMENTS.ZOHO.IN.',
  'https://prepay.zoho.com/api',
  'http://paymentssandbox.zoho.in',
])('the live service is refused without a connection: %s', async (url) => {
  const fetching = vi.spyOn(globalThis, 'fetch')
  const address = { url, token: TOKEN, accountId: ACCOUNT_ID }
  await expect(proveSandbox(address)).rejects.toThrow(/live service|needs https/)
  expect(fetching).not.toHaveBeenCalled()
  fetching.mockRestore()
  const real = { ...address, url: 'https://paymentssandbox.zoho.in' }
  expect(await proveSandbox(real)).toMatchObject({ kind: 'zoho' })
})

test('an interrupted run removes its objects, and sends nothing else', async () => {
  const stopping = new AbortController()
  const links = ALL_EXCHANGES.filter(({ section }) => section === 'Payment links')
  const { exchanges, leftBehind, stopReason } = await run('', {
    exchanges: links,
    signal: stopping.signal,
    onResult: (_, number) => {
      if (number === 2) stopping.abort()
    },
  })
  expect([stopReason, leftBehind]).toEqual(['The run was interrupted.', []])
  expect(exchanges.filter(({ response }) => response !== undefined)).toHaveLength(2)
  const paths = receivedItems.map(({ method, url }) => `${method} ${url?.split('?')[0]}`)
  expect(paths.slice(0, 2)).toEqual(['POST /api/v1/paymentlinks', 'POST /api/v1/paymentlinks'])
  expect(paths.slice(2)).toEqual([
    expect.stringMatching(/^PUT .*\/cancel$/),
    expect.stringMatching(/^PUT .*\/cancel$/),
  ])
})

test('a check that needs minutes is part of slow runs only', async () => {
  const wait = async (milliseconds: number) => {
    await control(sandbox.baseUrl)('POST', '/clock/advance', { by: `${milliseconds / 1000}s` })
  }
  const ids = ['session-short', 'session-expired']
  const exchanges = ALL_EXCHANGES.filter(({ id }) => ids.includes(id))
  const last = async (mayBeSlow: boolean) =>
    (await run('', { exchanges, wait, mayBeSlow })).exchanges
      .at(-1)
      ?.checks.map(({ result }) => result)
  expect(await last(false)).toEqual(['skipped', 'skipped'])
  expect(await last(true)).toEqual(['conforms', 'conforms'])
})

test('a request that was refused for its rate is sent again after the time that the server names', async () => {
  let count = 0
  faults = {
    'GET /api/v1/payments': (text, response) => {
      count += 1
      if (count > 2) return text
      response.writeHead(429, { 'retry-after': count === 1 ? '7' : 'soon' }).end('{}')
      return undefined
    },
  }
  const waits: number[] = []
  const wait = async (milliseconds: number) => {
    waits.push(milliseconds)
  }
  const { exchanges } = await run('payment-list-largest', { wait })
  expect([waits, differences(exchanges), count]).toEqual([[7_000, 60_000], [], 3])
})

test('a server that does not answer ends the run after three requests', async () => {
  const { exchanges, stopReason } = await run('', {
    exchanges: ALL_EXCHANGES.slice(0, 6),
    target: { kind: 'paydesk', url: 'http://127.0.0.1:9', token: TOKEN, accountId: ACCOUNT_ID },
  })
  expect(stopReason).toBe('3 requests in a row had no answer.')
  expect(exchanges.map(({ checks }) => checks[0]?.result)).toEqual([
    'no_answer',
    'no_answer',
    'no_answer',
    'skipped',
    'skipped',
    'skipped',
  ])
})

test('a person can pay a session on its page, and the checks use the payment', async () => {
  const pages: string[] = []
  const wait = async () => {
    const page = await (await fetch(pages[0] ?? '')).text()
    expect(page).toContain('Conformance')
    const list = await sandbox.call('GET', '/paymentsessions?per_page=1')
    const [{ payments_session_id: id }] = list.body.payments_sessions
    await control(sandbox.baseUrl)('POST', `/sessions/${id}/attempts`, {
      attempts: [
        { method: 'card', outcome: 'failed' },
        { method: 'card', outcome: 'succeeded' },
      ],
    })
  }
  const target = { kind: 'paydesk', url: proxyUrl, token: TOKEN, accountId: ACCOUNT_ID } as const
  const payment = await waitForPayment({
    target,
    edition: 'IN',
    signal: new AbortController().signal,
    wait,
    onPage: (url) => pages.push(url),
  })
  const input = { currency: 'INR', payment_id: payment ?? '' }
  const ids = ['payment-retrieve', 'payment-session']
  const exchanges = ALL_EXCHANGES.filter(({ id }) => ids.includes(id))
  const result = await run('', { exchanges, givenValues: input })
  expect(
    result.exchanges.map(({ checks }) => checks.every((one) => one.result === 'conforms')),
  ).toEqual([true, true])
})

test('a request without a complete answer ends after its time limit, and a run after its own', async () => {
  faults = { 'GET /api/v1/payments': (_, response) => void response.writeHead(200).write('{') }
  const { exchanges } = await run('payment-list-largest', { requestTimeoutMs: 100 })
  expect(exchanges.map(({ reason }) => reason)).toEqual([
    'There was no complete answer within 100 ms.',
  ])
  expect((await run('payment-list', { timeLimitMs: -1 })).stopReason).toBe(
    'The time limit was reached.',
  )
})

test('differences from Paydesk’s own behavior do not count against the real service', async () => {
  faults = { 'GET /api/v1/paymentlinks': () => '{"code":"error","message":"Not found"}' }
  const brokenExchanges = ALL_EXCHANGES.filter(({ id }) => id === 'link-list')
  const exchanges: readonly Exchange[] = brokenExchanges.map((one) => ({
    ...one,
    checks: one.checks.map((check) => ({ ...check, expect: { status: [418] } })),
  }))
  const result = await run('', { exchanges })
  const target = { url: proxyUrl, token: TOKEN, accountId: ACCOUNT_ID }
  const counts = (kind: 'paydesk' | 'zoho') => {
    const report = makeReport(result, {
      target: { ...target, kind },
      edition: 'IN',
      paydeskVersion: '1',
    })
    const { differs, ours } = report.summary
    return [differs, ours, renderReportPage(report).includes('>Differences</h2>')]
  }
  expect([counts('zoho'), counts('paydesk')]).toEqual([
    [0, 1, false],
    [1, 0, true],
  ])
})

test('a report follows its schema, and its page is one file without scripts', async () => {
  faults = { 'GET /api/v1/payments': () => '{"code":"<script>alert(1)</script>"}' }
  const target = { kind: 'paydesk' as const, url: proxyUrl, token: TOKEN, accountId: ACCOUNT_ID }
  const result = await run('no-token')
  const report = makeReport(result, { target, edition: 'IN', paydeskVersion: '1.2.3' })
  expect(Compile(REPORT_SCHEMA).Check(JSON.parse(JSON.stringify(report)))).toBe(true)
  expect(Compile(REPORT_SCHEMA).Check({ ...report, summary: {} })).toBe(false)
  const page = renderReportPage(report)
  expect(page).toContain('&lt;script&gt;')
  expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|@import|url\(/)
})

test('--list prints all checks of the edition, and sends nothing', async () => {
  const { out } = await conformance('--list', '--json', '--url', proxyUrl)
  const rows = JSON.parse(out) as { id: string; confidence: string }[]
  const checks = ALL_EXCHANGES.filter(({ editions }) => editions?.includes('IN') ?? true).flatMap(
    (one) => one.checks.map(({ id }) => `${one.id}.${id}`),
  )
  expect(rows.map(({ id }) => id).toSorted()).toEqual(checks.toSorted())
  expect(rows.length).toBeGreaterThan(450)
  expect(new Set(rows.map(({ confidence }) => confidence))).toEqual(
    new Set(['H', 'M', 'L', 'ours']),
  )
  expect(receivedItems).toEqual([])
  expect((await conformance('--list')).out).toContain('session-create.amount')
})
