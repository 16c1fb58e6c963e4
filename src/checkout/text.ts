import type { MessageKey, Messages } from './messages/en.ts'

/** What stands for the placeholders of a message. */
export type TextValues = Readonly<Record<string, string | number>>

/** Gives a message with its placeholders filled in. */
export function text(messages: Messages, key: MessageKey, values: TextValues = {}): string {
  return messages[key].replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole))
}

type PluralStem = MessageKey extends infer Key
  ? Key extends `${infer Stem}One`
    ? Stem
    : never
  : never

/** Gives the message for a count: `triesLeft` is `triesLeftOne` or `triesLeftOther` by the language's rules. */
export function plural(
  messages: Messages,
  stem: PluralStem,
  count: number,
  language: string,
  values: TextValues = {},
): string {
  const form = new Intl.PluralRules(language).select(count) === 'one' ? 'One' : 'Other'
  return text(messages, `${stem}${form}`, { count, ...values })
}
