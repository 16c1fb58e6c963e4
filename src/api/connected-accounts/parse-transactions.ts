import { parseId, type TransferId } from '../../domain/id.ts'
import { parsePaymentMethod } from '../../domain/payment-method.ts'
import type { ConnectedTransactionFilter } from '../../operations/store.ts'
import { LIST_RULES, type ListMoment, readPeriod } from '../list-spans.ts'
import { compileFieldsWith } from '../read-fields.ts'
import type { JsonObject } from '../read-json.ts'
import { type RequestedPage, readPage } from '../read-page.ts'
import { ConnectedTransactionsQuery } from './transaction-schemas.ts'

const readFields = compileFieldsWith<ListMoment>()(
  ConnectedTransactionsQuery,
  LIST_RULES,
  'The query',
)
const KINDS = { charge: 'connected_transfer', refund: 'connected_reversal' } as const

/**
 * Reads the query of a list of a connected account's transactions. `nothing`: no transaction can match. Throws ApiError
 * for the first wrong parameter.
 */
export function parseConnectedTransactions(
  query: JsonObject,
  moment: ListMoment,
): {
  readonly filter: Omit<ConnectedTransactionFilter, 'connectedAccountId'> | 'nothing'
  readonly page: RequestedPage
} {
  const fields = readFields(query, moment)
  const { card_brand: cardBrand, card_type: cardFunding, transaction_type: type } = fields
  const page = readPage(fields)
  const times = readPeriod(fields, moment)
  const id = fields.transaction_id && parseId<TransferId>(fields.transaction_id)
  if (fields.transaction_id !== undefined && id === undefined) return { filter: 'nothing', page }
  const name = fields.payment_method_type
  const method = name && parsePaymentMethod(name === 'net_banking' ? 'netbanking' : name)
  return {
    page,
    filter: {
      ...times,
      ...(type !== undefined && { kind: KINDS[type] }),
      ...(id !== undefined && id !== '' && { id }),
      ...(method !== undefined && { method }),
      ...(cardBrand !== undefined && { cardBrand }),
      ...(cardFunding !== undefined && { cardFunding }),
    },
  }
}
