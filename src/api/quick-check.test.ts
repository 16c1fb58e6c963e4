import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Currency, readAmount } from '../domain/money.ts'
import { quickCheckOf } from './quick-check.ts'
import { readMoney } from './read-amount.ts'
import { API_ROUTES } from './routes.ts'

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly pattern?: string
}

/** The schemas of single values in the bodies and queries of all routes. */
const LEAVES = API_ROUTES.flatMap(({ body, query }) => [body, query]).flatMap(leavesOf)

function leavesOf(schema: Schema | undefined): readonly Schema[] {
  if (schema === undefined) return []
  if (schema.properties !== undefined) return Object.values(schema.properties).flatMap(leavesOf)
  return schema.items === undefined ? [schema] : leavesOf(schema.items)
}

const ajv = new Ajv2020({ strict: false, validateSchema: false })
addFormats.default(ajv, ['email', 'date'])
const CHECKS = LEAVES.flatMap((schema) => {
  const quick = quickCheckOf(schema)
  return quick === undefined ? [] : [{ schema, quick, whole: ajv.compile(schema) }]
})

test('most fields of all requests have a quick check', () => {
  expect(CHECKS.length / LEAVES.length).toBeGreaterThan(0.75)
})

const values = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.string({ minLength: 240, maxLength: 520, unit: fc.constantFrom('a', ' ', '~') }),
  fc.constantFrom('', '\n', '\u007f', '\ud800', '12', '12.50', '0', '007', '2026-11-28', 'é', '१'),
  fc.stringMatching(/^[0-9]{1,20}$/),
  fc.integer({ min: -2, max: 1_000 }),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, {}, []),
)

test('a value that passes a quick check passes the whole check, and is a well-formed text', () => {
  fc.assert(
    fc.property(values, (value) => {
      for (const { quick, schema, whole } of CHECKS) {
        if (!quick(value)) continue
        expect(whole(value), JSON.stringify(schema)).toBe(true)
        if (typeof value !== 'string') continue
        expect(value.isWellFormed()).toBe(true)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them.
        if (schema.pattern === undefined) expect(value).not.toMatch(/[\u0000-\u001f\u007f]/)
      }
    }),
    { numRuns: 500 },
  )
})

test('a number and its text are read as the same amount, or both are refused', () => {
  const currencies = fc.constantFrom<Currency>('INR', 'JPY', 'KWD', 'CLF')
  const numbers = fc.oneof(
    fc.double({ min: 1e-7, max: 2e12, noNaN: true }),
    fc.integer({ min: 1, max: 10 ** 15 }).map((minor) => minor / 100),
    fc.integer({ min: 1, max: 10 ** 9 }).map((minor) => minor / 1_000),
    fc.constantFrom(0.1 + 0.2, 1.005, 1e12, 1e10, 1e10 + 0.01, 1e9 + 0.001, Number.MIN_VALUE),
  )
  fc.assert(
    fc.property(numbers, currencies, (number, currency) => {
      const whole = readAmount(String(number), currency)
      const quick = readMoney(number, currency)
      if ('refused' in whole) expect(quick).toMatchObject({ kind: 'problem' })
      else expect(quick).toEqual(whole)
    }),
    { numRuns: 2_000 },
  )
})
