import pg from 'pg'
import { expect, inject, test } from 'vitest'
import { createDatabase } from '../support/postgres-cluster.ts'
import { call, spawnServer } from '../support/server.ts'

test('a server whose database connections are cut in the middle of transactions lives on', async () => {
  const databaseUrl = await createDatabase(inject('postgresUrl'))
  const server = await spawnServer(['--database-url', databaseUrl])
  const blocker = new pg.Client({ connectionString: databaseUrl })
  await blocker.connect()
  try {
    const create = () =>
      call(server.baseUrl, 'POST', '/paymentsessions', { amount: 1, currency: 'INR' })
    const id = (await create()).body.payments_session.payments_session_id
    // The cancel waits inside its transaction for a row that somebody holds.
    await blocker.query('begin')
    await blocker.query('select * from payment_sessions for update')
    const canceling = call(server.baseUrl, 'POST', `/paymentsessions/${id}/cancel`)
    await new Promise((done) => setTimeout(done, 300))
    await blocker.query(
      // Other tests' servers use the same cluster: only this database's connections are cut.
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'paydesk' and datname = current_database()`,
    )
    const canceled = await canceling
    expect([canceled.status, canceled.headers.get('retry-after')]).toEqual([503, '2'])
    await blocker.query('rollback')
    expect((await create()).status, server.errors()).toBe(201)
    const session = await call(server.baseUrl, 'GET', `/paymentsessions/${id}`)
    expect(session.body.payments_session.status).toBe('created')
    expect(server.process.exitCode).toBeNull()
  } finally {
    await blocker.end()
    server.process.kill('SIGTERM')
  }
})
