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

/** Puts parameters into a path such as `/refunds/{refund_id}`. No value can add another part to it. */
export function fillPath(
  path: string,
  parameters: Readonly<Record<string, string | number>>,
): string {
  return path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(String(parameters[name] ?? '')))
}
