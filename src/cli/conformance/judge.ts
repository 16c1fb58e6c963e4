import type { Expectation, JsonType, JsonValue } from './exchange.ts'

/** A received answer. */
export type Answer = {
  readonly status: number
  readonly contentType: string
  /** The header Retry-After. Empty: there is none. */
  readonly retryAfter: string
  /** Undefined: the body is not JSON. */
  readonly json: unknown
  /** The body as text, or the first part of a long one. */
  readonly text: string
}

/** The judgment on one expectation, in words. */
export type Judgment = {
  readonly conforms: boolean
  readonly expected: string
  readonly received: string
}

/** Compares an answer with an expectation. Never throws, for any body. */
export function judge(expectation: Expectation, answer: Answer): Judgment {
  if ('status' in expectation) {
    const { status } = expectation
    return judgmentOf(status.includes(answer.status), status.join(' or '), String(answer.status))
  }
  if ('contentType' in expectation) {
    const { contentType } = expectation
    const receivedType = answer.contentType
    return judgmentOf(
      receivedType.split(';')[0]?.trim() === contentType,
      contentType,
      receivedType || 'none',
    )
  }
  if (answer.json === undefined)
    return judgmentOf(false, expectationText(expectation), notJson(answer))
  const value = valueAt(answer.json, expectation.at)
  if ('equals' in expectation || 'oneOf' in expectation) {
    const acceptedValues = 'equals' in expectation ? [expectation.equals] : expectation.oneOf
    return judgmentOf(
      acceptedValues.some((one) => sameJson(one, value)),
      expectationText(expectation),
      valueText(value),
    )
  }
  if ('matches' in expectation) {
    const isMatch = typeof value === 'string' && new RegExp(expectation.matches, 'u').test(value)
    return judgmentOf(isMatch, expectationText(expectation), valueText(value))
  }
  if ('types' in expectation) return judgeTypes(expectation.types, value)
  if ('required' in expectation) return judgeKeys(expectation, value)
  if ('order' in expectation) return judgeOrder(expectation.order, value)
  if ('minus' in expectation) {
    const other = valueAt(answer.json, expectation.minus)
    const difference =
      typeof value === 'number' && typeof other === 'number' ? value - other : Number.NaN
    return judgmentOf(
      difference === expectation.difference,
      expectationText(expectation),
      String(difference),
    )
  }
  if ('digits' in expectation) {
    const digits = /^\d+$/.test(String(value)) ? String(value).length : 0
    return judgmentOf(
      digits === expectation.digits,
      expectationText(expectation),
      `${digits} digits`,
    )
  }
  const length = Array.isArray(value) ? value.length : Number.NaN
  return judgmentOf(
    length <= expectation.lengthMax,
    expectationText(expectation),
    `${length} elements`,
  )
}

function judgmentOf(conforms: boolean, expected: string, received: string): Judgment {
  return { conforms, expected, received }
}

/** Writes an expectation in words. */
export function expectationText(expectation: Expectation): string {
  if ('status' in expectation) return `status ${expectation.status.join(' or ')}`
  if ('contentType' in expectation) return expectation.contentType
  if ('equals' in expectation) return valueText(expectation.equals)
  if ('oneOf' in expectation) return expectation.oneOf.map((one) => valueText(one)).join(' or ')
  if ('matches' in expectation) return expectation.form
  if ('types' in expectation) {
    const entries = Object.entries(expectation.types)
    return entries.map(([name, types]) => `${name}: ${types.join(' or ')}`).join(', ')
  }
  if ('required' in expectation) {
    const { required } = expectation
    // The list of optional keys can also contain the required ones.
    const optional = expectation.optional.filter((name) => !required.includes(name))
    const more = optional.length === 0 ? '' : `; possibly ${optional.join(', ')}`
    return `the keys ${required.join(', ')}${more}`
  }
  if ('order' in expectation) return `the order ${expectation.order.join(', ')}`
  if ('minus' in expectation) {
    return `${expectation.at} minus ${expectation.minus} is ${expectation.difference}`
  }
  if ('digits' in expectation) return `${expectation.digits} digits`
  return `at most ${expectation.lengthMax} elements`
}

function judgeTypes(
  types: Readonly<Record<string, readonly JsonType[]>>,
  value: unknown,
): Judgment {
  const expected = expectationText({ at: '', types })
  if (!isObject(value)) return judgmentOf(false, expected, valueText(value))
  const wrong = Object.entries(types).flatMap(([name, types]) => {
    const type = typeOf(Object.hasOwn(value, name) ? value[name] : undefined)
    // The check of the keys reports an absent field.
    if (type === 'absent' && !types.includes('absent')) return []
    const isAccepted = types.includes(type) || (type === 'integer' && types.includes('number'))
    return isAccepted ? [] : [`${name}: ${type}`]
  })
  return judgmentOf(
    wrong.length === 0,
    expected,
    wrong.length === 0 ? 'these types' : wrong.join(', '),
  )
}

function judgeKeys(
  {
    optional,
    required,
  }: { readonly required: readonly string[]; readonly optional: readonly string[] },
  value: unknown,
): Judgment {
  const expected = expectationText({ at: '', required, optional })
  if (!isObject(value)) return judgmentOf(false, expected, valueText(value))
  const keys = Object.keys(value)
  const missing = required.filter((name) => !keys.includes(name))
  const unknownNames = keys.filter((name) => !required.includes(name) && !optional.includes(name))
  const problems = [
    missing.length > 0 && `missing: ${missing.join(', ')}`,
    unknownNames.length > 0 && `not in the contract: ${unknownNames.join(', ')}`,
  ].filter((one) => one !== false)
  return judgmentOf(problems.length === 0, expected, problems.join('; ') || 'these keys')
}

function judgeOrder(order: readonly string[], value: unknown): Judgment {
  const expected = expectationText({ at: '', order })
  if (!isObject(value)) return judgmentOf(false, expected, valueText(value))
  const knownNames = Object.keys(value).filter((name) => order.includes(name))
  const sortedNames = order.filter((name) => knownNames.includes(name))
  const isSorted = sortedNames.every((name, index) => name === knownNames[index])
  return judgmentOf(isSorted, expected, isSorted ? 'this order' : knownNames.join(', '))
}

/** Returns the value at a path. Undefined: nothing is there. Only own fields count. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value
  return path.split('.').reduce<unknown>((inner, name) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, name)) return undefined
    return Reflect.get(inner, name)
  }, value)
}

function typeOf(value: unknown): JsonType {
  if (value === undefined) return 'absent'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value as 'boolean' | 'object' | 'string'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sameJson(one: JsonValue, other: unknown): boolean {
  return JSON.stringify(one) === jsonOf(other)
}

/** Undefined: the value is absent, or nested so deep that its text cannot be made. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/** The longest shown value, in characters. */
const SHOWN_LENGTH_MAX = 300

function valueText(value: unknown): string {
  if (value === undefined) return 'absent'
  const text = jsonOf(value) ?? 'a value that is nested too deep'
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`
}

function notJson({ contentType, text }: Answer): string {
  if (text === '') return 'an empty body'
  return `a body that is not JSON (${contentType || 'without a content type'})`
}
