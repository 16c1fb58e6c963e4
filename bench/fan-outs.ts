/**
 * Fills a distributed database with many rows, and measures the queries that read all of its shards:
 * `node bench/fan-outs.ts --database-url postgres://…`. The database must be empty.
 */
import { parseArgs } from 'node:util'
import pg from 'pg'
import { createRandom } from '../src/server/random.ts'
import { openPostgres } from '../src/store/engine/postgres.ts'
import { createStore } from '../src/store/store.ts'
import { reachOf, recordStatements } from '../test/citus/recorded-statements.ts'
import { ACCOUNT, account, endpointOf, limitsOf, NOW_MS } from '../test/support/stored-rows.ts'

const ROW_COUNT = 100_000
/** The number of times that each query is measured. The printed table has the median. */
const CALL_COUNT = 15
const LEASE_MS = 90_000
const PAGE = { page: 1, perPage: 25 }

/** The id of row n, from which its bucket follows. */
const ID_OF_N = 'n * 16384::bigint'
const ROWS = `from generate_series(1, ${ROW_COUNT}) n`
const ENDPOINT = endpointOf(ACCOUNT)

const FILL = [
  `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor, created_at_ms,
     expires_at_ms, attempt_count, attempt_count_max, reference_number, echoed_json)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, 'succeeded', 'INR', 100, ${NOW_MS} + n, ${NOW_MS} + n, 1, 1,
     'ord_' || n, '{}' ${ROWS}`,
  `insert into payment_attempts (bucket, id, payment_session_id, account_id, number, status, payment_method,
     instrument_json, created_at_ms, deadline_at_ms, decided_at_ms, asked_count, captured_minor)
   select n % 256, ${ID_OF_N}, ${ID_OF_N}, ${ACCOUNT}, 1, 'succeeded', 'card',
     '{"type":"card","brand":"visa","lastFourDigits":"1111","expiryMonth":9,"expiryYear":2028,"funding":"credit"}',
     ${NOW_MS} + n, 0, 0, 0, 100 ${ROWS}`,
  `insert into webhook_events (bucket, id, account_id, type, subject_id, body_json, created_at_ms)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, 'payment.succeeded', ${ID_OF_N}, '{}', ${NOW_MS} + n ${ROWS}`,
  `insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type, status,
     attempt_count, failure_count, created_at_ms)
   select n % 256, ${ID_OF_N}, ${ENDPOINT.id}, ${ACCOUNT}, 'payment.succeeded', 'delivered', 1, 0, ${NOW_MS} ${ROWS}`,
  `insert into ledger_postings (bucket, kind, source_id, payment_attempt_id, account_id, debit, credit,
     currency, amount_minor, created_at_ms)
   select n % 256, 'capture', ${ID_OF_N}, ${ID_OF_N}, ${ACCOUNT}, 'processor', 'merchant', 'INR', 100, ${NOW_MS} + n ${ROWS}`,
  `insert into balance_transactions (bucket, kind, id, account_id, connected_account_id, payment_attempt_id,
     currency, amount_minor, fee_minor, tax_minor, net_minor, created_at_ms, available_at_ms)
   select n % 256, 'charge', ${ID_OF_N}, ${ACCOUNT}, 0, ${ID_OF_N}, 'INR', 100, 0, 0, 100, ${NOW_MS} + n, ${NOW_MS} + n ${ROWS}`,
] as const

const { values } = parseArgs({ options: { 'database-url': { type: 'string' } } })
const url = values['database-url']
if (url === undefined) throw new Error('Name a distributed database with --database-url.')

const engine = await openPostgres(url, 2)
const store = createStore(engine, createRandom())
await store.transaction(async (tx) => {
  await tx.accounts.insert(account(ACCOUNT), NOW_MS)
  await tx.webhookEndpoints.put(ENDPOINT)
})
const client = new pg.Client({ connectionString: url })
await client.connect()
for (const text of FILL) await client.query(text)
await client.query('analyze')

const times = {}
const QUERIES: readonly (readonly [name: string, query: () => Promise<unknown>])[] = [
  ['a page of sessions', () => store.paymentSessions.list(ACCOUNT, {}, PAGE, NOW_MS)],
  [
    'sessions by reference',
    () => store.paymentSessions.list(ACCOUNT, { referenceNumber: 'ord_5' }, PAGE, NOW_MS),
  ],
  ['a page of payments', () => store.paymentAttempts.list(ACCOUNT, {}, PAGE)],
  ['a page of events', () => store.webhookEvents.list(ACCOUNT, {}, PAGE)],
  [
    'a step of an export: 500 postings',
    () => store.ledger.listAfter(ACCOUNT, { times, countMax: 500, after: undefined }),
  ],
  ['the balances of an account', () => store.balanceTransactions.sum(ACCOUNT, NOW_MS)],
  [
    'the search for due deliveries',
    () => store.webhookDeliveries.claim(NOW_MS, LEASE_MS, limitsOf()),
  ],
  ['the search for open payments', () => store.paymentAttempts.claim(NOW_MS, LEASE_MS)],
  ['the search for open refunds', () => store.refunds.claim(NOW_MS, LEASE_MS)],
  ['the oldest open work, for metrics', () => store.openWork.findOldest()],
  ['`ledger check`, in one transaction', () => store.ledger.check()],
]

console.log(`${ROW_COUNT} rows in each large table, median of ${CALL_COUNT} calls`)
console.log('| query | tasks on shards | ms |\n|---|---|---|')
for (const [name, query] of QUERIES) {
  const statements = await recordStatements(async () => {
    await query()
  })
  let taskCount = 0
  for (const statement of statements) {
    const reach = await reachOf(client, statement)
    if (reach !== 'local') taskCount += reach
  }
  const durations: number[] = []
  for (let call = 0; call < CALL_COUNT; call += 1) {
    const startedAtMs = performance.now()
    await query()
    durations.push(performance.now() - startedAtMs)
  }
  const median = durations.toSorted((a, b) => a - b)[Math.floor(CALL_COUNT / 2)] ?? 0
  console.log(`| ${name} | ${taskCount} | ${median.toFixed(1)} |`)
}
await client.end()
await store.close()
