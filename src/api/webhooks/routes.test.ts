import { createServer } from 'node:net'
import { Compile } from 'typebox/compile'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type CheckoutServer, startCheckoutServer } from '../../../test/support/checkout.ts'
import { ENGINES } from '../../../test/support/engines.ts'
import { openGolden } from '../../../test/support/golden.ts'
import {
  type Receiver,
  type ReceiverAnswer,
  startReceiver,
} from '../../../test/support/receiver.ts'
import { ACCOUNT_ID, call, startTestServer, US_ACCOUNT_ID } from '../../../test/support/server.ts'
import {
  causeEvent,
  deleteEndpoints,
  deliveryThat,
  expectedSignatures,
  registerEndpoint,
  signaturesOf,
} from '../../../test/support/webhooks.ts'
import type { AccountId } from '../../domain/id.ts'
import { hashSecret } from '../../domain/secret.ts'
import { parseWebhookChange, parseWebhookCreate } from './parse.ts'

const HOUR_MS = 60 * 60_000
/** A possible id that does not exist. */
const UNKNOWN_ID = '250301496979812'
const EVENTS = ['payment.succeeded', 'payment.failed']

describe.each(ENGINES)('webhook endpoints, on %s', (engine) => {
  const golden = openGolden('webhooks', { timesWithinDays: 2 })
  let server: CheckoutServer
  let receiver: Receiver
  let answer: () => ReceiverAnswer = () => ({ status: 204 })
  beforeAll(async () => {
    server = await startCheckoutServer(engine)
    receiver = await startReceiver(() => answer())
  })
  afterAll(async () => {
    await server.close()
    await receiver.close()
    golden.finish()
  })
  afterEach(async () => {
    answer = () => ({ status: 204 })
    await deleteEndpoints(server)
  })
  const conversation = (title: string) =>
    golden.conversation(title, server, { [receiver.url]: 'receiver' })
  const shop = () => ({ name: 'Shop', url: `${receiver.url}/hooks?shop=1`, enabled_events: EVENTS })

  test('an endpoint can be created, listed, changed and deleted, and is a 404 afterwards', async () => {
    const { exchange } = conversation('a life')
    const creation = await exchange('register', 'POST', '/webhooks', {
      ...shop(),
      description: 'Orders of the shop',
    })
    const path = `/webhooks/${creation.body.webhook.webhook_url_id}`
    await exchange('retrieve', 'GET', path)
    server.advance(1_000)
    await exchange('register another', 'POST', '/webhooks', {
      name: 'Books',
      url: `${receiver.url}/books`,
      enabled_events: ['refund.succeeded'],
      description: null,
    })
    await exchange('list', 'GET', '/webhooks')
    await exchange('change all', 'PUT', path, {
      name: 'New shop',
      url: `${receiver.url}/new`,
      description: 'New orders',
      enabled_events: ['payment.pending', 'payout.paid'],
      status: 'inactive',
    })
    await exchange('change one', 'PUT', path, { status: 'active' })
    await exchange('remove the description', 'PUT', path, { description: '' })
    await exchange('change the key', 'POST', `${path}/rotatekey`)
    await exchange('retrieve with an old key', 'GET', path)
    server.advance(24 * HOUR_MS)
    await exchange('retrieve without', 'GET', path)
    await exchange('delete', 'DELETE', path)
    await exchange('retrieve deleted', 'GET', path)
    await exchange('change deleted', 'PUT', path, { name: 'x' })
    await exchange('change the key of deleted', 'POST', `${path}/rotatekey`)
    await exchange('delete again', 'DELETE', path)
    await exchange('log of deleted', 'GET', `${path}/deliveries`)
    await exchange('list the others', 'GET', '/webhooks')
  })

  test('the error for a wrong registration names the first wrong field', async () => {
    const { exchange } = conversation('a wrong registration')
    const rows: readonly [string, unknown][] = [
      ['no body', ''],
      ['no object', []],
      ['no name', { url: 1 }],
      ['an empty name', { ...shop(), name: '' }],
      ['a long name', { ...shop(), name: 'n'.repeat(51) }],
      ['a name on two lines', { ...shop(), name: 'a\nb' }],
      ['no URL', { name: 'Shop', enabled_events: [] }],
      ['a URL that is a number', { ...shop(), url: 17 }],
      ['an invalid URL', { ...shop(), url: 'shop' }],
      ['a long URL', { ...shop(), url: `https://shop.example/${'a'.repeat(2048)}` }],
      ['a URL with a password', { ...shop(), url: 'https://user:secret@shop.example/' }],
      ['a private URL', { ...shop(), url: 'https://10.0.0.1/hooks?key=secret' }],
      ['a metadata URL', { ...shop(), url: 'http://169.254.169.254/latest' }],
      ['a long description', { ...shop(), description: 'd'.repeat(501) }],
      ['no events', { name: 'Shop', url: shop().url }],
      ['an empty list of events', { ...shop(), enabled_events: [] }],
      ['an unknown event', { ...shop(), enabled_events: ['payment.succeeded', 'session.expired'] }],
      ['an event twice', { ...shop(), enabled_events: ['refund.failed', 'refund.failed'] }],
      ['events that are not a list', { ...shop(), enabled_events: 'refund.failed' }],
      ['the test’s event', { ...shop(), enabled_events: ['webhook.test'] }],
    ]
    for (const [name, body] of rows) await exchange(name, 'POST', '/webhooks', body)
    await exchange('a wrong key', 'POST', '/webhooks', shop(), {
      'idempotency-key': 'k'.repeat(256),
    })
    expect((await server.call('GET', '/webhooks')).body.webhooks).toEqual([])
  })

  test('the error for a wrong change names the first wrong field, and nothing changes', async () => {
    const { id } = await registerEndpoint(server, receiver)
    const before = (await server.call('GET', `/webhooks/${id}`)).text
    const { exchange } = conversation('a wrong change')
    const rows: readonly [string, unknown][] = [
      ['no body', ''],
      ['nothing', {}],
      ['nothing known', { signing_key: 'mine', color: 'red' }],
      ['nothing but nulls', { name: null, status: null }],
      ['a long name', { name: 'n'.repeat(51), status: 'off' }],
      ['a private URL', { url: 'http://192.168.1.1/' }],
      ['no events', { enabled_events: [] }],
      ['disabled', { status: 'disabled' }],
      ['an unknown status', { name: 'New', status: 'paused' }],
    ]
    for (const [name, body] of rows) await exchange(name, 'PUT', `/webhooks/${id}`, body)
    expect((await server.call('GET', `/webhooks/${id}`)).text).toBe(before)
  })

  test('the test request contains an event, signed with the key from the answer', async () => {
    const countBefore = receiver.received.length
    const { key } = await registerEndpoint(server, receiver, { url: `${receiver.url}/try?a=b` })
    const requests = receiver.received.slice(countBefore)
    expect(requests).toHaveLength(1)
    const [request] = requests
    if (request === undefined) throw new Error('nothing came')
    expect(request.path).toBe('/try?a=b')
    expect(signaturesOf(request)).toEqual(expectedSignatures(request, key))
    const event = JSON.parse(request.body)
    expect(request.headers['webhook-id']).toBe(String(event.event_id))
    conversation('the test request').recordReceived('test', request.body, {
      'content-type': String(request.headers['content-type']),
      'user-agent': String(request.headers['user-agent']),
      'webhook-id': String(request.headers['webhook-id']),
    })
  })

  test('a URL is usable when it answers with a 2xx, or refuses the signature', async () => {
    const { exchange } = conversation('usable URLs')
    for (const status of [200, 299, 400, 401, 403]) {
      answer = () => ({ status, body: 'a secret of the receiver' })
      const { body } = await exchange(`${status}`, 'POST', '/webhooks', shop())
      await server.call('DELETE', `/webhooks/${body.webhook.webhook_url_id}`)
    }
  })

  test('an unusable URL is refused with the reason, and nothing is stored', async () => {
    const { id } = await registerEndpoint(server, receiver)
    const before = (await server.call('GET', '/webhooks')).text
    const { exchange } = conversation('unusable URLs')
    const shiftedValues = { location: `${receiver.url}/moved?secret=1` }
    const answers: readonly [string, ReceiverAnswer][] = [
      ['not found', { status: 404 }],
      ['a redirect', { status: 302, headers: shiftedValues }],
      ['an error', { status: 500, body: 'a secret of the receiver' }],
      ['a reset', 'reset'],
    ]
    const elsewhere = { ...shop(), url: `${receiver.url}/elsewhere?secret=1` }
    for (const [name, answerToTest] of answers) {
      answer = () => answerToTest
      await exchange(`${name}, to register`, 'POST', '/webhooks', elsewhere)
      await exchange(`${name}, to change`, 'PUT', `/webhooks/${id}`, { url: elsewhere.url })
    }
    const closedUrl = await closedPort()
    const httpsUrl = receiver.url.replace('http:', 'https:')
    const placeholders = { [closedUrl]: 'closed port', [httpsUrl]: 'receiver by https' }
    const { exchange: fail } = golden.conversation('unreachable URLs', server, placeholders)
    await fail('to register', 'POST', '/webhooks', { ...shop(), url: `${closedUrl}/hooks` })
    await fail('to change', 'PUT', `/webhooks/${id}`, { url: `${closedUrl}/hooks` })
    await fail('no TLS', 'POST', '/webhooks', { ...shop(), url: `${httpsUrl}/hooks` })
    expect((await server.call('GET', '/webhooks')).text).toBe(before)
  })

  test('a change that keeps the URL sends no test request', async () => {
    const { id } = await registerEndpoint(server, receiver)
    const countBefore = receiver.received.length
    answer = () => ({ status: 500 })
    const same = { url: `${receiver.url}/hooks`, name: 'Same' }
    expect((await server.call('PUT', `/webhooks/${id}`, same)).status).toBe(200)
    expect(receiver.received).toHaveLength(countBefore)
  })

  test('an account never has more than five endpoints, even with many concurrent registrations', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => server.call('POST', '/webhooks', shop())),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5)
    const countBefore = receiver.received.length
    const { exchange } = conversation('the sixth')
    const full = await exchange('register', 'POST', '/webhooks', shop())
    expect(receiver.received).toHaveLength(countBefore)
    const texts = new Set(answers.filter(({ status }) => status !== 201).map(({ text }) => text))
    expect(texts).toEqual(new Set([full.text]))
    expect((await server.call('GET', '/webhooks')).body.webhooks).toHaveLength(5)

    // Another account may have five endpoints too.
    const us = `/webhooks?account_id=${US_ACCOUNT_ID}`
    const other = await call(server.baseUrl, 'POST', us, shop())
    expect(other.status).toBe(201)
    const { webhook_url_id: id } = other.body.webhook
    await call(server.baseUrl, 'DELETE', `/webhooks/${id}?account_id=${US_ACCOUNT_ID}`)
  })

  test('a repeated registration gets the first answer with its signing key, and sends no second test request', async () => {
    const { exchange } = conversation('a repeated registration')
    const headers = { 'idempotency-key': 'registration-1' }
    await exchange('register', 'POST', '/webhooks', shop(), headers)
    const countBefore = receiver.received.length
    answer = () => ({ status: 500 })
    await exchange('register again', 'POST', '/webhooks', shop(), headers)
    await exchange('with another body', 'POST', '/webhooks', { ...shop(), name: 'B' }, headers)
    expect(receiver.received).toHaveLength(countBefore)
    await exchange('list', 'GET', '/webhooks')

    // A refused registration does not use its key.
    const other = { 'idempotency-key': 'registration-2' }
    expect((await server.call('POST', '/webhooks', shop(), other)).status).toBe(400)
    answer = () => ({ status: 200 })
    expect((await server.call('POST', '/webhooks', shop(), other)).status).toBe(201)

    const third = { 'idempotency-key': 'registration-3' }
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => server.call('POST', '/webhooks', shop(), third)),
    )
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect((await server.call('GET', '/webhooks')).body.webhooks).toHaveLength(3)
  })

  test('a repeated key rotation creates one key', async () => {
    const { id } = await registerEndpoint(server, receiver)
    const { exchange } = conversation('a repeated change of the key')
    const headers = { 'idempotency-key': 'rotation-1' }
    await exchange('change the key', 'POST', `/webhooks/${id}/rotatekey`, undefined, headers)
    await exchange('again', 'POST', `/webhooks/${id}/rotatekey`, undefined, headers)
    await exchange('with a body', 'POST', `/webhooks/${id}/rotatekey`, {}, headers)
  })

  test('for 24 hours after a key rotation the old key signs too, and its signature comes first', async () => {
    const { id, key } = await registerEndpoint(server, receiver)
    const rotate = async () => {
      const { body } = await server.call('POST', `/webhooks/${id}/rotatekey`)
      return body.webhook.signing_key as string
    }
    const nextRequest = async () => {
      const countBefore = receiver.received.length
      await causeEvent(server)
      const [request] = (await receiver.waitFor(countBefore + 1)).slice(countBefore)
      if (request === undefined) throw new Error('nothing came')
      return request
    }
    const signedBy = async (...keys: readonly string[]) => {
      const request = await nextRequest()
      expect(signaturesOf(request)).toEqual(expectedSignatures(request, ...keys))
    }
    await signedBy(key)
    const second = await rotate()
    await signedBy(key, second)
    server.advance(24 * HOUR_MS - 60_000)
    await signedBy(key, second)
    // The clock of PostgreSQL is read at intervals and can be corrected by milliseconds.
    server.advance(61_000)
    await signedBy(second)

    // After two changes within a day, only the last of the old keys stays valid.
    const third = await rotate()
    const fourth = await rotate()
    await signedBy(third, fourth)
  })

  test('an inactive endpoint gets no webhook, and gets its pending deliveries when it is active', async () => {
    answer = () => ({ status: 200 })
    const { id } = await registerEndpoint(server, receiver)
    answer = () => ({ status: 503 })
    const waiting = await causeEvent(server)
    await deliveryThat(server, id, waiting.eventId, { attempt_count: 1 })
    answer = () => ({ status: 200 })
    await server.call('PUT', `/webhooks/${id}`, { status: 'inactive' })
    await deliveryThat(server, id, waiting.eventId, { status: 'held' })
    server.advance(2 * HOUR_MS)
    const missedEvent = await causeEvent(server)
    const missing = await server.call('GET', `/webhooks/${id}/deliveries/${missedEvent.eventId}`)
    expect(missing.status).toBe(404)

    const countBefore = receiver.received.length
    await server.call('PUT', `/webhooks/${id}`, { status: 'active' })
    const delivery = await deliveryThat(server, id, waiting.eventId, { status: 'delivered' })
    expect(delivery.attempt_count).toBe(2)
    const bodies = receiver.received.slice(countBefore).map(({ body }) => JSON.parse(body).event_id)
    expect(bodies).toEqual([Number(waiting.eventId)])
  })

  test('each request needs its scope', async () => {
    const { id } = await registerEndpoint(server, receiver)
    const rows: readonly [string, string, string][] = [
      ['POST', '/webhooks', 'settings.CREATE'],
      ['GET', '/webhooks', 'settings.READ'],
      ['GET', `/webhooks/${id}`, 'settings.READ'],
      ['PUT', `/webhooks/${id}`, 'settings.UPDATE'],
      ['DELETE', `/webhooks/${id}`, 'settings.DELETE'],
      ['POST', `/webhooks/${id}/rotatekey`, 'settings.UPDATE'],
      ['GET', `/webhooks/${id}/deliveries`, 'settings.READ'],
      ['GET', `/webhooks/${id}/deliveries/${UNKNOWN_ID}`, 'settings.READ'],
      ['POST', `/webhooks/${id}/deliveries/${UNKNOWN_ID}/resend`, 'settings.UPDATE'],
      ['POST', `/webhooks/${id}/replay`, 'settings.UPDATE'],
      ['GET', '/events', 'settings.READ'],
      ['GET', `/events/${UNKNOWN_ID}`, 'settings.READ'],
      ['POST', `/events/${UNKNOWN_ID}/resend`, 'settings.UPDATE'],
    ]
    const token = '1000.refunds.only'
    const grant = {
      clientId: '1000.SANDBOX',
      grantId: 'refunds only',
      scopes: ['refunds.READ'] as const,
      accountIds: [ACCOUNT_ID as AccountId],
    }
    await server.tenant.store.transaction((tx) =>
      tx.tokens.insertAccessToken(hashSecret(token), grant, undefined),
    )
    for (const [method, path, scope] of rows) {
      const refusal = await server.call(method, path, undefined, {
        authorization: `Zoho-oauthtoken ${token}`,
      })
      expect([method, path, refusal.status, refusal.body.message]).toEqual([
        method,
        path,
        401,
        `You are not authorized: the access token lacks the scope ZohoPay.${scope}.`,
      ])
    }
    expect((await server.call('GET', `/webhooks/${id}`)).status).toBe(200)
  })

  test('an endpoint of another account, a missing endpoint and a malformed id get the same answer', async () => {
    const { id } = await registerEndpoint(server, receiver)
    const { exchange } = conversation('another’s endpoint')
    const us = `account_id=${US_ACCOUNT_ID}`
    const missing = await exchange('not there', 'GET', `/webhooks/${UNKNOWN_ID}`)
    await exchange('no id', 'GET', '/webhooks/shop')
    const rows: readonly [string, string, unknown?][] = [
      ['GET', ''],
      ['PUT', '', { name: 'Mine' }],
      ['DELETE', ''],
      ['POST', '/rotatekey'],
      ['GET', '/deliveries'],
      ['GET', `/deliveries/${UNKNOWN_ID}`],
      ['POST', `/deliveries/${UNKNOWN_ID}/resend`],
      ['POST', '/replay', { from: 1, to: 2 }],
    ]
    for (const [method, below, body] of rows) {
      const path = `/webhooks/${id}${below}?${us}`
      const answer = await exchange(`${method} ${below}`, method, path, body)
      expect([answer.status, answer.text]).toEqual([404, missing.text])
    }
    await exchange('list', 'GET', `/webhooks?${us}`)
    expect((await server.call('GET', `/webhooks/${id}`)).body.webhook.name).toBe('Shop')
  })

  test('requests and answers match their description', async () => {
    const { paths } = await (await fetch(`${server.baseUrl}/openapi.json`)).json()
    const expectDescribed = (
      method: 'get' | 'post' | 'put' | 'delete',
      path: string,
      response: { status: number; body: unknown },
    ) => {
      const { schema } =
        paths[`/api/v1${path}`][method].responses[response.status].content['application/json']
      const errors = Compile(schema).Errors(response.body)
      expect([method, path, [...errors]]).toEqual([method, path, []])
    }
    const creation = await server.call('POST', '/webhooks', { ...shop(), description: 'd' })
    const { webhook_url_id: id } = creation.body.webhook
    const path = '/webhooks/{webhook_url_id}'
    expectDescribed('post', '/webhooks', creation)
    expectDescribed('get', '/webhooks', await server.call('GET', '/webhooks'))
    expectDescribed('get', path, await server.call('GET', `/webhooks/${id}`))
    const change = { name: 'N' }
    expectDescribed('put', path, await server.call('PUT', `/webhooks/${id}`, change))
    const rotation = await server.call('POST', `/webhooks/${id}/rotatekey`)
    expectDescribed('post', `${path}/rotatekey`, rotation)
    const failure = await server.call('PUT', `/webhooks/${id}`, {})
    expectDescribed('put', path, failure)

    answer = () => ({ status: 500, body: 'closed' })
    const { eventId } = await causeEvent(server)
    const one = `/webhooks/${id}/deliveries/${eventId}`
    await deliveryThat(server, id, eventId, { attempt_count: 1 })
    answer = () => 'reset'
    await server.call('POST', `${one}/resend`)
    await deliveryThat(server, id, eventId, { attempt_count: 2 })
    answer = () => ({ status: 200 })
    const log = `${path}/deliveries`
    expectDescribed('get', log, await server.call('GET', `/webhooks/${id}/deliveries`))
    expectDescribed('get', `${log}/{event_id}`, await server.call('GET', one))
    const resend = await server.call('POST', `${one}/resend`)
    expectDescribed('post', `${log}/{event_id}/resend`, resend)
    const span = { from: 0, to: 86_400 }
    const replay = await server.call('POST', `/webhooks/${id}/replay`, span)
    expectDescribed('post', `${path}/replay`, replay)
    expectDescribed('get', '/events', await server.call('GET', '/events'))
    const event = await server.call('GET', `/events/${eventId}`)
    expectDescribed('get', '/events/{event_id}', event)
    const again = await server.call('POST', `/events/${eventId}/resend`)
    expectDescribed('post', '/events/{event_id}/resend', again)
    expectDescribed('delete', path, await server.call('DELETE', `/webhooks/${id}`))
  })
})

async function closedPort(): Promise<string> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP')
  await new Promise((resolve) => probe.close(resolve))
  return `http://127.0.0.1:${address.port}`
}

test('the log names each change of an endpoint, and contains no key, URL or name', async () => {
  const lines: string[] = []
  const logTo = { write: (line: string) => void lines.push(line) }
  const server = await startTestServer('memory', { logLevel: 'info' }, { logTo })
  const receiver = await startReceiver()
  try {
    const { id, key } = await registerEndpoint(server, receiver, { name: 'Quiet shop' })
    const { body } = await server.call('POST', `/webhooks/${id}/rotatekey`)
    const { eventId } = await causeEvent(server)
    await deliveryThat(server, id, eventId, { status: 'delivered' })
    await server.call('PUT', `/webhooks/${id}`, { url: `${receiver.url}/x?token=hidden` })
    await server.call('DELETE', `/webhooks/${id}`)
    const text = lines.join('')
    for (const what of ['registered', 'has a new key', 'changed', 'deleted']) {
      expect(text).toContain(`"webhook endpoint ${what}"`)
    }
    for (const secret of [key, body.webhook.signing_key, receiver.url, 'hidden', 'Quiet shop']) {
      expect(text).not.toContain(secret)
    }
  } finally {
    await server.close()
    await receiver.close()
  }
})

describe('in live mode', () => {
  const targets = { allowsLoopback: false, networks: [] }
  const accountId = '23137556' as AccountId
  const body = { name: 'Shop', enabled_events: EVENTS }

  test.each([
    ['http://127.0.0.1:3000/hooks', 'url must begin with https://.'],
    [
      'https://127.0.0.1/hooks',
      'url must not resolve to a loopback address, unless --webhook-networks allows its network.',
    ],
    [
      'https://localhost/hooks',
      'url must not resolve to a loopback address, unless --webhook-networks allows its network.',
    ],
    [
      'https://[::1]/hooks',
      'url must not resolve to a loopback address, unless --webhook-networks allows its network.',
    ],
    [
      'https://10.1.2.3/hooks',
      'url must not resolve to a private address, unless --webhook-networks allows its network.',
    ],
    ['http://shop.example/hooks', 'url must begin with https://.'],
  ])('the webhook URL %s is refused', (url, message) => {
    expect(() => parseWebhookCreate({ ...body, url }, accountId, targets)).toThrow(message)
    expect(() => parseWebhookChange({ url }, targets)).toThrow(message)
  })

  test('an https URL with a public name is accepted', () => {
    const url = 'https://shop.example/hooks?key=1'
    expect(parseWebhookCreate({ ...body, url }, accountId, targets)).toEqual({
      accountId,
      name: 'Shop',
      url,
      enabledEvents: EVENTS,
    })
  })
})
