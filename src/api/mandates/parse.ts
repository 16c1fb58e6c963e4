import { parseDay } from '../../domain/account-day.ts'
import {
  type CustomerId,
  type MandateId,
  type MandateNotificationId,
  type PaymentSessionId,
  parseId,
} from '../../domain/id.ts'
import type { MandateStatus } from '../../domain/mandate.ts'
import { MANDATE_CURRENCY } from '../../domain/mandate-terms.ts'
import type { Money } from '../../domain/money.ts'
import { type PhoneNumber, readPhone } from '../../domain/phone.ts'
import type { NoticeDraft } from '../../operations/notify-of-debit.ts'
import type { MandateFilter } from '../../operations/store.ts'

import { PHONE_RULES } from '../phone-fields.ts'
import { readMoney } from '../read-amount.ts'
import { compileFields, decimalText, kindOf, Problem } from '../read-fields.ts'
import type { JsonNumber, JsonObject, JsonValue } from '../read-json.ts'
import { PAGE_RULES, type RequestedPage, readPage } from '../read-page.ts'
import { MandateExecuteBody, MandateListQuery, MandateNotifyBody } from './schemas.ts'

type Scalar = string | number | JsonNumber

const readRupees = (value: Scalar) => readMoney(value, MANDATE_CURRENCY)

/** An id that is too large identifies no object. */
const idRule =
  <Id extends CustomerId | MandateId | MandateNotificationId | PaymentSessionId>(what: string) =>
  (value: Scalar): Id | Problem =>
    parseId<Id>(decimalText(value)) ??
    new Problem(`must be the id of ${what}`, 'resource_does_not_exist')

const DAY_FIRST = /^(\d\d)-(\d\d)-(\d{4})$/

/**
 * Reads a date. One official sample begins with the day of the month instead of the year. Source: Zoho developer
 * documentation IN (seen 2026-11-22).
 */
function readExecutionDay(text: string): string | Problem {
  const day = text.replace(DAY_FIRST, '$3-$2-$1')
  return parseDay(day) === undefined
    ? new Problem(`must be a date, such as 2026-12-05, but it is ${kindOf(text)}`)
    : day
}

const readNotifyFields = compileFields(MandateNotifyBody, {
  mandate_id: idRule<MandateId>('a mandate of this account'),
  amount: readRupees,
  execution_date: readExecutionDay,
})

/** Reads the body of a notification. Throws ApiError for the first wrong field. */
export function parseMandateNotify(
  body: JsonValue,
): NoticeDraft & { readonly mandateId: MandateId } {
  const fields = readNotifyFields(body, undefined)
  return {
    mandateId: fields.mandate_id,
    amountMinor: fields.amount.amountMinor,
    executionOn: fields.execution_date,
    description: fields.description,
    invoiceNumber: fields.invoice_number,
  }
}

const readExecuteFields = compileFields(MandateExecuteBody, {
  customer_id: idRule<CustomerId>('a customer of this account'),
  mandate_id: idRule<MandateId>('a mandate of this account'),
  payments_session_id: idRule<PaymentSessionId>('a payment session of this account'),
  amount: readRupees,
  mandate_notification_id: idRule<MandateNotificationId>('a notification of this account'),
  ...PHONE_RULES,
})

/** A merchant's request for a debit. Its ids can name objects that do not exist. */
export type MandateExecution = {
  readonly customerId: CustomerId
  readonly mandateId: MandateId
  readonly sessionId: PaymentSessionId
  readonly invoiceNumber: string
  readonly amount: Money
  readonly notificationId?: MandateNotificationId
  readonly email?: string
  readonly phone?: PhoneNumber
  readonly description?: string
  readonly referenceNumber?: string
}

/** Reads the body of an execution. Throws ApiError for the first wrong field. */
export function parseMandateExecute(body: JsonValue): MandateExecution {
  const fields = readExecuteFields(body, undefined)
  const { description, mandate_notification_id: notificationId, receipt_email: email } = fields
  const { phone, phone_country_code: country, reference_number: referenceNumber } = fields
  const reading = phone === undefined ? undefined : readPhone(phone, country)
  return {
    customerId: fields.customer_id,
    mandateId: fields.mandate_id,
    sessionId: fields.payments_session_id,
    invoiceNumber: fields.invoice_number,
    amount: fields.amount,
    ...(notificationId !== undefined && { notificationId }),
    ...(email !== undefined && { email }),
    ...(reading !== undefined && !('refused' in reading) && { phone: reading }),
    ...(description !== undefined && { description }),
    ...(referenceNumber !== undefined && { referenceNumber }),
  }
}

const readListFields = compileFields(MandateListQuery, PAGE_RULES, 'The query')

/**
 * Reads the query of a list of mandates. `nothing`: it names a customer that cannot exist. Throws ApiError for the first
 * wrong parameter.
 */
export function parseMandateList(query: JsonObject): {
  readonly filter: MandateFilter | 'nothing'
  readonly page: RequestedPage
} {
  const fields = readListFields(query, undefined)
  const page = readPage(fields)
  const { customer_id: text, search_text: searchText, status } = fields
  const customerId = text === undefined ? undefined : parseId<CustomerId>(text)
  if (text !== undefined && customerId === undefined) return { filter: 'nothing', page }
  const searchId = searchText === undefined ? undefined : parseId<MandateId>(searchText)
  return {
    page,
    filter: {
      ...(status !== undefined && { status: statusOf(status) }),
      ...(customerId !== undefined && { customerId }),
      ...(searchText !== undefined && { searchText }),
      ...(searchId !== undefined && { searchId }),
    },
  }
}

/** `Status.Active` is `active`. */
function statusOf(word: string): MandateStatus {
  return word.replace('Status.', '').toLowerCase() as MandateStatus
}
