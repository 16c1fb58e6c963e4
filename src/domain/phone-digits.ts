/** Digits, blanks and `- ( ) .`, with a plus sign in front or not. */
const PHONE = /^[ (]*\+?[\d ().-]*$/
const LENGTH_MAX = 25
const DIGIT_COUNT_MAX = 15

/**
 * Returns the digits of a phone number as people write it: 1 to 25 characters with 1 to 15 digits.
 * Undefined: the text is not a phone number. The browser loads this file too, so it has no table of
 * dialing codes.
 */
export function phoneDigits(text: string): string | undefined {
  if (text.length > LENGTH_MAX || !PHONE.test(text)) return undefined
  const digits = text.replaceAll(/\D/g, '')
  return digits.length >= 1 && digits.length <= DIGIT_COUNT_MAX ? digits : undefined
}
