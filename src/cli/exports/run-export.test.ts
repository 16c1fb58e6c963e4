import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { createMigratedDatabase } from '../../../test/support/postgres-cluster.ts'
import { inr, withBooks, writeCapturedAttempt } from '../../../test/support/stored-books.ts'
import { ACCOUNT, account, NOW_MS, OTHER_ACCOUNT } from '../../../test/support/stored-rows.ts'
import type { AccountId } from '../../domain/id.ts'
import type { Store } from '../../operations/store.ts'
import { openPostgres } from '../../store/engine/postgres.ts'
import { openSqlite } from '../../store/engine/sqlite.ts'
import { CommandRefused } from '../command-refused.ts'
import { openExportFile } from './export-sink.ts'
import { type ExportRequest, runExport } from './run-export.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-export-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const REQUEST: ExportRequest = {
  name: 'payments',
  format: 'csv',
  from: undefined,
  to: undefined,
  accountIds: undefined,
}

const US_ACCOUNT = '60000000003' as AccountId

/** `onWrite` runs after each write. */
async function exportOf(
  store: Store,
  request: Partial<ExportRequest>,
  onWrite: () => Promise<void> = async () => {},
): Promise<string> {
  let text = ''
  const sink = {
    write: async (part: string) => {
      text += part
      await onWrite()
    },
  }
  const signal = new AbortController().signal
  const onAccepted = async () => {}
  const deps = {
    store,
    signal,
    listCommand: 'paydesk account list',
    nowMs: NOW_MS + 60_000,
    onAccepted,
  }
  await runExport(deps, { ...REQUEST, ...request }, sink)
  return text
}

/** Runs a test on a database in memory with one row of each kind. */
const onBooks = (work: Parameters<typeof withBooks>[1]) => () =>
  withBooks(async () => openSqlite(':memory:'), work)

function columnOf(csv: string, name: string): readonly string[] {
  const [header = '', ...lines] = csv.trimEnd().split('\r\n')
  const index = header.split(',').indexOf(name)
  return lines.map((line) => line.split(',')[index] ?? '')
}

test(
  'an export of payments has amounts as decimals with their currency, and times with the offset of the account',
  onBooks(async ({ books, store }) => {
    const csv = await exportOf(store, { accountIds: [ACCOUNT] })
    const [header, paymentRow] = csv.split('\r\n')
    expect(header).toBe(
      'account_id,payment_id,payments_session_id,created_time,decided_time,status,currency,amount,amount_captured,amount_refunded,fee_amount,net_tax_amount,net_amount,payment_method,card_brand,last_four_digits,failure_code,receipt_email,phone,reference_number,invoice_number,transaction_reference_number,statement_descriptor,description,customer_id,payment_link_id,virtual_account_id',
    )
    expect(paymentRow).toBe(
      `${ACCOUNT},${books.paid.id},${books.paid.paymentSessionId},2026-11-22T05:30:00.001+05:30,2026-11-22T05:30:01.000+05:30,partially_refunded,INR,1000.00,1000.00,300.00,20.00,3.60,676.40,net_banking,,,,,,,,,,Order,,,`,
    )
    expect(columnOf(csv, 'currency')).toEqual(['INR', 'JPY', 'INR'])
    expect(columnOf(csv, 'amount')).toEqual(['1000.00', '1000000000000', '100.50'])
    expect(columnOf(csv, 'failure_code')).toEqual(['', '', 'card_declined'])
  }),
)

test(
  'a negative net amount stays a number, and a text that begins like a formula gets an apostrophe',
  onBooks(async ({ store }) => {
    await writeCapturedAttempt(store, inr(100n), {
      createdAtMs: NOW_MS + 10,
      processorReference: '=HYPERLINK("x")',
      statementDescriptor: '＝1',
      money: {
        capturedMinor: 100n,
        feeMinor: 2n,
        taxMinor: 0n,
        refundedMinor: 100n,
        refundingMinor: 0n,
        transferredMinor: 0n,
        disputedMinor: 0n,
      },
    })
    const csv = await exportOf(store, { accountIds: [ACCOUNT] })
    expect(columnOf(csv, 'net_amount').at(-1)).toBe('-0.02')
    expect(csv).toContain('"\'=HYPERLINK(""x"")",\'＝1,Order,,,\r\n')
    const lines = await exportOf(store, { accountIds: [ACCOUNT], format: 'jsonl' })
    expect(JSON.parse(lines.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      net_amount: '-0.02',
      transaction_reference_number: '=HYPERLINK("x")',
      failure_code: null,
    })
  }),
)

test(
  'an export contains the brand and the last digits of a card, and nothing else of an instrument',
  onBooks(async ({ store }) => {
    const money = { ...(await writeCapturedAttempt(store, inr(1n))).money }
    await writeCapturedAttempt(store, inr(100n), {
      money,
      createdAtMs: NOW_MS + 10,
      instrument: {
        type: 'card',
        brand: 'visa',
        lastFourDigits: '1111',
        expiryMonth: 7,
        expiryYear: 2041,
        holderName: 'Asha Holder',
      },
    })
    await writeCapturedAttempt(store, inr(100n), {
      money,
      createdAtMs: NOW_MS + 11,
      instrument: { type: 'upi', channel: 'collect', upiId: 'asha@bank' },
    })
    for (const format of ['csv', 'jsonl'] as const) {
      const text = await exportOf(store, { format })
      expect(text).toMatch(/visa.*1111/)
      expect(text).not.toMatch(/Asha|2041|asha@bank/)
    }
  }),
)

test(
  'refunds, transfers and postings are exported with the ids of their payments',
  onBooks(async ({ books, store }) => {
    const refunds = await exportOf(store, { name: 'refunds' })
    expect(refunds.split('\r\n')[1]).toMatch(
      new RegExp(
        `^${ACCOUNT},${books.refund.id},${books.paid.id},2026-11-22T05:30:00.000\\+05:30,2026-11-22T05:30:00.000\\+05:30,succeeded,INR,300.00,initiated_by_system,system_initiated,,\\w+,,$`,
      ),
    )
    expect(columnOf(refunds, 'failure_reason')).toContain('unknown')
    expect(await exportOf(store, { name: 'transfers' })).toBe(
      `account_id,transfer_id,payment_id,connected_account_id,created_time,currency,amount,reversed_amount,description\r\n${ACCOUNT},${books.transfer.id},${books.paid.id},${OTHER_ACCOUNT},2026-11-22T05:30:00.001+05:30,INR,400.00,100.00,\r\n`,
    )
    const ledger = await exportOf(store, { name: 'ledger' })
    expect(ledger).toContain(
      `${ACCOUNT},2026-11-22T05:30:00.000+05:30,fee,${books.paid.id},${books.paid.id},merchant,fees,INR,20.00\r\n`,
    )
    expect(ledger).toContain(`connected_account/${OTHER_ACCOUNT}`)
    const { postingCount } = await store.ledger.check()
    expect(ledger.trimEnd().split('\r\n')).toHaveLength(postingCount + 1)
  }),
)

test(
  'a day begins at midnight in the time zone of each account; the period contains --from and not --to',
  onBooks(async ({ store }) => {
    await store.transaction((tx) =>
      tx.accounts.insert(account(US_ACCOUNT, { edition: 'US' }), NOW_MS),
    )
    const write = (text: string, id: AccountId) =>
      writeCapturedAttempt(store, inr(1n), { createdAtMs: Date.parse(text) }, id)
    for (const text of [
      '2026-11-20T23:59:59.999+05:30',
      '2026-11-21T00:00:00+05:30',
      '2026-11-21T23:59:59.999+05:30',
      '2026-11-22T00:00:00+05:30',
    ]) {
      await write(text, ACCOUNT)
    }
    for (const text of [
      '2026-11-20T23:59:59.999Z',
      '2026-11-21T00:00:00Z',
      '2026-11-21T23:59:59.999Z',
      '2026-11-22T00:00:00Z',
    ]) {
      await write(text, US_ACCOUNT)
    }
    const timesOf = async (from: string, to: string) =>
      columnOf(
        await exportOf(store, { from, to, accountIds: [ACCOUNT, US_ACCOUNT] }),
        'created_time',
      )
    expect(await timesOf('2026-11-21', '2026-11-22')).toEqual([
      '2026-11-21T00:00:00.000+05:30',
      '2026-11-21T23:59:59.999+05:30',
      '2026-11-21T00:00:00.000Z',
      '2026-11-21T23:59:59.999Z',
    ])
    expect(await timesOf('2026-11-20T18:30:00Z', '2026-11-21T00:00:00.000Z')).toEqual([
      '2026-11-21T00:00:00.000+05:30',
      '2026-11-20T23:59:59.999Z',
    ])
  }),
)

test.each([
  [{ from: '2026-11-31' }, /^--from must be a date, such as 2026-11-22/],
  [{ to: 'yesterday' }, /^--to must be a date/],
  [{ from: '2026-11-22', to: '2026-11-22' }, /^--to must be after --from/],
  [{ from: '2026-11-23', to: '2026-11-22' }, /^--to must be after --from/],
  [{ from: '2026-12-01' }, /^--from must be before now: 2026-11-22T05:31:00/],
  [
    { accountIds: ['5' as AccountId] },
    /^There is no account 5\. To list the accounts: paydesk account list$/,
  ],
])('the export %j is refused before anything is written', (request, sentence) =>
  onBooks(async ({ store }) => {
    let writeCount = 0
    const refusal = exportOf(store, request, async () => {
      writeCount += 1
    })
    await expect(refusal).rejects.toThrow(sentence)
    await expect(refusal).rejects.toBeInstanceOf(CommandRefused)
    expect(writeCount).toBe(0)
  })(),
)

describe.each([
  ['SQLite', async () => openSqlite(join(folder, `${crypto.randomUUID()}.db`))],
  ['PostgreSQL', async () => openPostgres(await createMigratedDatabase(inject('postgresUrl')), 5)],
] as const)('on %s', (_, open) => {
  test('payments are written while an export is under way, and it contains each payment of its period once', () =>
    withBooks(open, async ({ engine, store }) => {
      for (const statement of manyPayments(2_500)) {
        await engine.transaction((sql) => sql.run(statement, []))
      }
      const idsBefore = columnOf(await exportOf(store, {}), 'payment_id')
      const newPayments: string[] = []
      const csv = await exportOf(store, {}, async () => {
        // Each write of the export waits for these payments, so an export that held a lock would never end.
        for (const createdAtMs of [NOW_MS - 1_000, NOW_MS + 50_000, NOW_MS + 60_000]) {
          newPayments.push((await writeCapturedAttempt(store, inr(1n), { createdAtMs })).id)
        }
      })
      const ids = columnOf(csv, 'payment_id')
      expect(newPayments.length).toBeGreaterThan(9)
      expect(idsBefore.length).toBe(2_504)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids).toEqual(expect.arrayContaining([...idsBefore]))
      const newIds = ids.filter((id) => !idsBefore.includes(id))
      expect(newPayments).toEqual(expect.arrayContaining(newIds))
      expect(columnOf(csv, 'created_time').every((time) => time < '2026-11-22T05:31')).toBe(true)
    }))
})

/** Statements that store paid sessions of one account, several in a millisecond. */
function manyPayments(count: number): readonly string[] {
  const numbers = `with recursive numbers (n) as (
    select 1 union all select n + 1 from numbers where n < ${count})`
  return [
    `insert into payment_sessions (bucket, id, account_id, status, currency, amount_minor,
       created_at_ms, expires_at_ms, attempt_count, attempt_count_max, echoed_json)
     ${numbers} select 5, 5 * 16384 + n, ${ACCOUNT}, 'succeeded', 'INR', 100, ${NOW_MS} + n / 7, 0, 1, 1, '{}'
     from numbers`,
    `insert into payment_attempts (bucket, id, payment_session_id, account_id, number, status,
       payment_method, instrument_json, created_at_ms, deadline_at_ms, decided_at_ms, asked_count,
       captured_minor)
     ${numbers} select 5, 5 * 16384 + n, 5 * 16384 + n, ${ACCOUNT}, 1, 'succeeded', 'upi',
       '{"type":"upi","channel":"qr"}', ${NOW_MS} + n / 7, 0, 0, 0, 100
     from numbers`,
  ]
}

describe('the file of an export', () => {
  let target: string
  beforeEach(() => {
    target = join(mkdtempSync(join(folder, 'file-')), 'payments.csv')
  })
  const files = () => readdirSync(join(target, '..'))

  test('appears under its name when it is complete, and only the user may read it', async () => {
    const sink = await openExportFile(target)
    await sink.write('a\r\n')
    expect(existsSync(target)).toBe(false)
    expect(files()).toHaveLength(1)
    await sink.write('b\r\n')
    await sink.finish()
    expect(files()).toEqual(['payments.csv'])
    expect(readFileSync(target, 'utf8')).toBe('a\r\nb\r\n')
    expect(statSync(target).mode & 0o777).toBe(0o600)
  })

  test('after an interruption the file of an earlier export is unchanged, and nothing else is left', async () => {
    writeFileSync(target, 'earlier')
    const sink = await openExportFile(target)
    const controller = new AbortController()
    await onBooks(async ({ store }) => {
      const write = async (text: string) => {
        await sink.write(text)
        controller.abort()
      }
      const running = runExport(
        {
          store,
          signal: controller.signal,
          listCommand: '',
          nowMs: NOW_MS + 60_000,
          onAccepted: async () => {},
        },
        REQUEST,
        { write },
      )
      await expect(running).rejects.toThrow('aborted')
    })()
    await sink.discard()
    expect(files()).toEqual(['payments.csv'])
    expect(readFileSync(target, 'utf8')).toBe('earlier')
  })

  test('replaces the file behind a link, and refuses folders, devices and dead links', async () => {
    const link = join(target, '..', 'link.csv')
    symlinkSync(target, link)
    await expect(openExportFile(link)).rejects.toThrow(/is a link to a file that does not exist/)
    writeFileSync(target, 'earlier')
    const sink = await openExportFile(link)
    await sink.write('new')
    await sink.finish()
    expect(readFileSync(target, 'utf8')).toBe('new')
    expect(files().toSorted()).toEqual(['link.csv', 'payments.csv'])
    await expect(openExportFile(folder)).rejects.toThrow(/is not a file/)
    await expect(openExportFile('/dev/null')).rejects.toThrow(/is not a file/)
    await expect(openExportFile(join(target, 'x', 'y.csv'))).rejects.toThrow(
      /cannot be written: its folder is a file/,
    )
  })
})
