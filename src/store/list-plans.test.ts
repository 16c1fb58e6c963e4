import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createMigratedDatabase } from '../../test/support/postgres-cluster.ts'
import {
  ACCOUNT,
  account,
  endpointOf,
  NOW_MS,
  OTHER_ACCOUNT,
  random,
} from '../../test/support/stored-rows.ts'
import type { AccountId, PaymentAttemptId, PaymentSessionId, TransferId } from '../domain/id.ts'
import type { Store } from '../operations/store.ts'
import type { Engine, Sql, SqlValue } from './engine/engine.ts'
import { migrate } from './engine/migrate.ts'
import { openPostgres } from './engine/postgres.ts'
import { openSqlite } from './engine/sqlite.ts'
import { createStore } from './store.ts'

const PAGE = { page: 1, perPage: 25 }
const DAYS = { createdFromMs: NOW_MS, createdToMs: NOW_MS + 1_000 }
const ENDPOINT = endpointOf(ACCOUNT)
const ID = '4242'
const PAYMENT = ID as PaymentAttemptId
const SESSION = ID as PaymentSessionId
const TRANSFER = ID as TransferId

/** A list with one of its filters, and the indexes that its plan must use. */
type List = {
  readonly name: string
  readonly list: (store: Store) => Promise<unknown>
  /** One of them is used. Those with an engine's own name count on that engine only. */
  readonly indexes: readonly string[]
  /** Each of them is used: the text may be any of several things. */
  readonly usesAll?: true
  /**
   * The filter leaves most rows, or has no index: the index gives the order, and the page is full after
   * a few rows. Undefined: the filter leaves few rows, and no others are read.
   */
  readonly isWalk?: true
}

const sessions = (
  name: string,
  filter: Parameters<Store['paymentSessions']['list']>[1],
  ...indexes: readonly string[]
): List => ({
  name: `sessions ${name}`,
  list: (store) => store.paymentSessions.list(ACCOUNT, filter, PAGE, NOW_MS),
  indexes,
})
const payments = (
  name: string,
  filter: Parameters<Store['paymentAttempts']['list']>[1],
  ...indexes: readonly string[]
): List => ({
  name: `payments ${name}`,
  list: (store) => store.paymentAttempts.list(ACCOUNT, filter, PAGE),
  indexes,
})
const events = (
  name: string,
  filter: Parameters<Store['webhookEvents']['list']>[1],
  ...indexes: readonly string[]
): List => ({
  name: `events ${name}`,
  list: (store) => store.webhookEvents.list(ACCOUNT, filter, PAGE),
  indexes,
})
const transfers = (
  name: string,
  filter: Parameters<Store['transfers']['list']>[1],
  ...indexes: readonly string[]
): List => ({
  name: `transfers ${name}`,
  list: (store) => store.transfers.list(ACCOUNT, filter, PAGE),
  indexes,
})
const reversals = (
  name: string,
  filter: Parameters<Store['transferReversals']['list']>[1],
  ...indexes: readonly string[]
): List => ({
  name: `reversals ${name}`,
  list: (store) => store.transferReversals.list(ACCOUNT, filter, PAGE),
  indexes,
})
const deliveries = (
  name: string,
  filter: Parameters<Store['webhookDeliveries']['list']>[1],
  ...indexes: readonly string[]
): List => ({
  name: `deliveries ${name}`,
  list: (store) => store.webhookDeliveries.list(ENDPOINT.id, filter, PAGE),
  indexes,
})
const connected = (
  name: string,
  filter: Parameters<Store['connectedAccounts']['list']>[1],
  ...indexes: readonly string[]
): List => ({
  name: `connected accounts ${name}`,
  list: (store) => store.connectedAccounts.list(ACCOUNT, filter, PAGE),
  indexes,
})
const walk = (list: List): List => ({ ...list, isWalk: true })
const all = (list: List): List => ({ ...list, usesAll: true })

const TRANSFERS_OF_PAYMENT = [
  'transfers_bucket_payment_attempt_id_number_key',
  'sqlite_autoindex_transfers_2',
] as const
const SOUGHT_TRANSFERS = [
  'transfers_pkey',
  'sqlite_autoindex_transfers_1',
  ...TRANSFERS_OF_PAYMENT,
] as const
const SOUGHT_PAYMENTS = [
  'payment_attempts_by_email',
  'payment_attempts_by_phone',
  'payment_sessions_by_reference',
  'sqlite_autoindex_payment_attempts_1',
  'payment_attempts_with_instrument_pkey',
] as const

/** Every list with each of its filters. */
const LISTS: readonly List[] = [
  walk(sessions('', {}, 'payment_sessions_by_account')),
  sessions('of some days', DAYS, 'payment_sessions_by_account'),
  sessions('by a reference', { referenceNumber: 'ord_17' }, 'payment_sessions_by_reference'),
  sessions('by an invoice', { invoiceNumber: 'INV-17' }, 'payment_sessions_by_invoice'),
  sessions(
    'by everything',
    { ...DAYS, referenceNumber: 'ord_17', invoiceNumber: 'INV-17', status: 'succeeded' },
    'payment_sessions_by_reference',
    'payment_sessions_by_invoice',
  ),
  ...(['created', 'expired', 'in_progress', 'succeeded', 'failed', 'canceled'] as const).map(
    (status) => walk(sessions(status, { status }, 'payment_sessions_by_account')),
  ),
  walk(payments('', {}, 'payment_attempts_by_account')),
  ...(['succeeded', 'failed', 'refunded'] as const).map((status) =>
    walk(payments(status, { status }, 'payment_attempts_by_account')),
  ),
  payments('by a method', { method: 'netbanking' }, 'payment_attempts_by_method'),
  payments(
    'by a method of some days',
    { ...DAYS, method: 'netbanking' },
    'payment_attempts_by_method',
  ),
  payments('of some days', DAYS, 'payment_attempts_by_account'),
  ...['asha@shop.example', '9000000001', 'ord_17', ID].map((searchText) =>
    all(
      payments(`by the text ${searchText}`, { searchText, searchId: PAYMENT }, ...SOUGHT_PAYMENTS),
    ),
  ),
  payments(
    'by everything',
    { ...DAYS, searchText: 'x', status: 'succeeded', method: 'card' },
    'payment_attempts_by_email',
  ),
  walk(events('', {}, 'webhook_events_by_account')),
  events('of a type', { types: ['refund.failed'] }, 'webhook_events_by_type'),
  events('of a session', { paymentSessionId: SESSION }, 'webhook_events_by_session'),
  events(
    'of a type and some days',
    { ...DAYS, types: ['refund.failed'] },
    'webhook_events_by_type',
  ),
  events('of some days', DAYS, 'webhook_events_by_account'),
  {
    name: 'events to send again, counted',
    list: (store) =>
      store.webhookEvents.count(ACCOUNT, { ...DAYS, types: ['refund.failed', 'payout.paid'] }, 500),
    indexes: ['webhook_events_by_type'],
  },
  {
    name: 'events to send again',
    list: (store) =>
      store.webhookEvents.listAfter(
        ACCOUNT,
        { ...DAYS, types: ['payment.succeeded', 'refund.failed'] },
        { id: ID as never, createdAtMs: NOW_MS },
        500,
      ),
    indexes: ['webhook_events_by_account'],
  },
  walk(transfers('', {}, 'transfers_by_account')),
  transfers('of some days', DAYS, 'transfers_by_account'),
  transfers('of a payment', { paymentAttemptId: PAYMENT }, ...TRANSFERS_OF_PAYMENT),
  transfers('to an account', { connectedAccountId: OTHER_ACCOUNT }, 'transfers_by_receiver'),
  transfers(
    'to an account of some days',
    { ...DAYS, connectedAccountId: OTHER_ACCOUNT },
    'transfers_by_receiver',
  ),
  all(
    transfers(
      'by an id',
      { searchId: TRANSFER, searchAccountId: OTHER_ACCOUNT },
      'transfers_by_receiver',
      ...SOUGHT_TRANSFERS,
    ),
  ),
  walk(reversals('', {}, 'transfer_reversals_by_account')),
  reversals('of some days', DAYS, 'transfer_reversals_by_account'),
  reversals('of a transfer', { transferId: TRANSFER }, 'transfer_reversals_by_transfer'),
  all(
    reversals(
      'of a payment',
      { paymentAttemptId: PAYMENT },
      'transfer_reversals_by_transfer',
      ...TRANSFERS_OF_PAYMENT,
    ),
  ),
  all(
    reversals(
      'from an account',
      { connectedAccountId: OTHER_ACCOUNT },
      'transfers_reversed_by_receiver',
      'transfer_reversals_by_transfer',
    ),
  ),
  all(
    reversals(
      'by an id',
      { searchId: TRANSFER, searchAccountId: OTHER_ACCOUNT },
      'transfers_reversed_by_receiver',
      'transfer_reversals_by_transfer',
      ...SOUGHT_TRANSFERS,
    ),
  ),
  reversals(
    'by everything',
    {
      ...DAYS,
      searchId: TRANSFER,
      searchAccountId: OTHER_ACCOUNT,
      transferId: TRANSFER,
      paymentAttemptId: PAYMENT,
      connectedAccountId: OTHER_ACCOUNT,
    },
    'transfer_reversals_by_transfer',
  ),
  walk(deliveries('', {}, 'webhook_deliveries_by_endpoint')),
  walk(deliveries('of a status', { status: 'delivered' }, 'webhook_deliveries_by_endpoint')),
  deliveries('of a type', { eventType: 'refund.failed' }, 'webhook_deliveries_by_type'),
  deliveries(
    'of a status and a type',
    { status: 'delivered', eventType: 'refund.failed' },
    'webhook_deliveries_by_type',
  ),
  walk(connected('', {}, 'connected_accounts_by_account')),
  connected('of some days', DAYS, 'connected_accounts_by_account'),
  connected(
    'by an id',
    { id: OTHER_ACCOUNT as AccountId },
    'connected_accounts_pkey',
    'sqlite_autoindex_connected_accounts_1',
  ),
  {
    name: 'refunds of a payment',
    list: (store) => store.refunds.listPage(PAYMENT, PAGE),
    indexes: ['refunds_by_attempt'],
  },
]

/** A statement of a list with its plan. A page is what has a limit, anything else a count. */
type Planned = { readonly isPage: boolean; readonly plan: string }

/** Makes a store that notes its reads, and explains those of a list. */
async function watched(engine: Engine, explain: string) {
  await migrate(engine)
  const read: [text: string, params: readonly SqlValue[]][] = []
  const watch = (sql: Sql): Sql => ({
    ...sql,
    all: (text, params) => {
      read.push([text, params])
      return sql.all(text, params)
    },
  })
  const store = createStore(
    { ...engine, read: watch(engine.read), readLong: watch(engine.readLong) },
    random,
  )
  await store.transaction(async (tx) => {
    await tx.accounts.insert(account(ACCOUNT), NOW_MS)
    await tx.webhookEndpoints.put(ENDPOINT)
  })
  const plansOf = async (list: (store: Store) => Promise<unknown>): Promise<Planned[]> => {
    read.length = 0
    await list(store)
    const statements = read.filter(([text]) => !text.includes('from webhook_endpoints'))
    return Promise.all(
      statements.map(async ([text, params]) => {
        const rows = await engine.read.all(`${explain} ${text}`, params)
        const lines = rows.map((row) => String(row.detail ?? row['QUERY PLAN']))
        return { isPage: / limit \$\d+/.test(text), plan: lines.join('\n') }
      }),
    )
  }
  return { store, plansOf }
}

/** Fails when a plan does not use the indexes of its list. `own`: an engine's own names of indexes. */
function expectIndexes({ plan }: Planned, { indexes, usesAll }: List, own: RegExp, other: RegExp) {
  const names = indexes.filter((name) => own.test(name) || !other.test(name))
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(plan))
  if (usesAll) expect([plan, used]).toEqual([plan, names])
  else expect([plan, used.length > 0]).toEqual([plan, true])
}

const SQLITE_NAME = /^sqlite_autoindex_/
const POSTGRES_NAME = /_(pkey|key)$/

describe('a list reads its page by the index of its filter, on SQLite', () => {
  let at: Awaited<ReturnType<typeof watched>>
  beforeAll(async () => {
    at = await watched(openSqlite(':memory:'), 'explain query plan')
  })
  afterAll(() => at.store.close())

  test.each(LISTS.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const plans = await at.plansOf(one.list)
    expect(plans.some(({ isPage }) => isPage)).toBe(true)
    for (const planned of plans) {
      // Rows that were found are walked over once: `f`, and within it `x` and `y`.
      expect(planned.plan.match(/^SCAN (?!f$|x$|y$).*/gm) ?? []).toEqual([])
      if (one.isWalk && !planned.isPage) continue
      expectIndexes(planned, one, SQLITE_NAME, POSTGRES_NAME)
      if (one.isWalk) {
        expect(planned.plan).not.toContain('TEMP B-TREE FOR ORDER BY')
      } else {
        // Not all of a merchant's, a bucket's or an endpoint's rows.
        expect(planned.plan).not.toMatch(/\((account_id|bucket|endpoint_id|<expr>)=\?\)/)
      }
    }
  })

  test.each(
    LISTS.filter(({ indexes }) =>
      indexes.every((name) => /^payment_sessions_by_|_by_(method|type)$/.test(name)),
    ).map((one) => [one.name, one] as const),
  )('%s: nothing is sorted but rows of one millisecond', async (_, one) => {
    for (const { isPage, plan } of await at.plansOf(one.list)) {
      if (isPage) expect(plan).not.toContain('TEMP B-TREE FOR ORDER BY')
    }
  })
})

const ROW_COUNT = 20_000
/** Rows of one merchant, but for a few; ids are numbers from 1. */
const FILL = [
  `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor, created_at_ms,
     expires_at_ms, attempt_count, attempt_count_max, current_attempt_id, invoice_number,
     reference_number, echoed_json)
   select n % 256, n, ${ACCOUNT},
     (array['succeeded', 'failed', 'canceled', 'created', 'created', 'in_progress'])[n % 6 + 1],
     'INR', 100, ${NOW_MS} + n * 1000, case n % 6 when 3 then 0 else ${NOW_MS} * 2 end, 1, 1,
     case n % 6 when 5 then n end, 'INV-' || n, 'ord_' || n, '{}'
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into payment_attempts (bucket, id, payment_session_id, account_id, number, status,
     payment_method, instrument_json, customer_email, customer_phone, created_at_ms, deadline_at_ms,
     decided_at_ms, decline_code, asked_count, captured_minor, transferred_minor)
   select n % 256, n, n, ${ACCOUNT}, 1,
     (array['succeeded', 'failed', 'refunded'])[n % 3 + 1],
     case n % 1000 when 0 then 'netbanking' else 'card' end, '{}', 'payer-' || n, n::text,
     ${NOW_MS} + n * 1000, 0, 0, case n % 3 when 1 then 'declined' end, 0, 100, 100
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into transfers (bucket, id, account_id, payment_attempt_id, number, connected_account_id,
     currency, amount_minor, reversed_minor, created_at_ms)
   select n % 256, n, ${ACCOUNT}, n, 1, n % 5000, 'INR', 100, 1, ${NOW_MS} + n * 1000
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
  `insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type, status,
     attempt_count, failure_count, created_at_ms)
   select bucket, id, ${ENDPOINT.id}, account_id, type,
     case id % 4 when 0 then 'canceled' else 'delivered' end, 1, 0, created_at_ms
   from webhook_events`,
  `insert into connected_accounts (account_id, id, name, created_at_ms)
   select ${ACCOUNT}, n, 'shop', ${NOW_MS} + n * 1000 from generate_series(1, ${ROW_COUNT}) n`,
]

describe('a list reads its page by the index of its filter, on PostgreSQL', () => {
  let at: Awaited<ReturnType<typeof watched>>
  beforeAll(async () => {
    const engine = await openPostgres(await createMigratedDatabase(inject('postgresUrl')), 4)
    at = await watched(engine, 'explain')
    for (const statement of FILL) await engine.transaction((sql) => sql.run(statement, []))
    await engine.read.run('analyze', [])
  })
  afterAll(() => at.store.close())

  test.each(LISTS.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const plans = await at.plansOf(one.list)
    expect(plans.some(({ isPage }) => isPage)).toBe(true)
    for (const planned of plans) {
      // Most rows of the table are the account's: a count of all of them reads the table.
      if (one.isWalk && !planned.isPage) continue
      expect(planned.plan).not.toContain('Seq Scan')
      expectIndexes(planned, one, POSTGRES_NAME, SQLITE_NAME)
      // The index gives the order by time, and only rows of one millisecond are sorted.
      if (one.isWalk) expect(planned.plan).not.toMatch(/(?<!Incremental )Sort {2}\(/)
    }
  })
})
