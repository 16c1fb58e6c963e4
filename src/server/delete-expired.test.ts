import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { createMigratedFile, openMemoryEngine } from '../../test/support/memory-store.ts'
import { createMigratedDatabase } from '../../test/support/postgres-cluster.ts'
import {
  ACCOUNT,
  account,
  answerFor,
  CLOCK_JUMPS,
  NOW_MS,
  random,
  session,
} from '../../test/support/stored-rows.ts'
import type { Store } from '../operations/store.ts'
import type { Engine } from '../store/engine/engine.ts'
import { migrate } from '../store/engine/migrate.ts'
import { openPostgres } from '../store/engine/postgres.ts'
import { openSqlite } from '../store/engine/sqlite.ts'
import { createStore } from '../store/store.ts'
import { createExpiry } from './delete-expired.ts'

const ROUND_MS = 10 * 60_000
const HOUR_MS = 60 * 60_000
const folder = mkdtempSync(join(tmpdir(), 'paydesk-expiry-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let fileCount = 0

describe.each<[string, () => Promise<Engine>]>([
  [
    'a SQLite file',
    async () => {
      fileCount += 1
      const file = join(folder, `${fileCount}.db`)
      await createMigratedFile(file)
      return openSqlite(file)
    },
  ],
  ['SQLite in memory', openMemoryEngine],
  ['PostgreSQL', async () => openPostgres(await createMigratedDatabase(inject('postgresUrl')), 2)],
])('expired rows, on %s,', (_name, open) => {
  let engine: Engine
  let store: Store
  let nowMs: number
  const clock = { nowMs: () => nowMs }

  beforeEach(async () => {
    engine = await open()
    await migrate(engine)
    store = createStore(engine, random)
    nowMs = NOW_MS
    const client = {
      id: '1000.C',
      name: 'C',
      secret: { value: 'h' },
      accountIds: [],
      redirectUris: [],
    }
    await store.transaction(async (tx) => {
      await tx.accounts.insert(account(ACCOUNT), NOW_MS)
      await tx.clients.put({ ...client, isMachine: false }, NOW_MS)
    })
    const one = session()
    await store.paymentSessions.insert(one, answerFor(one, 'a key'), NOW_MS)
    await store.transaction((tx) =>
      tx.tokens.insertAccessToken(
        'a token',
        {
          grantId: 'g',
          clientId: '1000.C',
          accountIds: [ACCOUNT],
          scopes: [],
          expiresAtMs: NOW_MS + 5 * HOUR_MS,
        },
        undefined,
      ),
    )
  })
  afterEach(() => store.close())

  const storedMs = async () =>
    Number(await store.installation.stateFact('expiry_time_ms', String(NOW_MS)))
  const keyCount = async () =>
    (await engine.read.all('select 1 as one from idempotency_keys', [])).length
  /** Lets real time pass, round by round, with a clock that is wrong by `wrongMs`. */
  async function pass(expire: () => Promise<number>, hours: number, wrongMs = 0): Promise<void> {
    for (let passedMs = 0; passedMs < hours * HOUR_MS; passedMs += ROUND_MS) {
      nowMs += ROUND_MS + wrongMs
      await expire()
      nowMs -= wrongMs
    }
  }

  test.each(CLOCK_JUMPS)(
    'are the only deleted keys and tokens under a clock that is $name for four hours',
    async ({ jumpMs }) => {
      const expire = createExpiry({ clock, store })
      await pass(expire, 1)
      nowMs = NOW_MS
      await pass(expire, 4, jumpMs)
      expect(await keyCount()).toBe(1)
      expect(await store.tokens.findAccessToken('a token')).toBeDefined()
    },
  )

  test('are deleted on time after the correction of a wrong clock', async () => {
    const expire = createExpiry({ clock, store })
    await expire()
    await pass(expire, 0.5, 400 * 24 * HOUR_MS)
    await pass(expire, 0.5, -400 * 24 * HOUR_MS)
    nowMs = NOW_MS + 47 * HOUR_MS
    for (let round = 0; round < 52; round += 1) await expire()
    expect(await keyCount()).toBe(1)
    nowMs = NOW_MS + 49 * HOUR_MS
    for (let round = 0; round < 3; round += 1) await expire()
    expect(await keyCount()).toBe(0)
  })

  test('are deleted at the same rate by three processes as by one', async () => {
    const processes = [1, 2, 3].map(() => createExpiry({ clock, store }))
    nowMs += 400 * 24 * HOUR_MS
    const before = await storedMs()
    for (let round = 0; round < 6; round += 1) {
      for (const expire of processes) await expire()
    }
    expect((await storedMs()) - before).toBeLessThanOrEqual(6 * HOUR_MS)
    expect((await storedMs()) - before).toBeGreaterThanOrEqual(4 * HOUR_MS)
  })
})
