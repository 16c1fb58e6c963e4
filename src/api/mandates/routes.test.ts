import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import {
  advanceSandbox,
  approve,
  createExecution,
  enroll,
  enrollmentOf,
  executionOf,
  notify,
  retrieveMandate,
} from '../../../test/support/mandates.ts'

describe.each(ENGINES)('mandates, on %s', (engine) => {
  const golden = openGolden('mandates')
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
  })
  afterAll(async () => {
    await server.close()
    golden.done()
  })

  const advance = (by: string) => advanceSandbox(server, by)
  const execute = (body: object, headers?: Record<string, string>) =>
    server.call('POST', '/mandates/execute', body, headers)

  test('a customer approves a mandate, is notified, and is debited', async () => {
    const { exchange } = golden.conversation('from the enrollment to a debit', server)
    const customer = await exchange('the customer', 'POST', '/customers', {
      name: 'Asha Rao',
      email: 'asha@shop.test',
      phone: '9000000001',
      phone_country_code: 'IN',
    })
    const { customer_id: customerId } = customer.body.customer
    const enrollment = await exchange(
      'enroll',
      'POST',
      '/paymentsessions',
      enrollmentOf(customerId, { debit_day: 12 }),
    )
    const { access_key: key, payments_session_id: id } = enrollment.body.payments_session
    await approve(server, key, 'success@paydesk')
    await exchange('the session before the approval', 'GET', `/paymentsessions/${id}`)
    await advance('3s')
    const enrolled = await exchange('the session after it', 'GET', `/paymentsessions/${id}`)
    const { mandate_id: mandateId, payments } = enrolled.body.payments_session
    await exchange('its payment', 'GET', `/payments/${payments[0].payment_id}`)
    await exchange('the mandate', 'GET', `/mandates/${mandateId}`)
    const notice = await exchange('notify', 'POST', '/mandates/notify', {
      mandate_id: mandateId,
      amount: 499,
      execution_date: '2027-03-12',
      description: 'December',
      invoice_number: 'INV-9001',
    })
    const { mandate_notification_id } = notice.body.mandate_notification
    await advance('2s')
    await exchange('the notification', 'GET', `/mandates/notifications/${mandate_notification_id}`)
    await advance('48h')
    const session = await exchange('a session for the debit', 'POST', '/paymentsessions', {
      type: 'mandate_execution',
      amount: 499,
      currency: 'INR',
      customer_id: customerId,
      description: 'December',
      invoice_number: 'INV-9001',
    })
    const { payments_session_id: sessionId } = session.body.payments_session
    const executed = await exchange('execute', 'POST', '/mandates/execute', {
      ...executionOf({ customerId, mandateId }, sessionId),
      mandate_notification_id,
      reference_number: 'sub-77',
    })
    expect(executed.body.payment.status).toBe('succeeded')
    await exchange('the debited session', 'GET', `/paymentsessions/${sessionId}`)
    await exchange('the debit', 'GET', `/payments/${executed.body.payment.payment_id}`)
    await exchange('the list', 'GET', `/mandates?customer_id=${customerId}&status=Status.Active`)
    expect((await server.tenant.store.ledger.check()).discrepancies).toEqual([])
  })
})
