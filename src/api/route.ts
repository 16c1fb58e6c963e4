import { createHmac } from 'node:crypto'
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { Account } from '../domain/account.ts'
import type { AuditActor } from '../domain/audit-log.ts'
import type { Tenant } from '../operations/tenant.ts'
import { actorOf } from './authenticate.ts'
import type { ApiDeps } from './deps.ts'
import { type ApiRouteFacts, describeRoute, hasIdempotencyKey } from './describe-route.ts'
import {
  type HttpCall,
  type HttpRequest,
  type HttpRoute,
  type HttpRouteWith,
  registerHttpRoutes,
} from './http-route.ts'
import type { IdempotentRequest } from './idempotency.ts'
import { idempotentRequest } from './idempotency-key.ts'
import { openPage } from './list-cursor.ts'
import type { JsonObject, JsonValue } from './read-json.ts'
import type { OpenedPage, RequestedPage } from './read-page.ts'

/** The parts of a handler's argument that are the same for all routes. */
export type ApiContext = {
  readonly deps: Pick<
    ApiDeps,
    'attemptLifeMs' | 'backlog' | 'logger' | 'patienceMs' | 'webhookTargets'
  >
  readonly tenant: Tenant
  readonly account: Account
  /** Returns the program or the operator that made the request, for the audit log. */
  readonly actor: () => AuditActor
  readonly requestId: string
  /** Returns the address under which customers reach this server, without a slash at its end. */
  readonly publicUrl: () => string
  /**
   * Tells the developer about a mistake that the answer does not mention, in one line of ASCII without secrets. A sandbox
   * shows it in its request log.
   */
  readonly warn: (warning: string) => void
  /** Opens the cursor of a page of the request's list. Throws ApiError. */
  readonly openPage: (page: RequestedPage) => OpenedPage
  /** The largest refund that an operator of the console may make. Undefined: no limit. */
  readonly refundMaxMinor?: bigint | undefined
  /** Undefined: the request has no Idempotency-Key, or its route takes none. */
  readonly idempotent: IdempotentRequest | undefined
}

/** The argument of a handler, for helpers: `Call<'/refunds/{refund_id}'>`. */
export type Call<Url extends string = string, Query = unknown, Body = unknown> = HttpCall<
  ApiContext,
  Url,
  Query,
  Body
>

/** A route of the API. Below `/api/v1`, with an access token for one account. */
export type Route = ApiRouteFacts & HttpRoute<ApiContext>

/** Makes a route of the API. The handler's argument gets its types from the URL and the readers. */
export function route<Url extends string, Query = JsonObject, Body = JsonValue>(
  value: ApiRouteFacts & HttpRouteWith<ApiContext, Url, Query, Body>,
): ApiRouteFacts & HttpRouteWith<ApiContext, Url, Query, Body> {
  return value
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The warnings of the route's handler. Undefined: none. */
    handlerWarnings: readonly string[] | undefined
  }
}

/** Registers routes of the API. */
export function registerRoutes(
  app: FastifyInstance,
  routes: readonly Route[],
  deps: ApiDeps,
): void {
  const contextOf = apiContextOf(deps)
  registerHttpRoutes<ApiContext, Route>(app, routes, {
    contextOf,
    describe: describeRoute,
    fastifyConfigOf,
  })
}

/** Returns the facts of a route that hooks read. */
export function fastifyConfigOf({ ratePerMinute, scope }: Route): FastifyContextConfig {
  return { scope, ...(ratePerMinute !== undefined && { ratePerMinute }) }
}

type RouteForContext = Pick<
  ApiRouteFacts,
  'hasSecretBody' | 'method' | 'takesIdempotencyKey' | 'url'
>

/** Makes the function that makes the context of a request to a route. */
export function apiContextOf(
  deps: ApiDeps,
): (request: HttpRequest, route: RouteForContext, bodyText: string) => ApiContext {
  return (request, route, bodyText) => ({
    deps,
    tenant: request.tenant,
    account: request.account,
    actor: () => actorOf(request.headers.authorization, request.account.id),
    requestId: request.id,
    publicUrl: () => deps.publicUrlOf(request),
    warn: (warning) => {
      request.handlerWarnings = [...(request.handlerWarnings ?? []), warning]
    },
    openPage: (page) => {
      const { account, params, query, tenant } = request
      return openPage(page, { account, url: route.url, params, query }, tenant)
    },
    idempotent: hasIdempotencyKey(route)
      ? route.hasSecretBody
        ? secretRequest(request, bodyText)
        : idempotentRequest(request, request.account.id, bodyText)
      : undefined,
  })
}

/** Identifies a request whose body is secret, by hashes of the body with each secret key of the server. */
function secretRequest(request: HttpRequest, bodyText: string): IdempotentRequest | undefined {
  const { derivedKeys, sealing } = request.tenant.keys
  const keyedHash = (key: Uint8Array) =>
    createHmac('sha256', key).update(bodyText).digest('base64url')
  const others = derivedKeys.filter((keys) => keys.sealing !== sealing)
  return idempotentRequest(
    request,
    request.account.id,
    keyedHash(sealing),
    others.map((keys) => keyedHash(keys.sealing)),
  )
}
