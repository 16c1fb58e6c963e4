import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PaydeskClient } from '../../src/client/index.ts'
import { type Sandbox, startSandbox } from '../../src/testing/index.ts'

let sandbox: Sandbox
let client: PaydeskClient
beforeAll(async () => {
  sandbox = await startSandbox()
  client = sandbox.client
})
afterAll(() => sandbox.close())

/** Creates and pays a session of 1499.90. Returns the ids of session and payment. */
async function createPaidSession(
  tenant: Sandbox = sandbox,
): Promise<{ session: string; payment: string }> {
  const session = await tenant.trigger.session({
    session: { amount: '1499.90' },
    attempts: [{ method: 'upi', outcome: 'succeeded' }],
  })
  return { session: session.payments_session_id, payment: session.payments[0]?.payment_id ?? '' }
}

async function all<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const results: Row[] = []
  for await (const row of rows) results.push(row)
  return results
}

describe('each call has its documented effect on the server:', () => {
  test('paymentSessions', async () => {
    const session = await client.paymentSessions.create({
      amount: 100.5,
      currency: 'INR',
      reference_number: 'order-1',
      meta_data: [{ key: 'cart', value: 17 }],
    })
    expect(session).toMatchObject({ amount: '100.50', meta_data: [{ key: 'cart', value: '17' }] })
    const page = await fetch(client.checkoutUrl(session))
    expect(page.status).toBe(200)
    const id = session.payments_session_id
    expect(await client.paymentSessions.retrieve(id)).toMatchObject({ status: 'created' })
    const sessionPage = await client.paymentSessions.list({
      reference_number: 'order-1',
      per_page: 1,
    })
    expect(sessionPage.payments_sessions.map((one) => one.payments_session_id)).toEqual([id])
    expect(sessionPage.page_context).toMatchObject({ page: 1, per_page: 1, total: 1 })
    expect(await client.paymentSessions.cancel(id)).toMatchObject({ status: 'canceled' })
    const canceledSessions = await all(client.paymentSessions.listAll({ status: 'canceled' }))
    expect(canceledSessions.map((one) => one.payments_session_id)).toContain(id)
  })

  test('paymentMethodSessions and paymentMethods', async () => {
    const us = sandbox.usClient
    const { customer_id } = await us.customers.create({ name: 'Ben Ode', email: 'ben@shop.test' })
    const newSession = await us.paymentMethodSessions.create({ customer_id })
    const session = await us.paymentMethodSessions.retrieve(newSession.payment_method_session_id)
    expect(session).toMatchObject({ customer_id, status: 'created' })
    const savedMethod = await sandbox.trigger.savedMethod(customer_id)
    const id = savedMethod.payment_method_id
    const card = { expiry_month: 9, expiry_year: 39 }
    expect(await us.paymentMethods.update(id, { type: 'card', card })).toMatchObject({
      card: { expiry_month: '09', expiry_year: '39' },
    })
    const charge = { customer_id, payment_method_id: id, amount: '49.00', currency: 'USD' }
    expect(await us.payments.create(charge)).toMatchObject({
      status: 'succeeded',
      payment_method: { payment_method_id: id },
    })
    await us.paymentMethods.delete(id)
    expect((await us.paymentMethods.retrieve(id)).status).toBe('deleted')
  })

  test('virtualAccounts', async () => {
    const account = await client.virtualAccounts.create({
      description: 'Dealer deposits',
      minimum_amount: 100,
      reference_number: 'dealer-9',
    })
    const id = account.virtual_account_id
    expect(account).toMatchObject({ minimum_amount: 100, amount_paid: 0, status: 'active' })
    const { account_number } = account
    const payment = await sandbox.trigger.transfer({ account_number, amount: 250.5 })
    expect(payment).toMatchObject({ virtual_account_id: id, status: 'succeeded' })
    expect(await client.virtualAccounts.retrieve(id)).toMatchObject({ amount_paid: 250.5 })
    expect(await client.virtualAccounts.update(id, { maximum_amount: '500' })).toMatchObject({
      maximum_amount: 500,
    })
    const paymentPage = await client.virtualAccounts.payments(id, { sort_column: 'amount' })
    expect(paymentPage.payments.map((one) => one.amount)).toEqual(['250.50'])
    expect(await all(client.virtualAccounts.allPayments(id, { status: 'failed' }))).toEqual([])
    expect(await client.virtualAccounts.close(id)).toMatchObject({ status: 'closed' })
    const accountPage = await client.virtualAccounts.list({ account_number })
    expect(accountPage.virtual_accounts).toEqual([await client.virtualAccounts.retrieve(id)])
    const closedAccounts = await all(client.virtualAccounts.listAll({ status: 'closed' }))
    expect(closedAccounts.map((one) => one.virtual_account_id)).toEqual([id])
  })

  test('payments', async () => {
    const { payment, session } = await createPaidSession()
    expect(await client.payments.retrieve(payment)).toMatchObject({
      payments_session_id: session,
      status: 'succeeded',
      amount_captured: '1499.90',
    })
    const page = await client.payments.list({ search_text: payment })
    expect(page.payments.map(({ payment_id }) => payment_id)).toEqual([payment])
    const rows = await all(client.payments.listAll({ status: 'Status.Succeeded' }))
    expect(rows.map(({ payment_id }) => payment_id)).toContain(payment)
  })

  test('refunds', async () => {
    const { payment } = await createPaidSession()
    const refund = await client.refunds.create(payment, {
      amount: '100.00',
      reason: 'requested_by_customer',
      type: 'initiated_by_merchant',
    })
    expect(refund).toMatchObject({ payment_id: payment, amount: '100.00' })
    await sandbox.clock.advance('5s')
    const endedRefund = await client.refunds.retrieve(refund.refund_id)
    expect(endedRefund.status).toBe('succeeded')
    expect((await client.refunds.list(payment)).refunds).toEqual([endedRefund])
    expect(await all(client.refunds.listAll(payment))).toEqual([endedRefund])
  })

  test('customers', async () => {
    const customer = await client.customers.create({
      name: 'Asha Rao',
      email: 'asha@client.example',
      phone: '+91 90000 00001',
    })
    const id = customer.customer_id
    expect(await client.customers.retrieve(id)).toEqual(customer)
    const page = await client.customers.list({ search_text: 'asha@client.example' })
    expect(page.customers).toMatchObject([{ customer_id: id, customer_phone: '9000000001' }])
    expect(await all(client.customers.listAll())).toEqual(page.customers)
    expect(await client.customers.update(id, { name: 'Asha' })).toMatchObject({ name: 'Asha' })
    const session = await sandbox.trigger.session({
      session: { amount: '10.00', customer_id: id },
      attempts: [{ method: 'upi', outcome: 'succeeded' }],
    })
    const [payment] = await all(client.payments.listAll({ customer_id: id }))
    expect(payment?.payment_id).toBe(session.payments[0]?.payment_id)
    expect(await client.payments.retrieve(payment?.payment_id ?? '')).toMatchObject({
      customer_id: id,
    })
    expect(await client.customers.delete(id)).toBeUndefined()
    await expect(client.customers.retrieve(id)).rejects.toThrow('There is no customer')
  })

  test('transfers, transferReversals and connectedAccounts', async () => {
    const { payment } = await createPaidSession()
    const account = await client.connectedAccounts.create({ account_name: 'Lamp maker' })
    const accountId = account.connected_account_id
    expect(await client.connectedAccounts.retrieve(accountId)).toEqual(account)
    const accounts = await client.connectedAccounts.list({ per_page: 200 })
    expect(accounts.connected_accounts).toContainEqual(account)
    expect(await all(client.connectedAccounts.listAll())).toContainEqual(account)

    const { splits } = await client.transfers.create({
      payment_id: payment,
      transfer_split: [{ connected_account_id: accountId, amount: 200 }],
    })
    const [split] = splits
    if (split?.status !== 'success') throw new Error('no transfer was made')
    const transfer = await client.transfers.retrieve(split.transfer_id)
    expect(transfer).toMatchObject({ total_amount: '200.00', payment_id: payment })
    const { transfers } = await client.transfers.list({ payment_id: payment })
    expect(transfers.map(({ transfer_id }) => transfer_id)).toEqual([split.transfer_id])
    expect(await all(client.transfers.listAll({ payment_id: payment }))).toEqual(transfers)

    const reversal = await client.transferReversals.create({
      transfer_id: split.transfer_id,
      reversal_amount: '50.00',
    })
    const id = reversal.transfer_reversal_id
    expect(await client.transferReversals.retrieve(id)).toMatchObject({
      transfer_reversal_id: id,
      transfer_id: split.transfer_id,
      total_amount: reversal.transfer_reversal_amount,
    })
    const filter = { transfer_id: split.transfer_id }
    const { transfer_reversals: reversals } = await client.transferReversals.list(filter)
    expect(reversals.map((one) => one.transfer_reversal_id)).toEqual([id])
    expect(await all(client.transferReversals.listAll(filter))).toEqual(reversals)
  })

  test('webhooks, their deliveries and events', async () => {
    const tenant = await sandbox.tenant()
    const receiver = await tenant.receiver()
    const { events, webhooks } = tenant.client
    const id = receiver.webhook.webhook_url_id
    expect(await webhooks.retrieve(id)).toEqual(receiver.webhook)
    expect(await webhooks.list()).toEqual([receiver.webhook])

    const { session } = await createPaidSession(tenant)
    const { event_id: eventId } = await receiver.next('payment.succeeded')
    await tenant.settle()
    const page = await webhooks.deliveries.list(id, { status: 'delivered' })
    expect(page.deliveries.map(({ event_id }) => event_id)).toEqual([eventId])
    expect(await all(webhooks.deliveries.listAll(id))).toEqual(page.deliveries)
    const delivery = await webhooks.deliveries.retrieve(id, eventId)
    expect(delivery.attempts.map(({ http_status }) => http_status)).toEqual([204])

    const result = await events.list({ payments_session_id: session })
    expect(result.events.map(({ event_id }) => event_id)).toEqual([eventId])
    expect(await all(events.listAll({ event_type: 'payment.succeeded' }))).toEqual(result.events)
    expect((await events.retrieve(eventId)).payload).toEqual(receiver.events[0])

    expect((await webhooks.deliveries.resend(id, eventId)).event_id).toBe(eventId)
    expect((await receiver.next()).event_id).toBe(eventId)
    await tenant.settle()
    expect((await events.resend(eventId)).event_id).toBe(eventId)
    expect((await receiver.next()).event_id).toBe(eventId)
    await tenant.settle()
    const nowSeconds = Math.floor((await tenant.clock.nowMs()) / 1000)
    const replay = { from: nowSeconds - 3600, to: nowSeconds + 3600 }
    expect(await webhooks.replay(id, replay)).toEqual({ event_count: 1 })
    expect((await receiver.next()).event_id).toBe(eventId)

    const updatedWebhook = await webhooks.update(id, { name: 'Renamed' })
    expect(updatedWebhook.name).toBe('Renamed')
    const { signing_key: signingKey } = await webhooks.rotateKey(id)
    expect(signingKey).not.toBe(receiver.signingKey)
    await webhooks.delete(id)
    expect(await webhooks.list()).toEqual([])
    await tenant.close()
  })
})

test('iteration over several pages returns each row once, even if new rows are added in the meantime', async () => {
  const tenant = await sandbox.tenant()
  const { paymentSessions } = tenant.client
  for (let count = 0; count < 5; count += 1) {
    await paymentSessions.create({ amount: 1 + count, currency: 'INR' })
    // Sessions that are created in the same millisecond have no order.
    await tenant.clock.advance('1s')
  }
  const amounts: string[] = []
  const small = tenant.client.paymentSessions.listAll.bind(undefined)
  expect((await all(small())).length).toBe(5)
  // Pages of two rows. The type has no such parameter, but a caller may send it.
  const rows = small({ per_page: 2 } as object)
  for await (const { amount } of rows) {
    amounts.push(amount)
    // The newest row comes first, so a new row moves all others by one.
    if (amounts.length === 2) await paymentSessions.create({ amount: 99, currency: 'INR' })
  }
  expect(amounts).toEqual(['5.00', '4.00', '3.00', '2.00', '1.00'])
  await tenant.close()
})

test('a client for a US account creates sessions in dollars', async () => {
  const session = await sandbox.usClient.paymentSessions.create({ amount: 10, currency: 'USD' })
  await sandbox.pay(session, { method: 'ach_debit', outcome: 'pending' })
  const { status } = await sandbox.usClient.paymentSessions.retrieve(session.payments_session_id)
  expect(status).toBe('in_progress')
})
