import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { TObject, TProperties } from 'typebox'
import { failures } from '../../api/describe-route.ts'
import { ApiError } from '../../api/errors.ts'
import {
  type HttpAnswer,
  type HttpCall,
  type HttpRoute,
  type HttpRouteWith,
  pathSchema,
  type RouteFacts,
  registerHttpRoutes,
} from '../../api/http-route.ts'
import type { FieldsOf } from '../../api/parsed.ts'
import { compileFields, type RulesPart, ValueRefused } from '../../api/read-fields.ts'
import type { JsonObject, JsonValue } from '../../api/read-json.ts'
import { Type } from '../../api/type.ts'
import { refuseUnknownFields } from '../../api/unknown-fields.ts'
import type { MemoryBudget } from '../tenants/memory-budget.ts'
import type { Snapshot } from '../tenants/snapshot.ts'
import { type SandboxTenant, sandboxTenant } from '../tenants/tenant.ts'
import type { SandboxTenants } from '../tenants/tenants.ts'
import { shownValue, withShownValue } from './shown-value.ts'

/** The dependencies of the control API that all tenants share. */
export type ControlDeps = {
  readonly tenants: SandboxTenants
  /** The snapshots of all tenants, by name. */
  readonly snapshots: Map<string, Snapshot>
  readonly memory: MemoryBudget
  /** The longest time in which an attempt can succeed. */
  readonly attemptLifeMs: number
  /** Calls a route of the API as the tenant, with its access token. */
  readonly callApi: (
    tenant: SandboxTenant,
    options: InjectOptions,
  ) => Promise<LightMyRequestResponse>
}

/** The parts of a handler's argument that are the same for all routes. */
export type ControlContext = {
  readonly deps: ControlDeps
  /** The controlled tenant, by the address of the request. */
  readonly tenant: SandboxTenant
}

/** The argument of a handler, for helpers: `ControlCall<'/faults/{id}'>`. */
export type ControlCall<Url extends string = string, Query = unknown, Body = unknown> = HttpCall<
  ControlContext,
  Url,
  Query,
  Body
>

type ControlFacts = {
  /**
   * True: the route closes its tenant's gate. Its request does not enter the gate, because the gate would wait for it
   * forever.
   */
  readonly closesGate?: true
}

/** A route of the control API, below `/_sandbox`. It needs no token. */
export type ControlRoute = ControlFacts & HttpRoute<ControlContext>

/** The handler's argument gets its types from the URL and the readers. */
export function controlRoute<Url extends string, Query = JsonObject, Body = JsonValue>(
  value: ControlFacts & HttpRouteWith<ControlContext, Url, Query, Body>,
): ControlFacts & HttpRouteWith<ControlContext, Url, Query, Body> {
  return value
}

/**
 * The reader refuses unknown fields: a fault with a misspelled `match` would apply to all traffic. The types of the
 * fields follow from the schema.
 */
export function fieldsOf<Properties extends TProperties>(
  schema: TObject<Properties>,
  ...rules: RulesPart<Properties, undefined>
): (input: JsonValue) => FieldsOf<Properties> {
  const readBody = compileFields(schema, ...rules)
  return (input) => {
    refuseUnknownFields(schema, input)
    return readShowing(() => readBody(input, undefined))
  }
}

/** The types of the fields follow from the schema. */
export function queryFieldsOf<Properties extends TProperties>(
  schema: TObject<Properties>,
  ...rules: RulesPart<Properties, undefined>
): (input: JsonValue) => FieldsOf<Properties> {
  const readBody = compileFields(schema, ...rules)
  return (input) => readShowing(() => readBody(input, undefined))
}

/** Reads an input, and repeats a short, harmless value in the error. */
function readShowing<Fields>(readBody: () => Fields): Fields {
  try {
    return readBody()
  } catch (error) {
    throw error instanceof ValueRefused ? withShownValue(error) : error
  }
}

/** Describes the parameters in a URL by an example of each. */
export function pathLike(examples: Readonly<Record<string, string>>): TObject {
  return Type.Object(
    Object.fromEntries(
      Object.entries(examples).map(([name, one]) => [name, Type.String({ examples: [one] })]),
    ),
  )
}

/** The answer of a route that removes something. */
export const DONE_ANSWER: HttpAnswer = {
  status: 200,
  body: JSON.stringify({ code: 0, message: 'success' }),
}

const WITH_ZONE = /(?:Z|[+-]\d\d:?\d\d)$/

/** Reads a time of ISO 8601 with a zone, in milliseconds since 1970. Throws ApiError. */
export function readTime(field: string, text: string): number {
  const timeMs = WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(timeMs)) return timeMs
  throw invalid(
    field,
    `${field} must be a time with a zone, such as 2026-11-22T09:30:00Z, but it is ${shownValue(text)}.`,
  )
}

/** Makes the error for a bad value. */
export function invalid(field: string | undefined, message: string): ApiError {
  return new ApiError('invalid_parameter', field, message)
}

/** Makes the error for an object that does not exist. */
export function missing(field: string, message: string): ApiError {
  return new ApiError('resource_does_not_exist', field, message)
}

/** Registers routes of the control API. */
export function registerControlList(
  app: FastifyInstance,
  routes: readonly ControlRoute[],
  deps: ControlDeps,
): void {
  registerHttpRoutes<ControlContext, ControlRoute>(app, routes, {
    contextOf: (request) => ({ deps, tenant: sandboxTenant(request.tenant) }),
    describe: describeControlRoute,
    fastifyConfigOf: ({ closesGate }) => (closesGate === undefined ? {} : { closesGate }),
  })
}

/** Describes a route for OpenAPI. */
export function describeControlRoute(one: RouteFacts) {
  const params = pathSchema(one)
  return {
    tags: [one.tag],
    operationId: one.operationId,
    summary: one.summary,
    description: one.description,
    ...(params !== undefined && { params }),
    ...(one.query !== undefined && { querystring: one.query }),
    ...(one.body !== undefined && { body: one.body }),
    response: { ...one.answers, ...failures(...failureStatuses(one)) },
  }
}

function failureStatuses({ body, failures = [], url }: RouteFacts): readonly number[] {
  return [
    ...(url.includes('{') ? [404] : []),
    ...(body === undefined ? [] : [400, 413, 415]),
    ...failures,
  ]
}
