import type { Clock } from '../domain/clock.ts'
import type { Ids } from '../domain/ids.ts'
import type { Random } from '../domain/random.ts'
import type { Mode } from '../domain/scope.ts'
import type { Keys } from '../domain/secret.ts'
import type { Processor } from '../processors/processor.ts'
import type { SandboxProcessor } from '../processors/sandbox.ts'
import type { PostWebhook } from '../webhooks/post-webhook.ts'
import type { Store } from './store.ts'

/**
 * One merchant environment: all that a request or the background work acts with. Live mode has one, a sandbox has one
 * for each test.
 *
 * A sandbox replaces `store` and `ids` when it restores a snapshot. Code that outlives a request keeps the tenant and
 * reads them from it at each use.
 */
export type Tenant = {
  /** `main`, or the name of a sandbox's other tenant. */
  readonly name: string
  readonly mode: Mode
  readonly keys: Keys
  readonly clock: Clock
  /** The clock of webhook signatures: `clock`, or the machine's in a sandbox with `--webhook-time real`. */
  readonly signingClock: Clock
  readonly ids: Ids
  readonly random: Random
  readonly store: Store
  /** Guarded: it answers in time with a valid outcome, even if the module behind it fails. */
  readonly processor: Processor
  /** The same processor, if it is the sandbox's own. Undefined in live mode and for a module. */
  readonly sandboxProcessor: SandboxProcessor | undefined
  /** Sends one webhook. The background work has its own, to which a sandbox adds faults. */
  readonly postWebhook: PostWebhook
  /** Records calls for the console. Live mode records none. */
  readonly log: RequestLog | undefined
}

/** The kinds of logged calls: a request to Paydesk, a webhook, a call of the processor. */
export const LOG_KINDS = ['api', 'webhook', 'processor'] as const
/** A kind of logged calls. */
export type LogKind = (typeof LOG_KINDS)[number]

/** One call with its answer, without secrets. */
export type LoggedRequest = {
  /** A number from 1 in the order of the calls. */
  readonly id: number
  readonly kind: LogKind
  /** The start, by the tenant's clock. */
  readonly atMs: number
  /** By the machine's steady clock. */
  readonly durationMs: number
  /** The HTTP method, or the processor's function. */
  readonly method: string
  /** The path with its query, the URL of a webhook, or the processor's name. */
  readonly path: string
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly requestBody: string
  /** Undefined: there is no answer, or none yet. */
  readonly response?: {
    /** The HTTP status, or the processor's outcome. */
    readonly status: number | string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }
  /** Why there was no answer, or what a fault did to it, in a sentence. */
  readonly failure?: string | undefined
  readonly paymentSessionId?: string
  readonly paymentId?: string
  readonly eventId?: string
  readonly faultId?: string
}

/** Records the calls of one tenant. */
export type RequestLog = {
  /** Adds a call. The result adds fields to it later: a call is listed before its answer comes. */
  readonly add: (
    entry: Omit<LoggedRequest, 'id'>,
  ) => (more: Partial<Omit<LoggedRequest, 'id'>>) => void
}
