import { ApiError } from '../../api/errors.ts'
import { DUPLICATE, JsonNumber, type JsonValue } from '../../api/read-json.ts'

/** Node has this function; TypeScript's types do not yet. */
const { rawJSON } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown }

/**
 * Returns a value that `JSON.stringify` writes exactly as in the request: numbers keep all their digits. `path` is
 * its field. Throws ApiError for a repeated key.
 */
export function exactJson(value: JsonValue, path: string): unknown {
  if (value === DUPLICATE) {
    throw new ApiError('invalid_parameter', path, `${path} was given more than once.`)
  }
  if (value instanceof JsonNumber) return rawJSON(value.text)
  if (Array.isArray(value)) return value.map((one, index) => exactJson(one, `${path}[${index}]`))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, exactJson(one, `${path}.${key}`)]),
    )
  }
  return value
}

/**
 * Merges a patch into a value like a JSON merge patch (RFC 7396): objects field by field; other values replace, and
 * null removes a field.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const fields = new Map(Object.entries(isObject(target) ? target : {}))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) fields.delete(key)
    else fields.set(key, mergePatch(fields.get(key), value))
  }
  return Object.fromEntries(fields)
}

function isObject(value: unknown): value is object {
  // A raw number is an object that must keep its identity: a copy would lose its digits.
  const { isRawJSON } = JSON as typeof JSON & { readonly isRawJSON: (value: unknown) => boolean }
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value)
}
