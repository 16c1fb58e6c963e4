/** The parts of an OpenAPI document that the pages use. Our own routes make the document, so its form is certain. */
export type OpenApiDocument = {
  readonly info: { readonly title: string }
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
}

/** A parameter of an operation. */
export type OpenApiParameter = {
  readonly name: string
  readonly in: 'query' | 'path' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema?: JsonSchema
}

/** A body. */
export type OpenApiContent = {
  readonly description?: string
  readonly content?: {
    readonly 'application/json'?: { readonly schema: JsonSchema; readonly example?: unknown }
  }
}

/** The keywords of JSON Schema that our schemas use. */
export type JsonSchema = {
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
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
  /** A sentence of ours: the values that the field takes. */
  readonly 'x-expected'?: string
}

/** An operation with its place. */
export type Operation = OpenApiOperation & {
  /** In capitals. */
  readonly method: string
  readonly path: string
}

/** A resource: the operations with one tag. */
export type Resource = {
  /** `payment-sessions`: the end of its page's address. */
  readonly slug: string
  readonly name: string
  readonly operations: readonly Operation[]
}

/** Groups the operations of a document by their resource, in the order of the document. */
export function resourcesOf(document: OpenApiDocument): readonly Resource[] {
  const resources = new Map<string, Operation[]>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = operation.tags?.[0] ?? 'Others'
      const found = resources.get(name) ?? []
      found.push({ ...operation, method: method.toUpperCase(), path })
      resources.set(name, found)
    }
  }
  return [...resources].map(([name, operations]) => ({
    slug: name.toLowerCase().replaceAll(' ', '-'),
    name,
    operations,
  }))
}
