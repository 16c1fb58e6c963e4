import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { storeSession } from '../../test/support/live-account.ts'
import { type SignedInOperator, signInOperatorOf } from '../../test/support/signed-in.ts'
import { attemptOf, TEST_ACTOR, withOutcome } from '../../test/support/stored-rows.ts'
import type { AccountId } from '../domain/id.ts'
import { createAccount } from '../operations/create-account.ts'
import { EXPORT_TABLES } from '../operations/export-tables.ts'
import { type Server, startServer } from '../server/start-server.ts'
import { EXPORT_PART_ROW_COUNT } from './export-routes.ts'

/** Beyond one part. */
const PAYMENT_COUNT = EXPORT_PART_ROW_COUNT + 3
const POSTING_COUNT = 2 * EXPORT_PART_ROW_COUNT + 1

describe.each(['file', 'postgres'] as const)('exports of the console, on %s', (engine) => {
  const nowMs = Date.UTC(2026, 10, 29, 9)
  let place: Place
  let server: Server
  let accountId: AccountId
  let otherId: AccountId

  beforeAll(async () => {
    place = await makePlace(engine)
    const settings = liveSettingsAt(place)
    server = await startServer(settings, { clock: { nowMs: () => nowMs } })
    const deps = { ...server.tenant, actor: TEST_ACTOR }
    accountId = (await createAccount(deps, 'Tea shop', 'IN')).account.id
    otherId = (await createAccount(deps, 'Books', 'IN')).account.id
    await fill(server, accountId, nowMs)
  })
  afterAll(async () => {
    await server.close()
    place.remove()
  })

  /** Reads all parts of an export. */
  async function exportAll(call: SignedInOperator['call'], path: string, more = '') {
    let csv = ''
    let cursor = ''
    const counts: number[] = []
    for (;;) {
      const answer = await call('POST', `${path}?account_id=${accountId}${more}${cursor}`)
      expect([answer.status, answer.body]).toEqual([200, expect.anything()])
      const part = answer.body.export
      csv += part.csv
      counts.push(part.row_count)
      if (part.next_cursor === undefined) return { csv, counts, total: part.total }
      cursor = `&cursor=${part.next_cursor}`
    }
  }
  const linesOf = (csv: string) => csv.replace('\uFEFF', '').split('\r\n').slice(0, -1)
  const logOf = async (email: string) =>
    (await server.tenant.store.auditLog.list({ action: 'operator.export' }, 20))
      .filter(({ actor }) => actor.name.endsWith(email))
      .map(({ after, objectId }) => ({ table: objectId, ...after }))
      .toReversed()

  test('an export has the columns of the command, every row once, masked contacts, and no formula', async () => {
    const { call, operator } = await signInOperatorOf(server, { role: 'support' })
    const { counts, csv, total } = await exportAll(call, '/exports/payments')
    expect(total).toBe(PAYMENT_COUNT)
    expect(counts).toEqual([EXPORT_PART_ROW_COUNT, PAYMENT_COUNT])
    expect(csv.startsWith(`\uFEFF${EXPORT_TABLES.payments.columns.join(',')}\r\n`)).toBe(true)
    const rows = linesOf(csv).slice(1)
    expect(new Set(rows.map((row) => row.split(',')[1])).size).toBe(PAYMENT_COUNT)
    expect(csv).not.toContain('asha@example.com')
    expect(csv).toContain(',a•••@example.com,•••17,')
    expect(csv).toContain(`,'=HYPERLINK(1),`)
    expect(csv).toContain(',"चाय, 1"')
    expect(csv).toContain(',9007199254740.99,')
    expect(await logOf(operator.email)).toEqual(
      (['started', 'complete'] as const).map((state) => ({
        table: 'payments',
        account_id: accountId,
        filters: {},
        contacts: 'masked',
        state,
        row_count: PAYMENT_COUNT,
      })),
    )
  })

  test('an export shows contacts only to a role that may see them and after an explicit choice, and the audit log has this choice and the filters with masked contacts', async () => {
    const path = `/exports/payments/with_contacts?account_id=${accountId}&nonsense=1`
    const support = await signInOperatorOf(server, { role: 'support' })
    expect((await support.call('POST', path)).status).toBe(403)
    const viewer = await signInOperatorOf(server, { role: 'viewer' })
    expect((await viewer.call('POST', path.replace('/with_contacts', ''))).status).toBe(403)
    const { call, operator } = await signInOperatorOf(server, { role: 'manager' })
    const filters = '&status=Status.Failed&search_text=asha%40example.com'
    const { csv } = await exportAll(call, '/exports/payments/with_contacts', filters)
    expect(linesOf(csv)).toHaveLength(2)
    expect(csv).toContain(',asha@example.com,9876543217,')
    expect((await logOf(operator.email)).at(-1)).toEqual({
      table: 'payments',
      account_id: accountId,
      filters: { status: 'Status.Failed', search_text: 'a•••@example.com' },
      contacts: 'open',
      state: 'complete',
      row_count: 1,
    })
  })

  test('postings are exported in parts of a period that ends at the start', async () => {
    const { call } = await signInOperatorOf(server)
    const { counts, csv, total } = await exportAll(call, '/exports/ledger', '&from_date=2026-11-29')
    expect(total).toBe(POSTING_COUNT)
    expect(counts).toEqual([EXPORT_PART_ROW_COUNT, 2 * EXPORT_PART_ROW_COUNT, POSTING_COUNT])
    expect(new Set(linesOf(csv)).size).toBe(POSTING_COUNT + 1)
    const early = await exportAll(call, '/exports/ledger', '&to_date=2026-11-28')
    expect(linesOf(early.csv)).toEqual([EXPORT_TABLES.ledger.columns.join(',')])
    for (const table of ['refunds', 'transfers', 'payouts'] as const) {
      const empty = await exportAll(call, `/exports/${table}`)
      expect(linesOf(empty.csv)).toEqual([EXPORT_TABLES[table].columns.join(',')])
    }
  })

  test('a cursor continues the export of its operator, list, filter and choice of contacts only', async () => {
    const one = await signInOperatorOf(server)
    const other = await signInOperatorOf(server)
    const query = `?account_id=${accountId}`
    const first = await one.call('POST', `/exports/payments${query}`)
    const cursor = `&cursor=${first.body.export.next_cursor}`
    expect((await one.call('POST', `/exports/payments${query}${cursor}`)).status).toBe(200)
    for (const [person, path] of [
      [other, `/exports/payments${query}`],
      [one, `/exports/payments/with_contacts${query}`],
      [one, `/exports/ledger${query}`],
      [one, `/exports/payments${query}&status=Status.Failed`],
      [one, `/exports/payments?account_id=${otherId}`],
    ] as const) {
      const answer = await person.call('POST', `${path}${cursor}`)
      expect([path, answer.status, answer.body.field]).toEqual([path, 400, 'cursor'])
    }
  })

  test('unknown tables, filters that the list does not have, and wrong values are refused', async () => {
    const { call } = await signInOperatorOf(server, { accountIds: [accountId] })
    for (const [path, field] of [
      [`/exports/operators?account_id=${accountId}`, 'table'],
      [`/exports/payments?account_id=${accountId}&per_page=2`, 'per_page'],
      [`/exports/ledger?account_id=${accountId}&status=Status.Failed`, 'status'],
      [`/exports/payments?account_id=${accountId}&from_date=yesterday`, 'from_date'],
      [`/exports/payments?account_id=${otherId}`, 'account_id'],
    ] as const) {
      const answer = await call('POST', path)
      expect([path, answer.status, answer.body.field]).toEqual([path, 400, field])
    }
  })
})

/** Stores failed payments and postings. */
async function fill({ tenant }: Server, accountId: AccountId, nowMs: number): Promise<void> {
  const { ids, store } = tenant
  const record = await storeSession(tenant, accountId, {
    amount: { amountMinor: 900_719_925_474_099n, currency: 'INR' },
    invoiceNumber: 'चाय, 1',
    referenceNumber: '=HYPERLINK(1)',
  })
  const attempts = Array.from({ length: PAYMENT_COUNT }, (_, index) =>
    withOutcome(
      attemptOf(record, index + 1, {
        id: ids.paymentAttempt(record.id),
        accountId,
        createdAtMs: nowMs - index,
        customer: {
          email: index === 0 ? 'asha@example.com' : `a${index}@example.com`,
          phone: '9876543217',
        },
      }),
      { status: 'failed', declineCode: 'card_declined' },
    ),
  )
  await store.transaction(async (tx) => {
    for (const attempt of attempts) await tx.paymentAttempts.insert(attempt)
    await tx.ledger.insert(
      Array.from({ length: POSTING_COUNT }, (_, index) => ({
        kind: 'payout' as const,
        sourceId: ids.payout(),
        accountId,
        debit: 'merchant' as const,
        credit: 'processor' as const,
        amount: { amountMinor: BigInt(index + 1), currency: 'INR' as const },
        createdAtMs: nowMs - 1 - (index % 7),
      })),
    )
  })
}
