import type {
  FastifyContextConfig,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
} from 'fastify'
import type { TObject, TSchema } from 'typebox'
import { isObject } from './read-fields.ts'
import { type JsonObject, type JsonValue, readJson } from './read-json.ts'
import { Type } from './type.ts'

/** An answer to send. The body is JSON text. */
export type HttpAnswer = {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The facts of a route. Descriptions and clients are made from them. */
export type RouteFacts = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** The route's path below the API's path, with parameters in braces: `/refunds/{refund_id}`. */
  readonly url: string
  /** The unique name of the operation in the description: `retrieveRefund`. */
  readonly operationId: string
  /** The resource, in the plural. The description groups routes by it. */
  readonly tag: string
  readonly summary: string
  readonly description: string
  /** The parameters in the URL. Undefined: each is any text. */
  readonly path?: TObject
  readonly query?: TObject
  readonly body?: TSchema
  /** True: a missing body is read as an empty object. */
  readonly isBodyOptional?: boolean
  readonly answers: { readonly [status: number]: TSchema }
  /** The statuses of failures, besides those that follow from the other facts. */
  readonly failures?: readonly number[]
}

/** The parameters of a URL as an object: `/refunds/{refund_id}` has `{ refund_id: string }`. */
type PathOf<Url extends string> = { readonly [Name in ParameterIn<Url>]: string }

type ParameterIn<Url extends string> = Url extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterIn<Rest>
  : never

/** The argument of a handler: the context of the API with the input of one request. */
export type HttpCall<Context, Url extends string, Query, Body> = Context & {
  readonly path: PathOf<Url>
  /** The result of `readQuery`; without it the parameters as texts. */
  readonly query: Query
  /** The result of `readBody`; without it the JSON. Null for a route without a body. */
  readonly body: Body
}

/** A route with its handler, whose types follow from the URL and the readers. */
export type HttpRouteWith<Context, Url extends string, Query, Body> = RouteFacts &
  WithVariants<Context> & {
    readonly url: Url
    /** Throws ApiError. */
    readonly readQuery?: (query: JsonObject) => Query
    /** Throws ApiError. Omitted if the rules depend on stored objects. */
    readonly readBody?: (body: JsonValue) => Body
    /** Throws ApiError for a failure. */
    readonly handle: (call: HttpCall<Context, Url, Query, Body>) => Promise<HttpAnswer>
  }

/** The other operations of a route's method and URL. */
export type WithVariants<Context> = {
  /**
   * The key is the text of the field `type` in the body. A body with another type, or without one, belongs to this
   * route.
   */
  readonly variants?: Readonly<Record<string, HttpRoute<Context>>>
}

/** Any route of an API. `handle` is a method, so that routes with different input fit into one list. */
export type HttpRoute<Context> = RouteFacts &
  WithVariants<Context> & {
    readonly readQuery?: (query: JsonObject) => unknown
    readonly readBody?: (body: JsonValue) => unknown
    handle(call: HttpCall<Context, string, unknown, unknown>): Promise<HttpAnswer>
  }

/** Returns the facts of all operations: those of the routes and of their variants. */
export function operationsOf(
  routes: readonly (RouteFacts & WithVariants<never>)[],
): readonly RouteFacts[] {
  return routes.flatMap((one) => [one, ...Object.values(one.variants ?? {})])
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The JSON of the body, before its fields are read. Undefined: the route takes no body, or the body is unreadable. */
    jsonBody: JsonValue | undefined
  }
}

/** The fields of a request that routes read. The framework's request has them. */
export type HttpRequest = Pick<
  FastifyRequest<RequestParts>,
  | 'account'
  | 'handlerWarnings'
  | 'headers'
  | 'id'
  | 'jsonBody'
  | 'method'
  | 'params'
  | 'protocol'
  | 'query'
  | 'raw'
  | 'tenant'
> & {
  /** Undefined: the request has no body. */
  readonly body: Buffer | undefined
  readonly routeOptions: {
    readonly url?: string | undefined
    readonly config: FastifyContextConfig
  }
}

type RequestParts = {
  Body: Buffer | undefined
  Params: Readonly<Record<string, string>>
  Querystring: JsonObject
}

type HttpApi<Context, Route extends HttpRoute<Context>> = {
  /** `bodyText` is empty for a request without a body. */
  readonly contextOf: (request: HttpRequest, route: Route, bodyText: string) => Context
  readonly describe: (route: Route) => FastifySchema
  readonly fastifyConfigOf?: (route: Route) => FastifyContextConfig
}

/** Registers routes. */
export function registerHttpRoutes<Context, Route extends HttpRoute<Context>>(
  app: FastifyInstance,
  routes: readonly Route[],
  { fastifyConfigOf, contextOf, describe }: HttpApi<Context, Route>,
): void {
  for (const route of routes) {
    app.route<RequestParts>({
      method: route.method,
      url: frameworkUrl(route),
      schema: describe(route),
      config: fastifyConfigOf?.(route) ?? {},
      handler: async (request, reply) =>
        sendAnswer(reply, await runRoute(route, request, contextOf)),
    })
  }
}

/** Reads a request and runs the handler of its route. Throws ApiError for a failure. */
export async function runRoute<Context, Route extends HttpRoute<Context>>(
  route: Route,
  request: HttpRequest,
  contextOf: HttpApi<Context, Route>['contextOf'],
): Promise<HttpAnswer> {
  const { text, value } = readRequestBody(request, route)
  if (route.body !== undefined) request.jsonBody = value
  const { params, query } = request
  const { handle, operationId, readBody, readQuery } = variantOf(route, value)
  const call = {
    ...contextOf(request, route, text),
    path: params,
    query: readQuery === undefined ? query : readQuery(query),
    body: readBody === undefined ? value : readBody(value),
  }
  const { inSpan } = request.tenant
  if (inSpan === undefined) return handle(call)
  return inSpan({ kind: 'operation', name: operationId }, () => handle(call))
}

function variantOf<Context>(route: HttpRoute<Context>, body: JsonValue): HttpRoute<Context> {
  const { variants } = route
  if (variants === undefined || !isObject(body)) return route
  const type = Object.hasOwn(body, 'type') ? body.type : undefined
  return typeof type === 'string' && Object.hasOwn(variants, type)
    ? (variants[type] ?? route)
    : route
}

/** Returns the schema of a route's bodies: a choice if it has variants. Undefined: it has no body. */
export function bodySchemaOf({
  body,
  variants,
}: Pick<RouteFacts, 'body'> & WithVariants<never>): TSchema | undefined {
  const others = Object.values(variants ?? {}).flatMap((one) => one.body ?? [])
  return body === undefined || others.length === 0 ? body : Type.Union([body, ...others])
}

/** Returns the schemas of a route's answers by status: a choice in the order of the bodies if the answers differ. */
export function answerSchemasOf({
  answers,
  variants,
}: Pick<RouteFacts, 'answers'> & WithVariants<never>): RouteFacts['answers'] {
  if (variants === undefined) return answers
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => {
      const others = Object.values(variants).map((one) => one.answers[Number(status)] ?? answer)
      const isSame = others.every((one) => one === answer)
      return [status, isSame ? answer : Type.Union([answer, ...others])]
    }),
  )
}

/** Returns the URL of a route as the framework writes it: `:id` instead of `{id}`. */
export function frameworkUrl({ url }: RouteFacts): string {
  return url.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** Returns the schema of a route's parameters in the URL. Undefined: it has none. */
export function pathSchema({ path, url }: RouteFacts): TObject | undefined {
  if (path !== undefined) return path
  const names = [...url.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  if (names.length === 0) return undefined
  return Type.Object(Object.fromEntries(names.map((name) => [name, Type.String()])))
}

const NO_BYTES = new Uint8Array()
const EMPTY_OBJECT = Buffer.from('{}')

function readRequestBody(
  { body: bytes }: Pick<HttpRequest, 'body'>,
  { body: schema, isBodyOptional }: RouteFacts,
): { readonly text: string; readonly value: JsonValue } {
  if (schema === undefined) return { text: bytes?.toString('utf8') ?? '', value: null }
  const isAbsent = bytes === undefined || bytes.length === 0
  return readJson(isAbsent ? (isBodyOptional === true ? EMPTY_OBJECT : NO_BYTES) : bytes)
}

/** Sends an answer. */
export function sendAnswer(
  reply: FastifyReply,
  { body, headers, status }: HttpAnswer,
): FastifyReply {
  if (headers !== undefined) reply.headers(headers)
  return reply.code(status).type('application/json').send(body)
}
