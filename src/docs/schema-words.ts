import type { JsonSchema } from './open-api.ts'

/** Returns the type of a value in words, such as `array of string`. */
export function typeInWords({ anyOf, enum: values, items, type }: JsonSchema): string {
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeInWords))].join(' or ')
  if (items !== undefined) return `array of ${typeInWords(items)}`
  if (type !== undefined) return [type].flat().join(' or ')
  return values === undefined ? 'any' : typeof values[0]
}

function listOf(values: readonly unknown[]): string {
  return values.map((one) => `\`${String(one)}\``).join(', ')
}

/** Writes the rules of a value in words. */
export function rulesInWords(schema: JsonSchema): string {
  const {
    const: only,
    default: standard,
    enum: values,
    examples,
    maximum,
    maxItems,
    maxLength,
    minimum,
  } = schema
  const expected = schema['x-expected']
  const knownWords = schema['x-extensible-enum']
  const rules: string[] = []
  if (values !== undefined) rules.push(`One of ${listOf(values)}.`)
  else if (knownWords !== undefined)
    rules.push(`One of ${listOf(knownWords)}; later versions can add values.`)
  else if (only !== undefined) rules.push(`The only value is \`${String(only)}\`.`)
  else if (expected !== undefined)
    rules.push(`${expected.slice(0, 1).toUpperCase()}${expected.slice(1)}.`)
  else if (maxLength !== undefined) rules.push(`At most ${maxLength} characters.`)
  const isStated = (limit: number) => new RegExp(`\\b${limit}\\b`).test(expected ?? '')
  if (minimum !== undefined && maximum !== undefined) {
    if (!isStated(maximum)) rules.push(`${minimum} to ${maximum}.`)
  } else if (maxItems !== undefined && !isStated(maxItems)) rules.push(`At most ${maxItems}.`)
  if (standard !== undefined) rules.push(`Default: \`${JSON.stringify(standard)}\`.`)
  if (examples !== undefined && values === undefined && expected === undefined) {
    rules.push(`Example: \`${JSON.stringify(examples[0])}\`.`)
  }
  return rules.join(' ')
}
