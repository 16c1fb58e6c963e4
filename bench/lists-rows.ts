/**
 * The database of the benchmark `lists`: one merchant with many rows. Some values are rare and occur only in old
 * rows.
 */
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { BANK_TRANSFER_STATUSES } from '../src/domain/bank-transfer.ts'
import { DISPUTE_STATUSES } from '../src/domain/dispute.ts'
import {
  type AccountId,
  BUCKET_COUNT,
  COUNTER_COUNT,
  type CustomerId,
  ID_EPOCH_MS,
  type PaymentAttemptId,
  type PaymentSessionId,
  type PayoutId,
  type TransferId,
  type VirtualAccountId,
  type WebhookEndpointId,
} from '../src/domain/id.ts'
import { MANDATE_STATUSES } from '../src/domain/mandate.ts'
import type { Money } from '../src/domain/money.ts'
import { PAYMENT_LINK_STATUSES } from '../src/domain/payment-link.ts'
import { PAYMENT_SESSION_STATUSES } from '../src/domain/payment-session.ts'
import { PAYOUT_STATUSES } from '../src/domain/payout.ts'
import { VIRTUAL_ACCOUNT_STATUSES } from '../src/domain/virtual-account.ts'
import { WEBHOOK_DELIVERY_STATUSES } from '../src/domain/webhook-delivery.ts'
import { prepareSandbox } from '../src/sandbox/tenants/prepare.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { openCore } from '../src/server/core.ts'
import type { SqlValue } from '../src/store/engine/engine.ts'
import type { ListValues } from '../test/support/every-list.ts'
import type { Place } from './places.ts'
import { storeEndpoints } from './webhook-endpoints.ts'

/** The number of rows that have the rare values: the oldest ones. */
const RARE_COUNT = 20
/** The time between two rows. */
export const ROW_MS = 100
/** The maximum number of rows in a transaction. */
export const CHUNK_ROW_COUNT = 100_000

const ACCOUNT = SANDBOX_VALUES.accountId
const RARE_RECEIVER = 23137558
const OFTEN_RECEIVER = 23137557
/** The customer of half of all sessions. */
const OFTEN_CUSTOMER = 17
/** The payout whose transactions are listed. */
const PAYOUT_ID = String(17 * COUNTER_COUNT) as PayoutId

/** A rare amount and the amount of half of all sessions. */
const AMOUNTS: readonly { readonly amount: Money }[] = [1_017n, 149_950n].map((amountMinor) => ({
  amount: { amountMinor, currency: 'INR' },
}))

/** The kinds of ids. The ids of a session's rows have the same seconds and bucket, and differ only by the kind. */
export const KIND = {
  session: 0,
  attempt: 1,
  transfer: 2,
  reversal: 3,
  event: 4,
  refund: 5,
  customer: 6,
  link: 7,
} as const

/** The parameters: the number of the first row, the number of the last row, the time, the seconds, the endpoint. */
export const ROWS = `with recursive numbers (i) as (
    select cast($1 as bigint) union all select i + 1 from numbers where i < cast($2 as bigint)),
  rows as (
    select i, (i / 64 * 37) % ${BUCKET_COUNT} as bucket, cast($3 as bigint) + i * ${ROW_MS} as made,
      ((cast($4 as bigint) + i / 64) * ${BUCKET_COUNT} + (i / 64 * 37) % ${BUCKET_COUNT})
        * ${COUNTER_COUNT} + (i % 64) * 8 as id,
      cast($5 as bigint) as endpoint
    from numbers)`
const isRare = `i <= ${RARE_COUNT}`
const often = (value: string, prefix: string, suffix = '') =>
  `case when i % 2 = 0 then '${value}' else '${prefix}' || i || '${suffix}' end`

/** The amount of a session, in minor units. */
const AMOUNT = 'case when i % 2 = 0 then 149950 else 1000 + i end'

const RECEIVER = `case when ${isRare} then ${RARE_RECEIVER} when i % 2 = 0 then ${OFTEN_RECEIVER}
       else 23200000 + i % 5000 end`

const ECHOED = JSON.stringify({
  meta_data: [{ key: 'cart', value: 'a1b2c3d4' }],
  description: 'Order of three items, delivered on Monday',
  invoice_number: 'INV-000000000001',
  reference_number: 'ord_000000000001',
  udf1: 'web',
})
const CONFIGURATIONS = JSON.stringify({
  allowed_payment_methods: ['card', 'upi', 'netbanking'],
  hosted_page_parameters: { success_url: 'https://shop.example/thanks', udf1: 'web' },
})
const INSTRUMENT = JSON.stringify({ type: 'card', brand: 'visa', lastFourDigits: '1111' })
const EVENT_BODY = JSON.stringify({ event_object: JSON.parse(CONFIGURATIONS), text: ECHOED })

const FILLS: readonly string[] = [
  `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor, created_at_ms,
     expires_at_ms, attempt_count, attempt_count_max, current_attempt_id, invoice_number,
     reference_number, echoed_json, configurations_json, customer_id)
   ${ROWS} select bucket, id, ${ACCOUNT},
     case when ${isRare} then 'canceled' when i % 10 < 6 then 'succeeded' when i % 10 < 8 then 'failed'
       when i % 10000 = 9999 then 'in_progress' else 'created' end,
     'INR', ${AMOUNT}, made, made + 900000, 1, 5,
     case when i % 10000 = 9999 then id + ${KIND.attempt} end,
     case when i % 3 = 0 then 'INV-often' else 'INV-' || i end, ${often('ord_often', 'ord_')},
     '${ECHOED}', '${CONFIGURATIONS}',
     case when i % 2 = 0 then ${OFTEN_CUSTOMER} else id + ${KIND.customer} end
   from rows`,
  `insert into payment_attempts (bucket, id, payment_session_id, account_id, number, status,
     payment_method, instrument_json, customer_email, customer_phone, created_at_ms, deadline_at_ms,
     decided_at_ms, decline_code, asked_count, captured_minor, transferred_minor, refunded_minor)
   ${ROWS} select bucket, id + ${KIND.attempt}, id, ${ACCOUNT}, 1,
     case when i % 10 < 6 then 'succeeded' else 'failed' end,
     case when ${isRare} then 'netbanking' when i % 10 = 0 then 'upi' else 'card' end, '${INSTRUMENT}',
     ${often('often@shop.example', 'payer', '@shop.example')}, ${often('9000000001', '91')}, made + 50,
     made + 600000, made + 60, case when i % 10 >= 6 then 'card_declined' end, 1,
     case when i % 10 < 6 then ${AMOUNT} else 0 end, case when i % 10 < 6 then 100 else 0 end,
     case when i % 10 < 6 and ${isRare} then 100 else 0 end
   from rows`,
  `insert into payment_links (bucket, id, account_id, currency, amount_minor, url, created_at_ms,
     description, email, phone, phone_digits, reference_id, expires_at_ms, status, paid_attempt_id,
     due_at_ms)
   ${ROWS} select bucket, id + ${KIND.link}, ${ACCOUNT}, 'INR', 149950,
     'https://pay.shop.example/paymentlink/' || i, made, 'Order of three items',
     ${often('often@shop.example', 'payer', '@shop.example')}, ${often('9000000001', '91')},
     ${often('9000000001', '91')}, ${often('ord_often', 'ord_')}, made + 2592000000,
     case when ${isRare} then 'canceled' when i % 10 < 6 then 'paid' when i % 10 < 8 then 'expired'
       else 'active' end,
     case when i % 10 < 6 and not (${isRare}) then id + ${KIND.attempt} end,
     case when i % 10 >= 8 and not (${isRare}) then made + 2592000000 end
   from rows`,
  // All refunds belong to the first payment, because the list of refunds is for one payment.
  `insert into refunds (bucket, id, account_id, payment_attempt_id, currency, amount_minor, type, reason,
     status, created_at_ms, asked_count, decided_at_ms)
   ${ROWS} select 0, ((cast($4 as bigint) + i / 64) * ${BUCKET_COUNT}) * ${COUNTER_COUNT}
       + (i % 64) * 8 + ${KIND.refund}, ${ACCOUNT},
     (cast($4 as bigint) * ${BUCKET_COUNT}) * ${COUNTER_COUNT} + 8 + ${KIND.attempt}, 'INR', 1,
     'initiated_by_merchant', 'requested_by_customer', 'succeeded', made, 1, made + 60
   from rows where i % 10 = 0`,
  `insert into transfers (bucket, id, account_id, payment_attempt_id, number, connected_account_id,
     currency, amount_minor, created_at_ms, reversed_minor)
   ${ROWS} select bucket, id + ${KIND.transfer}, ${ACCOUNT}, id + ${KIND.attempt}, 1,
     ${RECEIVER}, 'INR', 100, made + 60, case when i % 5 = 0 then 50 else 0 end
   from rows`,
  `insert into transfer_reversals (bucket, id, account_id, transfer_id, connected_account_id, currency,
     amount_minor, created_at_ms)
   ${ROWS} select bucket, id + ${KIND.reversal}, ${ACCOUNT}, id + ${KIND.transfer}, ${RECEIVER}, 'INR', 50,
     made + 90
   from rows where i % 5 = 0`,
  `insert into disputes (bucket, id, account_id, payment_attempt_id, currency, amount_minor, fee_minor,
     reason, created_at_ms, status, decided_at_ms)
   ${ROWS} select bucket, id + ${KIND.refund}, ${ACCOUNT}, id + ${KIND.attempt}, 'INR', 100, 0,
     'duplicate', made, case when ${isRare} then 'open' when i % 10 < 6 then 'won' else 'lost' end,
     case when ${isRare} then null else made end
   from rows`,
  `insert into refund_approvals (bucket, id, account_id, payment_attempt_id, currency, amount_minor, reason,
     requested_by, created_at_ms, expires_at_ms, status)
   ${ROWS} select bucket, id + ${KIND.refund}, ${ACCOUNT}, id + ${KIND.attempt}, 'INR', 100, 'others',
     'op_0000000000000000', made, made, 'rejected'
   from rows`,
  `insert into webhook_events (bucket, id, account_id, type, subject_id, body_json,
     created_at_ms)
   ${ROWS} select bucket, id + ${KIND.event}, ${ACCOUNT},
     case when ${isRare} then 'refund.failed' when i % 10 < 6 then 'payment.succeeded'
       else 'payment.failed' end,
     id, '${EVENT_BODY}', made + 60
   from rows`,
  `insert into webhook_deliveries (bucket, event_id, endpoint_id, account_id, event_type, status,
     attempt_count, failure_count, created_at_ms)
   ${ROWS} select bucket, id + ${KIND.event}, endpoint, ${ACCOUNT},
     case when ${isRare} then 'refund.failed' when i % 10 < 6 then 'payment.succeeded'
       else 'payment.failed' end,
     case when ${isRare} then 'given_up' when i % 10000 = 9999 then 'held' else 'delivered' end, 1, 0,
     made + 60
   from rows`,
  `insert into virtual_accounts (bucket, id, account_id, account_number, ifsc_code, beneficiary_name,
     customer_id, created_at_ms, description, paid_minor, reference_number, status, changed_at_ms,
     ends_at_ms)
   ${ROWS} select bucket, id, ${ACCOUNT}, 'PAYD' || id, 'PAYD0SANDBX', 'Shop', 1 + i % 5000, made, 'Dealer',
     0, ${often('dealer-often', 'dealer-')}, case when ${isRare} then 'closed' else 'active' end, made,
     made + 31536000000
   from rows`,
  // All transfers belong to the first virtual account, because their list is for one account.
  `insert into bank_transfers (bucket, id, virtual_account_id, utr, amount_minor, created_at_ms, status)
   ${ROWS} select 0, ((cast($4 as bigint) + i / 64) * ${BUCKET_COUNT}) * ${COUNTER_COUNT}
       + (i % 64) * 8 + ${KIND.attempt},
     (cast($4 as bigint) * ${BUCKET_COUNT}) * ${COUNTER_COUNT} + 8, 'UTR' || i, 100 + i % 1000, made,
     case when ${isRare} then 'refunded' when i % 10 < 6 then 'succeeded' else 'failed' end
   from rows`,
  `insert into balance_transactions (bucket, kind, id, parent_id, account_id, connected_account_id,
     payment_attempt_id, currency, amount_minor, fee_minor, tax_minor, net_minor, created_at_ms,
     available_at_ms, payout_id)
   ${ROWS} select bucket, 'connected_transfer', id + ${KIND.transfer}, id + ${KIND.attempt}, ${ACCOUNT},
     ${RECEIVER}, id + ${KIND.attempt}, 'INR', 100, 0, 0, 100, made + 60, made + 60, ${PAYOUT_ID}
   from rows`,
  `insert into payout_transactions (payout_id, created_at_ms, transaction_id, kind)
   ${ROWS} select ${PAYOUT_ID}, made + 60, id + ${KIND.transfer}, 'connected_transfer' from rows`,
  `insert into payouts (id, account_id, connected_account_id, status, currency, amount_minor,
     summary_json, created_at_ms, arrives_at_ms, decided_at_ms, failure_code, bank_reference,
     statement_descriptor, bank_account_json)
   ${ROWS} select id + ${KIND.session}, ${ACCOUNT}, case when i % 4 < 2 then 0 else ${RECEIVER} end,
     case when ${isRare} then 'failed' else 'paid' end, 'INR', 100,
     '{"charge":[1,"100","0","0"],"refund":[0,"0","0","0"],"adjustment":[0,"0","0","0"]}', made, made,
     made, case when ${isRare} then 'declined' end,
     case when ${isRare} then null else 'PAYD' || i end, 'Shop', '{}'
   from rows`,
  `insert into connected_accounts (account_id, id, name, created_at_ms)
   ${ROWS} select ${ACCOUNT}, 23200000 + i / 10, 'Connected account', made from rows where i % 10 = 0`,
  `insert into customers (bucket, id, account_id, name, email, phone, created_at_ms, changed_at_ms)
   ${ROWS} select bucket, id + ${KIND.customer}, ${ACCOUNT}, 'Customer',
     ${often('often@shop.example', 'customer', '@shop.example')}, ${often('9000000001', '91')}, made, made
   from rows`,
]

const tableOf = (text: string): string => /^insert into (\w+)/.exec(text)?.[1] ?? ''

/** The rows of some tables, as parts of the row count. Tables without a part stay empty. */
export type Parts = ReadonlyMap<string, number>

/** The facts of a fill from which the values and ids of its rows are computed. */
export type FillFacts = {
  readonly endpointId: WebhookEndpointId
  readonly rowCount: number
  /** The time of the fill. */
  readonly nowMs: number
  /** The time of the first row. */
  readonly firstMs: number
  /** The seconds in the ids of the first rows. */
  readonly firstSeconds: number
}

export type FilledLists = {
  readonly facts: FillFacts
  /** Values for the filters of its lists. */
  readonly values: ListValues
  /** Returns the stored id of row `i`. The first row is 1. */
  readonly idOf: (i: number, kind: keyof typeof KIND) => string
}

/**
 * Fills an empty database with the rows of one merchant, and prints its progress. `parts` undefined: all tables get all
 * rows.
 */
export async function fillLists(
  { settings }: Pick<Place, 'settings'>,
  rowCount: number,
  parts?: Parts,
): Promise<FilledLists> {
  const { database } = settings
  const core = await openCore(settings)
  await prepareSandbox(core, SANDBOX_VALUES)
  // Deliveries to this endpoint stay held: no webhook is sent while lists are measured.
  const [endpoint] = await storeEndpoints(core, ['http://127.0.0.1:9/webhooks'], 'disabled')
  if (endpoint === undefined) throw new Error('no endpoint')
  const endpointId = core.store.publicIds.storedIdOf(endpoint.id) as WebhookEndpointId
  await core.store.close()

  const nowMs = Date.now()
  const firstMs = nowMs - rowCount * ROW_MS
  const firstSeconds = Math.floor((nowMs - ID_EPOCH_MS) / 1000) - Math.ceil(rowCount / 64) - 1
  const facts = { endpointId, firstMs, firstSeconds, nowMs, rowCount }
  const filler = await openFiller(database)
  await fillRows(filler, facts, parts, { first: 1, last: rowCount })
  await filler.close()
  return filledListsOf(facts)
}

/** `parts` undefined: all tables get all rows. */
export async function fillRows(
  filler: Filler,
  { endpointId, firstMs, firstSeconds }: FillFacts,
  parts: Parts | undefined,
  range: { readonly first: number; readonly last: number },
): Promise<void> {
  for (const text of FILLS) {
    const part = parts?.get(tableOf(text)) ?? (parts === undefined ? 1 : 0)
    const count = Math.round((range.last - range.first + 1) * part)
    const end = range.first + count - 1
    const startedAtMs = Date.now()
    for (let first = range.first; first <= end; first += CHUNK_ROW_COUNT) {
      const last = Math.min(end, first + CHUNK_ROW_COUNT - 1)
      await filler.run(text, [first, last, firstMs, firstSeconds, Number(endpointId)])
      printProgress(tableOf(text), { count, doneCount: last - range.first + 1, startedAtMs })
    }
  }
}

/**
 * Returns a time that separates ids: those of the first `rowCount` rows are earlier, all others later. `rowCount` is
 * rounded down to a multiple of 64.
 */
export function idTimeOf({ firstSeconds }: FillFacts, rowCount: number): number {
  return ID_EPOCH_MS + (firstSeconds + Math.floor(rowCount / 64)) * 1_000
}

/** Computes the values and ids of a database that is already filled. */
export function filledListsOf(facts: FillFacts): FilledLists {
  const idOf = (i: number, kind: keyof typeof KIND) => {
    const batch = Math.floor(i / 64)
    const seconds = facts.firstSeconds + batch
    const bucket = (batch * 37) % BUCKET_COUNT
    return String((seconds * BUCKET_COUNT + bucket) * COUNTER_COUNT + (i % 64) * 8 + KIND[kind])
  }
  return { facts, values: valuesOf({ ...facts, idOf }), idOf }
}

const PROGRESS_ROW_COUNT = 1_000_000

function printProgress(
  table: string,
  {
    count,
    doneCount,
    startedAtMs,
  }: { readonly count: number; readonly doneCount: number; readonly startedAtMs: number },
): void {
  if (doneCount % PROGRESS_ROW_COUNT !== 0) return
  const show = (value: number) => Math.round(value).toLocaleString('en-US')
  const perSecond = (doneCount * 1_000) / Math.max(1, Date.now() - startedAtMs)
  console.error(`${table}: ${show(doneCount)} of ${show(count)} rows, ${show(perSecond)} a second`)
}

/** A connection that fills a database without the most expensive checks. */
type Filler = {
  readonly run: (text: string, params: readonly SqlValue[]) => Promise<void>
  /** Frees the space of old rows and counts the rows. `table`: the only table that was changed. */
  readonly close: (table?: string) => Promise<void>
  /** Ends the connection, and leaves the rest to the database. */
  readonly disconnect: () => Promise<void>
}

export async function openFiller(database: Place['settings']['database']): Promise<Filler> {
  if (database.kind === 'sqlite') {
    const connection = new DatabaseSync(database.file)
    connection.exec(
      'pragma synchronous = off; pragma foreign_keys = off; pragma cache_size = -1000000',
    )
    return {
      run: async (text: string, params: readonly SqlValue[]) => {
        connection.prepare(text.replaceAll(/\$(\d+)/g, '?$1')).run(...params)
      },
      close: async () => {
        connection.exec('pragma wal_checkpoint(truncate)')
        connection.close()
      },
      disconnect: async () => connection.close(),
    }
  }
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  // Without checks of foreign keys.
  await client.query('set session_replication_role = replica')
  return {
    run: async (text: string, params: readonly SqlValue[]) => {
      await client.query(text, [...params])
    },
    close: async (table = '') => {
      await client.query(`vacuum analyze ${table}`)
      // The checkpoint writes these changes to the disk, so that no measured statement waits for the writes.
      await client.query('checkpoint')
      await client.end()
    },
    disconnect: () => client.end(),
  }
}

/**
 * Values for each filter. Most ids, texts and amounts have two: a rare one in the oldest rows, and one in half of the
 * rows.
 */
function valuesOf({
  endpointId,
  firstMs,
  idOf,
  nowMs,
  rowCount,
}: FillFacts & Pick<FilledLists, 'idOf'>): ListValues {
  const payment = idOf(rowCount - 5, 'attempt') as PaymentAttemptId
  const transfer = idOf(rowCount - (rowCount % 5), 'transfer') as TransferId
  const customer = idOf(17, 'customer') as CustomerId
  const session = idOf(17, 'session') as PaymentSessionId
  // The middle half of the rows.
  const times = {
    createdFromMs: [{ createdFromMs: firstMs + (rowCount / 4) * ROW_MS }],
    createdToMs: [{ createdToMs: nowMs - (rowCount / 4) * ROW_MS }],
  }
  const receivers = [RARE_RECEIVER, OFTEN_RECEIVER].map((id) => String(id) as AccountId)
  const transfers = {
    ...times,
    paymentAttemptId: [{ paymentAttemptId: payment }],
    connectedAccountId: receivers.map((connectedAccountId) => ({ connectedAccountId })),
    searchId: [
      { searchId: transfer },
      ...receivers.map((searchAccountId) => ({
        searchAccountId,
        searchId: searchAccountId as string as TransferId,
      })),
    ],
    searchAccountId: [],
    isAscending: [{ isAscending: true }],
  }
  return {
    accountId: ACCOUNT as AccountId,
    endpointId,
    paymentAttemptId: idOf(1, 'attempt') as PaymentAttemptId,
    virtualAccountId: idOf(1, 'session') as VirtualAccountId,
    payoutId: PAYOUT_ID,
    connectedAccountId: String(OFTEN_RECEIVER) as AccountId,
    nowMs,
    disputes: { ...times, status: DISPUTE_STATUSES.map((status) => ({ status })) },
    payouts: {
      ...times,
      connectedAccountId: receivers.map((connectedAccountId) => ({ connectedAccountId })),
      status: PAYOUT_STATUSES.map((status) => ({ status })),
    },
    connectedTransactions: {
      ...times,
      kind: [{ kind: 'connected_transfer' }],
      id: [{ id: transfer }],
      method: [{ method: 'card', cardBrand: 'visa', cardFunding: 'debit' }],
      cardBrand: [],
      cardFunding: [],
      isAscending: [{ isAscending: true }],
    },
    sessions: {
      ...times,
      status: PAYMENT_SESSION_STATUSES.map((status) => ({ status })),
      referenceNumber: [{ referenceNumber: 'ord_17' }, { referenceNumber: 'ord_often' }],
      invoiceNumber: [{ invoiceNumber: 'INV-17' }, { invoiceNumber: 'INV-often' }],
      amount: AMOUNTS,
      searchText: [
        { searchText: 'payer17@shop.example' },
        { searchText: 'often@shop.example' },
        { searchText: '9000000001' },
        { searchText: 'ord_17' },
        { searchText: 'INV-often' },
        { searchText: session, searchId: session },
      ],
      searchId: [],
    },
    payments: {
      ...times,
      status: (['succeeded', 'failed', 'refunded'] as const).map((status) => ({ status })),
      method: (['card', 'netbanking'] as const).map((method) => ({ method })),
      customerId: [{ customerId: customer }, { customerId: String(OFTEN_CUSTOMER) as CustomerId }],
      searchText: [
        { searchText: 'payer17@shop.example' },
        { searchText: 'often@shop.example' },
        { searchText: '9000000001' },
        { searchText: 'ord_17' },
        { searchText: 'ord_often' },
        { searchText: 'INV-often' },
        { searchText: payment, searchId: payment },
      ],
      searchId: [],
      amount: AMOUNTS,
    },
    links: {
      ...times,
      status: PAYMENT_LINK_STATUSES.map((status) => ({ status })),
      referenceId: [{ referenceId: 'ord_17' }, { referenceId: 'ord_often' }],
      searchText: [
        { searchText: 'payer17@shop.example' },
        { searchText: 'often@shop.example' },
        { searchText: '9000000001', searchPhone: '9000000001' },
        { searchText: 'ord_often' },
      ],
      searchId: [],
      searchPhone: [],
    },
    events: {
      ...times,
      types: [{ types: ['refund.failed'] }, { types: ['payment.pending', 'refund.failed'] }],
      subject: [
        { subject: { kind: 'payment_session', id: idOf(17, 'session') as PaymentSessionId } },
      ],
    },
    deliveries: {
      status: WEBHOOK_DELIVERY_STATUSES.map((status) => ({ status })),
      eventType: [{ eventType: 'refund.failed' }, { eventType: 'payment.succeeded' }],
    },
    transfers,
    reversals: { ...transfers, transferId: [{ transferId: transfer }] },
    connectedAccounts: { ...times, id: [{ id: '23200001' as AccountId }] },
    customers: {
      ...times,
      searchText: [
        { searchText: 'customer17@shop.example' },
        { searchText: 'often@shop.example' },
        { searchText: '9000000001' },
        { searchText: customer, searchId: customer },
      ],
      searchId: [],
    },
    virtualAccounts: {
      status: VIRTUAL_ACCOUNT_STATUSES.map((status) => ({ status })),
      customerId: [{ customerId: '17' as CustomerId }],
      referenceNumber: [{ referenceNumber: 'dealer-17' }, { referenceNumber: 'dealer-often' }],
      accountNumber: [{ accountNumber: `PAYD${idOf(17, 'session')}` }],
    },
    mandates: {
      status: MANDATE_STATUSES.map((status) => ({ status })),
      customerId: [{ customerId: customer }],
      searchText: [{ searchText: 'payer-17@paydesk' }],
      searchId: [],
    },
    bankTransfers: {
      status: BANK_TRANSFER_STATUSES.map((status) => ({ status })),
      order: [{ order: 'amount' }],
      isAscending: [{ isAscending: true }],
    },
  }
}
