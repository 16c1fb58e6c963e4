/** The contract between Paydesk and a messenger, for authors of adapters: `paydesk/messenger`. */
/** The id that Paydesk gives to a message. */
export type { MessageId } from '../domain/id.ts'
export { LANGUAGE_CODES, type Language } from '../domain/language.ts'
export {
  MESSAGE_CHANNELS,
  MESSAGE_KINDS,
  type MessageChannel,
  type MessageKind,
  type MessageOutcome,
} from '../domain/message.ts'
export {
  type GuardDeps,
  guardMessenger,
  MESSENGER_CALL_MS_MAX,
  type MessengerTrouble,
} from './guarded-messenger.ts'
export { isMessenger, type Messenger, type OutgoingMessage } from './messenger.ts'
