/** Parameters of a query. Undefined ones are omitted. */
export type QueryValues = Readonly<Record<string, string | number | undefined>>

/** Makes a URL with a query. Undefined values are omitted. */
export function urlWithQuery(address: string, query: QueryValues = {}): URL {
  const url = new URL(address)
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return url
}

/**
 * Puts parameters into a path such as `/refunds/{refund_id}`. No value can add another part to it. Throws a TypeError
 * if a parameter is an object, missing, empty, `.` or `..`. The last three would make the path of another operation.
 */
export function fillPath(
  path: string,
  parameters: Readonly<Record<string, string | number | null | undefined>>,
): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value: unknown = parameters[name]
    if (value === '' || (typeof value !== 'string' && typeof value !== 'number')) {
      const shownValue = value === '' ? 'an empty text' : shownKind(value)
      throw new TypeError(`${name} must be an id, but it is ${shownValue}.`)
    }
    // In a URL these two name the folder and its parent, and so the path of another operation.
    if (value === '.' || value === '..') {
      throw new TypeError(`${name} must be an id, but it is ${JSON.stringify(value)}.`)
    }
    return encodeURIComponent(String(value))
  })
}

function shownKind(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
