/** The maximum number of saved searches of an operator. */
export const SAVED_SEARCH_COUNT_MAX = 50
/** The longest name of a saved search, in characters. */
export const SAVED_SEARCH_NAME_LENGTH_MAX = 60
/** The longest filters of a saved search, in characters. */
export const SAVED_SEARCH_QUERY_LENGTH_MAX = 500

/** A search that an operator has saved. Nobody else sees it. */
export type SavedSearch = {
  /** `ss_` and 16 hexadecimal digits. */
  readonly id: string
  readonly operatorId: string
  /** Unique among the operator's searches of a view. */
  readonly name: string
  /** The list: the first part of its address, such as `payments`. */
  readonly viewName: string
  /** The filters of the list as in its address, such as `status=Status.Failed&amount=100`. */
  readonly query: string
  readonly createdAtMs: number
}
