/** Backups of the embedded database: made under load, interrupted, checked and restored. */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { migrate, readMigrations } from '../src/store/engine/migrate.ts'
import { openSqlite } from '../src/store/engine/sqlite.ts'
import { type CheckoutServer, startCheckoutServer } from './support/checkout.ts'
import { inProcessCli } from './support/in-process-cli.ts'
import { startTestServer } from './support/server.ts'
import { makePayment } from './support/taken-payments.ts'

const run = inProcessCli({})
let folder: string
let server: CheckoutServer
/** A backup made during payments, and the ids of the payments before and after its start. */
let copy: string
const earlier: string[] = []
const later: string[] = []

const at = (name: string) => join(folder, name)
const data = () => at('paydesk.db')
/** Runs `restore --check --json`, and returns the report with the exit code. */
async function check(file: string, cli = run) {
  const before = process.exitCode
  const notes = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    process.exitCode = 0
    const { out, refusal, refusalCode } = await cli('restore', '--check', file, '--json')
    return { code: refusalCode || process.exitCode, refusal, ...(out && JSON.parse(out)) }
  } finally {
    notes.mockRestore()
    process.exitCode = before
  }
}
/** Makes a changed copy of the backup. */
function changedCopy(name: string, sql: string): string {
  const file = at(name)
  copyFileSync(copy, file)
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
  return file
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-backup-'))
  copy = at('copy.db')
  server = await startCheckoutServer('file', { data: data() })
  earlier.push(await makePayment(server, 1499.9), await makePayment(server, 20, 'failed'))
  await server.call('POST', `/payments/${earlier[0]}/refunds`, {
    amount: 100,
    reason: 'requested_by_customer',
    type: 'initiated_by_merchant',
  })
  let isRunning = true
  const paying = (async () => {
    while (isRunning) later.push(await makePayment(server, 5))
  })()
  const { out, refusal } = await run('backup', copy, '--data', data())
  isRunning = false
  await paying
  expect([refusal, out]).toEqual(['', expect.stringMatching(/^Backed up .*, schema \d+, in /)])
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a backup that is made while a server takes payments', () => {
  test('is the state of one moment: its ledger agrees with its payments', async () => {
    const report = await check(copy)
    expect(report).toMatchObject({
      code: 0,
      is_sound: true,
      mode: 'sandbox',
      has_configured_secret_key: true,
      damage: [],
      ledger: { agrees: true },
    })
    const { accounts, payments, refunds } = report.counts
    expect([accounts, refunds]).toEqual([2, 1])
    expect(payments).toBeGreaterThanOrEqual(earlier.length)
    expect(payments).toBeLessThanOrEqual(earlier.length + later.length)
  })

  test('is one private file, also after its check', () => {
    expect(readdirSync(folder).filter((name) => name.includes('copy'))).toEqual(['copy.db'])
    expect(statSync(copy).mode & 0o777).toBe(0o600)
  })

  test('becomes a working database of a server, with every earlier payment', async () => {
    const target = at('restored.db')
    const { out } = await run('restore', copy, '--data', target)
    expect(out).toContain(`ledger check --data ${target}`)
    const next = await startTestServer('file', { data: target })
    for (const id of earlier) expect((await next.call('GET', `/payments/${id}`)).status).toBe(200)
    const session = { amount: 5, currency: 'INR' }
    expect((await next.call('POST', '/paymentsessions', session)).status).toBe(201)
    await next.close()
    expect((await run('ledger', 'check', '--data', target)).out).toMatch(/^The ledger agrees/m)
  })
})

/** A program that kills itself after the first step of a backup. */
const KILLED_BACKUP = `
  const [source, target] = process.argv.slice(-2)
  const { backUp } = await import('${new URL('../src/cli/backups/back-up.ts', import.meta.url)}')
  const onStep = () => process.kill(process.pid, 'SIGKILL')
  await backUp({ dataFile: source, target, onStep })`

describe('a backup that ends early', () => {
  let large: string
  beforeAll(() => {
    // Larger than one step of a copy.
    large = changedCopy(
      'large.db',
      "insert into installation (name, value) values ('padding', printf('%.*c', 20000000, 'x'))",
    )
  })

  test('by kill -9 leaves no file under its name, and the next backup succeeds', async () => {
    const target = at('killed.db')
    const flags = ['--input-type=module', '--eval', KILLED_BACKUP, '--', large, target]
    expect(spawnSync(process.execPath, flags).signal).toBe('SIGKILL')
    const leftovers = readdirSync(folder).filter((name) => name.includes('killed'))
    expect(leftovers).toEqual([
      expect.stringMatching(/^\.killed\.db\.[0-9a-f]{12}\.part$/),
      ...leftovers.slice(1),
    ])
    expect(leftovers).not.toContain('killed.db')
    await run('backup', target, '--data', large)
    expect(await check(target)).toMatchObject({ code: 0, ledger: { agrees: true } })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s leaves no file at all', async (signal) => {
    const before = process.exitCode
    // Only the command's listener is called: Playwright's would close the Chromium of the next files.
    const others = new Set(process.listeners(signal))
    const lines: string[] = []
    // A terminal shows the progress at once, a log only after some seconds.
    const { isTTY } = process.stderr
    process.stderr.isTTY = true
    const notes = vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
      lines.push(String(line))
      if (lines.length > 1) return true
      for (const stop of process.listeners(signal)) if (!others.has(stop)) stop(signal)
      return true
    })
    await run('backup', at('interrupted.db'), '--data', large)
    notes.mockRestore()
    process.stderr.isTTY = isTTY
    expect(lines[0]).toContain('copying')
    expect(lines.at(-1)).toContain('The backup was interrupted. No file was made.')
    expect(process.exitCode).toBe(signal === 'SIGINT' ? 130 : 143)
    process.exitCode = before
    expect(readdirSync(folder).filter((name) => name.includes('interrupted'))).toEqual([])
  })
})

test('backup and restore overwrite nothing, and say what to do', async () => {
  const text = readFileSync(copy)
  for (const [code, words, sentence] of [
    [1, ['backup', copy, '--data', data()], /copy\.db already exists, and is not overwritten/],
    [1, ['backup', data(), '--data', data()], /paydesk\.db already exists/],
    [1, ['backup', at('a.db'), '--data', __filename], /is not a Paydesk database/],
    [2, ['backup', at('no/a.db'), '--data', data()], /^The folder \S+no does not exist\./],
    [2, ['backup', at('a.db'), '--data', at('none.db')], /^There is no file/],
    [2, ['backup', at('a.db'), '--memory'], /unknown option/],
    [2, ['backup', at('a.db'), '--live'], /^Name the data file with --data/],
    [2, ['backup', at('a.db'), '--database-url', 'postgres://u@h/d'], /pg_dump.*pg_basebackup/],
    [2, ['restore', copy, '--database-url', 'postgres://u@h/d'], /pg_restore/],
    [2, ['restore', at('none.db'), '--data', at('b.db')], /^There is no file/],
    [1, ['restore', copy, '--data', data()], /paydesk\.db already exists.*Stop its server/],
  ] as const) {
    const result = await run(...words).catch((error: Error) => ({
      refusal: error.message,
      refusalCode: 2,
    }))
    expect([words, result.refusalCode]).toEqual([words, code])
    expect(result.refusal).toMatch(sentence)
  }
  expect(readFileSync(copy).equals(text)).toBe(true)
})

describe('a restoration is refused', () => {
  const restore = (file: string, name: string) => run('restore', file, '--data', at(name))

  test('to the path of a running server’s data file, even if the file was deleted', async () => {
    const running = await startTestServer('file', { data: at('used.db') })
    for (const ending of ['', '-wal', '-shm']) rmSync(at(`used.db${ending}`))
    const { refusal, refusalCode } = await restore(copy, 'used.db')
    expect([refusalCode, refusal]).toEqual([1, expect.stringMatching(/in use by another Paydesk/)])
    expect(readdirSync(folder)).not.toContain('used.db')
    await running.close()
  })

  test('beside the log of an earlier data file, which SQLite would apply', async () => {
    writeFileSync(at('old.db-wal'), 'x')
    expect((await restore(copy, 'old.db')).refusal).toMatch(/old\.db-wal of an earlier data file/)
  })

  test('from a damaged backup, from one of a newer Paydesk, and from a file that does not exist', async () => {
    const damagedFile = at('damaged.db')
    copyFileSync(copy, damagedFile)
    const file = openSync(damagedFile, 'r+')
    // The pages in the middle belong to indexes and tables.
    writeSync(file, Buffer.alloc(65_536, 7), 0, 65_536, 65_536)
    closeSync(file)
    const newer = changedCopy('newer.db', "insert into schema_migrations values (9999, 'later')")
    for (const [one, sentence] of [
      [damagedFile, /is damaged/],
      [newer, /was made by a newer Paydesk: it has schema 9999/],
      [at('nothing.db'), /There is no file/],
    ] as const) {
      expect((await restore(one, 'c.db')).refusal).toMatch(sentence)
      expect(await check(one)).not.toMatchObject({ code: 0 })
    }
    expect(readdirSync(folder)).not.toContain('c.db')
  })
})

describe('a check of a backup fails', () => {
  test('if its ledger does not agree with its payments', async () => {
    const file = changedCopy(
      'books.db',
      "update ledger_postings set amount_minor = 1 where kind = 'fee'",
    )
    expect(await check(file)).toMatchObject({ code: 1, is_sound: false, ledger: { agrees: false } })
  })

  test('if its secret key is not the configured one', async () => {
    const other = inProcessCli({ PAYDESK_SECRET_KEY: 'ab'.repeat(32) })
    expect(await check(copy, other)).toMatchObject({ code: 1, has_configured_secret_key: false })
  })
})

test('a backup of an earlier version is checked with its schema updated, and stays unchanged', async () => {
  const file = at('earlier.db')
  const engine = openSqlite(file)
  await migrate(engine, readMigrations().slice(0, 20))
  await engine.close()
  mkdirSync(at('tmp'))
  vi.stubEnv('TMPDIR', at('tmp'))
  expect(await check(file)).toMatchObject({
    code: 0,
    schema_version: 20,
    mode: null,
    ledger: { agrees: true },
  })
  vi.unstubAllEnvs()
  expect(readdirSync(at('tmp'))).toEqual([])
  expect(await check(file)).toMatchObject({ schema_version: 20 })
})
