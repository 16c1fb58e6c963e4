/** Programs of users, for the tests of the packages. */

/** Takes a payment with both packages, and checks everything that the sandbox signs. */
export const TAKE_PAYMENT = `
  const sandbox = await startSandbox()
  const tenant = await sandbox.tenant()
  const receiver = await tenant.receiver()
  const client = createPaydeskClient({
    baseUrl: tenant.baseUrl,
    accountId: tenant.accountId,
    accessToken: tenant.accessToken,
  })
  const session = await client.paymentSessions.create({ amount: '1499.90', currency: 'INR' })
  const page = await (await fetch(client.checkoutUrl(session))).text()
  const { status } = await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
  const event = await receiver.next('payment.succeeded')
  let problem
  try {
    await verifyWebhookAsync('{}', {}, 'key')
  } catch (error) {
    problem = error instanceof WebhookSignatureError && error.code
  }
  const missing = await client.payments.retrieve('1').catch((error) => error instanceof NotFoundError)
  const unsignedRedirect = readSignedRedirect('?amount=1', 'key')
  console.log(status, page.includes('1,499.90'), event.event_object.payment.amount, problem, missing, unsignedRedirect)
  await sandbox.close()
`

/** The output of the program. */
export const PAYMENT_OUTPUT = 'succeeded true 1499.90 header_missing true undefined'

const IMPORTS: Readonly<Record<string, string>> = {
  startSandbox: 'paydesk/testing',
  'createPaydeskClient, NotFoundError': 'paydesk-client',
  'verifyWebhookAsync, WebhookSignatureError': 'paydesk-client/webhooks',
  readSignedRedirect: 'paydesk/signatures',
}

/** The program as an ES module. */
export const ES_MODULE = `${Object.entries(IMPORTS)
  .map(([names, from]) => `import { ${names} } from '${from}'\n`)
  .join('')}${TAKE_PAYMENT}`

/** The program for CommonJS. */
export const COMMON_JS = `${Object.entries(IMPORTS)
  .map(([names, from]) => `const { ${names} } = require('${from}');\n`)
  .join('')}(async () => {${TAKE_PAYMENT}})()`

/** A test for a framework whose functions \`test\` and \`expect\` are global. */
export const JEST_TEST = `
const { startSandbox } = require('paydesk/testing')
const { NotFoundError } = require('paydesk/client')

let sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

test('an order is paid', async () => {
  const tenant = await sandbox.tenant()
  const receiver = await tenant.receiver()
  const session = await tenant.client.paymentSessions.create({ amount: '1499.90', currency: 'INR' })
  expect(session).toStrictEqual({ ...session, currency: 'INR' })
  const page = await fetch(tenant.client.checkoutUrl(session))
  expect(page.status).toBe(200)
  await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
  const event = await receiver.next('payment.succeeded')
  expect(event.event_object.payment.amount).toBe('1499.90')
  await expect(tenant.client.payments.retrieve('1')).rejects.toThrow(NotFoundError)
  await expect(tenant.client.payments.retrieve('1')).rejects.toBeInstanceOf(Error)
})
`

/** A test with node:test. */
export const NODE_TEST = `
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startSandbox } from 'paydesk/testing'

const sandbox = await startSandbox()
after(() => sandbox.close())

test('an order is paid', async () => {
  const tenant = await sandbox.tenant()
  const session = await tenant.client.paymentSessions.create({ amount: '1499.90', currency: 'INR' })
  const { status } = await tenant.pay(session, { method: 'upi', outcome: 'succeeded' })
  assert.equal(status, 'succeeded')
})
`

/** The use of the client's types, which TypeScript 4.7 can read too. */
export const CLIENT_TYPES = `
import { createPaydeskClient, NotFoundError, type Payment } from 'paydesk-client'
import { readSignedRedirect } from 'paydesk-client/signatures'
import { verifyWebhookAsync, type WebhookEvent } from 'paydesk-client/webhooks'
import { createPaydeskClient as sameClient } from 'paydesk/client'
import { readSignedRedirectAsync } from 'paydesk/signatures'
import { verifyWebhook } from 'paydesk/webhooks'

const client = createPaydeskClient({ edition: 'IN', accountId: '1', accessToken: 'x' })
export const payment: Promise<Payment> = client.payments.retrieve('1')
export const second = sameClient({ baseUrl: 'http://127.0.0.1', accountId: '1', accessToken: 'x' })
// @ts-expect-error: a session has no such status.
export const wrong = async (): Promise<'paid'> => (await client.paymentSessions.retrieve('1')).status
// @ts-expect-error: an amount is required.
export const incomplete = client.paymentSessions.create({ currency: 'INR' })
export const amount = readSignedRedirect('?a=1', 'key')?.amount.length
export const event: Promise<WebhookEvent> = verifyWebhookAsync('{}', {}, 'key')
export const all = [NotFoundError, readSignedRedirectAsync, verifyWebhook]
`

/** The use of the other types. */
export const SERVER_TYPES = `
import type { PaydeskConfig } from 'paydesk/config'
import type { MessageOutcome, Messenger } from 'paydesk/messenger'
import { messengerSuite } from 'paydesk/messenger/suite'
import type { ChargeOutcome, Processor } from 'paydesk/processor'
import { processorSuite } from 'paydesk/processor/suite'
import { startSandbox, type Sandbox } from 'paydesk/testing'
import { fixtures } from 'paydesk/testing/playwright'

export async function open(): Promise<Sandbox> {
  const mine = await startSandbox({ seed: 'shop' })
  // @ts-expect-error: there is no such effect.
  await mine.faults.add({ target: 'webhook', effect: { doubled: true } })
  // @ts-expect-error: a status is a text.
  const count: number = (await mine.client.payments.retrieve('1')).status
  return count > 0 ? mine : mine.tenant()
}
export const worker: { scope: 'worker' } = fixtures.sandbox[1]
export const config: PaydeskConfig = { settings: { port: 4242 } }
export const chargeOutcome: ChargeOutcome = { kind: 'approved', processorReference: 'c1' }
export type Adapter = Processor
export const suite = processorSuite
export const messages = messengerSuite
export const messageOutcome: MessageOutcome = { kind: 'sent', reference: 'm1' }
export type MessageAdapter = Messenger
`
