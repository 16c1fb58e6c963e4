import { Type } from 'typebox'
import { looksLikeCardNumber } from '../domain/card-number.ts'
import { decimalText, type FieldRules, type Problem } from './read-fields.ts'
import type { JsonObject } from './read-json.ts'
import { line } from './schemas.ts'

/** `meta_data` in a request. */
export const MetaData = Type.Array(
  Type.Object({
    key: line(20, 1),
    value: Type.Optional(
      Type.Union([line(500), Type.Number(), Type.Boolean()], {
        description: 'A number or a boolean is stored as its text. Default: an empty text.',
        'x-expected': 'a text of at most 500 characters on one line, a number, or a boolean',
      }),
    ),
  }),
  {
    maxItems: 5,
    description: 'Your own identifiers. Answers repeat them. Never send card data here.',
  },
)

/** `meta_data` in an answer. */
export const MetaDataOut = Type.Array(Type.Object({ key: Type.String(), value: Type.String() }))

/** The rules for `meta_data` that its schema cannot say. */
export const META_DATA_RULES: FieldRules<unknown> = {
  'meta_data[].key': (value) => cardNumberProblem(value as string),
  'meta_data[].value': (value) => cardNumberProblem(decimalText(value)),
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
 * Gives `meta_data` as it is answered, when the fields have it. A number or a boolean becomes its text, and
 * an absent value the empty text, for clients that send an order's fields as they are.
 *
 * Source: two applications and the official Python SDK, run against Paydesk (seen 2026-11-28).
 */
export function metaDataOf(fields: JsonObject): JsonObject {
  if (fields.meta_data === undefined) return {}
  const entries = fields.meta_data as readonly JsonObject[]
  return {
    meta_data: entries.map(({ key, value }) => ({
      key: key as string,
      value: decimalText(value ?? ''),
    })),
  }
}
