import { withWesternDigits } from '../domain/card.ts'
import { looksLikeCardNumber } from '../domain/card-number.ts'
import { parsedAs, type ValueOf } from './parsed.ts'
import { decimalText, Problem } from './read-fields.ts'
import type { JsonNumber } from './read-json.ts'
import { line } from './schemas.ts'
import { Type } from './type.ts'

/** `meta_data` in a request. */
export const MetaData = Type.Array(
  Type.Object({
    key: line(20, 1),
    value: Type.Optional(
      parsedAs<string>()(
        Type.Union([line(500), Type.Number(), Type.Boolean()], {
          description: 'A number or a boolean is stored as its text. Default: an empty text.',
          'x-expected': 'a text of at most 500 characters on one line, a number, or a boolean',
        }),
      ),
    ),
  }),
  {
    maxItems: 5,
    description: 'Your own identifiers. Answers contain them. Never send card data here.',
  },
)

/** `meta_data` in the request for a change. */
export const ChangedMetaData = {
  ...MetaData,
  description:
    'Your own identifiers. The new list replaces the stored one. Never send card data here.',
}

/** `meta_data` in an answer. */
export const MetaDataOut = Type.Array(Type.Object({ key: Type.String(), value: Type.String() }))

/** The rule for `meta_data`: no card numbers, and each value as a text. */
export const META_DATA_RULE = {
  each: {
    fields: {
      key: (text: string) => cardNumberProblem(text),
      value: (value: string | number | boolean | JsonNumber) => {
        const text = decimalText(value)
        return cardNumberProblem(text) ?? text
      },
    },
  },
}

function cardNumberProblem(text: string): Problem | undefined {
  return looksLikeCardNumber(withWesternDigits(text))
    ? new Problem('must not be a card number: send card data to the checkout page only')
    : undefined
}

/**
 * Returns `meta_data` for an answer. An absent value becomes an empty text, because some clients send only the key of
 * a field that is empty in the order. Undefined: the request has no `meta_data`.
 *
 * Source: two applications and the official Python SDK, run against Paydesk (seen 2026-11-28).
 */
export function metaDataOf(entries: ValueOf<typeof MetaData> | undefined) {
  return entries?.map(({ key, value = '' }) => ({ key, value }))
}
