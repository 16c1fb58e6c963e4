import { expect, test } from 'vitest'
import { MESSAGE_KINDS } from '../domain/message.ts'
import type { Messenger, OutgoingMessage } from './messenger.ts'
import type { MessengerUnderTest } from './messenger-checks.ts'
import { messengerSuite, runMessengerChecks } from './suite.ts'

const ADDRESSES = { sms: '+919000000001' }

/** Runs the checks on a messenger for SMS, and returns the results of the rules that apply. */
async function resultsOf(send: unknown, more: Partial<MessengerUnderTest> = {}) {
  const messenger: Messenger = { name: 'm', channels: ['sms'], send: send as Messenger['send'] }
  const results = await runMessengerChecks({ messenger, addresses: ADDRESSES, ...more })
  return results.filter(({ result }) => result !== 'skipped')
}

test('the checks send messages of each kind in each language, each with its own id', async () => {
  const messages: OutgoingMessage[] = []
  const results = await resultsOf(async (message: OutgoingMessage) => {
    messages.push(message)
    return { kind: 'sent' } as const
  })
  expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['passed']))
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length)
  expect(new Set(messages.map(({ to }) => to))).toEqual(new Set(['+919000000001']))
  const kinds = messages.map(({ kind, language }) => `${kind} ${language}`)
  for (const kind of MESSAGE_KINDS) {
    for (const language of ['en', 'hi', 'ur']) expect(kinds).toContain(`${kind} ${language}`)
  }
  // A merchant's text never begins a separate line, which could be a header.
  for (const { subject, text } of messages) expect(`${subject}\n${text}`).not.toMatch(/^Bcc:/m)
})

test.each<[string, unknown, string]>([
  ['throws', () => Promise.reject(new TypeError('x')), 'unknown: the module threw TypeError'],
  ['answers something else', async () => 'ok', 'unknown: the answer has the wrong shape'],
  [
    'refuses the address',
    async () => ({ kind: 'refused', reason: 'no such number' }),
    'refused: no such number',
  ],
  [
    'repeats the address in its reason',
    async () => ({
      kind: 'refused',
      reason: 'no number +919000000001, 919000000001, 9000000001, +91 (90000) 000-01; code 63024',
    }),
    'refused: no number (address), (address), (address), (address); code 63024',
  ],
  ['does not answer', () => new Promise(() => {}), 'unknown: no answer in time'],
])('a check fails with the reason if the messenger %s', async (_name, send, reason) => {
  const results = await resultsOf(send, { callMsMax: 20 })
  const failures = results.filter(({ result }) => result === 'failed')
  expect(failures.length).toBeGreaterThan(6)
  expect(failures[0]).toMatchObject({ reason })
})

test('a channel without an address is not checked, and a messenger with an unknown channel fails', async () => {
  const send = async () => ({ kind: 'sent' }) as const
  const messenger: Messenger = { name: 'm', channels: ['email'], send }
  const results = await runMessengerChecks({ messenger, addresses: ADDRESSES })
  const passedChecks = results.filter(({ result }) => result === 'passed')
  expect(passedChecks.map(({ name }) => name)).toEqual(['it has the members of the contract'])
  const wrong = { name: 'm', channels: ['fax'], send } as unknown as Messenger
  const [members] = await runMessengerChecks({ messenger: wrong, addresses: {} })
  expect(members).toMatchObject({ result: 'failed', reason: expect.stringContaining('channels') })
})

test('checks fail if the reason of a refusal has the address, and if a message counts as sent during an outage', async () => {
  const refusedAddress = { channel: 'sms', address: '+910000000000' } as const
  const send = async ({ to }: OutgoingMessage) =>
    to === refusedAddress.address ? { kind: 'refused', reason: `no ${to}` } : { kind: 'sent' }
  const results = await resultsOf(send, { refusedAddress, withoutConnection: (run) => run() })
  expect(results.filter(({ result }) => result === 'failed')).toMatchObject([
    { reason: 'the reason has the address' },
    { reason: 'expected "not_sent" or "unknown", but the outcome is "sent"' },
  ])
})

test('a suite has one test for each rule, makes the messenger once, and a broken rule throws', async () => {
  const tests: (() => Promise<void>)[] = []
  let madeCount = 0
  const make = async (): Promise<MessengerUnderTest> => {
    madeCount += 1
    const send = async () => ({ kind: 'refused', reason: 'no' }) as const
    return { messenger: { name: 'm', channels: ['sms'], send }, addresses: ADDRESSES }
  }
  messengerSuite('m', make, (_name, run) => tests.push(run))
  const runs = await Promise.allSettled(tests.map((run) => run()))
  expect(madeCount).toBe(1)
  expect(runs.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(6)
  expect(runs[0]).toMatchObject({ status: 'fulfilled' })
})
