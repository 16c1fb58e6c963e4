import { COUNTRY_DIALING_CODES, OTHER_DIALING_CODES } from './dialing-code.ts'
import { phoneDigits } from './phone-digits.ts'

/** A phone number in its stored and shown form. */
export type PhoneNumber = {
  /** Digits, 1 to 15, without a known dialing code. */
  readonly digits: string
  /** Shape: `+91`. Undefined: neither the number nor the country determines it. */
  readonly dialingCode?: string
}

type PhoneRefusal = 'no_number' | 'dialing_code_unknown'

const DIALING_CODES: ReadonlySet<string> = new Set([
  ...COUNTRY_DIALING_CODES.values(),
  ...OTHER_DIALING_CODES,
])
const DIALING_CODE_LENGTH_MAX = 3

/** Returns a country's dialing code: `+91` for `IN`. Undefined: it has no separate code. */
export function dialingCodeOf(country: string): string | undefined {
  const code = COUNTRY_DIALING_CODES.get(country)
  return code === undefined ? undefined : `+${code}`
}

/** The dialing code of a number without one. Only accounts of the IN edition send text messages. */
const DIALING_CODE_DEFAULT = '+91'

/** Writes a phone number with its dialing code, for a text message: `+919000000001`. */
export const internationalNumber = ({
  dialingCode = DIALING_CODE_DEFAULT,
  digits,
}: PhoneNumber): string => `${dialingCode}${digits}`

/**
 * Reads a phone number as people write it: 1 to 25 characters with 1 to 15 digits. The dialing code comes from a
 * leading `+`, otherwise from the country: `+91 98765-43210`, and `98765 43210` in `IN`, are `9876543210` with `+91`.
 */
export function readPhone(
  text: string,
  country?: string,
): PhoneNumber | { readonly refused: PhoneRefusal } {
  const all = phoneDigits(text)
  if (all === undefined) return { refused: 'no_number' }
  if (!text.includes('+')) {
    const dialingCode = country === undefined ? undefined : dialingCodeOf(country)
    return dialingCode === undefined ? { digits: all } : { digits: all, dialingCode }
  }
  // No dialing code is the beginning of another, so the first match is right.
  for (let length = 1; length <= DIALING_CODE_LENGTH_MAX; length += 1) {
    const code = all.slice(0, length)
    if (DIALING_CODES.has(code) && all.length > length) {
      return { digits: all.slice(length), dialingCode: `+${code}` }
    }
  }
  return { refused: 'dialing_code_unknown' }
}

/**
 * Returns the text to compare with stored phone numbers. A number with a leading `+` loses its dialing code. Any other
 * text stays unchanged.
 */
export function comparablePhone(text: string): string {
  const reading = text.trim().startsWith('+') ? readPhone(text) : undefined
  return reading === undefined || 'refused' in reading ? text : reading.digits
}
