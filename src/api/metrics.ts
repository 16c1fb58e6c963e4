import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

/** What the program counts about itself, in the Prometheus text format. */
export type Metrics = {
  /** Counts one answered request. `route` is the pattern, never the path, which has ids in it. */
  readonly countRequest: (
    method: string,
    route: string,
    status: number,
    milliseconds: number,
  ) => void
  /**
   * Starts to measure; the result gives the milliseconds since. By the machine's steady clock, which
   * no sandbox moves.
   */
  readonly startTimer: () => () => number
  readonly print: () => Promise<string>
  readonly contentType: string
}

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
    help: 'From the request being read to its answer being sent.',
    labelNames: ['route'],
    buckets: SECONDS_BUCKETS,
    registers: [registry],
  })
  // Looked up by one text, because looking up by labels costs as much as a whole hook.
  type Series = { readonly count: Counter.Internal; readonly duration: Histogram.Internal<'route'> }
  const series = new Map<string, Series>()
  let hasDefaults = false

  return {
    countRequest: (method, route, status, milliseconds) => {
      const key = `${method} ${status} ${route}`
      let found = series.get(key)
      if (found === undefined) {
        found = {
          count: requests.labels({ method, route, status: String(status) }),
          duration: durations.labels({ route }),
        }
        series.set(key, found)
      }
      found.count.inc()
      found.duration.observe(milliseconds / 1000)
    },
    startTimer: () => {
      const startedAtMs = performance.now()
      return () => performance.now() - startedAtMs
    },
    print: () => {
      // Watching the event loop and the garbage collector costs something, so it begins when asked for.
      if (!hasDefaults) {
        collectDefaultMetrics({ register: registry })
        hasDefaults = true
      }
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}
