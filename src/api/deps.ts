import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { Logger } from 'pino'
import type { Account } from '../domain/account.ts'
import type { Random } from '../domain/random.ts'
import type { Mode, Scope } from '../domain/scope.ts'
import type { Tenant } from '../operations/tenant.ts'
import type { WebhookTargets } from '../webhooks/address-guard.ts'
import type { Backlog } from './overload.ts'
import type { AccessRules } from './request-guard.ts'
import type { RequestMetrics } from './request-metrics.ts'

/** The dependencies of the API's routes and hooks. */
export type ApiDeps = {
  readonly mode: Mode
  /** Gives the tenant that a request is for. Live mode has one. */
  readonly tenantOf: (request: IncomingMessage) => Tenant
  /** Draws the beginning of all request ids. */
  readonly random: Random
  readonly logger: Logger
  readonly metrics: RequestMetrics
  /** Which requests get a log line: none, those that fail, or all. */
  readonly accessLog: 'off' | 'errors' | 'all'
  /** Whether calls are counted against the limits of the reference. */
  readonly limitsRates: boolean
  /** Whether the address of a request is what a proxy in front says it is. */
  readonly trustsProxy: boolean
  /** The path below which the public URL serves: `/pay`, or empty. */
  readonly basePath: string
  /** Which pages may call, and under which host names a sandbox answers. */
  readonly access: AccessRules
  /** Where webhooks may be sent to. */
  readonly webhookTargets: WebhookTargets
  /** Makes the HTTP server underneath. */
  readonly makeServer: (listener: RequestListener) => Server
  /** Undefined: every call is answered, however far behind the server is. */
  readonly backlog: Backlog | undefined
  /** Turns true when the program begins to stop. */
  readonly isDraining: () => boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The path in front of every address that a page or an answer shows: `/pay`, or empty. */
    basePath: string
  }
  interface FastifyRequest {
    /** The account that the request acts for; set on every route with a scope. */
    account: Account
    /** All that the request acts with. */
    tenant: Tenant
    /** Gives how long the request has been handled so far, in milliseconds. */
    stopTimer: () => number
  }
  interface FastifyContextConfig {
    /** The scope that a token needs for this route. Undefined: the route needs no token. */
    scope?: Scope
    /** The most calls a minute of one account to routes with the same number. Undefined: the general limit. */
    ratePerMinute?: number
  }
}
