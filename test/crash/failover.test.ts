import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { publicIdsAt } from '../support/engines.ts'
import { createDatabase, startPostgresPair } from '../support/postgres-cluster.ts'
import { call, spawnServer } from '../support/server.ts'

const CLIENT_COUNT = 8
/** The number of acknowledged creations in each phase: before the primary fails, and after the service has recovered. */
const ACKNOWLEDGED_COUNT = 300
/** The promised time from the standby's promotion to the recovery. The test measures from the primary's failure. */
const BACK_MS_MAX = 10_000
const AGAIN_MS = 50

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Starts clients that create sessions. Each repeats a creation with its key until it is acknowledged. */
function startClients(baseUrl: string) {
  const acknowledgedIds = new Map<string, string>()
  const statuses = new Map<number, number>()
  let isOver = false
  let sentCount = 0
  let watchedFromMs = Number.POSITIVE_INFINITY
  let firstAfterMs: number | undefined

  async function createOne(key: string): Promise<void> {
    while (!isOver) {
      const sentAtMs = performance.now()
      const body = { amount: 1, currency: 'INR', reference_number: key }
      const answer = await call(baseUrl, 'POST', '/paymentsessions', body, {
        'idempotency-key': key,
      })
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      if (answer.status === 201) {
        acknowledgedIds.set(key, answer.body.payments_session.payments_session_id)
        if (sentAtMs >= watchedFromMs) firstAfterMs ??= performance.now()
        return
      }
      await pause(AGAIN_MS)
    }
  }
  const running = Promise.all(
    Array.from({ length: CLIENT_COUNT }, async () => {
      while (!isOver) {
        sentCount += 1
        await createOne(`ref-${sentCount}`)
      }
    }),
  )
  /** Resolves when `count` more creations have been acknowledged. */
  const reach = async (count: number) => {
    const until = acknowledgedIds.size + count
    while (acknowledgedIds.size < until) await Promise.race([pause(AGAIN_MS), running])
  }
  return {
    acknowledged: acknowledgedIds,
    statuses,
    reach,
    /**
     * Resolves when a request that was sent after this call is acknowledged. Returns the milliseconds from this call to
     * the acknowledgment.
     */
    untilAcknowledged: async () => {
      watchedFromMs = performance.now()
      while (firstAfterMs === undefined) await Promise.race([pause(AGAIN_MS), running])
      return firstAfterMs - watchedFromMs
    },
    stop: async () => {
      isOver = true
      await running
    },
  }
}

async function sessionsAt(databaseUrl: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query(
      "select id, reference_number from payment_sessions where reference_number like 'ref-%'",
    )
    const all = Map.groupBy(rows, (row) => String(row.reference_number))
    return new Map([...all].map(([key, rowList]) => [key, rowList.map(({ id }) => String(id))]))
  } finally {
    await client.end()
  }
}

async function cutConnections(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'paydesk'",
  )
  await client.end()
}

describe('a server on a primary with a synchronous standby', () => {
  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'loses nothing that it acknowledged when the primary gets %s under load, and serves again within 10 s of the promotion without a restart',
    async (signal) => {
      const pair = await startPostgresPair()
      let server: Awaited<ReturnType<typeof spawnServer>> | undefined
      try {
        const primaryUrl = await createDatabase(pair.primary.url)
        const { pathname } = new URL(primaryUrl)
        const standbyUrl = pair.standby.url.replace(/\/[^/]*$/, pathname)
        const hosts = [standbyUrl, primaryUrl].map((url) => new URL(url).host).join(',')
        server = await spawnServer([
          '--database-url',
          `postgres://paydesk@${hosts}${pathname}?target_session_attrs=read-write`,
          '--log-level',
          'warn',
          '--access-log',
          'off',
          '--rate-limits',
          'off',
        ])
        const clients = startClients(server.baseUrl)
        await clients.reach(ACKNOWLEDGED_COUNT)

        pair.primary.signalAll(signal)
        const recovery = clients.untilAcknowledged()
        await pair.promote()
        const backMs = await recovery
        await clients.reach(ACKNOWLEDGED_COUNT)

        if (signal === 'SIGSTOP') {
          // The old primary continues and still believes that it is the primary. No process may return to it.
          pair.primary.signalAll('SIGCONT')
          await cutConnections(standbyUrl)
          await clients.reach(ACKNOWLEDGED_COUNT)
        }
        await clients.stop()

        const storedSessions = await sessionsAt(standbyUrl)
        const { storedIdOf } = await publicIdsAt({
          flags: { databaseUrl: standbyUrl },
          remove: () => {},
        })
        const missing = [...clients.acknowledged].filter(
          ([key, id]) => !storedSessions.get(key)?.includes(storedIdOf(id)),
        )
        const duplicates = [...storedSessions].filter(([, ids]) => ids.length > 1)
        // biome-ignore lint/suspicious/noConsole: the figures are a result of the test.
        console.log(
          `${signal}: ${clients.acknowledged.size} acknowledged, ${missing.length} lost, ${duplicates.length} made twice, service back after ${(backMs / 1000).toFixed(1)} s, answers ${JSON.stringify(Object.fromEntries(clients.statuses))}`,
        )
        expect(missing).toEqual([])
        expect(duplicates).toEqual([])
        expect([...clients.statuses.keys()].sort()).toEqual([201, 503])
        expect(backMs).toBeLessThan(BACK_MS_MAX)
        expect(server.errors()).toContain('this database server accepts writes and is used')
      } finally {
        server?.process.kill('SIGKILL')
        await pair.stop()
      }
    },
    120_000,
  )

  test('reports a standby if it reaches no primary', async () => {
    const pair = await startPostgresPair()
    try {
      const { host } = new URL(pair.standby.url)
      await expect(spawnServer(['--database-url', pair.standby.url])).rejects.toThrow(
        `The PostgreSQL database ${host}/postgres is a standby and accepts no writes.`,
      )
    } finally {
      await pair.stop()
    }
  }, 120_000)
})
