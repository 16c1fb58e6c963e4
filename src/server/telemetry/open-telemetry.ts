/** Traces by OpenTelemetry. Only a server with `--telemetry-url` loads this module. */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  SpanKind as OtelKind,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { SpanKind } from '../../operations/spans.ts'
import { readProgramText } from '../../program/program-files.ts'
import type { TelemetrySettings, Tracing } from './tracing.ts'

/**
 * The longest time of one export, in milliseconds. A collector that is down delays no request, and a stop only for
 * this time.
 */
const EXPORT_MS_MAX = 5_000
const PERCENT = 100
const { version: VERSION } = JSON.parse(readProgramText('package.json')) as {
  readonly version: string
}

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  operation: OtelKind.INTERNAL,
  store: OtelKind.INTERNAL,
  processor: OtelKind.CLIENT,
  webhook: OtelKind.CLIENT,
}

/**
 * Makes the traces of a server. The names and attributes are words of the program, ids of requests, patterns of routes
 * and statuses: neither bodies nor URLs nor texts of errors, which can have personal data.
 */
export function createTracing({ percent, url }: TelemetrySettings): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${url}/v1/traces`,
    timeoutMillis: EXPORT_MS_MAX,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'paydesk', 'service.version': VERSION }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(percent / PERCENT) }),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_MS_MAX })],
  })
  const tracer = provider.getTracer('paydesk', VERSION)
  const propagator = new W3CTraceContextPropagator()
  // A separate context instead of the API's global one: tests run several servers in a process.
  const current = new AsyncLocalStorage<Context>()

  return {
    inSpan: ({ kind, name }, work) => {
      const parent = current.getStore()
      // The background work polls, so a read without a parent span starts no trace.
      if (parent === undefined && kind === 'store') return work()
      const span = tracer.startSpan(name, { kind: KINDS[kind] }, parent ?? ROOT_CONTEXT)
      const result = runIn(span, () =>
        current.run(trace.setSpan(parent ?? ROOT_CONTEXT, span), work),
      )
      if (!(result instanceof Promise)) {
        endWith(span, kind, result)
        return result
      }
      void result.then(
        (value) => endWith(span, kind, value),
        (error: unknown) => failWith(span, error),
      )
      return result
    },
    aroundRequests: (listener) => (request, response) => {
      const parent = propagator.extract(ROOT_CONTEXT, request.headers, defaultTextMapGetter)
      const span = tracer.startSpan(request.method ?? '', { kind: OtelKind.SERVER }, parent)
      span.setAttribute('http.request.method', request.method ?? '')
      response.once('close', () => {
        const { statusCode } = response
        span.setAttribute('http.response.status_code', statusCode)
        if (statusCode >= 500 || !response.writableFinished) {
          span.setStatus({ code: SpanStatusCode.ERROR })
        }
        span.end()
      })
      current.run(trace.setSpan(parent, span), () => listener(request, response))
    },
    nameRequest: ({ id, method, route }) => {
      const context = current.getStore()
      const span = context && trace.getSpan(context)
      span?.updateName(`${method} ${route}`)
      span?.setAttributes({ 'http.route': route, 'paydesk.request_id': id })
    },
    traceHeaders: () => {
      const headers: Record<string, string> = {}
      const context = current.getStore()
      if (context !== undefined) propagator.inject(context, headers, defaultTextMapSetter)
      return headers
    },
    close: async () => {
      // A collector that does not answer must not turn a stop into a failure.
      await provider.shutdown().catch(() => {})
    },
  }
}

function runIn<Result>(span: Span, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    failWith(span, error)
    throw error
  }
}

/** The outcome of a processor and the status of a webhook's receiver are words and numbers of closed lists. */
function endWith(span: Span, kind: SpanKind, value: unknown): void {
  if ((kind === 'processor' || kind === 'webhook') && typeof value === 'object' && value !== null) {
    const { kind: outcome, status } = value as {
      readonly kind?: unknown
      readonly status?: unknown
    }
    if (typeof outcome === 'string') span.setAttribute('paydesk.outcome', outcome)
    if (typeof status === 'number') span.setAttribute('http.response.status_code', status)
  }
  span.end()
}

/** The text of the error is left out: it can have data of a request. */
function failWith(span: Span, error: unknown): void {
  span.setAttribute('error.type', error instanceof Error ? error.constructor.name : typeof error)
  span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}
