import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WEBHOOK_EVENT_TYPES } from '../src/domain/webhook-event.ts'
import {
  type Language,
  sessionSnippet,
  webhookSnippet,
} from '../src/sandbox/console/browser/snippets.ts'
import { type FilledSandbox, fillSandbox } from './support/console.ts'
import { visit } from './support/customer.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { type Control, control, payByUpi } from './support/sandbox.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, TOKEN } from './support/server.ts'
import { skipWithout } from './support/system-tools.ts'
import { expectedSignatures } from './support/webhooks.ts'

let receiver: Receiver
let server: TestServer
let ask: Control
let content: FilledSandbox

beforeAll(async () => {
  receiver = await startReceiver()
  server = await startTestServer('memory')
  ask = control(server.baseUrl)
  content = await fillSandbox(server, receiver)
})
afterAll(async () => {
  await receiver.close()
  await server.close()
})

const query = `account_id=${ACCOUNT_ID}`

test('a timeline lists every move, request, call, event and webhook of a session in time order', async () => {
  const id = await payByUpi(server)
  await ask('POST', '/clock/advance', { by: '1m' })
  const { body } = await ask('GET', `/sessions/${id}/timeline`)
  const { checkout_url, payments, payments_session, timeline } = body.session
  expect([payments_session.payments_session_id, payments_session.status]).toEqual([id, 'succeeded'])
  expect(payments).toHaveLength(1)
  expect((await fetch(checkout_url)).status).toBe(200)
  const entries = timeline as { kind: string; text: string; time_ms: number; status?: string }[]
  expect(entries.map(({ time_ms }) => time_ms)).toEqual(
    entries.map(({ time_ms }) => time_ms).toSorted((one, other) => one - other),
  )
  const texts = entries.map(({ kind, text }) => `${kind}: ${text}`)
  for (const entry of [
    'request: POST /api/v1/paymentsessions',
    'session: Payment session created',
    'attempt: Attempt 1 began',
    'processor: charge sandbox',
    'attempt: Attempt 1 succeeded',
    'event: Event payment.succeeded',
    'delivery: Webhook payment.succeeded, attempt 1',
  ]) {
    expect(texts).toContain(entry)
  }
  expect((await ask('GET', '/sessions/1/timeline')).status).toBe(404)
})

test('the timeline of a payment link lists its moves, requests, events and webhooks, and those of its sessions', async () => {
  const body = { amount: 1499.9, currency: 'INR', description: 'Order 8842' }
  const creation = await ask('POST', `/api/paymentlinks?${query}`, body)
  const { payment_link_id: id, url } = creation.body.payment_links
  expect(url.startsWith(`${server.baseUrl}/paymentlink/`)).toBe(true)
  const press = () => visit(server.baseUrl, url, {})
  const checkout = (await press()).location?.split('?')[0] ?? ''
  await visit(server.baseUrl, `${checkout}/cancel`, {})
  const second = (await press()).location?.split('?')[0] ?? ''
  const form = { method: 'upi', upi_channel: 'collect', upi_id: 'success@paydesk', number: '1' }
  await visit(server.baseUrl, `${second}/pay`, form)
  const waiting = await ask('GET', `/payment_links/${id}/timeline`)
  expect(waiting.body.payment_link.is_processing).toBe(true)
  await visit(server.baseUrl, `${second}/sandbox`, { act: 'approve' })
  const readStory = async () =>
    (await ask('GET', `/payment_links/${id}/timeline`)).body.payment_link
  await expect
    .poll(async () => JSON.stringify(await readStory()), { timeout: 30_000 })
    .toContain('Webhook payment_link.paid, attempt 1')
  const story = await readStory()
  const linkAnswer = await server.call('GET', `/paymentlinks/${id}`)
  expect(story).toMatchObject({
    account_id: ACCOUNT_ID,
    is_processing: false,
    payment_links: linkAnswer.body.payment_links,
    sessions: [{ status: 'succeeded' }, { status: 'canceled' }],
    refunds: [],
  })
  const [paidId, canceledId] = story.sessions.map(
    (session: { payments_session_id: string }) => session.payments_session_id,
  )
  const { timeline } = story
  const times = timeline.map(({ time_ms }: { time_ms: number }) => time_ms)
  expect(times).toEqual(times.toSorted((one: number, other: number) => one - other))
  const texts = timeline.map(
    (entry: { kind: string; text: string; payments_session_id?: string }) =>
      [entry.kind, entry.text.replace(/[0-9a-f]{52}/, 'key'), entry.payments_session_id]
        .filter(Boolean)
        .join(' '),
  )
  for (const text of [
    'link Payment link created',
    'request POST /paymentlink/key',
    `session Payment session created ${canceledId}`,
    `session Payment session created ${paidId}`,
    'attempt Attempt 1 succeeded',
    'event Event payment.succeeded',
    'link Payment link paid',
    'event Event payment_link.paid',
    'delivery Webhook payment_link.paid, attempt 1',
  ]) {
    expect(texts).toContain(text)
  }
  expect((await ask('GET', '/payment_links/1/timeline')).status).toBe(404)

  for (const text of [id, url, new URL(url).pathname]) {
    const results = (await ask('GET', `/search?text=${encodeURIComponent(text)}`)).body.found
    expect(results[0]).toMatchObject({ kind: 'payment_link', id, status: 'paid' })
  }
})

test('a timeline warns of udf values with dots, because a redirect’s signature then proves no udf value', async () => {
  const create = async (udf: object) => {
    const { body } = await server.call('POST', '/paymentsessions', {
      amount: 1,
      currency: 'INR',
      configurations: {
        hosted_page_parameters: {
          success_url: 'https://shop.example/s.html',
          failure_url: 'https://shop.example/f',
          ...udf,
        },
      },
    })
    const id = body.payments_session.payments_session_id
    const { body: answer } = await ask('GET', `/sessions/${id}/timeline`)
    return answer.session.timeline.map(({ text }: { text: string }) => text).join('\n')
  }
  expect(await create({ udf1: 'v1.2', udf2: 'order-7', udf4: '.' })).toContain(
    'Dots in udf1, udf4: the redirect does not prove any udf value',
  )
  expect(await create({ udf1: 'order-7' })).not.toContain('Dots in')
})

test('the inspector shows each step of the documented signature for the request that was sent', async () => {
  const { endpointId, endpointKey, eventId } = content
  const path = `/webhooks/${endpointId}/deliveries/${eventId}`
  const webhookRequest = receiver.received.find(({ headers }) => headers['webhook-id'] === eventId)
  if (webhookRequest === undefined) throw new Error('the webhook was not received')
  const { body } = await ask('GET', path)
  const [post] = body.delivery.posts
  expect([post.body, post.headers['x-zoho-webhook-signature']]).toEqual([
    webhookRequest.body,
    webhookRequest.headers['x-zoho-webhook-signature'],
  ])
  const expected = expectedSignatures(webhookRequest, endpointKey)
  expect(
    post.signatures.map(({ agrees, hmac }: { agrees: boolean; hmac: string }) => [agrees, hmac]),
  ).toEqual([
    [true, expected.zoho[0]],
    [true, expected.standard[0]],
  ])
  const [{ signing_keys }] = (await ask('GET', `/webhooks/keys?${query}`)).body.webhook_keys
  expect(signing_keys).toEqual([endpointKey])

  const fault = { target: 'webhook', effect: { corrupt: true }, count: 1 }
  await ask('POST', '/faults', fault)
  await ask('POST', `/api${path}/resend?${query}`, {})
  await ask('POST', '/clock/advance', { by: 0 })
  const [corruptPost, first] = (await ask('GET', path)).body.delivery.posts
  expect(corruptPost.body).not.toBe(first.body)
  expect(corruptPost.body[corruptPost.changed_at]).not.toBe(first.body[corruptPost.changed_at])
  expect(corruptPost.signatures.map(({ agrees }: { agrees: boolean }) => agrees)).toEqual([
    false,
    false,
  ])
  expect(first.signatures.map(({ agrees }: { agrees: boolean }) => agrees)).toEqual([true, true])

  // An emptied log removes nothing that is stored in the database.
  await ask('DELETE', '/requests', {})
  const [, intactPost] = (await ask('GET', path)).body.delivery.posts
  expect([intactPost.is_logged, intactPost.body]).toEqual([false, webhookRequest.body])
  expect(intactPost.headers['x-zoho-webhook-signature']).toBe(
    webhookRequest.headers['x-zoho-webhook-signature'],
  )
})

test('calls of the API through the console are not logged, get no faults, and reach no other path', async () => {
  const { body } = await ask('POST', '/faults', { target: 'route', effect: { status: 500 } })
  const before = (await ask('GET', '/requests')).text
  const sessionPage = await ask('GET', `/api/paymentsessions?${query}`)
  expect([sessionPage.status, sessionPage.body.message]).toEqual([200, 'success'])
  expect(sessionPage.headers.get('x-request-id')).toMatch(/\w/)
  expect((await ask('GET', '/requests')).text).toBe(before)
  await ask('DELETE', `/faults/${body.fault.id}`, {})
  for (const path of ['..%2f..%2fdocs', '%2e%2e/%2e%2e/docs', '../../docs', '//127.0.0.1/docs']) {
    expect([path, await rawStatus(`/_sandbox/api/${path}`)]).toEqual([path, 404])
  }
})

/** Requests a path unchanged: `fetch` would remove its dots. */
async function rawStatus(path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(server.baseUrl)
  const call = request({ hostname, port, path }).end()
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

test('no page of another origin controls a sandbox by the console’s routes', async () => {
  const response = await fetch(`${server.baseUrl}/_sandbox/api/paymentsessions?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
    body: JSON.stringify({ amount: 1, currency: 'INR' }),
  })
  expect(response.status).toBe(400)
  const facts = await fetch(`${server.baseUrl}/_sandbox/facts`, {
    headers: { origin: 'https://elsewhere.example' },
  })
  expect([facts.status, await facts.text()]).toEqual([
    403,
    expect.stringContaining('--allow-origin https://elsewhere.example'),
  ])
})

test('the search finds objects by id, reference, invoice, address, phone, amount and description', async () => {
  const { access_key, payments_session_id: id } = (
    await server.call('POST', '/paymentsessions', {
      amount: 98765.4,
      currency: 'INR',
      description: 'A very rare lamp',
      reference_number: 'ref_find',
      invoice_number: 'INV-find',
    })
  ).body.payments_session
  const form = { method: 'upi', upi_channel: 'collect', upi_id: 'success@paydesk' }
  const customer = { email: 'found@example.com', phone: '+919876543210' }
  await visit(server.baseUrl, `/hostedcheckout/${access_key}/pay`, { ...form, ...customer }, true)
  const find = async (text: string) => {
    const { body } = await ask('GET', `/search?text=${encodeURIComponent(text)}`)
    return body.found as { kind: string; id: string; title: string }[]
  }
  const paymentId = (await find(customer.email))[0]?.id ?? ''
  for (const text of [
    id,
    'ref_find',
    'INV-find',
    '98765.40',
    '₹98,765.4',
    'RARE LAMP',
    access_key,
  ]) {
    const results = await find(text)
    expect([text, results.find(({ kind }) => kind === 'session')]).toEqual([
      text,
      expect.objectContaining({
        kind: 'session',
        id,
        title: 'INR 98765.40',
        account_id: ACCOUNT_ID,
      }),
    ])
  }
  for (const text of [paymentId, customer.email, customer.phone, '9876543210']) {
    const results = await find(text)
    expect([text, results]).toEqual([
      text,
      [expect.objectContaining({ kind: 'payment', id: paymentId, title: 'INR 98765.40' })],
    ])
  }
  expect(await find(content.eventId)).toEqual([
    expect.objectContaining({ kind: 'event', title: 'payment.succeeded' }),
  ])
  expect(await find(content.endpointId)).toEqual([
    expect.objectContaining({ kind: 'endpoint', id: content.endpointId }),
  ])
  const [call] = (await ask('GET', '/requests?limit=1')).body.requests
  expect((await find(call.id)).map(({ kind }) => kind)).toContain('request')
  expect(await find('   ')).toEqual([])
  expect(await find('%_')).toEqual([])
})

test('the search finds virtual accounts by id, number and reference, and payouts, mandates and messages by id', async () => {
  const find = async (text: string) => {
    const { body } = await ask('GET', `/search?text=${encodeURIComponent(text)}`)
    return body.found as { kind: string; id: string; title: string; status?: string }[]
  }
  const { virtual_account: account } = (
    await server.call('POST', '/virtualaccounts', {
      description: 'Dealer deposits',
      reference_number: 'dealer-search',
    })
  ).body
  const { account_number: number, virtual_account_id: id } = account
  for (const text of [id, number, number.toLowerCase(), 'dealer-search']) {
    expect([text, await find(text)]).toEqual([
      text,
      [expect.objectContaining({ kind: 'virtual_account', id, title: number, status: 'active' })],
    ])
  }
  const { body } = await ask('POST', '/events', { event_type: 'payout.paid' })
  const { payout } = body.event.event_object
  expect((await find(payout.payout_id))[0]).toMatchObject({
    kind: 'payout',
    id: payout.payout_id,
    title: `INR ${payout.amount}`,
    status: 'paid',
  })
  expect(await find(content.mandateId)).toEqual([
    expect.objectContaining({ kind: 'mandate', id: content.mandateId, title: 'INR 5000.00' }),
  ])
  const [message] = (await ask('GET', '/messages?limit=1')).body.messages
  expect((await find(message.message_id))[0]).toMatchObject({ kind: 'message', title: message.to })
})

test('a timeline has the receipt of a payment and the payout of its money', async () => {
  const { body } = await ask('POST', '/events', { event_type: 'payout.initiated' })
  const { payout_id: payoutId } = body.event.event_object.payout
  const path = `/payouts/${payoutId}/transactions`
  const { transactions } = (await server.call('GET', path)).body
  const { transaction_id: paymentId } = transactions.find(
    ({ description }: { description: string }) => description === 'Order 8841',
  )
  const { payment } = (await server.call('GET', `/payments/${paymentId}`)).body
  const story = await ask('GET', `/sessions/${payment.payments_session_id}/timeline`)
  const { timeline } = story.body.session
  const kinds = timeline.map(({ kind }: { kind: string }) => kind)
  expect(kinds.indexOf('message')).toBeGreaterThan(kinds.indexOf('attempt'))
  expect(timeline.find(({ kind }: { kind: string }) => kind === 'message')).toMatchObject({
    text: 'Receipt by e-mail',
    detail: payment.receipt_email,
    message_id: expect.stringMatching(/^\d+$/),
  })
  expect(timeline.find(({ kind }: { kind: string }) => kind === 'payout')).toMatchObject({
    text: 'Payout initiated',
    status: 'initiated',
    payout_id: payoutId,
  })
  await ask('POST', '/clock/advance', { by: '1m' })
})

test('payments show their start time and are sorted by it, not by their end time', async () => {
  const slow = await payByUpi(server, 'pending@paydesk')
  await ask('POST', '/clock/advance', { by: '10s' })
  const fast = await payByUpi(server)
  await ask('POST', '/clock/advance', { by: '10s' })
  await ask('POST', `/sessions/${slow}/decide`, { outcome: 'succeeded' })
  const { body } = await ask('GET', `/payments?${query}&per_page=2`)
  const [first, second] = body.payments
  expect(second.date).toBeGreaterThan(first.date)
  expect(first.started_time).toBeGreaterThan(second.started_time)
  const idOf = async (session: string) =>
    (await server.call('GET', `/paymentsessions/${session}`)).body.payments_session.payments[0]
      .payment_id
  expect([first.payment_id, second.payment_id]).toEqual([await idOf(fast), await idOf(slow)])
  expect((await ask('GET', `/payments?${query}&page=0`)).status).toBe(400)
})

test('the statistics count every payment and every answered webhook once', async () => {
  const { payments, webhooks } = (await ask('GET', `/statistics?${query}`)).body.statistics
  const paymentPage = await server.call('GET', '/payments')
  const sum = (counts: readonly number[]) => counts.reduce((one, other) => one + other, 0)
  expect(payments.succeeded + payments.failed + payments.waiting).toBe(
    paymentPage.body.page_context.total,
  )
  expect(
    sum(payments.spans.map(({ succeeded: successCount }: { succeeded: number }) => successCount)),
  ).toBe(payments.succeeded)
  expect(sum(webhooks.classes.map(({ count }: { count: number }) => count))).toBe(webhooks.answered)
  expect(webhooks.answered).toBeGreaterThan(0)
  expect((await ask('GET', '/statistics?account_id=x')).status).toBe(400)
})

test('the console has a sample of each event type', async () => {
  for (const type of WEBHOOK_EVENT_TYPES) {
    const { body, status } = await ask('GET', `/events/samples/${type}`)
    expect([type, status, body.sample]).toEqual([type, 200, expect.anything()])
  }
  expect((await ask('GET', '/events/samples/x')).status).toBe(404)
})

const run = promisify(execFile)
const KEY = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='

/** The file name, the appended text and the command that run a snippet of a language. */
const RUNS: Readonly<
  Record<
    Language,
    { file: string; call: (body: string, header: string) => string; command: string[] }
  >
> = {
  curl: { file: 'run.sh', call: () => '', command: ['sh'] },
  Node: {
    file: 'run.mjs',
    call: (body, header) =>
      `\nconsole.log(isFromPaydesk(Buffer.from(${JSON.stringify(body)}), '${header}') ? 'valid' : 'invalid')`,
    command: [process.execPath],
  },
  Python: {
    file: 'run.py',
    call: (body, header) =>
      `\nprint("valid" if is_from_paydesk(${JSON.stringify(body)}.encode(), "${header}") else "invalid")`,
    command: ['python3'],
  },
  PHP: {
    file: 'run.php',
    call: (body, header) => `\necho isFromPaydesk('${body}', '${header}') ? 'valid' : 'invalid';`,
    command: ['php'],
  },
  Go: {
    file: 'run.go',
    call: (body, header) =>
      `\nfunc main() {\n\tif IsFromPaydesk([]byte(\`${body}\`), "${header}", time.Now()) {\n\t\tprint("valid")\n\t} else {\n\t\tprint("invalid")\n\t}\n}`,
    command: ['go', 'run'],
  },
}

test.for(Object.keys(RUNS) as Language[])(
  'the console’s snippet in %s works unchanged',
  async (language, context) => {
    const { call, command, file } = RUNS[language]
    const [program = '', ...args] = command
    skipWithout(context, program === process.execPath ? 'node' : program)
    const folder = mkdtempSync(join(tmpdir(), 'paydesk-snippet-'))
    const runText = async (text: string) => {
      writeFileSync(join(folder, file), text)
      const { stdout, stderr } = await run(program, [...args, file], { cwd: folder })
      return `${stdout}${stderr}`.trim()
    }
    try {
      const values = {
        baseUrl: server.baseUrl,
        accountId: ACCOUNT_ID,
        accessToken: TOKEN,
        currency: 'INR',
        webhookKey: KEY,
      }
      // Each snippet creates its own session, because the same key with another body is refused.
      const output = await runText(
        sessionSnippet(language, values).replaceAll('order-8841', `${language}-1`),
      )
      expect(output).toMatch(
        language === 'curl' ? /"access_key":"/ : /\/hostedcheckout\/[\w-]{60}$/,
      )

      const body = '{"event_id":42,"amount":"1.00"}'
      const { signWebhook } = await import('../src/domain/webhook-signature.ts')
      const signatureOf = (text: string) =>
        signWebhook({ body: text, eventId: '42', atMs: Date.now(), keys: [KEY] })[
          'x-zoho-webhook-signature'
        ] ?? ''
      for (const [signedText, verdict] of [
        [body, 'valid'],
        [`${body} `, 'invalid'],
      ] as const) {
        writeFileSync(join(folder, 'body.json'), body)
        const snippet = webhookSnippet(language, values)
        const header = signatureOf(signedText)
        const text = snippet
          .replace('package paydesk', 'package main')
          .replace('t=1763800191456,v=…', header)
        expect(await runText(text + call(body, header))).toBe(verdict)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
