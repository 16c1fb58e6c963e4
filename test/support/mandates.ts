/** Actions of merchants and customers with mandates, for tests. */
import { expect } from 'vitest'
import { visit } from './customer.ts'
import type { TestServer } from './server.ts'

type Server = Pick<TestServer, 'baseUrl' | 'call'>

/**
 * Moves a sandbox's clock ahead, with all work that becomes due. `by`: a duration, such as `24h`.
 */
export async function advanceSandbox(
  { baseUrl }: Pick<Server, 'baseUrl'>,
  by: string,
): Promise<void> {
  const response = await fetch(`${baseUrl}/_sandbox/clock/advance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by }),
  })
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)])
}

/** Creates a customer. Returns its id. */
export async function createCustomer({ call }: Server): Promise<string> {
  const answer = await call('POST', '/customers', {
    name: 'Asha Rao',
    email: 'asha@shop.test',
    phone: '9000000001',
    phone_country_code: 'IN',
  })
  return answer.body.customer.customer_id
}

/** The body of a request for an enrollment. */
export const enrollmentOf = (customerId: string, details: object = {}, more: object = {}) => ({
  type: 'mandate_enrollment',
  amount: 1,
  currency: 'INR',
  customer_id: customerId,
  description: 'Gym plan',
  mandate_details: {
    payment_method_type: 'upi',
    frequency: 'monthly',
    description: 'Monthly fee',
    amount_rule: 'variable',
    max_amount: 5000,
    ...details,
  },
  ...more,
})

/** A mandate that its customer has approved. */
export type Enrolled = {
  readonly mandateId: string
  readonly customerId: string
  readonly sessionId: string
  readonly accessKey: string
}

/** Enrolls a mandate as its customer does: opens the page, sends the form, and approves in the UPI app after 3 seconds. */
export async function enroll(
  server: Server,
  {
    details = {},
    more = {},
    upiId = 'success@paydesk',
  }: { readonly details?: object; readonly more?: object; readonly upiId?: string } = {},
): Promise<Enrolled> {
  const customerId = await createCustomer(server)
  const body = enrollmentOf(customerId, details, more)
  const creation = await server.call('POST', '/paymentsessions', body)
  expect([creation.status, creation.text]).toEqual([201, expect.any(String)])
  const { access_key: accessKey, payments_session_id: sessionId } = creation.body.payments_session
  await approve(server, accessKey, upiId)
  await advanceSandbox(server, '3s')
  const retrieval = await server.call('GET', `/paymentsessions/${sessionId}`)
  return { mandateId: retrieval.body.payments_session.mandate_id, customerId, sessionId, accessKey }
}

/** Sends the form of an enrollment's page with a UPI ID. */
export async function approve(
  { baseUrl }: Server,
  accessKey: string,
  upiId: string,
): Promise<void> {
  const form = { method: 'upi', upi_channel: 'collect', upi_id: upiId }
  const answer = await visit(baseUrl, `/hostedcheckout/${accessKey}/pay`, form, true)
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
}

/** Returns a mandate as the API shows it. */
export async function retrieveMandate({ call }: Server, id: string) {
  return (await call('GET', `/mandates/${id}`)).body.mandate
}

/** Notifies the customer of a debit. Returns the answer. */
export function notify({ call }: Server, mandateId: string, more: object = {}) {
  return call('POST', '/mandates/notify', {
    mandate_id: mandateId,
    amount: 499,
    execution_date: '2027-03-12',
    description: 'December',
    invoice_number: 'INV-9001',
    ...more,
  })
}

/** Creates a session for a debit. Returns its id. */
export async function createExecution(
  { call }: Server,
  customerId: string,
  more: object = {},
): Promise<string> {
  const answer = await call('POST', '/paymentsessions', {
    type: 'mandate_execution',
    amount: 499,
    currency: 'INR',
    customer_id: customerId,
    description: 'December',
    invoice_number: 'INV-9001',
    ...more,
  })
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
  return answer.body.payments_session.payments_session_id
}

/** Makes the body of a debit. */
export const executionOf = (
  { customerId, mandateId }: Pick<Enrolled, 'customerId' | 'mandateId'>,
  sessionId: string,
  more: object = {},
) => ({
  customer_id: customerId,
  mandate_id: mandateId,
  payments_session_id: sessionId,
  invoice_number: 'INV-9001',
  amount: 499,
  ...more,
})
