import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ACCOUNT_ID } from '../../../test/support/server.ts'
import { TEST_ACTOR } from '../../../test/support/stored-rows.ts'
import { makePayment } from '../../../test/support/taken-payments.ts'
import type { AccountId } from '../../domain/id.ts'
import { closeAccount, reopenAccount } from '../../operations/close-account.ts'
import { reconcileNext } from '../../operations/reconcile-attempts.ts'
import { updateAccount } from '../../operations/update-account.ts'

const ID = ACCOUNT_ID as AccountId
let server: CheckoutServer
beforeAll(async () => {
  server = await startCheckoutServer('memory')
})
afterAll(() => server.close())
const auditDeps = () => ({ ...server.tenant, actor: TEST_ACTOR })

test('a closed account gets no new sessions, but its sessions can be paid, its payments refunded and its requests repeated', async () => {
  const create = (key: string) =>
    server.call(
      'POST',
      '/paymentsessions',
      { amount: 10, currency: 'INR' },
      {
        'idempotency-key': key,
      },
    )
  const first = await create('before it was closed')
  const { access_key: accessKey, payments_session_id: id } = first.body.payments_session
  const paymentId = await makePayment(server, 100)
  await closeAccount(auditDeps(), ID)

  expect(await create('after it was closed')).toMatchObject({
    status: 403,
    body: { code: 'account_closed', message: expect.stringContaining('This account is closed') },
  })
  expect((await create('before it was closed')).text).toBe(first.text)
  const payAnswer = await fetch(`${server.baseUrl}/hostedcheckout/${accessKey}/pay`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      method: 'upi',
      upi_channel: 'id',
      upi_id: 'success@paydesk',
      number: '1',
    }),
  })
  expect(payAnswer.status).toBe(200)
  server.advance(5_000)
  while ((await reconcileNext(server.tenant)) !== undefined);
  const session = await server.call('GET', `/paymentsessions/${id}`)
  expect(session.body.payments_session.status).toBe('succeeded')
  const refund = { amount: 10, type: 'initiated_by_merchant', reason: 'requested_by_customer' }
  expect((await server.call('POST', `/payments/${paymentId}/refunds`, refund)).status).toBe(201)

  await reopenAccount(auditDeps(), ID)
  expect((await create('after it was opened')).status).toBe(201)
})

test('the rates at the time of a payment set its fee, and a refund does not change the fee', async () => {
  const feesOf = async (id: string) => {
    const { fee_amount, net_amount } = (await server.call('GET', `/payments/${id}`)).body.payment
    return [fee_amount, net_amount]
  }
  const setRate = (feeRateBps: number, fromMs: number | undefined) =>
    updateAccount(auditDeps(), ID, { feeRates: { feeRateBps, taxRateBps: 0, fromMs } })
  const before = await makePayment(server, 100)
  await setRate(100, undefined)
  await setRate(500, server.tenant.clock.nowMs() + 60_000)
  const between = await makePayment(server, 100)
  server.advance(60_000)
  const after = await makePayment(server, 100)
  const fees = [await feesOf(before), await feesOf(between), await feesOf(after)]
  expect(fees).toEqual([
    ['2.00', '97.64'],
    ['1.00', '99.00'],
    ['5.00', '95.00'],
  ])
  const refund = { amount: 40, type: 'initiated_by_merchant', reason: 'requested_by_customer' }
  await server.call('POST', `/payments/${before}/refunds`, refund)
  expect((await feesOf(before))[0]).toBe('2.00')
  expect((await server.tenant.store.ledger.check()).discrepancies).toEqual([])
})
