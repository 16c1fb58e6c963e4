import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { exampleUnderTest } from '../../../test/support/example-processor.ts'
import type { SavableInstrument } from '../../domain/instrument.ts'
import { guardProcessor } from '../guarded-processor.ts'
import { drawBytes, machineClock } from '../machine.ts'
import { CALL_PATHS, TIMEOUT_MS } from './protocol.ts'
import { connectProcessor } from './remote-processor.ts'

const KEYS = [1, 2].map((byte) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`)
const { amount, instruments, savable } = exampleUnderTest()
const SAVABLE = savable?.saved as SavableInstrument
const ATTEMPT = '8123456789012345' as never
const CHARGE = {
  attemptId: ATTEMPT,
  amount,
  instrument: instruments.approved,
  description: 'Order 1',
  returnUrl: 'https://shop.example/back',
}
const REFUND = { refundId: '8223456789012345' as never, attemptId: ATTEMPT, amount }

type Call = { readonly path: string; readonly headers: IncomingMessage['headers']; body: string }
type Reply = (response: ServerResponse, call: Call) => void
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const json = (value: unknown): Reply => {
  return (response) => response.end(JSON.stringify(value))
}

/** Starts a processor server that answers `describe` correctly, and all other calls by `reply`. */
async function startProcessor(reply: Reply, description: unknown = { name: 'r', canCancel: true }) {
  const calls: Call[] = []
  const sockets = new Set<unknown>()
  const server = createServer(async (request, response) => {
    sockets.add(request.socket)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const call = { path: request.url ?? '', headers: request.headers, body }
    calls.push(call)
    const answer = call.path.endsWith(CALL_PATHS.describe) ? json(description) : reply
    answer(response, call)
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const url = `http://127.0.0.1:${port}/paydesk`
  return { url, calls, sockets }
}

async function connectTo(url: string, chargeMs = TIMEOUT_MS.charge) {
  const timeoutMs = { ...TIMEOUT_MS, charge: chargeMs }
  const deps = { clock: machineClock, drawBytes, timeoutMs }
  const { processor, sender } = await connectProcessor({ url, keys: KEYS }, deps)
  const troubles: string[] = []
  const guardedProcessor = guardProcessor(processor, {
    clock: machineClock,
    report: ({ trouble }) => troubles.push(trouble),
  })
  return { processor: guardedProcessor, sender, troubles }
}

test('every call is signed with every key over its id, time and body, and keeps its connection', async () => {
  const approval = { kind: 'approved', processorReference: 'r1' }
  const { calls, sockets, url } = await startProcessor(json(approval))
  const { processor, sender } = await connectTo(url)
  expect(await processor.charge(CHARGE)).toEqual(approval)
  expect(await processor.findCharge(ATTEMPT)).toEqual(approval)
  expect(await processor.cancelCharge?.(ATTEMPT)).toEqual(approval)
  await processor.refund(REFUND)
  sender.close()

  expect(calls.map(({ path }) => path)).toEqual(
    ['describe', 'charge', 'find-charge', 'cancel-charge', 'refund'].map(
      (name) => `/paydesk/v1/${name}`,
    ),
  )
  const [, charge, ...others] = calls.map(({ body }) => JSON.parse(body))
  expect(charge).toEqual({
    call: 'charge',
    ...CHARGE,
    amount: { amountMinor: 10_050, currency: 'INR' },
  })
  // Only the charge contains card data.
  expect(JSON.stringify(others)).not.toMatch(/instrument|4000000000000002|cvv/)
  expect(new Set(calls.map(({ headers }) => headers['webhook-id'])).size).toBe(calls.length)
  for (const { body, headers } of calls) {
    const { 'webhook-id': id, 'webhook-timestamp': seconds } = headers
    const signatures = KEYS.map((key) => {
      const bytes = Buffer.from(key.replace('whsec_', ''), 'base64')
      const right = createHmac('sha256', bytes).update(`${id}.${seconds}.${body}`)
      return `v1,${right.digest('base64')}`
    })
    expect(headers['webhook-signature']).toBe(signatures.join(' '))
    expect(Math.abs(Number(seconds) * 1000 - Date.now())).toBeLessThan(60_000)
  }
  expect(sockets.size).toBe(1)
})

test('a server that can save gets the three calls of saved instruments, and no other server does', async () => {
  const saveAnswer = { kind: 'saved', token: 'tok_1' }
  const { calls, url } = await startProcessor(json(saveAnswer), { name: 'r', canSave: true })
  const { processor, sender } = await connectTo(url)
  const paymentMethodId = '8323456789012345' as never
  const { savedInstruments: saves } = processor
  const billingAddress = { country: 'US' }
  const customer = { name: 'Ben Ode', email: 'ben@shop.example' }
  const request = { paymentMethodId, instrument: SAVABLE, billingAddress, customer, returnUrl: url }
  expect(await saves?.save(request)).toEqual(saveAnswer)
  expect(await saves?.findSaved(paymentMethodId)).toEqual(saveAnswer)
  expect((await saves?.forget({ paymentMethodId, token: 'tok_1' }))?.kind).toBe('unknown')
  sender.close()
  const [, ...bodies] = calls.map(({ body, path }) => [path, JSON.parse(body)])
  expect(bodies).toEqual([
    ['/paydesk/v1/save', { call: 'save', ...request }],
    ['/paydesk/v1/find-saved', { call: 'findSaved', paymentMethodId }],
    ['/paydesk/v1/forget', { call: 'forget', paymentMethodId, token: 'tok_1' }],
  ])

  const other = await startProcessor(json(saveAnswer))
  const { processor: withoutSaves, sender: otherSender } = await connectTo(other.url)
  otherSender.close()
  expect(withoutSaves.savedInstruments).toBeUndefined()
})

test('a server that has mandates gets their calls with whole numbers as amounts, and no other server does', async () => {
  const answer = { kind: 'unknown', reason: 'later' }
  const { calls, url } = await startProcessor(json(answer), { name: 'r', hasMandates: true })
  const { processor, sender, troubles } = await connectTo(url)
  const mandateId = '8423456789012345' as never
  const terms = {
    amountRule: 'variable',
    frequency: 'monthly',
    description: 'Monthly fee',
    amountMinor: 50_000n,
    startOn: '2026-12-05',
  } as const
  const enrollment = { type: 'mandate_enrollment', mandateId, terms, channel: 'qr' } as const
  const notice = {
    notificationId: '8523456789012345' as never,
    mandateId,
    executionOn: '2026-12-05',
    description: 'Monthly fee',
    invoiceNumber: 'INV-2',
    requestedAtMs: 1_795_000_000_000,
  }
  await processor.charge({ ...CHARGE, instrument: enrollment })
  await processor.mandates?.notify({ ...notice, amount })
  await processor.mandates?.findMandate(mandateId)
  await processor.mandates?.cancelMandate(mandateId)
  sender.close()
  const sentAmount = { amountMinor: 10_050, currency: 'INR' }
  const instrument = { ...enrollment, terms: { ...terms, amountMinor: 50_000 } }
  const [, ...bodies] = calls.map(({ body, path }) => [path, JSON.parse(body)])
  expect(bodies).toEqual([
    ['/paydesk/v1/charge', { call: 'charge', ...CHARGE, amount: sentAmount, instrument }],
    ['/paydesk/v1/notify-of-debit', { call: 'notifyOfDebit', ...notice, amount: sentAmount }],
    ['/paydesk/v1/find-mandate', { call: 'findMandate', mandateId }],
    ['/paydesk/v1/cancel-mandate', { call: 'cancelMandate', mandateId }],
  ])
  expect(troubles).toEqual(Array(4).fill('later'))

  const other = await startProcessor(json(answer))
  const { processor: withoutMandates, sender: otherSender } = await connectTo(other.url)
  otherSender.close()
  expect(withoutMandates.mandates).toBeUndefined()
})

const BAD: readonly [what: string, trouble: RegExp, reply: Reply][] = [
  ['is a 500, with any body', /^status 500$/, withStatus(500)],
  ['is a 201', /^status 201$/, withStatus(201)],
  ['refuses the signature', /^status 401: .*PAYDESK_PROCESSOR_KEY/, withStatus(401)],
  ['is a redirect', /^status 307: redirects are not followed$/, withStatus(307)],
  ['is not JSON', /^the answer is not JSON$/, (response) => response.end('<html>')],
  ['is empty', /^the answer is not JSON$/, (response) => response.end()],
  [
    'is not UTF-8',
    /^the answer is not JSON$/,
    (response) => response.end(Buffer.from([34, 255, 34])),
  ],
  ['has the wrong shape', /^the answer has the wrong shape$/, json({ status: 'declined' })],
  ['is null', /^the answer has the wrong shape$/, json(null)],
  [
    'has more than 64 KiB',
    /^the answer has more than 65536 bytes$/,
    json({ kind: 'declined', declineCode: 'card_declined', pad: 'x'.repeat(70_000) }),
  ],
  [
    'is cut off',
    /^The connection was closed in the middle of the answer$/,
    (response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{"kind":"declined"', () => response.destroy())
    },
  ],
  [
    'never begins, because the connection is lost',
    /^The connection was closed without an answer$/,
    (response) => response.destroy(),
  ],
]

function withStatus(status: number): Reply {
  return (response) => {
    response.writeHead(status, { location: '/elsewhere' })
    response.end('{"kind":"declined","declineCode":"card_declined"}')
  }
}

test.each(BAD)(
  'an answer that %s leads to the outcome unknown, without a repeated call',
  async (_what, trouble, reply) => {
    const { calls, url } = await startProcessor(reply)
    const { processor, sender, troubles } = await connectTo(url)
    expect((await processor.charge(CHARGE)).kind).toBe('unknown')
    expect((await processor.findCharge(ATTEMPT)).kind).toBe('unknown')
    expect((await processor.cancelCharge?.(ATTEMPT))?.kind).toBe('unknown')
    expect((await processor.refund(REFUND)).kind).toBe('unknown')
    sender.close()
    expect(calls).toHaveLength(5)
    expect(troubles).toEqual(Array(4).fill(expect.stringMatching(trouble)))
  },
)

test('a charge without an answer in time leads to the outcome unknown, without a repeated call', async () => {
  const { calls, url } = await startProcessor(() => {})
  const { processor, sender, troubles } = await connectTo(url, 20)
  expect((await processor.charge(CHARGE)).kind).toBe('unknown')
  sender.close()
  expect(calls.filter(({ path }) => path.endsWith('/charge'))).toHaveLength(1)
  expect(troubles).toEqual(['No answer came within 0.02 s'])
})

test('an unreachable server leads to the outcome unknown, with the reason', async () => {
  const { url } = await startProcessor(() => {})
  const { processor, sender, troubles } = await connectTo(url)
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  await expect.poll(async () => (await processor.charge(CHARGE)).kind).toBe('unknown')
  expect((await processor.charge(CHARGE)).kind).toBe('unknown')
  expect(troubles.at(-1)).toBe('The connection was refused')
  sender.close()
})

test.each<[what: string, description: unknown, reason: RegExp]>([
  ['has no name', {}, /name must be a text/],
  ['has a name of another type', { name: 7 }, /name must be a text/],
  ['has no boolean canCancel', { name: 'r', canCancel: 'no' }, /canCancel must be true/],
  ['has banks without names', { name: 'r', banks: [{ code: 'x' }] }, /banks must be a list/],
  ['has wallets that are not a list', { name: 'r', wallets: {} }, /wallets must be a list/],
  ['has an unknown card scheme', { name: 'r', cardBrands: ['x'] }, /cardBrands must be a list of/],
])('a server whose description %s is refused', async (_what, description, reason) => {
  const { url } = await startProcessor(() => {}, description)
  await expect(connectTo(url)).rejects.toThrow(reason)
})

test('a description sets the name, the choices and the support for cancelCharge', async () => {
  const banks = [{ code: 'hdfc', name: 'HDFC Bank', more: 1 }]
  const cardBrands = ['rupay', 'visa']
  const { url } = await startProcessor(() => {}, { name: 'r', banks, wallets: null, cardBrands })
  const { processor, sender } = await connectTo(url)
  sender.close()
  expect(processor.banks).toEqual([{ code: 'hdfc', name: 'HDFC Bank' }])
  expect(processor.cardBrands).toEqual(cardBrands)
  expect([processor.name, processor.wallets, processor.cancelCharge]).toEqual([
    'r',
    undefined,
    undefined,
  ])
})
