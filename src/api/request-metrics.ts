/** Counts requests and measures their time. */
export type RequestMetrics = {
  /** `route` is the pattern; the path would contain ids. */
  readonly countRequest: (
    method: string,
    route: string,
    status: number,
    milliseconds: number,
  ) => void
  /** Counts one request that was refused because the server was overloaded. */
  readonly countRefusal: (kind: string) => void
  /**
   * Starts to measure. The returned function returns the milliseconds since then, by the machine's monotonic clock.
   */
  readonly startTimer: () => () => number
}
