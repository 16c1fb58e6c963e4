import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer, US_ACCOUNT_ID } from '../../../test/support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer('memory')
})
afterAll(() => server.close())

/** Makes a session with attempts by the control API. Returns its retrieved payments, newest first. */
async function paymentsOf(body: Record<string, unknown>, accountId?: string) {
  const answer = await fetch(`${server.baseUrl}/_sandbox/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, ...(accountId !== undefined && { account_id: accountId }) }),
  })
  expect(answer.status).toBe(201)
  const { payments_session: session } = await answer.json()
  const query = accountId === undefined ? '' : `?account_id=${accountId}`
  return Promise.all(
    session.payments.map(async ({ payment_id: id }: { payment_id: string }) => {
      const { body } = await server.call('GET', `/payments/${id}${query}`)
      return body.payment
    }),
  )
}

test('a UPI attempt of the control API shows the instrument of its outcome', async () => {
  const [payment, failedPayment] = await paymentsOf({
    attempts: [
      { method: 'upi', outcome: 'failed' },
      { method: 'upi', outcome: 'succeeded' },
    ],
  })
  expect([payment.status, payment.payment_method.upi.upi_id]).toEqual([
    'succeeded',
    'success@paydesk',
  ])
  expect([failedPayment.status, failedPayment.payment_method.upi.upi_id]).toEqual([
    'failed',
    'failure@paydesk',
  ])
})

test('a payment in dollars shows its exchange rate, and its refund shows the amount in the default currency', async () => {
  const [payment] = await paymentsOf(
    {
      session: { amount: 20.5, currency: 'USD' },
      attempts: [{ method: 'card', outcome: 'succeeded' }],
    },
    US_ACCOUNT_ID,
  )
  expect(payment).toMatchObject({ status: 'succeeded', amount: '20.50', exchange_rate: 1 })
  const { body, status } = await server.call(
    'POST',
    `/payments/${payment.payment_id}/refunds?account_id=${US_ACCOUNT_ID}`,
    { amount: 5.5 },
  )
  expect([status, body.refund.amount, body.refund.default_currency_amount]).toEqual([
    201,
    '5.50',
    '5.50',
  ])
  // The number follows from the public id, so it does not reveal the stored id.
  const { reference_number: number, refund_id: id } = body.refund
  expect([number.length, number.slice(3)]).toEqual([19, id.padStart(16, '0')])

  const [rupees] = await paymentsOf({ attempts: [{ method: 'upi', outcome: 'succeeded' }] })
  expect(rupees).not.toHaveProperty('exchange_rate')
})
