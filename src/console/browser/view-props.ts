import type { ComponentChildren } from 'preact'

/** The part of the address after the view's path: `/console/payments/17` has the id 17. */
export type ViewProps = {
  /** Undefined: the list. */
  readonly id: string | undefined
  /** The parts after the id. */
  readonly rest: readonly string[]
}

/** The parts of a view of a list that a console can add. */
export type ListViewProps = {
  /** The buttons in the head, for the filters of the list by their names in the query. */
  readonly toolsOf?: (filters: Readonly<Record<string, string>>) => ComponentChildren
}
