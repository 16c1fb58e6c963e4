import { containsCardNumber } from '../domain/card.ts'
import type { MessageOutcome } from '../domain/message.ts'
import { isPlainText } from '../domain/text.ts'
import { NoAnswerInTime, withinTimeLimit } from '../processors/time-limit.ts'
import type { Messenger } from './messenger.ts'

/** A fault of a messenger, for the log. It contains no address and no text of a message. */
export type MessengerTrouble = { readonly id: string; readonly trouble: string }

/**
 * The time limit of a call, in milliseconds. A mail server may take a minute to accept an e-mail.
 */
export const MESSENGER_CALL_MS_MAX = 120_000

const REASON_LENGTH_MAX = 200

/** The dependencies of the guard. */
export type GuardDeps = {
  readonly report: (trouble: MessengerTrouble) => void
  /** The time limit of a call, in milliseconds. Undefined: `MESSENGER_CALL_MS_MAX`. */
  readonly callMsMax?: number
}

/**
 * Makes a messenger that always keeps the contract, even if the inner one breaks it. An exception, a malformed answer
 * and a missing answer become `unknown`, because the message may have been sent. The message's address and all e-mail
 * addresses are removed from reasons; a reason with a possible card number is withheld. Every outcome except `sent` is
 * reported.
 */
export function guardMessenger(
  messenger: Messenger,
  { callMsMax = MESSENGER_CALL_MS_MAX, report }: GuardDeps,
): Messenger {
  return {
    name: messenger.name,
    channels: [...messenger.channels],
    send: async (message) => {
      const outcome = await outcomeOf(message.to, () =>
        withinTimeLimit(callMsMax, async (): Promise<unknown> => messenger.send(message)),
      )
      if (outcome.kind !== 'sent') {
        report({ id: message.id, trouble: `${outcome.kind}: ${outcome.reason}` })
      }
      return outcome
    },
    ...(messenger.close !== undefined && { close: async () => messenger.close?.() }),
  }
}

async function outcomeOf(to: string, send: () => Promise<unknown>): Promise<MessageOutcome> {
  try {
    return (
      readOutcome(await send(), to) ?? { kind: 'unknown', reason: 'the answer has the wrong shape' }
    )
  } catch (error) {
    return { kind: 'unknown', reason: reasonFrom(error, to) }
  }
}

/** Returns only the error's name, because the error's message can repeat the request. */
function reasonFrom(error: unknown, to: string): string {
  if (error instanceof NoAnswerInTime) return 'no answer in time'
  const name = error instanceof Error ? error.name : undefined
  return `the module threw ${typeof name === 'string' ? reasonText(name, to) : 'a value that is not an Error'}`
}

function readOutcome(answer: unknown, to: string): MessageOutcome | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const field = (name: string): unknown => Reflect.get(answer, name)
  const kind = field('kind')
  if (kind === 'sent') {
    const reference = field('reference')
    const isUsable = isPlainText(reference) && !containsCardNumber(reference)
    return isUsable ? { kind, reference } : { kind }
  }
  const rawReason = field('reason')
  if (typeof rawReason !== 'string') return undefined
  const reason = reasonText(rawReason, to)
  if (kind === 'refused' || kind === 'unknown') return { kind, reason }
  if (kind !== 'not_sent') return undefined
  const retryAfterMs = field('retryAfterMs')
  return typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs)
    ? { kind, reason, retryAfterMs: Math.ceil(retryAfterMs) }
    : { kind, reason }
}

/** Makes a reason that can be stored and logged. */
function reasonText(reason: string, to: string): string {
  if (containsCardNumber(reason)) return 'reason withheld'
  return reason
    .toWellFormed()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .replaceAll(/<?[^\s<>]+@[^\s<>]+>?/g, '(address)')
    .replaceAll(to.includes('@') ? to : phonePattern(to), '(address)')
    .slice(0, REASON_LENGTH_MAX)
    .toWellFormed()
}

/** The number of last digits by which a phone number is recognized. */
const END_DIGIT_COUNT = 8

/**
 * Returns the pattern of a phone number in a text. Providers also write it without its plus sign or its dialing code, or
 * with separators: `90000 00001`.
 */
function phonePattern(phone: string): RegExp {
  const endDigits = phone.replaceAll(/\D/g, '').slice(-END_DIGIT_COUNT)
  const end = [...endDigits].join('[\\s().-]*')
  return new RegExp(`(?:[+(]{0,2}\\d[\\d\\s().-]{0,10})?${end}`, 'g')
}
