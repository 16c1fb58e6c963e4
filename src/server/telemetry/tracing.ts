import type { RequestListener } from 'node:http'
import type { InSpan } from '../../operations/spans.ts'

/** Traces of a server, which it sends to a collector. */
export type Tracing = {
  readonly inSpan: InSpan
  /** Makes a listener whose requests are traces, or parts of the trace that the request's `traceparent` names. */
  readonly aroundRequests: (listener: RequestListener) => RequestListener
  /** Gives the span of the current request the pattern of its route and its id. */
  readonly nameRequest: (request: {
    readonly id: string
    readonly method: string
    readonly route: string
  }) => void
  /** Returns the header `traceparent` for a call that belongs to the current span. Empty without a span. */
  readonly traceHeaders: () => Readonly<Record<string, string>>
  /** Sends the remaining spans. */
  readonly close: () => Promise<void>
}

/** The settings of traces. */
export type TelemetrySettings = {
  /** The collector's address without a slash at its end: `http://127.0.0.1:4318`. */
  readonly url: string
  /** The share of traces that are sent, in percent. */
  readonly percent: number
}
