/** The commands that control a sandbox. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeProgram } from '../src/cli/program.ts'
import { createControl } from '../src/client/control.ts'
import { WEBHOOK_EVENT_TYPES } from '../src/domain/webhook-event.ts'
import { paydesk, startPaydesk } from './support/command-line.ts'
import { enroll } from './support/mandates.ts'
import { PAYDESK, startTestServer, type TestServer } from './support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory', { seed: 'cli' })
})
afterAll(() => server.close())
const paydeskWith = async (environment: Record<string, string>, ...args: string[]) => {
  const result = await paydesk(args, { PAYDESK_API_URL: server.baseUrl, ...environment })
  return { ...result, all: `${result.code} ${result.out}${result.err}` }
}
const run = (...args: string[]) => paydeskWith({}, ...args)
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out)

test('clock commands show, advance, freeze and run the clock', async () => {
  expect((await run('clock', 'show')).all).toBe('0 2026-01-01T00:00:00.000Z, frozen\n')
  expect((await run('clock', 'advance', '2d')).out).toBe('2026-01-03T00:00:00.000Z, frozen\n')
  expect((await run('clock', 'advance', '10')).err).toContain(
    'with its unit, such as 2d, 1h30m or 90s',
  )
  expect((await run('clock', 'set', '2026-02-01T00:00:00Z')).out).toContain('2026-02-01')
  expect((await run('clock', 'set', '2026-01-01T00:00:00Z')).err).toMatch(
    /^paydesk: invalid_parameter: <time> must not be before .+\n$/,
  )
  expect((await run('clock', 'run', '60')).out).toMatch(/, 60 times as fast as real time\n$/)
  expect((await run('clock', 'run', 'fast')).err).toContain('It must be a number.')
  expect(await json('clock', 'freeze')).toMatchObject({ is_frozen: true, rate: 0 })
})

test('fault commands add a fault, show its use, and remove it', async () => {
  const addResult = await run(
    'fault',
    'add',
    'route',
    '--match',
    'POST /paymentsessions',
    '--status',
    '503',
    '--retry-after',
    '5',
    '--latency',
    '10ms',
    '--count',
    '2',
    '--for',
    '10m',
  )
  expect(addResult.all).toBe(
    `0 Added fault-1. To remove it: npx paydesk fault delete fault-1 --url ${server.baseUrl}\n`,
  )
  const refusal = await server.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
  expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([503, '5'])
  expect((await run('fault', 'list')).out).toMatch(
    /^fault-1 +route +POST \/paymentsessions +1 +2 +1 +latency 10ms, status 503, retry_after 5$/m,
  )
  expect((await run('fault', 'delete', 'fault-1')).out).toBe('Deleted fault-1.\n')
  expect((await run('fault', 'delete', 'fault-1')).err).toBe(
    'paydesk: resource_does_not_exist: There is no fault with this <fault_id>. See: GET /_sandbox/faults\n',
  )
  for (const [target, flag] of [
    ['webhook', '--corrupt'],
    ['webhook', '--reorder'],
    ['webhook', '--drop'],
    ['processor', '--duplicate'],
    ['processor', '--lost-answer'],
    ['route', '--reset'],
  ] as const) {
    expect(await json('fault', 'add', target, flag, '--probability', '0.5')).toMatchObject({
      target,
    })
  }
  const decline = ['--outcome', 'declined', '--decline-code', 'insufficient_funds']
  expect(await json('fault', 'add', 'processor', '--match', 'charge', ...decline)).toMatchObject({
    match: { call: 'charge' },
    effect: { outcome: 'declined' },
  })
  expect((await run('fault', 'add', 'route', '--corrupt')).err).toMatch(
    /not for the target "route"/,
  )
  expect((await run('fault', 'add', 'route', '--status', 'x')).err).toContain('a number')
  expect((await run('fault', 'clear')).code).toBe(0)
  expect((await run('fault', 'list')).out).toBe('No faults.\n')
})

test('request commands list requests, show one, and print it as a curl command', async () => {
  await server.call('GET', '/payments/7')
  const requestList = await run('request', 'list', '--payment', '7', '--status', '4xx')
  expect(requestList.out).toMatch(/api +GET \/api\/v1\/payments\/7 +404/)
  const [{ curl, id }] = await json('request', 'list', '--kind', 'api', '--limit', '1')
  expect((await run('request', 'show', id, '--curl')).out).toBe(`${curl}\n`)
  const details = await run('request', 'show', id)
  expect(details.out).toMatch(/^Answer +404$/m)
  expect(details.out).toMatch(/^ +"code": "resource_does_not_exist"/m)
  expect((await run('request', 'list', '--limit', '1001')).err).toContain(
    'It must be a whole number from 1 to 1000: a sandbox keeps 1000 requests.',
  )
  expect((await run('request', 'list', '--kind', 'webhook')).out).toBe('No matching requests.\n')
})

test('logs tail prints each request that matches its filters once, as JSON', async () => {
  const environment = { PAYDESK_API_URL: server.baseUrl }
  await server.call('GET', '/payments/11')
  const filters = ['--status', '4xx', '--method', 'get', '--path', '/payments/', '--last', '1']
  const bad = await run('logs', 'tail', ...filters)
  expect([bad.code, bad.err]).toEqual([2, expect.stringContaining('Did you mean GET?')])
  filters[3] = 'GET'
  const lines = startPaydesk(['logs', 'tail', ...filters, '--json'], environment)
  const text = startPaydesk(['logs', 'tail', '--kind', 'api', '--last', '0'], environment)
  const following = /Following the requests of .*\n/
  await Promise.all([lines.until(following, 'err'), text.until(following, 'err')])
  await server.call('POST', '/paymentsessions', { amount: -1, currency: 'INR' })
  await server.call('GET', '/payments/12')
  await Promise.all([lines.until(/payments\/12/), text.until(/payments\/12/)])
  for (const { process: child } of [lines, text]) child.kill('SIGINT')
  const result = await lines.exit
  expect(result.code).toBe(0)
  const rows = result.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows.map(({ path, response }) => [path.split('?')[0], response.status])).toEqual([
    ['/api/v1/payments/11', 404],
    ['/api/v1/payments/12', 404],
  ])
  expect((await text.exit).out).toMatch(
    /^[\d-]{10} [\d:]{8} \S+ {2}api {8}400 {3}POST \/api\/v1\/paymentsessions {2}\d+ ms\n[\d-]{10} [\d:]{8} \S+ {2}api {8}404 {3}GET \/api\/v1\/payments\/12 {2}\d+ ms\n$/,
  )
})

test('trigger sends every type of event, with a field that --override sets', async () => {
  const { sample } = createControl({ baseUrl: server.baseUrl }).events
  for (const type of WEBHOOK_EVENT_TYPES) {
    const fields = Object.entries(await sample(type))
    const [name = ''] = fields.find(([, value]) => typeof value === 'string') ?? []
    const program = makeProgram({ PAYDESK_API_URL: server.baseUrl })
    const writing = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    try {
      await program.parseAsync(['', '', 'trigger', type, '--override', `${name}=9.75`, '--json'])
      const event = JSON.parse(String(writing.mock.calls[0]?.[0]))
      expect(event.event_type).toBe(type)
      const [object] = Object.values<Record<string, unknown>>(event.event_object)
      expect(object, type).toEqual({ ...object, [name]: '9.75' })
    } finally {
      writing.mockRestore()
    }
  }
})

test('commands create and restore snapshots, create and delete tenants, and reset the sandbox', async () => {
  const total = async () =>
    (await server.call('GET', '/paymentsessions')).body.page_context.total as number
  expect((await run('snapshot', 'take', 'empty')).out).toContain('paydesk snapshot restore empty')
  await server.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
  expect((await run('snapshot', 'list')).out).toMatch(/^empty +2026-\S+ +\d+$/m)
  const fork = await json('tenant', 'fork')
  const creation = await run('tenant', 'create', 'shop', '--seed', 'x')
  expect(creation.out).toMatch(/^Sandbox +shop$/m)
  expect((await run('tenant', 'list')).out.trimEnd().split('\n')).toHaveLength(4)
  expect(await total()).toBe(1)
  expect((await run('snapshot', 'restore', 'empty')).out).toMatch(/^Restored\./)
  expect(await total()).toBe(0)
  expect((await run('snapshot', 'delete', 'empty')).code).toBe(0)
  expect((await run('snapshot', 'list')).out).toBe('No snapshots.\n')
  for (const name of ['shop', fork.name]) {
    expect((await run('tenant', 'delete', name)).out).toBe(`Deleted ${name}.\n`)
  }
  await server.call('POST', '/paymentsessions', { amount: 1, currency: 'INR' })
  expect((await run('reset')).out).toBe('The sandbox main is empty again.\n')
  expect(await total()).toBe(0)
})

test('a mandate is shown with the days of the account, not with the times in UTC at which they begin', async () => {
  const details = { start_date: '2027-03-05', end_date: '2028-03-05' }
  const { mandateId } = await enroll(server, { details })
  expect((await run('mandate', 'show', mandateId)).out).toMatch(
    /^First day +2027-03-05\nLast day +2028-03-05$/m,
  )
})

test('the commands of the sandbox guide work', async () => {
  const guide = readFileSync(new URL('../docs/guides/sandbox.md', import.meta.url), 'utf8')
  const blocks = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, lines = '']) => lines)
  expect(blocks.length).toBeGreaterThan(4)
  const program = `npx() { shift; "${process.execPath}" "${PAYDESK}" "$@"; }`
  for (const block of blocks) {
    const lines = block
      .replaceAll('http://127.0.0.1:4242', server.baseUrl)
      .replaceAll('curl ', 'curl -sS --fail-with-body ')
    const { stdout } = await promisify(execFile)('bash', ['-euc', `${program}\n${lines}`], {
      env: { ...process.env, PAYDESK_API_URL: server.baseUrl },
    })
    expect(stdout).toContain('"message":"success"')
  }
})

test('commands create and pay a session without a browser, and --open opens its checkout in the browser', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-open-'))
  const openedFile = join(folder, 'opened')
  const browser = join(folder, 'browser')
  writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" > ${openedFile}\n`, { mode: 0o755 })
  const { all, out } = await paydeskWith(
    { BROWSER: browser },
    'session',
    'create',
    '--amount',
    '20',
    '--open',
  )
  const id = /^Payment session +(\d+)$/m.exec(out)?.[1] ?? all
  const checkout = /^Checkout +(\S+)$/m.exec(out)?.[1] ?? all
  await expect
    .poll(() => existsSync(openedFile) && readFileSync(openedFile, 'utf8'), { timeout: 30_000 })
    .toBe(checkout)
  rmSync(folder, { recursive: true })

  const failure = await run('session', 'pay', id, '--decline-code', 'expired_card')
  const contrary = await run(
    'session',
    'pay',
    id,
    '--outcome',
    'pending',
    '--decline-code',
    'expired_card',
  )
  expect(contrary.err).toContain('--decline-code needs --outcome failed, but --outcome is pending.')
  expect(failure.out).toMatch(/^Payment +\d+ failed$/m)
  const payResult = await run('session', 'pay', id)
  expect(payResult.out).toMatch(/^Status +succeeded$/m)
  expect(await json('session', 'show', id)).toMatchObject({
    status: 'succeeded',
    payments: [{ status: 'succeeded' }, { status: 'failed' }],
  })
  // The API names the field `attempts[0]`, which is not a flag.
  expect((await run('session', 'pay', id)).err).toMatch(
    /^paydesk: invalid_payment_session: .+paid\. \(<payments_session_id>\)$/m,
  )
  await decidesWaitingPayment()
  expect((await run('session', 'pay', id, '--method', 'cash')).err).toContain(
    'Allowed choices are card',
  )
})

/** Checks that `session pay` names the command that decides a pending payment, and that `session show` has the decline code. */
async function decidesWaitingPayment(): Promise<void> {
  const { payments_session_id: id } = await json('session', 'create', '--amount', '5')
  const pending = await run('session', 'pay', id, '--outcome', 'pending')
  expect(pending.out).toMatch(
    new RegExp(
      `npx paydesk session decide ${id} --outcome succeeded --url http://127.0.0.1:\\d+\n`,
    ),
  )
  const code = ['--decline-code', 'insufficient_funds'] as const
  const decision = await run('session', 'decide', id, '--outcome', 'failed', ...code)
  expect([decision.code, decision.err]).toEqual([0, ''])
  expect((await run('session', 'show', id)).out).toMatch(/ failed \(insufficient_funds\)\n/)
  const again = await run('session', 'decide', id, '--outcome', 'succeeded')
  expect(again.err).toMatch(/must be a session with a waiting attempt/)
}
