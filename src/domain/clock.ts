/**
 * The source of the time. A sandbox's clock can be moved. No other code reads the machine's clock.
 */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}
