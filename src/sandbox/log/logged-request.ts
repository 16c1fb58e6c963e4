/** The kinds of logged calls: a request to Paydesk, a webhook, a call to the processor. */
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
  /** The duration, by the machine's monotonic clock. */
  readonly durationMs: number
  /** The number of repetitions with the same answer, which have no rows. Undefined: none. */
  readonly repeatCount?: number
  /** The start of the last repetition. */
  readonly lastAtMs?: number
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
  /** The reason for a missing answer, or the effect of a fault on the answer, in a sentence. */
  readonly failure?: string | undefined
  /** Mistakes of the request that the answer does not mention, each in a line. */
  readonly warnings?: readonly string[]
  readonly paymentSessionId?: string
  readonly paymentId?: string
  readonly eventId?: string
  readonly faultId?: string
}
