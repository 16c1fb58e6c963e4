import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AccountId, MessageId, PaymentAttemptId } from './id.ts'
import {
  MESSAGE_MOVES,
  MESSAGE_STATUSES,
  MESSAGE_WAIT_MS_MAX,
  type Message,
  type MessageOutcome,
  moveMessage,
} from './message.ts'

const NOW_MS = Date.UTC(2026, 10, 22)
const OUTCOMES: readonly MessageOutcome[] = [
  { kind: 'sent', reference: 'r' },
  { kind: 'not_sent', reason: 'busy' },
  { kind: 'refused', reason: 'no such mailbox' },
  { kind: 'unknown', reason: 'no answer' },
]

function messageIn(status: Message['status'], attemptCount = 1): Message {
  const isOpen = status === 'queued' || status === 'sending'
  return {
    id: '1' as MessageId,
    accountId: '2' as AccountId,
    channel: 'email',
    subjectId: '3' as PaymentAttemptId,
    occasion: 0,
    recipient: 'asha@shop.example',
    language: 'en',
    content: {
      kind: 'payment_link',
      amount: '1.00',
      currency: 'INR',
      merchantName: 'Shop',
      edition: 'IN',
      description: 'Order',
      validUntil: '2026-12-22',
      url: 'https://pay.shop.example/paymentlink/1',
    },
    createdAtMs: NOW_MS,
    status,
    attemptCount,
    ...(isOpen ? { nextAttemptAtMs: NOW_MS } : { endedAtMs: NOW_MS }),
  }
}

describe('an outcome of a message', () => {
  test.each(
    MESSAGE_STATUSES.flatMap((status) => OUTCOMES.map((outcome) => [status, outcome] as const)),
  )('leads from %s by %j only to a status of the table', (status, outcome) => {
    const next = MESSAGE_MOVES[status][outcome.kind]
    const result = moveMessage(messageIn(status), outcome, NOW_MS)
    if (next === undefined) expect(result).toEqual({ refused: 'not_sending' })
    else expect(next).toContain('status' in result ? result.status : 'refused')
  })

  test('starts a further try only if the message was certainly not sent', () => {
    for (const outcome of OUTCOMES) {
      const result = moveMessage(messageIn('sending'), outcome, NOW_MS)
      const isOpen = 'nextAttemptAtMs' in result
      expect([outcome.kind, isOpen]).toEqual([outcome.kind, outcome.kind === 'not_sent'])
    }
  })

  test('that comes after the end of the claim never starts a further try', () => {
    for (const outcome of OUTCOMES) {
      expect(moveMessage(messageIn('unknown'), outcome, NOW_MS)).not.toHaveProperty(
        'nextAttemptAtMs',
      )
    }
  })

  test('not_sent leads to nine tries in about a day, and then to failed', () => {
    let message = messageIn('sending', 1)
    let nowMs = NOW_MS
    const waits: number[] = []
    for (;;) {
      const result = moveMessage(message, { kind: 'not_sent', reason: 'busy' }, nowMs)
      if ('refused' in result) throw new Error('refused')
      if (result.nextAttemptAtMs === undefined) {
        expect(result).toMatchObject({ status: 'failed', failure: 'busy', endedAtMs: nowMs })
        break
      }
      waits.push((result.nextAttemptAtMs - nowMs) / 60_000)
      nowMs = result.nextAttemptAtMs
      message = { ...result, status: 'sending', attemptCount: message.attemptCount + 1 }
    }
    expect(waits).toEqual([1, 5, 15, 60, 120, 240, 480, 480])
    expect(message.attemptCount).toBe(9)
  })

  test('waits as long as the messenger asks, but never less than the schedule or more than 8 hours', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e15, max: 1e15 }), (retryAfterMs) => {
        const outcome = { kind: 'not_sent', reason: 'busy', retryAfterMs } as const
        const result = moveMessage(messageIn('sending'), outcome, NOW_MS)
        const waitMs = ('nextAttemptAtMs' in result ? (result.nextAttemptAtMs ?? 0) : 0) - NOW_MS
        expect(waitMs).toBe(Math.min(8 * 3_600_000, Math.max(60_000, retryAfterMs)))
        expect(waitMs).toBeLessThanOrEqual(MESSAGE_WAIT_MS_MAX)
      }),
    )
  })
})
