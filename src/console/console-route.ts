import type { TObject, TProperties } from 'typebox'
import type { HttpCall, HttpRoute, HttpRouteWith } from '../api/http-route.ts'
import type { IdempotentRequest } from '../api/idempotency.ts'
import type { FieldsOf } from '../api/parsed.ts'
import { compileFields, type RulesPart } from '../api/read-fields.ts'
import type { JsonObject, JsonValue } from '../api/read-json.ts'
import type { ApiContext } from '../api/route.ts'
import { refuseUnknownFields } from '../api/unknown-fields.ts'
import type { OperatorRecord } from '../domain/operator.ts'

/** The parts of a handler's argument that are the same for the console's routes of the whole server. */
export type ServerContext = Pick<ApiContext, 'actor' | 'deps' | 'requestId' | 'tenant'> & {
  /** The identity of the operator's request with an Idempotency-Key. Undefined: it has none, or it is a read. */
  readonly idempotent: IdempotentRequest | undefined
  /** Returns the URL below which operators find `/console`. */
  readonly consoleUrl: () => string
  /** The person who is signed in. */
  readonly operator: OperatorRecord
}

/** The parts of a handler's argument that are the same for the console's routes of one account. */
export type AccountContext = ApiContext & Pick<ServerContext, 'operator'>

/** The argument of a handler of one account, for functions that handlers share. */
export type AccountCall<Url extends string = string, Query = unknown, Body = unknown> = HttpCall<
  AccountContext,
  Url,
  Query,
  Body
>

type ConsoleFacts = {
  /** The maximum number of calls a minute of one account or operator. Undefined: the general limit of the API. */
  readonly ratePerMinute?: number
  /** True: the rate counts the calls of each operator apart. */
  readonly isRateOfOperator?: true
}

/** A route of the console for the whole server, below `/console/api/v1`. Its permission covers all accounts. */
export type ServerRoute = ConsoleFacts & HttpRoute<ServerContext>

/** A route of the console for the account that the query names, below `/console/api/v1`. */
export type AccountRoute = ConsoleFacts & HttpRoute<AccountContext>

/** Makes a route of the console for the whole server. */
export function serverRoute<Url extends string, Query = JsonObject, Body = JsonValue>(
  value: ConsoleFacts & HttpRouteWith<ServerContext, Url, Query, Body>,
): ConsoleFacts & HttpRouteWith<ServerContext, Url, Query, Body> {
  return value
}

/**
 * Makes a route of the console for one account. The account is one that the operator may see. Contacts in its answer
 * are masked, as in answers of the API's routes.
 */
export function accountRoute<Url extends string, Query = JsonObject, Body = JsonValue>(
  value: ConsoleFacts & HttpRouteWith<AccountContext, Url, Query, Body>,
): ConsoleFacts & HttpRouteWith<AccountContext, Url, Query, Body> {
  return value
}

/** Makes the reader of a body, which refuses unknown fields. The types of the fields follow from the schema. */
export function bodyFieldsOf<Properties extends TProperties>(
  schema: TObject<Properties>,
  ...rules: RulesPart<Properties, undefined>
): (input: JsonValue) => FieldsOf<Properties> {
  const readFields = compileFields(schema, ...rules)
  return (input) => {
    refuseUnknownFields(schema, input)
    return readFields(input, undefined)
  }
}

/** Makes the reader of a query. The types of the fields follow from the schema. */
export function queryFieldsOf<Properties extends TProperties>(
  schema: TObject<Properties>,
  ...rules: RulesPart<Properties, undefined>
): (input: JsonObject) => FieldsOf<Properties> {
  const readFields = compileFields(schema, ...rules)
  return (input) => readFields(input, undefined)
}
