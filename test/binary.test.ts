/** The single executable, in a folder with nothing else and on a machine where no program is found. */
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { buildBinaryIfStale } from '../scripts/build-binary.ts'
import { type ProgramResult, type RunningProgram, startProgram } from './support/command-line.ts'
import { createDatabase } from './support/postgres-cluster.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { call } from './support/server.ts'
import {
  findProgram,
  findPythonWith,
  JUNIT,
  needProgram,
  skipWithNote,
  skipWithout,
} from './support/system-tools.ts'

/** The time limit of the first test hook, in milliseconds: it builds the executable. */
const BUILD_MS_MAX = 180_000

let program: string
let folder: string
let server: RunningProgram
let collector: Receiver
// biome-ignore lint/suspicious/noExplicitAny: a test reads only the fields that it asserts.
let facts: any

function start(args: readonly string[], environment: Record<string, string> = {}): RunningProgram {
  // The executable must ignore a shop's NODE_OPTIONS: the module in it does not exist.
  const only = { PATH: '', HOME: folder, NODE_OPTIONS: '--import ./no-such-module.js' }
  return startProgram(program, args, { ...only, ...environment }, folder)
}

/** Runs a command to its end. Nothing but errors of the command may be on the error output. */
const run = (...args: string[]): Promise<ProgramResult> => start(args).exit
const runOnServer = (...args: string[]): Promise<ProgramResult> =>
  run(...args, '--url', facts.base_url)

async function expectOutput(ending: Promise<ProgramResult>): Promise<string> {
  const { code, err, out } = await ending
  expect([code, err]).toEqual([0, ''])
  return out
}

async function stop(running: RunningProgram): Promise<void> {
  running.process.kill('SIGTERM')
  const { code, err } = await running.exit
  expect([code, err]).toEqual([0, ''])
}

beforeAll(async () => {
  program = await buildBinaryIfStale()
  folder = mkdtempSync(join(tmpdir(), 'paydesk-binary-'))
  collector = await startReceiver()
  const impersonation = ['--impersonate', '--impersonate-port', '0', '--ca-dir', 'ca']
  server = start([
    'serve',
    '--json',
    '--port',
    '0',
    '--log-level',
    'warn',
    '--data',
    'own.db',
    ...impersonation,
    '--telemetry-url',
    collector.url,
  ])
  facts = JSON.parse((await server.until(/\n/)).split('\n', 1)[0] ?? '')
}, BUILD_MS_MAX)

afterAll(async () => {
  await stop(server)
  await collector.close()
  rmSync(folder, { recursive: true, force: true })
})

test('prints its version and its help, and the error for an unknown flag names a similar flag', async () => {
  expect(await expectOutput(run('--version'))).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(await expectOutput(run('--help'))).toMatch(/serve[\s\S]*webhook[\s\S]*mcp/)
  const refusal = await run('serve', '--memry')
  expect([refusal.code, refusal.err]).toEqual([
    2,
    expect.stringContaining("unknown option '--memry'\n(Did you mean --memory?)"),
  ])
})

describe('a sandbox', () => {
  test.each([
    ['/', 'text/html'],
    ['/demo', 'text/html'],
    ['/console', 'text/html'],
    ['/docs', 'text/html'],
    ['/docs/guides/webhooks', 'text/html'],
    ['/docs/guides/webhooks.md', 'text/markdown'],
    ['/docs/search.json', 'application/json'],
    ['/docs/pictures/console.png', 'image/png'],
    ['/llms.txt', 'text/plain'],
    ['/openapi.json', 'application/json'],
    ['/zpay/zpay-js/v1/zpayments.js', 'text/javascript'],
  ])('serves %s', async (path, type) => {
    const answer = await fetch(`${facts.base_url}${path}`, { headers: { accept: 'text/html' } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining(type),
    ])
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(500)
  })

  test('creates a session, shows its checkout page, decides its payment, and sends the webhook', async () => {
    const receiver = await startReceiver()
    const listening = start([
      'webhook',
      'listen',
      '--url',
      facts.base_url,
      '--forward-to',
      receiver.url,
    ])
    await listening.until(/Listening/)
    const answer = await call(facts.base_url, 'POST', '/paymentsessions', {
      amount: '1499.90',
      currency: 'INR',
      reference_number: 'order-1',
    })
    const { access_key: key, payments_session_id: id } = answer.body.payments_session
    const page = await fetch(`${facts.base_url}/hostedcheckout/${key}`)
    const html = await page.text()
    expect([page.status, html]).toEqual([200, expect.stringContaining('1,499.90')])
    const script = /src="(\/assets\/checkout-[^"]+)"/.exec(html)?.[1]
    expect((await fetch(`${facts.base_url}${script}`)).status).toBe(200)

    await expectOutput(runOnServer('session', 'pay', id, '--method', 'upi', '--outcome', 'pending'))
    await expectOutput(runOnServer('session', 'decide', id, '--outcome', 'succeeded'))
    const [request] = await receiver.waitFor(1)
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ event_type: 'payment.succeeded' })
    // The list runs on a reader thread of the data file.
    expect(await expectOutput(runOnServer('payment', 'list'))).toMatch(/succeeded\s+upi\s+1499\.90/)
    listening.process.kill('SIGINT')
    await listening.exit
    await receiver.close()
  })

  test('answers by TLS with a certificate of its own authority', async () => {
    const { environment, port } = facts.impersonation
    const script = `fetch('https://localhost:${port}/healthz').then((answer) => console.log(answer.status))`
    const client = startProgram(process.execPath, ['-e', script], {
      NODE_EXTRA_CA_CERTS: environment.NODE_EXTRA_CA_CERTS,
    })
    expect(await expectOutput(client.exit)).toBe('200\n')
  })

  test('that does not answer causes an error that suggests a command with the path of the executable', async () => {
    const { code, err } = await run('payment', 'list', '--url', 'http://127.0.0.1:1')
    expect([code, err]).toEqual([
      3,
      expect.stringContaining(`Start a sandbox with: ${program} serve;`),
    ])
  })
})

test('an agent gets the list of the guides', async () => {
  const agent = startProgram(
    program,
    ['mcp', '--url', facts.base_url],
    { PATH: '' },
    folder,
    'pipe',
  )
  const send = (message: object) =>
    agent.process.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  send({
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    },
  })
  send({ method: 'notifications/initialized' })
  send({ id: 2, method: 'resources/list' })
  await agent.until(/"id":2\b[^\n]*\n/)
  agent.process.stdin?.end()
  const { out } = await agent.exit
  expect(out).toContain('paydesk://guides/webhooks.md')
})

test('commands work on a database, and with a settings file in TypeScript', async () => {
  await expectOutput(run('init'))
  const report = await expectOutput(run('config', 'check'))
  rmSync(join(folder, 'paydesk.config.ts'))
  expect(report).toMatch(/port\s+4242 \(from settings\.port in paydesk\.config\.ts\)/)
  expect(await expectOutput(run('migrate', '--data', 'other.db'))).not.toBe('')
  await expectOutput(run('ledger', 'check', '--data', 'own.db'))
  await expectOutput(run('account', 'list', '--data', 'own.db'))
})

test('a scenario file runs', async () => {
  writeFileSync(
    join(folder, 'paid.yaml'),
    `name: A payment
steps:
  - session: { as: order, amount: 250.00, currency: INR }
  - attempts: { of: order, play: ["upi:succeeded"] }
  - expect:
      session: { of: order, status: succeeded }
`,
  )
  expect(await expectOutput(run('scenario', 'run', 'paid.yaml'))).toContain('A payment')
})

test('a live server with two workers on PostgreSQL starts with a processor module in TypeScript', async () => {
  writeFileSync(join(folder, 'reason.ts'), `export const declineCode: string = 'card_declined'\n`)
  writeFileSync(
    join(folder, 'processor.ts'),
    `import { declineCode } from './reason.ts'
     const answerDecline = async () => ({ kind: 'declined', declineCode }) as const
     await Promise.resolve()
     export default {
       name: 'declines everything',
       charge: answerDecline,
       findCharge: answerDecline,
       refund: async () => ({ kind: 'failed', reason: 'payment_not_captured' }) as const,
     }\n`,
  )
  const url = await createDatabase(inject('postgresUrl'))
  const live = start(
    [
      'serve',
      '--live',
      '--port',
      '0',
      '--workers',
      '2',
      '--processor',
      './processor.ts',
      '--log-level',
      'error',
    ],
    { PAYDESK_SECRET_KEY: 'ab'.repeat(32), PAYDESK_DATABASE_URL: url },
  )
  const [, baseUrl] = /live at (\S+)\n/.exec(await live.until(/live at \S+\n/)) ?? []
  expect((await fetch(`${baseUrl}/healthz`)).status).toBe(200)
  expect((await call(baseUrl ?? '', 'GET', '/paymentsessions/1')).status).toBe(401)
  await stop(live)
})

test('traces of the sandbox reach the collector', async () => {
  const [request] = await collector.waitFor(1)
  expect([request?.path, request?.body]).toEqual([
    '/v1/traces',
    expect.stringContaining('"name":"store '),
  ])
})

test('a stack trace names the source files and their lines', async () => {
  writeFileSync(
    join(folder, 'loud.ts'),
    `const answerDecline = async () => {
       console.error(new Error('called').stack)
       return { kind: 'declined', declineCode: 'card_declined' } as const
     }
     export default {
       name: 'loud',
       charge: answerDecline,
       findCharge: answerDecline,
       refund: async () => ({ kind: 'failed', reason: 'payment_not_captured' }) as const,
     }
     export const testSetup = {
       amount: { minor: 100n, currency: 'INR' },
       instruments: {},
       complete: async () => {},
       completeRefund: async () => {},
     }\n`,
  )
  const { err } = await run('processor', 'check', './loud.ts')
  expect(err).toMatch(
    /^Error: called\n.*\/loud\.ts:2:\d+\)\n[\s\S]*\(src\/processors\/time-limit\.ts:\d+:\d+\)\n/,
  )
})

describe('a shop tests with the executable', () => {
  const example = (name: string) => fileURLToPath(new URL(`../examples/${name}/`, import.meta.url))
  /** Runs a program with the variables of its machine and the path of the executable. */
  const use = (file: string, args: readonly string[], cwd: string, variables = {}) =>
    startProgram(file, args, { ...process.env, PAYDESK: program, ...variables }, cwd).exit
  /** Java compiles less, because its programs end soon. */
  const LESS_COMPILING = '-XX:TieredStopAtLevel=1'
  const python = { PYTHONDONTWRITEBYTECODE: '1', PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1' }
  const pytest = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider']

  test.each([
    ['pytest', 'python-pytest', 4],
    ['phpunit', 'php-phpunit', 2],
    ['go-testing', 'go-testing', 2],
    ['junit', 'java-junit', 2],
  ])('the guide %s contains the files of its example unchanged', (guide, name, fileCount) => {
    const text = readFileSync(new URL(`../docs/guides/${guide}.md`, import.meta.url), 'utf8')
    const samples = [...text.matchAll(/```(?:python|php|go|java)\n([\s\S]*?)```/g)].map(
      ([, code]) => code,
    )
    const files = readdirSync(example(name), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(example(name), entry.name), 'utf8'))
    expect(samples).toHaveLength(fileCount)
    expect(files).toEqual(expect.arrayContaining(samples))
  })

  test('in Python with pytest, which can also use a running sandbox', async () => {
    const file = needProgram('pytest', 'python3-pytest', () => findPythonWith('pytest'))
    const testRun = await use(file, pytest, example('python-pytest'), python)
    expect([testRun.code, testRun.out]).toEqual([0, expect.stringContaining('6 passed')])
    const variables = { ...python, PAYDESK: 'missing', PAYDESK_API_URL: facts.base_url }
    const running = await use(file, [...pytest, '-k', 'upi'], example('python-pytest'), variables)
    expect([running.code, running.out]).toEqual([0, expect.stringContaining('1 passed')])
  })

  test('in Python with unittest', async () => {
    const file = needProgram('pytest', 'python3-pytest', () => findPythonWith('pytest'))
    const args = ['-m', 'unittest', 'payment_unittest']
    const ending = await use(file, args, example('python-pytest'), python)
    expect([ending.code, ending.err]).toEqual([0, expect.stringContaining('Ran 2 tests')])
    const missing = { ...python, PAYDESK: './missing' }
    const refusal = await use(file, args, example('python-pytest'), missing)
    expect(refusal.code).toBe(1)
    expect(refusal.err).toContain('set PAYDESK to the path of the executable')
  })

  test('the fixtures of pytest name the field, the address and the file of a mistake', async () => {
    const file = needProgram('pytest', 'python3-pytest', () => findPythonWith('pytest'))
    const own = join(folder, 'python-mistakes')
    mkdirSync(own)
    copyFileSync(join(example('python-pytest'), 'conftest.py'), join(own, 'conftest.py'))
    const call = `tenant.api("POST", "/paymentsessions", {"amont": "1.00", "currency": "INR"})`
    writeFileSync(join(own, 'test_mistake.py'), `def test_mistake(tenant):\n    ${call}\n`)
    writeFileSync(join(own, 'plain'), '', { mode: 0o600 })
    const wrongField = await use(file, pytest, own, python)
    expect(wrongField.out).toMatch(/HTTP Error 400: .*amount is required.*"field":"amount"/)
    const wrongAddress = { ...python, PAYDESK_API_URL: 'http://127.0.0.1:1' }
    const unreachable = await use(file, pytest, own, wrongAddress)
    expect(unreachable.out).toContain('PAYDESK_API_URL=http://127.0.0.1:1: no sandbox answers')
    const notExecutable = await use(file, pytest, own, { ...python, PAYDESK: './plain' })
    expect(notExecutable.out).toContain('make the file executable: chmod +x ./plain')
  })

  test('in PHP with PHPUnit', async () => {
    const file = needProgram('PHPUnit', 'phpunit', () => findProgram('phpunit'))
    const result = await use(file, ['--do-not-cache-result', '.'], example('php-phpunit'))
    expect([result.code, result.out]).toEqual([0, expect.stringContaining('OK (5 tests')])
  })

  test('in Go with its own test command', async (context) => {
    skipWithout(context, 'go')
    const result = await use('go', ['test', '-count=1', '-v', './...'], example('go-testing'))
    expect(result.code).toBe(0)
    expect(result.out.match(/^--- PASS/gm)).toHaveLength(5)
  })

  test('in Java with JUnit', async (context) => {
    skipWithout(context, 'javac')
    if (!existsSync(JUNIT)) {
      const note = 'JUnit is not installed. On Debian or Ubuntu: sudo apt-get install junit5'
      skipWithNote(context.skip, note)
    }
    const classes = join(folder, 'classes')
    const files = globSync('*.java', { cwd: example('java-junit') })
    const compilation = await use(
      'javac',
      [`-J${LESS_COMPILING}`, '-d', classes, '-cp', JUNIT, ...files],
      example('java-junit'),
    )
    expect([compilation.code, compilation.err]).toEqual([0, ''])
    const args = [
      LESS_COMPILING,
      '-jar',
      JUNIT,
      '-cp',
      classes,
      '--scan-classpath',
      '--disable-banner',
    ]
    const result = await use('java', args, folder)
    expect([result.code, result.out]).toEqual([0, expect.stringMatching(/5 tests successful/)])
  })
})
