import { PAYMENT_LINK_RETURN_FIELDS, REDIRECT_FIELDS } from './signed-text.ts'

/** The parameters that Paydesk adds to a session's return URL. A merchant's return URL must not contain them. */
export const RETURN_PARAMETERS = [...REDIRECT_FIELDS, 'signature'] as const
/** The parameters that Paydesk adds to a payment link's return URL. A merchant's return URL must not contain them. */
export const PAYMENT_LINK_RETURN_PARAMETERS = [...PAYMENT_LINK_RETURN_FIELDS, 'signature'] as const

/**
 * Returns the first of the given parameters that some web framework would read from a name in a URL. Undefined: none.
 *
 * Frameworks change names before a shop sees them: PHP reads `payment.id`, `payment id` and `payment[id` as
 * `payment_id`; PHP, Rails and Express make a list of `amount[]`; Rails drops brackets at the beginning; ASP.NET
 * ignores case; PHP stops at a NUL character.
 */
function parameterOf<Parameter extends string>(
  name: string,
  parameters: readonly Parameter[],
): Parameter | undefined {
  const [beforeNul = ''] = name.split('\0')
  const plain = beforeNul
    .replaceAll(/[\t\n\r]/g, '')
    .trim()
    .toLowerCase()
    .replace(/^[\s[\]]+/, '')
  const readings = [
    plain.replace(/[.[\]].*/s, ''),
    plain.replace(/[[\]].*/s, '').replaceAll(/[ .]/g, '_'),
    plain.replaceAll(/[ .[]/g, '_').replaceAll(']', ''),
  ]
  return parameters.find((parameter) => readings.includes(parameter))
}

/**
 * Returns the first of the given parameters in the query of a URL, otherwise elsewhere in the URL, in any spelling that
 * a framework may accept. Undefined: none.
 */
export function parameterIn<Parameter extends string>(
  url: string,
  parameters: readonly Parameter[],
): Parameter | undefined {
  const { query, rest } = partsOf(url)
  for (const segment of query.split(/[&;]/)) {
    const parameter = parameterOf(nameOf(segment), parameters)
    if (parameter !== undefined) return parameter
  }
  return parameterOutsideQuery(rest, parameters)
}

/** The decoded values of Paydesk's parameters, or the first parameter that frameworks could read in different ways. */
type ReadParameters<Parameter extends string> =
  | { readonly values: ReadonlyMap<Parameter, string> }
  | { readonly ambiguous: Parameter }

/**
 * Returns the decoded values of Paydesk's parameters in a return URL or a query string. `parameters` are those that
 * Paydesk adds to this kind of URL.
 *
 * A parameter is ambiguous if it occurs twice, in another spelling or outside the query, is separated by `;`, or is not
 * valid percent-encoded UTF-8.
 */
export function readReturnParameters<Parameter extends string>(
  url: string | URL | URLSearchParams,
  parameters: readonly Parameter[],
): ReadParameters<Parameter> {
  const values = new Map<Parameter, string>()
  const segments = url instanceof URLSearchParams ? url : segmentsOf(`${url}`, parameters)
  for (const [name, value] of segments) {
    const parameter = parameterOf(name, parameters)
    if (parameter === undefined) continue
    if (name !== parameter || value === undefined || values.has(parameter)) {
      return { ambiguous: parameter }
    }
    values.set(parameter, value)
  }
  return { values }
}

/** The value of an ambiguous name is undefined. */
function* segmentsOf(
  text: string,
  parameters: readonly string[],
): Generator<readonly [name: string, value: string | undefined]> {
  const { query, rest } = partsOf(text)
  const outside = parameterOutsideQuery(rest, parameters)
  if (outside !== undefined) yield [outside, undefined]
  for (const segment of query.split('&')) {
    const [first = '', ...others] = segment.split(';')
    // Some frameworks read `;` as a separator. Paydesk always encodes it.
    yield [nameOf(first), others.length > 0 ? undefined : clearValueOf(first)]
    for (const other of others) yield [nameOf(other), undefined]
  }
}

/** Splits a URL into its query and the parts around it. A text without a `?` is a query. */
function partsOf(text: string): { readonly query: string; readonly rest: readonly string[] } {
  const [url = '', ...fragments] = text.split('#')
  const mark = url.indexOf('?')
  return { query: url.slice(mark + 1), rest: [url.slice(0, mark + 1), fragments.join('#')] }
}

/**
 * Returns the first of the given parameters in a URL outside its query. The text before a `?` may be the start of a
 * bare query instead of a path, and pages with hash routes read parameters from the fragment.
 */
function parameterOutsideQuery<Parameter extends string>(
  rest: readonly string[],
  parameters: readonly Parameter[],
): Parameter | undefined {
  for (const segment of rest.flatMap((part) => part.split(/[?&;#]/))) {
    const parameter = segment.includes('=') ? parameterOf(nameOf(segment), parameters) : undefined
    if (parameter !== undefined) return parameter
  }
  return undefined
}

/** Decodes a name as the most lenient framework does. Older ASP.NET decodes `%u0061` too. */
function nameOf(segment: string): string {
  const [raw = ''] = segment.split('=')
  return raw
    .replaceAll('+', ' ')
    .replaceAll(/%u([\da-f]{4})/gi, (_, digits) => characterOf(digits))
    .replaceAll(/(?:%[\da-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run)
      } catch {
        return run.replaceAll(/%(..)/g, (_, digits) => characterOf(digits))
      }
    })
}

function characterOf(hexDigits: string): string {
  return String.fromCharCode(Number.parseInt(hexDigits, 16))
}

function clearValueOf(segment: string): string | undefined {
  const mark = segment.indexOf('=')
  if (mark < 0) return ''
  try {
    return decodeURIComponent(segment.slice(mark + 1).replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
