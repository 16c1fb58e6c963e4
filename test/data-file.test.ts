/** Only one server uses a data file. The lock ends with its process, and commands work beside the server. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSettings } from '../src/server/settings/read-settings.ts'
import { startServer } from '../src/server/start-server.ts'
import { paydesk } from './support/command-line.ts'
import { control } from './support/sandbox.ts'
import { call, PAYDESK, type SpawnedServer, spawnServer } from './support/server.ts'

let folder: string
let server: SpawnedServer
const file = () => join(folder, 'paydesk.db')
const data = () => ['--data', file()]
const SESSION = { amount: 100, currency: 'INR' }
const create = () => call(server.baseUrl, 'POST', '/paymentsessions', SESSION)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-lock-'))
  server = await spawnServer(['--data', file()])
})
afterAll(async () => {
  await end(server, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function end(running: SpawnedServer, signal: NodeJS.Signals): Promise<void> {
  if (running.process.exitCode !== null || running.process.signalCode !== null) return
  const exit = once(running.process, 'exit')
  running.process.kill(signal)
  await exit
}

/** Starts a second server, which must end with an error of one sentence. Returns the sentence. */
async function refusal(data: string, cwd?: string): Promise<string> {
  const second = await paydesk(['serve', '--port', '0', '--data', data], {}, cwd)
  expect([second.code, second.out]).toEqual([1, ''])
  return second.err
}

test('a second server exits, and its error names the first server’s process, start time and address', async () => {
  const sentence = await refusal(file())
  const [, startedAt = ''] = /started at (\S+),/.exec(sentence) ?? []
  expect(new Date(startedAt).toISOString()).toBe(startedAt)
  expect(sentence).toBe(
    `paydesk: The data file ${file()} is in use by another Paydesk: process ${server.process.pid}, started at ${startedAt}, which listens at ${server.baseUrl}. End that program, or start a server with another data file: npx paydesk serve --port 0 --data other.db\n`,
  )
  expect((await create()).status).toBe(201)
})

test('the lock applies to each path of the file', async () => {
  symlinkSync(file(), join(folder, 'link.db'))
  expect(await refusal(join(folder, 'link.db'))).toContain(`process ${server.process.pid}`)
  mkdirSync(join(folder, 'work'))
  expect(await refusal('../paydesk.db', join(folder, 'work'))).toContain(
    `process ${server.process.pid}`,
  )
})

test('after a reset the file is still locked, and commands see the new content', async () => {
  const sandbox = control(server.baseUrl)
  const creation = await paydesk([
    'account',
    'create',
    '--name',
    'Mine',
    '--edition',
    'IN',
    ...data(),
  ])
  expect([creation.code, creation.err]).toEqual([0, ''])
  expect((await paydesk(['account', 'list', ...data()])).out).toContain('Mine')
  expect((await sandbox('POST', '/reset')).status).toBe(200)
  expect((await paydesk(['account', 'list', ...data()])).out).not.toContain('Mine')
  expect(await refusal(file())).toContain(`process ${server.process.pid}`)
  expect((await create()).status).toBe(201)
})

test('commands work while the server runs, and so does migrate if the schema is up to date', async () => {
  for (const command of [
    ['account', 'list'],
    ['client', 'list'],
    ['ledger', 'check'],
    ['migrate'],
  ]) {
    const result = await paydesk([...command, ...data()])
    expect([command, result.code, result.err]).toEqual([command, 0, ''])
  }
})

test('no command changes the schema under a running server', async () => {
  const database = new DatabaseSync(file())
  const { version } = database
    .prepare('select max(version) as version from schema_migrations')
    .get() as { version: number }
  // The database then looks like one of an earlier version.
  const last = database
    .prepare('select * from schema_migrations where version = ?')
    .get(version) as { name: string }
  database.prepare('delete from schema_migrations where version = ?').run(version)
  const result = await paydesk(['account', 'list', ...data()])
  expect(result.code).toBe(1)
  expect(result.err).toContain(`is in use by another Paydesk: process ${server.process.pid}`)
  database
    .prepare('insert into schema_migrations (version, name) values (?, ?)')
    .run(version, last.name)
  database.close()
})

describe('the lock ends with a process', () => {
  test('that is killed', async () => {
    await end(server, 'SIGKILL')
    expect(readFileSync(`${file()}.lock.json`, 'utf8')).toContain(String(server.process.pid))
    server = await spawnServer(data())
    expect((await create()).status).toBe(201)
    expect(await refusal(file())).toContain(`process ${server.process.pid}`)
  })

  test('that stops at SIGTERM', async () => {
    await end(server, 'SIGTERM')
    server = await spawnServer(data())
    expect((await create()).status).toBe(201)
  })
})

test('a data file with a second hard link is refused', async () => {
  await end(server, 'SIGTERM')
  linkSync(file(), join(folder, 'second.db'))
  expect(await refusal(file())).toMatch(/has a second name \(a hard link\)/)
  rmSync(join(folder, 'second.db'))
  server = await spawnServer(data())
})

test('a data file that others can read causes a warning, and --fix-permissions makes it private', async () => {
  const loose = join(folder, 'loose.db')
  const start = async (flags: Readonly<Record<string, boolean>> = {}) => {
    const lines: string[] = []
    const logTo = { write: (line: string) => void lines.push(line) }
    const settings = readSettings({ port: '0', data: loose, logLevel: 'warn', ...flags }, {})
    await (await startServer(settings, { logTo })).close()
    return lines.join('')
  }
  const modeOf = () => statSync(loose).mode & 0o777
  expect(await start()).toBe('')
  expect(modeOf()).toBe(0o600)
  chmodSync(loose, 0o644)
  expect(await start()).toMatch(
    /loose\.db","mode":"0644".*other users of this machine.*--fix-permissions/,
  )
  const command = await paydesk(['account', 'list', '--data', loose])
  expect([command.code, command.err]).toEqual([0, expect.stringContaining('--fix-permissions')])
  expect(modeOf()).toBe(0o644)
  expect(await start({ fixPermissions: true })).toBe('')
  expect(modeOf()).toBe(0o600)
})

test('a reset on a full disk fails with the reason, and leaves the server unchanged', async () => {
  await end(server, 'SIGTERM')
  // For SQLite a file size limit is like a full disk. The unit of `ulimit` in sh is 512 bytes.
  const limitedCommand = [
    '-c',
    'ulimit -f 1400; exec "$@"',
    'sh',
    process.execPath,
    PAYDESK,
    'serve',
  ]
  const child = spawn('sh', [...limitedCommand, '--json', '--port', '0', ...data()], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { base_url: baseUrl } = JSON.parse(line) as { base_url: string }
    const reset = async () => {
      const { body } = await call(baseUrl, 'POST', '/paymentsessions', SESSION)
      const path = `/paymentsessions/${body.payments_session.payments_session_id}`
      const answer = await control(baseUrl)('POST', '/reset')
      return { answer, left: (await call(baseUrl, 'GET', path)).status }
    }
    let last = await reset()
    for (let count = 0; last.answer.status === 200 && count < 20; count += 1) {
      expect(last.left).toBe(404)
      last = await reset()
    }
    expect([last.answer.status, last.left]).toEqual([503, 200])
    expect(last.answer.body.message).toMatch(
      /^The data file .* cannot (?:grow|be used): .*\. The sandbox is unchanged\.$/,
    )
  } finally {
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }
})
