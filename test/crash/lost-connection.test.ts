import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { createMigratedDatabase } from '../support/postgres-cluster.ts'
import { call, spawnServer } from '../support/server.ts'

/** The time limit for the cancel to reach the lock. A limit, not an expectation. */
const LOCKED_MS_MAX = 30_000
const AGAIN_MS = 10

/** Resolves when a connection of the server waits for a lock in this database. */
async function waitUntilLocked(databaseUrl: string): Promise<void> {
  const watcher = new pg.Client({ connectionString: databaseUrl })
  await watcher.connect()
  try {
    for (const startedAtMs = Date.now(); ; ) {
      const { rowCount } = await watcher.query(
        `select 1 from pg_stat_activity where application_name = 'paydesk'
         and datname = current_database() and wait_event_type = 'Lock'`,
      )
      if (rowCount !== 0) return
      expect(Date.now() - startedAtMs, 'no connection waits for the lock').toBeLessThan(
        LOCKED_MS_MAX,
      )
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  } finally {
    await watcher.end()
  }
}

test('a server continues after its database connections are cut in the middle of transactions', async () => {
  const databaseUrl = await createMigratedDatabase(inject('postgresUrl'))
  const server = await spawnServer(['--database-url', databaseUrl])
  const blocker = new pg.Client({ connectionString: databaseUrl })
  await blocker.connect()
  try {
    const create = () =>
      call(server.baseUrl, 'POST', '/paymentsessions', { amount: 1, currency: 'INR' })
    const id = (await create()).body.payments_session.payments_session_id
    // The cancel waits inside its transaction for a locked row.
    await blocker.query('begin')
    await blocker.query('select * from payment_sessions for update')
    const canceling = call(server.baseUrl, 'POST', `/paymentsessions/${id}/cancel`)
    await waitUntilLocked(databaseUrl)
    await blocker.query(
      // Other tests' servers use the same cluster: only this database's connections are cut.
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'paydesk' and datname = current_database()`,
    )
    const cancellation = await canceling
    expect([cancellation.status, cancellation.headers.get('retry-after')]).toEqual([503, '2'])
    await blocker.query('rollback')
    // The server may notice a cut idle connection only at its next use. The request that uses it gets 503, too.
    await expect.poll(async () => (await create()).status).toBe(201)
    const session = await call(server.baseUrl, 'GET', `/paymentsessions/${id}`)
    expect(session.body.payments_session.status).toBe('created')
    expect(server.process.exitCode).toBeNull()
  } finally {
    await blocker.end()
    server.process.kill('SIGTERM')
  }
})
