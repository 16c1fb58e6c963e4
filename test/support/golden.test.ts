import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { type GoldenServer, openGolden } from './golden.ts'
import { startTestServer } from './server.ts'

const NOW_MS = 1_795_386_600_123
const ID = 250301496979812
const KEY = `whsec_${'A+/'.repeat(14)}b=`
const OTHER_KEY = `whsec_${'B+/'.repeat(14)}b=`

const folder = mkdtempSync(join(tmpdir(), 'paydesk-golden-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let count = 0
beforeEach(() => {
  count += 1
})

/** Makes a server with a frozen clock that answers with the text. */
function answering(text: string, status = 200, more: Record<string, string> = {}): GoldenServer {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8', ...more })
  return {
    tenant: { clock: { nowMs: () => NOW_MS } },
    call: async () => ({ status, headers, text, body: undefined }),
  }
}

const open = (update = false) => openGolden(`self-${count}`, { folder, update })
const file = () => JSON.parse(readFileSync(join(folder, `self-${count}.json`), 'utf8'))

/** Plays one exchange, and returns true if it matches the file. */
async function play(server: GoldenServer, update = false, body: unknown = { amount: 1 }) {
  const golden = open(update)
  const path = `/payments/${ID}/refunds?account_id=1`
  await golden.conversation('a refund', server).exchange('create', 'POST', path, body)
  golden.finish()
}

const REFUND = {
  refund: {
    refund_id: `${ID + 7}`,
    payment_id: `${ID}`,
    amount: '1.00',
    signing_key: KEY,
    date: Math.floor(NOW_MS / 1000),
    event_id: ID + 7,
    event_time: NOW_MS,
    status: 'x',
    description: `of ${ID}, not of ${ID}1`,
  },
}
const TEXT = JSON.stringify(REFUND)
const textWith = (change: object) => JSON.stringify({ refund: { ...REFUND.refund, ...change } })

test('a golden file contains every value except those that differ between runs', async () => {
  await play(answering(TEXT, 201, { 'idempotent-replayed': 'true', date: 'today' }), true)
  expect(file()).toEqual({
    'a refund': {
      create: {
        request: {
          method: 'POST',
          path: '/payments/<payment_id 1>/refunds?account_id=1',
          body: { amount: 1 },
        },
        response: {
          status: 201,
          headers: { 'idempotent-replayed': 'true' },
          body: {
            refund: {
              refund_id: '<refund_id 1>',
              payment_id: '<payment_id 1>',
              amount: '1.00',
              signing_key: '<signing_key 1>',
              date: '<seconds>',
              status: 'x',
              event_id: '<refund_id 1, a number>',
              event_time: '<milliseconds>',
              description: `of <payment_id 1>, not of ${ID}1`,
            },
          },
        },
      },
    },
  })
})

test('a golden file accepts other ids, times and secrets of the same format', async () => {
  await play(answering(TEXT), true)
  await play(answering(TEXT))
  const other = { refund_id: `${ID + 9}`, event_id: ID + 9, signing_key: OTHER_KEY }
  await play(answering(textWith({ ...other, date: Math.floor(NOW_MS / 1000) - 3600 })))
})

const { status: _, ...withoutStatus } = REFUND.refund
const reversedRefund = Object.fromEntries(Object.entries(REFUND.refund).reverse())
test.each([
  ['a changed value', textWith({ amount: '2.00' })],
  ['a number in place of a text', textWith({ amount: 1 })],
  ['keys in another order', JSON.stringify({ refund: reversedRefund })],
  ['an additional key', textWith({ more: 1 })],
  ['a missing key', JSON.stringify({ refund: withoutStatus })],
  ['another spelling of the same text', JSON.stringify(REFUND, null, 1)],
  ['another spelling of the same number', TEXT.replace('"x"', '1.0')],
  ['a duplicate key', TEXT.replace('"status"', '"status":"y","status"')],
  ['the id of another object', textWith({ payment_id: `${ID + 7}` })],
  ['an id that is a number', textWith({ refund_id: ID + 7 })],
  ['a number that is a text', textWith({ event_id: `${ID + 7}` })],
  ['an id that is too short', textWith({ refund_id: '17' })],
  ['seconds in place of milliseconds', textWith({ event_time: Math.floor(NOW_MS / 1000) })],
  ['milliseconds in place of seconds', textWith({ date: NOW_MS })],
  ['an impossible time', textWith({ date: Math.floor(NOW_MS / 1000) - 90_000 })],
  ['a fraction of a second', textWith({ date: NOW_MS / 1000 })],
  ['a secret of another format', textWith({ signing_key: 'whsec_short' })],
])('a golden file reports %s', async (_what, text) => {
  await play(answering(TEXT), true)
  await expect(play(answering(text))).rejects.toThrow(
    `self-${count}.json, a refund, create: expected`,
  )
})

test('a golden file reports another status, header, content type or request', async () => {
  await play(answering(TEXT), true)
  await expect(play(answering(TEXT, 201))).rejects.toThrow('create')
  await expect(play(answering(TEXT, 200, { 'retry-after': '1' }))).rejects.toThrow('create')
  await expect(play(answering(TEXT, 200, { 'content-type': 'text/plain' }))).rejects.toThrow()
  await expect(play(answering(TEXT), false, { amount: 2 })).rejects.toThrow('create')
  await expect(play(answering(TEXT), false, '{"amount": 1}')).rejects.toThrow('create')
})

test('a golden file reports an exchange without an entry, and an entry without an exchange', async () => {
  const writer = open(true)
  const { exchange, recordReceived } = writer.conversation('both', answering(TEXT))
  await exchange('first', 'GET', '/refunds')
  recordReceived('second', TEXT, { 'webhook-id': `${ID + 7}` })
  writer.finish()
  expect(file().both.second.received.headers).toEqual({ 'webhook-id': '<refund_id 1>' })

  const reader = open()
  const again = reader.conversation('both', answering(TEXT))
  await again.exchange('first', 'GET', '/refunds')
  expect(reader.finish).toThrow('both: second')
  await expect(again.exchange('third', 'GET', '/refunds')).rejects.toThrow('not in the file')
  await expect(again.exchange('first', 'GET', '/refunds')).rejects.toThrow('played twice')
  again.recordReceived('second', TEXT, { 'webhook-id': `${ID + 7}` })
  expect(() => reader.conversation('both')).toThrow('played twice')
})

test('the first engine writes the golden file, and the next one must agree with it', async () => {
  const [first, second] = [open(true), open(true)]
  const text = textWith({ amount: '2.00' })
  await first.conversation('a', answering(TEXT)).exchange('b', 'GET', '/refunds')
  first.finish()
  const { exchange } = second.conversation('a', answering(text))
  await expect(exchange('b', 'GET', '/refunds')).rejects.toThrow('a, b: expected')
})

test('two runs of the same calls write equal golden files', async () => {
  const server = await startTestServer('memory')
  try {
    for (const golden of [open(true), open()]) {
      const { exchange } = golden.conversation('a session', server)
      const session = { amount: 1, currency: 'INR', description: 'd' }
      const { body } = await exchange('create', 'POST', '/paymentsessions', session)
      const { payments_session_id: id } = body.payments_session
      await exchange('retrieve', 'GET', `/paymentsessions/${id}`)
      await exchange('not there', 'GET', '/paymentsessions/250301496979812')
      golden.finish()
    }
    expect(file()['a session'].retrieve.request.path).toBe(
      '/paymentsessions/<payments_session_id 1>',
    )
    expect(JSON.stringify(file())).not.toMatch(/\d{9}|[\w-]{60}/)
  } finally {
    await server.close()
  }
})
