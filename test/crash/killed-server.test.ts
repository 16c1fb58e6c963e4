import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { createMigratedDatabase } from '../support/postgres-cluster.ts'
import { call, spawnServer } from '../support/server.ts'

const KILL_COUNT = 20
const CREATOR_COUNT = 64
/** The maximum number of batches that are acknowledged between the first one and the kill. */
const LATER_BATCHES_MAX = 3
/** The maximum number of sessions on a page of a list. */
const PER_PAGE = 200

/** Creates sessions from 64 clients until the server is killed; calls `onAcknowledged` after each. */
async function createUntilKilled(
  baseUrl: string,
  acknowledgments: Map<string, string>,
  onAcknowledged: () => void,
): Promise<void> {
  let sentCount = 0
  await Promise.all(
    Array.from({ length: CREATOR_COUNT }, async () => {
      for (;;) {
        sentCount += 1
        // Every third request has a key, because sessions with and without a key are stored differently.
        const key =
          sentCount % 3 === 0 ? { 'idempotency-key': `${baseUrl}-${sentCount}` } : undefined
        const reference = `ref-${sentCount}`
        const answer = await call(
          baseUrl,
          'POST',
          '/paymentsessions',
          { amount: 1, currency: 'INR', reference_number: reference },
          key,
        ).catch(() => undefined)
        if (answer === undefined) return
        expect(answer.status).toBe(201)
        acknowledgments.set(answer.body.payments_session.payments_session_id, reference)
        onAcknowledged()
      }
    }),
  )
}

/** Returns the reference numbers of all sessions by their ids. */
async function listReferences(baseUrl: string): Promise<ReadonlyMap<string, string>> {
  const references = new Map<string, string>()
  for (let page = 1; ; page += 1) {
    const path = `/paymentsessions?per_page=${PER_PAGE}&page=${page}`
    const { status, body } = await call(baseUrl, 'GET', path)
    expect(status).toBe(200)
    for (const one of body.payments_sessions) {
      references.set(one.payments_session_id, one.reference_number)
    }
    if (body.payments_sessions.length < PER_PAGE) return references
  }
}

async function killTwentyTimes(args: readonly string[]): Promise<void> {
  const acknowledgedIds = new Map<string, string>()
  for (let kill = 0; kill < KILL_COUNT; kill += 1) {
    const before = acknowledgedIds.size
    const server = await spawnServer(args)
    // A random moment after the first acknowledged session. It depends on a count, not on time, so that a fast
    // machine does not create too many sessions.
    const killAt = before + Math.ceil(CREATOR_COUNT * (1 + Math.random() * LATER_BATCHES_MAX))
    const creating = createUntilKilled(server.baseUrl, acknowledgedIds, () => {
      if (acknowledgedIds.size >= killAt) server.process.kill('SIGKILL')
    })
    await creating
  }

  const server = await spawnServer(args)
  try {
    const references = await listReferences(server.baseUrl)
    const all = [...acknowledgedIds]
    const missing = all.filter(([id, reference]) => references.get(id) !== reference)
    expect(missing).toEqual([])
    expect(all.length).toBeGreaterThanOrEqual(KILL_COUNT * CREATOR_COUNT)
  } finally {
    server.process.kill('SIGTERM')
  }
}

describe('a server that is killed in the middle of 64 parallel creations, 20 times', () => {
  test('still has every acknowledged session in a SQLite file, without a repair', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'paydesk-crash-'))
    try {
      await killTwentyTimes(['--data', join(folder, 'paydesk.db')])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 300_000)

  test('still has every acknowledged session in PostgreSQL', async () => {
    await killTwentyTimes(['--database-url', await createMigratedDatabase(inject('postgresUrl'))])
  }, 300_000)
})
