/** `paydesk mcp` with the SDK's client, which starts the command, as agents do. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyWebhook } from '../src/client/webhooks.ts'
import { readSettings } from '../src/server/settings/read-settings.ts'
import { startServer } from '../src/server/start-server.ts'
import { paydesk, paydeskFromSources } from './support/command-line.ts'
import { makePlace } from './support/engines.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { ACCOUNT_ID, call, PAYDESK, startTestServer, US_ACCOUNT_ID } from './support/server.ts'

const support = (name: string) => fileURLToPath(new URL(`./support/${name}`, import.meta.url))
/** The command can reach only this machine. */
const LOOPBACK_ONLY = `--import=${pathToFileURL(support('loopback-only.ts'))}`

/** An agent with `paydesk mcp` as its server. */
type Agent = {
  readonly client: Client
  // biome-ignore lint/suspicious/noExplicitAny: a test reads only the fields that it asserts.
  readonly use: (tool: string, args?: Record<string, unknown>) => Promise<any>
  // biome-ignore lint/suspicious/noExplicitAny: a test reads only the fields that it asserts.
  readonly problem: (tool: string, args?: Record<string, unknown>) => Promise<any>
  readonly close: () => Promise<void>
}

async function startAgent(
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Agent> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PAYDESK, 'mcp', ...args],
    env: { ...(process.env as Record<string, string>), ...environment },
    stderr: 'ignore',
  })
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(transport)
  // The client checks the tools' answers by the schemas of this list.
  await client.listTools()
  const callTool = (name: string, args: Record<string, unknown> = {}) =>
    client.callTool({ name, arguments: args }) as Promise<{
      isError?: boolean
      structuredContent?: unknown
      content: readonly { readonly text: string }[]
    }>
  return {
    client,
    use: async (name, args) => {
      const { content, isError, structuredContent } = await callTool(name, args)
      expect([isError, content[0]?.text]).toEqual([undefined, JSON.stringify(structuredContent)])
      return structuredContent
    },
    problem: async (name, args) => {
      const { content, isError } = await callTool(name, args)
      expect(isError).toBe(true)
      return JSON.parse(content[0]?.text ?? '')
    },
    close: () => client.close(),
  }
}

describe('an agent with its own sandbox', () => {
  let agent: Agent
  let receiver: Receiver
  beforeAll(async () => {
    agent = await startAgent(['--seed', 'agent'], { NODE_OPTIONS: LOOPBACK_ONLY })
    receiver = await startReceiver()
  })
  afterAll(async () => {
    await agent.close()
    await receiver.close()
  })

  test('gets tools with descriptions, and with schemas that any client can read', async () => {
    const { tools } = await agent.client.listTools()
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'add_fault',
      'advance_clock',
      'cancel_payment_link',
      'cancel_session',
      'change_mandate',
      'charge_payment_method',
      'clear_faults',
      'close_virtual_account',
      'create_customer',
      'create_payment_link',
      'create_session',
      'create_tenant',
      'create_terminal_session',
      'create_virtual_account',
      'create_webhook',
      'debit_mandate',
      'decide_dispute',
      'decide_payout',
      'delete_customer',
      'delete_payment_method',
      'delete_tenant',
      'delete_webhook',
      'dispute_payment',
      'enroll_mandate',
      'expire_payment_link',
      'expire_session',
      'get_balance',
      'get_customer',
      'get_event',
      'get_mandate',
      'get_message',
      'get_payment',
      'get_payment_link',
      'get_payment_method',
      'get_payout',
      'get_request',
      'get_session',
      'get_terminal',
      'get_virtual_account',
      'list_customers',
      'list_events',
      'list_faults',
      'list_messages',
      'list_payment_links',
      'list_payments',
      'list_payouts',
      'list_requests',
      'list_sessions',
      'list_virtual_accounts',
      'list_webhooks',
      'notify_of_debit',
      'open_payment_link',
      'pay_at_terminal',
      'play_attempt',
      'read_clock',
      'refund_payment',
      'resend_event',
      'reset',
      'run_payouts',
      'sandbox_facts',
      'save_payment_method',
      'send_bank_transfer',
      'send_payment_link',
      'set_clock',
      'trigger_event',
      'update_customer',
      'update_payment_link',
      'update_virtual_account',
    ])
    for (const tool of tools) {
      const { annotations = {}, description = '', inputSchema, name, outputSchema } = tool
      expect([name, description.length > 20, outputSchema?.type]).toEqual([name, true, 'object'])
      expect(Object.keys(inputSchema.properties ?? {})).toEqual(
        expect.arrayContaining(['account_id', 'tenant']),
      )
      expect(annotations.readOnlyHint).toBe(/^(?:get|list|read)_|_facts$/.test(name))
      expect(JSON.stringify(inputSchema)).not.toContain('"x-')
    }
    const destroying = tools.filter(({ annotations }) => annotations?.destructiveHint === true)
    expect(destroying.map(({ name }) => name)).toContain('reset')
    expect(JSON.stringify(tools).length).toBeLessThan(95_000)
  })

  test('can create a payment link, open and pay it, and change, cancel and expire others', async () => {
    const link = { amount: '20.00', currency: 'INR', description: 'Order 17' }
    const create = async () =>
      (await agent.use('create_payment_link', link)).payment_link.payment_link_id
    const [id, other, third] = [await create(), await create(), await create()]
    const { session } = await agent.use('open_payment_link', { payment_link_id: id })
    const { payments_session_id } = session
    await agent.use('play_attempt', { payments_session_id, method: 'upi', outcome: 'succeeded' })
    const paidLink = await agent.use('get_payment_link', { payment_link_id: id })
    expect(paidLink.payment_link).toMatchObject({
      status: 'paid',
      payments: [{ status: 'succeeded' }],
    })
    const list = await agent.use('list_payment_links', { status: 'paid' })
    expect(list.payment_links).toMatchObject([{ payment_link_id: id }])
    const change = { payment_link_id: other, description: 'Order 18' }
    const update = await agent.use('update_payment_link', change)
    expect(update.payment_link).toMatchObject({ description: 'Order 18', status: 'active' })
    const cancellation = await agent.use('cancel_payment_link', { payment_link_id: other })
    const expiry = await agent.use('expire_payment_link', { payment_link_id: third })
    expect([cancellation, expiry].map((one) => one.payment_link.status)).toEqual([
      'canceled',
      'expired',
    ])
    expect(await agent.problem('cancel_payment_link', { payment_link_id: id })).toMatchObject({
      code: 'invalid_payment_link',
    })
  })

  test('can pay at a terminal, dispute the payment and decide the dispute', async () => {
    const { payments_session: sale } = await agent.use('create_terminal_session', {
      terminal_id: 'PDTERM01',
      amount: '75.00',
    })
    const { terminal } = await agent.use('get_terminal', { terminal_id: 'PDTERM01' })
    expect(terminal.payments_sessions[0].payments_session_id).toBe(sale.payments_session_id)
    const { payment: atTerminal } = await agent.use('pay_at_terminal', {
      terminal_id: 'PDTERM01',
      method: 'upi',
    })
    const { payment: disputedPayment } = await agent.use('dispute_payment', {
      payment_id: atTerminal.payment_id,
      reason: 'fraudulent',
    })
    expect(disputedPayment).toMatchObject({ status: 'disputed', dispute: { status: 'open' } })
    const { payment: decidedPayment } = await agent.use('decide_dispute', {
      dispute_id: disputedPayment.dispute.dispute_id,
      outcome: 'won',
    })
    expect(decidedPayment).toMatchObject({ status: 'succeeded', dispute: { status: 'won' } })
  })

  test('can open a virtual account, transfer money to it, change it and close it', async () => {
    const { virtual_account: account } = await agent.use('create_virtual_account', {
      description: 'Deposits',
      maximum_amount: '1000',
    })
    const { account_number, virtual_account_id: id } = account
    const { payment } = await agent.use('send_bank_transfer', { account_number, amount: '250.50' })
    expect(payment).toMatchObject({ status: 'succeeded', virtual_account_id: id })
    const result = await agent.use('get_virtual_account', { virtual_account_id: id })
    expect(result.virtual_account).toMatchObject({ amount_paid: 250.5, maximum_amount: 1000 })
    expect(result.payments).toMatchObject([{ payment_id: payment.payment_id }])
    expect(result.events.map((one: { event_type: string }) => one.event_type)).toEqual([
      'virtual_account.paid',
      'payment.succeeded',
    ])
    const change = { virtual_account_id: id, reference_number: 'dealer-9' }
    const update = await agent.use('update_virtual_account', change)
    expect(update.virtual_account).toMatchObject({ reference_number: 'dealer-9' })
    const list = await agent.use('list_virtual_accounts', { status: 'active' })
    expect(list.virtual_accounts).toMatchObject([{ virtual_account_id: id }])
    const closing = await agent.use('close_virtual_account', { virtual_account_id: id })
    expect(closing.virtual_account.status).toBe('closed')
  })

  test('can create a customer, find it with its payments, change it and delete it', async () => {
    const { customer } = await agent.use('create_customer', {
      name: 'Asha Rao',
      email: 'asha@agents.example',
      phone: '+91 90000 00001',
    })
    const { customer_id: id } = customer
    const { payments_session: session } = await agent.use('create_session', {
      session: { amount: '20.00', currency: 'INR', customer_id: id },
      attempts: [{ method: 'upi', outcome: 'succeeded' }],
    })
    const result = await agent.use('get_customer', { customer_id: id })
    expect(result.customer).toEqual(customer)
    expect(result.payments).toMatchObject([{ payment_id: session.payments[0].payment_id }])
    const list = await agent.use('list_customers', { search_text: 'asha@agents.example' })
    expect(list.customers).toMatchObject([{ customer_id: id }])
    const change = await agent.use('update_customer', { customer_id: id, name: 'Asha' })
    expect(change.customer).toMatchObject({ name: 'Asha', phone: '9000000001' })
    expect(await agent.use('delete_customer', { customer_id: id })).toEqual({ customer_id: id })
    expect(await agent.problem('get_customer', { customer_id: id })).toMatchObject({ status: 404 })
  })

  test('can play declines, a payment, its webhook, a refund and two days', async () => {
    const { sandbox } = await agent.use('sandbox_facts')
    expect(sandbox).toMatchObject({ account_id: ACCOUNT_ID, us_account_id: US_ACCOUNT_ID })
    const { webhook } = await agent.use('create_webhook', {
      name: 'Shop',
      url: `${receiver.url}/webhooks`,
      enabled_events: ['payment.succeeded', 'payment.failed', 'refund.succeeded', 'refund.failed'],
    })

    const { payments_session: newSession } = await agent.use('create_session', {
      session: { amount: '1899.90', currency: 'INR', reference_number: 'order-1' },
      attempts: [
        { method: 'card', outcome: 'failed', decline_code: 'insufficient_funds' },
        { method: 'card', outcome: 'failed' },
      ],
    })
    const id = newSession.payments_session_id
    expect(newSession).toMatchObject({ status: 'created', checkout_url: expect.any(String) })
    const page = await fetch(newSession.checkout_url)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('1,899.90')])
    const { payments_session: session } = await agent.use('play_attempt', {
      payments_session_id: id,
      method: 'upi',
      outcome: 'succeeded',
    })
    expect(session).toMatchObject({ status: 'succeeded', payments: { length: 3 } })

    const [{ payment_id }] = session.payments
    const { refund } = await agent.use('refund_payment', { payment_id, amount: '899.90' })
    const { clock: before } = await agent.use('read_clock')
    const { clock: after } = await agent.use('advance_clock', { by: '2d' })
    expect(after.time_ms - before.time_ms).toBe(2 * 86_400_000)
    const { payment, refunds } = await agent.use('get_payment', { payment_id })
    expect(payment).toMatchObject({ status: 'partially_refunded', amount_refunded: '899.90' })
    expect(refunds).toMatchObject([{ refund_id: refund.refund_id, status: 'succeeded' }])

    const history = await agent.use('get_session', { payments_session_id: id })
    const kinds = history.timeline.map(({ what }: { what: string }) => what)
    const attempt = ['attempt', 'event', 'delivery_attempt']
    expect(kinds).toEqual(
      ['session_created', attempt, attempt, attempt, 'event', 'delivery_attempt'].flat(),
    )
    const deliveries = history.timeline.filter(
      ({ what }: { what: string }) => what === 'delivery_attempt',
    )
    expect(
      deliveries.map((one: { event_type: string; http_status: number }) => [
        one.event_type,
        one.http_status,
      ]),
    ).toEqual([
      ['payment.failed', 200],
      ['payment.failed', 200],
      ['payment.succeeded', 200],
      ['refund.succeeded', 200],
    ])
    const requests = receiver.received.slice(1)
    expect(requests).toHaveLength(4)
    for (const { body, headers } of requests) {
      const options = { nowMs: before.time_ms, toleranceSeconds: 3 * 86_400 }
      expect(() => verifyWebhook(body, headers, webhook.signing_key, options)).not.toThrow()
    }
    const { event, deliveries: eventDeliveries } = await agent.use('get_event', {
      event_id: String(deliveries[2].event_id),
    })
    expect(event.payload.event_object.payment).toMatchObject({ payment_id })
    expect(eventDeliveries).toMatchObject([
      { status: 'delivered', attempts: [{ http_status: 200 }] },
    ])
    await agent.use('delete_webhook', { webhook_url_id: webhook.webhook_url_id })
  })

  test('gets a warning about udf values with dots, because a redirect’s signature then proves no udf value', async () => {
    const { sandbox } = await agent.use('sandbox_facts')
    const url = 'https://shop.example/done'
    const creation = await call(sandbox.base_url, 'POST', '/paymentsessions', {
      amount: 5,
      currency: 'INR',
      configurations: {
        hosted_page_parameters: { success_url: url, failure_url: url, udf1: 'a.b', udf2: 'c' },
      },
    })
    const { payments_session_id } = creation.body.payments_session
    const { timeline } = await agent.use('get_session', { payments_session_id })
    expect(timeline).toMatchObject([
      { what: 'session_created' },
      { what: 'note', text: expect.stringContaining('Dots in udf1:') },
    ])
  })

  test('can list the requests to the sandbox, and get one with a command that repeats it', async () => {
    const { sandbox } = await agent.use('sandbox_facts')
    const fields = { amount: 'much', currency: 'INR' }
    expect((await call(sandbox.base_url, 'POST', '/paymentsessions', fields)).status).toBe(400)
    const { requests } = await agent.use('list_requests', { kind: 'api', status: '400' })
    expect(requests[0]).toMatchObject({ method: 'POST', status: 400 })
    expect(requests[0]).not.toHaveProperty('request')
    const { request } = await agent.use('get_request', { request_id: requests[0].id })
    expect(request.request.body).toBe(JSON.stringify(fields))
    expect(request.curl).toMatch(/^curl .*\/api\/v1\/paymentsessions/)
  })

  test('can add and remove faults', async () => {
    const { fault } = await agent.use('add_fault', {
      target: 'route',
      match: { route: 'POST /paymentsessions' },
      effect: { status: 503 },
    })
    const { sandbox } = await agent.use('sandbox_facts')
    const fields = { amount: 1, currency: 'INR' }
    expect((await call(sandbox.base_url, 'POST', '/paymentsessions', fields)).status).toBe(503)
    expect((await agent.use('list_faults')).faults).toMatchObject([
      { id: fault.id, applied_count: 1 },
    ])
    expect(await agent.use('clear_faults')).toEqual({ faults: [] })
    expect((await call(sandbox.base_url, 'POST', '/paymentsessions', fields)).status).toBe(201)
  })

  test('can use a tenant like the sandbox itself, which does not have the tenant’s sessions', async () => {
    const { tenant: facts } = await agent.use('create_tenant', { name: 'apart' })
    const tenant = 'apart'
    expect((await agent.use('sandbox_facts', { tenant })).sandbox).toMatchObject(facts)
    const session = { amount: '10.00', currency: 'USD' }
    const creation = await agent.use('create_session', {
      tenant,
      account_id: facts.us_account_id,
      session,
    })
    const { payments_session_id } = creation.payments_session
    await agent.use('expire_session', { tenant, payments_session_id })
    const sessionList = await agent.use('list_sessions', {
      tenant,
      account_id: facts.us_account_id,
    })
    expect(sessionList.payments_sessions).toMatchObject([
      { payments_session_id, status: 'expired' },
    ])
    expect(await agent.problem('get_session', { payments_session_id })).toMatchObject({
      code: 'resource_does_not_exist',
    })
    await agent.use('reset', { tenant })
    expect((await agent.use('list_sessions', { tenant })).payments_sessions).toEqual([])
    await agent.use('delete_tenant', { name: tenant })
    expect(await agent.problem('reset', { tenant })).toMatchObject({ field: 'tenant' })
  })

  test('gets the API’s errors for wrong requests', async () => {
    const session = { amount: '1.999', currency: 'INR' }
    expect(await agent.problem('create_session', { session })).toMatchObject({
      status: 400,
      field: 'session.amount',
      message: expect.stringMatching(/^session\.amount/),
    })
    expect(await agent.problem('get_payment', { payment_id: '1' })).toMatchObject({
      code: 'resource_does_not_exist',
      status: 404,
    })
    expect(await agent.problem('get_payment', { payment: '1' })).toMatchObject({
      code: 'invalid_argument',
      field: 'payment_id',
      message: 'payment_id is required.',
    })
    expect(await agent.problem('get_payment', { payment_id: '../events' })).toMatchObject({
      code: 'invalid_argument',
      field: 'payment_id',
    })
    expect(
      await agent.problem('play_attempt', {
        payments_session_id: '1',
        method: 'cash',
        outcome: 'succeeded',
      }),
    ).toMatchObject({ field: 'method', message: expect.stringContaining('upi') })
    expect(await agent.problem('read_clock', { tennant: 'x' })).toMatchObject({
      message: 'tennant is not an argument of this tool.',
    })
    await expect(agent.client.callTool({ name: 'rob_bank' })).rejects.toThrow('rob_bank')
  })

  test('never gets a longer result than its limit', async () => {
    const { sandbox } = await agent.use('sandbox_facts')
    const description = 'x'.repeat(500)
    for (let count = 0; count < 55; count += 1) {
      await call(sandbox.base_url, 'POST', '/paymentsessions', {
        amount: 1,
        currency: 'INR',
        description,
      })
    }
    const sessionList = await agent.use('list_sessions', { limit: 50 })
    expect(sessionList.payments_sessions).toHaveLength(50)
    expect(JSON.stringify(sessionList).length).toBeLessThan(60_000)
    expect(await agent.problem('list_sessions', { limit: 51 })).toMatchObject({ field: 'limit' })
    await call(sandbox.base_url, 'POST', '/paymentsessions', { description: 'y'.repeat(9_000) })
    const { requests } = await agent.use('list_requests', { status: '400', limit: 1 })
    const { request } = await agent.use('get_request', { request_id: requests[0].id })
    expect(request.request.body.length).toBeLessThan(4_100)
    expect(request.request.body).toMatch(/\(cut: \d+ characters\)$/)
  })

  test('can read the guides, the errors and the API descriptions', async () => {
    const { resources } = await agent.client.listResources()
    const uris = resources.map(({ uri }) => uri)
    expect(uris).toEqual(
      expect.arrayContaining([
        'paydesk://guides/webhooks.md',
        'paydesk://reference/errors.md',
        'paydesk://openapi.json',
        'paydesk://sandbox/openapi.json',
      ]),
    )
    for (const uri of uris) {
      const { contents } = await agent.client.readResource({ uri })
      const text = (contents[0] as { text: string }).text
      if (uri.endsWith('.json')) expect(JSON.parse(text)).toHaveProperty('openapi', '3.1.0')
      else expect(text).toMatch(/^# /m)
    }
    const guide = await agent.client.readResource({ uri: 'paydesk://guides/agents.md' })
    const { tools } = await agent.client.listTools()
    const guideText = (guide.contents[0] as { text: string }).text
    expect(tools.filter(({ name }) => !guideText.includes(`\`${name}\``))).toEqual([])
    const outside = agent.client.readResource({ uri: 'paydesk://guides/../../package.json' })
    await expect(outside).rejects.toThrow('no resource')
  })

  test('gets prompts by name', async () => {
    const { prompts } = await agent.client.listPrompts()
    expect(prompts.map(({ name }) => name)).toEqual(['test_my_integration', 'explain_session'])
    const promptRequest = { name: 'test_my_integration', arguments: { webhook_url: receiver.url } }
    const { messages } = await agent.client.getPrompt(promptRequest)
    const [{ content } = { content: {} }] = messages
    const { text } = content as { text: string }
    expect(text).toContain(receiver.url)
    // The prompt names existing tools.
    const { tools } = await agent.client.listTools()
    const names = tools.map(({ name }) => name)
    const toolNames = text.match(/\b(?:create|get|list|play|resend|advance)_\w+/g)
    expect(toolNames?.filter((name) => !names.includes(name))).toEqual([])
    await expect(agent.client.getPrompt({ name: 'explain_session' })).rejects.toThrow('is required')
  })
})

describe('an agent with the address of a server', () => {
  test('uses the sandbox at this address, and leaves it running', async () => {
    const server = await startTestServer('memory')
    try {
      const agent = await startAgent(['--url', server.baseUrl])
      const session = { amount: '5.00', currency: 'INR' }
      const { payments_session: newSession } = await agent.use('create_session', { session })
      await agent.close()
      const path = `/paymentsessions/${newSession.payments_session_id}`
      expect((await server.call('GET', path)).body.payments_session).toMatchObject({
        amount: '5.00',
        status: 'created',
      })
    } finally {
      await server.close()
    }
  })

  test('gets no control tools for a live server', async () => {
    const place = await makePlace('file')
    const flags = { port: '0', logLevel: 'silent', live: true, ...place.flags }
    const processor = support('approving-processor.ts')
    const environment = { PAYDESK_SECRET_KEY: 'ab'.repeat(32) }
    const live = await startServer(readSettings({ ...flags, processor }, environment))
    try {
      const agent = await startAgent(['--url', live.baseUrl])
      const { tools } = await agent.client.listTools()
      expect(tools.map(({ name }) => name).sort()).toEqual([
        'cancel_payment_link',
        'cancel_session',
        'charge_payment_method',
        'close_virtual_account',
        'create_customer',
        'create_payment_link',
        'create_session',
        'create_terminal_session',
        'create_virtual_account',
        'create_webhook',
        'debit_mandate',
        'delete_customer',
        'delete_payment_method',
        'delete_webhook',
        'enroll_mandate',
        'get_balance',
        'get_customer',
        'get_event',
        'get_mandate',
        'get_payment',
        'get_payment_link',
        'get_payment_method',
        'get_payout',
        'get_session',
        'get_virtual_account',
        'list_customers',
        'list_events',
        'list_payment_links',
        'list_payments',
        'list_payouts',
        'list_sessions',
        'list_virtual_accounts',
        'list_webhooks',
        'notify_of_debit',
        'refund_payment',
        'resend_event',
        'send_payment_link',
        'update_customer',
        'update_payment_link',
        'update_virtual_account',
      ])
      expect(JSON.stringify(tools)).not.toContain('tenant')
      // The sandbox's token is not valid on this server.
      expect(await agent.problem('list_payments')).toMatchObject({ status: 401 })
      await agent.close()
    } finally {
      await live.close()
      place.remove()
    }
  })

  test('gets an error if no server is running', async () => {
    const { code, err, out } = await paydesk(['mcp', '--url', 'http://127.0.0.1:9'])
    expect([code, out]).toEqual([3, ''])
    expect(err).toMatch(/^paydesk: There is no Paydesk at http:\/\/127\.0\.0\.1:9\. Start /)
    const both = await paydesk(['mcp', '--url', 'http://127.0.0.1:9', '--seed', 'x'])
    expect(both.err).toMatch(/--port and --seed are for a private sandbox/)
  })
})

describe('the command mcp', () => {
  test('writes only the protocol, answers every request, and ends with its input', async () => {
    const child = spawn(process.execPath, [PAYDESK, 'mcp'])
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      out += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      err += chunk
    })
    const exit = once(child, 'close')
    const ask = (id: number, method: string, params: object = {}) =>
      `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`
    const session = { amount: '1.00', currency: 'INR' }
    const attempts = [{ method: 'upi', outcome: 'succeeded' }]
    child.stdin.end(
      [
        ask(1, 'initialize', {
          protocolVersion: '2025-06-18',
          capabilities: {},
          clientInfo: { name: 'test', version: '1' },
        }),
        `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`,
        'this is no message\n',
        ask(2, 'tools/call', { name: 'create_session', arguments: { session, attempts } }),
        ask(3, 'tools/call', { name: 'advance_clock', arguments: { by: '1h' } }),
        ask(4, 'resources/read', { uri: 'paydesk://openapi.json' }),
      ].join(''),
    )
    expect(await exit).toEqual([0, null])
    const messages = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(messages.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true)
    expect(messages.map(({ id }) => id).sort()).toEqual([1, 2, 3, 4])
    expect(messages.every(({ result }) => result !== undefined)).toBe(true)
    expect(err).toMatch(/serving http:\/\/127\.0\.0\.1:\d+ to an agent/)
  })

  test('loads the protocol’s package without the HTTP server in it, and `paydesk --version` does not load the package', async () => {
    const saying = `import { registerHooks } from 'node:module'
      registerHooks({
        load: (url, context, next) => {
          const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? []
          if (name !== undefined) process._rawDebug('loaded ' + name)
          return next(url, context)
        },
      })`
    const environment = {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(saying)}`,
    }
    // The input of the command has already ended.
    const [mcp, version] = await Promise.all([
      paydeskFromSources(['mcp'], environment),
      paydeskFromSources(['--version'], environment),
    ])
    expect([mcp.code, version.code]).toEqual([0, 0])
    expect(mcp.err).toContain('loaded @modelcontextprotocol/sdk')
    expect(mcp.err).not.toMatch(/loaded (?:express|hono|@hono|jose)/)
    expect(version.err).toContain('loaded commander')
    expect(version.err).not.toContain('modelcontextprotocol')
  })

  test('ends at SIGTERM', async () => {
    const child = spawn(process.execPath, [PAYDESK, 'mcp'], { stdio: ['pipe', 'ignore', 'pipe'] })
    const exit = once(child, 'close')
    await once(child.stderr, 'data')
    child.kill('SIGTERM')
    expect(await exit).toEqual([0, null])
  })
})

test('the documentation is served as text for language models', async () => {
  const server = await startTestServer('memory')
  try {
    const get = (path: string) => fetch(`${server.baseUrl}/${path}`)
    const answer = await get('llms.txt')
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    const text = await answer.text()
    expect(text).toMatch(/^# Paydesk\n\n> /)
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, to = '']) => to)
    expect(links.length).toBeGreaterThan(10)
    for (const link of links) expect([link, (await get(link)).status]).toEqual([link, 200])
    for (const path of ['docs/guides/none.md', 'docs/guides/..%2F..%2Fpackage.json']) {
      expect([path, (await get(path)).status]).toEqual([path, 404])
    }
  } finally {
    await server.close()
  }
})
