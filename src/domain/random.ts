/** The source of random values. */
export type Random = {
  /** Returns random bytes that are good enough for keys. The caller owns the array. */
  readonly bytes: (count: number) => Uint8Array
  /** Returns a whole number from 0 to below the bound. */
  readonly below: (bound: number) => number
}
