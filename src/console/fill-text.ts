/** The names of the placeholders of a text: `amount` for `Refund {amount}`. */
type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never

/** The last argument of a function that fills a text: the values of its placeholders, or nothing if it has none. */
export type ValuesOf<Text extends string, Value> = [Placeholder<Text>] extends [never]
  ? []
  : [values: Readonly<Record<Placeholder<Text>, Value>>]

/** The texts without placeholders. */
export type PlainText<Text extends string> = Text extends `${string}{${string}` ? never : Text

/** The texts with the placeholder `count`. */
export type CountText<Text extends string> = Text extends `${string}{count}${string}` ? Text : never

/**
 * The beginning of a piece of text that does not reorder the text around it, and has the direction of its first letter.
 * Source: Unicode UAX #9.
 */
const FIRST_STRONG_ISOLATE = '\u2068'
/** The beginning of an isolated text from left to right. */
export const LEFT_TO_RIGHT_ISOLATE = '\u2066'
/** The end of an isolated text. */
export const POP_ISOLATE = '\u2069'

/**
 * Returns the parts of a text, with the values in place of its placeholders. In a text from right to left each text among
 * the values is isolated, so that an amount or a Latin name does not reorder the sentence.
 */
export function fillText<Value>(
  text: string,
  values: Readonly<Record<string, Value>>,
  direction: 'ltr' | 'rtl',
): readonly (string | Value)[] {
  return text.split(/\{(\w+)\}/).map((part, index) => {
    if (index % 2 === 0) return part
    const value = values[part]
    if (value === undefined) return `{${part}}`
    const isText = typeof value === 'string' || typeof value === 'number'
    return isText && direction === 'rtl' ? FIRST_STRONG_ISOLATE + value + POP_ISOLATE : value
  })
}

/**
 * Returns the English text of a key: `Open#verb` is `Open` with a note for translators. A note has only letters, so
 * `#1a56db` stays.
 */
export function englishOf(key: string): string {
  return key.replace(/#[a-z]+$/, '')
}
