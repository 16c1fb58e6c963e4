import type { ExchangeRequest, JsonValue } from './exchange.ts'

/** The values that the person or earlier answers gave, by name. */
export type SavedValues = Readonly<Record<string, string>>

const PLACEHOLDER = /\{(\w+)\}/g

/** Returns the names of the values that a request needs and that are not saved. */
export function missingValues(request: ExchangeRequest, values: SavedValues): readonly string[] {
  const { body, headers, path, query } = request
  const text = JSON.stringify([path, query ?? {}, headers ?? {}, body ?? null])
  const names = [...text.matchAll(/\{([a-z]\w*)\}/g)].map(([, name = '']) => name)
  return [...new Set(names)].filter((name) => !Object.hasOwn(values, name))
}

/** Fills the placeholders of a request. */
export function fillRequest(request: ExchangeRequest, values: SavedValues): ExchangeRequest {
  const { body, headers, path, query } = request
  return {
    ...request,
    path: path.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(values[name] ?? '')),
    ...(query !== undefined && { query: fillTexts(query, values) }),
    ...(headers !== undefined && { headers: fillTexts(headers, values) }),
    ...(body !== undefined && { body: fillValue(body, values) }),
  }
}

function fillTexts(
  texts: Readonly<Record<string, string>>,
  values: SavedValues,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, fillText(text, values)]),
  )
}

/** Fills the placeholders in the texts of a value. */
export function fillValue(value: JsonValue, values: SavedValues): JsonValue {
  if (typeof value === 'string') return fillText(value, values)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => fillValue(one, values))
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, fillValue(one, values)]),
  )
}

/** Fills the placeholders of a text. */
export function fillText(text: string, values: SavedValues): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole)
}
