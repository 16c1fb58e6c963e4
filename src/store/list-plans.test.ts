import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createDatabase } from '../../test/support/postgres-cluster.ts'
import { ACCOUNT, account, NOW_MS, OTHER_ACCOUNT, random } from '../../test/support/stored-rows.ts'
import type {
  PaymentAttemptId,
  PaymentSessionId,
  TransferId,
  WebhookEndpointId,
} from '../domain/id.ts'
import type { Store } from '../operations/ports.ts'
import type { Engine, SqlValue } from './engine.ts'
import { migrate } from './migrate.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import { createStore } from './store.ts'

const PAGE = { page: 1, perPage: 25 }
const DAYS = { createdFromMs: NOW_MS, createdToMs: NOW_MS + 1_000 }
const ID = '4242'
const of = {
  payment: ID as PaymentAttemptId,
  session: ID as PaymentSessionId,
  transfer: ID as TransferId,
  endpoint: ID as WebhookEndpointId,
}

/**
 * Every list with each of its filters, and the indexes of which PostgreSQL has to use one in tables of
 * which nearly all rows are one merchant's. Without them a filter leaves so much that reading all is right.
 */
const LISTS: readonly [
  name: string,
  list: (store: Store) => Promise<unknown>,
  indexes?: string[],
][] = [
  ['payments', (store) => store.listPayments(ACCOUNT, {}, PAGE)],
  ...(['succeeded', 'failed', 'refunded'] as const).map((status): (typeof LISTS)[number] => [
    `payments ${status}`,
    (store) => store.listPayments(ACCOUNT, { status }, PAGE),
  ]),
  ['payments by card', (store) => store.listPayments(ACCOUNT, { method: 'card' }, PAGE)],
  [
    'payments of some days',
    (store) => store.listPayments(ACCOUNT, DAYS, PAGE),
    ['payment_attempts_by_account'],
  ],
  ...['asha@shop.example', '9000000001', 'ord_17', ID].map((sought): (typeof LISTS)[number] => [
    `payments by the text ${sought}`,
    (store) => store.listPayments(ACCOUNT, { sought }, PAGE),
    [
      ...['payment_attempts_by_email', 'payment_attempts_by_phone'],
      ...['payment_sessions_by_reference', 'payment_attempts_with_instrument_pkey'],
    ],
  ]),
  [
    'payments by a text and all else',
    (store) =>
      store.listPayments(
        ACCOUNT,
        { ...DAYS, sought: 'x', status: 'succeeded', method: 'card' },
        PAGE,
      ),
    ['payment_attempts_by_email'],
  ],
  ['events', (store) => store.listWebhookEvents(ACCOUNT, {}, PAGE)],
  [
    'events of a type',
    (store) => store.listWebhookEvents(ACCOUNT, { types: ['refund.failed'] }, PAGE),
    ['webhook_events_by_type'],
  ],
  [
    'events of a session',
    (store) => store.listWebhookEvents(ACCOUNT, { paymentSessionId: of.session }, PAGE),
    ['webhook_events_by_session'],
  ],
  [
    'events of some days',
    (store) => store.listWebhookEvents(ACCOUNT, DAYS, PAGE),
    ['webhook_events_by_account', 'webhook_events_by_type'],
  ],
  [
    'events to send again',
    (store) =>
      store.listWebhookEventsFrom(
        ACCOUNT,
        { ...DAYS, types: ['payment.succeeded', 'refund.failed'] },
        { id: ID as never, createdAtMs: NOW_MS },
        500,
      ),
  ],
  ['transfers', (store) => store.listAccountTransfers(ACCOUNT, {}, PAGE)],
  [
    'transfers of a payment',
    (store) => store.listAccountTransfers(ACCOUNT, { paymentAttemptId: of.payment }, PAGE),
    ['transfers_bucket_payment_attempt_id_number_key'],
  ],
  [
    'transfers to an account',
    (store) => store.listAccountTransfers(ACCOUNT, { connectedAccountId: OTHER_ACCOUNT }, PAGE),
    ['transfers_by_receiver'],
  ],
  [
    'transfers by an id',
    (store) => store.listAccountTransfers(ACCOUNT, { soughtId: of.transfer }, PAGE),
    ['transfers_by_receiver', 'transfers_bucket_payment_attempt_id_number_key'],
  ],
  ['reversals', (store) => store.listTransferReversals(ACCOUNT, {}, PAGE)],
  [
    'reversals of a transfer',
    (store) => store.listTransferReversals(ACCOUNT, { transferId: of.transfer }, PAGE),
    ['transfer_reversals_by_transfer'],
  ],
  [
    'reversals by an id',
    (store) => store.listTransferReversals(ACCOUNT, { soughtId: of.transfer }, PAGE),
    ['transfers_by_receiver', 'transfer_reversals_by_transfer'],
  ],
  ['deliveries', (store) => store.listWebhookDeliveries(of.endpoint, {}, PAGE)],
  [
    'deliveries of a status and a type',
    (store) =>
      store.listWebhookDeliveries(
        of.endpoint,
        { status: 'pending', eventType: 'payment.failed' },
        PAGE,
      ),
  ],
  ['refunds', (store) => store.listRefunds(of.payment), ['refunds_by_attempt']],
]

/** Gives a store, and the plans of all that a work reads with it. */
async function watched(engine: Engine, explain: string) {
  await migrate(engine)
  const read: [text: string, params: readonly SqlValue[]][] = []
  const watching: Engine = {
    ...engine,
    read: {
      ...engine.read,
      all: (text, params) => {
        read.push([text, params])
        return engine.read.all(text, params)
      },
    },
  }
  const store = createStore(watching, random)
  const plansOf = async (work: (store: Store) => Promise<unknown>): Promise<string[]> => {
    read.length = 0
    await work(store)
    const statements = [...read]
    const plans = await Promise.all(
      statements.map(([text, params]) => engine.read.all(`${explain} ${text}`, params)),
    )
    return plans.map((rows) =>
      rows.map((row) => String(row.detail ?? row['QUERY PLAN'])).join('\n'),
    )
  }
  return { store, plansOf }
}

describe('a list reads no whole table, on SQLite', () => {
  let at: Awaited<ReturnType<typeof watched>>
  beforeAll(async () => {
    at = await watched(openSqlite(':memory:'), 'explain query plan')
  })
  afterAll(() => at.store.close())

  test.each(LISTS)('%s', async (_, list, indexes = []) => {
    const plans = await at.plansOf(list)
    expect(plans.length).toBeGreaterThan(0)
    for (const plan of plans) {
      expect(plan).toContain('SEARCH')
      // What was found is walked over, once: `f`, and within it the transfers `x`.
      expect(plan.match(/^SCAN (?!f$|x$|y$).*/gm) ?? []).toEqual([])
      // Nor all of a merchant's rows or of a bucket's, where the filter has an index.
      if (indexes.length > 0 && !indexes.some((index) => index.endsWith('_by_account'))) {
        expect(plan).not.toMatch(/_by_account|\(bucket=\?\)|\(account_id=\?\)/)
      }
    }
  })
})

const ROW_COUNT = 20_000
/** Rows of one merchant, but for a few; ids are numbers from 1. */
const FILL = [
  `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor, created_at_ms,
     expires_at_ms, attempt_count, attempt_count_max, reference_number, echoed_json)
   select n % 256, n, ${ACCOUNT}, 'succeeded', 'INR', 100, ${NOW_MS} + n * 1000, 0, 1, 1, 'ord_' || n, '{}'
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into payment_attempts (bucket, id, payment_session_id, account_id, number, status,
     payment_method, instrument_json, customer_email, customer_phone, created_at_ms, deadline_at_ms,
     decided_at_ms, asked_count, captured_minor, transferred_minor)
   select n % 256, n, n, ${ACCOUNT}, 1, 'succeeded', 'card', '{}', 'payer-' || n, n::text,
     ${NOW_MS} + n * 1000, 0, 0, 0, 100, 100
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into transfers (bucket, id, account_id, payment_attempt_id, number, connected_account_id,
     currency, amount_minor, created_at_ms)
   select n % 256, n, ${ACCOUNT}, n, 1, n % 5000, 'INR', 100, ${NOW_MS} + n * 1000
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into transfer_reversals (bucket, id, account_id, transfer_id, currency, amount_minor,
     created_at_ms)
   select n % 256, n, ${ACCOUNT}, n, 'INR', 1, ${NOW_MS} + n * 1000
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into refunds (bucket, id, account_id, payment_attempt_id, currency, amount_minor, type, reason,
     status, created_at_ms, asked_count)
   select n % 256, n, ${ACCOUNT}, n, 'INR', 1, '', '', 'failed', 0, 0
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into webhook_events (bucket, id, account_id, type, payment_session_id, body_json,
     created_at_ms)
   select n % 256, n, ${ACCOUNT}, case n % 1000 when 0 then 'refund.failed' else 'payment.succeeded' end,
     n, '{}', ${NOW_MS} + n * 1000
   from generate_series(1, ${ROW_COUNT}) n`,
]

describe('a list that leaves little reads it by an index, on PostgreSQL', () => {
  let at: Awaited<ReturnType<typeof watched>>
  beforeAll(async () => {
    const engine = await openPostgres(await createDatabase(inject('postgresUrl')), 4)
    at = await watched(engine, 'explain')
    await at.store.transaction((tx) => tx.insertAccount(account(ACCOUNT), NOW_MS))
    for (const statement of FILL) await engine.transaction((sql) => sql.run(statement, []))
    await engine.read.run('analyze', [])
  })
  afterAll(() => at.store.close())

  test.each(LISTS.filter(([, , indexes]) => indexes !== undefined))(
    '%s',
    async (_, list, indexes = []) => {
      for (const plan of await at.plansOf(list)) {
        expect(plan).not.toContain('Seq Scan')
        const used = indexes.filter((index) => plan.includes(index))
        // By one of them where the rows are named by one thing, by each where a text may be any of them.
        expect([plan, used.length > 0]).toEqual([plan, true])
        if (plan.includes('Append')) expect([plan, used]).toEqual([plan, indexes])
      }
    },
  )
})
