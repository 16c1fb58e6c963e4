import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT, account, NOW_MS, random } from '../../test/support/stored-rows.ts'
import { COUNTER_COUNT, type CustomerId } from '../domain/id.ts'
import { EXAMINED_ROW_COUNT_MAX, type Store } from '../operations/store.ts'
import type { Engine } from './engine/engine.ts'
import { migrate } from './engine/migrate.ts'
import { openSqlite } from './engine/sqlite.ts'
import { createStore } from './store.ts'

const DAY_MS = 86_400_000
/** One payment every ten minutes. */
const PAYMENTS_PER_DAY = 144
const CUSTOMER = String(7 * COUNTER_COUNT) as CustomerId
/** Paid sessions of one customer with one amount and the same numbers, more than a list examines. */
const ROW_COUNT = EXAMINED_ROW_COUNT_MAX + 2 * PAYMENTS_PER_DAY
const NUMBERS = `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${ROW_COUNT})`
const ID_OF_N = `n * ${COUNTER_COUNT}`
const TIME_OF_N = `${NOW_MS} + n * ${DAY_MS / PAYMENTS_PER_DAY}`
const FILL = [
  `${NUMBERS} insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor,
     created_at_ms, expires_at_ms, attempt_count, attempt_count_max, invoice_number, reference_number,
     echoed_json, customer_id)
   select n % 256, ${ID_OF_N}, ${ACCOUNT}, 'succeeded', 'INR', 17, ${TIME_OF_N}, ${TIME_OF_N}, 1, 1,
     'INV-1', 'ord_1', '{}', ${CUSTOMER} from numbers`,
  // A payment can begin at the end of its session's life.
  `${NUMBERS} insert into payment_attempts (bucket, id, payment_session_id, account_id, number, status,
     payment_method, instrument_json, created_at_ms, deadline_at_ms, decided_at_ms, asked_count,
     captured_minor, transferred_minor)
   select n % 256, ${ID_OF_N}, ${ID_OF_N}, ${ACCOUNT}, 1, 'succeeded', 'card', '{}',
     ${TIME_OF_N} + 899000, 0, 0, 0, 17, 0 from numbers`,
]

let engine: Engine
let store: Store
beforeAll(async () => {
  engine = openSqlite(':memory:')
  await migrate(engine)
  store = createStore(engine, random)
  await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), NOW_MS))
  for (const statement of FILL) await engine.transaction((sql) => sql.run(statement, []))
})
afterAll(() => store.close())

test.each([
  ['amount', { amount: { amountMinor: 17n, currency: 'INR' } as const }],
  ['customer', { customerId: CUSTOMER }],
  ['reference number', { searchText: 'ord_1' }],
  ['invoice number', { searchText: 'INV-1' }],
])(
  'a list of payments that is filtered by %s has all payments of an old period',
  async (_, filter) => {
    const times = { createdFromMs: NOW_MS + DAY_MS, createdToMs: NOW_MS + 2 * DAY_MS }
    const page = { page: 1, perPage: 200 }
    const list = await store.paymentAttempts.list(ACCOUNT, { ...filter, ...times }, page)
    expect(list).toMatchObject({ total: PAYMENTS_PER_DAY, isTotalCut: false })
    expect(list.items).toHaveLength(PAYMENTS_PER_DAY)
  },
)
