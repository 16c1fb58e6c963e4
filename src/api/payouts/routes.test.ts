import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import { startTestServer, type TestServer, US_ACCOUNT_ID } from '../../../test/support/server.ts'
import { AS_ANOTHER, tokenFor } from '../../../test/support/taken-payments.ts'
import type { PaymentSessionId } from '../../domain/id.ts'
import type { InstrumentFacts } from '../../domain/instrument.ts'
import { applyMove } from '../../operations/apply-move.ts'

/** A Monday. */
const START_MS = Date.parse('2026-11-30T12:00:00+05:30')

const CARD: InstrumentFacts = {
  type: 'card',
  brand: 'visa',
  lastFourDigits: '1111',
  expiryMonth: 9,
  expiryYear: 2028,
  holderName: 'Asha Rao',
  funding: 'credit',
}
const UPI: InstrumentFacts = { type: 'upi', channel: 'collect', upiId: 'asha@okbank' }
const ACH: InstrumentFacts = {
  type: 'ach_debit',
  accountHolderName: 'Ben Ode',
  lastFourDigits: '6789',
  accountType: 'checking',
  routingNumber: '110000000',
}

/** A sandbox that begins on a Monday at noon, and its actions. */
async function startSandbox(engine: (typeof ENGINES)[number]) {
  const server = await startTestServer(engine, {}, { clock: { nowMs: () => START_MS } })
  const control = async (path: string, body?: object) => {
    const answer = await fetch(`${server.baseUrl}/_sandbox${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: await answer.json() }
  }
  const advance = async (by: string) => {
    expect((await control('/clock/advance', { by })).status).toBe(200)
  }
  const newest = async (query = '') =>
    (await server.call('GET', `/payouts?per_page=1${query}`)).body.payouts[0]
  const ledgerAgrees = async () => {
    const { discrepancies } = await server.tenant.store.ledger.check()
    expect(discrepancies).toEqual([])
  }
  return { ...server, control, advance, newest, ledgerAgrees }
}
type Sandbox = Awaited<ReturnType<typeof startSandbox>>

/** Sets the clock to an hour (in UTC) of the second Monday from now. */
async function startWeek(server: Sandbox, hour: number): Promise<void> {
  const { clock } = (await (await fetch(`${server.baseUrl}/_sandbox/clock`)).json()) as {
    clock: { time_ms: number }
  }
  const now = new Date(clock.time_ms)
  const day = now.getUTCDate() + 14 - ((now.getUTCDay() + 6) % 7)
  const time = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), day, hour)
  const { status } = await server.control('/clock/set', { time: new Date(time).toISOString() })
  expect(status).toBe(200)
}

/** Returns the payment's id. */
async function pay(
  server: TestServer,
  amount: number,
  instrument: InstrumentFacts = CARD,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const session = { amount, currency: 'INR', description: 'Order 8841', ...more }
  const account = session.currency === 'INR' ? '' : `?account_id=${US_ACCOUNT_ID}`
  const answer = await server.call('POST', `/paymentsessions${account}`, session)
  const sessionId = answer.body.payments_session.payments_session_id as PaymentSessionId
  const attemptId = server.tenant.ids.paymentAttempt(sessionId)
  for (const move of [
    { type: 'start_attempt', attemptId, instrument, attemptLifeMs: 600_000 },
    { type: 'record_approval', attemptId, processorReference: '532600112233' },
  ] as const) {
    expect(await applyMove(server.tenant, sessionId, move)).toHaveProperty('session')
  }
  return attemptId
}

describe.each(ENGINES)('payouts, on %s', (engine) => {
  const golden = openGolden('payouts', { timesWithinDays: 40 })
  let server: Sandbox
  beforeAll(async () => {
    server = await startSandbox(engine)
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })

  test('three days after a card payment its money is paid out', async () => {
    const { exchange } = golden.conversation('the life of a payout', server)
    await exchange('list none', 'GET', '/payouts')
    await exchange('no balance', 'GET', '/balance')
    await pay(server, 1499.9)
    const refundedId = await pay(server, 600, UPI)
    const body = { amount: 100, reason: 'requested_by_customer', type: 'initiated_by_merchant' }
    await server.call('POST', `/payments/${refundedId}/refunds`, body)
    await server.advance('1m')
    await exchange('the balance of the day', 'GET', '/balance')

    // On Tuesday only the UPI payment is available, without the refund's amount.
    await server.advance('22h')
    const tuesdays = await server.newest()
    expect([tuesdays.amount, tuesdays.status]).toEqual(['485.84', 'initiated'])
    await exchange('the balance with a payout', 'GET', '/balance')
    await server.advance('2d')
    const list = await exchange('list', 'GET', '/payouts')
    const [{ payout_id: id }] = list.body.payouts
    await exchange('retrieve', 'GET', `/payouts/${id}`)
    await exchange('transactions', 'GET', `/payouts/${id}/transactions`)
    const other = `/payouts/${tuesdays.payout_id}`
    await exchange('retrieve one with a refund', 'GET', other)
    await exchange('transactions with a refund', 'GET', `${other}/transactions?per_page=1&page=2`)
    await exchange('all of one status', 'GET', '/payouts?status=Status.Paid&per_page=1')
    await exchange('none of another', 'GET', '/payouts?status=failed')
    await exchange('the last balance', 'GET', '/balance')
    await server.ledgerAgrees()
  })

  test('the sample of the reference: two payments and a refund in one payout', async () => {
    await server.control('/payouts/settings', { schedule: 'weekly' })
    await pay(server, 1499.9)
    const refundedId = await pay(server, 600)
    const body = { amount: 100, reason: 'requested_by_customer', type: 'initiated_by_merchant' }
    await server.call('POST', `/payments/${refundedId}/refunds`, body)
    await server.advance('7d')
    const { payout_id: id } = await server.newest()
    const { payout } = (await server.call('GET', `/payouts/${id}`)).body
    expect(payout).toMatchObject({
      amount: '1950.34',
      status: 'paid',
      processed_date: 'Dec 7, 2026',
    })
    expect(payout.transaction_summary).toEqual({
      charge: {
        transaction_type: 'charge',
        count: 2,
        net_amount: '2050.34',
        fee: '42.00',
        amount: '2099.90',
        tax: '7.56',
      },
      refund: {
        transaction_type: 'refund',
        count: 1,
        net_amount: '-100.00',
        fee: '0.00',
        amount: '-100.00',
        tax: '0.00',
      },
      adjustment: {
        transaction_type: 'adjustment',
        count: 0,
        net_amount: '0.00',
        fee: '0.00',
        amount: '0.00',
        tax: '0.00',
      },
      total_amount: '1950.34',
    })
    await server.control('/payouts/settings', { schedule: 'daily' })
  })

  test('a payout to a bank account that ends in 0000 fails, and the next run pays its transactions', async () => {
    const { exchange } = golden.conversation('a failed payout', server)
    const settings = await server.control('/payouts/settings', {
      bank_account_last_four_digits: '0000',
    })
    expect(settings.body.payout_settings).toMatchObject({
      schedule: 'daily',
      bank_account_last_four_digits: '0000',
    })
    const payment = await pay(server, 250, UPI)
    await server.advance('30h')
    const failure = await server.newest()
    expect([failure.status, failure.failure_code]).toEqual(['failed', 'account_closed'])
    await exchange('retrieve', 'GET', `/payouts/${failure.payout_id}`)
    await exchange('transactions', 'GET', `/payouts/${failure.payout_id}/transactions`)
    await server.ledgerAgrees()
    await server.control('/payouts/settings', { bank_account_last_four_digits: '1193' })
    await server.advance('1d')
    const paidPayout = await server.newest()
    expect([paidPayout.status, paidPayout.amount]).toEqual(['paid', failure.amount])
    const rows = await Promise.all(
      [failure, paidPayout].map(({ payout_id: id }) =>
        server.call('GET', `/payouts/${id}/transactions`),
      ),
    )
    expect(
      rows.map(({ body }) =>
        body.transactions.map((row: { transaction_id: string }) => row.transaction_id),
      ),
    ).toEqual([[payment], [payment]])
    await server.ledgerAgrees()
  })

  test('a negative balance is carried over until payments exceed it', async () => {
    const payment = await pay(server, 1000, UPI)
    await server.advance('4d')
    const before = await server.newest()
    expect(before.amount).toBe('976.40')
    const body = { amount: 1000, reason: 'others', type: 'initiated_by_merchant' }
    await server.call('POST', `/payments/${payment}/refunds`, body)
    await server.advance('2d')
    expect(await server.newest()).toEqual(before)
    const balance = async () => (await server.call('GET', '/balance')).body.balances[0]
    expect(await balance()).toMatchObject({ available: '-1000.00', pending: '0.00' })
    await server.ledgerAgrees()
    await pay(server, 2000, UPI)
    await server.advance('4d')
    expect((await server.newest()).amount).toBe('952.80')
    expect(await balance()).toMatchObject({ available: '0.00', in_payouts: '0.00' })
    await server.ledgerAgrees()
  })

  test('a run can be started, and the bank’s decision can be made, by the control API', async () => {
    await pay(server, 300, UPI)
    expect((await server.control('/payouts/run')).body.payouts).toEqual([])
    // With a monthly schedule no run begins in the next four days, so the money waits for the run by the control API.
    await server.control('/payouts/settings', { schedule: 'monthly' })
    await server.advance('4d')
    const { body } = await server.control('/payouts/run')
    expect(body.payouts).toMatchObject([{ amount: '292.92', status: 'initiated' }])
    const path = `/payouts/${body.payouts[0].payout_id}`
    const failure = await server.control(`${path}/fail`, { failure_code: 'declined' })
    expect(failure.body.payout).toMatchObject({
      status: 'failed',
      failure_message: 'The bank declined the payout.',
      payout_bank_reference_id: '',
    })
    const again = await server.control(`${path}/pay`)
    expect([again.status, again.body.message]).toEqual([
      400,
      'payout_id must be an initiated payout, but this one is failed.',
    ])
    const [second] = (await server.control('/payouts/run')).body.payouts
    const answer = await server.control(`/payouts/${second.payout_id}/pay`)
    expect(answer.body.payout).toMatchObject({ status: 'paid', amount: '292.92' })
    expect(answer.body.payout.payout_bank_reference_id).toMatch(/^PAYD26\d{4}00000\d$/)
    expect((await server.control('/payouts/17/pay')).status).toBe(404)
    await server.control('/payouts/settings', { schedule: 'daily' })
    await server.ledgerAgrees()
  })

  test('each payout has its events, which contain the payout as the list shows it', async () => {
    await pay(server, 50, UPI)
    await server.advance('4d')
    const row = await server.newest()
    const { body } = await server.call('GET', `/events?payout_id=${row.payout_id}`)
    expect(body.events.map((event: { event_type: string }) => event.event_type)).toEqual([
      'payout.paid',
      'payout.initiated',
    ])
    const [{ event_id: id }] = body.events
    const event = await server.tenant.store.webhookEvents.find(String(id) as never)
    expect(JSON.parse(event?.bodyJson ?? '{}')).toMatchObject({
      event_type: 'payout.paid',
      event_object: { payout: row },
    })
  })

  test('an account of the US edition gets one payout for each currency, by days in UTC, and bank debits are paid out after four business days', async () => {
    // A day of the US edition begins at midnight in UTC, so the days are known.
    await startWeek(server, 0)
    await pay(server, 100, CARD, { currency: 'USD' })
    await pay(server, 70, CARD, { currency: 'EUR' })
    await pay(server, 30, ACH, { currency: 'USD' })
    const list = async () =>
      (await server.call('GET', `/payouts?${AS_ANOTHER}`)).body.payouts.map(
        (one: Record<string, string>) => [one.amount, one.currency, one.payout_method].join(' '),
      )
    await server.advance('2d')
    expect(await list()).toEqual([])
    await server.advance('10h')
    expect((await list()).toSorted()).toEqual(['68.35 EUR standard', '97.64 USD standard'])
    await server.advance('2d')
    expect((await list())[0]).toBe('29.29 USD standard')
    const { payouts } = (await server.call('GET', `/payouts?${AS_ANOTHER}`)).body
    const { payout } = (await server.call('GET', `/payouts/${payouts[0].payout_id}?${AS_ANOTHER}`))
      .body
    expect(payout.account_details).toMatchObject({
      type: 'checking',
      country: 'US',
      routing_number: '110000000',
    })
    for (const query of ['status=Status.Cancelled', 'status=withdrawn', 'payout_method=instant']) {
      const { body } = await server.call('GET', `/payouts?${AS_ANOTHER}&${query}`)
      expect([query, body.payouts]).toEqual([query, []])
    }
    expect((await server.call('GET', `/payouts/${payouts[0].payout_id}`)).status).toBe(404)
  })

  test('a connected account has its own payouts and transactions', async () => {
    const { exchange } = golden.conversation('a connected account', server)
    const accountPath = '/connectedaccounts/23137557'
    const details = [{ connected_account_id: '23137557', amount: 400 }]
    await pay(server, 1000, CARD, { transfer_details: details })
    const { body } = await server.call('GET', `/transfers?connected_account_id=23137557`)
    const transferId = body.transfers[0].transfer_id
    // Rows of the same millisecond have no order.
    await server.advance('1s')
    await server.call('POST', '/transferreversals', {
      transfer_id: transferId,
      reversal_amount: 100,
    })
    await exchange('transactions of the day', 'GET', `${accountPath}/transactions`)
    await server.advance('7d')
    const list = await exchange('payouts', 'GET', `${accountPath}/payouts`)
    expect(list.body.payouts.map((one: { amount: string }) => one.amount)).toEqual(['300.00'])
    const path = `${accountPath}/payouts/${list.body.payouts[0].payout_id}`
    await exchange('retrieve', 'GET', path)
    await exchange('transactions of the payout', 'GET', `${path}/transactions`)
    await exchange(
      'settled transfers',
      'GET',
      `${accountPath}/transactions?transaction_type=charge&payment_method_type=card&card_brand=visa`,
    )
    const count = async (query: string) =>
      (await server.call('GET', `${accountPath}/transactions?${query}`)).body.transactions.length
    expect(await count(`transaction_id=${transferId}`)).toBe(1)
    expect(await count('card_brand=master_card')).toBe(0)
    expect(await count('filter_by=TransactionDate.Today')).toBe(0)
    expect(await count('card_type=credit&sort_column=transaction_time')).toBe(2)
    // The merchant's own routes do not show the payout of the connected account, and the merchant is paid the rest.
    const { payout_id: id } = list.body.payouts[0]
    expect((await server.call('GET', `/payouts/${id}`)).status).toBe(404)
    // The reversal was available before the payment.
    const own = await server.call('GET', '/payouts?per_page=2')
    expect(own.body.payouts.map((one: { amount: string }) => one.amount)).toEqual([
      '576.40',
      '100.00',
    ])
    await server.ledgerAgrees()
  })

  test('refusals name the field', async () => {
    const { exchange } = golden.conversation('refusals', server)
    await exchange('an unknown payout', 'GET', '/payouts/5000000101001')
    await exchange('no id', 'GET', '/payouts/x')
    await exchange('transactions of none', 'GET', '/payouts/5000000101001/transactions')
    await exchange('a status of the US edition', 'GET', '/payouts?status=Status.Withdrawn')
    await exchange('no status', 'GET', '/payouts?status=open')
    await exchange('a method in India', 'GET', '/payouts?payout_method=standard')
    await exchange('no method', 'GET', `/payouts?payout_method=fast&${AS_ANOTHER}`)
    await exchange('a period without days', 'GET', '/payouts?filter_by=PayoutDate.CustomDate')
    await exchange('no connected account', 'GET', '/connectedaccounts/99999999/payouts')
    await exchange('no page', 'GET', '/payouts?page=0')
    for (const path of ['payouts', 'payouts/17', 'payouts/17/transactions', 'transactions']) {
      await exchange(
        `${path} in the US`,
        'GET',
        `/connectedaccounts/23137557/${path}?${AS_ANOTHER}`,
      )
    }
    const one = await exchange(
      'no payout of the connected account',
      'GET',
      '/connectedaccounts/23137558/payouts/5000000101001',
    )
    expect(one.body.field).toBe('payout_id')
  })

  test('payouts and the balance need their scope', async () => {
    const withScopes = await tokenFor({ ...server, advance: () => {} }, ['payments.READ'])
    for (const path of ['/payouts', '/payouts/17', '/payouts/17/transactions', '/balance']) {
      expect([path, (await server.call('GET', path, undefined, withScopes)).status]).toEqual([
        path,
        401,
      ])
    }
  })
  test('one advance of three days after a card payment shows a paid payout', async () => {
    await startWeek(server, 12)
    await pay(server, 150)
    await server.advance('3d')
    expect(await server.newest()).toMatchObject({ amount: '146.46', status: 'paid' })
    await server.ledgerAgrees()
  })

  test('a UPI payment of Friday is paid out on Monday, a card payment of Friday on Tuesday, and a bank debit of Wednesday on Tuesday', async () => {
    await startWeek(server, 12)
    const statusOf = async (amount: string, query = '') => {
      const { payouts } = (await server.call('GET', `/payouts?per_page=3${query}`)).body
      return payouts.find((one: { amount: string }) => one.amount === amount)?.status
    }
    const all = async () => [
      await statusOf('21.48'),
      await statusOf('22.46'),
      await statusOf('32.22', `&${AS_ANOTHER}`),
    ]
    await server.advance('2d')
    await pay(server, 33, ACH, { currency: 'USD' })
    await server.advance('2d')
    await pay(server, 22, UPI)
    await pay(server, 23, CARD)
    await server.advance('2d')
    expect(await all(), 'on Sunday').toEqual([undefined, undefined, undefined])
    await server.advance('23h')
    expect(await all(), 'on Monday').toEqual(['paid', undefined, undefined])
    await server.advance('1d')
    expect(await all(), 'on Tuesday').toEqual(['paid', 'paid', 'initiated'])
    await server.ledgerAgrees()
  })
})
