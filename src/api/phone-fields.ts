import { COUNTRY_CODES } from '../domain/country.ts'
import { dialingCodeOf, readPhone } from '../domain/phone.ts'
import { kindOf, Problem } from './read-fields.ts'
import { Type } from './type.ts'

const PHONE_SHAPE =
  'a phone number: at most 25 characters with 1 to 15 digits, such as +91 90000 00001'

/** Makes the schema of a customer's phone number in a request. */
export function phoneIn(description: string) {
  return Type.String({
    description,
    examples: ['+91 90000 00001'],
    'x-expected': PHONE_SHAPE,
  })
}

/** The country of a phone number in a request. */
export const countryIn = Type.String({
  'x-expected': 'an ISO 3166 country code of two capital letters, such as IN',
})

/** The rules for `phone` and, after it, `phone_country_code`: both must have the same dialing code. */
export const PHONE_RULES = {
  phone: phoneProblem,
  phone_country_code: (
    country: string,
    _context: unknown,
    { phone }: { readonly phone?: string | undefined },
  ) => countryProblem(country, phone),
}

function phoneProblem(text: string): Problem | undefined {
  const reading = readPhone(text)
  if (!('refused' in reading)) return undefined
  return reading.refused === 'no_number'
    ? new Problem(`must be ${PHONE_SHAPE}, but it is ${kindOf(text)}`)
    : new Problem('must have a valid dialing code after its +, such as +91')
}

/** `phone` has already been checked. */
function countryProblem(country: string, phone: string | undefined): Problem | undefined {
  if (!COUNTRY_CODES.has(country)) {
    return new Problem(
      `must be an ISO 3166 country code of two capital letters, such as IN, but it is ${kindOf(country)}`,
    )
  }
  const reading = phone === undefined ? undefined : readPhone(phone, country)
  if (reading === undefined || 'refused' in reading) return undefined
  const ofCountry = dialingCodeOf(country)
  return ofCountry === undefined || reading.dialingCode === ofCountry
    ? undefined
    : new Problem(
        `must be a country of the dialing code at the start of phone (${reading.dialingCode}), but it is ${country} (${ofCountry})`,
      )
}
