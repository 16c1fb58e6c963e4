/** Tells the time. A sandbox's clock can be moved; nothing else in the program asks the machine. */
export type Clock = {
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}
