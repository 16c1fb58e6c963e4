import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import {
  advanceSandbox,
  approve,
  createCustomer,
  createExecution,
  enroll,
  enrollmentOf,
  executionOf,
  notify,
  retrieveMandate,
} from '../../../test/support/mandates.ts'
import { control } from '../../../test/support/sandbox.ts'
import { waitForRefund } from '../../../test/support/taken-payments.ts'
import { sendNoticeNext } from '../../operations/notify-of-debit.ts'

describe.each(ENGINES)('mandates, on %s', (engine) => {
  const golden = openGolden('mandates')
  let server: CheckoutServer
  // Each test begins on the same day.
  beforeEach(async () => {
    server = await startCheckoutServer(engine)
  })
  afterEach(() => server.close())
  afterAll(() => golden.finish())

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
    const enrolledSession = await exchange('the session after it', 'GET', `/paymentsessions/${id}`)
    const { mandate_id: mandateId, payments } = enrolledSession.body.payments_session
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
    const execution = await exchange('execute', 'POST', '/mandates/execute', {
      ...executionOf({ customerId, mandateId }, sessionId),
      mandate_notification_id,
      reference_number: 'sub-77',
    })
    expect(execution.body.payment.status).toBe('succeeded')
    await exchange('the debited session', 'GET', `/paymentsessions/${sessionId}`)
    await exchange('the debit', 'GET', `/payments/${execution.body.payment.payment_id}`)
    await exchange('the list', 'GET', `/mandates?customer_id=${customerId}&status=Status.Active`)
    expect((await server.tenant.store.ledger.check()).discrepancies).toEqual([])
  })

  test('concurrent executions of one session make one debit', async () => {
    const mandate = await enroll(server, { details: { frequency: 'as_presented' } })
    const notificationId = await createNotice(mandate.mandateId)
    await advance('48h')
    const sessionId = await createExecution(server, mandate.customerId)
    const body = executionOf(mandate, sessionId, { mandate_notification_id: notificationId })
    const answers = await Promise.all([execute(body), execute(body), execute(body)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400])
    const session = await server.call('GET', `/paymentsessions/${sessionId}`)
    expect(session.body.payments_session).toMatchObject({
      status: 'succeeded',
      payments: [{ status: 'succeeded' }],
    })
  })

  test('concurrent executions with the same notification, or in the same month, make one debit', async () => {
    const mandate = await enroll(server)
    const ids = [await createNotice(mandate.mandateId), await createNotice(mandate.mandateId)]
    await advance('48h')
    const bodies = await Promise.all(
      [ids[0], ids[0], ids[1]].map(async (mandate_notification_id) =>
        executionOf(mandate, await createExecution(server, mandate.customerId), {
          mandate_notification_id,
        }),
      ),
    )
    const answers = await Promise.all(bodies.map((body) => execute(body)))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400])
    for (const { body, status } of answers) {
      if (status === 400) expect(body.code).toBe('invalid_mandate')
    }
    const again = await notify(server, mandate.mandateId, { execution_date: '2027-03-20' })
    expect([again.status, again.body.field]).toEqual([400, 'execution_date'])
  })

  test('a repeated execution with the same Idempotency-Key debits once, and gets the first outcome, even after a refund', async () => {
    const mandate = await enroll(server, { details: { frequency: 'daily' } })
    await advance('24h')
    const body = executionOf(mandate, await createExecution(server, mandate.customerId))
    const first = await execute(body, { 'idempotency-key': 'debit-1' })
    const { payment_id: id, status } = first.body.payment
    expect(status).toBe('succeeded')
    const refund = await server.call('POST', `/payments/${id}/refunds`, { amount: 1 })
    await waitForRefund(server, refund.body.refund.refund_id)
    const again = await execute(body, { 'idempotency-key': 'debit-1' })
    expect([again.status, again.text]).toEqual([201, first.text])
    expect(again.headers.get('idempotent-replayed')).toBe('true')
  })

  test('a repeated execution whose first answer has no outcome gets the payment as it is now', async () => {
    const mandate = await enroll(server, { details: { frequency: 'daily' } })
    await advance('24h')
    await control(server.baseUrl)('POST', '/faults', {
      target: 'processor',
      match: { call: 'charge' },
      count: 1,
      effect: { lost_answer: true },
    })
    const body = executionOf(mandate, await createExecution(server, mandate.customerId))
    const send = async () => (await execute(body, { 'idempotency-key': 'debit-2' })).body.payment
    const first = await send()
    expect([first.status, await send()]).toEqual(['initiated', first])
    await advance('10m')
    expect(await send()).toEqual({ ...first, status: 'succeeded', date: expect.any(Number) })
    expect((await server.tenant.store.ledger.check()).discrepancies).toEqual([])
  })

  test('a notice allows a debit after 24 hours, and not one second earlier', async () => {
    const mandate = await enroll(server)
    // The notice is sent at 15:30:03 in India. The day of the debit begins before the notice is 24 hours old.
    const notificationId = await createNotice(mandate.mandateId, { execution_date: '2027-03-11' })
    const sessionOf = () => createExecution(server, mandate.customerId)
    const executeNow = async () =>
      execute(executionOf(mandate, await sessionOf(), { mandate_notification_id: notificationId }))
    await advance(`${24 * 3600 - 2 - 1}s`)
    const early = await executeNow()
    expect([early.status, early.body]).toEqual([
      400,
      {
        code: 'invalid_mandate',
        message: expect.stringMatching(
          /^Mandate is invalid: the notification allows a debit from /,
        ),
        field: 'mandate_notification_id',
      },
    ])
    await advance('1s')
    const onTime = await executeNow()
    expect([onTime.status, onTime.body.payment?.status]).toEqual([201, 'succeeded'])
  })

  test('without a notification the customer is notified now, and the debit is made automatically 24 hours later', async () => {
    const mandate = await enroll(server)
    const sessionId = await createExecution(server, mandate.customerId)
    const { body, status } = await execute(executionOf(mandate, sessionId))
    expect([status, body.payment.status]).toEqual([201, 'initiated'])
    const { mandate_notification_id: noticeId, payment_id: paymentId } = body.payment
    const paymentStatus = async () =>
      (await server.call('GET', `/payments/${paymentId}`)).body.payment.status
    await advance('2s')
    const notice = await server.call('GET', `/mandates/notifications/${noticeId}`)
    expect(notice.body.mandate_notification.notification_status).toBe('succeeded')
    // The session does not expire while its debit waits.
    await advance(`${24 * 3600 - 3}s`)
    expect(await paymentStatus()).toBe('initiated')
    await advance('1s')
    expect(await paymentStatus()).toBe('succeeded')
    const session = await server.call('GET', `/paymentsessions/${sessionId}`)
    expect(session.body.payments_session.status).toBe('succeeded')
  })

  test('the list of payments finds a debit by its reference number, with and without filters, and the answer to a repeated request shows the number', async () => {
    const mandate = await enroll(server, { details: { frequency: 'daily' } })
    await advance('24h')
    const { customerId } = mandate
    const body = executionOf(mandate, await createExecution(server, customerId), {
      reference_number: 'sub-77',
    })
    const debit = await execute(body, { 'idempotency-key': 'sub-77' })
    const { payment_id: id } = debit.body.payment
    const findIds = async (query: string) =>
      (await server.call('GET', `/payments?${query}`)).body.payments.map(
        (one: { payment_id: string; reference_number?: string }) => [
          one.payment_id,
          one.reference_number,
        ],
      )
    for (const query of [
      'search_text=sub-77',
      `search_text=sub-77&customer_id=${customerId}`,
      'search_text=sub-77&status=succeeded',
      'search_text=sub-77&payment_method_type=upi&status=Status.Succeeded',
      `search_text=${id}`,
    ]) {
      expect([query, await findIds(query)]).toEqual([query, [[id, 'sub-77']]])
    }
    for (const query of ['search_text=sub-7', 'search_text=sub-77&status=failed']) {
      expect([query, await findIds(query)]).toEqual([query, []])
    }
    const again = await execute(body, { 'idempotency-key': 'sub-77' })
    expect(again.body.payment.reference_number).toBe('sub-77')
  })

  test('a mandate that is revoked between the notice and the debit is not debited', async () => {
    const mandate = await enroll(server, { upiId: 'revoked@paydesk' })
    const sessionId = await createExecution(server, mandate.customerId)
    const { body } = await execute(executionOf(mandate, sessionId))
    await advance('2h')
    expect(await retrieveMandate(server, mandate.mandateId)).toMatchObject({
      status: 'inactive',
      inactive_reason: 'revoked',
    })
    await advance('22h')
    const payment = await server.call('GET', `/payments/${body.payment.payment_id}`)
    expect(payment.body.payment).toMatchObject({
      status: 'failed',
      failure_code: 'mandate_inactive',
      amount_captured: '0.00',
    })
  })

  test('a mandate that its merchant cancels between the notice and the debit is not debited', async () => {
    const mandate = await enroll(server)
    const notificationId = await createNotice(mandate.mandateId)
    const waiting = await enroll(server)
    await advance('47h')
    const { body } = await execute(
      executionOf(waiting, await createExecution(server, waiting.customerId)),
    )
    await advance('1h')
    for (const { mandateId } of [mandate, waiting]) {
      const { status } = await server.call('POST', `/mandates/${mandateId}/cancel`)
      expect([mandateId, status]).toEqual([mandateId, 200])
    }
    const refusal = await execute(
      executionOf(mandate, await createExecution(server, mandate.customerId), {
        mandate_notification_id: notificationId,
      }),
    )
    expect([refusal.status, refusal.body.field]).toEqual([400, 'mandate_id'])
    await advance('23h')
    const payment = await server.call('GET', `/payments/${body.payment.payment_id}`)
    expect(payment.body.payment).toMatchObject({
      status: 'failed',
      failure_code: 'mandate_inactive',
    })
  })

  test('the customer gets one message by each channel about a notice that the bank has accepted', async () => {
    const mandate = await enroll(server)
    const messagesAbout = async (id: string) => {
      const path = `/messages?mandate_notification_id=${id}`
      const { body } = await control(server.baseUrl)('GET', path)
      return body.messages as { channel: string; kind: string; to: string; text: string }[]
    }
    const first = await notify(server, mandate.mandateId)
    const { mandate_notification_id: id } = first.body.mandate_notification
    expect(await messagesAbout(id)).toEqual([])
    await advance('2s')
    const messages = await messagesAbout(id)
    expect(messages.map(({ channel, kind, to }) => [kind, channel, to]).sort()).toEqual([
      ['mandate_notice', 'email', 'asha@shop.test'],
      ['mandate_notice', 'upi_app', 'success@paydesk'],
    ])
    for (const { text } of messages) expect(text).toContain('₹499.00')
    while ((await sendNoticeNext(server.tenant)) !== undefined);
    await advance('1h')
    expect(await messagesAbout(id)).toHaveLength(2)
    const waiting = await execute(
      executionOf(mandate, await createExecution(server, mandate.customerId)),
    )
    await advance('2s')
    const { mandate_notification_id: ownId } = waiting.body.payment
    expect(await messagesAbout(ownId)).toHaveLength(2)
    const unreachedMandate = await enroll(server, { upiId: 'nonotice@paydesk' })
    const failedNotice = await notify(server, unreachedMandate.mandateId)
    await advance('1h')
    expect(
      await messagesAbout(failedNotice.body.mandate_notification.mandate_notification_id),
    ).toEqual([])
  })

  test('a debit whose notice failed is not made', async () => {
    const mandate = await enroll(server, { upiId: 'nonotice@paydesk' })
    const sessionId = await createExecution(server, mandate.customerId)
    const { body } = await execute(executionOf(mandate, sessionId))
    await advance('24h')
    const payment = await server.call('GET', `/payments/${body.payment.payment_id}`)
    expect(payment.body.payment).toMatchObject({
      status: 'failed',
      failure_code: 'notification_failed',
    })
    // The failed debit does not count, so another debit in this month is possible.
    const notice = await notify(server, mandate.mandateId, { execution_date: '2027-03-31' })
    expect(notice.status).toBe(201)
  })

  test('a failed debit can be repeated with the same notification, up to the session’s maximum number of attempts', async () => {
    const mandate = await enroll(server, { upiId: 'lowfunds@paydesk' })
    const notificationId = await createNotice(mandate.mandateId)
    await advance('48h')
    const sessionId = await createExecution(server, mandate.customerId, { max_retry_count: 2 })
    const body = executionOf(mandate, sessionId, { mandate_notification_id: notificationId })
    const statuses: string[] = []
    for (let count = 0; count < 3; count += 1) {
      const answer = await execute(body)
      statuses.push(answer.body.payment?.status ?? answer.body.code)
    }
    expect(statuses).toEqual(['failed', 'failed', 'invalid_payment_session'])
  })

  test('the first debit of an enrollment counts for its month, and ends a mandate for one debit', async () => {
    const monthly = await enroll(server, { more: { amount: 499 } })
    const refusal = await notify(server, monthly.mandateId, { execution_date: '2027-03-31' })
    expect(refusal.body).toMatchObject({ code: 'invalid_mandate', field: 'execution_date' })
    const next = await notify(server, monthly.mandateId, { execution_date: '2027-04-01' })
    expect(next.status).toBe(201)
    const once = await enroll(server, { more: { amount: 499 }, details: { frequency: 'one_time' } })
    expect(await retrieveMandate(server, once.mandateId)).toMatchObject({
      status: 'inactive',
      inactive_reason: 'completed',
    })
  })

  test('a declined enrollment leaves an inactive mandate, and the next attempt makes a new mandate', async () => {
    const declinedMandate = await enroll(server, { upiId: 'failure@paydesk' })
    expect(await retrieveMandate(server, declinedMandate.mandateId)).toMatchObject({
      status: 'inactive',
      inactive_reason: 'declined',
    })
    await approve(server, declinedMandate.accessKey, 'success@paydesk')
    await advance('3s')
    const session = await server.call('GET', `/paymentsessions/${declinedMandate.sessionId}`)
    const { mandate_id: mandateId } = session.body.payments_session
    expect(mandateId).not.toBe(declinedMandate.mandateId)
    expect((await retrieveMandate(server, mandateId)).status).toBe('active')
  })

  test('a mandate can be canceled once, and its customer can be deleted after that', async () => {
    const { customerId, mandateId } = await enroll(server)
    const remove = () => server.call('DELETE', `/customers/${customerId}`)
    expect((await remove()).body.code).toBe('customer_cannot_be_deleted')
    const cancel = () => server.call('POST', `/mandates/${mandateId}/cancel`)
    const cancellation = await cancel()
    expect([cancellation.status, cancellation.body.mandate]).toMatchObject([
      200,
      { status: 'inactive', inactive_reason: 'canceled' },
    ])
    expect((await cancel()).body.code).toBe('invalid_mandate')
    const sessionId = await createExecution(server, customerId)
    expect((await remove()).status).toBe(200)
    const debit = await execute(executionOf({ customerId, mandateId }, sessionId))
    expect([debit.status, debit.body.field]).toEqual([404, 'customer_id'])
  })

  test('a customer who was deleted with an open enrollment gets no mandate', async () => {
    const customerId = await createCustomer(server)
    const creation = await server.call('POST', '/paymentsessions', enrollmentOf(customerId))
    const { access_key: accessKey, payments_session_id: id } = creation.body.payments_session
    expect((await server.call('DELETE', `/customers/${customerId}`)).status).toBe(200)
    await approve(server, accessKey, 'success@paydesk')
    const { body } = await server.call('GET', `/paymentsessions/${id}`)
    expect(body.payments_session).toMatchObject({ status: 'canceled', payments: [] })
    expect((await server.call('GET', `/mandates?customer_id=${customerId}`)).body.mandates).toEqual(
      [],
    )
  })

  test('a mandate ends after its last day, with its event', async () => {
    const { mandateId } = await enroll(server, { details: { end_date: '2027-03-13' } })
    await advance('4d')
    expect((await retrieveMandate(server, mandateId)).status).toBe('inactive')
    const events = await server.call('GET', `/events?mandate_id=${mandateId}&per_page=200`)
    expect(
      events.body.events.map(({ event_type }: { event_type: string }) => event_type).reverse(),
    ).toEqual(['mandate.activated', 'mandate.inactive'])
  })

  /** Notifies the customer, and waits until the notice has succeeded. Returns the notification's id. */
  async function createNotice(mandateId: string, more: object = {}): Promise<string> {
    const answer = await notify(server, mandateId, more)
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
    await advance('2s')
    return answer.body.mandate_notification.mandate_notification_id
  }
})
