/** The statements of frequent requests run on one shard of a distributed database. */
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { RefundId } from '../../src/domain/id.ts'
import { type CheckoutServer, startCheckoutServer } from '../support/checkout.ts'
import { makePayment } from '../support/taken-payments.ts'
import {
  type RecordedStatement,
  reachOf,
  recordNotices,
  recordStatements,
} from './recorded-statements.ts'

let server: CheckoutServer
let client: pg.Client
beforeAll(async () => {
  server = await startCheckoutServer('postgres')
  // The server's newest connection tells the name of its database.
  const cluster = new pg.Client({ connectionString: inject('postgresUrl') })
  await cluster.connect()
  const { rows } = await cluster.query(
    `select datname from pg_stat_activity where application_name = 'paydesk'
     order by backend_start desc limit 1`,
  )
  await cluster.end()
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${rows[0].datname}`
  client = new pg.Client({ connectionString: url.href })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.close()
})

/** The searches of background work on all shards, which run beside the requests of a test. */
const BACKGROUND =
  /next_attempt_at_ms|ask_at_ms|due_at_ms|ends_at_ms|reverse_at_ms|decision_due|held|payout|next_run|max\(created_at_ms\)|min\(/

/** Returns the statements that need more than one shard. */
async function fanOutsOf(statements: readonly RecordedStatement[]): Promise<readonly string[]> {
  const wideStatements: string[] = []
  for (const statement of statements) {
    const reach = await reachOf(client, statement)
    if (reach !== 'local' && reach > 1 && !BACKGROUND.test(statement.text)) {
      wideStatements.push(`${reach} tasks: ${statement.text.slice(0, 300)}`)
    }
  }
  return wideStatements
}

const amount = { amount: 100, currency: 'INR' }

test('creating a session, with or without an idempotency key, and retrieving it run on one shard', async () => {
  const statements = await recordStatements(async () => {
    const { body, status } = await server.call('POST', '/paymentsessions', amount)
    expect(status).toBe(201)
    const createWithKey = () =>
      server.call('POST', '/paymentsessions', amount, { 'idempotency-key': 'one-key-of-citus' })
    expect((await createWithKey()).status).toBe(201)
    expect((await createWithKey()).status).toBe(201)
    const id = body.payments_session.payments_session_id
    expect((await server.call('GET', `/paymentsessions/${id}`)).status).toBe(200)
    const sessions = Array.from({ length: 8 }, () =>
      server.call('POST', '/paymentsessions', amount),
    )
    for (const one of await Promise.all(sessions)) expect(one.status).toBe(201)
  })
  expect(statements.filter(({ text }) => /insert into payment_sessions/.test(text))).not.toEqual([])
  expect(statements.filter(({ text }) => /insert into idempotency_keys/.test(text))).not.toEqual([])
  expect(await fanOutsOf(statements)).toEqual([])
})

test('paying a session, retrieving its payment and refunding it run on one shard', async () => {
  const statements = await recordStatements(async () => {
    const paymentId = await makePayment(server, 250)
    expect((await server.call('GET', `/payments/${paymentId}`)).status).toBe(200)
    const { body, status } = await server.call('POST', `/payments/${paymentId}/refunds`, {
      amount: 50,
      reason: 'requested_by_customer',
      type: 'initiated_by_merchant',
    })
    expect([status, body]).toEqual([201, expect.anything()])
    const id = body.refund.refund_id as RefundId
    expect((await server.call('GET', `/refunds/${id}`)).status).toBe(200)
  })
  const writesTo = (table: string) =>
    statements.filter(({ text }) => new RegExp(`(?:insert into|update) ${table}\\b`).test(text))
  for (const table of [
    'payment_attempts',
    'payment_sessions',
    'ledger_postings',
    'balance_transactions',
    'webhook_events',
    'refunds',
  ]) {
    expect(writesTo(table), table).not.toEqual([])
  }
  expect(await fanOutsOf(statements)).toEqual([])
})

test('a transaction causes no warning, which each node would write to its log', async () => {
  const notices = await recordNotices(async () => {
    await makePayment(server, 150)
    expect((await server.call('GET', '/payments')).status).toBe(200)
  })
  expect(notices).toEqual([])
})
