import type { TObject } from 'typebox'
import { suggestionFor } from '../domain/nearest.ts'
import { ApiError } from './errors.ts'
import { isList, isObject, type Keywords } from './read-fields.ts'
import type { JsonValue } from './read-json.ts'

type UnknownField = {
  readonly path: string
  readonly name: string
  /** The names of the fields that the schema lists for the same object. */
  readonly knownNames: readonly string[]
}

/**
 * Refuses the fields that an object schema does not list, at every depth. A misspelled optional field would otherwise
 * be ignored without an error. Throws ApiError for the first one. `path`: the place of the input, such as `session`.
 */
export function refuseUnknownFields(schema: Keywords | TObject, input: JsonValue, path = ''): void {
  for (const unknownField of unknownFieldsIn(schema as Keywords, input, path)) {
    const fieldPath = shownPath(unknownField.path)
    throw new ApiError(
      'invalid_parameter',
      fieldPath,
      `${fieldPath} is unknown${suggestionFor(unknownField.name, unknownField.knownNames) || '.'} ${knownText(unknownField)}`,
    )
  }
}

function knownText({ knownNames }: UnknownField): string {
  return knownNames.length === 0
    ? 'No field is possible here.'
    : `The known fields are: ${knownNames.join(', ')}.`
}

/** Finds the fields that an object schema does not list, at every depth, in the order of the input. */
export function unknownFieldsOf(schema: Keywords, input: JsonValue): Iterable<UnknownField> {
  return hasUnknownField(schema, input) ? unknownFieldsIn(schema, input, '') : []
}

/**
 * Returns true if a value has a field that the schema does not list. Nearly always it has none, and the search for the
 * path of such a field costs much more.
 */
function hasUnknownField(schema: Keywords, value: JsonValue): boolean {
  const { additionalProperties, items, properties } = chosenSchema(schema, value)
  if (items !== undefined && isList(value)) {
    return value.some((item) => hasUnknownField(items, item))
  }
  if (properties === undefined || additionalProperties === true || !isObject(value)) return false
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property === undefined || hasUnknownField(property, value[name] ?? null)) return true
  }
  return false
}

/**
 * Returns the path of the first field with the given name, at any depth of a schema:
 * `configurations.hosted_page_parameters.success_url`. Undefined: there is none.
 */
export function findFieldPath(schema: Keywords, name: string): string | undefined {
  for (const path of fieldPaths(schema, '')) {
    if (path === name || path.endsWith(`.${name}`)) return path
  }
  return undefined
}

function* fieldPaths({ properties = {} }: Keywords, above: string): Generator<string> {
  for (const [name, property] of Object.entries(properties)) {
    const path = below(above, name)
    yield path
    yield* fieldPaths(property, path)
  }
}

/**
 * Chooses a schema from `anyOf`: the one that allows the object's `type`, or the first one if none does. A schema
 * without `anyOf` is returned unchanged.
 */
export function chosenSchema(schema: Keywords, value: JsonValue): Keywords {
  const { anyOf } = schema
  if (anyOf === undefined || !isObject(value)) return schema
  const type = Object.hasOwn(value, 'type') ? value.type : undefined
  const choice = anyOf.find(
    ({ properties }) => typeof type === 'string' && properties?.type?.enum?.includes(type),
  )
  return choice ?? anyOf[0] ?? schema
}

function* unknownFieldsIn(
  schema: Keywords,
  value: JsonValue,
  path: string,
): Generator<UnknownField> {
  const { additionalProperties, items, properties } = chosenSchema(schema, value)
  if (items !== undefined && isList(value)) {
    for (const [index, item] of value.entries()) {
      yield* unknownFieldsIn(items, item, `${path}[${index}]`)
    }
  }
  if (properties === undefined || additionalProperties === true || !isObject(value)) return
  for (const [name, field] of Object.entries(value)) {
    const fieldPath = below(path, name)
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property === undefined) yield { path: fieldPath, name, knownNames: Object.keys(properties) }
    else yield* unknownFieldsIn(property, field, fieldPath)
  }
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** The longest path that an error repeats: a hostile name can have any length. */
const SHOWN_PATH_LENGTH_MAX = 100

function shownPath(path: string): string {
  return path.length <= SHOWN_PATH_LENGTH_MAX ? path : `${path.slice(0, SHOWN_PATH_LENGTH_MAX)}…`
}
