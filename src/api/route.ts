import { createHmac } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Account } from '../domain/account.ts'
import { formatScope, type Scope } from '../domain/scope.ts'
import type { Tenant } from '../operations/tenant.ts'
import { IdempotencyHeaders, idempotentRequest } from './answer.ts'
import type { ApiDeps } from './deps.ts'
import { AccountQuery, failures } from './describe-route.ts'
import {
  type HttpCall,
  type HttpRoute,
  type HttpRouteWith,
  pathSchema,
  registerHttpRoutes,
} from './http-route.ts'
import type { IdempotentRequest } from './idempotency.ts'
import type { JsonObject, JsonValue } from './read-json.ts'

/** The facts of the API's routes, beside those of every route. */
type ApiFacts = {
  /** The scope that the access token needs. */
  readonly scope: Scope
  /** True: the real API has no such route. */
  readonly isPaydeskOnly?: boolean
  /** The most calls a minute of one account. Undefined: the general limit. */
  readonly ratePerMinute?: number
  /** True: its idempotency key stores a keyed hash of the body, because a plain one could be guessed. */
  readonly hasSecretBody?: boolean
}

/** The parts of a handler's argument that do not depend on its route. */
export type ApiContext = {
  readonly deps: Pick<ApiDeps, 'backlog' | 'logger' | 'webhookTargets'>
  readonly tenant: Tenant
  /** The account that the token may act for. */
  readonly account: Account
  readonly requestId: string
  /** Undefined: the request has no Idempotency-Key, or its route takes none. */
  readonly idempotent: IdempotentRequest | undefined
}

/** The argument of a handler, as far as a helper needs it: `Call<'/refunds/{refund_id}'>`. */
export type Call<Url extends string = string, Query = unknown, Body = unknown> = HttpCall<
  ApiContext,
  Url,
  Query,
  Body
>

/** A route of the API. Below `/api/v1`, with an access token for one account. */
export type Route = ApiFacts & HttpRoute<ApiContext>

/** Makes a route of the API. The handler's argument gets its types from the URL and the readers. */
export function route<Url extends string, Query = JsonObject, Body = JsonValue>(
  value: ApiFacts & HttpRouteWith<ApiContext, Url, Query, Body>,
): ApiFacts & HttpRouteWith<ApiContext, Url, Query, Body> {
  return value
}

/** Registers routes of the API. */
export function registerRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  deps: ApiDeps,
): void {
  registerHttpRoutes<ApiContext, Route>(app, routes, {
    contextOf: (request, { hasSecretBody, method }, bodyText) => ({
      deps,
      tenant: request.tenant,
      account: request.account,
      requestId: request.id,
      idempotent:
        method === 'POST'
          ? idempotentRequest(
              request,
              hasSecretBody ? keyedHash(request.tenant, bodyText) : bodyText,
            )
          : undefined,
    }),
    describe,
    configOf: ({ ratePerMinute, scope }) => ({
      scope,
      ...(ratePerMinute !== undefined && { ratePerMinute }),
    }),
  })
}

function keyedHash({ keys }: Pick<Tenant, 'keys'>, text: string): string {
  return createHmac('sha256', keys.sealing).update(text).digest('base64url')
}

/** Describes a route for OpenAPI. */
function describe(one: Route) {
  const scope = formatScope(one.scope)
  const params = pathSchema(one)
  return {
    tags: [one.tag],
    summary: one.isPaydeskOnly ? `${one.summary} (Paydesk only)` : one.summary,
    description: `${one.description}\n\nOAuth scope: \`${scope}\``,
    security: [{ accessToken: [] }, { oauth: [scope] }],
    operationId: one.operationId,
    ...(params !== undefined && { params }),
    querystring: Type.Object({ ...AccountQuery.properties, ...one.query?.properties }),
    ...(one.method === 'POST' && { headers: IdempotencyHeaders }),
    ...(one.body !== undefined && { body: one.body }),
    response: { ...one.answers, ...failures(...failureStatuses(one)) },
  }
}

/** The statuses of failures: those that every such route has, and those that it lists. */
function failureStatuses({ body, failures: listed = [], method, url }: Route): readonly number[] {
  return [
    400,
    401,
    429,
    ...(url.includes('{') ? [404] : []),
    ...(method === 'POST' ? [409] : []),
    ...(body === undefined ? [] : [413, 415]),
    ...listed,
  ]
}
