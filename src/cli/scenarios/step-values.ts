import { isObject } from '../../client/transport.ts'

/** The results of earlier steps, by their names. */
type StepValues = ReadonlyMap<string, unknown>

/**
 * The names that exist without a step. `sandbox`: the facts of the sandbox, as `serve --json` prints them. `index`: the
 * number of the step's repetition, from 1.
 */
export const GIVEN_NAMES = ['sandbox', 'index'] as const

/** The error for a step that uses a value that does not exist. The message names the value. */
export class NoSuchValue extends Error {}

const REFERENCE = /\$\{([^}]+)\}/g
const WHOLE = /^\$\{([^}]+)\}$/
const NAME = /^[A-Za-z][\w-]*$/
const DEPTH_MAX = 32

/**
 * Replaces `${name.field}` by values of earlier steps. If a text is only one reference, it becomes the value, of any
 * type. Throws NoSuchValue.
 */
export function resolveValues(value: unknown, values: StepValues): unknown {
  if (typeof value === 'string') {
    const [, whole] = WHOLE.exec(value) ?? []
    if (whole !== undefined) return valueAt(whole, values)
    return value.replaceAll(REFERENCE, (_, path: string) => String(valueAt(path, values)))
  }
  if (Array.isArray(value)) return value.map((one) => resolveValues(one, values))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, resolveValues(one, values)]),
    )
  }
  return value
}

/** Returns the value at a path such as `order.payments[0].payment_id`. */
function valueAt(path: string, values: StepValues): unknown {
  const [name = '', ...parts] = path
    .trim()
    .split(/\.|\[(\d+)\]\.?/)
    .filter(Boolean)
  let value = values.get(name)
  for (const part of parts) {
    value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined
  }
  if (value === undefined) throw new NoSuchValue(`There is no value \${${path}}.`)
  return value
}

/** Returns the names of earlier steps in a step's value, each with its path in the value. */
export function namesIn(
  value: unknown,
  schema: object,
  path: readonly (string | number)[] = [],
): readonly { readonly name: string; readonly path: readonly (string | number)[] }[] {
  if (path.length > DEPTH_MAX) return []
  if (typeof value === 'string') {
    const references = [...value.matchAll(REFERENCE)].map(
      ([, one = '']) => one.trim().split(/[.[]/)[0],
    )
    const isName = 'x-names-step' in schema && NAME.test(value)
    return [...references, ...(isName ? [value] : [])].map((name = '') => ({ name, path }))
  }
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) {
    const items = partOf(schema, 'items')
    return value.flatMap((one, index) => namesIn(one, items, [...path, index]))
  }
  const properties = partOf(schema, 'properties')
  return Object.entries(value).flatMap(([key, one]) =>
    namesIn(one, partOf(properties, key), [...path, key]),
  )
}

/** Returns a part of a schema that is or contains a schema. Empty: there is none. */
function partOf(schema: object, key: string): object {
  const parts: Readonly<Record<string, unknown>> = { ...schema }
  const part = Object.hasOwn(parts, key) ? parts[key] : undefined
  return isObject(part) ? part : {}
}
