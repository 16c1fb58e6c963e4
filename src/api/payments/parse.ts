import type { Static } from 'typebox'
import { type PaymentAttemptId, parseId } from '../../domain/id.ts'
import type { PaymentAttemptStatus } from '../../domain/payment-attempt.ts'
import { parsePaymentMethod } from '../../domain/payment-method.ts'
import { readPhone } from '../../domain/phone.ts'
import type { Page, PaymentFilter } from '../../operations/store.ts'
import { type ListMoment, readTimes } from '../list-spans.ts'
import { DAY_RULES } from '../read-days.ts'
import { compileFields, kindOf } from '../read-fields.ts'
import type { JsonObject } from '../read-json.ts'
import { PAGE_RULES, readPage } from '../read-page.ts'
import type { PAYMENT_LIST_STATUSES } from './schemas.ts'
import { PaymentListQuery } from './schemas.ts'

const readListFields = compileFields(
  PaymentListQuery,
  {
    ...PAGE_RULES,
    ...DAY_RULES,
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

/** A phone number with its dialing code is found by its other digits, as payments keep them. */
function soughtFrom(text: string): string {
  const phone = text.trim().startsWith('+') ? readPhone(text) : undefined
  return phone === undefined || 'refused' in phone ? text : phone.digits
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
  all: 'all',
  succeeded: 'succeeded',
  success: 'succeeded',
  failed: 'failed',
  canceled: 'none',
  cancelled: 'none',
  refunded: 'refunded',
  disputed: 'none',
}

/**
 * Reads a list request's query. `nothing`: it asks for payments of a status that none can have.
 * Throws ApiError for the first parameter that is wrong.
 */
export function parsePaymentList(
  query: JsonObject,
  at: ListMoment,
): { readonly filter: PaymentFilter | 'nothing'; readonly page: Page } {
  const fields = readListFields(query, undefined) as Static<typeof PaymentListQuery>
  const { payment_method_type, search_text: sought } = fields
  const soughtId = sought === undefined ? undefined : parseId<PaymentAttemptId>(sought)
  const times = readTimes(fields, at)
  const page = readPage(fields as JsonObject)
  const status = STATUSES[fields.status ?? 'Status.All']
  if (status === 'none') return { filter: 'nothing', page }
  const method = payment_method_type === undefined ? undefined : methodFrom(payment_method_type)
  return {
    page,
    filter: {
      ...times,
      ...(status !== 'all' && { status }),
      ...(method !== undefined && { method }),
      ...(sought !== undefined && { sought: soughtFrom(sought) }),
      ...(soughtId !== undefined && { soughtId }),
    },
  }
}
