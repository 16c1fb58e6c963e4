import { formatMoney } from '../domain/money.ts'
import { type PaymentAttempt, paymentStatusOf } from '../domain/payment-attempt.ts'
import {
  VIRTUAL_ACCOUNT_CURRENCY,
  type VirtualAccount,
  virtualAccountAt,
} from '../domain/virtual-account.ts'
import {
  dateOf,
  failureFields,
  METHOD_NAMES,
  moneyFields,
  payerFields,
  type SessionPayment,
} from './payment.ts'

/**
 * Makes the virtual account object of answers and webhooks, in its state at a time. `payment`: the
 * payment that an event reports.
 *
 * Source: Zoho Payments API reference, collect page IN (seen 2026-11-22).
 */
export function virtualAccountFields(
  storedAccount: VirtualAccount,
  nowMs: number,
  payment?: PaymentAttempt,
) {
  const account = virtualAccountAt(storedAccount, nowMs)
  return {
    virtual_account_id: account.id,
    account_number: account.accountNumber,
    ifsc_code: account.ifscCode,
    beneficiary_name: account.beneficiaryName,
    description: account.description,
    customer_id: account.customerId,
    minimum_amount: optionalRupees(account.minimumMinor),
    maximum_amount: optionalRupees(account.maximumMinor),
    amount_paid: rupees(account.paidMinor),
    meta_data: account.metaDataJson && (JSON.parse(account.metaDataJson) as unknown),
    reference_number: account.referenceNumber,
    status: account.status,
    expires_at: account.expiresOn,
    created_time: Math.floor(account.createdAtMs / 1000),
    last_modified_time: Math.floor(account.changedAtMs / 1000),
    payments: payment && [causeOf(payment)],
  }
}

/**
 * Returns an amount as a number of rupees. It is exact, because no amount of an account is above `PAID_MINOR_MAX`.
 */
function rupees(minor: bigint): number {
  return Number(formatMoney({ amountMinor: minor, currency: VIRTUAL_ACCOUNT_CURRENCY }))
}

function optionalRupees(minor: bigint | undefined): number | undefined {
  return minor === undefined ? undefined : rupees(minor)
}

/** Makes the object of the payment that caused an event, in the form of a payment link's payments. */
function causeOf(attempt: PaymentAttempt) {
  const { capturedMinor } = attempt.money
  return {
    payment_id: attempt.id,
    amount: formatMoney({ amountMinor: capturedMinor, currency: VIRTUAL_ACCOUNT_CURRENCY }),
    type: METHOD_NAMES[attempt.instrument.type],
    status: paymentStatusOf(attempt),
    date: dateOf(attempt),
  }
}

/** Makes the object of a payment in the list of a virtual account's payments. Source: as `virtualAccountFields`. */
export function virtualAccountPaymentRow({ attempt, session }: SessionPayment) {
  const money = moneyFields(attempt, session)
  const payer = payerFields({ attempt, session })
  const failure = attempt.declineCode === undefined ? undefined : failureFields(attempt.declineCode)
  return {
    payment_id: attempt.id,
    customer_id: session.customerId,
    virtual_account_id: session.virtualAccountId,
    customer_name: payer.customer_name,
    customer_email: payer.customer_email,
    amount: money.amount,
    receipt_email: attempt.customer?.email,
    dialing_code: attempt.customer?.dialingCode,
    phone: attempt.customer?.phone,
    reference_number: session.referenceNumber,
    transaction_reference_number: attempt.processorReference,
    payment_type: 'ecommerce',
    currency: money.currency,
    balance: payer.balance,
    amount_captured: money.amount_captured,
    amount_refunded: money.amount_refunded,
    fee_amount: money.fee_amount,
    status: paymentStatusOf(attempt),
    transaction_type: 'one_time',
    fraud_alert: payer.fraud_alert,
    failure_reason: failure?.failure_reason,
    failure_category: failure?.failure_category,
    next_action: failure?.next_action,
    tip: failure?.tip,
    date: dateOf(attempt),
    payment_method: { type: METHOD_NAMES[attempt.instrument.type] },
  }
}
