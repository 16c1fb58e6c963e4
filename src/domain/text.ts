/** Answers whether a text has a control character or half of a surrogate pair, which no database takes. */
export function hasOddCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text) || !text.isWellFormed()
}

/** Answers whether a value is a text that says something, is not too long and has no control characters. */
export function isPlainText(value: unknown, lengthMax = 200): value is string {
  return (
    typeof value === 'string' &&
    value.length <= lengthMax &&
    value.trim() !== '' &&
    // A database refuses a text with a zero character in it.
    !/\p{Cc}/u.test(value)
  )
}
