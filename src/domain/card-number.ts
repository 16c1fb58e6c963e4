// The package's entry pulls in all its form validators; this is the one rule needed here.
import luhn10 from 'card-validator/dist/luhn-10.js'

const CARD_NUMBER_DIGITS = /^\d{13,19}$/

/**
 * Answers whether a text could be a card number: 13 to 19 digits that pass the Luhn check, with or
 * without the blanks and hyphens people group them by, or the `.0` that a program puts behind.
 */
export function looksLikeCardNumber(text: string): boolean {
  // Nothing longer can be 19 digits with a separator between each.
  if (text.length < 13 || text.length > 40) return false
  const digits = text.replaceAll(/[\s-]/g, '').replace(/\.0*$/, '')
  return CARD_NUMBER_DIGITS.test(digits) && luhn10(digits)
}
