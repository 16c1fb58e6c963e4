/** Pages of lists. Each list is the union of a few index ranges that have the list's order. */
import { BUCKET_COUNT, COUNTER_COUNT } from '../domain/id.ts'
import {
  EXAMINED_ROW_COUNT_MAX,
  LIST_TOTAL_MAX,
  type ListContinuation,
  type ListExtent,
  type ListPage,
  type ListTimes,
  type Page,
} from '../operations/store.ts'
import type { Row, Sql, SqlValue } from './engine/engine.ts'

/**
 * Writes a column of whole numbers in a form for which the database uses no index, because an index of another column
 * finds the rows.
 */
export const withoutSearch = (column: string): string => `${column} - 0`

/** A table with a list. Its rows have the alias `t`. */
export type ListedTable = {
  readonly name: string
  /** The columns to select, such as `t.bucket, t.id`. */
  readonly columns: string
  /** The column that orders the rows of one millisecond. Their keys contain it. */
  readonly id: 'id' | 'event_id'
  /** The condition for the row of a key `k.id`, by the primary key. */
  readonly keyOf: string
  /** True if rows of one millisecond are listed against the direction of the list. */
  readonly isIdReversed?: true
  /** The column that orders the list. Undefined: the time. */
  readonly order?: 'created_at_ms' | 'amount_minor'
}

type KeyColumn = ListedTable['id'] | 'payment_session_id'

/** Writes the condition for the rows with a key's id in this column. The bucket follows from the id. */
export const keyWithBucket = (id: KeyColumn): string =>
  `t.bucket = k.id / ${COUNTER_COUNT} % ${BUCKET_COUNT} and t.${id} = k.id`

/** Ranges of one list, with their parameters. */
export type Ranges = {
  readonly params: SqlValue[]
  /** Adds a parameter and returns its mark, such as `$3`. */
  readonly mark: (value: SqlValue) => string
  /** Adds a condition to all ranges. Each `?` in it is replaced by the next value. */
  readonly add: (condition: string, ...values: readonly SqlValue[]) => void
  /** Splits each range into one for each value of a column. */
  readonly split: (column: string, values: readonly SqlValue[]) => void
  /** Begins a further range. Later conditions also apply to it. `from` undefined: its rows come from the table. */
  readonly begin: (conditions: readonly string[], from?: string) => void
  /**
   * Begins a range of the newest rows of other ranges, for conditions that no index covers. It reads a limited number
   * of rows. `texts`: the other ranges; they use the same list of parameters.
   */
  readonly beginNewest: (newest: NewestRows, conditions: readonly string[]) => void
  /** Returns the other ranges of which only the newest rows are examined. */
  readonly newest: () => readonly (readonly string[])[]
  /** Returns each range as `from … where …`. */
  readonly texts: () => readonly string[]
}

/** Ranges of another table. `keyOf` finds the rows of the list by their key `k`. */
type NewestRows = Pick<ListedTable, 'keyOf'> & {
  readonly id: KeyColumn
  readonly texts: readonly string[]
  /** The ranges that are counted to find out if older rows exist. Undefined: `texts`. */
  readonly counted?: readonly string[]
}

type Range = { readonly from: string; readonly conditions: readonly string[] }

/**
 * Begins the ranges of a list on a table: one range without conditions, or none if `isEmpty`. `params` are the
 * parameters of other ranges.
 */
export function createRanges(
  table: Pick<ListedTable, 'name'>,
  {
    isEmpty = false,
    params = [],
  }: { readonly isEmpty?: boolean; readonly params?: SqlValue[] } = {},
): Ranges {
  const from = `from ${table.name} t`
  const newest: (readonly string[])[] = []
  let ranges: readonly Range[] = isEmpty ? [] : [{ from, conditions: [] }]
  const mark = (value: SqlValue) => `$${params.push(value)}`
  const narrow = (conditions: readonly string[]) => {
    ranges = ranges.flatMap((range) =>
      conditions.map((condition) => ({
        from: range.from,
        conditions: [...range.conditions, condition],
      })),
    )
  }
  const begin: Ranges['begin'] = (conditions, source = from) => {
    ranges = [...ranges, { from: source, conditions }]
  }
  return {
    params,
    mark,
    add: (condition, ...values) => {
      const marks = values.map(mark)
      narrow([condition.replaceAll('?', () => marks.shift() ?? '?')])
    },
    split: (column, values) => narrow(values.map((value) => `${column} = ${mark(value)}`)),
    begin,
    beginNewest: ({ counted, id, keyOf, texts }, conditions) => {
      newest.push(counted ?? texts)
      const keys = `${keysOf({ id }, texts)} limit ${EXAMINED_ROW_COUNT_MAX}`
      begin([keyOf, ...conditions], `from (${keys}) k cross join ${table.name} t`)
    },
    newest: () => newest,
    texts: () =>
      ranges.map(({ from: source, conditions }) => `${source} where ${conditions.join(' and ')}`),
  }
}

/**
 * The time by which a payment can seem to begin before or after the life of its session, because the clocks of servers
 * differ.
 */
export const CLOCK_MARGIN_MS = 60 * 60_000

/** Adds the conditions of a list's times. */
export function addTimes({ add }: Pick<Ranges, 'add'>, times: ListTimes): void {
  if (times.createdFromMs !== undefined) add('t.created_at_ms >= ?', times.createdFromMs)
  if (times.createdToMs !== undefined) add('t.created_at_ms < ?', times.createdToMs)
}

type OrderedTable = Pick<ListedTable, 'isIdReversed' | 'order'> & { readonly id: KeyColumn }

/** Writes the query of the keys of a list, in its order. */
export function keysOf(
  { id, isIdReversed, order: column = 'created_at_ms' }: OrderedTable,
  texts: readonly string[],
  isAscending = false,
): string {
  const [forward, backward] = isAscending ? ['asc', 'desc'] : ['desc', 'asc']
  const order = `order by at_ms ${forward}, id ${isIdReversed === true ? backward : forward}`
  const selects = texts.map((text) => `select t.${column} as at_ms, t.${id} as id ${text}`)
  if (selects.length === 1) return `${selects[0]} ${order}`
  // If each range has an order, PostgreSQL merges the ranges; otherwise it sorts all of their rows. SQLite always
  // merges.
  const orderedSelects = selects.map(
    (select, index) => `select at_ms, id from (${select} ${order}) r${index}`,
  )
  return `${orderedSelects.join(' union all ')} ${order}`
}

type RowPage = ListExtent & { readonly rows: readonly Row[] }

/** Makes the items of a page from its rows. */
export function listPageFrom<Item>(
  { rows, ...extent }: RowPage,
  itemFrom: (row: Row) => Item,
): ListPage<Item> {
  return { items: rows.map(itemFrom), ...extent }
}

const NO_ROWS: RowPage = { rows: [], total: 0, hasMore: false, isTotalCut: false }

type DirectedPage = Page & { readonly isAscending?: boolean | undefined }

/**
 * Reads one page of a list: first its keys, from the index alone, then the rows of these keys. Counts the rows only
 * if their number does not follow from the page, and only up to the page's `totalMax`.
 */
export async function readListPage(
  sql: Sql,
  table: ListedTable,
  ranges: Ranges,
  directedPage: DirectedPage,
): Promise<RowPage> {
  const { isAscending = false, page, perPage, start, totalMax = LIST_TOTAL_MAX } = directedPage
  const continuation = start === 'first' ? undefined : start
  if (continuation !== undefined) beginAfter(ranges, table, { isAscending, ...continuation })
  const texts = textsOf(ranges, directedPage)
  if (texts.length === 0) return NO_ROWS
  const keys = keysOf(table, texts, isAscending)
  const first = ranges.params.length
  const offset = start === undefined ? (page - 1) * perPage : 0
  const order = keys.slice(keys.lastIndexOf(' order by ')).replaceAll(/at_ms|id /g, 'k.$&')
  const rowsAndNext = await sql.all(
    `select ${table.columns}, k.at_ms as listed_at_ms, k.id as listed_id
     from (${keys} limit $${first + 1} offset $${first + 2}) k
     cross join ${table.name} t where ${table.keyOf}${order}`,
    [...ranges.params, perPage + 1, offset],
  )
  const rows = rowsAndNext.slice(0, perPage)
  const hasMore = rowsAndNext.length > perPage
  const last = rows.at(-1)
  const position = [Number(last?.listed_at_ms), Number(last?.listed_id)]
  return {
    rows,
    hasMore,
    ...(continuation === undefined
      ? await totalOf(sql, ranges, { hasMore, offset, totalMax, rowCount: rows.length })
      : { total: continuation.total, isTotalCut: continuation.isTotalCut }),
    ...(hasMore && start !== undefined && { lastPosition: position }),
  }
}

/** Adds the condition for the rows after a position, in a form with which a read of the index begins at the position. */
function beginAfter(
  { add }: Ranges,
  { id, isIdReversed, order = 'created_at_ms' }: ListedTable,
  { after, isAscending }: Pick<ListContinuation, 'after'> & { readonly isAscending: boolean },
): void {
  const [at = null, lastId = null] = after
  const [past, back] = isAscending ? ['>', '<'] : ['<', '>']
  if (isIdReversed === true) {
    add(`t.${order} ${past}= ? and (t.${order} ${past} ? or t.${id} ${back} ?)`, at, at, lastId)
  } else add(`(t.${order}, t.${id}) ${past} (?, ?)`, at, lastId)
}

/**
 * Returns the ranges of a page. A list begins at one bound of its period. All rows after a position are within this
 * bound, so on such a page the bound is written in a form for which no index is used: the database could otherwise begin
 * at the bound, and read all rows of the pages before.
 */
function textsOf(ranges: Ranges, { isAscending = false, start }: DirectedPage): readonly string[] {
  const texts = ranges.texts()
  if (start === undefined || start === 'first') return texts
  const bound = isAscending ? 't.created_at_ms >= ' : 't.created_at_ms < '
  return texts.map((text) =>
    text.replaceAll(bound, bound.replace('t.created_at_ms', withoutSearch('t.created_at_ms'))),
  )
}

async function totalOf(
  sql: Sql,
  ranges: Ranges,
  {
    hasMore,
    offset,
    rowCount,
    totalMax,
  }: {
    readonly hasMore: boolean
    readonly offset: number
    readonly rowCount: number
    readonly totalMax: number
  },
): Promise<Pick<ListExtent, 'total' | 'isTotalCut'>> {
  const seenCount = rowCount === 0 ? 0 : offset + rowCount
  if (!hasMore && (rowCount > 0 || offset === 0)) {
    return { total: seenCount, isTotalCut: await hasOlder(sql, ranges) }
  }
  const count = await countUpTo(sql, ranges, totalMax + 1)
  const isCut = count > totalMax
  const total = Math.max(isCut ? totalMax : count, seenCount)
  return { total, isTotalCut: isCut || (await hasOlder(sql, ranges)) }
}

/** Returns true if there are older rows that were not examined. */
async function hasOlder(sql: Sql, ranges: Ranges): Promise<boolean> {
  for (const texts of ranges.newest()) {
    const countMax = EXAMINED_ROW_COUNT_MAX + 1
    const count = await countUpTo(sql, { params: ranges.params, texts: () => texts }, countMax)
    if (count === countMax) return true
  }
  return false
}

/** Counts the rows of a list, up to `countMax`. */
export async function countUpTo(
  sql: Sql,
  { params, texts }: Pick<Ranges, 'params' | 'texts'>,
  countMax: number,
): Promise<number> {
  const selects = texts().map((text) => `select 1 as one ${text}`)
  if (selects.length === 0) return 0
  // PostgreSQL refuses parameters that the statement does not use.
  const usedParams: SqlValue[] = []
  const marks = new Map<string, string>()
  const counting = selects.join(' union all ').replaceAll(/\$(\d+)/g, (mark, number) => {
    if (!marks.has(mark)) marks.set(mark, `$${usedParams.push(params[Number(number) - 1] ?? null)}`)
    return marks.get(mark) ?? mark
  })
  const [countRow] = await sql.all(
    `select count(*) as total from (${counting} limit $${usedParams.length + 1}) c`,
    [...usedParams, countMax],
  )
  return Number(countRow?.total ?? 0)
}

/** Reads the first keys of a list, oldest first: `at_ms` and `id`. */
export async function readKeys(
  sql: Sql,
  table: ListedTable,
  ranges: Ranges,
  countMax: number,
): Promise<readonly Row[]> {
  const texts = ranges.texts()
  if (texts.length === 0) return []
  return sql.all(`${keysOf(table, texts, true)} limit $${ranges.params.length + 1}`, [
    ...ranges.params,
    countMax,
  ])
}
