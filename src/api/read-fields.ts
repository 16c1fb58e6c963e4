import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { TArray, TObject, TProperties } from 'typebox'
import { ApiError, type ErrorCode } from './errors.ts'
import type { FieldsOf, Parsed, Plain, ValueOf } from './parsed.ts'
import { quickCheckOf } from './quick-check.ts'
import { DUPLICATE, JsonNumber, type JsonObject, type JsonValue } from './read-json.ts'

/** A problem of one field. `must` completes the sentence "{field} …". */
export class Problem {
  /** Distinguishes a problem from a plain object with the same fields. */
  readonly kind = 'problem'
  readonly must: string
  readonly code: ErrorCode
  constructor(must: string, code: ErrorCode = 'invalid_parameter') {
    this.must = must
    this.code = code
  }
}

/** A check of a value that already matches the schema. `earlier`: the fields of the same object before the checked one. */
type Check<Value, Context, Earlier> = (
  value: Value,
  context: Context,
  earlier: Earlier,
) => Problem | undefined

/** `true` for a schema that is marked by `parsedAs`, or contains such a schema. */
type NeedsRule<Schema> =
  Schema extends Parsed<unknown>
    ? true
    : Schema extends TObject<infer Properties>
      ? true extends { [Name in keyof Properties]: NeedsRule<Properties[Name]> }[keyof Properties]
        ? true
        : false
      : Schema extends TArray<infer Item>
        ? NeedsRule<Item>
        : false

/** A part of a rule, which is optional only if it contains no marked field. */
type Part<Name extends string, Rule, Needed> = Needed extends true
  ? { readonly [Key in Name]: Rule }
  : { readonly [Key in Name]?: Rule }

/**
 * The rule of a field: the part that its schema cannot express. For a field marked by `parsedAs`, the rule returns
 * the value. A list has a rule for each item, and an object has a rule for each field. Both can also have a check of
 * the whole value.
 */
type RuleOf<Schema, Context, Earlier = unknown> =
  Schema extends Parsed<infer Value>
    ? (value: Plain<Schema>, context: Context, earlier: Earlier) => Value | Problem
    : Schema extends TObject<infer Properties>
      ? Part<'fields', RulesOf<Properties, Context>, NeedsRule<Schema>> & {
          readonly check?: Check<FieldsOf<Properties>, Context, Earlier>
        }
      : Schema extends TArray<infer Item>
        ? Part<'each', RuleOf<Item, Context, Earlier>, NeedsRule<Item>> & {
            readonly check?: Check<readonly ValueOf<Item>[], Context, Earlier>
          }
        : Check<Plain<Schema>, Context, Earlier>

/** The rules of an object's fields. Fields that are marked, or contain marked fields, need one. */
export type RulesOf<Properties extends TProperties, Context> = {
  readonly [Name in keyof Properties as NeedsRule<Properties[Name]> extends true
    ? Name
    : never]: RuleOf<Properties[Name], Context, Partial<FieldsOf<Properties>>>
} & {
  readonly [Name in keyof Properties as NeedsRule<Properties[Name]> extends true
    ? never
    : Name]?: RuleOf<Properties[Name], Context, Partial<FieldsOf<Properties>>>
}

/** The last parameters: the rules and the name of the input. They are optional if no field needs a rule. */
export type RulesPart<Properties extends TProperties, Context> =
  NeedsRule<TObject<Properties>> extends true
    ? [rules: RulesOf<Properties, Context>, what?: string]
    : [rules?: RulesOf<Properties, Context>, what?: string]

/** Returns the known fields. Throws ApiError for the first problem. */
type FieldReader<Properties extends TProperties, Context> = (
  input: JsonValue,
  context: Context,
) => FieldsOf<Properties>

type AnyRule =
  | ((value: unknown, context: unknown, earlier: unknown) => unknown)
  | {
      readonly fields?: RulesAsRun
      readonly each?: AnyRule
      readonly check?: (value: unknown, context: unknown, earlier: unknown) => unknown
    }

type RulesAsRun = { readonly [name: string]: AnyRule }

/** The object or list around a value. A path is built only if there is a problem. */
type Place = {
  readonly above: Place | undefined
  /** The key of this object or list in the place above. */
  readonly key: string | number
  readonly context: unknown
  /** The fields of the object that were read before; for a list, those of the object around it. */
  readonly earlier: object
}
type ValueReader = (value: JsonValue, place: Place, key: string | number) => unknown

/** The keywords of JSON Schema that our schemas use and messages need. */
export type Keywords = {
  readonly type?: string
  readonly properties?: { readonly [name: string]: Keywords }
  readonly required?: readonly string[]
  /** True: the object can have any field. */
  readonly additionalProperties?: boolean
  readonly items?: Keywords
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
  /** The expected value in words, if the other keywords would describe it badly. */
  readonly 'x-expected'?: string
  /** True: messages never contain the value. */
  readonly 'x-secret'?: true
  /** True: an empty text is a value of this field, and does not mean that the field is absent. */
  readonly 'x-empty-is-value'?: true
}

/**
 * Makes the reader of an object schema.
 *
 * Fields are checked in the schema's order, each with its rule before the next field, so that of several wrong fields
 * the error always names the same one. Unknown fields are omitted. `null` for an optional field means that it is
 * absent, and so does an empty text where a text is expected: applications send `""` for fields that their customers
 * left empty (decision 56).
 */
export function compileFields<Properties extends TProperties>(
  schema: TObject<Properties>,
  ...rules: RulesPart<Properties, undefined>
): FieldReader<Properties, undefined> {
  return compileFieldsWith<undefined>()(schema, ...rules)
}

/**
 * Does the same as `compileFields`, with rules that depend on a context: `compileFieldsWith<Context>()(schema,
 * rules)`.
 */
export function compileFieldsWith<Context>() {
  return <Properties extends TProperties>(
    schema: TObject<Properties>,
    ...rest: RulesPart<Properties, Context>
  ): FieldReader<Properties, Context> => {
    const [rules, what = 'The request body'] = rest
    const readValue = objectReader(schema as Keywords, (rules ?? {}) as RulesAsRun)
    return (input, context) => {
      if (!isObject(input)) {
        throw new ApiError(
          'invalid_parameter',
          'body',
          `${what} must be a JSON object, but it is ${kindOf(input)}.`,
        )
      }
      const place = { above: undefined, key: '', context, earlier: NOTHING }
      // The reader is made from this schema and these rules, so its result has their types.
      return readValue(input, place, '') as FieldsOf<Properties>
    }
  }
}

const NOTHING = {}

/** Returns a decimal's text as in the request, for a number or a numeric text. */
export function decimalText(value: JsonValue): string {
  return value instanceof JsonNumber ? value.text : String(value)
}

function valueReader(schema: Keywords, rule: AnyRule | undefined): ValueReader {
  const { fields, each, check }: Exclude<AnyRule, (...parts: never) => unknown> =
    typeof rule === 'function' ? { check: rule } : (rule ?? {})
  const readForm =
    schema.properties !== undefined
      ? objectReader(schema, fields ?? {})
      : schema.items !== undefined
        ? arrayReader(schema, each)
        : leafReader(schema)
  if (check === undefined) return readForm
  return (value, place, key) => {
    const form = readForm(value, place, key)
    const outcome = check(form, place.context, place.earlier)
    if (outcome instanceof Problem) throw problemAt(pathOf(place, key), outcome)
    return outcome ?? form
  }
}

function objectReader(schema: Keywords, rules: RulesAsRun): ValueReader {
  const requiredNames = new Set(schema.required)
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    isRequired: requiredNames.has(name),
    read: valueReader(property, rules[name]),
    expected: expectationOf(property),
    isAbsentWhenEmpty: !requiredNames.has(name) && isAbsentWhenEmpty(property),
    isInherited: name in Object.prototype,
  }))

  return (value, above, key) => {
    if (!isObject(value)) throw formProblem(pathOf(above, key), { expected: 'an object' }, value)
    const result: Record<string, unknown> = {}
    const place = { above, key, context: above.context, earlier: result }
    for (const { name, isRequired, read, expected, isAbsentWhenEmpty, isInherited } of fields) {
      const field = isInherited && !Object.hasOwn(value, name) ? undefined : value[name]
      if (field === undefined) {
        if (!isRequired) continue
        const path = pathOf(place, name)
        throw new ApiError('missing_parameter', path, `${path} is required: send ${expected}.`)
      }
      if (field === null && !isRequired) continue
      if (field === '' && isAbsentWhenEmpty) continue
      result[name] = read(field, place, name)
    }
    return result
  }
}

function isAbsentWhenEmpty(schema: Keywords): boolean {
  if (schema['x-empty-is-value'] === true) return false
  return (
    schema.type === 'string' ||
    schema.enum !== undefined ||
    (schema.anyOf ?? []).some(isAbsentWhenEmpty)
  )
}

function arrayReader(schema: Keywords, rule: AnyRule | undefined): ValueReader {
  const { items: itemSchema = {}, minItems = 0, uniqueItems = false } = schema
  const { maxItems = Number.POSITIVE_INFINITY } = schema
  const readItem = valueReader(itemSchema, rule)
  const expected = expectationOf(schema)

  return (value, above, key) => {
    if (!isList(value) || value.length < minItems || value.length > maxItems) {
      throw formProblem(pathOf(above, key), { expected }, value)
    }
    const { context, earlier } = above
    const place = { above, key, context, earlier }
    return value.map((item, index) => {
      const itemValue = readItem(item, place, index)
      // Our schemas set `uniqueItems` only for lists of texts, so equality is enough.
      if (uniqueItems && value.indexOf(item) < index) {
        const path = pathOf(place, index)
        throw new ApiError(
          'invalid_parameter',
          path,
          `${path} occurs twice; each value may occur only once.`,
        )
      }
      return itemValue
    })
  }
}

/** Returns true if a value is a JSON list. */
export function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}

/** Checks only single values: the code in this file decides the order of fields and the texts of problems. */
const ajv = new Ajv2020({ strict: false, validateSchema: false })
addFormats.default(ajv, ['email', 'date'])

/** Control characters, which decision 23 refuses. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them.
const CONTROL = /[\u0000-\u001f\u007f]/

function leafReader(schema: Keywords): ValueReader {
  // Compiled at the first use: a program that serves one resource does not pay for all.
  let validator: ReturnType<typeof ajv.compile> | undefined
  const check = (value: unknown) => {
    validator ??= ajv.compile(schema)
    return validator(value)
  }
  const expected = expectationOf(schema)
  const isSecret = schema['x-secret'] === true
  // A pattern decides which control characters it accepts: descriptions have several lines.
  const isOneLine = schema.pattern === undefined
  const isNumber = schema.type === 'integer' || schema.type === 'number'
  const fitsSurely = quickCheckOf(schema)
  const needs = { expected, isSecret, choices: schema.enum }
  return (value, place, key) => {
    if (fitsSurely?.(value) === true) return value
    const plain = value instanceof JsonNumber ? Number(value.text) : value
    const fits =
      typeof value !== 'symbol' &&
      check(plain) &&
      (typeof plain !== 'string' || (plain.isWellFormed() && !(isOneLine && CONTROL.test(plain))))
    if (!fits) throw formProblem(pathOf(place, key), needs, value)
    return isNumber ? plain : value
  }
}

/** Returns the path of a key: `meta_data[0].value`. The outermost place has no path. */
function pathOf(place: Place, key: string | number): string {
  const path = place.above === undefined ? '' : pathOf(place.above, place.key)
  if (typeof key === 'number') return `${path}[${key}]`
  return path === '' ? key : `${path}.${key}`
}

type Needs = {
  readonly expected: string
  readonly isSecret?: boolean
  /** The allowed texts. Undefined: the schema has no list of them. */
  readonly choices?: readonly string[] | undefined
}

function formProblem(
  path: string,
  { choices = [], expected, isSecret = false }: Needs,
  value: JsonValue,
): ApiError {
  const field = path === '' ? 'body' : path
  const cause = value === DUPLICATE ? 'it was given more than once' : `it is ${kindOf(value)}`
  const must = `${field} must be ${expected}`
  if (isSecret) return new ApiError('invalid_parameter', field, `${must}.`)
  return new ValueRefused(field, `${must}, but ${cause}.`, { must, value, choices })
}

/**
 * The error for a value of the wrong form. It contains the value. The API's message repeats only a short word or number.
 */
export class ValueRefused extends ApiError {
  /** The message without its end: `event_type must be one of …`. */
  readonly must: string
  readonly value: JsonValue
  /** The allowed texts. Empty: the schema has no list of them. */
  readonly choices: readonly string[]

  constructor(
    field: string,
    message: string,
    { choices, must, value }: Pick<ValueRefused, 'choices' | 'must' | 'value'>,
  ) {
    super('invalid_parameter', field, message)
    this.must = must
    this.value = value
    this.choices = choices
  }
}

function problemAt(path: string, { code, must }: Problem): ApiError {
  return new ApiError(code, path, `${path} ${must}.`)
}

/** Returns true if a value is a JSON object: not a list, and not a JsonNumber. */
export function isObject(value: JsonValue): value is JsonObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof JsonNumber)
  )
}

/** Longer numbers are not repeated in messages, because they could be card numbers. */
const SHOWN_NUMBER_LENGTH_MAX = 10
const SHOWN_WORD = /^(?:[A-Za-z_]{1,24}|-?\d{1,10})$/

/** Describes a value in words, without any text that could be secret. */
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

function expectationOf(schema: Keywords): string {
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
