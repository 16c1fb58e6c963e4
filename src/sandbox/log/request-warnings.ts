import type { FastifyRequest, FastifySchema } from 'fastify'
import type { TObject } from 'typebox'
import type { Keywords } from '../../api/read-fields.ts'
import { chosenSchema, findFieldPath, unknownFieldsOf } from '../../api/unknown-fields.ts'
import { suggestionFor } from '../../domain/nearest.ts'
import { scrubName } from './scrub.ts'
import { explainUnknownPath } from './unknown-api-path.ts'

/** The header of an answer with warnings. Only a sandbox sends it. */
export const WARNING_HEADER = 'x-paydesk-warning'

const WARNING_COUNT_MAX = 5

type WarnedRequest = Pick<
  FastifyRequest,
  'handlerWarnings' | 'is404' | 'jsonBody' | 'method' | 'query' | 'url'
> & {
  readonly routeOptions: { readonly schema?: FastifySchema | undefined }
}

/**
 * Returns sentences about mistakes that the answer does not mention, because the real API does not mention them: fields
 * and query parameters that it ignores, and paths that it does not have. Each sentence is one line of ASCII.
 */
export function warningsOf(request: WarnedRequest): readonly string[] {
  if (request.is404) {
    const explanation = explainUnknownPath(request.method, request.url)
    return explanation === undefined ? [] : [explanation]
  }
  const { schema } = request.routeOptions
  const warnings = [...unknownParameters(request, schema?.querystring)]
  if (request.jsonBody !== undefined && schema?.body !== undefined) {
    const body = chosenSchema(schema.body as Keywords, request.jsonBody)
    for (const { knownNames, name, path } of unknownFieldsOf(body, request.jsonBody)) {
      const elsewhere = findFieldPath(body, name)
      const suggestion =
        elsewhere === undefined ? suggestionFor(name, knownNames) : `, did you mean ${elsewhere}?`
      warnings.push(`${scrubName(path)}: unknown field${suggestion || ', ignored'}`)
      if (warnings.length > WARNING_COUNT_MAX) break
    }
  }
  const { handlerWarnings = [] } = request
  if (warnings.length <= WARNING_COUNT_MAX) return [...handlerWarnings, ...warnings]
  return [
    ...handlerWarnings,
    ...warnings.slice(0, WARNING_COUNT_MAX),
    'more unknown fields, ignored',
  ]
}

function* unknownParameters({ query }: WarnedRequest, schema: unknown): Generator<string> {
  const knownNames = Object.keys((schema as TObject | undefined)?.properties ?? {})
  if (knownNames.length === 0) return
  for (const name in query as object) {
    if (knownNames.includes(name)) continue
    yield `${scrubName(name)}: unknown query parameter${suggestionFor(name, knownNames) || ', ignored'}`
  }
}
