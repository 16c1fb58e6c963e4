import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveSettingsAt, makePlace, type Place } from '../../test/support/engines.ts'
import { fillLiveAccount, storeSession } from '../../test/support/live-account.ts'
import { type SignedInOperator, signInOperatorOf } from '../../test/support/signed-in.ts'
import {
  attemptOf,
  customerOf,
  linkOf,
  mandateOf,
  reversalOf,
  TEST_ACTOR,
  withOutcome,
} from '../../test/support/stored-rows.ts'
import type { AccountId } from '../domain/id.ts'
import { withTransactions } from '../domain/payout.ts'
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
    await fillLists(server, otherId, nowMs)
  })
  afterAll(async () => {
    await server.close()
    place.remove()
  })

  const exportAll = (call: SignedInOperator['call'], path: string, more = '') =>
    exportOf(call, `${path}?account_id=${accountId}${more}`)
  async function exportOf(call: SignedInOperator['call'], address: string) {
    let csv = ''
    let cursor = ''
    const counts: number[] = []
    for (;;) {
      const answer = await call('POST', `${address}${cursor}`)
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

  test('each list that only the console exports is exported with its filters and with masked contacts, and never with a row of another account', async () => {
    const { call } = await signInOperatorOf(server, { role: 'support' })
    const rowsOf = async (table: string, more = '') => {
      const { csv } = await exportOf(call, `/exports/${table}?account_id=${otherId}${more}`)
      expect(csv).not.toContain(accountId)
      expect(csv).not.toContain('asha@')
      const [header = '', ...rows] = linesOf(csv)
      expect([table, header.startsWith('account_id,')]).toEqual([table, true])
      return rows.map((row) => {
        const cells = row.split(',')
        return Object.fromEntries(header.split(',').map((name, index) => [name, cells[index]]))
      })
    }
    const [payout] = await rowsOf('payouts')
    const ofPayout = `&payout_id=${payout?.payout_id}`
    const searches = [
      ['sessions', '&status=succeeded', { status: 'succeeded', amount: '400.00' }],
      ['sessions', '&status=expired', { description: `'=1+1`, amount: '100.50' }],
      ['payment_links', '&search_text=R17', { status: 'expired', email: 'a•••@shop.example' }],
      [
        'customers',
        '&from_date=2026-11-29',
        { customer_name: 'Asha Rao', customer_phone: '•••17' },
      ],
      ['mandates', '&status=active', { customer_email: 'a•••@shop.example', upi_id: 'a•••@upi' }],
      ['disputes', '&status=open', { reason: 'product_not_received', amount: '400.00' }],
      ['virtual_accounts', '&status=active', { amount_paid: '250.50', minimum_amount: '' }],
      ['connected_accounts', '', { account_name: 'Asha’s Lamps', email_id: 'a•••@lamps.example' }],
      ['transfer_reversals', '', { amount: '40.00', currency: 'INR' }],
      ['payout_transactions', ofPayout, { transaction_type: 'charge', amount: '400.00' }],
      ['events', '&event_type=virtual_account.paid', { object_type: 'virtual_account' }],
      ['refund_approvals', '&to_date=2026-11-29', { requested_by: 'op_gone', amount: '5.00' }],
    ] as const
    for (const [table, more, values] of searches) {
      const rows = await rowsOf(table, more)
      expect([table, rows]).toEqual([table, [expect.objectContaining(values)]])
    }
    const none = [
      'sessions&status=failed',
      'disputes&status=won',
      'refund_approvals&to_date=2026-11-28',
    ]
    for (const search of none) {
      const [table = '', more = ''] = search.split(/(?=&)/)
      expect([search, await rowsOf(table, more)]).toEqual([search, []])
    }
  })

  test('the audit log and the operators are exported by administrators of all accounts only, each row once', async () => {
    const { call, operator } = await signInOperatorOf(server)
    const paths = ['/audit_log/export', '/operators/export']
    const others = [{ role: 'manager' }, { accountIds: [accountId] }] as const
    for (const more of others) {
      const other = await signInOperatorOf(server, more)
      for (const path of paths) expect((await other.call('POST', path)).status).toBe(403)
    }
    await server.tenant.store.transaction(async (tx) => {
      for (let index = 0; index <= EXPORT_PART_ROW_COUNT; index += 1) {
        const values = { before: {}, after: { name: 'Tea, "House"', index } }
        const facts = { actor: TEST_ACTOR, action: 'account.update', objectId: otherId } as const
        await tx.auditLog.insert({ ...facts, ...values, atMs: nowMs })
      }
    })
    const filter = `?action=account.update&object_id=${otherId}&from=2026-11-29T00:00:00Z`
    const log = await exportOf(call, `/audit_log/export${filter}`)
    expect(log.counts).toEqual([EXPORT_PART_ROW_COUNT, EXPORT_PART_ROW_COUNT + 1])
    const rows = linesOf(log.csv).slice(1)
    expect(new Set(rows).size).toBe(EXPORT_PART_ROW_COUNT + 1)
    expect(rows[0]).toContain(
      `,2026-11-29T09:00:00.000Z,os_user,test,account.update,${otherId},{},"{""name"":""Tea, \\""House\\"""",""index"":${EXPORT_PART_ROW_COUNT}}"`,
    )
    const early = await exportOf(call, `/audit_log/export${filter}&to=2026-11-29T09:00:00Z`)
    expect(linesOf(early.csv)).toHaveLength(1)
    const people = await exportOf(call, '/operators/export')
    expect(people.total).toBe(linesOf(people.csv).length - 1)
    expect(people.csv).toContain(`,${operator.email},administrator,all,,,`)
    expect((await logOf(operator.email)).slice(0, 2)).toEqual(
      (['started', 'complete'] as const).map((state) => ({
        table: 'audit_log',
        account_id: 'all',
        filters: {
          action: 'account.update',
          object_id: otherId,
          from: '2026-11-29T00:00:00Z',
        },
        contacts: 'none',
        state,
        row_count: EXPORT_PART_ROW_COUNT + 1,
      })),
    )
    const wrong = await call('POST', '/audit_log/export?before=7')
    expect([wrong.status, wrong.body.field]).toEqual([400, 'before'])
    const extra = await call('POST', '/operators/export?page=7')
    expect([extra.status, extra.body.message]).toEqual([
      400,
      'page is unknown. No field is possible here.',
    ])
  })

  test('postings are exported in parts, each posting once, and a period before the first payment has none', async () => {
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
    const twice = await one.call('POST', `/exports/payments${query}${cursor}${cursor}`)
    expect([twice.status, twice.body.message]).toEqual([400, expect.stringMatching(/^cursor must/)])
  })

  test('unknown tables, filters that the list does not have, and wrong values are refused', async () => {
    const { call } = await signInOperatorOf(server, { accountIds: [accountId] })
    for (const [path, field] of [
      [`/exports/operators?account_id=${accountId}`, 'table'],
      [`/exports/payments?account_id=${accountId}&per_page=2`, 'per_page'],
      [`/exports/ledger?account_id=${accountId}&status=Status.Failed`, 'status'],
      [`/exports/payments?account_id=${accountId}&from_date=yesterday`, 'from_date'],
      [`/exports/payments?account_id=${otherId}`, 'account_id'],
      [`/exports/payout_transactions?account_id=${accountId}`, 'payout_id'],
    ] as const) {
      const answer = await call('POST', path)
      expect([path, answer.status, answer.body.field]).toEqual([path, 400, field])
    }
  })
})

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

/** Stores objects of the lists that have no payments: each has a row that a search finds. */
async function fillLists({ tenant }: Server, accountId: AccountId, nowMs: number): Promise<void> {
  const { ids, store } = tenant
  const times = { createdAtMs: nowMs, changedAtMs: nowMs }
  const contacts = { email: 'asha@shop.example', phone: '9876543217' }
  const amount = { amountMinor: 40_000n, currency: 'INR' } as const
  const paidSession = await storeSession(tenant, accountId, { amount })
  await storeSession(tenant, accountId, {
    expiresAtMs: nowMs - 1,
    echoedJson: '{"description":"=1+1"}',
  })
  await fillLiveAccount(tenant, accountId, paidSession.id)
  const [attempt] = await store.paymentAttempts.listBySession(paidSession.id)
  const page = { page: 1, perPage: 1 }
  const [transfer] = (await store.transfers.list(accountId, {}, page)).items
  const [payout] = (await store.payouts.list(accountId, {}, page)).items
  if (attempt === undefined || transfer === undefined || payout === undefined) {
    throw new Error('the account has no transfer or no payout')
  }
  await store.transaction(async (tx) => {
    const bucket = store.publicIds.bucketOf(attempt.id)
    await tx.paymentLinks.insert(
      linkOf(accountId, {
        ...contacts,
        id: ids.paymentLink(bucket),
        referenceId: 'R17',
        createdAtMs: nowMs - 2,
        expiresAtMs: nowMs - 1,
      }),
    )
    const customer = customerOf(accountId, {
      ...times,
      id: ids.customer(),
      email: contacts.email,
      phone: { digits: contacts.phone, dialingCode: '+91' },
    })
    await tx.customers.insert(customer)
    await tx.mandates.insert(
      mandateOf({
        ...times,
        accountId,
        id: ids.mandate(paidSession.id),
        customerId: customer.id,
        customerEmail: contacts.email,
        enrollmentAttemptId: attempt.id,
        upiId: 'asha@upi',
      }),
    )
    const charges = await tx.payouts.findByKeys([{ kind: 'charge', id: attempt.id }])
    await tx.payouts.attach(payout, charges)
    await tx.payouts.update(withTransactions(payout, charges))
    const reversal = { id: ids.transferReversal(transfer.id), createdAtMs: nowMs }
    await tx.transferReversals.insert(
      reversalOf(transfer, { ...reversal, amount: { ...amount, amountMinor: 4_000n } }),
    )
    await tx.refundApprovals.insert({
      accountId,
      id: ids.refundApproval(attempt.id),
      paymentAttemptId: attempt.id,
      amount: { ...amount, amountMinor: 500n },
      reason: 'others',
      requestedBy: 'op_gone',
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 1_000,
      status: 'waiting',
    })
  })
}
