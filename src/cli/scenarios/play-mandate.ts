import type { Exchange } from '../../client/errors.ts'
import { isObject } from '../../client/transport.ts'
import { dayAfter, mandateDayAt } from '../../domain/mandate-terms.ts'
import { type Fields, isDone, subjectOf } from './server-call.ts'
import { control, idOf, keep, post, type Stage } from './stage.ts'

/** Enrolls a mandate as its merchant and its customer do. The answer is the mandate. */
export async function enrollMandate(stage: Stage, fields: Fields): Promise<Exchange> {
  const { amount = 1, as: name, upi_id: upiId = 'success@paydesk', ...details } = fields
  const customer = await post(stage, '/customers', {
    name: 'Asha Rao',
    email: 'asha@example.com',
    phone: '9000000001',
    phone_country_code: 'IN',
  })
  if (!isDone(customer)) return customer
  const session = await post(stage, '/paymentsessions', {
    type: 'mandate_enrollment',
    amount,
    currency: 'INR',
    customer_id: subjectOf(customer).customer_id,
    description: 'Plan',
    mandate_details: {
      payment_method_type: 'upi',
      frequency: 'monthly',
      description: 'Monthly fee',
      amount_rule: 'variable',
      max_amount: 5000,
      ...details,
    },
  })
  if (!isDone(session)) return session
  const { payments_session_id: id } = subjectOf(session)
  const attempts = [{ method: 'upi', outcome: 'succeeded', upi_id: upiId }]
  const approval = await control(stage, `/sessions/${id}/attempts`, { attempts })
  if (!isDone(approval)) return approval
  await stage.settle()
  const { mandate_id: mandateId } = subjectOf(
    await stage.call('GET', `/api/v1/paymentsessions/${id}`),
  )
  return keep(stage, name, stage.call('GET', `/api/v1/mandates/${mandateId}`))
}

/** Sends a mandate's customer the notice of a debit. */
export async function notifyOfDebit(stage: Stage, fields: Fields): Promise<Exchange> {
  const nowMs = await stage.settle()
  return post(stage, '/mandates/notify', {
    mandate_id: idOf(stage, fields.of, 'mandate_id'),
    execution_date: dayAfter(mandateDayAt(nowMs), 1),
    description: 'Debit',
    invoice_number: 'INV-1',
    ...fields,
  })
}

/** Debits a mandate by a new session. The answer is the payment. */
export async function executeMandate(stage: Stage, fields: Fields): Promise<Exchange> {
  const { amount, as: name, max_retry_count, notification, of: subject, ...more } = fields
  const mandateId = idOf(stage, subject, 'mandate_id')
  const mandate = subjectOf(await stage.call('GET', `/api/v1/mandates/${mandateId}`))
  const notice = isObject(stage.values.get(String(notification)))
    ? (stage.values.get(String(notification)) as Fields)
    : {}
  const debit = {
    customer_id: mandate.customer_id,
    amount,
    description: 'Debit',
    invoice_number: notice.invoice_number ?? 'INV-1',
    ...more,
  }
  const { customer_id, description, invoice_number } = debit
  const session = await post(stage, '/paymentsessions', {
    type: 'mandate_execution',
    amount,
    currency: 'INR',
    customer_id,
    description,
    invoice_number,
    ...(max_retry_count !== undefined && { max_retry_count }),
  })
  if (!isDone(session)) return session
  const { payments_session_id } = subjectOf(session)
  return post(stage, '/mandates/execute', {
    ...debit,
    ...(name !== undefined && { as: name }),
    mandate_id: mandateId,
    payments_session_id,
    ...(notification !== undefined && {
      mandate_notification_id: idOf(stage, notification, 'mandate_notification_id'),
    }),
  })
}
