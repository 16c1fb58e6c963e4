import type { MessageOutcome } from '../../src/domain/message.ts'
import type { Messenger } from '../../src/messengers/messenger.ts'

/** The messenger's reaction to the next message. */
export const MESSAGE_PLAYS = [
  'sent',
  'not_sent',
  'refused',
  /** The message is sent, and the answer is lost. */
  'sent_unheard',
  /** The request never arrives, and its result is unknown. */
  'lost',
  /** The module throws after it has sent the message. */
  'thrown',
] as const
/** One reaction to a message. */
export type MessagePlay = (typeof MESSAGE_PLAYS)[number]

/** A messenger that follows a script and keeps records. */
export type ScriptedMessenger = Messenger & {
  /** The number of times that the customer got each message, by its id. */
  readonly receivedCounts: ReadonlyMap<string, number>
  /** The reactions to the next messages, in order. Then every message is sent. */
  readonly play: (plays: readonly MessagePlay[]) => void
}

/** Makes a messenger for e-mails. */
export function createScriptedMessenger(): ScriptedMessenger {
  const receivedCounts = new Map<string, number>()
  let script: MessagePlay[] = []
  const answer = (play: MessagePlay): MessageOutcome => {
    switch (play) {
      case 'sent':
        return { kind: 'sent' }
      case 'not_sent':
        return { kind: 'not_sent', reason: 'busy' }
      case 'refused':
        return { kind: 'refused', reason: 'no such address' }
      case 'thrown':
        throw new Error('the answer cannot be read')
      default:
        return { kind: 'unknown', reason: 'no answer' }
    }
  }
  return {
    name: 'scripted',
    channels: ['email'],
    receivedCounts,
    play: (plays) => {
      script = [...plays]
    },
    send: async ({ id }) => {
      const play = script.shift() ?? 'sent'
      if (play === 'sent' || play === 'sent_unheard' || play === 'thrown') {
        receivedCounts.set(id, (receivedCounts.get(id) ?? 0) + 1)
      }
      return answer(play)
    },
  }
}
