// Imports one file, because the package's entry loads all its form validators.
import luhn10 from 'card-validator/dist/luhn-10.js'

const CARD_NUMBER_DIGITS = /^\d{13,19}$/

/**
 * Returns true if a text could be a card number: 13 to 19 digits that pass the Luhn check, with or
 * without blanks and hyphens between groups, or the `.0` that some programs append.
 */
export function looksLikeCardNumber(text: string): boolean {
  // 19 digits with a separator between each are shorter than 40 characters.
  if (text.length < 13 || text.length > 40) return false
  if (CARD_NUMBER_DIGITS.test(text)) return luhn10(text)
  const digits = text.replaceAll(/[\s-]/g, '').replace(/\.0*$/, '')
  return CARD_NUMBER_DIGITS.test(digits) && luhn10(digits)
}

const HALF_SIZE = 100_000_000
const PAIR_SIZE = 100

/** Returns true if the digits of a whole number below 2^53 could be a card number. Fast, because every new id needs this check. */
export function numberLooksLikeCardNumber(number: number): boolean {
  if (number < 1_000_000_000_000) return false
  // Each half has at most eight digits, so that the arithmetic stays within 32 bits.
  const sum = luhnSumOf(number % HALF_SIZE) + luhnSumOf(Math.floor(number / HALF_SIZE))
  return sum % 10 === 0
}

function luhnSumOf(digits: number): number {
  let sum = 0
  for (let rest = digits | 0; rest > 0; rest = (rest / PAIR_SIZE) | 0) {
    const pair = rest % PAIR_SIZE
    const double = 2 * ((pair / 10) | 0)
    sum += (pair % 10) + (double > 9 ? double - 9 : double)
  }
  return sum
}
