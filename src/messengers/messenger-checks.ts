/** The contract of a messenger as named checks that send real test messages. They run without a test framework. */
import type { AccountId, MandateId, MessageId, PaymentAttemptId } from '../domain/id.ts'
import { LANGUAGE_CODES, type Language } from '../domain/language.ts'
import {
  MESSAGE_CHANNELS,
  MESSAGE_KINDS,
  type Message,
  type MessageChannel,
  type MessageContent,
  type MessageKind,
  type MessageOutcome,
} from '../domain/message.ts'
import { drawBytes, machineClock } from '../processors/machine.ts'
import { guardMessenger, MESSENGER_CALL_MS_MAX } from './guarded-messenger.ts'
import { isMessenger, type Messenger, type OutgoingMessage } from './messenger.ts'
import { writeMessage } from './write-message.ts'

/** A messenger with the values that its checks need. */
export type MessengerUnderTest = {
  readonly messenger: Messenger
  /** An address of yours for each channel to check: `{ email: 'test@example.com' }`. It gets the test messages. */
  readonly addresses: Readonly<Partial<Record<MessageChannel, string>>>
  /** An address that the provider permanently refuses. Undefined: the check is skipped. */
  readonly refusedAddress?: { readonly channel: MessageChannel; readonly address: string }
  /** Runs something while the provider cannot be reached. Undefined: the check is skipped. */
  readonly withoutConnection?: <Result>(run: () => Promise<Result>) => Promise<Result>
  /** The time limit of each call, in milliseconds. Undefined: two minutes. */
  readonly callMsMax?: number
  /** The time of the test messages, in milliseconds since 1970. Undefined: the machine's. */
  readonly nowMs?: number
}

/** The outcome of a check: nothing is wrong, a rule is broken, or the rule does not apply. */
export type MessengerCheckOutcome =
  | { readonly result: 'passed' }
  | { readonly result: 'failed' | 'skipped'; readonly reason: string }

/** A rule of the contract, by its name. */
export type MessengerCheck = {
  readonly name: string
  /** Never throws. */
  readonly run: (subject: MessengerUnderTest) => Promise<MessengerCheckOutcome>
}

const PASS: MessengerCheckOutcome = { result: 'passed' }
const failure = (reason: string): MessengerCheckOutcome => ({ result: 'failed', reason })
const skip = (reason: string): MessengerCheckOutcome => ({ result: 'skipped', reason })

const AMOUNT = {
  amount: '100.50',
  currency: 'INR',
  merchantName: 'Test Shop',
  edition: 'IN',
} as const

const CONTENTS: Readonly<Record<MessageKind, MessageContent>> = {
  receipt: {
    ...AMOUNT,
    kind: 'receipt',
    paymentId: '5000000000001' as PaymentAttemptId,
    paidAtMs: Date.UTC(2026, 10, 22),
    instrument: { type: 'upi', channel: 'qr' },
    description: 'A test of the messenger',
  },
  payment_link: {
    ...AMOUNT,
    kind: 'payment_link',
    description: 'A test of the messenger',
    validUntil: '2026-12-22',
    url: 'https://pay.example.com/paymentlink/test',
  },
  mandate_notice: {
    ...AMOUNT,
    kind: 'mandate_notice',
    mandateId: '5000000000002' as MandateId,
    executionOn: '2026-12-05',
    description: 'A test of the messenger',
    invoiceNumber: 'TEST-1',
  },
}

/**
 * A merchant's text that programs often break: quotes, markup, several scripts, an emoji, and a
 * line break.
 */
const DIFFICULT_TEXT = 'Order "8841" <b>’s</b> & चाय, چائے 😀\r\nBcc: nobody@example.com'

/** The number of messages that the checks send at the same time. */
const TOGETHER_COUNT = 5

/** Draws the id of a test message: up to 16 unpredictable digits. */
function drawMessageId(): MessageId {
  const number = drawBytes(8).reduce((sum, byte) => (sum * 256n + BigInt(byte)) % 2n ** 53n, 0n)
  return String(number) as MessageId
}

/** Makes a test message, with an id that no other one has. */
function messageTo(
  { nowMs = machineClock.nowMs() }: Pick<MessengerUnderTest, 'nowMs'>,
  {
    channel,
    content,
    language = 'en',
    to,
  }: {
    readonly channel: MessageChannel
    readonly content: MessageContent
    readonly language?: Language
    readonly to: string
  },
): OutgoingMessage {
  const message: Message = {
    id: drawMessageId(),
    accountId: '1' as AccountId,
    channel,
    subjectId: '5000000000001' as PaymentAttemptId,
    occasion: 0,
    recipient: to,
    language,
    content,
    createdAtMs: nowMs,
    // Shows that it is a test.
    status: 'kept',
    attemptCount: 0,
  }
  const { html, subject, text } = writeMessage(message)
  return {
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
  }
}

/** Sends a message behind the guard that Paydesk uses. */
function send(
  { callMsMax = MESSENGER_CALL_MS_MAX, messenger }: MessengerUnderTest,
  message: OutgoingMessage,
): Promise<MessageOutcome> {
  return guardMessenger(messenger, { callMsMax, report: () => {} }).send(message)
}

function sentOr(outcome: MessageOutcome): MessengerCheckOutcome {
  return outcome.kind === 'sent' ? PASS : failure(`${outcome.kind}: ${outcome.reason}`)
}

function firstChannel({
  addresses,
  messenger,
}: MessengerUnderTest): { readonly channel: MessageChannel; readonly to: string } | undefined {
  for (const channel of messenger.channels) {
    const to = addresses[channel]
    if (to !== undefined) return { channel, to }
  }
  return undefined
}

const NO_ADDRESS = 'there is no address for a channel of the messenger'

const members: MessengerCheck = {
  name: 'it has the members of the contract',
  run: async ({ messenger }) => {
    if (!isMessenger(messenger)) {
      return failure(
        `the messenger must have the members name, channels (one or more of ${MESSAGE_CHANNELS.join(', ')}) and send`,
      )
    }
    const isRepeated = new Set(messenger.channels).size < messenger.channels.length
    return isRepeated ? failure('channels has a channel twice') : PASS
  },
}

function kindCheck(channel: MessageChannel, kind: MessageKind, language: Language): MessengerCheck {
  return {
    name: `a ${kind} by ${channel} in ${language} is sent`,
    run: async (subject) => {
      const to = subject.addresses[channel]
      if (to === undefined || !subject.messenger.channels.includes(channel)) {
        return skip(`the messenger does not serve ${channel}, or there is no address for it`)
      }
      const message = messageTo(subject, { channel, content: CONTENTS[kind], language, to })
      return sentOr(await send(subject, message))
    },
  }
}

const difficultText: MessengerCheck = {
  name: 'a text with quotes, markup, non-Latin letters and line ends is sent',
  run: async (subject) => {
    const address = firstChannel(subject)
    if (address === undefined) return skip(NO_ADDRESS)
    const content: MessageContent = {
      ...AMOUNT,
      kind: 'payment_link',
      merchantName: 'O’Hara & Söhne 😀',
      description: DIFFICULT_TEXT,
      validUntil: '2026-12-22',
      url: 'https://pay.example.com/paymentlink/test',
    }
    return sentOr(await send(subject, messageTo(subject, { ...address, content })))
  },
}

const together: MessengerCheck = {
  name: 'messages at the same time are all sent',
  run: async (subject) => {
    const address = firstChannel(subject)
    if (address === undefined) return skip(NO_ADDRESS)
    const messages = Array.from({ length: TOGETHER_COUNT }, () =>
      messageTo(subject, { ...address, content: CONTENTS.receipt }),
    )
    const outcomes = await Promise.all(messages.map((message) => send(subject, message)))
    return sentOr(outcomes.find(({ kind }) => kind !== 'sent') ?? { kind: 'sent' })
  },
}

const refusal: MessengerCheck = {
  name: 'an address that the provider refuses is refused, and the reason does not repeat it',
  run: async (subject) => {
    const { messenger, refusedAddress } = subject
    if (refusedAddress === undefined) return skip('the setup has no refusedAddress')
    const { address, channel } = refusedAddress
    const content = CONTENTS.receipt
    const outcome = await messenger
      .send(messageTo(subject, { channel, content, to: address }))
      .catch(() => undefined)
    if (outcome?.kind !== 'refused')
      return failure(`expected "refused", but the outcome is ${kindOf(outcome)}`)
    return outcome.reason.includes(address) ? failure('the reason has the address') : PASS
  },
}

const outage: MessengerCheck = {
  name: 'without a connection nothing counts as sent, and no exception leaves the messenger',
  run: async (subject) => {
    const { messenger, withoutConnection } = subject
    if (withoutConnection === undefined) return skip('the setup has no withoutConnection')
    const address = firstChannel(subject)
    if (address === undefined) return skip(NO_ADDRESS)
    const message = messageTo(subject, { ...address, content: CONTENTS.receipt })
    const outcome = await withoutConnection(() =>
      messenger.send(message).catch((): undefined => undefined),
    )
    const isRight = outcome?.kind === 'not_sent' || outcome?.kind === 'unknown'
    return isRight
      ? PASS
      : failure(`expected "not_sent" or "unknown", but the outcome is ${kindOf(outcome)}`)
  },
}

function kindOf(outcome: MessageOutcome | undefined): string {
  return outcome === undefined ? 'an exception' : `"${outcome.kind}"`
}

/** The rules of the contract. A rule that does not apply to a messenger is skipped. */
export const MESSENGER_CHECKS: readonly MessengerCheck[] = [
  members,
  ...MESSAGE_CHANNELS.flatMap((channel) =>
    MESSAGE_KINDS.flatMap((kind) =>
      LANGUAGE_CODES.map((language) => kindCheck(channel, kind, language)),
    ),
  ),
  difficultText,
  together,
  refusal,
  outage,
]
