import type { MessageId } from '../domain/id.ts'
import type { Language } from '../domain/language.ts'
import {
  MESSAGE_CHANNELS,
  type MessageChannel,
  type MessageKind,
  type MessageOutcome,
} from '../domain/message.ts'

/** A message to send. */
export type OutgoingMessage = {
  /** The same at each try, and never used for another message. */
  readonly id: MessageId
  readonly kind: MessageKind
  readonly channel: MessageChannel
  /** One e-mail address, a phone number with its dialing code, such as `+919000000001`, or a UPI ID. */
  readonly to: string
  readonly language: Language
  /** The merchant's name, for the sender that the customer sees. One line. */
  readonly merchantName: string
  /** One line without control characters. */
  readonly subject: string
  readonly text: string
  /** For e-mails. */
  readonly html?: string
  /** The time at which the message was queued, in milliseconds since 1970. */
  readonly createdAtMs: number
}

/** The adapter that sends messages to customers. It passes the checks in `messenger-checks.ts`. */
export type Messenger = {
  readonly name: string
  /** The channels that it serves. Messages by other channels are refused before they are stored. */
  readonly channels: readonly MessageChannel[]
  /**
   * Sends a message once, and returns the outcome. An exception is treated as `unknown`. Only
   * `not_sent` leads to another try with the same id, so return it only if the message was
   * certainly not sent.
   */
  readonly send: (message: OutgoingMessage) => Promise<MessageOutcome>
  /** Ends its connections. Called once, after the last message. */
  readonly close?: () => Promise<void>
}

/** Tests whether a value has the members that every messenger needs. */
export function isMessenger(candidate: unknown): candidate is Messenger {
  if (typeof candidate !== 'object' || candidate === null) return false
  const channels: unknown = Reflect.get(candidate, 'channels')
  return (
    typeof Reflect.get(candidate, 'name') === 'string' &&
    typeof Reflect.get(candidate, 'send') === 'function' &&
    Array.isArray(channels) &&
    channels.length > 0 &&
    channels.every((channel) => MESSAGE_CHANNELS.includes(channel))
  )
}
