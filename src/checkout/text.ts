import type { MessageKey, Messages } from './messages/en.ts'

/** The values of placeholders in a message. */
export type TextValues = Readonly<Record<string, string | number>>

/** Returns a message with its placeholders replaced. */
export function text(messages: Messages, key: MessageKey, values: TextValues = {}): string {
  return messages[key].replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole))
}

type PluralStem = MessageKey extends infer Key
  ? Key extends `${infer Stem}One`
    ? Stem
    : never
  : never

/** Returns the message for a count: `triesLeft` is `triesLeftOne` or `triesLeftOther` by the language's rules. */
export function plural(
  messages: Messages,
  stem: PluralStem,
  language: string,
  values: TextValues & { readonly count: number },
): string {
  const form = new Intl.PluralRules(language).select(values.count) === 'one' ? 'One' : 'Other'
  return text(messages, `${stem}${form}`, values)
}
