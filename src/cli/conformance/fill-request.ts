import type { ExchangeRequest, JsonValue } from './exchange.ts'

/** The values that answers gave, by name. */
export type SavedValues = Readonly<Record<string, string>>

const PLACEHOLDER = /\{(\w+)\}/g

/** Returns the names of the values that a request needs and that are not saved. */
export function missingValues(request: ExchangeRequest, saved: SavedValues): readonly string[] {
  const { body, headers, path, query } = request
  const text = JSON.stringify([path, query ?? {}, headers ?? {}, body ?? null])
  const names = [...text.matchAll(/\{([a-z]\w*)\}/g)].map(([, name = '']) => name)
  return [...new Set(names)].filter((name) => !Object.hasOwn(saved, name))
}

/** Fills the placeholders of a request. */
export function fillRequest(request: ExchangeRequest, saved: SavedValues): ExchangeRequest {
  const { body, headers, path, query } = request
  return {
    ...request,
    path: path.replace(PLACEHOLDER, (_, name: string) => encodeURIComponent(saved[name] ?? '')),
    ...(query !== undefined && { query: fillTexts(query, saved) }),
    ...(headers !== undefined && { headers: fillTexts(headers, saved) }),
    ...(body !== undefined && { body: fillValue(body, saved) }),
  }
}

function fillTexts(
  texts: Readonly<Record<string, string>>,
  saved: SavedValues,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, fillText(text, saved)]),
  )
}

/** Fills the placeholders in the texts of a value. */
export function fillValue(value: JsonValue, saved: SavedValues): JsonValue {
  if (typeof value === 'string') return fillText(value, saved)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => fillValue(one, saved))
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillValue(one, saved)]))
}

/** Fills the placeholders of a text. */
export function fillText(text: string, saved: SavedValues): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => saved[name] ?? whole)
}
