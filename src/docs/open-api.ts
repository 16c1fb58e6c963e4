/**
 * The parts of an OpenAPI document that the pages use. The document comes from our own routes, so
 * its shape is known.
 */
export type OpenApiDocument = {
  readonly info: { readonly title: string; readonly description?: string }
  readonly paths: { readonly [path: string]: { readonly [method: string]: OpenApiOperation } }
}

/** An operation of an OpenAPI document. */
export type OpenApiOperation = {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly OpenApiParameter[]
  readonly requestBody?: OpenApiContent & { readonly required?: boolean }
  readonly responses: { readonly [status: string]: OpenApiContent }
  /** Absent: the call needs no token. */
  readonly security?: readonly object[]
  /**
   * Other operations of the same method and path. If a schema of a body or an answer has `anyOf`, the first schema in
   * it is for the operation itself, and the next ones are for the variants, in this order.
   */
  readonly 'x-variants'?: readonly OpenApiVariant[]
}

type OpenApiVariant = Pick<OpenApiOperation, 'operationId' | 'summary' | 'description'>

/** A parameter of an operation. */
export type OpenApiParameter = {
  readonly name: string
  readonly in: 'query' | 'path' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema?: JsonSchema
  readonly example?: unknown
}

/** A body. */
export type OpenApiContent = {
  readonly description?: string
  readonly content?: {
    readonly 'application/json'?: { readonly schema: JsonSchema; readonly example?: unknown }
    /** Only the keys are of interest. */
    readonly 'text/event-stream'?: object
  }
}

/** The keywords of JSON Schema that our schemas use. */
export type JsonSchema = {
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly description?: string
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly maxItems?: number
  /** Our sentence about the values that the field accepts. */
  readonly 'x-expected'?: string
  /** The known values of a text; later versions can add values. */
  readonly 'x-extensible-enum'?: readonly string[]
}

/** An operation with its place. */
export type Operation = OpenApiOperation & {
  /** In capitals. */
  readonly method: string
  readonly path: string
}

/** A resource: the operations with one tag. */
export type Resource = {
  /** `api/payment-sessions`: its page's address below the site. */
  readonly id: string
  readonly name: string
  /** A sentence that applies to all of its calls. */
  readonly lead?: string
  readonly operations: readonly Operation[]
}

/** The APIs of the site. */
export type Documents = {
  readonly api: OpenApiDocument
  /** The control API of a sandbox. */
  readonly control: OpenApiDocument
}

/** Returns an operation and its variants, each with its own body and answer. */
function variantsOf(operation: OpenApiOperation): readonly OpenApiOperation[] {
  const { 'x-variants': variants = [], ...sharedFields } = operation
  return [sharedFields, ...variants].map((one, index) => ({
    ...sharedFields,
    ...one,
    ...(sharedFields.requestBody !== undefined && {
      requestBody: choiceOf(sharedFields.requestBody, index),
    }),
    responses: Object.fromEntries(
      Object.entries(sharedFields.responses).map(([status, answer]) => [
        status,
        choiceOf(answer, index),
      ]),
    ),
  }))
}

/** Returns a body with one schema of its choice. */
function choiceOf<Body extends OpenApiContent>(body: Body, index: number): Body {
  const json = body.content?.['application/json']
  const schema = json?.schema.anyOf?.[index]
  return json === undefined || schema === undefined
    ? body
    : { ...body, content: { ...body.content, 'application/json': { ...json, schema } } }
}

/** Groups the operations of a document by their resource, in the order of the document. Their pages are in `folder`. */
export function resourcesOf(
  document: OpenApiDocument,
  folder: string,
  lead?: string,
): readonly Resource[] {
  const resources = new Map<string, Operation[]>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = operation.tags?.[0] ?? 'Others'
      const operations = resources.get(name) ?? []
      const place = { method: method.toUpperCase(), path }
      operations.push(...variantsOf(operation).map((one) => ({ ...one, ...place })))
      resources.set(name, operations)
    }
  }
  return [...resources].map(([name, operations]) => ({
    id: `${folder}/${name.toLowerCase().replaceAll(' ', '-')}`,
    name,
    operations,
    ...(lead !== undefined && { lead }),
  }))
}
