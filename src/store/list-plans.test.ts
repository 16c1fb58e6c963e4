import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { everyList, type ListValues, type OneList } from '../../test/support/every-list.ts'
import { createMigratedDatabase } from '../../test/support/postgres-cluster.ts'
import {
  ACCOUNT,
  account,
  endpointOf,
  limitsOf,
  NOW_MS,
  OTHER_ACCOUNT,
  random,
} from '../../test/support/stored-rows.ts'
import { BANK_TRANSFER_STATUSES } from '../domain/bank-transfer.ts'
import { DISPUTE_STATUSES } from '../domain/dispute.ts'
import {
  type AccountId,
  COUNTER_COUNT,
  type CustomerId,
  type MandateId,
  type MandateNotificationId,
  type PaymentAttemptId,
  type PaymentLinkId,
  type PaymentSessionId,
  type PayoutId,
  type TransferId,
  type VirtualAccountId,
} from '../domain/id.ts'
import { MANDATE_STATUSES } from '../domain/mandate.ts'
import { PAYMENT_LINK_STATUSES } from '../domain/payment-link.ts'
import { NO_SUMMARY, PAYOUT_STATUSES, type Payout, sandboxBankAccount } from '../domain/payout.ts'
import { PRUNED_KINDS } from '../domain/retention.ts'
import { VIRTUAL_ACCOUNT_STATUSES } from '../domain/virtual-account.ts'
import { WEBHOOK_DELIVERY_STATUSES } from '../domain/webhook-delivery.ts'
import type { ClaimedDelivery, Page, Store } from '../operations/store.ts'
import type { Engine, Row, Sql, SqlValue } from './engine/engine.ts'
import { migrate } from './engine/migrate.ts'
import { openPostgres } from './engine/postgres.ts'
import { openSqlite } from './engine/sqlite.ts'
import { createStore } from './store.ts'

/** The second page, because a list that does not fill the first one is not counted. */
const PAGE = { page: 2, perPage: 25 }
/** The page after a position, far from both ends of a list. */
const PAGE_AFTER: Page = {
  page: 3,
  perPage: 25,
  start: { after: [NOW_MS, 17 * COUNTER_COUNT, 'transfer'], total: 100, isTotalCut: false },
}
const ENDPOINT = endpointOf(ACCOUNT)
const ID = String(17 * COUNTER_COUNT)
const RECEIVER = '17' as AccountId
const TIMES = {
  createdFromMs: [{ createdFromMs: NOW_MS }],
  createdToMs: [{ createdToMs: NOW_MS + 1_000 }],
}
const TRANSFERS = {
  ...TIMES,
  paymentAttemptId: [{ paymentAttemptId: ID as PaymentAttemptId }],
  connectedAccountId: [{ connectedAccountId: RECEIVER }],
  searchId: [
    { searchId: ID as TransferId },
    { searchId: RECEIVER as string as TransferId, searchAccountId: RECEIVER },
  ],
  searchAccountId: [],
  isAscending: [{ isAscending: true }],
}
/** The amount that the fewest sessions have. */
const AMOUNT = { amount: { amountMinor: 17n, currency: 'INR' } } as const
const VALUES: ListValues = {
  accountId: ACCOUNT,
  endpointId: ENDPOINT.id,
  paymentAttemptId: ID as PaymentAttemptId,
  virtualAccountId: ID as VirtualAccountId,
  payoutId: ID as PayoutId,
  connectedAccountId: RECEIVER,
  nowMs: NOW_MS,
  disputes: { ...TIMES, status: DISPUTE_STATUSES.map((status) => ({ status })) },
  payouts: {
    ...TIMES,
    connectedAccountId: [{ connectedAccountId: RECEIVER }],
    status: PAYOUT_STATUSES.map((status) => ({ status })),
  },
  connectedTransactions: {
    ...TIMES,
    kind: [{ kind: 'connected_transfer' }],
    id: [{ id: ID as TransferId }],
    method: [{ method: 'card', cardBrand: 'visa', cardFunding: 'debit' }],
    cardBrand: [],
    cardFunding: [],
    isAscending: [{ isAscending: true }],
  },
  sessions: {
    ...TIMES,
    // The other stored statuses have the same statements as `succeeded`.
    status: (['created', 'succeeded', 'expired'] as const).map((status) => ({ status })),
    referenceNumber: [{ referenceNumber: 'ord_17' }],
    invoiceNumber: [{ invoiceNumber: 'INV-17' }],
    amount: [AMOUNT],
    searchText: [
      { searchText: 'payer-17@shop.example' },
      { searchText: ID, searchId: ID as PaymentSessionId },
    ],
    searchId: [],
  },
  payments: {
    ...TIMES,
    status: (['succeeded', 'failed', 'refunded'] as const).map((status) => ({ status })),
    method: [{ method: 'netbanking' }],
    customerId: [{ customerId: ID as CustomerId }],
    amount: [AMOUNT],
    searchText: [
      { searchText: 'payer-17@shop.example' },
      { searchText: 'ord_17' },
      { searchText: 'sub_20' },
      { searchText: ID, searchId: ID as PaymentAttemptId },
    ],
    searchId: [],
  },
  links: {
    ...TIMES,
    status: PAYMENT_LINK_STATUSES.map((status) => ({ status })),
    referenceId: [{ referenceId: 'INV-17' }],
    searchText: [
      { searchText: 'payer-17@shop.example' },
      { searchText: '17', searchPhone: '17' },
      { searchText: ID, searchId: ID as PaymentLinkId },
    ],
    searchId: [],
    searchPhone: [],
  },
  events: {
    ...TIMES,
    types: [{ types: ['refund.failed'] }, { types: ['payment.failed', 'refund.failed'] }],
    subject: [{ subject: { kind: 'payment_session', id: ID as PaymentSessionId } }],
  },
  deliveries: {
    status: WEBHOOK_DELIVERY_STATUSES.map((status) => ({ status })),
    eventType: [{ eventType: 'refund.failed' }],
  },
  transfers: TRANSFERS,
  reversals: { ...TRANSFERS, transferId: [{ transferId: ID as TransferId }] },
  connectedAccounts: { ...TIMES, id: [{ id: OTHER_ACCOUNT }] },
  customers: {
    ...TIMES,
    searchText: [
      { searchText: 'customer-17@shop.example' },
      { searchText: '9000000017' },
      { searchText: ID, searchId: ID as CustomerId },
    ],
    searchId: [],
  },
  virtualAccounts: {
    status: VIRTUAL_ACCOUNT_STATUSES.map((status) => ({ status })),
    customerId: [{ customerId: ID as CustomerId }],
    referenceNumber: [{ referenceNumber: 'dealer-17' }],
    accountNumber: [{ accountNumber: 'PAYD17' }],
  },
  mandates: {
    status: MANDATE_STATUSES.map((status) => ({ status })),
    customerId: [{ customerId: ID as CustomerId }],
    searchText: [{ searchText: 'payer-17@paydesk' }, { searchText: ID, searchId: ID as MandateId }],
    searchId: [],
  },
  bankTransfers: {
    status: BANK_TRANSFER_STATUSES.map((status) => ({ status })),
    order: [{ order: 'amount' }],
    isAscending: [{ isAscending: true }],
  },
}
const LISTS = everyList(VALUES)
const PAYOUT: Payout = {
  id: ID as PayoutId,
  accountId: ACCOUNT,
  status: 'collecting',
  amount: { amountMinor: 0n, currency: 'INR' },
  summary: NO_SUMMARY,
  createdAtMs: NOW_MS,
  arrivesAtMs: NOW_MS,
  nextStepAtMs: NOW_MS,
  statementDescriptor: 'SHOP',
  bankAccount: sandboxBankAccount('IN', 'Shop'),
}

const DAYS = { createdFromMs: NOW_MS, createdToMs: NOW_MS + 1_000 }
const ALL_ENDPOINTS = 'endpoints of an account'
/** The reads of rows by an index, except pages of lists. */
const WALKS: readonly (readonly [name: string, read: (store: Store) => Promise<unknown>])[] = [
  [
    'the count of events to send again',
    (store) => {
      const types = ['refund.failed', 'payout.paid'] as const
      return store.webhookEvents.count(ACCOUNT, { ...DAYS, types }, 500)
    },
  ],
  [
    'events to send again',
    (store) => {
      const types = ['payment.succeeded', 'refund.failed'] as const
      const after = { id: ID as never, createdAtMs: NOW_MS }
      return store.webhookEvents.listAfter(ACCOUNT, { ...DAYS, types }, after, 500)
    },
  ],
  ['virtual accounts to close', (store) => store.virtualAccounts.listDue(NOW_MS, 32)],
  ['transfers to reverse', (store) => store.virtualAccounts.listToReverse(NOW_MS, 32)],
  ['a closed account to report', (store) => store.virtualAccounts.findToClose(NOW_MS)],
  ['a decision to report', (store) => store.virtualAccounts.findToDecide(NOW_MS)],
  ['a reported payout', (store) => store.payouts.findByProcessorReference('po_1')],
  [
    'the transactions of a reported payout',
    (store) =>
      store.transaction(async (tx) => {
        await tx.payouts.findByKeys([{ id: ID as PaymentAttemptId, kind: 'charge' }])
        await tx.payouts.discard(PAYOUT.id, 10)
      }),
  ],
  ['mandates to end', (store) => store.mandates.listDue(NOW_MS, 32)],
  ['a mandate to query', (store) => store.mandates.claim(NOW_MS, 1_000)],
  ['a notice to send', (store) => store.mandateNotifications.claim(NOW_MS, 1_000)],
  [
    'the notices and the payments of a mandate',
    async (store) => {
      const id = ID as MandateId
      await store.mandateNotifications.listByMandate(id, 50)
      await store.paymentAttempts.listByMandate({ accountId: ACCOUNT, id }, 50)
    },
  ],
  ['a debit to charge', (store) => store.mandateDebits.claim(NOW_MS, 1_000)],
  [
    'the debits of a mandate',
    (store) =>
      store.transaction(async (tx) => {
        const id = ID as MandateId
        await tx.mandates.hasOpen(ACCOUNT, ID as CustomerId, NOW_MS)
        await tx.mandateDebits.findByCycle(id, '2026-11-01')
        await tx.mandateDebits.findByNotification(ID as MandateNotificationId)
      }),
  ],
  ['the next due work', (store) => store.openWork.findNextDueMs(NOW_MS)],
  ['an expired link to record', (store) => store.paymentLinks.hasDue(NOW_MS)],
  [
    'expired links to record',
    (store) => store.transaction((tx) => tx.paymentLinks.lockDue(NOW_MS, 32)),
  ],
  [
    'in-person sessions to show',
    (store) => store.paymentSessions.listUnshown({ fromMs: NOW_MS - 180_000, toMs: NOW_MS }, 16),
  ],
  ['the sessions of a link', (store) => store.paymentSessions.listByLink(ID as PaymentLinkId, 20)],
  ['the payments of a link', (store) => store.paymentAttempts.listByLink(ID as PaymentLinkId)],
  [
    'the open sessions of a link',
    (store) => store.transaction((tx) => tx.paymentSessions.listOpenByLink(ID as PaymentLinkId)),
  ],
  ['the oldest open work', (store) => store.openWork.findOldest()],
  ['open work by age', (store) => store.openWork.countByAge(NOW_MS, [60_000, 600_000])],
  ['the last check of the ledger', (store) => store.ledgerChecks.findLast()],
  ['the balances at a check', (store) => store.ledgerChecks.listBalances(ACCOUNT, NOW_MS, 200)],
  ['a payment to query', (store) => store.paymentAttempts.claim(NOW_MS, 1_000)],
  ['a refund to send', (store) => store.refunds.claim(NOW_MS, 1_000)],
  ['a message to send', (store) => store.messages.claim(NOW_MS, 1_000)],
  [
    'deliveries to send',
    (store) =>
      store.webhookDeliveries.claim(NOW_MS, 1_000, {
        waitMsMax: 1_000,
        countMax: 10,
        countPerAccount: 10,
        countPerEndpoint: 10,
        roomOfAccounts: new Map([[OTHER_ACCOUNT, 0]]),
        roomOfEndpoints: new Map([[ENDPOINT.id, 0]]),
      }),
  ],
  ['held deliveries to release', (store) => store.webhookDeliveries.releaseHeld(NOW_MS, 10)],
  ['a payout whose step is due', (store) => store.payouts.findDue(NOW_MS)],
  ['a run of payouts that is due', (store) => store.payouts.findDueRun(NOW_MS)],
  ['an account without a run', (store) => store.payouts.findAccountWithoutRun()],
  [
    'the first balance with free transactions',
    (store) => store.payouts.findNextBalance(ACCOUNT, undefined),
  ],
  [
    'the next balance with free transactions',
    (store) => store.payouts.findNextBalance(ACCOUNT, { currency: 'INR' }),
  ],
  ['the sum of a balance', (store) => store.payouts.sumDue(ACCOUNT, { currency: 'INR' }, NOW_MS)],
  [
    'transactions to take and to release',
    (store) =>
      store.transaction(async (tx) => {
        await tx.payouts.lockRun(ACCOUNT)
        await tx.payouts.take(PAYOUT, 10)
        await tx.payouts.release(PAYOUT.id, 10)
        await tx.payouts.findLastReference('PAYD261122')
      }),
  ],
  ['the first due work of each kind', (store) => store.openWork.findFirstDue(NOW_MS)],
  ['rows to delete', (store) => store.deleteExpired(NOW_MS)],
  ...PRUNED_KINDS.map((kind): (typeof WALKS)[number] => [
    `old rows: ${kind}`,
    (store) => store.oldRows.delete({ kind, bucket: 7, beforeMs: NOW_MS, after: 0 }),
  ]),
  [ALL_ENDPOINTS, (store) => store.webhookEndpoints.list(ACCOUNT)],
]

/** The steps of exports: from the start of a period, and after a row. */
const STEPS: typeof WALKS = [false, true].flatMap((isNext): typeof WALKS => {
  const row = { id: ID as never, sourceId: ID as never, kind: 'fee', createdAtMs: NOW_MS }
  const step = { times: DAYS, after: isNext ? (row as never) : undefined, countMax: 500 }
  const name = isNext ? 'next' : 'first'
  return [
    [`the ${name} payments`, (store) => store.paymentAttempts.listAfter(ACCOUNT, step)],
    [`the ${name} refunds`, (store) => store.refunds.listAfter(ACCOUNT, step)],
    [`the ${name} transfers`, (store) => store.transfers.listAfter(ACCOUNT, step)],
    [`the ${name} payouts`, (store) => store.payouts.listAfter(ACCOUNT, step)],
    [`the ${name} postings`, (store) => store.ledger.listAfter(ACCOUNT, step)],
  ]
})

type Read = readonly [text: string, params: readonly SqlValue[]]

/** Makes a store that records its statements. */
async function watchedStore(engine: Engine) {
  await migrate(engine)
  const reads: Read[] = []
  const watch = (sql: Sql): Sql => ({
    all: (text, params) => {
      reads.push([text, params])
      return sql.all(text, params)
    },
    run: (text, params) => {
      reads.push([text, params])
      return sql.run(text, params)
    },
  })
  const within: Engine['transaction'] = (work) => engine.transaction((sql) => work(watch(sql)))
  const store = createStore(
    {
      ...engine,
      read: watch(engine.read),
      readLong: watch(engine.readLong),
      transaction: within,
      longTransaction: within,
    },
    random,
  )
  await store.transaction(async (tx) => {
    await tx.accounts.insert(account(ACCOUNT), NOW_MS)
    await tx.webhookEndpoints.put(ENDPOINT)
  })
  /** Returns the statements of some work, each text once. */
  const readsOf = async (work: (store: Store) => Promise<unknown>): Promise<readonly Read[]> => {
    reads.length = 0
    await work(store)
    return [...new Map(reads.map((read) => [read[0], read])).values()]
  }
  return { engine, readsOf, store }
}

/** Searches that find few rows: those of one object. */
const FEW =
  /\((?:bucket=\? AND )?(?:id|event_id|payment_attempt_id|payment_session_id|subject_id|transfer_id|token_hash|account_number)=\?|\(bucket=\? AND |\(account_id=\? AND id=\?/
/** Searches that find all rows of an owner, a bucket or an endpoint. */
const ALL_OF_OWNER = /\((?:account_id|bucket|endpoint_id)=\?\)/
/** Tables with one row for each owner. */
const ONE_OF_OWNER = / payout_runs | r /
/** Subqueries: keys, counted rows, found rows. */
const SUBQUERY =
  /^SCAN (?:k|c|f|due|misdated|visited|first_due|last_due|open_rows|held_for|\(subquery.*|CONSTANT ROW.*|\d+ CONSTANT ROWS?)$/

function faultsOf(
  plan: readonly Row[],
  { isList, isWholeList }: { readonly isList: boolean; readonly isWholeList: boolean },
): readonly string[] {
  return plan.flatMap(({ detail, parent }) => {
    const line = String(detail)
    if (line.startsWith('SCAN')) {
      const isOrdered = / USING (?:COVERING )?INDEX /.test(line)
      return SUBQUERY.test(line) || isOrdered ? [] : [line]
    }
    if (line.startsWith('SEARCH') && ALL_OF_OWNER.test(line) && !ONE_OF_OWNER.test(line))
      return isWholeList ? [] : [line]
    if (/^SEARCH t USING INDEX/.test(line) && !FEW.test(line) && !LOOKS_UP.test(line)) return [line]
    // The outermost query puts the rows of a page in order.
    if (!line.includes('ORDER BY') || parent === 0 || !isList) return []
    const beside = plan.filter((other) => other.parent === parent).map((other) => other.detail)
    return beside.some((other) => FEW.test(String(other))) ? [] : [line]
  })
}

/** Reversals of a server of an earlier version are looked up one by one, because there are few. */
const LOOKS_UP = /transfer(?:_reversal)?s_by_receiver/

describe('SQLite reads only rows of the result', () => {
  let watch: Awaited<ReturnType<typeof watchedStore>>
  beforeAll(async () => {
    watch = await watchedStore(openSqlite(':memory:'))
  })
  afterAll(() => watch.store.close())

  async function expectNoFaults(
    work: (store: Store) => Promise<unknown>,
    kind: Parameters<typeof faultsOf>[1],
  ) {
    const faults: string[] = []
    const reads = await watch.readsOf(work)
    expect(reads.length).toBeGreaterThan(0)
    for (const [text, params] of reads) {
      const plan = await watch.engine.read.all(`explain query plan ${text}`, params)
      faults.push(...faultsOf(plan, kind).map((fault) => `${fault} in ${text}`))
    }
    expect(faults).toEqual([])
  }

  test.each(LISTS.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const isWholeList = Object.keys(one.filter).every((name) => name === 'isAscending')
    await expectNoFaults((store) => one.list(store, PAGE), { isList: true, isWholeList })
  })

  test.each(LISTS.map((one) => [one.name, one] as const))(
    'after a position: %s',
    async (_, one) => {
      const isWholeList = Object.keys(one.filter).every((name) => name === 'isAscending')
      await expectNoFaults((store) => one.list(store, PAGE_AFTER), { isList: true, isWholeList })
    },
  )

  test.each(WALKS)('%s', (name, work) =>
    expectNoFaults(work, { isList: false, isWholeList: name === ALL_ENDPOINTS }),
  )
})

describe('SQLite reads the rows of an export in the order of an index', () => {
  let watch: Awaited<ReturnType<typeof watchedStore>>
  beforeAll(async () => {
    watch = await watchedStore(openSqlite(':memory:'))
  })
  afterAll(() => watch.store.close())

  test.each(STEPS)('%s', async (_, read) => {
    for (const [text, params] of await watch.readsOf(read)) {
      const plan = await watch.engine.read.all(`explain query plan ${text}`, params)
      const lines = plan.map(({ detail }) => String(detail))
      const [first] = lines.filter((line) => line.startsWith('SEARCH t USING INDEX'))
      expect(first).toMatch(
        /_by_account \(account_id=\? AND .*created_at_ms.*>.*created_at_ms<\?\)$/,
      )
      expect(lines.filter((line) => /^SCAN (?!t$)/.test(line))).toEqual([])
      // Only the rows of one step are sorted again, after the join with their sessions.
      const sorts = lines.filter((line) => line.includes('ORDER BY'))
      expect(sorts.length).toBeLessThanOrEqual(text.includes('payment_sessions') ? 1 : 0)
    }
  })
})

const ROW_COUNT = 20_000
/** The id of row n. The bucket follows from it. */
const ID_OF_N = `n * ${COUNTER_COUNT}::bigint`
/** Rows of one merchant. */
const FILL = [
  `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor, created_at_ms,
     expires_at_ms, attempt_count, attempt_count_max, current_attempt_id, invoice_number,
     reference_number, echoed_json, customer_id)
   select n % 256, ${ID_OF_N}, ${ACCOUNT},
     (array['succeeded', 'failed', 'canceled', 'created', 'created', 'in_progress'])[n % 6 + 1],
     'INR', case n % 1000 when 0 then 17 else 100 end, ${NOW_MS} + n * 1000,
     case n % 6 when 3 then 0 else ${NOW_MS} * 2 end, 1, 1,
     case n % 6 when 5 then ${ID_OF_N} end, 'INV-' || n, 'ord_' || n, '{}', ${ID_OF_N}
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into payment_attempts (bucket, id, payment_session_id, account_id, number, status,
     payment_method, instrument_json, customer_email, customer_phone, created_at_ms, deadline_at_ms,
     decided_at_ms, decline_code, asked_count, captured_minor, transferred_minor, own_reference)
   select n % 256, ${ID_OF_N}, ${ID_OF_N}, ${ACCOUNT}, 1,
     (array['succeeded', 'failed', 'refunded'])[n % 3 + 1],
     case n % 1000 when 0 then 'netbanking' else 'card' end, '{}', 'payer-' || n, n::text,
     ${NOW_MS} + n * 1000, 0, 0, case n % 3 when 1 then 'declined' end, 0, 100, 100,
     case n % 5 when 0 then 'sub_' || n end
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into payment_links (bucket, id, account_id, currency, amount_minor, url, created_at_ms,
     description, email, phone, phone_digits, reference_id, expires_at_ms, status, paid_attempt_id,
     due_at_ms)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, 'INR', 100, '', ${NOW_MS} + n * 1000, 'Order',
     'payer-' || n || '@shop.example', n::text, n::text, 'INV-' || n, ${NOW_MS} + n * 86400000::bigint,
     (array['paid', 'expired', 'active', 'canceled'])[n % 4 + 1], case n % 4 when 0 then n end,
     case n % 4 when 2 then ${NOW_MS} + n * 86400000::bigint end
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into transfers (bucket, id, account_id, payment_attempt_id, number, connected_account_id,
     currency, amount_minor, reversed_minor, created_at_ms)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, ${ID_OF_N}, 1, n % 5000, 'INR', 100, 1, ${NOW_MS} + n * 1000
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into transfer_reversals (bucket, id, account_id, transfer_id, connected_account_id, currency,
     amount_minor, created_at_ms)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, ${ID_OF_N}, n % 5000, 'INR', 1, ${NOW_MS} + n * 1000
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into refunds (bucket, id, account_id, payment_attempt_id, currency, amount_minor, type, reason,
     status, created_at_ms, asked_count)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, ${ID_OF_N}, 'INR', 1, '', '', 'failed', 0, 0
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into disputes (bucket, id, account_id, payment_attempt_id, currency, amount_minor, fee_minor,
     reason, created_at_ms, status, decided_at_ms)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, ${ID_OF_N}, 'INR', 1, 0, 'duplicate', ${NOW_MS} + n * 1000,
     (array['won', 'lost', 'open'])[n % 3 + 1], case n % 3 when 2 then null else 1 end
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into refund_approvals (bucket, id, account_id, payment_attempt_id, currency, amount_minor, reason,
     requested_by, created_at_ms, expires_at_ms, status)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, ${ID_OF_N}, 'INR', 1, 'others', 'op_1', ${NOW_MS} + n * 1000, 0, 'expired'
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into webhook_events (bucket, id, account_id, type, subject_id, body_json,
     created_at_ms)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, case n % 1000 when 0 then 'refund.failed' else 'payment.succeeded' end,
     ${ID_OF_N}, '{}', ${NOW_MS} + n * 1000
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type, status,
     attempt_count, failure_count, created_at_ms)
   select bucket, id, ${ENDPOINT.id}, account_id, type,
     case id / ${COUNTER_COUNT} % 4 when 0 then 'canceled' else 'delivered' end, 1, 0, created_at_ms
   from webhook_events`,
  `insert into ledger_postings (bucket, kind, source_id, payment_attempt_id, account_id, debit, credit,
     currency, amount_minor, created_at_ms)
   select bucket, 'capture', id, id, account_id, 'processor', 'merchant', 'INR', 100, created_at_ms
   from payment_attempts`,
  `insert into messages (bucket, id, account_id, kind, channel, subject_id, occasion, recipient, language,
     content_json, created_at_ms, status, attempt_count)
   select bucket, id, account_id, 'receipt', 'email', id, 0, customer_email, 'en', '{}', created_at_ms, 'sent', 1
   from payment_attempts`,
  `insert into virtual_accounts (bucket, id, account_id, account_number, ifsc_code, beneficiary_name,
     customer_id, created_at_ms, description, paid_minor, reference_number, status, changed_at_ms,
     ends_at_ms)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, 'PAYD' || n, '', '', n % 5000, ${NOW_MS} + n * 1000, '', 0,
     'dealer-' || n, (array['active', 'closed'])[n % 2 + 1], 0, ${NOW_MS} + n * 86400000::bigint
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into mandates (bucket, id, account_id, customer_id, customer_name, enrollment_attempt_id,
     created_at_ms, amount_rule, frequency, description, amount_minor, start_on, upi_id, status,
     inactive_reason, changed_at_ms, ends_at_ms, asked_count)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, n % 5000, '', ${ID_OF_N}, ${NOW_MS} + n * 1000, 'variable',
     'monthly', '', 100, '2026-11-22', 'payer-' || n || '@paydesk',
     (array['processing', 'active', 'paused', 'inactive'])[n % 4 + 1],
     case n % 4 when 3 then 'revoked' end, 0, ${NOW_MS} + n * 86400000::bigint, 0
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into bank_transfers (bucket, id, virtual_account_id, utr, amount_minor, created_at_ms, status)
   select n % 256, ${ID_OF_N}, ${ID_OF_N}, n::text, 100, ${NOW_MS} + n * 1000, 'succeeded'
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into payouts (id, account_id, connected_account_id, status, currency, amount_minor, summary_json,
     created_at_ms, arrives_at_ms, decided_at_ms, failure_code, bank_reference, statement_descriptor,
     bank_account_json)
   select ${ID_OF_N}, ${ACCOUNT}, n % 3 * 17,
     case n % 100 when 0 then 'failed' when 1 then 'initiated' else 'paid' end, 'INR', 1,
     '{"charge":[0,"0","0","0"],"refund":[0,"0","0","0"],"adjustment":[0,"0","0","0"]}',
     ${NOW_MS} + n * 1000, 0, case n % 100 when 1 then null else 1 end,
     case n % 100 when 0 then 'declined' end,
     case when n % 100 < 2 then null else 'PAYD' || n end, '', '{}'
   from generate_series(1, ${ROW_COUNT}) n`,
  `insert into balance_transactions (bucket, kind, id, account_id, connected_account_id,
     payment_attempt_id, currency, amount_minor, fee_minor, tax_minor, net_minor, created_at_ms,
     available_at_ms, payout_id)
   select bucket, case connected_account_id when 0 then 'transfer' else 'connected_transfer' end, id,
     account_id, connected_account_id, payment_attempt_id, 'INR', 100, 0, 0, 100, created_at_ms,
     created_at_ms, case connected_account_id % 10 when 1 then null else ${17 * COUNTER_COUNT} end
   from transfers`,
  `insert into payout_transactions (payout_id, created_at_ms, transaction_id, kind)
   select payout_id, created_at_ms, id, kind from balance_transactions where payout_id is not null`,
  `insert into connected_accounts (account_id, id, name, created_at_ms)
   select ${ACCOUNT}, n, 'shop', ${NOW_MS} + n * 1000 from generate_series(1, ${ROW_COUNT}) n`,
  `insert into customers (bucket, id, account_id, name, email, phone, created_at_ms, changed_at_ms)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, 'Asha', 'customer-' || n || '@shop.example', n::text,
     ${NOW_MS} + n * 1000, 0
   from generate_series(1, ${ROW_COUNT}) n`,
]

/** The lists with each filter alone, and with times. */
const SINGLE_LISTS = LISTS.filter(
  ({ filter, filterCount }: OneList) =>
    'createdFromMs' in filter === 'createdToMs' in filter &&
    filterCount - Number('createdFromMs' in filter) <= 1,
)

/**
 * The maximum number of the `ROW_COUNT` rows, and of index entries, that a page may read: the keys of both pages, the rows
 * of the second one, one more of each, and the first key of each range.
 */
const READ_ROW_COUNT_MAX = PAGE.page * PAGE.perPage + PAGE.perPage + 25

type PlanNode = {
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly PlanNode[]
}

/** Runs a statement of PostgreSQL and counts the rows and index entries that it reads, used or not. */
async function countReadRows(engine: Engine, [text, params]: Read): Promise<number> {
  const rows = await engine.read.all(`explain (analyze, format json) ${text}`, params)
  // The driver parses JSON.
  const [{ 'QUERY PLAN': plans }] = rows as unknown as readonly [
    { readonly 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] },
  ]
  const countOf = (node: PlanNode): number => {
    const removedCount =
      (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
    const isTable = node['Relation Name'] !== undefined
    const own = isTable ? (node['Actual Rows'] + removedCount) * node['Actual Loops'] : 0
    return (node.Plans ?? []).reduce((sum, one) => sum + countOf(one), own)
  }
  return countOf(plans[0].Plan)
}

describe('PostgreSQL reads by an index', () => {
  let watch: Awaited<ReturnType<typeof watchedStore>>
  beforeAll(async () => {
    const engine = await openPostgres(await createMigratedDatabase(inject('postgresUrl')), 4)
    watch = await watchedStore(engine)
    for (const statement of FILL) await engine.transaction((sql) => sql.run(statement, []))
    await engine.read.run('vacuum analyze', [])
  })
  afterAll(() => watch.store.close())

  test('the ages of open work', async () => {
    const reads = await watch.readsOf(async (store) => {
      await store.openWork.countByAge(NOW_MS, [60_000, 600_000])
      await store.openWork.findOldest()
    })
    expect(reads).toHaveLength(8)
    for (const [text, params] of reads) {
      const rows = await watch.engine.read.all(`explain ${text}`, params)
      const plan = rows.map((row) => String(row['QUERY PLAN'])).join('\n')
      // No delivery waits, so the two indexes of due deliveries are empty and cost the same.
      expect(plan).toMatch(/Scan (?:Backward )?using \w+_(?:to_ask|due|due_by_endpoint) on/)
      expect(plan).not.toContain('Seq Scan')
    }
  })

  test.each(STEPS)('the rows of an export: %s', async (_, read) => {
    for (const [text, params] of await watch.readsOf(read)) {
      const rows = await watch.engine.read.all(`explain ${text}`, params)
      const plan = rows.map((row) => String(row['QUERY PLAN'])).join('\n')
      expect(plan).toMatch(/Index Scan using \w+_by_account on/)
      expect(plan).not.toContain('Seq Scan')
    }
  })

  test.each(SINGLE_LISTS.map((one) => [one.name, one] as const))(
    'the rows after a position, as the second page has them: %s',
    async (_, one) => {
      const first = await one.list(watch.store, { page: 1, perPage: 25, start: 'first' })
      const { isTotalCut, lastPosition: after, total } = first
      expect(after === undefined).toBe(!first.hasMore)
      if (after === undefined) return
      const start = { after, isTotalCut, total }
      const reads = await watch.readsOf(async (store) => {
        const next = await one.list(store, { page: 2, perPage: 25, start })
        expect(next).toMatchObject({ ...(await one.list(watch.store, PAGE)), isTotalCut, total })
      })
      const [read] = reads.filter(([text]) => text.includes(' offset '))
      if (read === undefined) throw new Error('no page was read')
      expect(await countReadRows(watch.engine, read)).toBeLessThanOrEqual(READ_ROW_COUNT_MAX)
    },
  )

  test.each(SINGLE_LISTS.map((one) => [one.name, one] as const))(
    'only rows of the pages: %s',
    async (_, one) => {
      const reads = await watch.readsOf((store) => one.list(store, PAGE))
      const pages = reads.filter(([text]) => text.includes(' offset '))
      // An active endpoint has no held deliveries, so nothing is read.
      expect(pages).toHaveLength(one.name === 'deliveries: status held' ? 0 : 1)
      for (const [text, params] of pages) {
        const rows = await watch.engine.read.all(`explain ${text}`, params)
        const plan = rows.map((row) => String(row['QUERY PLAN'])).join('\n')
        expect(plan).not.toContain('Seq Scan')
        expect(await countReadRows(watch.engine, [text, params])).toBeLessThanOrEqual(
          READ_ROW_COUNT_MAX,
        )
      }
    },
  )
})

const BACKLOG_ROW_COUNT = 20_000
const OTHER_ENDPOINT = endpointOf(OTHER_ACCOUNT)
/** A backlog of one endpoint, and the newest delivery of another one. */
const BACKLOG = [
  `insert into webhook_events (bucket, id, account_id, type, subject_id, body_json, created_at_ms)
   with recursive numbers (i) as (
     select cast(1 as bigint) union all select i + 1 from numbers where i <= ${BACKLOG_ROW_COUNT})
   select i % 256, i * ${COUNTER_COUNT}, ${ACCOUNT}, 'payment.succeeded', 1, '{}', ${NOW_MS} from numbers`,
  `insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type, status,
     attempt_count, failure_count, next_attempt_at_ms, created_at_ms)
   select bucket, id, case when id <= ${BACKLOG_ROW_COUNT * COUNTER_COUNT} then ${ENDPOINT.id} else ${OTHER_ENDPOINT.id} end,
     case when id <= ${BACKLOG_ROW_COUNT * COUNTER_COUNT} then ${ACCOUNT} else ${OTHER_ACCOUNT} end,
     'payment.succeeded', 'pending', 0, 0, ${NOW_MS - 60_000} + id / ${COUNTER_COUNT}, created_at_ms
   from webhook_events`,
]

describe.each([
  { name: 'SQLite', open: async () => openSqlite(':memory:') },
  {
    name: 'PostgreSQL',
    open: async () => openPostgres(await createMigratedDatabase(inject('postgresUrl')), 4),
  },
])('on $name, behind the backlog of an endpoint without room', ({ open }) => {
  test('a claim finds the delivery of another endpoint and does not read the backlog', async () => {
    const watch = await watchedStore(await open())
    for (const statement of BACKLOG) await watch.engine.transaction((sql) => sql.run(statement, []))
    if (watch.engine.name === 'postgres') await watch.engine.read.run('vacuum analyze', [])
    const claims: ClaimedDelivery[] = []
    const reads = await watch.readsOf(async (store) => {
      const limits = limitsOf({ roomOfEndpoints: new Map([[ENDPOINT.id, 0]]) })
      claims.push(...(await store.webhookDeliveries.claim(NOW_MS, 1_000, limits)))
    })
    expect(claims.map(({ delivery }) => delivery.endpointId)).toEqual([OTHER_ENDPOINT.id])
    const looks = reads.filter(([text]) => /^(?:select|with recursive)/.test(text.trim()))
    expect(looks.length).toBeGreaterThanOrEqual(3)
    for (const [text, params] of looks) {
      if (watch.engine.name === 'postgres') {
        expect(await countReadRows(watch.engine, [text, params])).toBeLessThanOrEqual(400)
        continue
      }
      const plan = await watch.engine.read.all(`explain query plan ${text}`, params)
      expect(faultsOf(plan, { isList: false, isWholeList: false })).toEqual([])
      for (const { detail } of plan) {
        if (String(detail).includes('endpoint_id'))
          expect(detail).toMatch(/ INDEX webhook_deliveries_due_by_endpoint /)
      }
    }
    await watch.store.close()
  })
})
