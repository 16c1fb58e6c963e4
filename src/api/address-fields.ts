import type { BillingAddress } from '../domain/billing-address.ts'
import { containsCardNumber } from '../domain/card.ts'
import { COUNTRY_CODES } from '../domain/country.ts'
import type { ValueOf } from './parsed.ts'
import { countryIn } from './phone-fields.ts'
import { kindOf, Problem } from './read-fields.ts'
import { line } from './schemas.ts'
import { Type } from './type.ts'

/** A billing or shipping address in a request. */
export const AddressIn = Type.Object({
  name: Type.Optional(line(100)),
  address_line1: Type.Optional(line(200)),
  address_line2: Type.Optional(line(200)),
  city: Type.Optional(line(100)),
  state: Type.Optional(line(100)),
  postal_code: Type.Optional(line(20)),
  country: countryIn,
})

/** The text of the problem does not contain the number. */
function noCard(text: string): Problem | undefined {
  return containsCardNumber(text)
    ? new Problem('must not contain a card number: Paydesk never stores one')
    : undefined
}

/** The rules of an address. */
export const ADDRESS_RULES = {
  fields: {
    name: noCard,
    address_line1: noCard,
    address_line2: noCard,
    city: noCard,
    state: noCard,
    postal_code: noCard,
    country: (country: string) =>
      COUNTRY_CODES.has(country)
        ? undefined
        : new Problem(
            `must be an ISO 3166 country code of two capital letters, such as US, but it is ${kindOf(country)}`,
          ),
  },
} as const

/** Returns the address in checked fields. */
export function addressFrom(fields: ValueOf<typeof AddressIn>): BillingAddress {
  const { address_line1, address_line2, city, country, name, postal_code, state } = fields
  return {
    ...(name !== undefined && { name }),
    ...(address_line1 !== undefined && { addressLine1: address_line1 }),
    ...(address_line2 !== undefined && { addressLine2: address_line2 }),
    ...(city !== undefined && { city }),
    ...(state !== undefined && { state }),
    ...(postal_code !== undefined && { postalCode: postal_code }),
    country,
  }
}

const text = Type.Optional(Type.String())

/** A billing address in an answer. */
export const AddressOut = Type.Object({
  name: text,
  address_id: Type.String({ pattern: '^\\d{1,16}$', examples: ['5000000081034'] }),
  address_line1: text,
  address_line2: text,
  city: text,
  state: text,
  postal_code: text,
  country: Type.String({ examples: ['US'] }),
})
