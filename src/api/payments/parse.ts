import { type CustomerId, type PaymentAttemptId, parseId } from '../../domain/id.ts'
import { parsePaymentMethod } from '../../domain/payment-method.ts'
import { comparablePhone } from '../../domain/phone.ts'
import type { ListedPaymentStatus, PaymentFilter } from '../../operations/store.ts'
import { AMOUNT_RULES } from '../list-amount.ts'
import { LIST_RULES, type ListMoment, readPeriod } from '../list-spans.ts'
import { compileFieldsWith, kindOf, Problem } from '../read-fields.ts'
import type { JsonObject } from '../read-json.ts'
import { type RequestedPage, readPage } from '../read-page.ts'
import type { PAYMENT_LIST_STATUSES } from './schemas.ts'
import { PaymentListQuery } from './schemas.ts'

const readListFields = compileFieldsWith<ListMoment>()(
  PaymentListQuery,
  {
    page: LIST_RULES.page,
    per_page: LIST_RULES.per_page,
    from_date: LIST_RULES.from_date,
    to_date: LIST_RULES.to_date,
    payment_method_type: (name) =>
      methodFrom(name) ??
      new Problem(
        `must be the name of a payment method, such as card or net_banking, but it is ${kindOf(name)}`,
      ),
    ...AMOUNT_RULES,
  },
  'The query',
)

/** Answers have net_banking, requests netbanking; filters accept both. */
function methodFrom(name: string) {
  return parsePaymentMethod(name === 'net_banking' ? 'netbanking' : name)
}

/** The statuses in a list's query, and their meaning here. `none`: no payment has this status. */
const STATUSES: Record<
  (typeof PAYMENT_LIST_STATUSES)[number],
  ListedPaymentStatus | 'all' | 'none'
> = {
  'Status.All': 'all',
  'Status.Succeeded': 'succeeded',
  'Status.Failed': 'failed',
  'Status.Canceled': 'none',
  'Status.Cancelled': 'none',
  'Status.Refunded': 'refunded',
  'Status.Disputed': 'disputed',
  all: 'all',
  succeeded: 'succeeded',
  success: 'succeeded',
  failed: 'failed',
  canceled: 'none',
  cancelled: 'none',
  refunded: 'refunded',
  disputed: 'disputed',
}

/**
 * Reads a list request's query. `nothing`: no payment can have the requested status or customer. Throws ApiError
 * for the first wrong parameter.
 */
export function parsePaymentList(
  query: JsonObject,
  moment: ListMoment,
): { readonly filter: PaymentFilter | 'nothing'; readonly page: RequestedPage } {
  const fields = readListFields(query, moment)
  const { payment_method_type: method, search_text: searchText } = fields
  const searchId = searchText === undefined ? undefined : parseId<PaymentAttemptId>(searchText)
  const times = readPeriod(fields, moment)
  const page = readPage(fields)
  const { amount, customer_id: customerText } = fields
  const customerId = customerText === undefined ? undefined : parseId<CustomerId>(customerText)
  const status = STATUSES[fields.status ?? 'Status.All']
  const isNobody = customerText !== undefined && customerId === undefined
  if (status === 'none' || isNobody) return { filter: 'nothing', page }
  return {
    page,
    filter: {
      ...times,
      ...(status !== 'all' && { status }),
      ...(method !== undefined && { method }),
      ...(customerId !== undefined && { customerId }),
      ...(amount !== undefined && { amount }),
      ...(searchText !== undefined && { searchText: comparablePhone(searchText) }),
      ...(searchId !== undefined && { searchId }),
    },
  }
}
