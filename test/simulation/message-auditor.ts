import type { Message } from '../../src/domain/message.ts'
import type { AuditedRows } from './audited-rows.ts'
import type { Agreement } from './notes.ts'
import { quickExpect } from './quick-expect.ts'
import type { ScriptedMessenger } from './scripted-messenger.ts'

const isOpen = ({ status }: Message) => status === 'queued' || status === 'sending'

/**
 * Checks that each payment that succeeded in time has one receipt if its customer gave an email address, that nothing
 * else has a message, and that no message was sent twice. Returns true if no message waits.
 */
export function auditMessages(
  { attempts, messages }: Pick<AuditedRows, 'attempts' | 'messages'>,
  { email }: Agreement,
  { receivedCounts }: Pick<ScriptedMessenger, 'receivedCounts'>,
): boolean {
  const paidIds = attempts
    .filter(({ attempt }) => attempt.status === 'succeeded')
    .map(({ attempt }) => attempt.id)
  quickExpect(
    messages.map(({ subjectId }) => subjectId),
    'payments with a receipt',
  ).toEqual(email === undefined ? [] : paidIds)
  for (const message of messages) {
    quickExpect(message.recipient).toBe(email ?? '')
    quickExpect(message.content.kind).toBe('receipt')
    const receivedCount = receivedCounts.get(message.id) ?? 0
    const possible = POSSIBLE_COUNTS[message.status]
    quickExpect(possible.includes(receivedCount), `${message.status}, got ${receivedCount}`).toBe(
      true,
    )
  }
  return !messages.some(isOpen)
}

/** The numbers of times that the customer can have got a message, by its status. */
const POSSIBLE_COUNTS: Readonly<Record<Message['status'], readonly number[]>> = {
  kept: [],
  queued: [0],
  // Another worker has the message, or the worker that had it died.
  sending: [0, 1],
  sent: [1],
  failed: [0],
  unknown: [0, 1],
}
