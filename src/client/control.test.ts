import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../testing/index.ts'
import { type Control, createControl } from './control.ts'
import { ApiConnectionError, InvalidRequestError, NotFoundError } from './index.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

type Recorded = { readonly method: string; readonly path: string; readonly body: unknown }

function recording(baseUrl: string) {
  const answers: Recorded[] = []
  const control = createControl({
    baseUrl,
    fetch: async (input, init) => {
      const response = await fetch(input, init)
      const { pathname } = new URL(String(input))
      const path = pathname.slice(pathname.indexOf('/_sandbox'))
      answers.push({ method: init?.method ?? 'GET', path, body: await response.clone().json() })
      return response
    },
  })
  return { control, answers }
}

async function changeMandate(control: Control, { client }: Sandbox): Promise<void> {
  const asha = { name: 'Asha Rao', email: 'asha@shop.example' }
  const { customer_id } = await client.customers.create(asha)
  const session = await client.mandates.enroll({
    amount: '1.00',
    currency: 'INR',
    customer_id,
    description: 'Gym plan',
    mandate_details: {
      payment_method_type: 'upi',
      frequency: 'as_presented',
      description: 'Fees',
      amount_rule: 'variable',
      max_amount: '500.00',
    },
  })
  await control.sessions.play(session.payments_session_id, [
    { method: 'upi', outcome: 'succeeded' },
  ])
  const [mandate] = (await client.mandates.list()).mandates
  for (const change of ['pause', 'resume', 'revoke'] as const) {
    await control.mandates[change](mandate?.mandate_id ?? '')
  }
  await control.mandates.story(mandate?.mandate_id ?? '')
}

async function callEverything(control: Control, tenant: Sandbox): Promise<void> {
  await control.facts()
  await control.clock.run(60)
  await control.clock.freeze()
  const { time } = await control.clock.advance('1m')
  await control.clock.set(time)
  await control.clock.read()

  const { webhook } = await tenant.receiver()
  const attempts = [
    { method: 'card', outcome: 'failed' },
    { method: 'upi', outcome: 'succeeded' },
  ] as const
  const { payments, payments_session_id: id } = await control.sessions.trigger({ attempts })
  await tenant.client.refunds.create(payments[0]?.payment_id ?? '', { amount: '1.00' })
  await control.clock.advance('1h')
  await control.sessions.story(id)
  for (const end of ['expire', 'cancel'] as const) {
    const open = await control.sessions.trigger()
    await control.sessions.play(open.payments_session_id, [{ method: 'upi', outcome: 'failed' }])
    await control.sessions[end](open.payments_session_id)
  }
  const waiting = await control.sessions.trigger({
    attempts: [{ method: 'upi', outcome: 'pending' }],
  })
  await control.sessions.decide(waiting.payments_session_id, { outcome: 'failed' })
  const link = { amount: '5.00', currency: 'INR', description: 'Order 5' }
  const { payment_link_id: linkId } = await tenant.client.paymentLinks.create(link)
  await control.paymentLinks.open(linkId)
  await control.paymentLinks.story(linkId)
  await control.paymentLinks.expire(linkId)
  const { account_number, ifsc_code } = await tenant.client.virtualAccounts.create({
    description: 'Dealer deposits',
  })
  await control.bankTransfers.send({ account_number, ifsc_code, amount: '10.00' })
  const { customer_id } = await tenant.usClient.customers.create({
    name: 'Ben Ode',
    email: 'ben@shop.example',
  })
  await control.paymentMethods.save(customer_id, { type: 'card' })
  await tenant.client.paymentLinks.create({
    ...link,
    email: 'asha@shop.example',
    notify_customer: { email: true },
  })
  const [message] = await control.messages.list({ limit: 1 })
  await control.messages.retrieve(message?.message_id ?? '')
  await tenant.client.terminalSessions.create({
    amount: '20.00',
    currency: 'INR',
    terminal_id: 'PDTERM01',
  })
  await changeMandate(control, tenant)
  await control.terminals.retrieve('PDTERM01')
  const { payment_id: paymentId } = await control.terminals.pay('PDTERM01')
  for (const decide of [control.disputes.win, control.disputes.lose]) {
    const { dispute } = await control.disputes.open(paymentId, { amount: '5.00' })
    await decide(dispute?.dispute_id ?? '')
  }
  await control.search(id)
  await control.statistics(tenant.accountId)
  await control.payments(tenant.accountId)
  const { event_id: eventId } = await control.events.trigger({ event_type: 'payout.paid' })
  expect(eventId).toEqual(expect.any(Number))
  await control.events.sample('payment.succeeded')
  await control.clock.advance('1m')
  await control.webhooks.keys(tenant.accountId)
  const [event] = (await tenant.client.events.list({ event_type: 'payment.succeeded' })).events
  await control.webhooks.inspectDelivery(webhook.webhook_url_id, String(event?.event_id))

  const fault = await control.faults.add({
    target: 'route',
    match: { route: '/payments' },
    for: '10m',
    effect: { latency: '1ms', status: 503, retry_after: 1 },
  })
  await control.faults.list()
  await control.faults.delete(fault.id)
  await control.faults.clear()
  const [exchange] = await control.requests.list({ kind: 'api', limit: 5 })
  await control.requests.retrieve(exchange?.id ?? '')
  await control.requests.list({ kind: 'processor' })
  await control.requests.list({ kind: 'webhook' })
  await control.requests.listeners()
  await control.requests.clear()

  await control.clock.advance('9d')
  await control.payouts.settings({ schedule: 'weekly', bank_account_last_four_digits: '0000' })
  const later = { attempts: [{ method: 'upi', outcome: 'succeeded' }] } as const
  await control.payouts.settings({ schedule: 'monthly' })
  // On the tenth of a month no monthly run is due for some days.
  const now = new Date(time)
  const tenth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 10))
  await control.clock.set(tenth.toISOString())
  for (const decide of [control.payouts.pay, control.payouts.fail]) {
    await control.sessions.trigger(later)
    await control.clock.advance('5d')
    const [payout] = await control.payouts.run()
    await decide(payout?.payout_id ?? '')
  }

  await control.ledger()
  await control.snapshots.take('one')
  await control.snapshots.list()
  await control.snapshots.restore('one')
  await control.snapshots.delete('one')
  const { name } = await control.tenants.create({ seed: 'x' })
  const fork = await control.fork()
  await control.tenants.list()
  await control.tenants.delete(name)
  await control.tenants.delete(fork.name)
  await control.reset()
}

test('every answer of the control API matches its schema, and every operation except the stream has a client method', async () => {
  const tenant = await sandbox.tenant()
  const { answers, control } = recording(tenant.baseUrl)
  await callEverything(control, tenant)

  const document = await (await fetch(`${tenant.baseUrl}/_sandbox/openapi.json`)).json()
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(document, 'control')
  const missing: string[] = []
  for (const [path, operations] of Object.entries<Record<string, Operation>>(document.paths)) {
    const pattern = new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`)
    for (const [method, { operationId, responses }] of Object.entries(operations)) {
      if (UNCALLED.has(operationId)) continue
      const own = answers.filter(
        (one) => one.method.toLowerCase() === method && pattern.test(one.path),
      )
      if (own.length === 0) missing.push(operationId)
      const [status = ''] = Object.keys(responses)
      const pointer = ['paths', path, method, 'responses', status, 'content', 'application/json']
      const validate = ajv.getSchema(`control#/${[...pointer, 'schema'].map(escapePart).join('/')}`)
      if (validate === undefined) throw new Error(`no schema for ${operationId}`)
      for (const { body } of own) {
        validate(body)
        expect([operationId, validate.errors]).toEqual([operationId, null])
      }
    }
  }
  expect(missing).toEqual([])
})

type Operation = { readonly operationId: string; readonly responses: object }

/** The operation without a method of the client: the stream. */
const UNCALLED: ReadonlySet<string> = new Set(['streamRequests'])

function escapePart(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

test('an API error names its field, and a connection error names its address', async () => {
  const control = createControl({ baseUrl: sandbox.baseUrl })
  const refusal = control.clock.advance('soon')
  await expect(refusal).rejects.toBeInstanceOf(InvalidRequestError)
  await expect(refusal).rejects.toMatchObject({ code: 'invalid_parameter', field: 'by' })
  await expect(control.faults.delete('a/../b?c')).rejects.toBeInstanceOf(NotFoundError)
  const nobody = createControl({ baseUrl: 'http://127.0.0.1:9' })
  await expect(nobody.clock.read()).rejects.toBeInstanceOf(ApiConnectionError)
  await expect(nobody.clock.read()).rejects.toThrow('http://127.0.0.1:9')
})
