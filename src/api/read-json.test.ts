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

  test.each([
    ['{\n  "amount": 1499.9,\n  "currency": "INR" "x": 1\n}', 3, 21, 'a comma is expected'],
    ['{"a": 1,\r\n}', 2, 1, 'the name of a field in quotation marks is expected'],
    ['{"a": INR}', 1, 7, 'not a JSON value; texts and names of fields need double quotation marks'],
    ['amount=1', 1, 1, 'not a JSON value; texts and names of fields need double quotation marks'],
    ['{"a" 1}', 1, 6, 'a colon is expected'],
    ['{"a":}', 1, 6, 'a value is expected'],
    ['{"a":1', 1, 7, 'a closing brace is expected'],
    ['[1,2', 1, 5, 'a closing bracket is expected'],
    ['{}}', 1, 3, 'the end of the text is expected'],
    ['{"a":"x\n"}', 1, 6, 'a text has no closing quotation mark in its line'],
    ['{"a":"\t"}', 1, 6, 'a text has a control character without an escape'],
    ['{"a":"\\q"}', 1, 6, 'a text has an unknown escape after a backslash'],
    ['{"a":1.}', 1, 6, 'a number is malformed'],
    ['{} // done', 1, 4, 'JSON has no comments'],
  ])(
    'that is malformed gets an error with the line, the column and the cause: %j',
    (text, line, column, cause) => {
      expect(() => read(text)).toThrow(
        `The request body must be a JSON object, but it cannot be read as JSON at line ${line}, column ${column}: ${cause}.`,
      )
    },
  )

  test('that is malformed at an extreme depth gets an error without a position', () => {
    expect(() => read('['.repeat(60_000))).toThrow('but it cannot be read as JSON.')
  })

  test('has a position in the error of every text that JSON.parse refuses', () => {
    const mutations = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '"', '}', ']', ':', 'x', '\\', '0', '\n'),
      )
      .map(([text, position, sign]) => {
        const place = position % (text.length + 1)
        return text.slice(0, place) + sign + text.slice(place + 1)
      })
      .filter((text) => text.trim() !== '')
    fc.assert(
      fc.property(mutations, (text) => {
        try {
          JSON.parse(text)
        } catch {
          expect(() => read(text)).toThrow(/ at line \d+, column \d+: [a-z]/i)
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
