import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import {
  advanceSandbox,
  createCustomer,
  createExecution,
  enroll,
  enrollmentOf,
  executionOf,
  notify,
} from '../../../test/support/mandates.ts'
import { control, controlServer } from '../../../test/support/sandbox.ts'
import { AS_ANOTHER, tokenFor } from '../../../test/support/taken-payments.ts'
import type { AccountId } from '../../domain/id.ts'
import { closeAccount, reopenAccount } from '../../operations/close-account.ts'

const UNKNOWN_ID = '600000000000000'
const DAY_MS = 24 * 60 * 60_000
const LONG = 'x'.repeat(501)

describe.each(ENGINES)('errors of mandates, on %s', (engine) => {
  const golden = openGolden('mandate-errors')
  let server: CheckoutServer
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
  })
  afterAll(async () => {
    await server.close()
    golden.finish()
  })

  /** Notifies the customer, and waits until the notice has succeeded. Returns the notification's id. */
  async function createNotice(mandateId: string, more: object): Promise<string> {
    const answer = await notify(server, mandateId, more)
    expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
    await advanceSandbox(server, '2s')
    return answer.body.mandate_notification.mandate_notification_id
  }

  test('the error of an enrollment names the first wrong field, in the order of the documentation', async () => {
    const { exchange } = golden.conversation('wrong enrollments', server)
    const customerId = await createCustomer(server)
    const right = enrollmentOf(customerId)
    const details = (more: object) => enrollmentOf(customerId, more)
    const today = (amount: number, more: object = {}) =>
      enrollmentOf(customerId, { start_date: '2027-03-10', ...more }, { amount })
    const rows: readonly (readonly [name: string, body: object])[] = [
      ['an invalid type', { ...right, type: 'mandate' }],
      ['no amount', { ...right, amount: undefined }],
      ['a negative amount', { ...right, amount: -1 }],
      ['an amount with more digits than the currency', { ...right, amount: 1.001 }],
      ['an amount between', { ...right, amount: 5.99 }],
      ['an authorization of a mandate that starts today', today(1)],
      ['a first debit one paisa too small', today(5.99)],
      [
        'a first debit of a mandate that starts later',
        enrollmentOf(customerId, { start_date: '2027-03-11' }, { amount: 6 }),
      ],
      ['no currency', { ...right, currency: undefined }],
      ['dollars', { ...right, currency: 'USD' }],
      ['no customer', { ...right, customer_id: undefined }],
      ['an unknown customer', { ...right, customer_id: UNKNOWN_ID }],
      ['no description', { ...right, description: undefined }],
      ['an empty description', { ...right, description: '' }],
      ['a description too long', { ...right, description: LONG }],
      ['no details', { ...right, mandate_details: undefined }],
      ['details that are a text', { ...right, mandate_details: 'monthly' }],
      ['no method', details({ payment_method_type: undefined })],
      ['a card', details({ payment_method_type: 'card' })],
      ['no frequency', details({ frequency: undefined })],
      ['an invalid frequency', details({ frequency: 'hourly' })],
      ['no purpose', details({ description: undefined })],
      ['a purpose too long', details({ description: LONG })],
      ['no amount rule', details({ amount_rule: undefined })],
      ['an invalid amount rule', details({ amount_rule: 'any' })],
      ['a variable amount without its maximum', details({ max_amount: undefined })],
      ['a maximum below 1', details({ max_amount: 0.99 })],
      ['a maximum above 100000', details({ max_amount: 100000.01 })],
      ['a first debit one paisa above the maximum', today(5000.01)],
      ['a first day that does not exist', details({ start_date: '2027-02-29' })],
      ['a first day in the past', details({ start_date: '2027-03-09' })],
      ['a last day that does not exist', details({ end_date: '12-03-2027' })],
      ['a last day that is the first', details({ end_date: '2027-03-11' })],
      ['a last day after 30 years', details({ end_date: '2057-03-12' })],
      ['a debit day of 0', details({ debit_day: 0 })],
      ['a debit day of 32', details({ debit_day: 32 })],
      ['a weekday of 8', details({ frequency: 'weekly', debit_day: 8 })],
      ['a debit day of a daily mandate', details({ frequency: 'daily', debit_day: 1 })],
      ['a debit day of one debit', details({ frequency: 'one_time', debit_day: 1 })],
      ['a debit day without cycles', details({ frequency: 'as_presented', debit_day: 1 })],
      ['a debit rule without a day', details({ debit_rule: 'on' })],
      ['an invalid debit rule', details({ debit_day: 1, debit_rule: 'near' })],
      ['an invoice number too long', { ...right, invoice_number: 'x'.repeat(51) }],
      ['no attempt', { ...right, max_retry_count: 0 }],
      ['four attempts', { ...right, max_retry_count: 4 }],
      [
        'six entries of meta_data',
        { ...right, meta_data: Array(6).fill({ key: 'a', value: 'b' }) },
      ],
      [
        'a wrong URL',
        { ...right, configurations: { hosted_page_parameters: { success_url: 'shop' } } },
      ],
    ]
    for (const [name, body] of rows) {
      const { status } = await exchange(name, 'POST', '/paymentsessions', body)
      expect([name, status]).toEqual([name, status === 404 ? 404 : 400])
    }
    const list = await server.call('GET', `/mandates?customer_id=${customerId}`)
    expect(list.body.mandates).toEqual([])
  })

  test('the error of a session for a debit names the first wrong field, in the order of the documentation', async () => {
    const { exchange } = golden.conversation('wrong sessions for debits', server)
    const right = {
      type: 'mandate_execution',
      amount: 499,
      currency: 'INR',
      customer_id: await createCustomer(server),
      description: 'December',
      invoice_number: 'INV-9001',
    }
    const rows: readonly (readonly [name: string, body: object])[] = [
      ['no amount', { ...right, amount: undefined }],
      ['an amount of 0', { ...right, amount: 0 }],
      ['no currency', { ...right, currency: undefined }],
      ['dollars', { ...right, currency: 'USD' }],
      ['no customer', { ...right, customer_id: undefined }],
      ['an unknown customer', { ...right, customer_id: UNKNOWN_ID }],
      ['no description', { ...right, description: undefined }],
      ['a description too long', { ...right, description: LONG }],
      ['no invoice number', { ...right, invoice_number: undefined }],
      ['an empty invoice number', { ...right, invoice_number: '' }],
      ['an invoice number too long', { ...right, invoice_number: 'x'.repeat(51) }],
      ['four attempts', { ...right, max_retry_count: 4 }],
      ['meta_data that is not a list', { ...right, meta_data: 'a' }],
    ]
    for (const [name, body] of rows) {
      const { status } = await exchange(name, 'POST', '/paymentsessions', body)
      expect([name, status]).toEqual([name, status === 404 ? 404 : 400])
    }
  })

  test('the error of a notification names the first wrong field, and the broken terms of the mandate', async () => {
    const { exchange } = golden.conversation('wrong notifications', server)
    const { mandateId } = await enroll(server, {
      details: { debit_day: 20, debit_rule: 'after', end_date: '2027-06-30' },
    })
    const fixedMandate = await enroll(server, {
      details: { amount_rule: 'fixed', max_amount: 499 },
    })
    const right = {
      mandate_id: mandateId,
      amount: 499,
      execution_date: '2027-03-20',
      description: 'December',
      invoice_number: 'INV-9001',
    }
    const rows: readonly (readonly [name: string, body: object])[] = [
      ['nothing', {}],
      ['a mandate that is a word', { ...right, mandate_id: 'gym' }],
      ['an unknown mandate', { ...right, mandate_id: UNKNOWN_ID }],
      ['no amount', { ...right, amount: undefined }],
      ['an amount of 0', { ...right, amount: 0 }],
      ['one paisa above the maximum', { ...right, amount: 5000.01 }],
      [
        'one paisa below a fixed amount',
        { ...right, mandate_id: fixedMandate.mandateId, amount: 498.99 },
      ],
      [
        'one paisa above a fixed amount',
        { ...right, mandate_id: fixedMandate.mandateId, amount: 499.01 },
      ],
      ['no day', { ...right, execution_date: undefined }],
      ['a day that does not exist', { ...right, execution_date: '2027-02-29' }],
      ['a time', { ...right, execution_date: '2027-03-20T10:00:00Z' }],
      ['today', { ...right, execution_date: '2027-03-10' }],
      ['before the debit day', { ...right, execution_date: '2027-03-19' }],
      ['after the last day', { ...right, execution_date: '2027-07-20' }],
      ['no description', { ...right, description: undefined }],
      ['a description too long', { ...right, description: LONG }],
      ['no invoice number', { ...right, invoice_number: undefined }],
      ['an invoice number too long', { ...right, invoice_number: 'x'.repeat(51) }],
    ]
    for (const [name, body] of rows) {
      const { status } = await exchange(name, 'POST', '/mandates/notify', body)
      expect([name, status]).toEqual([name, status === 404 ? 404 : 400])
    }
    const later = await enroll(server, { details: { start_date: '2027-03-20' } })
    await exchange('before the first day', 'POST', '/mandates/notify', {
      ...right,
      mandate_id: later.mandateId,
      execution_date: '2027-03-19',
    })
    const debitedMandate = await enroll(server, { more: { amount: 499 } })
    await exchange('a month that has its debit', 'POST', '/mandates/notify', {
      ...right,
      mandate_id: debitedMandate.mandateId,
    })
    await control(server.baseUrl)('POST', `/mandates/${mandateId}/pause`)
    await exchange('a paused mandate', 'POST', '/mandates/notify', right)
    await control(server.baseUrl)('POST', `/mandates/${mandateId}/revoke`)
    await exchange('a revoked mandate', 'POST', '/mandates/notify', right)
  })

  test('the error of an execution names the first wrong field, in the order of the documentation, and nothing is debited', async () => {
    const { exchange } = golden.conversation('wrong executions', server)
    const mandate = await enroll(server)
    const other = await enroll(server)
    const sessionId = await createExecution(server, mandate.customerId)
    const right = executionOf(mandate, sessionId)
    const execute = async (name: string, body: object) => {
      const { status } = await exchange(name, 'POST', '/mandates/execute', body)
      expect([name, status]).toEqual([name, status === 404 ? 404 : 400])
    }
    const dear = await createExecution(server, mandate.customerId, { amount: 5000.01 })
    const rows: readonly (readonly [name: string, body: object])[] = [
      ['nothing', {}],
      ['an unknown customer', { ...right, customer_id: UNKNOWN_ID }],
      ['another customer', { ...right, customer_id: other.customerId }],
      ['no mandate', { ...right, mandate_id: undefined }],
      ['an unknown mandate', { ...right, mandate_id: UNKNOWN_ID }],
      ['no session', { ...right, payments_session_id: undefined }],
      ['an unknown session', { ...right, payments_session_id: UNKNOWN_ID }],
      ['the session of the enrollment', { ...right, payments_session_id: mandate.sessionId }],
      [
        'another customer’s session',
        {
          ...right,
          payments_session_id: await createExecution(server, other.customerId),
        },
      ],
      ['no invoice number', { ...right, invoice_number: undefined }],
      ['another invoice number', { ...right, invoice_number: 'INV-1' }],
      ['no amount', { ...right, amount: undefined }],
      ['one paisa less than the session', { ...right, amount: 498.99 }],
      ['one paisa above the maximum', { ...right, payments_session_id: dear, amount: 5000.01 }],
      ['an unknown notification', { ...right, mandate_notification_id: UNKNOWN_ID }],
      ['a wrong e-mail address', { ...right, receipt_email: 'asha' }],
      ['a wrong phone number', { ...right, phone: 'no digits' }],
      ['another country', { ...right, phone: '+1 555 0100', phone_country_code: 'IN' }],
      ['a description too long', { ...right, description: LONG }],
      ['a reference number too long', { ...right, reference_number: 'x'.repeat(51) }],
    ]
    for (const [name, body] of rows) await execute(name, body)
    const session = await server.call('GET', `/paymentsessions/${sessionId}`)
    expect(session.body.payments_session).toMatchObject({ status: 'created', payments: [] })
    await advanceSandbox(server, '15m')
    await execute('an expired session', right)
  })

  test('the error of an execution names the problem of its notification', async () => {
    const { exchange } = golden.conversation('wrong notifications of executions', server)
    const mandate = await enroll(server)
    const other = await enroll(server, { upiId: 'nonotice@paydesk' })
    const execute = async (name: string, notificationId: string, of = mandate) => {
      const sessionId = await createExecution(server, of.customerId)
      await exchange(name, 'POST', '/mandates/execute', {
        ...executionOf(of, sessionId),
        mandate_notification_id: notificationId,
      })
    }
    const day = { execution_date: '2027-03-12' }
    const id = await createNotice(mandate.mandateId, day)
    await execute('another mandate’s', await createNotice(other.mandateId, day))
    await execute(
      'another amount',
      await createNotice(mandate.mandateId, { ...day, amount: 498.99 }),
    )
    await execute(
      'another invoice',
      await createNotice(mandate.mandateId, { ...day, invoice_number: 'INV-1' }),
    )
    const notice = await notify(server, mandate.mandateId, day)
    await execute('not sent yet', notice.body.mandate_notification.mandate_notification_id)
    await execute('failed', await createNotice(other.mandateId, day), other)
    await execute('before its day', id)
    const usedNoticeId = await createNotice(mandate.mandateId, { execution_date: '2027-03-13' })
    await advanceSandbox(server, '48h')
    const sessionId = await createExecution(server, mandate.customerId)
    const debit = await server.call('POST', '/mandates/execute', {
      ...executionOf(mandate, sessionId),
      mandate_notification_id: id,
    })
    expect(debit.body.payment.status).toBe('succeeded')
    await exchange('a paid session', 'POST', '/mandates/execute', {
      ...executionOf(mandate, sessionId),
      mandate_notification_id: id,
    })
    await execute('used', id)
    await execute('without one, in a month that has its debit', '')
    await advanceSandbox(server, '24h')
    await execute('of a month that has its debit', usedNoticeId)
  })

  test('a notification can be used until the end of the seventh day after its execution date', async () => {
    const { exchange } = golden.conversation('an old notification', server)
    const mandate = await enroll(server, { details: { frequency: 'as_presented' } })
    const day = new Date(server.tenant.clock.nowMs() + 2 * DAY_MS).toISOString().slice(0, 10)
    const mandate_notification_id = await createNotice(mandate.mandateId, { execution_date: day })
    const execute = async () => ({
      ...executionOf(mandate, await createExecution(server, mandate.customerId)),
      mandate_notification_id,
    })
    // The end of the seventh day in India.
    const endMs = Date.parse(`${day}T00:00:00+05:30`) + 8 * DAY_MS
    server.advance(endMs - 1 - server.tenant.clock.nowMs())
    const last = await server.call('POST', '/mandates/execute', await execute())
    expect([last.status, last.body.payment?.status]).toEqual([201, 'succeeded'])
    server.advance(1)
    await exchange('one millisecond too old', 'POST', '/mandates/execute', await execute())
  })

  test('an id without an object gets 404, and accounts of the US edition have no mandates', async () => {
    const { exchange } = golden.conversation('objects that do not exist', server)
    for (const id of [UNKNOWN_ID, 'gym']) {
      await exchange(`retrieve ${id}`, 'GET', `/mandates/${id}`)
      await exchange(`retrieve the notification ${id}`, 'GET', `/mandates/notifications/${id}`)
      await exchange(`cancel ${id}`, 'POST', `/mandates/${id}/cancel`)
    }
    await exchange('an unknown status', 'GET', '/mandates?status=open')
    await exchange('a customer that is a word', 'GET', '/mandates?customer_id=asha')
    const us = (path: string) => `${path}${path.includes('?') ? '&' : '?'}${AS_ANOTHER}`
    const right = enrollmentOf(UNKNOWN_ID)
    await exchange('US: enroll', 'POST', us('/paymentsessions'), right)
    await exchange('US: a session for a debit', 'POST', us('/paymentsessions'), {
      type: 'mandate_execution',
    })
    await exchange('US: notify', 'POST', us('/mandates/notify'), {})
    await exchange('US: execute', 'POST', us('/mandates/execute'), {})
    await exchange('US: retrieve', 'GET', us('/mandates/1'))
    await exchange('US: list', 'GET', us('/mandates'))
    await exchange('US: a notification', 'GET', us('/mandates/notifications/1'))
    await exchange('US: cancel', 'POST', us('/mandates/1/cancel'))
  })

  test('a mandate that has ended cannot be canceled', async () => {
    const { exchange } = golden.conversation('cancellations', server)
    const { mandateId } = await enroll(server)
    await exchange('cancel', 'POST', `/mandates/${mandateId}/cancel`)
    await exchange('cancel again', 'POST', `/mandates/${mandateId}/cancel`)
    const declinedMandate = await enroll(server, { upiId: 'failure@paydesk' })
    await exchange('cancel a declined one', 'POST', `/mandates/${declinedMandate.mandateId}/cancel`)
  })

  test('a key that was used with another body is refused', async () => {
    const { exchange } = golden.conversation('repeated requests', server)
    const { customerId, mandateId } = await enroll(server, { details: { frequency: 'daily' } })
    await advanceSandbox(server, '24h')
    const key = (name: string) => ({ 'idempotency-key': name })
    const notice = {
      mandate_id: mandateId,
      amount: 499,
      execution_date: new Date(server.tenant.clock.nowMs() + 2 * DAY_MS).toISOString().slice(0, 10),
      description: 'December',
      invoice_number: 'INV-9001',
    }
    expect((await server.call('POST', '/mandates/notify', notice, key('n'))).status).toBe(201)
    const other = { ...notice, amount: 1, execution_date: '2027-03-31' }
    await exchange('notify', 'POST', '/mandates/notify', other, key('n'))
    const sessionId = await createExecution(server, customerId)
    const debit = executionOf({ customerId, mandateId }, sessionId)
    expect((await server.call('POST', '/mandates/execute', debit, key('e'))).status).toBe(201)
    await exchange('execute', 'POST', '/mandates/execute', { ...debit, amount: 1 }, key('e'))
  })

  test('a closed account can no longer enroll, notify or debit', async () => {
    const { exchange } = golden.conversation('a closed account', server)
    const mandate = await enroll(server)
    const sessionId = await createExecution(server, mandate.customerId)
    const { tenant } = server
    const storedMandate = await tenant.store.mandates.find(mandate.mandateId as never)
    const accountId = storedMandate?.accountId as AccountId
    const deps = { ...tenant, actor: { kind: 'os_user', name: 'test' } as const }
    await closeAccount(deps, accountId)
    try {
      await exchange('enroll', 'POST', '/paymentsessions', enrollmentOf(mandate.customerId))
      await exchange('notify', 'POST', '/mandates/notify', {
        mandate_id: mandate.mandateId,
        amount: 499,
        execution_date: '2027-03-31',
        description: 'December',
        invoice_number: 'INV-9001',
      })
      await exchange('execute', 'POST', '/mandates/execute', executionOf(mandate, sessionId))
    } finally {
      await reopenAccount(deps, accountId)
    }
  })

  test('with a processor without mandates nothing is enrolled, notified or debited', async () => {
    const processor = new URL('../../../test/support/approving-processor.ts', import.meta.url)
    const other = await startCheckoutServer('memory', { processor: processor.pathname })
    try {
      const { exchange } = golden.conversation('a processor without mandates', other)
      const right = enrollmentOf(await createCustomer(other))
      await exchange('enroll', 'POST', '/paymentsessions', right)
      await exchange('notify', 'POST', '/mandates/notify', {})
      await exchange('execute', 'POST', '/mandates/execute', {})
      await exchange('list', 'GET', '/mandates')
    } finally {
      await other.close()
    }
  })

  test('the control API refuses a change that the status of the mandate does not allow', async () => {
    const { exchange } = golden.conversation('changes by the customer', controlServer(server))
    const { mandateId } = await enroll(server)
    const path = (move: string) => `/mandates/${mandateId}/${move}`
    await exchange('resume an active one', 'POST', path('resume'))
    await exchange('pause', 'POST', path('pause'))
    await exchange('pause again', 'POST', path('pause'))
    await exchange('revoke', 'POST', path('revoke'))
    await exchange('revoke again', 'POST', path('revoke'))
    await exchange('an unknown one', 'POST', `/mandates/${UNKNOWN_ID}/pause`)
  })

  test('each request needs its scope', async () => {
    const { exchange } = golden.conversation('scopes', server)
    const reader = await tokenFor(server, ['payments.READ'])
    const creator = await tokenFor(server, ['payments.CREATE'])
    await exchange('enroll', 'POST', '/paymentsessions', enrollmentOf(UNKNOWN_ID), reader)
    await exchange('notify', 'POST', '/mandates/notify', {}, reader)
    await exchange('execute', 'POST', '/mandates/execute', {}, reader)
    await exchange('cancel', 'POST', '/mandates/1/cancel', undefined, reader)
    await exchange('retrieve', 'GET', '/mandates/1', undefined, creator)
    await exchange('list', 'GET', '/mandates', undefined, creator)
    await exchange('a notification', 'GET', '/mandates/notifications/1', undefined, creator)
  })
})
