import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { paydesk } from '../../test/support/command-line.ts'
import { settingsAt } from '../../test/support/engines.ts'
import { PAYDESK } from '../../test/support/server.ts'
import { inr, writeCapturedAttempt } from '../../test/support/stored-books.ts'
import { SANDBOX_VALUES } from '../sandbox/well-known.ts'
import { type Server, startServer } from '../server/start-server.ts'

let folder: string
let server: Server
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-export-'))
  const place = { flags: { data: join(folder, 'live.db') }, remove: () => {} }
  server = await startServer(settingsAt(place))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const run = (...args: readonly string[]) =>
  paydesk(['export', ...args, '--data', join(folder, 'live.db')], {}, folder)

test('export writes a file while a server uses the database, with the public ids of the server’s answers', async () => {
  const accountId = SANDBOX_VALUES.accountId as never
  const { id } = await writeCapturedAttempt(server.tenant.store, inr(14_990n), {}, accountId)
  const { code, err, out } = await run('payments', '--output', 'payments.csv', '--json')
  expect([code, err]).toEqual([0, ''])
  const text = readFileSync(join(folder, 'payments.csv'), 'utf8')
  expect(JSON.parse(out)).toEqual({
    exported: 'payments',
    output: 'payments.csv',
    row_count: 1,
    byte_count: Buffer.byteLength(text),
    account_count: 2,
  })
  expect(text.split('\r\n')[1]).toContain(`${accountId},${id},`)
  expect(readdirSync(folder).filter((name) => name.includes('.part'))).toEqual([])
})

test('export writes to the standard output, and its other lines to the error output', async () => {
  const { code, err, out } = await run(
    'ledger',
    '--format',
    'jsonl',
    '--account',
    SANDBOX_VALUES.accountId,
  )
  expect([code, err]).toEqual([0, 'Exported 1 row of ledger.\n'])
  expect(JSON.parse(out)).toMatchObject({ kind: 'capture', amount: '149.90', currency: 'INR' })
})

test('export never replaces a database, even through a link, nor the files beside it', async () => {
  const before = readFileSync(join(folder, 'live.db'))
  symlinkSync('live.db', join(folder, 'link.csv'))
  for (const output of ['live.db', './live.db', 'link.csv', 'live.db-wal', 'live.db.lock']) {
    const { code, err } = await run('payments', '--output', output)
    expect([code, err]).toEqual([
      1,
      `paydesk: ${output} belongs to a database, which the export would replace. Name another file with --output.\n`,
    ])
  }
  expect(readFileSync(join(folder, 'live.db')).equals(before)).toBe(true)
})

test.runIf(existsSync('/dev/full'))(
  'the error for a full disk says that the output is incomplete, without a stack',
  async () => {
    const args = ['export', 'payments', '--data', join(folder, 'live.db')]
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [PAYDESK, ...args], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    closeSync(full)
    expect(status).toBe(1)
    expect(stderr).toContain('paydesk: The output cannot be written: ENOSPC. It is incomplete.\n')
    expect(stderr).not.toContain('    at ')
  },
)

test('export refuses an unknown table, a missing data file, and a summary that would mix with the rows', async () => {
  const refusals = await Promise.all([
    run('orders'),
    run('payments', '--json'),
    paydesk(['export', 'payments', '--data', 'missing.db'], {}, folder),
  ])
  expect(refusals.map(({ code }) => code)).toEqual([2, 2, 2])
  expect(refusals.every(({ out }) => out === '')).toBe(true)
  expect(refusals.map(({ err }) => err)).toEqual([
    expect.stringContaining('It must be one of payments, refunds, transfers, payouts, ledger.'),
    expect.stringMatching(
      /^\{"error":\{"exit_code":2,"reason":"usage","message":"--json needs --output/,
    ),
    expect.stringMatching(/^paydesk: There is no data file missing\.db/),
  ])
})
