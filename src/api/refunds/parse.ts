import type { Currency } from '../../domain/money.ts'
import type { Refund } from '../../domain/refund.ts'
import type { RefundRequest } from '../../operations/refund-payment.ts'
import type { Page } from '../../operations/store.ts'
import { META_DATA_RULES, metaDataOf } from '../meta-data-fields.ts'
import { amountProblem, minorOf } from '../read-amount.ts'
import { compileFields } from '../read-fields.ts'
import type { JsonObject, JsonValue } from '../read-json.ts'
import { PAGE_RULES, readPage } from '../read-page.ts'
import { RefundCreateBody, RefundListQuery } from './schemas.ts'

const readRefundFields = compileFields<{ readonly currency: Currency }>(RefundCreateBody, {
  amount: (value, { currency }) => amountProblem(value, currency),
  ...META_DATA_RULES,
})

/**
 * Reads a refund request's body, in the currency of its payment. Omitted fields get their defaults: clients
 * of the real service often send the amount alone. Throws ApiError for the first field that is wrong.
 */
export function parseRefundCreate(body: JsonValue, currency: Currency): RefundRequest {
  const fields = readRefundFields(body, { currency })
  const { description, reason = 'others', type = 'initiated_by_merchant' } = fields
  const { meta_data: metaData } = metaDataOf(fields)
  return {
    amount: { amountMinor: minorOf(fields.amount as JsonValue, currency), currency },
    reason: reason as Refund['reason'],
    type: type === 'full' ? 'initiated_by_merchant' : (type as Refund['type']),
    ...(description !== undefined && { description: description as string }),
    ...(metaData !== undefined && { metaDataJson: JSON.stringify(metaData) }),
  }
}

const readListFields = compileFields(RefundListQuery, PAGE_RULES, 'The query')

/** Reads the query of a list of refunds. Throws ApiError for the first parameter that is wrong. */
export function readRefundPage(query: JsonObject): Page {
  return readPage(readListFields(query, undefined))
}
