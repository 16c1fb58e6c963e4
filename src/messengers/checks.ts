/** The contract of a messenger as checks that send real test messages. They run without a test framework. */
import type { AccountId, MessageId, PaymentAttemptId } from '../domain/id.ts'
import { LANGUAGE_CODES, type Language } from '../domain/language.ts'
import type { Message, MessageChannel, MessageContent } from '../domain/message.ts'
import { guardMessenger } from './guarded-messenger.ts'
import type { Messenger } from './messenger.ts'
import { writeMessage } from './write-message.ts'

/** The result of one check. `reason` is present unless the check passed. */
export type MessengerCheckResult = {
  readonly name: string
  readonly result: 'passed' | 'failed'
  readonly reason?: string
}

const AMOUNT = {
  amount: '100.50',
  currency: 'INR',
  merchantName: 'Test Shop',
  edition: 'IN',
} as const

const CONTENTS: readonly MessageContent[] = [
  {
    ...AMOUNT,
    kind: 'receipt',
    paymentId: '5000000000001' as PaymentAttemptId,
    paidAtMs: Date.UTC(2026, 10, 22),
    instrument: { type: 'upi', channel: 'qr' },
    description: 'A test of the messenger',
  },
  {
    ...AMOUNT,
    kind: 'payment_link',
    description: 'A test of the messenger',
    validUntil: '2026-12-22',
    url: 'https://pay.example.com/paymentlink/test',
  },
]

/**
 * Sends one test message of each kind in each language, by one of the messenger's channels, and returns a result for
 * each. A check passes if the outcome is `sent`. `to`: an address of the channel. `nowMs`: the present time, which also
 * makes the ids of the messages differ from those of an earlier run.
 */
export async function checkMessenger(
  messenger: Messenger,
  {
    channel,
    nowMs,
    to,
  }: { readonly channel: MessageChannel; readonly nowMs: number; readonly to: string },
): Promise<readonly MessengerCheckResult[]> {
  const guarded = guardMessenger(messenger, { report: () => {} })
  const results: MessengerCheckResult[] = []
  for (const [index, content] of CONTENTS.entries()) {
    for (const [place, language] of LANGUAGE_CODES.entries()) {
      const message = testMessage({ channel, content, language, nowMs, number: index * 3 + place })
      const { html, subject, text } = writeMessage(message)
      const outcome = await guarded.send({
        id: message.id,
        kind: content.kind,
        channel,
        to,
        language,
        merchantName: content.merchantName,
        subject,
        text,
        ...(html !== undefined && { html }),
        createdAtMs: nowMs,
      })
      const name = `a ${content.kind} by ${channel} in ${language} is sent`
      results.push(
        outcome.kind === 'sent'
          ? { name, result: 'passed' }
          : { name, result: 'failed', reason: `${outcome.kind}: ${outcome.reason}` },
      )
    }
  }
  return results
}

function testMessage({
  channel,
  content,
  language,
  nowMs,
  number,
}: {
  readonly channel: MessageChannel
  readonly content: MessageContent
  readonly language: Language
  readonly nowMs: number
  readonly number: number
}): Message {
  return {
    id: String(nowMs + number) as MessageId,
    accountId: '1' as AccountId,
    channel,
    subjectId: '5000000000001' as PaymentAttemptId,
    occasion: 0,
    recipient: '',
    language,
    content,
    createdAtMs: nowMs,
    // Shows that it is a test.
    status: 'kept',
    attemptCount: 0,
  }
}
