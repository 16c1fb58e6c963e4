/** Exports that are killed, or that find a full disk, never leave a file that looks complete. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { SANDBOX_VALUES } from '../../src/sandbox/well-known.ts'
import { type Server, startServer } from '../../src/server/start-server.ts'
import { startPaydesk, startProgram } from '../support/command-line.ts'
import { settingsAt } from '../support/engines.ts'
import { createMigratedDatabase } from '../support/postgres-cluster.ts'
import { PAYDESK } from '../support/server.ts'
import { inr, writeCapturedAttempt } from '../support/stored-books.ts'

const ROW_COUNT = 20

let folder: string
let server: Server
let databaseUrl: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-killed-export-'))
  databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
  server = await startServer(settingsAt({ flags: { databaseUrl }, remove: () => {} }))
  for (let row = 0; row < ROW_COUNT; row += 1) {
    await writeCapturedAttempt(
      server.tenant.store,
      inr(100n),
      {},
      SANDBOX_VALUES.accountId as never,
    )
  }
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const exporting = () => [
  'export',
  'payments',
  '--output',
  'payments.csv',
  '--database-url',
  databaseUrl,
]
const parts = () => readdirSync(folder).filter((name) => name.endsWith('.part'))
const lineCount = () =>
  readFileSync(join(folder, 'payments.csv'), 'utf8').trimEnd().split('\n').length

/** Resolves when the unfinished file has its first line. */
function waitForPart(): Promise<string> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      const [part] = parts()
      if (part === undefined || statSync(join(folder, part)).size === 0) return
      watcher.close()
      resolve(part)
    })
  })
}

test('a killed export leaves the file of the earlier one, and its own part under another name that only the user may read', async () => {
  writeFileSync(join(folder, 'payments.csv'), 'earlier')
  const blocking = new pg.Client({ connectionString: databaseUrl })
  await blocking.connect()
  // The export has written its header, and cannot read a row.
  await blocking.query('begin')
  await blocking.query('lock table payment_attempts in access exclusive mode')
  const firstPart = waitForPart()
  const running = startPaydesk(exporting(), {}, folder)
  const part = await firstPart
  running.process.kill('SIGKILL')
  await running.exit
  await blocking.end()
  expect(readFileSync(join(folder, 'payments.csv'), 'utf8')).toBe('earlier')
  expect(part).toMatch(/^\.payments\.csv\.[0-9a-f]{12}\.part$/)
  expect(statSync(join(folder, part)).mode & 0o777).toBe(0o600)

  // The next export is not disturbed by the part.
  expect(await startPaydesk(exporting(), {}, folder).exit).toMatchObject({ code: 0 })
  expect(lineCount()).toBe(ROW_COUNT + 1)
  rmSync(join(folder, part))
})

test('an export on a full disk prints the reason, ends with exit code 1, and leaves no file', async () => {
  rmSync(join(folder, 'payments.csv'), { force: true })
  // A limit of the file's size is like a full disk. The unit of `ulimit` in sh is 512 bytes.
  const limitedCommand = ['-c', 'ulimit -f 2; exec "$@"', 'sh', process.execPath, PAYDESK]
  const { code, err } = await startProgram(
    'sh',
    [...limitedCommand, ...exporting()],
    process.env,
    folder,
  ).exit
  expect([code, err]).toEqual([
    1,
    'paydesk: --output: the file payments.csv cannot be written: it would exceed the size limit for files of this user.\n',
  ])
  expect([existsSync(join(folder, 'payments.csv')), parts()]).toEqual([false, []])
})
