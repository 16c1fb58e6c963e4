/** Schemas of values that several resources use. One schema is type, check and documentation. */
import type { TLiteral, TSchema } from 'typebox'
import type { TimeSpan } from '../domain/account-day.ts'
import type { Currency, Money } from '../domain/money.ts'
import { parsedAs } from './parsed.ts'
import { Type } from './type.ts'

/** Makes the schema of a text on one line, without control characters: pages and statements cannot show them. */
export function line(lengthMax: number, lengthMin = 0) {
  const range = lengthMin === 0 ? `at most ${lengthMax}` : `${lengthMin} to ${lengthMax}`
  return Type.String({
    ...(lengthMin > 0 && { minLength: lengthMin }),
    maxLength: lengthMax,
    pattern: '^[^\\u0000-\\u001f\\u007f]*$',
    'x-expected': `a text of ${range} characters on one line`,
  })
}

/** Makes the schema of a text that may have several lines. */
export function paragraph(lengthMax: number) {
  return Type.String({
    maxLength: lengthMax,
    pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$',
    'x-expected': `a text of at most ${lengthMax} characters without control characters`,
  })
}

/** Makes the schema of a search text in a list's query. Its limit is the length of the longest e-mail address. */
export function searchText(description: string) {
  return Type.String({ ...line(254, 1), description })
}

/** An e-mail address in a request. */
export const emailIn = Type.String({
  format: 'email',
  maxLength: 254,
  'x-expected': 'an e-mail address, such as asha@example.com',
})

/**
 * Makes the schema of a text with a list of known values that does not exclude other values. In a request the field's
 * rule decides about them; an answer can contain them. In the OpenAPI document the list is `x-extensible-enum`; the
 * client's type accepts other values too.
 */
export function extensibleText<const Value extends string>(
  values: readonly Value[],
  options: { readonly [keyword: string]: unknown } = {},
) {
  return Type.Unsafe<Value | OtherText>({
    type: 'string',
    ...options,
    'x-extensible-enum': [...values],
  })
}

/** Makes the schema of a currency's code. The client's type lists all codes, and the OpenAPI document does not. */
export function currencyText(options: { readonly [keyword: string]: unknown } = {}) {
  return Type.Unsafe<Currency | OtherText>({ type: 'string', ...options })
}

/** Any other text. In a union with literals, editors still propose the literals. */
type OtherText = string & NonNullable<unknown>

/** Makes the schema of an amount in a request: a JSON number or a numeric text, in major units. */
export function amountIn(description: string) {
  return parsedAs<Money>()(
    Type.Union(
      [
        Type.Number({ exclusiveMinimum: 0 }),
        Type.String({ pattern: '^\\d{1,40}(\\.\\d{1,20})?$' }),
      ],
      {
        description,
        examples: [100.5, '100.50'],
        'x-expected': 'a positive amount in major units, such as 100.50',
      },
    ),
  )
}

/** Makes the schema of an id in a request's body: a JSON number or a text of digits. */
export function idIn(what: string) {
  return Type.Union([Type.Integer({ minimum: 1 }), Type.String({ pattern: '^[1-9]\\d{0,15}$' })], {
    'x-expected': `the id of ${what}: a whole number, or a text of digits`,
  })
}

/** An id in an answer. */
export const idOut = Type.String({ pattern: '^\\d{1,16}$', examples: ['173000002314883'] })

/** Makes the schema of a bound in a list's query: a day of the account, or a time with its offset. */
export function dayIn(description: string) {
  return parsedAs<TimeSpan>()(
    Type.String({
      description: `${description} ${DAYS_OF_ACCOUNT}`,
      examples: ['2026-11-22', '2026-11-22T09:30:00+05:30'],
      'x-expected': 'a date, such as 2026-11-22',
    }),
  )
}

/** A sentence for descriptions: the start of the days in lists. */
const DAYS_OF_ACCOUNT =
  'A date is a day in UTC+05:30 for accounts of the IN edition, in UTC for those of the US edition. A time with its offset is accepted too.'

/** A sentence for descriptions: the start of the days of a named span in lists. */
export const SPAN_DAYS_OF_ACCOUNT =
  'The days of a span are in UTC+05:30 for accounts of the IN edition, in UTC for those of the US edition.'

/** Makes the schema of an amount in an answer: it has exactly the currency's decimals. */
export function amountOut(description: string) {
  return Type.String({ description, pattern: '^-?\\d+(\\.\\d+)?$', examples: ['100.50'] })
}

/** Makes the schema of a moment in an answer: whole seconds since 1970. */
export function secondsOut(description: string) {
  return Type.Integer({ description: `${description} Whole seconds since 1970.` })
}

/** Makes the schema of the success envelope around a resource. */
export function envelope<Key extends string, Schema extends TSchema>(key: Key, schema: Schema) {
  const properties = { code: Type.Literal(0), message: Type.Literal('success'), [key]: schema }
  // For the compiler a computed key is a plain string.
  return Type.Object(properties as unknown as EnvelopeProperties<Key, Schema>)
}

type EnvelopeProperties<Key extends string, Schema extends TSchema> = {
  readonly [Name in Key | 'code' | 'message']: Name extends Key
    ? Schema
    : TLiteral<Name extends 'code' ? 0 : 'success'>
}

/** The failure envelope. */
export const Failure = Type.Object(
  {
    code: Type.String({ description: 'A code from the table of errors.' }),
    message: Type.String({
      description:
        'The reason, as a sentence. For a wrong value it usually contains the expected value and the received one.',
    }),
    field: Type.Optional(
      Type.String({
        description: 'The path of the wrong input, such as `meta_data[0].key`. Paydesk extension.',
      }),
    ),
  },
  { $id: 'Failure', title: 'Failure' },
)
