import { Argument, InvalidArgumentError, Option } from 'commander'
import { questionFor } from '../domain/nearest.ts'

/** A flag whose value is a list of words, separated by commas: `--events payment.succeeded,payment.failed`. */
export class ListOption extends Option {
  readonly words: readonly string[]

  constructor(flags: string, description: string, words: readonly string[]) {
    super(flags, description)
    this.words = words
    this.argParser((text: string) => text.split(',').map((part) => wordFrom(part.trim(), words)))
  }
}

/** Gives a flag or an argument with choices a parser whose error names the similar choices. */
export function suggestChoices(target: Option | Argument): void {
  const { argChoices, variadic } = target
  if (argChoices === undefined || variadic) return
  target.argParser((text: string) => wordFrom(text, argChoices))
}

/** Makes an argument that is one of a few words. */
export function choiceArgument(name: string, words: readonly string[], about?: string): Argument {
  return new Argument(name, about).choices(words)
}

/**
 * Reads one of a few words. `others`: words that are not allowed here, but may have been meant. Throws
 * InvalidArgumentError.
 */
export function wordFrom(
  text: string,
  words: readonly string[],
  others: readonly string[] = [],
): string {
  if (words.includes(text)) return text
  throw new InvalidArgumentError(
    `Allowed choices are ${words.join(', ')}.${questionFor(text, [...words, ...others])}`,
  )
}
