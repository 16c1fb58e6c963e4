import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { verifyWebhook } from '../src/client/webhooks.ts'
import { SANDBOX_WEBHOOK_SIGNING_KEY } from '../src/sandbox/well-known.ts'
import { type CheckoutServer, startCheckoutServer } from './support/checkout.ts'
import { type ProgramResult, paydesk, startPaydesk } from './support/command-line.ts'
import { visit } from './support/customer.ts'
import { type ReceivedRequest, startReceiver } from './support/receiver.ts'
import { control } from './support/sandbox.ts'
import { call, type SpawnedServer, spawnServer, startTestServer, TOKEN } from './support/server.ts'
import { makePayment, waitForRefund } from './support/taken-payments.ts'

const APPROVING = fileURLToPath(new URL('./support/approving-processor.ts', import.meta.url))

/** Pays a session on its page, at a server whose processor approves at once. */
async function pay(baseUrl: string, amount: number): Promise<void> {
  const fields = { amount, currency: 'INR' }
  const creation = await call(baseUrl, 'POST', '/paymentsessions', fields)
  const path = `/hostedcheckout/${creation.body.payments_session.access_key}/pay`
  const form = { method: 'upi', upi_channel: 'collect', upi_id: 'asha@paydesk' }
  const { text } = await visit(baseUrl, path, form, true)
  expect(JSON.parse(text)).toMatchObject({ view: { state: 'succeeded' } })
}

async function stop({ process: child }: SpawnedServer): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

/** A time in a table, as a pattern. */
const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d`

function expectRefused(result: ProgramResult, sentence: RegExp, code = 1) {
  expect(result).toMatchObject({ code, out: '' })
  expect(result.err).toMatch(sentence)
  expect(result.err).not.toMatch(/^\s+at /m)
}

/** Checks both signatures of a request, and returns its event. */
function verify({ body, headers }: ReceivedRequest, key: string) {
  const { 'x-zoho-webhook-signature': zoho, ...standardOnly } = headers
  const { 'webhook-signature': _, ...zohoOnly } = headers
  expect([zoho, standardOnly['webhook-id']]).not.toContain(undefined)
  verifyWebhook(body, zohoOnly, key)
  return verifyWebhook(body, standardOnly, key)
}

describe('commands that call a server', () => {
  let server: CheckoutServer
  let paidId: string
  let failedId: string
  beforeAll(async () => {
    server = await startCheckoutServer('memory')
    paidId = await makePayment(server, 1499.9, 'succeeded', { reference_number: 'ord_8841' })
    server.advance(1_000)
    failedId = await makePayment(server, 20, 'failed')
  })
  afterAll(() => server.close())
  const run = (...args: string[]) => paydesk(args, { PAYDESK_API_URL: server.baseUrl })
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out)

  test('payment list filters the payments, and payment show prints one', async () => {
    const { code, out } = await run('payment', 'list')
    expect(code).toBe(0)
    const [header, ...rows] = out.trimEnd().split('\n')
    expect(header).toMatch(/^Date +Payment +Status +Method +Amount +Refunded +Reference$/)
    expect(rows).toHaveLength(2)
    expect(rows[1]).toMatch(
      new RegExp(`^${TIME} +${paidId} +succeeded +card +1499.90 +INR +0.00 +ord_8841$`),
    )
    const ids = async (...more: string[]) =>
      (await json('payment', 'list', ...more)).map(
        ({ payment_id }: { payment_id: string }) => payment_id,
      )
    expect(await ids('--limit', '1')).toEqual([failedId])
    expect(await ids('--status', 'failed')).toEqual([failedId])
    expect(await ids('--method', 'card', '--search', paidId)).toEqual([paidId])
    expect(await ids('--from', '2999-01-01')).toEqual([])
    expect((await run('payment', 'list', '--method', 'upi')).out).toBe('No matching payments.\n')

    const details = await run('payment', 'show', paidId)
    expect(details.out).toMatch(/^Status +succeeded$/m)
    expect(details.out).toMatch(/^Net +1464\.50 INR$/m)
    expect(details.out).toMatch(/^Method +card visa 1111$/m)
    expect((await run('payment', 'show', failedId)).out).toMatch(/^Failure +insufficient_funds: /m)
    expect(await json('payment', 'show', paidId)).toMatchObject({ payment_id: paidId })
  })

  test('link commands create one link for an idempotency key, change, list and cancel it, and do not expire a canceled link', async () => {
    const order = ['--amount', '1499.90', '--description', 'Order 8841', '--reference', 'INV-8841']
    const notice = ['--email', 'asha@cli.example', '--notify', 'email']
    const create = () => run('link', 'create', ...order, ...notice, '--idempotency-key', 'l1')
    const creation = await create()
    expect(creation).toMatchObject({ code: 0, err: '' })
    const id = /^Payment link +(\d+)$/m.exec(creation.out)?.[1] ?? ''
    expect(creation.out).toMatch(/^Page +http:\S+\/paymentlink\/[0-9a-f]{52}$/m)
    expect((await create()).out).toBe(creation.out)

    const update = await run('link', 'update', id, '--description', 'Order 1', '--email', '')
    expect(update.out).toMatch(/^Description +Order 1$/m)
    expect(update.out).not.toContain('E-mail')
    const list = await run('link', 'list', '--status', 'active', '--reference', 'INV-8841')
    expect(list.out).toMatch(new RegExp(`${id}.* active +1499\\.90 INR .*INV-8841`))
    expect((await run('link', 'list', '--search', 'nobody')).out).toBe(
      'No matching payment links.\n',
    )
    const wrong = await run('link', 'update', id, '--expires-at', 'tomorrow')
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('--expires-at must be')])
    expect((await run('link', 'cancel', id)).out).toMatch(/^Status +canceled$/m)
    const late = await run('link', 'expire', id)
    expect([late.code, late.err]).toEqual([1, expect.stringContaining('it has been canceled')])
    expect(await run('link', 'update', id)).toMatchObject({
      code: 2,
      err: 'paydesk: Name a field to change. For the list: npx paydesk link update --help\n',
    })
    const refusal = await run('link', 'notify', id, '--notify', 'email')
    expect(refusal.err).toContain('the link has no email')
    await run('trigger', 'payment_link.paid')
    const [paidLink] = await json('link', 'list', '--status', 'paid')
    expect((await run('link', 'show', paidLink.payment_link_id)).out).toMatch(
      /^Payment +\d+ succeeded, card$/m,
    )
  })

  test('a payment link is sent again by e-mail, and is paid by its id alone', async () => {
    const options = ['--amount', '700', '--description', 'Order 9', '--email', 'pay@cli.example']
    const { payment_link_id: id } = await json('link', 'create', ...options)
    expect((await run('link', 'notify', id)).err).toMatch(/--notify must have a channel/)
    expect((await run('link', 'notify', id, '--notify', 'email')).out).toContain(id)
    const list = await run('message', 'list', '--link', id)
    expect(list.out.trimEnd().split('\n')).toHaveLength(2)
    expect(list.out).toMatch(/\d{2}:\d{2} +payment_link +email +pay@cli\.example/)
    const waiting = await run('link', 'pay', id, '--method', 'upi', '--outcome', 'pending')
    const command = /^To decide the payment: .*session decide (\d+) --outcome succeeded/m.exec(
      waiting.out,
    )
    await run('session', 'decide', command?.[1] ?? '', '--outcome', 'failed')
    const payment = await run('link', 'pay', id)
    expect(payment.out).toMatch(/^Status +paid$/m)
    expect((await run('link', 'pay', id)).err).toContain('it has been paid')
  })

  test('customer commands create one customer for an idempotency key, change it, find its payments and delete it', async () => {
    const create = () =>
      run(
        'customer',
        'create',
        '--name',
        'Asha Rao',
        '--email',
        'asha@cli.example',
        '--phone',
        '98765 43210',
        '--country',
        'IN',
        '--idempotency-key',
        'c1',
      )
    const creation = await create()
    expect(creation).toMatchObject({ code: 0, err: '' })
    const id = /^Customer +(\d+)$/m.exec(creation.out)?.[1] ?? ''
    expect(creation.out).toMatch(/^Phone +\+91 9876543210$/m)
    expect((await create()).out).toBe(creation.out)

    const update = await run('customer', 'update', id, '--email', 'rao@cli.example')
    expect(update.out).toMatch(/^E-mail +rao@cli\.example$/m)
    expect((await run('customer', 'show', id)).out).toBe(update.out)
    const list = await run('customer', 'list', '--search', 'rao@cli.example')
    const [header, ...rows] = list.out.trimEnd().split('\n')
    expect(header).toMatch(/^Created +Customer +Name +E-mail +Phone$/)
    expect(rows).toEqual([expect.stringContaining(id)])
    expect((await run('customer', 'list', '--from', '2999-01-01')).out).toBe(
      'No matching customers.\n',
    )

    const session = await json('session', 'create', '--amount', '5', '--customer', id)
    await run('session', 'pay', session.payments_session_id)
    const payments = await json('payment', 'list', '--customer', id)
    expect(payments).toHaveLength(1)
    expect((await run('payment', 'show', payments[0].payment_id)).out).toMatch(
      new RegExp(`^Customer +${id}$`, 'm'),
    )

    const wrong = await run('customer', 'update', id, '--phone', '+1 5', '--country', 'IN')
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('--country must be')])
    expect((await run('customer', 'update', id)).code).toBe(2)
    expect((await run('customer', 'delete', id)).out).toBe(`Deleted customer ${id}.\n`)
    expect((await run('customer', 'show', id)).code).toBe(1)
    const late = await run('session', 'create', '--amount', '5', '--customer', id)
    expect([late.code, late.err]).toEqual([1, expect.stringContaining('--customer must be')])
  })

  test('session commands create one session for an idempotency key, list it, open its checkout and cancel it', async () => {
    const create = (...more: string[]) =>
      run('session', 'create', '--amount', '1499.90', '--idempotency-key', 's1', ...more)
    const more = [
      '--reference',
      'ord_9',
      '--methods',
      'card,upi',
      '--success-url',
      'https://shop.example/s',
    ]
    const creation = await create(...more)
    expect(creation).toMatchObject({ code: 0, err: '' })
    const id = /^Payment session +(\d+)$/m.exec(creation.out)?.[1] ?? ''
    expect(creation.out).toMatch(/^Amount +1499\.90 INR$/m)
    const checkout = /^Checkout +(\S+)$/m.exec(creation.out)?.[1] ?? ''
    const page = await fetch(checkout)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('1,499.90')])
    expect((await create(...more)).out).toBe(creation.out)
    const proxiedServer = await startTestServer('memory', { publicUrl: 'https://shop.example/pay' })
    const url = ['--url', proxiedServer.localUrl]
    expect((await paydesk(['session', 'create', '--amount', '5', ...url])).out).toMatch(
      /^Checkout +https:\/\/shop\.example\/pay\/hostedcheckout\/\S+$/m,
    )
    await proxiedServer.close()

    expect(await json('session', 'list', '--reference', 'ord_9')).toMatchObject([
      {
        payments_session_id: id,
        configurations: {
          allowed_payment_methods: ['card', 'upi'],
          hosted_page_parameters: {
            success_url: 'https://shop.example/s',
            failure_url: 'https://shop.example/s',
          },
        },
      },
    ])
    expect((await run('session', 'list', '--status', 'expired')).out).toBe(
      'No matching payment sessions.\n',
    )
    expect((await run('session', 'cancel', id)).out).toMatch(/^Status +canceled$/m)
    expect(await json('session', 'show', id)).toMatchObject({ status: 'canceled' })
    expectRefused(
      await run('session', 'create', '--amount', '1499.901'),
      /^paydesk: invalid_parameter: --amount must .+\n$/,
      2,
    )
  })

  test('refund commands create one refund for an idempotency key, and show its outcome', async () => {
    const create = (...more: string[]) =>
      run('refund', 'create', paidId, '--amount', '10.00', '--idempotency-key', 'k1', ...more)
    const creation = await create('--description', 'Lamp')
    expect(creation).toMatchObject({ code: 0, err: '' })
    const id = /^Refund +(\d+)$/m.exec(creation.out)?.[1] ?? ''
    expect(creation.out).toMatch(/^Status +initiated$/m)
    expect(creation.out).toContain(
      `To look it up: npx paydesk refund show ${id} --url ${server.baseUrl}`,
    )
    expect((await create('--description', 'Lamp')).out).toContain(id)

    expect(await waitForRefund(server, id)).toBe('succeeded')
    expect((await run('refund', 'show', id)).out).toMatch(/^Status +succeeded$/m)
    expect(await json('refund', 'show', id)).toMatchObject({ amount: '10.00', description: 'Lamp' })
    expect(await json('payment', 'show', paidId)).toMatchObject({ amount_refunded: '10.00' })
  })

  test('errors of the API are printed with their code, and with the flag instead of the field', async () => {
    const refund = (id: string, amount: string) => run('refund', 'create', id, '--amount', amount)
    expectRefused(await refund(paidId, '9999999'), /^paydesk: refund_cannot_be_initiated: .+\n$/)
    expectRefused(
      await refund(paidId, '1.001'),
      /^paydesk: invalid_parameter: --amount must .+\n$/,
      2,
    )
    for (const args of [
      ['payment', 'show', '12'],
      ['refund', 'show', '12'],
      ['event', 'show', '12'],
      ['event', 'resend', '12'],
      ['webhook', 'delete', '12'],
    ]) {
      expectRefused(await run(...args), /^paydesk: resource_does_not_exist: There is no /)
    }
    expectRefused(await run('event', 'list', '--type', 'payment.won'), /choices are payment\./, 2)
    expectRefused(
      await run('payment', 'list', '--token', `${TOKEN}0`),
      /^paydesk: You are not authorized: /,
      4,
    )
  })

  test('webhook commands create an endpoint once for a URL and delete it, show an event with its deliveries, and resend it', async () => {
    const receiver = await startReceiver()
    const creation = await run(
      'webhook',
      'create',
      `${receiver.url}/hooks`,
      '--name',
      'Shop',
      '--events',
      'payment.succeeded,payment.failed',
    )
    expect(creation).toMatchObject({ code: 0, err: '' })
    const endpointId = /^Endpoint +(\d+)$/m.exec(creation.out)?.[1] ?? ''
    expect(creation.out).toMatch(/^Signing key +whsec_\S{44}$/m)
    const again = ['webhook', 'create', `${receiver.url}/hooks`, '--name', 'Again']
    const refusal = await run(...again, '--events', 'refund.failed')
    expect([refusal.code, refusal.out]).toEqual([1, ''])
    expect(refusal.err).toContain(`Endpoint ${endpointId} (Shop) has this URL`)
    const twin = await run(...again, '--events', 'refund.failed', '--allow-twin')
    const twinId = /^Endpoint +(\d+)$/m.exec(twin.out)?.[1] ?? ''
    expect((await run('webhook', 'delete', twinId)).code).toBe(0)
    const endpointList = await run('webhook', 'list')
    expect(endpointList.out).toContain(`${endpointId}  active  Shop  ${receiver.url}/hooks`)
    expect(await json('webhook', 'list')).toHaveLength(1)

    const paymentId = await makePayment(server, 30)
    const [newest] = await json('event', 'list', '--limit', '1')
    const eventId = String(newest.event_id)
    const delivery = () => server.call('GET', `/webhooks/${endpointId}/deliveries/${eventId}`)
    await expect
      .poll(async () => (await delivery()).body.delivery.status, { timeout: 30_000 })
      .toBe('delivered')
    const table = await run('event', 'list', '--type', 'payment.succeeded')
    expect(table.out).toMatch(
      new RegExp(`  ${eventId} +payment.succeeded  payment session \\d+$`, 'm'),
    )
    const ofSession = ['--session', newest.payments_session_id]
    expect(await json('event', 'list', ...ofSession)).toEqual([newest])

    const { out } = await run('event', 'show', eventId)
    const [payload = '', deliveries] = out.split('\n\n')
    expect(JSON.parse(payload)).toMatchObject({
      event_id: newest.event_id,
      event_type: 'payment.succeeded',
      event_object: { payment: { payment_id: paymentId } },
    })
    expect(deliveries).toMatch(
      new RegExp(
        `^Endpoint ${endpointId}: delivered\nAttempt +After  Answer\n${TIME} +\\d+ ms  200\n$`,
      ),
    )
    const isOfEvent = ({ body }: ReceivedRequest) => JSON.parse(body).event_id === newest.event_id
    for (const [count, more] of [
      [2, []],
      [3, ['--endpoint', endpointId]],
    ] as const) {
      expect((await run('event', 'resend', eventId, ...more)).out).toContain('is being sent again')
      await expect
        .poll(() => receiver.received.filter(isOfEvent).length, { timeout: 30_000 })
        .toBe(count)
    }
    expect((await run('webhook', 'delete', endpointId)).out).toContain('Deleted endpoint')
    expect((await run('webhook', 'list')).out).toBe('No webhook endpoints.\n')
    await receiver.close()
  })

  test('for a missing server, and for a server of another program, the error is one sentence', async () => {
    const closedReceiver = await startReceiver()
    await closedReceiver.close()
    const away = { PAYDESK_API_URL: closedReceiver.url }
    const unreachableError = new RegExp(
      `^paydesk: The server at ${closedReceiver.url} cannot be reached: nothing listens there\\..* npx paydesk serve; `,
    )
    expectRefused(await paydesk(['payment', 'list'], away), unreachableError, 3)
    expectRefused(await paydesk(['webhook', 'listen'], away), unreachableError, 3)
    const create = ['refund', 'create', '1', '--amount', '1']
    const notSent = await paydesk(create, away)
    expectRefused(notSent, unreachableError, 3)
    expect(notSent.err).not.toContain('may have been created')

    const other = createServer((_, response) => response.end('<h1>Hello</h1>')).listen(
      0,
      '127.0.0.1',
    )
    await once(other, 'listening')
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    expectRefused(await paydesk(['event', 'list', '--url', url]), /is not Paydesk.*Check --url/, 3)
    expect((await paydesk([...create, '--url', url])).err).toMatch(
      /without creating a second one: --idempotency-key cli-[0-9a-f]{24}/,
    )
    other.close()
  })

  test('the public sandbox token is sent only to this machine, and the error for a wrong setting names the setting', async () => {
    const elsewhere = ['payment', 'list', '--url', 'https://pay.example']
    expectRefused(await paydesk(elsewhere), /another machine, so PAYDESK_API_TOKEN must be set/, 2)
    const folder = mkdtempSync(join(tmpdir(), 'paydesk-token-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'token')
    writeFileSync(file, '1000.live.access.token', { mode: 0o644 })
    expectRefused(
      await paydesk(elsewhere, { PAYDESK_API_TOKEN_FILE: file }),
      /Warning: other users of this machine can read .*\/token, which contains a secret: chmod g-w,o= .*\n.*another machine, so PAYDESK_API_ACCOUNT must be set/,
      2,
    )
    expectRefused(
      await paydesk(['payment', 'list'], { PAYDESK_API_TOKN: 'x', PAYDESK_API_ACCOUNT: 'abc' }),
      /PAYDESK_API_TOKN is not a setting, did you mean PAYDESK_API_TOKEN\? Commands that call a server read PAYDESK_API_URL,[\s\S]*PAYDESK_API_ACCOUNT must be a whole number/,
      2,
    )
    for (const args of [
      ['payment', 'show', '../oauth'],
      ['payment', 'list', '--limit', '0'],
      ['payment', 'list', '--url', 'http://a:b@127.0.0.1'],
      ['webhook', 'listen', '--forward-to', 'ftp://127.0.0.1'],
      ['webhook', 'listen', '--events', 'payment.won'],
    ]) {
      expectRefused(await run(...args), /is invalid/, 2)
    }
    // A command that calls no server ignores the settings of the commands that call one.
    const { code } = await paydesk(['migrate', '--help'], { PAYDESK_API_URL: 'x' })
    expect(code).toBe(0)
  })
})

describe('webhook listen', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'paydesk-listen-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('forwards signed events as they happen, is not in the request log, continues after a restart of the server, and ends at Ctrl-C', async () => {
    const receiver = await startReceiver()
    const flags = ['--data', join(folder, 'listen.db'), '--processor', APPROVING]
    const first = await spawnServer(flags)
    await pay(first.baseUrl, 10)
    const listening = startPaydesk([
      'webhook',
      'listen',
      '--forward-to',
      `${receiver.url}/hooks?shop=1`,
      '--url',
      first.baseUrl,
    ])
    const firstLines = await listening.until(/Listening to .*\n/)
    expect(firstLines).toContain(`Signing key: ${SANDBOX_WEBHOOK_SIGNING_KEY}\n`)

    await pay(first.baseUrl, 1499.9)
    const [request] = await receiver.waitFor(1)
    const event = verify(request as ReceivedRequest, SANDBOX_WEBHOOK_SIGNING_KEY)
    const payment = event.event_object.payment
    expect(request?.path).toBe('/hooks?shop=1')
    expect(payment).toMatchObject({ amount: '1499.90', status: 'succeeded' })
    const [line = '', answer] = (await listening.until(/ms\n/)).split('\n').slice(-3)
    expect(line).toMatch(
      new RegExp(
        `^${TIME}  payment.succeeded  payment ${payment?.payment_id}  1499.90 INR  event ${event.event_id}$`,
      ),
    )
    expect(answer).toMatch(/^ +200 after \d+ ms$/)

    const sandbox = control(first.baseUrl)
    expect((await sandbox('GET', '/requests?path=/events')).body.requests).toEqual([])
    expect((await sandbox('GET', '/listeners')).body.listeners).toEqual([
      {
        is_running: true,
        forward_to: `${receiver.url}/hooks?shop=1`,
        event_ids: [String(event.event_id)],
      },
    ])
    await stop(first)
    await listening.until(/does not answer/)
    const second = await spawnServer([...flags, '--port', new URL(first.baseUrl).port])
    // The payment may happen before the listener has noticed that the server is available again.
    await pay(second.baseUrl, 77)
    await listening.until(/The server is back/)
    const [, next] = await receiver.waitFor(2)
    expect(verify(next as ReceivedRequest, SANDBOX_WEBHOOK_SIGNING_KEY)).toMatchObject({
      event_object: { payment: { amount: '77.00' } },
    })
    await listening.until(/77\.00 INR.*\n.*ms\n/)

    listening.process.kill('SIGINT')
    const { code, err, out } = await listening.exit
    expect([code, err]).toEqual([0, ''])
    expect(out.trimEnd().split('\n').at(-1)).toBe('Forwarded 2 events; the receiver accepted 2.')
    expect(out.match(/does not answer|The server is back/g)).toEqual([
      'does not answer',
      'The server is back',
    ])
    expect(receiver.received).toHaveLength(2)
    await Promise.all([stop(second), receiver.close()])
  })

  test('signs with the given key, and explains an error of the receiver', async () => {
    const answers = [{ status: 302, headers: { location: '/elsewhere' } }, 'reset'] as const
    let turn = 0
    const receiver = await startReceiver(() => answers[turn++] ?? { status: 200 })
    const server = await spawnServer(['--memory', '--processor', APPROVING])
    const listening = startPaydesk([
      'webhook',
      'listen',
      '--url',
      server.baseUrl,
      '--forward-to',
      receiver.url,
      '--signing-key',
      'my own key',
    ])
    await listening.until(/Signing key: my own key\nListening/)
    await pay(server.baseUrl, 1)
    await listening.until(/302 after \d+ ms: only a status from 200 to 299/)
    await pay(server.baseUrl, 2)
    await listening.until(/no answer after \d+ ms: /)
    // A redirect is not followed.
    expect(receiver.received.map(({ path }) => path)).toEqual(['/', '/'])
    verify(receiver.received[0] as ReceivedRequest, 'my own key')
    listening.process.kill('SIGINT')
    expect((await listening.exit).out).toMatch(/Forwarded 2 events; the receiver accepted 0\.\n$/)
    await Promise.all([stop(server), receiver.close()])
  })

  test('receives events that are sent again, even without an endpoint, and shows the retries of endpoints', async () => {
    const server = await spawnServer(['--memory', '--processor', APPROVING])
    const onServer = ['--url', server.baseUrl]
    const resend = (id: string) => paydesk(['event', 'resend', id, ...onServer])
    await pay(server.baseUrl, 7)
    const eventList = await paydesk(['event', 'list', '--json', ...onServer])
    const [{ event_id: oldId }] = JSON.parse(eventList.out)
    const refusal = await resend(String(oldId))
    expectRefused(refusal, /To create one: npx paydesk webhook create <receiver_url> --url/)

    const receiver = await startReceiver()
    const listening = startPaydesk([
      'webhook',
      'listen',
      '--json',
      '--forward-to',
      receiver.url,
      ...onServer,
    ])
    await listening.until(/"type":"ready".*\n/)
    // An event from before the start is not shown until it is sent again.
    expect(await resend(String(oldId))).toMatchObject({ code: 0, err: '' })
    const [again] = await receiver.waitFor(1)
    expect(verify(again as ReceivedRequest, SANDBOX_WEBHOOK_SIGNING_KEY).event_id).toBe(oldId)

    let turn = 0
    const endpoint = await startReceiver(() => ({ status: turn++ === 1 ? 503 : 200 }))
    await paydesk(['webhook', 'create', endpoint.url, ...onServer])
    await pay(server.baseUrl, 8)
    await listening.until(/"type":"delivery".*"status":503.*\n/)
    await paydesk(['clock', 'advance', '2h', ...onServer])
    await listening.until(/"type":"delivery".*"attempt":2,"status":200.*\n/)
    listening.process.kill('SIGINT')
    const { code, out } = await listening.exit
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const linesOf = (type: string) => lines.filter((line) => line.type === type)
    expect([code, lines.at(-1)]).toMatchObject([0, { type: 'end', forwarded: 2, accepted: 2 }])
    expect(linesOf('event').map((line) => line.is_resent)).toEqual([true, false])
    const eventId = linesOf('event').at(-1).event.event_id
    // The first webhook to an endpoint is its test event.
    expect(linesOf('delivery').slice(1)).toMatchObject([
      { event_id: eventId, attempt: 1, status: 503 },
      { event_id: eventId, attempt: 2, status: 200 },
    ])
    await Promise.all([stop(server), receiver.close(), endpoint.close()])
  })

  test('without a receiver prints the chosen events, with --print-json their bodies', async () => {
    const server = await startCheckoutServer('memory')
    const listenArgs = ['webhook', 'listen', '--url', server.baseUrl]
    const lines = startPaydesk([...listenArgs, '--print-json'])
    const refunds = startPaydesk([...listenArgs, '--events', 'refund.succeeded,refund.failed'])
    await Promise.all([lines.until(/Listening/, 'err'), refunds.until(/Listening/)])
    const paymentId = await makePayment(server, 250.5)
    const fields = { amount: 10, reason: 'others' }
    const refund = await server.call('POST', `/payments/${paymentId}/refunds`, fields)
    const refundId = refund.body.refund.refund_id
    await waitForRefund(server, refundId)
    await lines.until(/refund\.succeeded.*\n/)
    await refunds.until(/refund\.succeeded.*\n/)
    for (const { process: child } of [lines, refunds]) child.kill('SIGINT')

    const { code, out } = await lines.exit
    const bodies = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect([code, bodies.map(({ event_type: type }) => type)]).toEqual([
      0,
      ['payment.succeeded', 'refund.succeeded'],
    ])
    const output = (await refunds.exit).out
    expect(output).toMatch(
      new RegExp(`^${TIME}  refund.succeeded   refund ${refundId}  10.00 INR  event \\d+$`, 'm'),
    )
    expect(output).toMatch(/Showed 1 event\.\n$/)
    await server.close()
  })
})

describe('id decode and encode', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'paydesk-ids-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('converts an id to the key of its row, and back', async () => {
    const file = join(folder, 'ids.db')
    const translate = (...args: string[]) => paydesk(['id', ...args, '--data', file])
    expectRefused(await translate('decode', '1'), /There is no data file/, 2)
    const server = await spawnServer(['--data', file, '--processor', APPROVING])
    await pay(server.baseUrl, 100)
    await stop(server)
    const database = new DatabaseSync(file)
    const row = database
      .prepare(
        `select s.bucket, s.id, v.body_json from payment_sessions s
         join webhook_events v on v.bucket = s.bucket and v.subject_id = s.id`,
      )
      .get()
    database.close()
    const publicId = /"payments_session_id":"(\d+)"/.exec(String(row?.body_json))?.[1] ?? ''

    const decoding = await translate('decode', publicId)
    expect(decoding.code).toBe(0)
    expect(decoding.out).toMatch(new RegExp(`^Stored id +${row?.id}$`, 'm'))
    expect(decoding.out).toMatch(new RegExp(`^Bucket +${row?.bucket}$`, 'm'))
    const { out } = await translate('encode', String(row?.id), '--json')
    expect(JSON.parse(out)).toMatchObject({
      id: publicId,
      stored_id: String(row?.id),
      bucket: row?.bucket,
    })
    expectRefused(await translate('decode', 'abc'), /1 to 16 digits/, 2)
  })
})

describe('ledger check', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'paydesk-ledger-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('prints the balances if the books agree, and reports each discrepancy', async () => {
    const file = join(folder, 'ledger.db')
    const check = (...more: string[]) => paydesk(['ledger', 'check', '--data', file, ...more])
    expectRefused(await check(), /There is no data file/, 2)
    const server = await spawnServer(['--data', file, '--processor', APPROVING])
    expect(await check()).toMatchObject({
      code: 0,
      out: 'The ledger agrees with the payments: 0 postings.\n',
    })
    await pay(server.baseUrl, 1499.9)
    await pay(server.baseUrl, 100)
    await stop(server)

    const good = await check()
    expect([good.code, good.err]).toEqual([0, ''])
    expect(good.out).toMatch(/^Account +Ledger account +Currency +Debit +Credit +Balance\n/)
    expect(good.out).toMatch(/^23137556 +processor +INR +1599\.90 +0\.00 +1599\.90$/m)
    expect(good.out).toMatch(/^23137556 +merchant +INR +37\.76 +1599\.90 +1562\.14$/m)
    expect(good.out).toMatch(/The ledger agrees with the payments: 6 postings\.\n$/)

    expect(good.out).not.toContain('Note:')

    const database = new DatabaseSync(file)
    // The changed rows look like a reversed transfer.
    database.exec(
      "update ledger_postings set debit = 'merchant', credit = 'processor' where kind = 'capture'",
    )
    expect((await check()).out).toMatch(
      /^Note: merchant 23137556 owes 1637\.66 INR: its refunds, transfers, disputes and payouts exceed its payments\.$/m,
    )
    database.exec(
      "update ledger_postings set debit = 'processor', credit = 'merchant' where kind = 'capture'",
    )
    expect((await check()).code).toBe(0)
    database.exec("update ledger_postings set amount_minor = amount_minor - 1 where kind = 'fee'")
    database.close()
    const bad = await check()
    expect(bad.code).toBe(1)
    expect(bad.out).toMatch(/The ledger does not agree with the payments\./)
    expect(bad.out).toMatch(/^\d+ +fee has no matching posting$/m)
    const { code, out } = await check('--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      agrees: false,
      posting_count: 6,
      discrepancies: expect.arrayContaining([{ id: expect.any(String), what: expect.any(String) }]),
      balances: expect.arrayContaining([
        {
          account_id: '23137556',
          ledger_account: 'fees',
          currency: 'INR',
          debit: '0.00',
          credit: '31.98',
          balance: '31.98',
        },
      ]),
    })
  })
})
