import type { Clock } from '../domain/clock.ts'
import type { Ids } from '../domain/ids.ts'
import type { Message, MessageChannel } from '../domain/message.ts'
import type { Mode } from '../domain/scope.ts'
import type { SessionTransaction } from './store.ts'
import { withFreeId } from './store-drawn.ts'

/** The dependencies of a message. */
export type QueueDeps = {
  readonly clock: Clock
  readonly ids: Pick<Ids, 'message'>
  readonly mode: Mode
  /** The channels by which messages can leave. A sandbox has all, because its outbox keeps every message. */
  readonly messageChannels: readonly MessageChannel[]
}

/** A message to queue. */
export type MessageDraft = Pick<
  Message,
  'accountId' | 'channel' | 'subjectId' | 'occasion' | 'recipient' | 'language' | 'content'
>

/**
 * The result: `queued`, or the reason why nothing was stored. `known`: this cause already has a message. `no_channel`:
 * no messenger sends messages by this channel.
 */
export type QueueResult = 'queued' | 'known' | 'no_channel'

/**
 * Stores a message to a customer in the transaction of its cause, so that neither exists without the other. The message
 * loop sends it afterwards; a sandbox only keeps it in its outbox. For one subject, kind, channel and occasion, at most
 * one message is ever stored.
 */
export function queueMessage(
  tx: Pick<SessionTransaction, 'messages'>,
  { clock, ids, messageChannels, mode }: QueueDeps,
  draft: MessageDraft,
): Promise<QueueResult> {
  if (!messageChannels.includes(draft.channel)) return Promise.resolve('no_channel')
  const nowMs = clock.nowMs()
  return withFreeId(async () => {
    const message: Message = {
      ...draft,
      id: ids.message(draft.subjectId),
      createdAtMs: nowMs,
      attemptCount: 0,
      ...(mode === 'sandbox'
        ? { status: 'kept', endedAtMs: nowMs }
        : { status: 'queued', nextAttemptAtMs: nowMs }),
    }
    const outcome = await tx.messages.insert(message)
    if (outcome === 'id_taken') return undefined
    return outcome === 'stored' ? 'queued' : 'known'
  })
}
