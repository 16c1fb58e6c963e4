/** Actions of a merchant for tests of webhooks: cause events, register endpoints, check signatures. */
import { createHmac } from 'node:crypto'
import { expect } from 'vitest'
import type { PaymentSessionId } from '../../src/domain/id.ts'
import type { InstrumentFacts } from '../../src/domain/instrument.ts'
import type { PaymentAttempt } from '../../src/domain/payment-attempt.ts'
import type { PaymentSessionMove } from '../../src/domain/payment-session.ts'
import { applyMove } from '../../src/operations/apply-move.ts'
import type { ReceivedRequest, Receiver } from './receiver.ts'
import { ACCOUNT_ID, type TestServer } from './server.ts'

const CARD: InstrumentFacts = {
  type: 'card',
  brand: 'visa',
  lastFourDigits: '1111',
  expiryMonth: 9,
  expiryYear: 2028,
  holderName: 'Asha Rao',
  funding: 'credit',
}
const SESSION = {
  amount: 1499.9,
  currency: 'INR',
  description: 'Order 8841',
  invoice_number: 'INV-8841',
  reference_number: 'ord_8841',
  meta_data: [{ key: 'order_id', value: '8841' }],
}

/** An event and its objects. */
export type CausedEvent = {
  readonly sessionId: PaymentSessionId
  readonly paymentId: PaymentAttempt['id']
  readonly eventId: string
}

/** Creates a session and makes a successful or failed payment, which causes one event. */
export async function causeEvent(
  server: TestServer,
  type: 'payment.succeeded' | 'payment.failed' = 'payment.succeeded',
  accountId: string = ACCOUNT_ID,
): Promise<CausedEvent> {
  const creation = await server.call('POST', `/paymentsessions?account_id=${accountId}`, SESSION)
  const sessionId = creation.body.payments_session.payments_session_id as PaymentSessionId
  const attemptId = server.tenant.ids.paymentAttempt(sessionId)
  const moves: PaymentSessionMove[] = [
    {
      type: 'start_attempt',
      attemptId,
      instrument: CARD,
      attemptLifeMs: 600_000,
      customer: { email: 'asha@shop.example', phone: '9000000001' },
    },
    type === 'payment.succeeded'
      ? { type: 'record_approval', attemptId, processorReference: '532600112233' }
      : { type: 'record_decline', attemptId, declineCode: 'insufficient_funds' },
  ]
  for (const move of moves) {
    expect(await applyMove(server.tenant, sessionId, move)).toHaveProperty('session')
  }
  const query = `payments_session_id=${sessionId}&account_id=${accountId}`
  const eventPage = await server.call('GET', `/events?${query}`)
  expect(eventPage.body.events).toHaveLength(1)
  return { sessionId, paymentId: attemptId, eventId: String(eventPage.body.events[0].event_id) }
}

/** An endpoint from the answer to its registration. */
export type RegisteredEndpoint = { readonly id: string; readonly key: string }

/** Registers an endpoint at a receiver. */
export async function registerEndpoint(
  server: TestServer,
  receiver: Pick<Receiver, 'url'>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<RegisteredEndpoint> {
  const answer = await server.call('POST', '/webhooks', {
    name: 'Shop',
    url: `${receiver.url}/hooks`,
    enabled_events: ['payment.succeeded', 'payment.failed'],
    ...more,
  })
  expect([answer.status, answer.text]).toEqual([201, expect.any(String)])
  const { signing_key: key, webhook_url_id: id } = answer.body.webhook
  return { id, key }
}

/** Deletes all endpoints of the account, so that the next test has room. */
export async function deleteEndpoints(server: TestServer): Promise<void> {
  const { body } = await server.call('GET', '/webhooks')
  for (const { webhook_url_id: id } of body.webhooks) {
    await server.call('DELETE', `/webhooks/${id}`)
  }
}

/** Waits until a delivery has these fields, and returns it with its attempts. */
export async function deliveryThat(
  server: TestServer,
  endpointId: string,
  eventId: string,
  fields: Readonly<Record<string, unknown>>,
) {
  const retrieve = async () =>
    (await server.call('GET', `/webhooks/${endpointId}/deliveries/${eventId}`)).body.delivery
  await expect.poll(retrieve, { timeout: 30_000 }).toMatchObject(fields)
  return retrieve()
}

/** The signatures of a request, by kind. */
export type Signatures = { readonly zoho: readonly string[]; readonly standard: readonly string[] }

/** Reads the signatures of a request. */
export function signaturesOf({ headers }: ReceivedRequest): Signatures {
  const [, ...zoho] = String(headers['x-zoho-webhook-signature']).split(',')
  return {
    zoho: zoho.map((one) => one.replace(/^v=/, '')),
    standard: String(headers['webhook-signature'])
      .split(' ')
      .map((one) => one.replace(/^v1,/, '')),
  }
}

/** Computes the signatures of a request by the documented formulas, without code of the program. */
export function expectedSignatures(
  { body, headers }: ReceivedRequest,
  ...keys: readonly string[]
): Signatures {
  const [, t] = /^t=(\d{13}),/.exec(String(headers['x-zoho-webhook-signature'])) ?? []
  const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers
  return {
    zoho: keys.map((key) => createHmac('sha256', key).update(`${t}.${body}`).digest('hex')),
    standard: keys.map((key) =>
      createHmac('sha256', Buffer.from(key.replace('whsec_', ''), 'base64'))
        .update(`${id}.${timestamp}.${body}`)
        .digest('base64'),
    ),
  }
}
