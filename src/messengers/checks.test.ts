import { expect, test } from 'vitest'
import { checkMessenger } from './checks.ts'
import type { OutgoingMessage } from './messenger.ts'

const PLAN = { channel: 'sms', nowMs: Date.UTC(2026, 10, 22), to: '+919000000001' } as const

test('a check sends one message of each kind in each language, each with its own id', async () => {
  const sent: OutgoingMessage[] = []
  const send = async (message: OutgoingMessage) => {
    sent.push(message)
    return { kind: 'sent' } as const
  }
  const results = await checkMessenger({ name: 'm', channels: ['sms'], send }, PLAN)
  expect(results.map(({ result }) => result)).toEqual(new Array(6).fill('passed'))
  expect(new Set(sent.map(({ id }) => id)).size).toBe(6)
  expect(sent.map(({ kind, language }) => `${kind} ${language}`)).toEqual([
    'receipt en',
    'receipt hi',
    'receipt ur',
    'payment_link en',
    'payment_link hi',
    'payment_link ur',
  ])
})

test('a check fails with the reason if the messenger throws, or answers something else', async () => {
  for (const [answer, reason] of [
    [() => Promise.reject(new TypeError('x')), 'unknown: the module threw TypeError'],
    [async () => 'ok', 'unknown: the answer has the wrong shape'],
    [async () => ({ kind: 'refused', reason: 'no such number' }), 'refused: no such number'],
  ] as const) {
    const messenger = { name: 'm', channels: ['sms'] as const, send: answer as never }
    const [first] = await checkMessenger(messenger, PLAN)
    expect(first).toMatchObject({ result: 'failed', reason })
  }
})
