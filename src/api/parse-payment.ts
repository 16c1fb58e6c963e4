import type { Static } from 'typebox'
import type { PaymentAttemptStatus } from '../domain/payment-attempt.ts'
import { parsePaymentMethod } from '../domain/payment-method.ts'
import type { Page, PaymentFilter } from '../operations/ports.ts'
import { ApiError } from './errors.ts'
import type { PAYMENT_LIST_SPANS, PAYMENT_LIST_STATUSES } from './payment-schemas.ts'
import { PaymentListQuery } from './payment-schemas.ts'
import { compileFields, kindOf } from './read-fields.ts'
import type { JsonObject } from './read-json.ts'
import { PAGE_RULES, readDays, readPage } from './read-page.ts'

const readListFields = compileFields(
  PaymentListQuery,
  {
    ...PAGE_RULES,
    payment_method_type: (value) =>
      methodFrom(value as string) === undefined
        ? {
            code: 'invalid_parameter',
            must: `must be the name of a payment method, such as card or net_banking, but it is ${kindOf(value)}`,
          }
        : undefined,
  },
  'The query',
)

/** Answers call it net_banking, requests netbanking: both are taken. */
function methodFrom(name: string) {
  return parsePaymentMethod(name === 'net_banking' ? 'netbanking' : name)
}

/** Statuses in a list's query, and what they mean here. `none`: we have no such payments. */
const STATUSES: Record<
  (typeof PAYMENT_LIST_STATUSES)[number],
  PaymentAttemptStatus | 'all' | 'none'
> = {
  'Status.All': 'all',
  'Status.Succeeded': 'succeeded',
  'Status.Failed': 'failed',
  'Status.Canceled': 'none',
  'Status.Cancelled': 'none',
  'Status.Refunded': 'refunded',
  'Status.Disputed': 'none',
}

/**
 * Reads a list request's query. `nothing`: it asks for payments of a status that none can have.
 * Throws ApiError for the first parameter that is wrong.
 */
export function parsePaymentList(
  query: JsonObject,
  nowMs: number,
): { readonly filter: PaymentFilter | 'nothing'; readonly page: Page } {
  const fields = readListFields(query, undefined) as Static<typeof PaymentListQuery>
  const { filter_by: span, from_date, payment_method_type, search_text: sought, to_date } = fields
  if (span === 'ChargeDate.CustomDate' && (from_date === undefined || to_date === undefined)) {
    const missing = from_date === undefined ? 'from_date' : 'to_date'
    throw new ApiError(
      'missing_parameter',
      missing,
      `${missing} is required with filter_by=ChargeDate.CustomDate.`,
    )
  }
  const days =
    span === undefined || span === 'ChargeDate.CustomDate'
      ? readDays({
          ...(from_date !== undefined && { from_date }),
          ...(to_date !== undefined && { to_date }),
        })
      : spanAt(span, nowMs)
  const page = readPage(fields as JsonObject)
  const status = STATUSES[fields.status ?? 'Status.All']
  if (status === 'none') return { filter: 'nothing', page }
  const method = payment_method_type === undefined ? undefined : methodFrom(payment_method_type)
  return {
    page,
    filter: {
      ...days,
      ...(status !== 'all' && { status }),
      ...(method !== undefined && { method }),
      ...(sought !== undefined && { sought }),
    },
  }
}

const DAY_MS = 24 * 60 * 60_000

/** The times that a named span means now, in UTC. */
function spanAt(
  span: Exclude<(typeof PAYMENT_LIST_SPANS)[number], 'ChargeDate.CustomDate'>,
  nowMs: number,
): Pick<PaymentFilter, 'createdFromMs' | 'createdToMs'> {
  const now = new Date(nowMs)
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  const between = (createdFromMs: number, createdToMs: number) => ({ createdFromMs, createdToMs })
  switch (span) {
    case 'ChargeDate.Today':
      return between(Date.UTC(year, month, day), Date.UTC(year, month, day + 1))
    case 'ChargeDate.ThisMonth':
      return between(Date.UTC(year, month), Date.UTC(year, month + 1))
    case 'ChargeDate.ThisYear':
      return between(Date.UTC(year, 0), Date.UTC(year + 1, 0))
    case 'ChargeDate.PreviousMonth':
      return between(Date.UTC(year, month - 1), Date.UTC(year, month))
    case 'ChargeDate.PreviousYear':
      return between(Date.UTC(year - 1, 0), Date.UTC(year, 0))
    case 'ChargeDate.Last_30_Days':
      return between(nowMs - 30 * DAY_MS, nowMs + 1)
  }
}
