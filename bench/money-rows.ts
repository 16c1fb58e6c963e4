/** The database of the benchmark `money`: one merchant with many links and payments, whose money waits for its payout. */
import { ID_EPOCH_MS } from '../src/domain/id.ts'
import { prepareSandbox } from '../src/sandbox/tenants/prepare.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { openCore } from '../src/server/core.ts'
import { CHUNK_ROW_COUNT, KIND, openFiller, ROW_MS, ROWS } from './lists-rows.ts'
import type { Place } from './places.ts'

const ACCOUNT = SANDBOX_VALUES.accountId
/** The parts of each payment, in paise. */
const AMOUNT_MINOR = 149_950
const FEE_MINOR = 2_999
const TAX_MINOR = 540
const INSTRUMENT = JSON.stringify({ type: 'card', brand: 'visa', lastFourDigits: '1111' })

const posting = (kind: string, [debit, credit]: readonly [string, string], minor: number) =>
  `insert into ledger_postings (bucket, kind, source_id, payment_attempt_id, account_id, debit, credit,
     currency, amount_minor, created_at_ms)
   ${ROWS} select bucket, '${kind}', id + ${KIND.attempt}, id + ${KIND.attempt}, ${ACCOUNT}, '${debit}',
     '${credit}', 'INR', ${minor}, made + 60 from rows`

const FILLS: readonly string[] = [
  `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor, created_at_ms,
     expires_at_ms, attempt_count, attempt_count_max, echoed_json)
   ${ROWS} select bucket, id, ${ACCOUNT}, 'succeeded', 'INR', ${AMOUNT_MINOR}, made, made + 900000, 1, 5,
     '{}' from rows`,
  `insert into payment_attempts (bucket, id, payment_session_id, account_id, number, status,
     payment_method, instrument_json, created_at_ms, deadline_at_ms, decided_at_ms, asked_count,
     captured_minor, fee_minor, tax_minor)
   ${ROWS} select bucket, id + ${KIND.attempt}, id, ${ACCOUNT}, 1, 'succeeded', 'card', '${INSTRUMENT}',
     made + 50, made + 600000, made + 60, 1, ${AMOUNT_MINOR}, ${FEE_MINOR}, ${TAX_MINOR} from rows`,
  posting('capture', ['processor', 'merchant'], AMOUNT_MINOR),
  posting('fee', ['merchant', 'fees'], FEE_MINOR),
  posting('tax', ['merchant', 'taxes'], TAX_MINOR),
  `insert into balance_transactions (bucket, kind, id, account_id, connected_account_id,
     payment_attempt_id, currency, amount_minor, fee_minor, tax_minor, net_minor, created_at_ms,
     available_at_ms)
   ${ROWS} select bucket, 'charge', id + ${KIND.attempt}, ${ACCOUNT}, 0, id + ${KIND.attempt}, 'INR',
     ${AMOUNT_MINOR}, ${FEE_MINOR}, ${TAX_MINOR}, ${AMOUNT_MINOR - FEE_MINOR - TAX_MINOR}, made + 60,
     made + 60 from rows`,
  `insert into payment_links (bucket, id, account_id, currency, amount_minor, url, created_at_ms,
     description, expires_at_ms, status, due_at_ms)
   ${ROWS} select bucket, id + ${KIND.link}, ${ACCOUNT}, 'INR', ${AMOUNT_MINOR},
     'https://pay.shop.example/paymentlink/' || i, made, 'Order of three items', made + 2592000000,
     'active', made + 2592000000 from rows`,
]

export async function fillMoney(
  { settings }: Pick<Place, 'settings'>,
  rowCount: number,
): Promise<void> {
  const core = await openCore(settings)
  await prepareSandbox(core, SANDBOX_VALUES)
  await core.store.close()
  const nowMs = Date.now()
  const firstMs = nowMs - rowCount * ROW_MS
  const firstSeconds = Math.floor((nowMs - ID_EPOCH_MS) / 1000) - Math.ceil(rowCount / 64) - 1
  const filler = await openFiller(settings.database)
  for (const text of FILLS) {
    for (let first = 1; first <= rowCount; first += CHUNK_ROW_COUNT) {
      const last = Math.min(rowCount, first + CHUNK_ROW_COUNT - 1)
      await filler.run(text, [first, last, firstMs, firstSeconds, 0])
    }
  }
  await filler.close()
}
