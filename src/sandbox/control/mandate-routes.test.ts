import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import {
  advanceSandbox,
  createExecution,
  enroll,
  executionOf,
  notify,
} from '../../../test/support/mandates.ts'
import { type Control, control } from '../../../test/support/sandbox.ts'

describe.each(ENGINES)('the story of a mandate, on %s', (engine) => {
  let server: CheckoutServer
  let ask: Control
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
    ask = control(server.baseUrl)
  })
  afterAll(() => server.close())

  test('has the enrollment, the notices and the payments of the mandate, newest first', async () => {
    const mandate = await enroll(server)
    await enroll(server)
    const first = await notify(server, mandate.mandateId)
    await advanceSandbox(server, '2s')
    const second = await notify(server, mandate.mandateId, { amount: 500 })
    await advanceSandbox(server, '48h')
    const sessionId = await createExecution(server, mandate.customerId)
    const noticeId = first.body.mandate_notification.mandate_notification_id
    const debit = await server.call(
      'POST',
      '/mandates/execute',
      executionOf(mandate, sessionId, { mandate_notification_id: noticeId }),
    )
    expect([debit.status, debit.text]).toEqual([201, expect.any(String)])
    const { body } = await ask('GET', `/mandates/${mandate.mandateId}/story`)
    const answer = await server.call('GET', `/mandates/${mandate.mandateId}`)
    expect(body.mandate_story).toMatchObject({
      mandate: answer.body.mandate,
      enrollment_session_id: mandate.sessionId,
      notifications: [second.body.mandate_notification.mandate_notification_id, noticeId].map(
        (id) => ({ mandate_notification_id: id, notification_status: 'succeeded' }),
      ),
      payments: [
        {
          payment_id: debit.body.payment.payment_id,
          payments_session_id: sessionId,
          amount: '499.00',
          currency: 'INR',
          status: 'succeeded',
          is_enrollment: false,
        },
        {
          payments_session_id: mandate.sessionId,
          amount: '1.00',
          status: 'succeeded',
          is_enrollment: true,
        },
      ],
    })
  })

  test('is refused for an unknown mandate', async () => {
    const { body, status } = await ask('GET', '/mandates/1/story')
    expect([status, body.field]).toEqual([404, 'mandate_id'])
  })
})
