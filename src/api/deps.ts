import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { FastifyRequest } from 'fastify'
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
  /** In live mode, all requests have the same tenant. */
  readonly tenantOf: (request: IncomingMessage) => Tenant
  /** Draws the common beginning of all request ids. */
  readonly random: Random
  readonly logger: Logger
  readonly metrics: RequestMetrics
  /** Names the trace of the current request. Undefined: there are no traces. */
  readonly nameRequest?: (request: {
    readonly id: string
    readonly method: string
    readonly route: string
  }) => void
  readonly accessLog: 'off' | 'errors' | 'all'
  readonly limitsRates: boolean
  /** True: the address of a request comes from the proxy in front. */
  readonly trustsProxy: boolean
  /** The path below which the public URL serves: `/pay`, or empty. */
  readonly basePath: string
  /** Returns the address under which customers reach the server of a request: `https://pay.example.com/pay`. */
  readonly publicUrlOf: (request: Pick<FastifyRequest, 'protocol' | 'raw'>) => string
  readonly access: AccessRules
  /** The time in which an attempt can succeed. */
  readonly attemptLifeMs: number
  /** The longest wait for the processor's answer to a direct charge. */
  readonly patienceMs: number
  readonly webhookTargets: WebhookTargets
  /** Makes the HTTP server below the framework. */
  readonly makeServer: (listener: RequestListener) => Server
  /** The queue of work that overload protection watches. Undefined: no call is refused because of overload. */
  readonly backlog: Backlog | undefined
  /** Returns true if an answer closes its connection: while the program stops, and in a test's sandbox. */
  readonly closesConnections: () => boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The beginning of every path in pages and answers: `/pay`, or empty. */
    basePath: string
  }
  interface FastifyRequest {
    /** Only requests to routes with a scope have it. */
    account: Account
    tenant: Tenant
    /** Returns the milliseconds since the request arrived. */
    stopTimer: () => number
  }
  interface FastifyContextConfig {
    /** Undefined: the route needs no token. */
    scope?: Scope
    /**
     * The maximum number of calls a minute of one account. Routes with the same maximum share one count. Undefined: the
     * general limit.
     */
    ratePerMinute?: number
  }
}
