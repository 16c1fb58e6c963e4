import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ApiError } from './errors.ts'
import { DUPLICATE, JsonNumber, readJson } from './read-json.ts'

const read = (text: string) => readJson(Buffer.from(text)).value

describe('a request’s JSON', () => {
  test('has the values that JSON.parse returns', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        const plain = JSON.parse(text)
        const withNumbers = JSON.stringify(read(text), (_key, item) =>
          item instanceof JsonNumber ? Number(item.text) : item,
        )
        expect(JSON.parse(withNumbers)).toEqual(JSON.parse(JSON.stringify(plain)))
      }),
    )
  })

  test('causes no exception other than ApiError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
        try {
          read(text)
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError)
        }
      }),
    )
  })

  test.each(['1.50', '1e3', '-0', '0.10', '12345678901234567890', '1E+2', '0.1000000000000000055'])(
    'the number %s keeps its exact text',
    (number) => {
      expect(read(`{"a":${number}}`)).toEqual({ a: new JsonNumber(number) })
    },
  )

  test.each(['0', '1', '-1', '0.5', '123456789012345', '100.05', '-0.5'])(
    'the number %s is read as a JavaScript number',
    (number) => {
      expect(read(`{"a":${number}}`)).toEqual({ a: Number(number) })
    },
  )

  test('marks a duplicate key at any depth, with any values', () => {
    expect(read('{"a":1,"a":1}')).toEqual({ a: DUPLICATE })
    expect(read('[{"b":{"a":1,"c":2,"a":[]}}]')).toEqual([{ b: { a: DUPLICATE, c: 2 } }])
    expect(read('{"a":1,"\\u0061":2}')).toEqual({ a: DUPLICATE })
    expect(read('{"__proto__":1,"__proto__":2}')).toEqual(
      Object.defineProperty(Object.create(null), '__proto__', {
        value: DUPLICATE,
        enumerable: true,
      }),
    )
  })

  test('keeps quotes, colons and braces inside texts', () => {
    const value = { 'a:b': '{"x":"y\\"}:[', c: '\\', d: '\\\\"' }
    expect(read(JSON.stringify(value))).toEqual(value)
  })
})
