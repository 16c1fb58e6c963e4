/**
 * A check that is cheaper than the full one, and returns true only for values that the full one
 * accepts.
 */
export type QuickCheck = (value: unknown) => boolean

type Keywords = {
  readonly type?: string
  readonly anyOf?: readonly Keywords[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
}

const CHECKED_KEYWORDS: ReadonlySet<string> = new Set([
  'type',
  'anyOf',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'exclusiveMinimum',
  'maximum',
])
const DESCRIBING = /^(?:description|default|examples|title|x-.*)$/

/** The characters of most texts: printable ASCII. None is a control character, and each is one code unit. */
const PRINTABLE = /^[ -~]*$/
const ALL_PRINTABLE = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index))
/** A pattern that excludes some characters, and accepts any text of the others. */
const EXCLUDES_CHARACTERS = /^\^\[\^[^\]]*\]\*\$$/

/**
 * Makes the quick check of a schema for a single value. A text of printable ASCII passes it if the text has an allowed
 * length and matches the pattern. A text with other characters never passes it, although the schema may accept the
 * text. Undefined: only the full check supports the schema.
 */
export function quickCheckOf(schema: Keywords): QuickCheck | undefined {
  const isKnown = Object.keys(schema).every(
    (name) => CHECKED_KEYWORDS.has(name) || DESCRIBING.test(name),
  )
  if (!isKnown) return undefined
  if (schema.anyOf !== undefined) return anyOf(schema.anyOf.map(quickCheckOf))
  if (schema.type === 'string') return textCheck(schema)
  if (schema.type === 'number' || schema.type === 'integer') return numberCheck(schema)
  return undefined
}

function anyOf(checks: readonly (QuickCheck | undefined)[]): QuickCheck | undefined {
  const knownChecks = checks.filter((check) => check !== undefined)
  return knownChecks.length === 0 ? undefined : (value) => knownChecks.some((check) => check(value))
}

function textCheck({ maxLength, minLength = 0, pattern }: Keywords): QuickCheck {
  const lengthMax = maxLength ?? Number.POSITIVE_INFINITY
  const acceptsAll =
    pattern === undefined ||
    (EXCLUDES_CHARACTERS.test(pattern) && new RegExp(pattern, 'u').test(ALL_PRINTABLE))
  const other = acceptsAll ? undefined : new RegExp(pattern, 'u')
  return (value) =>
    typeof value === 'string' &&
    value.length <= lengthMax &&
    value.length >= minLength &&
    PRINTABLE.test(value) &&
    (other === undefined || other.test(value))
}

function numberCheck({ exclusiveMinimum, maximum, minimum, type }: Keywords): QuickCheck {
  const isInteger = type === 'integer'
  const above = exclusiveMinimum ?? Number.NEGATIVE_INFINITY
  const min = minimum ?? Number.NEGATIVE_INFINITY
  const max = maximum ?? Number.POSITIVE_INFINITY
  return (value) =>
    typeof value === 'number' &&
    (!isInteger || Number.isInteger(value)) &&
    value > above &&
    value >= min &&
    value <= max
}
