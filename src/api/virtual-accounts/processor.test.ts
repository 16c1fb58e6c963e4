/** Virtual accounts and payouts of a processor, which is a separate server. The tests call the API. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makePlace, settingsAt } from '../../../test/support/engines.ts'
import { EXAMPLE_BANK_ACCOUNT, openExampleBank } from '../../../test/support/example-bank.ts'
import { createTestClock, SERVER_TIME_MS } from '../../../test/support/memory-store.ts'
import { startProcessorServer } from '../../../test/support/processor-server.ts'
import { call } from '../../../test/support/server.ts'
import { startServer } from '../../server/start-server.ts'

const bank = openExampleBank()
const KEY = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
let acme: Awaited<ReturnType<typeof startProcessorServer>>
let paydesk: Awaited<ReturnType<typeof startServer>>
beforeAll(async () => {
  acme = await startProcessorServer(bank)
  const settings = settingsAt(await makePlace('memory'))
  paydesk = await startServer(
    { ...settings, processor: { kind: 'server', url: acme.url }, processorKeys: [KEY] },
    { clock: createTestClock(SERVER_TIME_MS) },
  )
})
afterAll(async () => {
  await paydesk?.close()
  acme?.close()
})
beforeEach(() => {
  bank.isDown = false
  bank.notices.length = 0
})

const send = (method: string, path: string, body?: object, key?: string) =>
  call(paydesk.baseUrl, method, path, body, key === undefined ? {} : { 'idempotency-key': key })
const create = (body: object = { description: 'Deposits' }, key?: string) =>
  send('POST', '/virtualaccounts', body, key)
/** Advances the clock, with all work that becomes due. */
async function advance(by: string): Promise<void> {
  const response = await fetch(`${paydesk.baseUrl}/_sandbox/clock/advance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by }),
  })
  expect(response.status).toBe(200)
}

test('transfers to an account number of the processor arrive, the processor gets Paydesk’s decisions and the closure, and a reported payout is shown', async () => {
  const creation = await create({ description: 'Deposits', maximum_amount: 500 })
  expect([creation.status, creation.body.virtual_account]).toEqual([
    201,
    expect.objectContaining({ account_number: 'ACME1000X', ifsc_code: 'ACME0000001' }),
  ])
  const { account_number: accountNumber, virtual_account_id: id } = creation.body.virtual_account
  const amount = { amountMinor: 25_050n, currency: 'INR' } as const
  const utr = bank.sendTransfer({ accountNumber, amount })
  bank.sendTransfer({ accountNumber, amount: { ...amount, amountMinor: 50_001n } })
  await advance('1m')
  const { payments } = (await send('GET', `/virtualaccounts/${id}/payments`)).body
  const [payment] = payments.filter((one: { status: string }) => one.status === 'succeeded')
  expect(payment).toMatchObject({ amount: '250.50', transaction_reference_number: utr })
  expect(bank.notices.map((one) => ('decision' in one ? one.decision : '')).toSorted()).toEqual([
    'accepted',
    'returned',
  ])
  expect(bank.notices).toContainEqual(
    expect.objectContaining({ utr, attemptId: payment.payment_id, virtualAccountId: id }),
  )
  // The bank pays the money out: 250.50 less the fee of 5.01 and the tax of 0.90.
  bank.reports.push({
    payoutReference: 'po_1',
    amount: { amountMinor: 24_459n, currency: 'INR' },
    initiatedAtMs: SERVER_TIME_MS,
    bankAccount: EXAMPLE_BANK_ACCOUNT,
    result: { status: 'paid', decidedAtMs: SERVER_TIME_MS, bankReference: 'ACMEPAY1' },
    transactions: [{ kind: 'payment', id: payment.payment_id }],
  })
  await advance('1m')
  const [payout] = (await send('GET', '/payouts')).body.payouts
  expect(payout).toMatchObject({
    amount: '244.59',
    status: 'paid',
    payout_bank_reference_id: 'ACMEPAY1',
    bank_account_details: { bank_name: 'Acme Bank', account_number_last_four_digits: '4821' },
  })
  const { transactions } = (await send('GET', `/payouts/${payout.payout_id}/transactions`)).body
  expect(transactions.map((one: { transaction_id: string }) => one.transaction_id)).toEqual([
    payment.payment_id,
  ])
  expect((await send('PUT', `/virtualaccounts/${id}/close`)).status).toBe(200)
  await advance('1m')
  expect(bank.notices.at(-1)).toEqual({ closed: id })
})

test('a repeated request opens one account number, and concurrent equal requests close the numbers that stay unused', async () => {
  const openCount = () => acme.calls.filter((name) => name === 'openVirtualAccount').length
  const closureCount = () => bank.notices.filter((one) => 'closed' in one).length
  const before = openCount()
  const first = await create({ description: 'Once' }, 'key-1')
  expect((await create({ description: 'Once' }, 'key-1')).text).toBe(first.text)
  expect(openCount()).toBe(before + 1)
  const answers = await Promise.all([1, 2, 3].map(() => create({ description: 'x' }, 'key-2')))
  const creations = answers.filter(({ status }) => status === 201)
  expect(new Set(creations.map(({ text }) => text)).size).toBe(1)
  expect(closureCount()).toBe(openCount() - before - 2)
})

test('a wrong request opens no account number, and a processor without an answer leads to 503', async () => {
  const before = acme.calls.length
  expect((await create({ description: '' })).body.field).toBe('description')
  expect((await create({ description: 'x', customer_id: '17' })).status).toBe(404)
  expect(acme.calls.slice(before)).not.toContain('openVirtualAccount')
  bank.isDown = true
  const { body, headers, status } = await create()
  expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'error', '5'])
  const { page_context: context } = (await send('GET', '/virtualaccounts')).body
  bank.isDown = false
  await create()
  const after = (await send('GET', '/virtualaccounts')).body.page_context
  expect(after.total).toBe(context.total + 1)
})
