import type { Currency } from '../../domain/money.ts'
import type { RefundRequest } from '../../operations/refund-payment.ts'

import { META_DATA_RULE, metaDataOf } from '../meta-data-fields.ts'
import { readMoney } from '../read-amount.ts'
import { compileFields, compileFieldsWith } from '../read-fields.ts'
import type { JsonObject, JsonValue } from '../read-json.ts'
import { PAGE_RULES, type RequestedPage, readPage } from '../read-page.ts'
import { RefundCreateBody, RefundListQuery } from './schemas.ts'

const readRefundFields = compileFieldsWith<Currency>()(RefundCreateBody, {
  amount: readMoney,
  meta_data: META_DATA_RULE,
})

/**
 * Reads a refund request's body, in the currency of its payment. Omitted fields get their defaults: clients of the real
 * service often send only the amount. Throws ApiError for the first wrong field.
 */
export function parseRefundCreate(body: JsonValue, currency: Currency): RefundRequest {
  const fields = readRefundFields(body, currency)
  const { amount, description, reason = 'others', type = 'initiated_by_merchant' } = fields
  const metaData = metaDataOf(fields.meta_data)
  return {
    amount,
    reason,
    type: type === 'full' ? 'initiated_by_merchant' : type,
    ...(description !== undefined && { description }),
    ...(metaData !== undefined && { metaDataJson: JSON.stringify(metaData) }),
  }
}

const readListFields = compileFields(RefundListQuery, PAGE_RULES, 'The query')

/** Reads the query of a list of refunds. Throws ApiError for the first wrong parameter. */
export function readRefundPage(query: JsonObject): RequestedPage {
  return readPage(readListFields(query, undefined))
}
