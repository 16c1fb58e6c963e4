import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Histogram,
  Registry,
} from 'prom-client'
import type { RequestMetrics } from '../api/request-metrics.ts'
import type { MessageOutcome } from '../domain/message.ts'
import type { BatchKind, CountBatch } from '../store/engine/engine.ts'
import type { ReadPlace } from '../store/engine/replica.ts'
import { createMoneyMetrics, type MoneyMetrics } from './money-metrics.ts'

/** The metrics of one process, in the Prometheus text format. */
export type Metrics = RequestMetrics &
  MoneyMetrics & {
    /** Counts one attempt to deliver a webhook; `lagSeconds` is the time since its event, if it was accepted. */
    readonly countDelivery: (outcome: DeliveryOutcome, lagSeconds?: number) => void
    /** Counts one attempt to send a message; `waitedMs` is the time since it was queued. */
    readonly countMessage: (outcome: MessageOutcome['kind'], waitedMs: number) => void
    readonly countBatch: CountBatch
    /** Counts a list by the server that it was read from. */
    readonly countListRead: (place: ReadPlace) => void
    readonly print: () => Promise<string>
    /** Returns the names, the help and the labels of all metrics, without those of Node. */
    readonly describe: () => readonly MetricFacts[]
    /** Returns the metrics as data for `printSum`. */
    readonly snapshot: () => Promise<MetricsSnapshot>
  }

/** A metric, as the reference page shows it. */
export type MetricFacts = {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly labels: readonly string[]
}

/** The metrics of one process at one moment. It can be sent to another process. */
export type MetricsSnapshot = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** The content type of `print` and `printSum`. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/**
 * Prints the metrics of several processes as one. Counters are added. Values that every process reads from the database
 * are not added.
 */
export function printSum(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics()
}

/** The outcome of an attempt to deliver: a 2xx, another answer, or none. */
type DeliveryOutcome = 'accepted' | 'refused' | 'unanswered'

/** Up to two days, the length of a delivery's schedule. */
const LAG_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 3_600, 7_200, 21_600, 86_400, 172_800]
/** Up to the largest batch: 512 transactions in a commit. */
const BATCH_BUCKETS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Makes the metrics of this process. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const requests = new Counter({
    name: 'paydesk_http_requests_total',
    help: 'Answered requests by method, route and status.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'paydesk_http_request_duration_seconds',
    help: 'Time from the end of the headers of a request to its answer.',
    labelNames: ['route'],
    buckets: SECONDS_BUCKETS,
    registers: [registry],
  })
  const refusals = new Counter({
    name: 'paydesk_overload_refused_total',
    help: 'Requests refused because of overload, by kind.',
    labelNames: ['kind'],
    registers: [registry],
  })
  const deliveries = new Counter({
    name: 'paydesk_webhook_delivery_attempts_total',
    help: 'Delivery attempts of webhooks, by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const lags = new Histogram({
    name: 'paydesk_webhook_delivery_lag_seconds',
    help: 'Time from an event to the attempt that an endpoint accepted.',
    buckets: LAG_BUCKETS,
    registers: [registry],
  })
  const countMessage = createMessageCounter(registry)
  const batches = createBatchHistograms(registry)
  const money = createMoneyMetrics(registry)
  // Series are found by one text, because a search by labels costs as much as a whole hook.
  type Series = { readonly count: Counter.Internal; readonly duration: Histogram.Internal<'route'> }
  const series = new Map<string, Series>()
  let hasDefaults = false
  /** The measurement starts with the first scrape, because it costs time. */
  function collectDefaults(): void {
    if (!hasDefaults) collectDefaultMetrics({ register: registry })
    hasDefaults = true
  }

  return {
    countRequest: (method, route, status, milliseconds) => {
      const key = `${method} ${status} ${route}`
      let entry = series.get(key)
      if (entry === undefined) {
        entry = {
          count: requests.labels({ method, route, status: String(status) }),
          duration: durations.labels({ route }),
        }
        series.set(key, entry)
      }
      entry.count.inc()
      entry.duration.observe(milliseconds / 1000)
    },
    countRefusal: (kind) => refusals.inc({ kind }),
    countDelivery: (outcome, lagSeconds) => {
      deliveries.inc({ outcome })
      if (lagSeconds !== undefined) lags.observe(lagSeconds)
    },
    countMessage,
    countListRead: createListReadCounter(registry),
    countBatch: (kind, itemCount) => batches[kind].observe(itemCount),
    ...money,
    startTimer: () => {
      const startedAtMs = performance.now()
      return () => performance.now() - startedAtMs
    },
    print: () => {
      collectDefaults()
      return registry.metrics()
    },
    describe: () => describeMetrics(registry),
    snapshot: () => {
      collectDefaults()
      return registry.getMetricsAsJSON()
    },
  }
}

function createListReadCounter(registry: Registry): (place: ReadPlace) => void {
  const reads = new Counter({
    name: 'paydesk_database_list_reads_total',
    help: 'Reads of lists and reports if --database-read-url is set, by the server that answered: replica, primary_replica_behind, primary_replica_down, or primary_read_failed (this read failed on a working replica, so the primary answered).',
    labelNames: ['place'],
    registers: [registry],
  })
  return (place) => reads.inc({ place })
}

function createMessageCounter(registry: Registry): Metrics['countMessage'] {
  const messages = new Counter({
    name: 'paydesk_message_attempts_total',
    help: 'Delivery attempts of messages to customers, by outcome: sent, not_sent (tried again, up to nine tries), refused or unknown.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  // Prometheus sees the first failure as an increase only if the counter exists before it.
  for (const outcome of ['sent', 'not_sent', 'refused', 'unknown']) messages.inc({ outcome }, 0)
  const messageLags = new Histogram({
    name: 'paydesk_message_lag_seconds',
    help: 'Time from the queuing of a message to the attempt that sent it.',
    buckets: LAG_BUCKETS,
    registers: [registry],
  })
  return (outcome, waitedMs) => {
    messages.inc({ outcome })
    if (outcome === 'sent') messageLags.observe(waitedMs / 1000)
  }
}

/** The types of prom-client do not show the names of labels. */
function describeMetrics(registry: Registry): readonly MetricFacts[] {
  return registry.getMetricsAsArray().map((metric) => {
    const { labelNames = [] } = metric as { readonly labelNames?: readonly string[] }
    return {
      name: metric.name,
      help: metric.help,
      // Its type is a number in the types of prom-client, and a word at run time.
      type: String(metric.type),
      labels: labelNames.filter((label) => label !== 'le'),
    }
  })
}

function createBatchHistograms(registry: Registry): Readonly<Record<BatchKind, BatchHistogram>> {
  const sizes = new Histogram({
    name: 'paydesk_database_batch_size',
    help: 'Items that shared one commit or one round trip to the database, by kind.',
    labelNames: ['kind'],
    buckets: BATCH_BUCKETS,
    registers: [registry],
  })
  return {
    create: sizes.labels({ kind: 'create' }),
    create_with_key: sizes.labels({ kind: 'create_with_key' }),
    retrieve: sizes.labels({ kind: 'retrieve' }),
    attempt_outlines: sizes.labels({ kind: 'attempt_outlines' }),
    delivery_attempt: sizes.labels({ kind: 'delivery_attempt' }),
    session_change: sizes.labels({ kind: 'session_change' }),
    transaction: sizes.labels({ kind: 'transaction' }),
  }
}

type BatchHistogram = Histogram.Internal<'kind'>
