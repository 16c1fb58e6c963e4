import type { PayoutFilter } from '../../operations/store.ts'
import { LIST_RULES, type ListMoment, readPeriod } from '../list-spans.ts'
import { compileFieldsWith, kindOf, Problem } from '../read-fields.ts'
import type { JsonObject } from '../read-json.ts'
import { PAGE_RULES, type RequestedPage, readPage } from '../read-page.ts'
import {
  PAYOUT_LIST_STATUSES,
  PAYOUT_METHODS,
  PayoutListQuery,
  PayoutTransactionsQuery,
  US_PAYOUT_LIST_STATUSES,
} from './schemas.ts'

const onlyUs = () =>
  new Problem('is only for accounts of the US edition. Leave it out for this account')

const readListFields = compileFieldsWith<ListMoment>()(
  PayoutListQuery,
  {
    ...LIST_RULES,
    status: (word, { edition }) =>
      edition === 'IN' && US_PAYOUT_LIST_STATUSES.some((one) => one === word)
        ? new Problem(
            `must be ${PAYOUT_LIST_STATUSES.slice(0, 4).join(', ')} or a plain status for this account, but it is ${kindOf(word)}`,
          )
        : undefined,
    payout_method: (word, { edition }) => {
      if (edition === 'IN') return onlyUs()
      const method = PAYOUT_METHODS.find((one) => one === word)
      return method ?? new Problem(`must be standard or instant, but it is ${kindOf(word)}`)
    },
  },
  'The query',
)

const plainOf = (word: string): string => word.replace('Status.', '').toLowerCase()

/**
 * Reads the query of a list of payouts. `nothing`: no payout can match. Throws ApiError for the first wrong parameter.
 */
export function parsePayoutList(
  query: JsonObject,
  moment: ListMoment,
): { readonly filter: PayoutFilter | 'nothing'; readonly page: RequestedPage } {
  const fields = readListFields(query, moment)
  const times = readPeriod(fields, moment)
  const page = readPage(fields)
  const word = plainOf(fields.status ?? 'all')
  if (fields.payout_method === 'instant') return { filter: 'nothing', page }
  if (word === 'initiated' || word === 'paid' || word === 'failed') {
    return { filter: { ...times, status: word }, page }
  }
  return word === 'all' ? { filter: times, page } : { filter: 'nothing', page }
}

const readTransactionFields = compileFieldsWith<ListMoment>()(
  PayoutTransactionsQuery,
  PAGE_RULES,
  'The query',
)

/** Reads the query of a list of a payout's transactions. Throws ApiError for the first wrong parameter. */
export function parsePayoutTransactions(query: JsonObject, moment: ListMoment): RequestedPage {
  return readPage(readTransactionFields(query, moment))
}
