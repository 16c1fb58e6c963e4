/** Returns true if a text has a control character or half of a surrogate pair. Databases refuse or change some of them. */
export function hasOddCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text) || !text.isWellFormed()
}

/**
 * Returns true if a value is a text that is not blank, not too long and without the characters that `hasOddCharacter`
 * finds.
 */
export function isPlainText(value: unknown, lengthMax = 200): value is string {
  return (
    typeof value === 'string' &&
    value.length <= lengthMax &&
    value.trim() !== '' &&
    !hasOddCharacter(value)
  )
}
