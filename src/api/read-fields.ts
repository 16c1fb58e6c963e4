import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { TSchema } from 'typebox'
import { ApiError, type ErrorCode } from './errors.ts'
import { DUPLICATE, JsonNumber, type JsonObject, type JsonValue } from './read-json.ts'

/** What is wrong with one field. `must` completes the sentence "{field} …". */
export type Problem = { readonly code: ErrorCode; readonly must: string }

/**
 * A rule that a schema cannot say, for the value of one field that has the schema's form. It sees
 * the whole input too, in which later fields are not checked yet.
 */
export type FieldRule<Context> = (
  value: JsonValue,
  context: Context,
  input: JsonObject,
) => Problem | undefined

/** Rules by the path of their field in the schema, arrays as `[]`: `meta_data[].value`. */
export type FieldRules<Context> = { readonly [path: string]: FieldRule<Context> }

/** Reads an input by a schema: gives the known fields, or throws the first problem as ApiError. */
export type FieldReader<Context> = (input: JsonValue, context: Context) => JsonObject

/** Where a value stands. Its path is written only when there is something to say about it. */
type Place<Context> = {
  readonly above: Place<Context> | undefined
  readonly key: string | number
  readonly context: Context
  readonly input: JsonObject
}
type ValueReader<Context> = (value: JsonValue, place: Place<Context>) => JsonValue

/** Keywords of JSON Schema that our schemas use, as far as a message needs them. */
type Keywords = {
  readonly type?: string
  readonly properties?: { readonly [name: string]: TSchema }
  readonly required?: readonly string[]
  readonly items?: TSchema
  readonly anyOf?: readonly Keywords[]
  readonly enum?: readonly string[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  /** Says in words what a value must be, where the other keywords would say it badly. */
  readonly 'x-expected'?: string
  /** What came is not to be told again, however wrong it is. */
  readonly 'x-secret'?: true
  /** An empty text says something of its own here: it is no absent field. */
  readonly 'x-empty-is-value'?: true
}

/**
 * Makes the reader of an object schema.
 *
 * Fields are checked in the schema's order, each with its rule before the next field, so that of
 * several wrong fields always the same one is named. Fields the schema does not know are left out;
 * `null` for an optional field is like leaving it out, and so is an empty text where a text is
 * expected: applications send `""` for what their customers left empty (decision 56).
 */
export function compileFields<Context>(
  schema: TSchema,
  rules: FieldRules<Context> = {},
  what = 'The request body',
): FieldReader<Context> {
  const known = new Set(pathsOf(schema as Keywords, ''))
  for (const path of Object.keys(rules)) {
    if (!known.has(path)) throw new Error(`no field ${path} for its rule`)
  }
  const read = objectReader(schema as Keywords, '', rules)
  return (input, context) => {
    if (!isObject(input)) {
      throw new ApiError(
        'invalid_parameter',
        'body',
        `${what} must be a JSON object, but it is ${kindOf(input)}.`,
      )
    }
    return read(input, { above: undefined, key: '', context, input }) as JsonObject
  }
}

/** Gives a decimal's text as the request wrote it, for a number or a numeric text. */
export function decimalText(value: JsonValue): string {
  return value instanceof JsonNumber ? value.text : String(value)
}

function* pathsOf(schema: Keywords, path: string): Generator<string> {
  yield path
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    yield* pathsOf(property as Keywords, path === '' ? name : `${path}.${name}`)
  }
  if (schema.items !== undefined) yield* pathsOf(schema.items as Keywords, `${path}[]`)
}

function valueReader<Context>(
  schema: Keywords,
  path: string,
  rules: FieldRules<Context>,
): ValueReader<Context> {
  const readForm =
    schema.properties !== undefined
      ? objectReader(schema, path, rules)
      : schema.items !== undefined
        ? arrayReader(schema, path, rules)
        : leafReader<Context>(schema)
  const rule = rules[path]
  if (rule === undefined) return readForm
  return (value, place) => {
    const read = readForm(value, place)
    const problem = rule(read, place.context, place.input)
    if (problem !== undefined) throw problemAt(pathOf(place), problem)
    return read
  }
}

function objectReader<Context>(
  schema: Keywords,
  schemaPath: string,
  rules: FieldRules<Context>,
): ValueReader<Context> {
  const required = new Set(schema.required)
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    isRequired: required.has(name),
    read: valueReader(
      property as Keywords,
      schemaPath === '' ? name : `${schemaPath}.${name}`,
      rules,
    ),
    expected: expectedBy(property as Keywords),
    isAbsentWhenEmpty: !required.has(name) && isAbsentWhenEmpty(property as Keywords),
  }))

  return (value, place) => {
    if (!isObject(value)) throw formProblem(pathOf(place), 'an object', value)
    const result: Record<string, JsonValue> = {}
    for (const { name, isRequired, read, expected, isAbsentWhenEmpty } of fields) {
      const field = Object.hasOwn(value, name) ? value[name] : undefined
      if (field === undefined) {
        if (!isRequired) continue
        const path = pathOf({ ...place, above: place, key: name })
        throw new ApiError('missing_parameter', path, `${path} is required: send ${expected}.`)
      }
      if (field === null && !isRequired) continue
      if (field === '' && isAbsentWhenEmpty) continue
      result[name] = read(field, {
        above: place,
        key: name,
        context: place.context,
        input: place.input,
      })
    }
    return result
  }
}

/** Answers whether an optional field takes texts, of which the empty one means that it is absent. */
function isAbsentWhenEmpty(schema: Keywords): boolean {
  if (schema['x-empty-is-value'] === true) return false
  return (
    schema.type === 'string' ||
    schema.enum !== undefined ||
    (schema.anyOf ?? []).some(isAbsentWhenEmpty)
  )
}

function arrayReader<Context>(
  schema: Keywords,
  schemaPath: string,
  rules: FieldRules<Context>,
): ValueReader<Context> {
  const readItem = valueReader(schema.items as Keywords, `${schemaPath}[]`, rules)
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, uniqueItems = false } = schema
  const expected = expectedBy(schema)

  return (value, place) => {
    if (!Array.isArray(value)) throw formProblem(pathOf(place), expected, value)
    const items = value as readonly JsonValue[]
    if (items.length < minItems || items.length > maxItems) {
      throw formProblem(pathOf(place), expected, value)
    }
    return items.map((item, index) => {
      const at = { above: place, key: index, context: place.context, input: place.input }
      const read = readItem(item, at)
      // Only texts are asked to be unique, so identity is equality.
      if (uniqueItems && items.indexOf(item) < index) {
        const path = pathOf(at)
        throw new ApiError(
          'invalid_parameter',
          path,
          `${path} stands twice; each value may stand once.`,
        )
      }
      return read
    })
  }
}

/** Checks single values; the order of fields and the words of problems are ours. */
const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv, ['email', 'date'])

/** Control characters, which decision 23 refuses. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/

function leafReader<Context>(schema: Keywords): ValueReader<Context> {
  // Made when it is first needed: a program that serves one resource does not pay for all.
  let compiled: ReturnType<typeof ajv.compile> | undefined
  const check = (value: unknown) => {
    compiled ??= ajv.compile(schema)
    return compiled(value)
  }
  const expected = expectedBy(schema)
  const isSecret = schema['x-secret'] === true
  // A pattern says itself which of them it takes: descriptions have lines.
  const isOneLine = schema.pattern === undefined
  const isNumber = schema.type === 'integer' || schema.type === 'number'
  return (value, place) => {
    const plain = value instanceof JsonNumber ? Number(value.text) : value
    const fits =
      typeof value !== 'symbol' &&
      check(plain) &&
      (typeof plain !== 'string' || (plain.isWellFormed() && !(isOneLine && CONTROL.test(plain))))
    if (!fits) throw formProblem(pathOf(place), expected, value, isSecret)
    return isNumber ? (plain as number) : value
  }
}

function pathOf<Context>({ above, key }: Place<Context>): string {
  if (above === undefined) return ''
  const path = pathOf(above)
  if (typeof key === 'number') return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}

function formProblem(path: string, expected: string, value: JsonValue, isSecret = false): ApiError {
  const field = path === '' ? 'body' : path
  const came = value === DUPLICATE ? 'it was given more than once' : `it is ${kindOf(value)}`
  const end = isSecret ? '.' : `, but ${came}.`
  return new ApiError('invalid_parameter', field, `${field} must be ${expected}${end}`)
}

/** Makes the error of a rule's problem at a field. */
export function problemAt(path: string, { code, must }: Problem): ApiError {
  return new ApiError(code, path, `${path} ${must}.`)
}

function isObject(value: JsonValue): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof JsonNumber)
  )
}

/** Longer numbers are not repeated in messages: they could be a card number. */
const SHOWN_NUMBER_LENGTH_MAX = 10
const SHOWN_WORD = /^(?:[A-Za-z_]{1,24}|-?\d{1,10})$/

/** Says what came, without repeating anything that could be secret. */
export function kindOf(value: JsonValue): string {
  if (value === null) return 'null'
  if (value === DUPLICATE) return 'given more than once'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'number' || value instanceof JsonNumber) {
    const text = decimalText(value)
    return text.length <= SHOWN_NUMBER_LENGTH_MAX
      ? `the number ${text}`
      : `a number of ${text.length} characters`
  }
  if (typeof value === 'string') {
    if (value === '') return 'empty'
    if (SHOWN_WORD.test(value)) return `the text "${value}"`
    const length = [...value].length
    return length === 1 ? 'a text of 1 character' : `a text of ${length} characters`
  }
  return typeof value === 'boolean' ? String(value) : 'an object'
}

function expectedBy(schema: Keywords): string {
  const { type, minimum, maximum, minLength = 0, maxLength } = schema
  if (schema['x-expected'] !== undefined) return schema['x-expected']
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`
  if (schema.properties !== undefined) return 'an object'
  if (schema.items !== undefined) return `a list of ${range(schema.minItems ?? 0, schema.maxItems)}`
  if (type === 'integer') return `a whole number from ${minimum} to ${maximum}`
  if (type === 'string') {
    return maxLength === undefined
      ? 'a text'
      : `a text of ${range(minLength, maxLength)} characters`
  }
  throw new Error('a schema without words for what it expects')
}

function range(from: number, to: number | undefined): string {
  if (to === undefined) return `at least ${from}`
  return from === 0 ? `at most ${to}` : `${from} to ${to}`
}
