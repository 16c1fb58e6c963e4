/** Scenario files: their steps, their reports, and the examples. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readScenario } from '../src/cli/scenarios/read-scenario.ts'
import { renderStep, renderTotals } from '../src/cli/scenarios/render-report.ts'
import { runScenario } from '../src/cli/scenarios/run-scenario.ts'
import { systemClock } from '../src/server/clock.ts'
import { paydesk } from './support/command-line.ts'
import { startReceiver } from './support/receiver.ts'
import { startTestServer, type TestServer } from './support/server.ts'

const EXAMPLES = fileURLToPath(new URL('../examples/scenarios/', import.meta.url))

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startTestServer('memory')
  folder = mkdtempSync(join(tmpdir(), 'paydesk-scenarios-'))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const play = (text: string) =>
  runScenario(readScenario(text, 'test.yml'), { url: server.baseUrl, clock: systemClock })
const withSteps = (steps: string) => `name: A test\nsteps:\n${steps}`

/** Plays steps that should pass, and returns the failed ones. */
async function pass(steps: string) {
  const report = await play(withSteps(steps))
  const failures = report.steps.filter(({ status }) => status !== 'passed')
  expect(failures.map((step) => renderStep(step, 'test.yml')).join('\n')).toBe('')
  return report
}
async function control(path: string) {
  return (await fetch(`${server.baseUrl}/_sandbox${path}`)).json()
}

test.each(readdirSync(EXAMPLES))(
  'the example %s passes, and leaves nothing behind',
  async (name) => {
    const text = readFileSync(join(EXAMPLES, name), 'utf8')
    const report = await play(text)
    const output = report.steps.map((step) => renderStep(step, name)).join('\n')
    expect(output).not.toContain('✗')
    expect([report.hasPassed, report.failedCount, report.skippedCount]).toEqual([true, 0, 0])
    expect((await control('/tenants')).tenants).toHaveLength(1)
    expect((await control('/snapshots')).snapshots).toEqual([])
  },
)

test('the guide’s scenario passes', async () => {
  const guide = readFileSync(new URL('../docs/guides/scenarios.md', import.meta.url), 'utf8')
  const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? []
  const report = await play(text)
  expect([report.steps.length, report.hasPassed]).toEqual([6, true])
})

describe('steps', () => {
  test('a customer can pay on the checkout page', async () => {
    await pass(`
  - session: { as: order, amount: 100.00, currency: INR }
  - pay_link: { of: order, as: paid, method: upi, upi_channel: collect, upi_id: success@paydesk }
  - expect: { session: { of: order, status: in_progress } }
  - advance: 5s
  - expect: { session: { of: order, status: succeeded }, payment: { of: paid, status: succeeded } }
`)
  })

  test('a session can expire and can be canceled', async () => {
    await pass(`
  - session: { as: one, amount: 1, currency: INR }
  - session: { as: two, amount: 1, currency: INR }
  - session: { as: three, amount: 1, currency: INR, expires_in: 300 }
  - expire: one
  - cancel: two
  - advance: 300
  - expect:
      session: { of: one, status: expired }
  - expect:
      session: { of: two, status: canceled }
  - expect:
      session: { of: three, status: expired, payments: [] }
`)
  })

  test('the clock can be set, frozen and run', async () => {
    const report = await pass(`
  - set_clock: "2026-01-02T03:04:05Z"
  - run_clock: 1
  - freeze_clock: true
`)
    const [set] = report.steps
    expect(new Date(set?.sandboxTimeMs ?? 0).toISOString()).toBe('2026-01-02T03:04:05.000Z')
    expect(report.sandboxMs).toBeGreaterThanOrEqual(24 * 3_600_000)
  })

  test('a snapshot restores everything, including the time', async () => {
    await pass(`
  - session: { as: order, amount: 100.00, currency: INR }
  - snapshot: before
  - attempts: { of: order, play: ["card:succeeded"] }
  - advance: 1h
  - expect: { session: { of: order, status: succeeded } }
  - restore: before
  - expect: { session: { of: order, status: created, payments: [] } }
  - attempts: { of: order, play: ["upi:failed", { method: wallet, outcome: succeeded }] }
  - expect: { session: { of: order, payment_statuses: [failed, succeeded] } }
`)
  })

  test('an endpoint receives events of any type, which `order: any` compares in any order', async () => {
    await pass(`
  - webhook: { as: shop, events: [payout.paid, virtual_account.closed] }
  - event: { type: payout.paid, id: 4711, data: { amount: "7.00" }, as: paid }
  - event: { type: virtual_account.closed }
  - expect:
      events: { at: shop, are: [virtual_account.closed, payout.paid], order: any, genuine: 2 }
  - event: { type: payout.paid, id: "\${paid.event_id}" }
  - expect: { answer: { status: 400, field: event_id } }
`)
  })

  test('an endpoint that the scenario creates receives its events', async () => {
    const receiver = await startReceiver()
    await pass(`
  - webhook: { as: mine, url: "${receiver.url}/hooks", events: [payment.succeeded] }
  - session: { as: order, amount: 1, currency: INR }
  - attempts: { of: order, play: ["upi:succeeded"] }
  - expect: { get: { path: /api/v1/webhooks, is: { webhooks: [{ url: "\${mine.url}" }] } } }
`)
    expect(receiver.received.map(({ body }) => JSON.parse(body).event_type)).toEqual([
      'webhook.test',
      'payment.succeeded',
    ])
    await receiver.close()
  })

  test('a fault applies until it is removed', async () => {
    await pass(`
  - fault: { as: down, target: route, match: { route: "POST /paymentsessions" }, effect: { status: 503 } }
  - fault: { target: route, match: { route: "GET /payments" }, effect: { reset: true } }
  - session: { amount: 1, currency: INR }
  - expect: { answer: { status: 503 } }
  - clear_faults: down
  - session: { amount: 1, currency: INR }
  - call: { method: GET, path: /api/v1/payments }
  - expect: { answer: { lost: true } }
  - clear_faults: true
  - call: { method: GET, path: /api/v1/payments }
`)
  })

  test('the US account receives payments in dollars', async () => {
    const report = await play(`
name: Dollars
account: us
steps:
  - webhook: { as: shop, events: [payment.pending, payment.succeeded] }
  - session: { as: order, amount: 10.00, currency: USD }
  - attempts: { of: order, play: ["ach_debit:succeeded@3s"] }
  - advance: 1m
  - expect:
      events: { at: shop, are: [payment.pending, payment.succeeded] }
      ledger: { processor USD: 10.00 }
`)
    expect(report.steps.map((step) => renderStep(step, ''))).not.toContainEqual(
      expect.stringContaining('✗'),
    )
  })

  test('messages are selected by address and channel, and compared oldest first', async () => {
    const steps = `
  - link:
      as: invoice
      amount: 10
      currency: INR
      description: Order 1
      email: asha@shop.test
      phone: "+91 90000 00001"
      notify_customer: { email: true, sms: true }
  - attempts: { of: invoice, play: ["upi:succeeded"] }
`
    await pass(`${steps}
  - expect: { messages: { to: asha@shop.test, are: [payment_link, receipt], count: 2 } }
  - expect: { messages: { channel: sms, are: [payment_link] } }
  - expect: { messages: { to: nobody@shop.test, count: 0 } }
`)
    const report = await play(withSteps(`${steps}  - expect: { messages: { count: 4 } }\n`))
    expect(report.steps.at(-1)?.mismatches).toEqual([
      { what: 'messages: count', expected: '4', received: '3' },
    ])
  })

  test('a delivery fails if the receiver cuts the connection', async () => {
    await pass(`
  - webhook: { as: shop, events: [payment.failed] }
  - receiver: { of: shop, answers: cut }
  - session: { as: order, amount: 1, currency: INR }
  - attempts: { of: order, play: ["upi:failed"] }
  - receiver: { of: shop, answers: 200 }
  - advance: 90m
  - expect: { events: { at: shop, distinct: 1, taken: 1 } }
`)
  })
})

describe('a report', () => {
  const FAILING = withSteps(`
  - session: { as: order, amount: 100.00, currency: INR }
  - expect:
      session: { of: order, status: succeeded, amount: 100 }
      ledger: { merchant: 1 }
  - refund: { of: order, amount: 5.00 }
  - advance: 1h
`)

  test('shows the expected and the actual value, and marks steps that need a failed call as skipped', async () => {
    const report = await play(FAILING)
    expect(report.steps.map(({ status }) => status)).toEqual([
      'passed',
      'failed',
      'failed',
      'skipped',
    ])
    expect(report.steps[1]?.mismatches).toEqual([
      { what: 'session order: status', expected: 'succeeded', received: 'created' },
      { what: 'ledger: merchant', expected: '1', received: '0' },
    ])
    expect(report.steps[2]?.mismatches[0]?.received).toBe('order has no payment yet.')
    expect(renderTotals(report)).toMatch(/^✗ 4 steps: 1 passed, 2 failed, 1 skipped, in /)
    expect(renderStep(report.steps[1] as never, 'x.yml')).toContain('(x.yml:5)')
  })

  test('marks a refused step as failed unless the next step expects the refusal', async () => {
    const refusedStep = '  - session: { amount: 0, currency: INR }\n'
    const report = await play(withSteps(refusedStep))
    expect(report.steps[0]?.mismatches[0]?.received).toMatch(
      /^400 invalid_parameter \(amount\): amount/,
    )
    await pass(`${refusedStep}  - expect: { answer: { status: 400, field: amount } }\n`)
  })

  test('has the same ids in every run with one seed, and others with another seed', async () => {
    const idBy = async (seed: string) => {
      let id = ''
      const read = readScenario(FAILING.replace('status: succeeded', 'payments_session_id: 1'), '')
      const report = await runScenario(
        { ...read, seed },
        { url: server.baseUrl, clock: systemClock },
      )
      id = report.steps[1]?.mismatches[0]?.received ?? ''
      expect(id).toMatch(/^\d+$/)
      return id
    }
    const first = await idBy('one')
    expect(await idBy('one')).toBe(first)
    expect(await idBy('two')).not.toBe(first)
  })
})

test('the report of a stopped run marks the remaining steps as skipped, and the run leaves nothing behind', async () => {
  const stopping = new AbortController()
  const read = readScenario(withSteps('  - advance: 1m\n  - snapshot: a\n  - advance: 1m\n'), '')
  const { signal } = stopping
  const report = await runScenario(read, {
    url: server.baseUrl,
    clock: systemClock,
    signal,
    onStep: ({ number }) => {
      if (number === 2) stopping.abort()
    },
  })
  expect(report.steps.map(({ status }) => status)).toEqual(['passed', 'passed', 'skipped'])
  expect(report.hasPassed).toBe(false)
  expect((await control('/tenants')).tenants).toHaveLength(1)
  expect((await control('/snapshots')).snapshots).toEqual([])
})

describe('the error for a wrong scenario names its line and field', () => {
  const step = (text: string) => withSteps(`  - ${text}\n`)
  test.each([
    ['text that is not YAML', 'name: [', /^f\.yml:\d: This is not YAML: /],
    ['a duplicate key', 'name: a\nname: b\n', /^f\.yml:2: This is not YAML: /],
    ['no content', '', /^f\.yml:1: The file must be an object, but it is empty\.$/],
    ['no steps', 'name: a\n', /^f\.yml:1: steps is required\.$/],
    [
      'an unknown field',
      'name: a\nstep: 1\nsteps: []\n',
      /^f\.yml:2: step is not a field\. The fields are: /,
    ],
    [
      'an empty list of steps',
      'name: a\nsteps: []\n',
      /^f\.yml:2: steps must be a list of 1 to 1000 steps, /,
    ],
    [
      'a step that is a number',
      withSteps('  - 1\n'),
      /^f\.yml:3: steps\[0\] must be a step, but it is 1\.$/,
    ],
    ['an unknown kind', step('pay: 1'), /^f\.yml:3: steps\[0\] must be of one kind, but has pay\./],
    [
      'a step of two kinds',
      step('advance: 1\n    expire: a'),
      /^f\.yml:4: steps\[0\] must be of one kind, but has advance and expire\./,
    ],
    [
      'a missing field',
      step('refund: { of: a }'),
      /^f\.yml:3: steps\[0\]\.refund\.amount is required\.$/,
    ],
    [
      'a misspelled field',
      step('attempts:\n      off: a\n      play: [a]'),
      /^f\.yml:3: steps\[0\]\.attempts\.of is required\.$/,
    ],
    [
      'a wrong attempt',
      step('attempts: { of: a, play: [paid] }'),
      /^f\.yml:3: steps\[0\]\.attempts\.play\[0\] must be a text such as upi:succeeded/,
    ],
    [
      'an unknown expectation',
      step('expect:\n      sesion: {}'),
      /^f\.yml:4: steps\[0\]\.expect\.sesion is not a field\. The fields are: answer, /,
    ],
    [
      'an unknown name',
      step('expire: order'),
      /none has the name order\. No earlier step has a name\. A \$\{…\} can also begin with sandbox or index\.$/,
    ],
    [
      'an unknown reference',
      step(`call: { method: GET, path: "/\${a.b}" }`),
      /^f\.yml:3: steps\[0\]\.call\.path must name an earlier step, but none has the name a\./,
    ],
    [
      'a wrong repetition',
      step('advance: 1m\n    repeat: 0'),
      /^f\.yml:4: steps\[0\]\.repeat must be a whole number from 1 to 100, but it is 0\.$/,
    ],
    [
      'aliases that expand without limit',
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefg'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(10).fill(`*${'abcdef'[index]}`)}]`)
        .join('\n')}\n`,
      /^f\.yml:1: .*alias/,
    ],
    [
      'more than 1 MiB of text',
      `name: ${'x'.repeat(1_048_577)}`,
      /^f\.yml is longer than 1 MiB\.$/,
    ],
  ])('if the file has %s', (_, text, message) => {
    expect(() => readScenario(text, 'f.yml')).toThrow(message)
  })
})

describe('the commands of scenarios and triggers', () => {
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }

  test('play a file in a new sandbox, and print a report', async () => {
    const path = join(EXAMPLES, 'twenty-refunds.yml')
    const { code, err, out } = await paydesk(['scenario', 'run', path, '--seed', 'mine'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('Twenty refunds of one payment  (seed mine)')
    expect(out).toMatch(/^ {2}✓ {3}1 {2}01-01 00:00:00 {2}webhook as shop/m)
    expect(out).toMatch(/^✓ 9 steps: 9 passed, in .* 10 s on the sandbox’s clock\.$/m)
  })

  test('play a file on a running server, and exit with 1 if a step fails', async () => {
    const path = file(
      'failing.yml',
      withSteps('  - advance: 2d\n  - expect: { ledger: { fees: 1 } }\n'),
    )
    const args = ['scenario', 'run', path, '--url', server.baseUrl]
    const { code, err, out } = await paydesk(args)
    expect([code, err]).toEqual([1, ''])
    expect(out).toMatch(
      /✗ +2 .*\n +ledger: fees {2}\(failing\.yml:4\)\n +expected {2}1\n +received {2}0\n/,
    )
    const json = await paydesk([...args, '--json'])
    expect(json.code).toBe(1)
    expect(JSON.parse(json.out)).toMatchObject({
      name: 'A test',
      passed: false,
      passed_count: 1,
      failed_count: 1,
      sandbox_ms: 172_800_000,
      steps: [
        { kind: 'advance', status: 'passed', sandbox_time: '2026-01-03T00:00:00.000Z' },
        {
          status: 'failed',
          line: 4,
          mismatches: [{ what: 'ledger: fees', expected: '1', came: '0' }],
        },
      ],
    })
    expect((await control('/tenants')).tenants).toHaveLength(1)
  })

  test('print one sentence if they cannot play a file', async () => {
    const path = file('wrong.yml', 'name: a\nsteps: 1\n')
    for (const [exitCode, args, message] of [
      [1, [path], /wrong\.yml:2: steps must be a list/],
      [2, [join(folder, 'none.yml')], /There is no file .*none\.yml\./],
      [2, [folder], /is not a file\./],
      [
        3,
        [join(EXAMPLES, 'twenty-refunds.yml'), '--url', 'http://127.0.0.1:9'],
        /cannot be reached/,
      ],
      [2, [path, '--url', 'https://pay.example.com'], /must be on this machine/],
    ] as const) {
      const { code, err, out } = await paydesk(['scenario', 'run', ...args])
      expect([code, out]).toEqual([exitCode, ''])
      expect(err).toMatch(message)
      expect(err).not.toMatch(/^\s+at /m)
    }
  })

  test('trigger sessions, attempts and events', async () => {
    const run = (...args: string[]) => paydesk(['trigger', ...args, '--url', server.baseUrl])
    const sessionResult = await run(
      'session',
      '--attempts',
      'card:insufficient_funds,upi:succeeded',
    )
    expect(sessionResult.code).toBe(0)
    expect(sessionResult.out).toMatch(/^Status +succeeded$/m)
    expect(sessionResult.out.match(/^Payment +\d+ (?:failed|succeeded)$/gm)).toHaveLength(2)

    const json = JSON.parse((await run('session', '--amount', '5', '--json')).out)
    expect(json).toMatchObject({ status: 'created', amount: '5.00', currency: 'INR' })
    const { out } = await run('attempts', json.payments_session_id, 'netbanking:failed', '--json')
    expect(JSON.parse(out).payments).toMatchObject([{ status: 'failed' }])
    for (const [end, status] of [
      ['--expire', 'expired'],
      ['--cancel', 'canceled'],
    ] as const) {
      expect((await run('session', end)).out).toMatch(new RegExp(`^Status +${status}$`, 'm'))
    }
    const us = await run('session', '--account', '23137600', '--attempts', 'ach:succeeded')
    expect(us.out).toMatch(/^Amount +100\.00 USD$/m)

    const data = '{"amount": "7.00"}'
    const event = await run('event', 'payout.paid', '--id', '77', '--data', data, '--json')
    expect(event.code).toBe(0)
    expect(JSON.parse(event.out)).toMatchObject({
      event_id: 77,
      event_type: 'payout.paid',
      event_object: { payout: { amount: '7.00' } },
    })
    expect((await run('event', 'payout.paid')).out).toMatch(/^payout\.paid {2}event \d+$/m)
  })

  test('refuse an impossible trigger with the reason', async () => {
    for (const [exitCode, args, message] of [
      [
        2,
        ['session', '--attempts', 'upi:lost'],
        /--attempts: attempts\[0\]\.decline_code must be one of/,
      ],
      [2, ['session', '--attempts', 'upi'], /It must be attempts such as/],
      [2, ['session', '--amount', 'x'], /--amount must be/],
      [2, ['session', '--expire', '--cancel'], /cannot be used with/],
      [1, ['attempts', '12', 'upi:failed'], /no payment session with this/],
      [2, ['event', 'payment.stolen'], /Allowed choices are payment\.succeeded/],
      [2, ['event', 'payout.paid', '--data', '[]'], /It must be a JSON object/],
    ] as const) {
      const { code, err, out } = await paydesk(['trigger', ...args, '--url', server.baseUrl])
      expect([code, out]).toEqual([exitCode, ''])
      expect(err).toMatch(message)
    }
  })
})
