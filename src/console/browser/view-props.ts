/** The part of the address after the view's path: `/console/payments/17` has the id 17. */
export type ViewProps = {
  /** Undefined: the list. */
  readonly id: string | undefined
  /** The parts after the id. */
  readonly rest: readonly string[]
}
