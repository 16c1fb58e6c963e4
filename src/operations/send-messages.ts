import type { Clock } from '../domain/clock.ts'
import type { MessageId } from '../domain/id.ts'
import { type Message, type MessageOutcome, moveMessage } from '../domain/message.ts'
import { MESSENGER_CALL_MS_MAX } from '../messengers/guarded-messenger.ts'
import type { Messenger } from '../messengers/messenger.ts'
import { writeMessage } from '../messengers/write-message.ts'
import type { Store } from './store.ts'

/** The dependencies of the message loop. */
export type SendMessagesDeps = {
  readonly clock: Clock
  readonly store: Pick<Store, 'transaction' | 'messages'>
  /** Guarded (`guardMessenger`). */
  readonly messenger: Messenger
  /** Called for each recorded outcome. `waitedMs`: the time since the message was queued. */
  readonly onOutcome: (kind: MessageOutcome['kind'], waitedMs: number) => void
}

/** Longer than the call and the record of its outcome. */
const LEASE_MS = MESSENGER_CALL_MS_MAX + 30_000

/**
 * Sends one due message, outside of transactions. Returns its id; undefined when none is due.
 *
 * The claim has stored that the message is being sent. If a process dies before the record, the
 * messenger may have accepted the message: it becomes `unknown` after its lease and is not sent
 * again, because a customer must not get two receipts or payment requests for one cause.
 */
export async function sendMessageNext(deps: SendMessagesDeps): Promise<MessageId | undefined> {
  const claim = await deps.store.messages.claim(deps.clock.nowMs(), LEASE_MS)
  if (claim === undefined) return undefined
  const { message, wasSending } = claim
  const outcome: MessageOutcome = wasSending
    ? { kind: 'unknown', reason: 'the program ended before it could record the outcome' }
    : await send(deps.messenger, message)
  await record(deps, message.id, outcome)
  return message.id
}

async function send(messenger: Messenger, message: Message): Promise<MessageOutcome> {
  const { channel, content, createdAtMs, id, language, recipient } = message
  if (!messenger.channels.includes(channel)) {
    return { kind: 'not_sent', reason: `the messenger does not serve ${channel}` }
  }
  const { html, subject, text } = writeMessage(message)
  return messenger.send({
    id,
    kind: content.kind,
    channel,
    to: recipient,
    language,
    merchantName: content.merchantName,
    subject,
    text,
    ...(html !== undefined && { html }),
    createdAtMs,
  })
}

async function record(
  { clock, onOutcome, store }: SendMessagesDeps,
  id: MessageId,
  outcome: MessageOutcome,
): Promise<void> {
  const finalMessage = await store.transaction(async (tx) => {
    const present = await tx.messages.lock(id)
    if (present === undefined) return undefined
    const result = moveMessage(present, outcome, clock.nowMs())
    // Another process has recorded an outcome, because this one was slower than its lease.
    if ('refused' in result) return undefined
    await tx.messages.update(result)
    return result
  })
  if (finalMessage !== undefined) {
    onOutcome(outcome.kind, Math.max(0, clock.nowMs() - finalMessage.createdAtMs))
  }
}
