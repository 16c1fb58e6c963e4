import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { runnableCommands } from '../src/cli/command-table.ts'
import { makeProgram } from '../src/cli/program.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { systemClock } from '../src/server/clock.ts'
import { paydesk } from './support/command-line.ts'
import { startReceiver } from './support/receiver.ts'
import { makeSandboxDatabase } from './support/sandbox-database.ts'
import { startTestServer, type TestServer } from './support/server.ts'

/** The JSON output of every command. */

let server: TestServer
let folder: string
beforeAll(async () => {
  server = await startTestServer('memory', {}, { clock: systemClock })
  folder = mkdtempSync(join(tmpdir(), 'paydesk-json-'))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a command in this process, and returns its standard output. */
async function outputOf(words: readonly string[]): Promise<string> {
  let out = ''
  const writing = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
  try {
    const program = makeProgram({
      PAYDESK_API_URL: server.baseUrl,
      ...(words.includes('--live') && { PAYDESK_SECRET_KEY: 'ab'.repeat(32) }),
    })
    await program.parseAsync(['node', 'paydesk', ...words, '--json'])
  } finally {
    writing.mockRestore()
  }
  return out
}

/** Runs commands in this process, each with `--json`. Every output must be one JSON document. */
function createRunner() {
  const executedCommands = new Set<string>()
  return {
    ran: executedCommands,
    /** Runs a command. `words`: its own words. `args`: its arguments and flags. */
    run: async (words: string, ...args: string[]) => {
      executedCommands.add(words)
      const out = await outputOf([...words.split(' '), ...args])
      expect(out, words).toMatch(/^[{["]/)
      return JSON.parse(out)
    },
  }
}

type Run = ReturnType<typeof createRunner>['run']

async function runApiCommands(run: Run): Promise<void> {
  const open = await run('session create', '--amount', '5')
  expect(open.checkout_url).toContain('/hostedcheckout/')
  const { payments_session_id: id } = open
  await run('session show', id)
  await run('session pay', id, '--outcome', 'pending')
  const decision = await run('session decide', id, '--outcome', 'succeeded')
  expect(decision.status).toBe('succeeded')
  expect(await run('session list')).toHaveLength(1)
  const other = await run('session create', '--amount', '6')
  expect(await run('session cancel', other.payments_session_id)).toMatchObject({
    status: 'canceled',
  })
  const [{ payment_id: paymentId }] = await run('payment list')
  expect(await run('payment show', paymentId)).toMatchObject({ payment_id: paymentId })
  const refund = await run('refund create', paymentId)
  expect(refund).toMatchObject({ amount: '5.00' })
  await run('refund show', refund.refund_id)
  const link = await run('link create', '--amount', '5', '--description', 'Order 5')
  const { payment_link_id: linkId } = link
  expect(await run('link show', linkId)).toMatchObject({ status: 'active', payments: [] })
  expect(await run('link list')).toMatchObject([{ payment_link_id: linkId }])
  expect(await run('link update', linkId, '--reference', '5')).toMatchObject({ reference_id: '5' })
  expect(await run('link expire', linkId)).toMatchObject({ status: 'expired' })
  const { payment_link_id: otherId } = await run(
    'link create',
    '--amount',
    '6',
    '--description',
    'Order 6',
    '--email',
    'asha@cli.example',
    '--notify',
    'email',
  )
  const [message] = await run('message list', '--limit', '1')
  expect(message).toMatchObject({ kind: 'payment_link', payment_link_id: otherId })
  expect(await run('message show', message.message_id)).toMatchObject({ to: 'asha@cli.example' })
  expect(await run('link notify', otherId)).toMatchObject({ status: 'active' })
  const play = ['--method', 'upi', '--outcome', 'failed']
  expect(await run('link pay', otherId, ...play)).toMatchObject({ payments: [{ type: 'upi' }] })
  expect(await run('link cancel', otherId)).toMatchObject({ status: 'canceled' })
  const customer = await run('customer create', '--name', 'Asha', '--email', 'asha@cli.example')
  const { customer_id: customerId } = customer
  expect(await run('customer show', customerId)).toMatchObject({ name: 'Asha' })
  expect(await run('customer list')).toMatchObject([{ customer_id: customerId }])
  const change = await run('customer update', customerId, '--phone', '+91 17')
  expect(change).toMatchObject({ phone: '17', dialing_code: '+91' })
  const account = await run('virtual-account create', '--description', 'Deposits', '--minimum', '1')
  const { account_number: number, virtual_account_id: accountId } = account
  const transfer = await run('virtual-account transfer', number, '--amount', '250.5')
  expect(transfer).toMatchObject({ status: 'succeeded', virtual_account_id: accountId })
  expect(await run('virtual-account show', accountId)).toMatchObject({ amount_paid: 250.5 })
  expect(await run('virtual-account list', '--number', number)).toHaveLength(1)
  expect(await run('virtual-account payments', accountId)).toMatchObject([
    { payment_id: transfer.payment_id },
  ])
  expect(await run('virtual-account update', accountId, '--maximum', '500')).toMatchObject({
    maximum_amount: 500,
  })
  expect(await run('virtual-account close', accountId)).toMatchObject({ status: 'closed' })
  const us = ['--account', SANDBOX_VALUES.usAccountId]
  const ben = await run('customer create', '--name', 'Ben', '--email', 'ben@cli.example', ...us)
  const owner = ben.customer_id
  expect(await run('payment-method session', '--customer', owner, ...us)).toMatchObject({
    customer_id: owner,
  })
  const { payment_method_id: methodId } = await run('payment-method save', owner, '--name', 'Ben')
  expect(await run('payment-method show', methodId, ...us)).toMatchObject({ status: 'active' })
  const charge = await run('payment-method charge', methodId, '--amount', '49.00', ...us)
  expect(charge).toMatchObject({ status: 'succeeded', amount: '49.00' })
  expect(await run('payment-method delete', methodId, ...us)).toMatchObject({ is_deleted: true })
  expect(await run('customer delete', customerId)).toEqual({
    customer_id: customerId,
    is_deleted: true,
  })
}

async function runMandateCommands(run: Run): Promise<void> {
  const customer = await run('customer create', '--name', 'Om', '--email', 'om@cli.example')
  const { customer_id: customerId } = customer
  const purpose = ['--description', 'Gym plan'] as const
  const session = await run('mandate enroll', '--customer', customerId, ...purpose, '--max', '500')
  await run('session pay', session.payments_session_id, '--method', 'upi', '--outcome', 'succeeded')
  const [mandate] = await run('mandate list', '--customer', customerId)
  const { mandate_id: mandateId } = mandate
  expect(await run('mandate pause', mandateId)).toMatchObject({ status: 'paused' })
  expect(await run('mandate resume', mandateId)).toMatchObject({ status: 'active' })
  const debit = ['--amount', '499', '--description', 'Fees', '--invoice', 'INV-9'] as const
  const day = new Date(Date.now() + 4 * 24 * 3_600_000).toISOString().slice(0, 10)
  expect(await run('mandate notify', mandateId, ...debit, '--on', day)).toMatchObject({
    mandate_id: mandateId,
  })
  expect(await run('mandate execute', mandateId, ...debit)).toMatchObject({ status: 'initiated' })
  expect(await run('mandate revoke', mandateId)).toMatchObject({ status: 'inactive' })
  expect(await run('mandate show', mandateId)).toMatchObject({ inactive_reason: 'revoked' })
  const other = await run('mandate enroll', '--customer', customerId, ...purpose, '--max', '500')
  await run('session pay', other.payments_session_id, '--method', 'upi', '--outcome', 'succeeded')
  const [active] = await run('mandate list', '--status', 'active')
  expect(await run('mandate cancel', active.mandate_id)).toMatchObject({ status: 'inactive' })
}

async function runEventCommands(run: Run): Promise<void> {
  const receiver = await startReceiver()
  const endpoint = await run('webhook create', `${receiver.url}/hooks`)
  const { webhook_url_id: endpointId } = endpoint
  expect(endpoint.name).toBe(new URL(receiver.url).host)
  expect(await run('webhook list')).toMatchObject([{ webhook_url_id: endpointId }])
  const [newest] = await run('event list', '--limit', '1')
  await run('event show', String(newest.event_id))
  expect(await run('event resend', String(newest.event_id))).toMatchObject({
    deliveries: [{ webhook_url_id: endpointId }],
  })
  expect(await run('webhook rotate-key', endpointId)).toHaveProperty('signing_key')
  const replay = await run('webhook replay', endpointId)
  expect(replay.event_count).toBeGreaterThan(0)
  expect(await run('webhook delete', endpointId)).toEqual({
    webhook_url_id: endpointId,
    is_deleted: true,
  })
  await receiver.close()
}

async function runSandboxCommands(run: Run): Promise<void> {
  const trigger = await run('trigger session')
  await run('trigger attempts', trigger.payments_session_id, 'card:succeeded')
  expect(await run('trigger event', 'payout.paid')).toMatchObject({ event_type: 'payout.paid' })
  const sale = await run('terminal charge', 'PDTERM01', '--amount', '250', '--method', 'card')
  expect(sale).toMatchObject({ session_status: 'in_progress' })
  const { payments_session_id: saleId } = sale
  expect(await run('terminal show', 'PDTERM01')).toMatchObject({
    payments_sessions: [{ payments_session_id: saleId }],
  })
  const atTerminal = await run('terminal pay', 'PDTERM01', '--session', saleId)
  expect(atTerminal).toMatchObject({ status: 'succeeded', payment_type: 'pos' })
  const paymentId = atTerminal.payment_id
  const opening = await run('dispute open', paymentId, '--amount', '5', '--reason', 'duplicate')
  expect(opening).toMatchObject({ status: 'disputed' })
  expect(await run('dispute win', opening.dispute.dispute_id)).toMatchObject({
    status: 'succeeded',
  })
  const again = await run('dispute open', paymentId, '--amount', '40')
  expect(await run('dispute lose', again.dispute.dispute_id)).toMatchObject({ status: 'disputed' })
  expect(await run('payment list', '--status', 'disputed')).toMatchObject([
    { payment_id: paymentId },
  ])
  // The money of a lost dispute cannot be refunded.
  expect(await run('refund create', paymentId)).toMatchObject({ amount: '210.00' })
  await run('clock show')
  await run('clock set', new Date(Date.now() + 60_000).toISOString())
  await run('clock advance', '1s')
  await run('clock freeze')
  await run('clock run')
  const settings = ['--schedule', 'monthly', '--bank-account', '1193']
  expect(await run('payout settings', ...settings)).toMatchObject({ schedule: 'monthly' })
  // On the tenth of a month no monthly run is due for some days.
  const now = new Date()
  const tenth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 10))
  await run('clock set', tenth.toISOString())
  await run('payout run')
  await run('trigger session', '--attempts', 'upi:succeeded')
  await run('clock advance', '6d')
  const [newPayout] = await run('payout run')
  expect(await run('payout pay', newPayout.payout_id)).toMatchObject({ status: 'paid' })
  await run('trigger session', '--attempts', 'upi:succeeded')
  await run('clock advance', '6d')
  const [payout] = await run('payout run')
  const { payout_id: payoutId } = payout
  const failure = await run('payout fail', payoutId, '--code', 'declined')
  expect(failure).toMatchObject({ failure_code: 'declined' })
  expect(await run('payout show', payoutId)).toMatchObject({ status: 'failed' })
  expect(await run('payout list', '--status', 'failed')).toMatchObject([{ payout_id: payoutId }])
  expect((await run('payout transactions', payoutId)).length).toBeGreaterThan(0)
  expect(await run('payout balance')).toMatchObject([{ currency: 'INR' }])
  const fault = await run('fault add', 'route', '--status', '503', '--count', '1')
  expect(await run('fault list')).toHaveLength(1)
  expect(await run('fault delete', fault.id)).toEqual({ fault_id: fault.id, is_deleted: true })
  await run('fault clear')
  const [request] = await run('request list', '--limit', '1')
  await run('request show', request.id)
  await run('tenant list')
  const { name } = await run('tenant create')
  await run('tenant delete', name)
  await run('tenant delete', (await run('tenant fork')).name)
  await run('snapshot take', 'a')
  expect(await run('snapshot list')).toHaveLength(1)
  expect(await run('snapshot restore', 'a')).toHaveProperty('time')
  await run('snapshot delete', 'a')
  expect(await run('reset')).toHaveProperty('name')
}

async function runDatabaseCommands(run: Run): Promise<void> {
  const file = join(folder, 'json.db')
  const data = ['--data', file] as const
  expect((await run('migrate', ...data)).migrations).toContain('foundation')
  await makeSandboxDatabase(file)
  const account = await run('account create', '--name', 'Shop', '--edition', 'IN', ...data)
  expect(account).toMatchObject({ name: 'Shop', api_key: expect.any(String) })
  const id = account.account_id
  expect(await run('account show', id, ...data)).toMatchObject({ account_id: id })
  await run('account update', id, '--powered-by', 'off', ...data)
  await run('account rotate-keys', id, '--key', 'signing', ...data)
  await run('account close', id, ...data)
  await run('account reopen', id, ...data)
  expect(await run('audit list', ...data)).toContainEqual(
    expect.objectContaining({ action: expect.stringContaining('close') }),
  )
  expect(await run('account list', ...data)).toMatchObject([{ account_id: id }])
  const client = await run('client create', '--name', 'App', '--account', id, ...data)
  expect(client).toHaveProperty('client_secret')
  expect(await run('client list', ...data)).not.toMatchObject([{ client_secret: '' }])
  const scope = ['--scope', 'ZohoPay.payments.READ'] as const
  await run('client show', client.client_id, ...data)
  await run('client update', client.client_id, '--name', 'Other', ...data)
  await run('client rotate-secret', client.client_id, ...data)
  const token = await run('token create', ...scope, ...data)
  expect(token).toHaveProperty('access_token')
  await run('token list', ...data)
  await run('token revoke', token.access_token, ...data)
  await run('client delete', client.client_id, ...data)
  expect(await run('ledger check', ...data)).toMatchObject({ agrees: true })
  const rows = ['payments', '--output', join(folder, 'payments.csv')] as const
  expect(await run('export', ...rows, ...data)).toMatchObject({ row_count: 0 })
  expect(await run('database status', ...data)).toMatchObject({ engine: 'sqlite', nodes: [] })
  expect(await run('database rekey', '--check', ...data)).toContainEqual(
    expect.objectContaining({ previous_secret_key: 0 }),
  )
  expect(await run('customer erase', 'nobody@mail.test', '--account', id, ...data)).toMatchObject({
    customer_ids: [],
  })
  expect(await run('prune', '--keep-events', '7d', ...data)).toMatchObject({ is_dry_run: false })
  const copy = join(folder, 'copy.db')
  expect(await run('backup', copy, ...data)).toMatchObject({ backup: copy })
  expect(await run('restore', copy, '--check')).toMatchObject({ is_sound: true })
  const decoding = await run('id decode', '173000002314883', ...data)
  expect(await run('id encode', decoding.stored_id, ...data)).toMatchObject({ id: decoding.id })
}

async function runOperatorCommands(run: Run): Promise<void> {
  const live = ['--data', join(folder, 'live.db'), '--live'] as const
  await run('account create', '--name', 'Shop', '--edition', 'IN', ...live)
  const person = ['--name', 'Asha', '--email', 'asha@shop.example', '--role', 'support'] as const
  const { operator_id: id, ...operator } = await run('operator create', ...person, ...live)
  expect(operator.invitation_link).toMatch(/^\/console\/invitation\/[\w-]{43}$/)
  expect(await run('operator update', id, '--refund-max', '500', ...live)).toMatchObject({
    refund_max_minor: 500,
  })
  expect(await run('operator list', ...live)).toMatchObject([
    { operator_id: id, status: 'invited' },
  ])
  expect(await run('operator invite', 'asha@shop.example', ...live)).toHaveProperty(
    'invitation_link',
  )
  expect(await run('operator disable', id, ...live)).toMatchObject({ status: 'disabled' })
  expect(await run('operator enable', id, ...live)).toMatchObject({ status: 'invited' })
  const identity = ['--issuer', 'https://id.example', '--subject', 'asha-17']
  expect(await run('operator link', id, ...identity, ...live)).toMatchObject({ status: 'active' })
  await run('operator sign-out', id, ...live)
}

async function runFileCommands(run: Run): Promise<void> {
  expect(await run('health')).toMatchObject({ status: 'ready' })
  expect((await run('conformance', '--list'))[0]).toMatchObject({ section: 'Access and errors' })
  const before = process.cwd()
  process.chdir(folder)
  try {
    expect(await run('init')).toEqual({ file: 'paydesk.config.ts' })
  } finally {
    process.chdir(before)
  }
  expect(await run('config check')).toContainEqual({ name: 'port', value: '4242', from: 'default' })
  const scenario = join(folder, 'one.yaml')
  writeFileSync(
    scenario,
    'name: One\nsteps:\n  - session: { as: a, amount: 5.00, currency: INR }\n',
  )
  expect(await run('scenario run', scenario)).toMatchObject({ passed: true })
  const processor = fileURLToPath(new URL('./support/approving-processor.ts', import.meta.url))
  const setup = join(folder, 'setup.mjs')
  writeFileSync(setup, SETUP)
  expect(await run('processor check', processor, '--setup', setup)).toHaveProperty('passed')
  const messenger = join(folder, 'messenger.mjs')
  writeFileSync(messenger, MESSENGER)
  const check = await run('messenger check', messenger, '--to', '+919000000001')
  expect(check).toMatchObject({ messenger: 'own', failed: 0 })
  process.exitCode = 0
  expect(await run('completion', 'bash')).toMatchObject({ shell: 'bash' })
  expect(await run('complete', 'bash', 'sess')).toMatchObject([{ word: 'session' }])
  expect(await run('help', 'exit-codes')).toContainEqual({
    exit_code: 2,
    meaning: expect.any(String),
  })
}

/** A messenger that accepts each message. */
const MESSENGER = `export default { name: 'own', channels: ['sms'], send: async () => ({ kind: 'sent' }) }`

const SETUP = `export default {
  amount: { amountMinor: 100n, currency: 'INR' },
  instruments: {},
  complete: async () => {},
  completeRefund: async () => {},
}
`

test('every command takes --json, and prints one JSON document, or lines of JSON while it runs', async () => {
  const { ran: executedCommands, run } = createRunner()
  await runApiCommands(run)
  await runEventCommands(run)
  await runMandateCommands(run)
  await runSandboxCommands(run)
  await runDatabaseCommands(run)
  await runOperatorCommands(run)
  await runFileCommands(run)
  for (const { command, words } of runnableCommands(makeProgram({}))) {
    const name = words.join(' ')
    expect(
      command.options.map(({ long }) => long),
      name,
    ).toContain('--json')
    if (STREAMS.includes(name) || ON_CITUS.includes(name)) continue
    expect(executedCommands, `the test runs ${name}`).toContain(name)
  }
})

/** The commands that run until they are stopped. Tests in other files run them. */
const STREAMS: readonly string[] = ['serve', 'webhook listen', 'logs tail', 'mcp']

/** The commands that only a Citus database accepts. The tests on Citus run them. */
const ON_CITUS: readonly string[] = ['database distribute']

test('with --json the last line of the error output is one object, which names the reason and the exit code', async () => {
  const errorOf = async (words: readonly string[], url = server.baseUrl) => {
    const { code, err, out } = await paydesk([...words, '--json'], { PAYDESK_API_URL: url })
    expect(out).toBe('')
    const { error } = JSON.parse(err.trimEnd().split('\n').at(-1) ?? '')
    expect(error.exit_code).toBe(code)
    return error
  }
  expect(await errorOf(['session', 'creat'])).toEqual({
    exit_code: 2,
    reason: 'usage',
    message: expect.stringContaining("unknown command 'creat'"),
  })
  expect(await errorOf(['session', 'create'])).toMatchObject({
    reason: 'usage',
    message: expect.stringMatching(/^required option '--amount/),
  })
  expect(await errorOf(['serve', '--port', '70000'])).toEqual({
    exit_code: 2,
    reason: 'usage',
    message: '--port must be a whole number from 0 to 65535, but it is "70000".',
  })
  expect(await errorOf(['session', 'create', '--amount', 'x'])).toEqual({
    exit_code: 2,
    reason: 'usage',
    message: expect.stringMatching(/^invalid_parameter: --amount must be/),
    api: {
      status: 400,
      code: 'invalid_parameter',
      message: expect.stringMatching(/^amount must be/),
      field: 'amount',
      request_id: expect.any(String),
    },
  })
  expect(await errorOf(['payment', 'show', '12'])).toMatchObject({
    exit_code: 1,
    reason: 'refused',
    api: { status: 404, field: 'payment_id' },
  })
  expect(await errorOf(['payment', 'list', '--token', 'x'.repeat(20)])).toMatchObject({
    exit_code: 4,
    reason: 'unauthorized',
  })
  expect(await errorOf(['payment', 'list'], 'http://127.0.0.1:9')).toMatchObject({
    exit_code: 3,
    reason: 'unreachable',
  })
})
