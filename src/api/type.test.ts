import { Type as TypeBox } from 'typebox'
import { expect, test } from 'vitest'
import { Type } from './type.ts'

/** Makes one schema with every builder. */
const madeWith = (T: typeof Type) => {
  const options = { description: 'A value.', 'x-expected': 'a value' }
  return T.Object(
    {
      list: T.Array(T.String({ maxLength: 5 }), { minItems: 1 }),
      flag: T.Optional(T.Boolean(options)),
      word: T.Enum(['a', 'b'], options),
      count: T.Integer({ minimum: 1 }),
      fixed: T.Literal('fixed', options),
      number: T.Literal(5),
      nothing: T.Optional(T.Null(options)),
      amount: T.Optional(T.Number({ exclusiveMinimum: 0 })),
      empty: T.Object({}),
      allOptional: T.Object({ text: T.Optional(T.String()) }, options),
      record: T.Record(T.String(), T.Integer(), options),
      either: T.Union([T.String(), T.Integer()], options),
      anything: T.Unknown(options),
      unsafe: T.Optional(T.Unsafe<'x'>({ type: 'string', enum: ['x'] })),
      // The copy of an optional property is a required property, as in TypeBox.
      copy: T.String({ ...T.Optional(T.String({ minLength: 1 })) }),
    },
    { additionalProperties: false },
  )
}

test('the builders make the same schemas as TypeBox, with the same order of keywords', () => {
  expect(JSON.stringify(madeWith(Type), null, 1)).toBe(JSON.stringify(madeWith(TypeBox), null, 1))
})

test('Type.Optional does not change its argument', () => {
  const text = Type.String()
  expect(Type.Object({ first: Type.Optional(text), second: text })).toMatchObject({
    required: ['second'],
  })
})
