/** Counts requests. */
export type RequestMetrics = {
  /** Counts one answered request. `route` is the pattern, never the path, which has ids in it. */
  readonly countRequest: (
    method: string,
    route: string,
    status: number,
    milliseconds: number,
  ) => void
  /** Counts one request that was refused because the server was behind. */
  readonly countRefused: (kind: string) => void
  /**
   * Starts to measure; the result gives the milliseconds since, by the machine's steady clock, which no sandbox moves.
   */
  readonly startTimer: () => () => number
}
