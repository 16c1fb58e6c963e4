/** The source of random values. */
export type Random = {
  /** Gives random bytes that are good enough for keys. The caller owns the array. */
  readonly bytes: (count: number) => Uint8Array
  /** Gives a whole number from 0, below the bound. */
  readonly below: (bound: number) => number
}
