import { type PaymentSessionId, parseId } from '../../domain/id.ts'
import type { Edition } from '../../domain/payment-method.ts'
import type { Page, WebhookEventFilter } from '../../operations/store.ts'
import { LIST_RULES } from '../list-spans.ts'
import { timesBetween } from '../read-days.ts'
import { compileFieldsWith } from '../read-fields.ts'
import type { JsonObject } from '../read-json.ts'
import { readPage } from '../read-page.ts'
import { EventListQuery } from './schemas.ts'

const readListFields = compileFieldsWith<{ readonly edition: Edition }>()(
  EventListQuery,
  LIST_RULES,
  'The query',
)

/**
 * Reads a list request's query. `nothing`: the query names a session that cannot exist. Throws ApiError for the first
 * wrong parameter.
 */
export function parseEventList(
  query: JsonObject,
  edition: Edition,
): {
  readonly filter: WebhookEventFilter | 'nothing'
  readonly page: Page
} {
  const fields = readListFields(query, { edition })
  const times = timesBetween(fields)
  const page = readPage(fields)
  const { event_type: type, payments_session_id: text } = fields
  const paymentSessionId = text === undefined ? undefined : parseId<PaymentSessionId>(text)
  if (text !== undefined && paymentSessionId === undefined) return { filter: 'nothing', page }
  return {
    page,
    filter: {
      ...(type !== undefined && { types: [type] }),
      ...(paymentSessionId !== undefined && { paymentSessionId }),
      ...times,
    },
  }
}
