import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import { controlServer } from '../../../test/support/sandbox.ts'
import {
  atOnce,
  countStatuses,
  descriptions,
  makePayment,
  waitForRefund,
} from '../../../test/support/taken-payments.ts'

describe.each(ENGINES)('disputes, on %s', (engine) => {
  const golden = openGolden('disputes')
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })

  async function control(path: string, body: unknown = {}) {
    const response = await fetch(`${server.baseUrl}/_sandbox${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, text, body: JSON.parse(text), headers: response.headers }
  }
  const dispute = (paymentId: string, body?: unknown) =>
    control(`/payments/${paymentId}/dispute`, body)
  async function disputeOf(paymentId: string, body?: unknown) {
    const answer = await dispute(paymentId, body)
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
    return answer.body.payment.dispute.dispute_id as string
  }
  const refund = (paymentId: string, amount: number) =>
    server.call('POST', `/payments/${paymentId}/refunds`, { amount })
  const payment = async (id: string) => (await server.call('GET', `/payments/${id}`)).body.payment
  const ledger = async () => (await server.tenant.store.ledger.check()).discrepancies
  /** Returns the merchant's whole balance in a currency, in minor units. */
  async function balance(currency = 'INR'): Promise<bigint> {
    const { balances } = await server.tenant.store.ledger.check()
    const merchants = balances.filter(
      (one) => one.ledgerAccount === 'merchant' && one.currency === currency,
    )
    return merchants.reduce((sum, one) => sum + one.creditMinor - one.debitMinor, 0n)
  }

  test('a disputed payment shows its dispute, and the decision of the bank ends it', async () => {
    const { exchange } = golden.conversation('won', server)
    const id = await makePayment(server, 250.5)
    const disputeId = await disputeOf(id, { amount: 100.5, reason: 'product_not_received' })
    const disputedPayment = await exchange('disputed', 'GET', `/payments/${id}`)
    expect((await descriptions(server))('get', '/payments/{payment_id}', disputedPayment)).toBe(
      true,
    )
    await exchange('a refund', 'POST', `/payments/${id}/refunds`, { amount: 1 })
    const list = await exchange('the list', 'GET', '/payments?status=Status.Disputed')
    expect((await descriptions(server))('get', '/payments', list)).toBe(true)
    expect((await control(`/disputes/${disputeId}/win`)).status).toBe(200)
    await exchange('won', 'GET', `/payments/${id}`)
    const { exchange: later } = golden.conversation('lost', server)
    const lostId = await disputeOf(id, { amount: 200 })
    expect((await control(`/disputes/${lostId}/lose`)).status).toBe(200)
    await later('lost', 'GET', `/payments/${id}`)
    await later('more than the remaining amount', 'POST', `/payments/${id}/refunds`, {
      amount: 50.51,
    })
    const rest = await later('the rest', 'POST', `/payments/${id}/refunds`, { amount: 50.5 })
    expect(await waitForRefund(server, rest.body.refund.refund_id)).toBe('succeeded')
    await later('nothing is left', 'POST', `/payments/${id}/refunds`, { amount: 1 })
    expect(await payment(id)).toMatchObject({ status: 'disputed', amount_refunded: '50.50' })
    expect(await ledger()).toEqual([])
  })

  test('an open dispute takes the money, a won dispute returns it, a lost dispute keeps it', async () => {
    const id = await makePayment(server, 400)
    const before = await balance()
    const first = await disputeOf(id)
    expect(before - (await balance())).toBe(40_000n)
    await control(`/disputes/${first}/win`)
    expect(await balance()).toBe(before)
    const second = await disputeOf(id, { amount: 100 })
    await control(`/disputes/${second}/lose`)
    expect(before - (await balance())).toBe(10_000n)
    expect(await ledger()).toEqual([])
  })

  test('a dispute of a US account costs 15.00 until it is won, and its balance transactions have the fee and its return', async () => {
    const id = await makePayment(server, 80, 'succeeded', { currency: 'USD' })
    const before = await balance('USD')
    const disputeId = await disputeOf(id)
    expect(before - (await balance('USD'))).toBe(9_500n)
    const find = (kind: 'dispute' | 'dispute_return') =>
      server.tenant.store.balanceTransactions.find(kind, disputeId as never)
    expect(await find('dispute')).toMatchObject({
      amount: { amountMinor: -8_000n, currency: 'USD' },
      feeMinor: 1_500n,
      taxMinor: 0n,
      parentId: id,
      paymentAttemptId: id,
    })
    await control(`/disputes/${disputeId}/win`)
    expect(await balance('USD')).toBe(before)
    expect(await find('dispute_return')).toMatchObject({
      amount: { amountMinor: 8_000n, currency: 'USD' },
      feeMinor: -1_500n,
    })
    expect(await ledger()).toEqual([])
  })

  test('after a won dispute the status of a payment follows from its refunded amount again', async () => {
    const id = await makePayment(server, 100)
    const { body } = await refund(id, 40)
    await waitForRefund(server, body.refund.refund_id)
    const disputeId = await disputeOf(id)
    expect(await payment(id)).toMatchObject({
      status: 'disputed',
      amount_refunded: '40.00',
      dispute: { amount: '60.00', reason: 'unrecognized', status: 'open' },
    })
    expect((await server.call('GET', '/payments?status=refunded')).text).not.toContain(id)
    const wonPayment = (await control(`/disputes/${disputeId}/win`)).body.payment
    expect([wonPayment.status, wonPayment.dispute.status]).toEqual(['partially_refunded', 'won'])
    expect((await server.call('GET', '/payments?status=disputed')).text).not.toContain(id)
  })

  test('a dispute ends a refund that is under way, and nothing is refunded', async () => {
    const id = await makePayment(server, 100)
    const { body } = await refund(id, 70)
    const refundId = body.refund.refund_id
    await disputeOf(id)
    const failedRefund = (await server.call('GET', `/refunds/${refundId}`)).body.refund
    expect([failedRefund.status, failedRefund.failure_reason]).toEqual([
      'failed',
      'charge_for_pending_refund_disputed',
    ])
    server.advance(60_000)
    const events = await server.call('GET', '/events?event_type=refund.failed')
    expect(events.body.events).toHaveLength(1)
    expect(await payment(id)).toMatchObject({ status: 'disputed', amount_refunded: '0.00' })
    expect(await ledger()).toEqual([])
  })

  test('only one of ten concurrent disputes is opened', async () => {
    const id = await makePayment(server, 100)
    const answers = await atOnce(10, () => dispute(id, { amount: 10 }))
    expect(countStatuses(answers)).toEqual({ 201: 1, 400: 9 })
    expect(await payment(id)).toMatchObject({ dispute: { amount: '10.00' } })
    expect(await ledger()).toEqual([])
  })

  test('no amount goes to both a dispute and a concurrent refund', async () => {
    const id = await makePayment(server, 100)
    const [opening, ...refunds] = await Promise.all([
      dispute(id),
      ...Array.from({ length: 5 }, () => refund(id, 20)),
    ])
    server.advance(60_000)
    for (const { body, status } of refunds) {
      if (status === 201) await waitForRefund(server, body.refund.refund_id)
      else expect(body.code).toBe('refund_cannot_be_initiated')
    }
    expect(opening.status).toBe(201)
    const { amount_refunded: amountRefunded, dispute: disputeFields } = await payment(id)
    expect(Number(amountRefunded) + Number(disputeFields.amount)).toBe(100)
    expect(await ledger()).toEqual([])
  })

  test('of several concurrent decisions of a dispute one is made, and the others are refused', async () => {
    const id = await makePayment(server, 100)
    const disputeId = await disputeOf(id)
    const answers = await atOnce(6, (index) =>
      control(`/disputes/${disputeId}/${index % 2 === 0 ? 'win' : 'lose'}`),
    )
    expect(countStatuses(answers)).toEqual({ 200: 1, 400: 5 })
    expect(await ledger()).toEqual([])
  })

  test('a dispute that is not possible is refused, and the error names the field', async () => {
    const paidPaymentId = await makePayment(server, 100)
    const refundedPaymentId = await makePayment(server, 100)
    const { body } = await refund(refundedPaymentId, 100)
    await waitForRefund(server, body.refund.refund_id)
    const failedPaymentId = await makePayment(server, 100, 'failed')
    const open = await makePayment(server, 100, 'open')
    const { exchange } = golden.conversation('wrong requests', controlServer(server))
    const rows: readonly (readonly [name: string, paymentId: string, body: object])[] = [
      ['a refunded payment', refundedPaymentId, {}],
      ['a failed payment', failedPaymentId, {}],
      ['an open payment', open, {}],
      ['an unknown payment', '17', {}],
      ['no id', 'abc', {}],
      ['more than is captured', paidPaymentId, { amount: 100.01 }],
      ['an amount of 0', paidPaymentId, { amount: 0 }],
      ['an amount with more digits than the currency', paidPaymentId, { amount: 1.001 }],
      ['an unknown reason', paidPaymentId, { reason: 'rude' }],
      ['an unknown field', paidPaymentId, { amonut: 1 }],
    ]
    for (const [name, paymentId, body] of rows) {
      const { status } = await exchange(name, 'POST', `/payments/${paymentId}/dispute`, body)
      expect([name, status]).toEqual([name, status === 404 ? 404 : 400])
    }
    await exchange('win an unknown dispute', 'POST', '/disputes/17/win')
    const disputeId = await disputeOf(await makePayment(server, 100))
    await control(`/disputes/${disputeId}/win`)
    await exchange('lose a won dispute', 'POST', `/disputes/${disputeId}/lose`)
    expect((await payment(paidPaymentId)).dispute).toBeUndefined()
    const late = await makePayment(server, 100, 'late')
    expect((await dispute(late)).body.message).toContain('this one is refunded')
  })

  test('the transfers of a virtual account show a disputed transfer as disputed', async () => {
    const { body } = await server.call('POST', '/virtualaccounts', { description: 'Deposits' })
    const { account_number, virtual_account_id: accountId } = body.virtual_account
    const transfer = await control('/bank_transfers', { account_number, amount: 100 })
    const { payment_id: id } = transfer.body.payment
    const disputeId = await disputeOf(id)
    const listPayments = async (status: string) => {
      const path = `/virtualaccounts/${accountId}/payments?status=${status}`
      return (await server.call('GET', path)).body.payments.length
    }
    expect([await listPayments('Status.Disputed'), await listPayments('succeeded')]).toEqual([1, 0])
    expect(await ledger()).toEqual([])
    await control(`/disputes/${disputeId}/win`)
    expect([await listPayments('disputed'), await listPayments('succeeded')]).toEqual([0, 1])
    expect(await ledger()).toEqual([])
  })
})
