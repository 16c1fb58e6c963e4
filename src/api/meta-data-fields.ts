import { Type } from 'typebox'
import { looksLikeCardNumber } from '../domain/card-number.ts'
import { decimalText, type FieldRules, type Problem } from './read-fields.ts'
import type { JsonObject, JsonValue } from './read-json.ts'
import { line } from './schemas.ts'

/** `meta_data` in a request. */
export const MetaData = Type.Array(
  Type.Object({
    key: line(20, 1),
    value: Type.Union([line(500), Type.Number()], {
      'x-expected': 'a text of at most 500 characters on one line, or a number',
    }),
  }),
  { maxItems: 5, description: 'Identifiers of yours, repeated in answers. Never card data.' },
)

/** `meta_data` in an answer. */
export const MetaDataOut = Type.Array(Type.Object({ key: Type.String(), value: Type.String() }))

/** The rules for `meta_data` that its schema cannot say. */
export const META_DATA_RULES: FieldRules<unknown> = {
  'meta_data[].key': (value) => cardNumberProblem(value as string),
  'meta_data[].value': (value) =>
    typeof value === 'string' || value === null
      ? cardNumberProblem(value ?? '')
      : cardNumberProblem(decimalText(value)),
}

function cardNumberProblem(text: string): Problem | undefined {
  return looksLikeCardNumber(text)
    ? {
        code: 'invalid_parameter',
        must: 'must not be a card number: send card data to the checkout page only',
      }
    : undefined
}

/**
 * Gives `meta_data` as it is answered, when the fields have it. A number as a value becomes its text, for
 * clients that send an order's number as it is.
 */
export function metaDataOf(fields: JsonObject): JsonObject {
  if (fields.meta_data === undefined) return {}
  const entries = fields.meta_data as readonly JsonObject[]
  return {
    meta_data: entries.map(({ key, value }) => ({
      key: key as string,
      value: decimalText(value as JsonValue),
    })),
  }
}
