/** Data for tests of the console: a sandbox with every kind of data, and an empty one. */
import { expect } from 'vitest'
import { enroll, notify } from './mandates.ts'
import type { Receiver } from './receiver.ts'
import { control } from './sandbox.ts'
import type { TestServer } from './server.ts'
import { registerEndpoint } from './webhooks.ts'

/** A text that would run as a script if a page used it as HTML. */
export const PLANTED_TEXT = '<script>window.planted=1</script><img src=x onerror=window.planted=1>'

/** The objects in the sandbox. */
export type FilledSandbox = {
  readonly sessionId: string
  readonly openSessionId: string
  readonly paymentId: string
  readonly customerId: string
  readonly virtualAccountId: string
  readonly mandateId: string
  readonly payoutId: string
  readonly messageId: string
  readonly linkId: string
  readonly endpointId: string
  readonly endpointKey: string
  readonly eventId: string
}

/** Fills a sandbox with data for each view. */
export async function fillSandbox(server: TestServer, receiver: Receiver): Promise<FilledSandbox> {
  const ask = control(server.baseUrl)
  const endpoint = await registerEndpoint(server, receiver, {
    name: `Shop ${PLANTED_TEXT}`.slice(0, 50),
    enabled_events: ['payment.succeeded', 'payment.failed', 'payment_link.paid'],
  })
  // This session is paid before the others, so that its payout is complete.
  await ask('POST', '/sessions', { attempts: [{ method: 'upi', outcome: 'succeeded' }] })
  await ask('POST', '/clock/advance', { by: '5d' })
  const payoutPage = await server.call('GET', '/payouts')
  const customerAnswer = await server.call('POST', '/customers', {
    name: PLANTED_TEXT,
    email: 'asha@shop.example',
    phone: '+91 90000 00001',
    meta_data: [{ key: '<b>crm</b>', value: PLANTED_TEXT }],
  })
  const { customer_id: customerId } = customerAnswer.body.customer
  const accountAnswer = await server.call('POST', '/virtualaccounts', {
    description: PLANTED_TEXT,
    customer_id: customerId,
    minimum_amount: 100,
    reference_number: PLANTED_TEXT.slice(0, 50),
    expires_at: '2099-10-25',
  })
  const { account_number, virtual_account_id: virtualAccountId } =
    accountAnswer.body.virtual_account
  await ask('POST', '/bank_transfers', { account_number, amount: 250.5, payer_name: PLANTED_TEXT })
  await ask('POST', '/bank_transfers', { account_number, amount: 1 })
  const mandate = await enroll(server, { details: { description: PLANTED_TEXT } })
  const notice = await notify(server, mandate.mandateId, {
    execution_date: '2027-03-18',
    description: PLANTED_TEXT,
  })
  expect([notice.status, notice.text]).toEqual([201, expect.any(String)])
  const creation = await ask('POST', '/sessions', {
    session: {
      customer_id: customerId,
      amount: 1499.9,
      description: PLANTED_TEXT,
      reference_number: 'ord_8841',
    },
    attempts: [
      { method: 'card', outcome: 'failed', decline_code: 'insufficient_funds' },
      { method: 'upi', outcome: 'succeeded' },
    ],
  })
  expect([creation.status, creation.text]).toEqual([201, expect.any(String)])
  const { payments, payments_session_id: sessionId } = creation.body.payments_session
  const link = await server.call('POST', '/paymentlinks', {
    amount: 19,
    currency: 'INR',
    description: PLANTED_TEXT,
    reference_id: '<b>INV</b>',
    email: 'asha@shop.example',
    notify_customer: { email: true },
  })
  const { payment_link_id: linkId, url: linkUrl } = link.body.payment_links
  await fetch(linkUrl, { method: 'POST', redirect: 'manual' })
  const messages = await ask('GET', '/messages')
  const open = await server.call('POST', '/paymentsessions', { amount: 20, currency: 'INR' })
  await server.call('POST', '/paymentsessions', PLANTED_TEXT, { 'user-agent': PLANTED_TEXT })
  await ask('POST', '/faults', { target: 'route', probability: 0, effect: { status: 503 } })
  await ask('POST', '/snapshots', { name: 'before' })
  const eventPage = await server.call('GET', `/events?payments_session_id=${sessionId}`)
  const eventId = String(eventPage.body.events[0].event_id)
  // The answer comes after all due work is done, including deliveries.
  await ask('POST', '/clock/advance', { by: 0 })
  return {
    sessionId,
    paymentId: payments[0].payment_id,
    customerId,
    virtualAccountId,
    mandateId: mandate.mandateId,
    payoutId: payoutPage.body.payouts[0].payout_id,
    messageId: messages.body.messages[0].message_id,
    linkId,
    eventId,
    endpointId: endpoint.id,
    endpointKey: endpoint.key,
    openSessionId: open.body.payments_session.payments_session_id,
  }
}

/** Every view of a filled sandbox, by its name. */
export function viewsOf(
  content: FilledSandbox,
): readonly (readonly [name: string, path: string])[] {
  const { customerId, endpointId, eventId, linkId, openSessionId, paymentId, sessionId } = content
  const { mandateId, messageId, payoutId, virtualAccountId } = content
  return [
    ...LISTS,
    ['session', `/sessions/${sessionId}`],
    ['open session', `/sessions/${openSessionId}`],
    ['payment link', `/links/${linkId}`],
    ['payment', `/payments/${paymentId}`],
    ['customer', `/customers/${customerId}`],
    ['mandate', `/mandates/${mandateId}`],
    ['payout', `/payouts/${payoutId}`],
    ['message', `/messages/${messageId}`],
    ['virtual account', `/virtual-accounts/${virtualAccountId}`],
    ['request', '/requests/2'],
    ['endpoint', `/webhooks/${endpointId}`],
    ['delivery', `/webhooks/${endpointId}/deliveries/${eventId}`],
    ['event', `/events/${eventId}`],
  ]
}

/** The views of every sandbox, even of an empty one. */
export const LISTS: readonly (readonly [name: string, path: string])[] = [
  ['overview', ''],
  ['sessions', '/sessions'],
  ['payment links', '/links'],
  ['payments', '/payments'],
  ['customers', '/customers'],
  ['mandates', '/mandates'],
  ['payouts', '/payouts'],
  ['messages', '/messages'],
  ['virtual accounts', '/virtual-accounts'],
  ['requests', '/requests'],
  ['webhooks', '/webhooks'],
  ['faults', '/faults'],
  ['clock', '/clock'],
  ['sandboxes', '/sandboxes'],
  ['credentials', '/credentials'],
]
