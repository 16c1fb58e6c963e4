/** The lists behind the exports of the console: the filters of the lists of the API, and the columns of `paydesk export`. */
import type { TObject } from 'typebox'
import { LIST_RULES, type ListMoment } from '../api/list-spans.ts'
import { parsePaymentList } from '../api/payments/parse.ts'
import { PaymentListQuery } from '../api/payments/schemas.ts'
import { parsePayoutList } from '../api/payouts/parse.ts'
import { PayoutListQuery } from '../api/payouts/schemas.ts'
import { timesBetween } from '../api/read-days.ts'
import { compileFieldsWith } from '../api/read-fields.ts'
import type { JsonObject } from '../api/read-json.ts'
import { parseTransferList } from '../api/transfers/parse.ts'
import { TransferListQuery } from '../api/transfers/schemas.ts'
import type { Account } from '../domain/account.ts'
import {
  EXPORT_TABLES,
  type ExportedRows,
  type ExportName,
  type ExportTable,
} from '../operations/export-tables.ts'
import {
  EMPTY_LIST_PAGE,
  type ListContinuation,
  type ListExtent,
  type ListPage,
  type ListPosition,
  type ListStart,
  type ListTimes,
  type Page,
  type PostingKey,
  type RefundKey,
  type StepThrough,
  type Store,
} from '../operations/store.ts'
import { PeriodQuery } from './export-schemas.ts'

/** A part of an export, and the extent of the list. */
export type ExportPart = ListExtent & { readonly rows: ExportedRows }

/** The page of a part, which has a start. */
type PartPage = Page & { readonly start: ListStart; readonly totalMax: number }

/** The list of an export. */
type ExportList = {
  /** The known filters. */
  readonly query: TObject
  /** Reads the filters, and returns the function that reads a part. Throws ApiError. */
  readonly open: (
    query: JsonObject,
    moment: ListMoment,
  ) => (
    store: Store,
    account: Pick<Account, 'edition' | 'id'>,
    page: PartPage,
  ) => Promise<ExportPart>
}

/** The lists of the exports. Payments, transfers and payouts are in the order of their lists, the others oldest first. */
export const EXPORT_LISTS: Readonly<Record<ExportName, ExportList>> = {
  payments: filteredList(EXPORT_TABLES.payments, {
    query: PaymentListQuery,
    parse: parsePaymentList,
    list: async ({ paymentAttempts, paymentSessions }, accountId, filter, page) => {
      const list = await paymentAttempts.list(accountId, filter, page)
      const items = list.items.map(async (attempt) => {
        const session = await paymentSessions.find(attempt.paymentSessionId)
        if (session === undefined) throw new Error(`payment ${attempt.id} has no session`)
        return { attempt, session }
      })
      return { ...list, items: await Promise.all(items) }
    },
  }),
  transfers: filteredList(EXPORT_TABLES.transfers, {
    query: TransferListQuery,
    parse: parseTransferList,
    list: (store, accountId, filter, page) => store.transfers.list(accountId, filter, page),
  }),
  payouts: filteredList(EXPORT_TABLES.payouts, {
    query: PayoutListQuery,
    parse: parsePayoutList,
    list: (store, accountId, filter, page) => store.payouts.list(accountId, filter, page),
  }),
  refunds: periodList(EXPORT_TABLES.refunds, {
    nounOf: ({ refunds }) => refunds,
    positionOf: ({ createdAtMs, id }: RefundKey) => [createdAtMs, id],
    keyOf: ([createdAtMs, id]) =>
      ({ createdAtMs: Number(createdAtMs), id: String(id) }) as RefundKey,
  }),
  ledger: periodList(EXPORT_TABLES.ledger, {
    nounOf: ({ ledger }) => ledger,
    positionOf: ({ createdAtMs, kind, sourceId }: PostingKey) => [createdAtMs, sourceId, kind],
    keyOf: ([createdAtMs, sourceId, kind]) =>
      ({ createdAtMs: Number(createdAtMs), sourceId: String(sourceId), kind }) as PostingKey,
  }),
}

/** Makes the list of an export from a list of the API. */
function filteredList<Item, Filter>(
  { cellsOf }: Pick<ExportTable<Item>, 'cellsOf'>,
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
      accountId: Account['id'],
      filter: Filter,
      page: Page,
    ) => Promise<ListPage<Item>>
  },
): ExportList {
  return {
    query,
    open: (values, moment) => {
      const { filter } = parse(values, moment)
      return async (store, { edition, id }, page) => {
        const { items, ...extent } =
          filter === 'nothing' ? EMPTY_LIST_PAGE : await list(store, id, filter, page)
        return { ...extent, rows: items.map((item) => cellsOf(item, edition)) }
      }
    },
  }
}

const readPeriodFields = compileFieldsWith<ListMoment>()(PeriodQuery, LIST_RULES, 'The query')

/** Makes the list of an export that has no list in the API: all rows of a period, which ends at the start of the export. */
function periodList<Item extends Key, Key>(
  { cellsOf }: Pick<ExportTable<Item>, 'cellsOf'>,
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
    query: PeriodQuery,
    open: (values, moment) => {
      const period = timesBetween(readPeriodFields(values, moment))
      return async (store, { edition, id }, { perPage, start, totalMax }) => {
        const noun = nounOf(store)
        const place = start === 'first' ? undefined : placeOf(start)
        // The end does not move, so that an export of a busy account ends.
        const endMs = place?.endMs ?? Math.min(period.createdToMs ?? moment.nowMs, moment.nowMs)
        const times = { ...period, createdToMs: endMs }
        const after = place && keyOf(place.position)
        const rows = await noun.listAfter(id, { times, after, countMax: perPage + 1 })
        const items = rows.slice(0, perPage)
        const hasMore = rows.length > perPage
        const last = items.at(-1)
        const count = place?.total ?? (await noun.count(id, times, totalMax + 1))
        return {
          rows: items.map((item) => cellsOf(item, edition)),
          total: Math.min(count, totalMax),
          isTotalCut: count > totalMax,
          hasMore,
          ...(hasMore && last !== undefined && { lastPosition: [endMs, ...positionOf(last)] }),
        }
      }
    },
  }
}

function placeOf({ after, total }: ListContinuation) {
  const [endMs, ...position] = after
  return { endMs: Number(endMs), position, total }
}
