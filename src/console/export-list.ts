import type { TObject } from 'typebox'
import { LIST_RULES, type ListMoment } from '../api/list-spans.ts'
import { timesBetween } from '../api/read-days.ts'
import { compileFieldsWith } from '../api/read-fields.ts'
import type { JsonObject } from '../api/read-json.ts'
import type { Account } from '../domain/account.ts'
import type { ExportColumns, ExportedRows } from '../operations/export-tables.ts'
import {
  EMPTY_LIST_PAGE,
  type ListContinuation,
  type ListExtent,
  type ListPage,
  type ListPosition,
  type ListStart,
  type ListTimes,
  type Page,
  type StepThrough,
  type Store,
} from '../operations/store.ts'
import { PeriodQuery } from './export-schemas.ts'

/** A part of an export, and the extent of the list. */
export type ExportPart = ListExtent & { readonly rows: ExportedRows }

/** The page of a part, which has a start. */
export type PartPage = Page & { readonly start: ListStart; readonly totalMax: number }

/** The account of an export. */
export type ExportAccount = Pick<Account, 'edition' | 'id'>

/** The list of an export. */
export type ExportList = Pick<ExportColumns<never>, 'columns'> & {
  /** The known filters. */
  readonly query: TObject
  /** Reads the filters, and returns the function that reads a part. Throws ApiError. */
  readonly open: (
    query: JsonObject,
    moment: ListMoment,
  ) => (store: Store, account: ExportAccount, page: PartPage) => Promise<ExportPart>
}

/** Makes the list of an export from a list of the API. */
export function filteredList<Item, Filter>(
  { cellsOf, columns }: ExportColumns<Item>,
  {
    list,
    parse,
    query,
  }: {
    readonly query: TObject
    readonly parse: (
      query: JsonObject,
      moment: ListMoment,
    ) => { readonly filter: Filter | 'nothing' }
    readonly list: (
      store: Store,
      filter: Filter,
      page: Page,
      context: { readonly account: ExportAccount; readonly nowMs: number },
    ) => Promise<ListPage<Item>>
  },
): ExportList {
  return {
    columns,
    query,
    open: (values, moment) => {
      const { filter } = parse(values, moment)
      return async (store, account, page) => {
        const { items, ...extent } =
          filter === 'nothing'
            ? EMPTY_LIST_PAGE
            : await list(store, filter, page, { account, nowMs: moment.nowMs })
        return { ...extent, rows: items.map((item) => cellsOf(item, account.edition)) }
      }
    },
  }
}

const readPeriodFields = compileFieldsWith<ListMoment>()(PeriodQuery, LIST_RULES, 'The query')

/** Reads the period of a list that has no other filter. Throws ApiError. */
export function readPeriodFilter(
  query: JsonObject,
  moment: ListMoment,
): { readonly filter: ListTimes } {
  return { filter: timesBetween(readPeriodFields(query, moment)) }
}

/**
 * Makes the list of an export that has no list in the API: all rows of a period, which ends no later than the start of
 * the export.
 */
export function periodList<Item extends Key, Key>(
  { cellsOf, columns }: ExportColumns<Item>,
  {
    keyOf,
    nounOf,
    positionOf,
  }: {
    readonly nounOf: (store: Store) => {
      readonly listAfter: (
        accountId: Account['id'],
        step: StepThrough<Key>,
      ) => Promise<readonly Item[]>
      readonly count: (
        accountId: Account['id'],
        times: ListTimes,
        countMax: number,
      ) => Promise<number>
    }
    readonly positionOf: (key: Key) => ListPosition
    readonly keyOf: (position: ListPosition) => Key
  },
): ExportList {
  return {
    columns,
    query: PeriodQuery,
    open: (values, moment) => {
      const { filter: period } = readPeriodFilter(values, moment)
      return async (store, { edition, id }, { perPage, start, totalMax }) => {
        const noun = nounOf(store)
        const place = start === 'first' ? undefined : placeOf(start)
        // The end does not move, so that an export of a busy account ends.
        const endMs = place?.endMs ?? Math.min(period.createdToMs ?? moment.nowMs, moment.nowMs)
        const times = { ...period, createdToMs: endMs }
        const after = place && keyOf(place.position)
        const items = await noun.listAfter(id, { times, after, countMax: perPage + 1 })
        const count = place?.total ?? (await noun.count(id, times, totalMax + 1))
        return partOf(items, {
          perPage,
          count,
          totalMax,
          cellsOf: (item) => cellsOf(item, edition),
          positionOf: (last) => [endMs, ...positionOf(last)],
        })
      }
    },
  }
}

/** Makes a part from up to `perPage` items and one more, which shows that the part is not the last one. */
export function partOf<Item>(
  items: readonly Item[],
  {
    cellsOf,
    count,
    perPage,
    positionOf,
    totalMax,
  }: Pick<PartPage, 'perPage' | 'totalMax'> & {
    readonly cellsOf: (item: Item) => ExportedRows[number]
    readonly positionOf: (last: Item) => ListPosition
    /** The number of matching items, up to `totalMax` and one more. */
    readonly count: number
  },
): ExportPart {
  const pageItems = items.slice(0, perPage)
  const hasMore = items.length > perPage
  const last = pageItems.at(-1)
  return {
    rows: pageItems.map(cellsOf),
    total: Math.min(count, totalMax),
    isTotalCut: count > totalMax,
    hasMore,
    ...(hasMore && last !== undefined && { lastPosition: positionOf(last) }),
  }
}

function placeOf({ after, total }: ListContinuation) {
  const [endMs, ...position] = after
  return { endMs: Number(endMs), position, total }
}
