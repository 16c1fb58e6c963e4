import { type Mandate, mandateAt } from '../domain/mandate.ts'
import type { MandateDebit, MandateNotification } from '../domain/mandate-debit.ts'
import { MANDATE_CURRENCY, mandateDayStartMs } from '../domain/mandate-terms.ts'
import { formatMoney } from '../domain/money.ts'
import { paymentStatusOf } from '../domain/payment-attempt.ts'
import { dateOf, type SessionPayment } from './payment.ts'

/**
 * Makes the mandate object of answers and webhooks, in its state at a time.
 *
 * Source: Zoho Payments API reference, mandates page IN (seen 2026-11-22). `inactive_reason` and `created_time` are
 * Paydesk extensions.
 */
export function mandateFields(storedMandate: Mandate, nowMs: number) {
  const mandate = mandateAt(storedMandate, nowMs)
  return {
    mandate_id: mandate.id,
    customer_id: mandate.customerId,
    customer_name: mandate.customerName,
    customer_email: mandate.customerEmail,
    customer_phone: mandate.customerPhone,
    amount: rupees(mandate.amountMinor),
    currency: MANDATE_CURRENCY,
    amount_rule: mandate.amountRule,
    frequency: mandate.frequency,
    status: mandate.status,
    description: mandate.description,
    debit_day: mandate.debitDay,
    debit_rule: mandate.debitRule,
    start_date: dayOut(mandate.startOn),
    end_date: mandate.endOn && dayOut(mandate.endOn),
    payment_method: upiMethod(mandate),
    inactive_reason: mandate.inactiveReason,
    created_time: Math.floor(mandate.createdAtMs / 1000),
  }
}

/** Makes the notification object of answers. Source: as `mandateFields`. */
export function mandateNotificationFields(notification: MandateNotification, mandate: Mandate) {
  const amount = rupees(notification.amountMinor)
  return {
    mandate_id: notification.mandateId,
    mandate_notification_id: notification.id,
    customer_id: mandate.customerId,
    mandate_amount: rupees(mandate.amountMinor),
    currency: MANDATE_CURRENCY,
    amount_rule: mandate.amountRule,
    notification_amount: amount,
    notification_status: notification.status,
    description: notification.description,
    invoice_number: notification.invoiceNumber,
    amount,
    notification_date: Math.floor(notification.createdAtMs / 1000),
    execution_date: dayOut(notification.executionOn),
    payment_method: upiMethod(mandate),
  }
}

/**
 * Makes the payment object of the answer to an execution. Source: as `mandateFields`. `payment_id`, `mandate_id` and
 * `mandate_notification_id` are Paydesk extensions.
 */
export function mandatePaymentFields(
  { attempt, session }: SessionPayment,
  notificationId: MandateDebit['notificationId'],
) {
  const { description } = JSON.parse(session.echoedJson) as { readonly description?: string }
  return {
    payment_id: attempt.id,
    payments_session_id: session.id,
    invoice_number: session.invoiceNumber,
    customer_id: session.customerId,
    amount: formatMoney(session.amount),
    currency: session.amount.currency,
    status: paymentStatusOf(attempt),
    statement_descriptor: attempt.statementDescriptor,
    description: attempt.description ?? description,
    reference_number: attempt.referenceNumber ?? session.referenceNumber,
    date: dateOf(attempt),
    payment_method: { type: 'upi' },
    mandate_id: attempt.mandateId,
    mandate_notification_id: notificationId,
  }
}

const rupees = (amountMinor: bigint): string =>
  formatMoney({ amountMinor, currency: MANDATE_CURRENCY })

/** Writes a day as the real service does: its beginning in India, in whole seconds since 1970. */
const dayOut = (day: string): number => mandateDayStartMs(day) / 1000

function upiMethod({ upiId }: Mandate) {
  return { type: 'upi', upi: { upi_id: upiId } }
}
