/**
 * The source of the time. A sandbox's clock can be moved, so the domain and the operations never read the machine's
 * clock.
 */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}
