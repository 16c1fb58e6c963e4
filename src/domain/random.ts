/** Gives what cannot be foreseen. */
export type Random = {
  /** As many random bytes, good enough for keys. The array is the caller's. */
  readonly bytes: (count: number) => Uint8Array
  /** A whole number from 0, below the bound. */
  readonly below: (bound: number) => number
}
