import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { publicIdsAt } from '../../test/support/engines.ts'
import { createMigratedDatabase } from '../../test/support/postgres-cluster.ts'
import { ACCOUNT_ID, call, type SpawnedServer, spawnServer } from '../../test/support/server.ts'

/** Outages of the database, and their ends. Each begins by closing all connections of the server. */
const OUTAGES = [
  {
    name: 'lost',
    begin: 'alter database DATABASE allow_connections false',
    end: 'alter database DATABASE allow_connections true',
    status: 'database does not answer',
  },
  {
    name: 'read-only',
    begin: 'alter database DATABASE set default_transaction_read_only = on',
    end: 'alter database DATABASE reset default_transaction_read_only',
    status: 'database accepts no writes',
  },
] as const

describe('a server whose database', () => {
  let server: SpawnedServer
  let database: string
  let admin: pg.Client
  let own: pg.Client
  let accessKey: string
  let sessionId: string
  const create = (headers: Record<string, string> = {}) =>
    call(server.baseUrl, 'POST', '/paymentsessions', { amount: 1, currency: 'INR' }, headers)
  const cutConnections = () =>
    admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'paydesk' and datname = $1`,
      [database],
    )
  /**
   * Waits until the readiness check reports `status`. The check is a write, and its answer is cached for some seconds.
   */
  async function readyIs(status: string): Promise<Response> {
    for (;;) {
      const answer = await fetch(`${server.baseUrl}/readyz`)
      const body = (await answer.clone().json()) as { status: string }
      if (body.status === status) return answer
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  let databaseUrl: string
  /** Repeats a creation until it succeeds: while the database is lost, the server searches for it twice a second. */
  async function createAgain(headers: Record<string, string> = {}) {
    for (;;) {
      const answer = await create(headers)
      if (answer.status === 201) return answer
      expect(answer.status).toBe(503)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  beforeAll(async () => {
    const url = await createMigratedDatabase(inject('postgresUrl'))
    databaseUrl = url
    database = new URL(url).pathname.slice(1)
    admin = new pg.Client({ connectionString: inject('postgresUrl') })
    own = new pg.Client({ connectionString: url, application_name: 'a test' })
    server = await spawnServer(['--database-url', url, '--log-level', 'silent'])
    await Promise.all([admin.connect(), own.connect()])
    const { payments_session: session } = (await create()).body
    accessKey = session.access_key
    sessionId = session.payments_session_id
  })
  afterAll(async () => {
    server.process.kill('SIGTERM')
    await Promise.all([admin.end(), own.end()])
  })

  test.each(OUTAGES)(
    'is $name answers 503 with Retry-After until the database is usable again',
    async (outage) => {
      const run = (statement: string) => admin.query(statement.replace('DATABASE', database))
      await run(outage.begin)
      try {
        await cutConnections()
        const answer = await create()
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
        expect(answer.body).toEqual({ code: 'error', message: expect.stringMatching(/database/) })
        expect((await readyIs(outage.status)).status).toBe(503)
        expect((await fetch(`${server.baseUrl}/healthz`)).status).toBe(200)
      } finally {
        await run(outage.end)
        await cutConnections()
      }
      await createAgain()
      expect((await readyIs('ready')).status).toBe(200)
    },
  )

  test('is lost shows customers a page with instructions, and answers scripts in JSON', async () => {
    await admin.query(`alter database ${database} allow_connections false`)
    try {
      await cutConnections()
      const path = `${server.baseUrl}/hostedcheckout/${accessKey}`
      const page = await fetch(path, { headers: { 'accept-language': 'en' } })
      expect([page.status, page.headers.get('retry-after')]).toEqual([503, '2'])
      expect(await page.text()).toContain('Payments are temporarily unavailable')
      const bankPath = `${server.baseUrl}/sandbox/3d-secure/${sessionId}`
      const cart = { method: 'POST', body: new URLSearchParams({ product: 'coffee' }) }
      for (const other of [
        await fetch(bankPath),
        await fetch(`${server.baseUrl}/demo/pay`, cart),
      ]) {
        expect([other.status, other.headers.get('retry-after')]).toEqual([503, '2'])
        expect(await other.text()).toContain('<h1>Temporarily unavailable</h1>')
      }
      const demo = await fetch(`${server.baseUrl}/demo/session`, cart)
      expect([demo.status, demo.headers.get('retry-after'), await demo.json()]).toEqual([
        503,
        '2',
        { message: 'Paydesk cannot reach its database. Try again in a minute.' },
      ])
      const stateAnswer = await fetch(`${path}/state`, { headers: { accept: 'application/json' } })
      expect([stateAnswer.status, await stateAnswer.json()]).toEqual([503, { notice: 'outage' }])
      const payAnswer = await fetch(`${path}/pay`, {
        method: 'POST',
        headers: { accept: 'application/json', origin: server.baseUrl },
        body: new URLSearchParams({ method: 'upi' }),
      })
      expect([payAnswer.status, await payAnswer.json()]).toEqual([503, { notice: 'outage' }])
      const widget = await fetch(`${server.baseUrl}/charge/${ACCOUNT_ID}/open`, {
        method: 'POST',
        headers: { origin: server.baseUrl },
        body: new URLSearchParams({ payments_session_id: '1', api_key: 'x' }),
      })
      expect([widget.status, widget.headers.get('retry-after')]).toEqual([503, '2'])
      const consent = await fetch(`${server.baseUrl}/oauth/v2/auth?client_id=1000.X`)
      expect([consent.status, consent.headers.get('content-type')]).toEqual([
        503,
        expect.stringContaining('text/html'),
      ])
      expect(await consent.text()).toContain('Please try again')
    } finally {
      await admin.query(`alter database ${database} allow_connections true`)
    }
    await createAgain()
  })

  test('is lost between a commit and its answer runs a request with an Idempotency-Key once', async () => {
    // The commit succeeds, and then the connection is lost before the server gets the answer.
    await own.query(`create function cut_after_commit() returns trigger language plpgsql as $$
      begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`)
    await own.query(`create constraint trigger cut after insert on payment_sessions
      deferrable initially deferred for each row execute function cut_after_commit()`)
    const key = { 'idempotency-key': 'lost-in-commit' }
    expect((await create(key)).status).toBe(503)
    await own.query('drop trigger cut on payment_sessions')
    const first = await createAgain(key)
    const second = await createAgain(key)
    expect(second.body).toEqual(first.body)
    const { storedIdOf } = await publicIdsAt({ flags: { databaseUrl }, remove: () => {} })
    const { rows } = await own.query(
      'select count(*) as count from idempotency_keys where resource_id = $1',
      [storedIdOf(String(first.body.payments_session.payments_session_id))],
    )
    expect(rows).toEqual([{ count: '1' }])
  })

  test('has no space left answers writes and /readyz with 503, and still answers reads', async () => {
    // The error with which PostgreSQL reports a table that cannot grow.
    await own.query(`create function refuse_growth() returns trigger language plpgsql as $$
      begin raise exception 'could not extend file: No space left on device'
        using errcode = '53100'; end $$`)
    await own.query(`create trigger full_disk before insert on payment_sessions
      for each row execute function refuse_growth()`)
    try {
      expect((await create()).status).toBe(503)
      expect((await readyIs('database has no space left')).status).toBe(503)
      expect((await call(server.baseUrl, 'GET', '/paymentsessions')).status).toBe(200)
    } finally {
      await own.query('drop trigger full_disk on payment_sessions')
    }
    expect((await create()).status).toBe(201)
  })
})
