import type { Dispute } from '../domain/dispute.ts'
import type { InstrumentFacts } from '../domain/instrument.ts'
import { type Currency, formatMoney } from '../domain/money.ts'
import {
  type CustomerAction,
  DECLINES,
  type DeclineCode,
  type PaymentAttempt,
  paymentStatusOf,
} from '../domain/payment-attempt.ts'
import { isShownSession, type PaymentSessionRecord } from '../domain/records.ts'
import { disputeFields } from './dispute.ts'

/** The source of a payment on the wire: the attempt and its session. */
export type SessionPayment = {
  readonly attempt: PaymentAttempt
  readonly session: PaymentSessionRecord
}

type ShownSession = Pick<
  PaymentSessionRecord,
  | 'id'
  | 'amount'
  | 'invoiceNumber'
  | 'referenceNumber'
  | 'echoedJson'
  | 'customerId'
  | 'paymentLinkId'
  | 'virtualAccountId'
  | 'typeFacts'
>

/**
 * Makes the payment object of answers and webhooks.
 *
 * Source: Zoho Payments API reference, payments page (seen 2026-11-22).
 */
export function paymentFields({
  attempt,
  dispute,
  session,
}: {
  readonly attempt: PaymentAttempt
  readonly session: ShownSession
  /** The open dispute, otherwise the newest. Undefined: there was none, or the object does not show it. */
  readonly dispute?: Dispute | undefined
}) {
  const { description, meta_data } = JSON.parse(session.echoedJson) as {
    description?: string
    meta_data?: unknown
  }
  const money = moneyFields(attempt, session)
  return {
    payment_id: attempt.id,
    phone: attempt.customer?.phone,
    dialing_code: attempt.customer?.dialingCode,
    customer_id: session.customerId,
    ...(session.virtualAccountId !== undefined && payerFields({ attempt, session })),
    // The session of a transfer or a direct charge is not shown.
    payments_session_id: isShownSession(session) ? session.id : undefined,
    payment_link_id: session.paymentLinkId,
    virtual_account_id: session.virtualAccountId,
    mandate_id: attempt.mandateId,
    amount: money.amount,
    currency: money.currency,
    receipt_email: attempt.customer?.email,
    reference_number: attempt.referenceNumber ?? session.referenceNumber,
    transaction_reference_number: attempt.processorReference,
    invoice_number: session.invoiceNumber,
    amount_captured: money.amount_captured,
    amount_refunded: money.amount_refunded,
    fee_amount: money.fee_amount,
    net_tax_amount: money.net_tax_amount,
    total_fee_amount: money.total_fee_amount,
    net_amount: money.net_amount,
    status: paymentStatusOf(attempt),
    payment_type: session.typeFacts?.type === 'pos_payment' ? 'pos' : 'ecommerce',
    transaction_type: transactionTypeOf(session),
    // No amount is converted, and only accounts of the US edition accept dollars.
    exchange_rate: money.currency === 'USD' ? 1 : undefined,
    statement_descriptor: attempt.statementDescriptor,
    description: attempt.description ?? description,
    date: dateOf(attempt),
    ...(attempt.declineCode !== undefined && failureFields(attempt.declineCode)),
    payment_method: {
      payment_method_id: attempt.savedMethodId,
      ...methodFields(attempt),
    },
    meta_data,
    dispute: dispute && disputeFields(dispute),
  }
}

/** Returns `recurring` for a payment that the merchant started without the customer. */
function transactionTypeOf({ typeFacts }: Pick<ShownSession, 'typeFacts'>) {
  const isDirect = typeFacts?.type === 'direct_charge' && !typeFacts.isOnSession
  return isDirect || typeFacts?.type === 'mandate_execution' ? 'recurring' : 'one_time'
}

/** Makes the object of a payment in a list. */
export function paymentRow({ attempt, session }: SessionPayment) {
  const money = moneyFields(attempt, session)
  return {
    payment_id: attempt.id,
    amount: money.amount,
    currency: money.currency,
    receipt_email: attempt.customer?.email,
    reference_number: attempt.referenceNumber ?? session.referenceNumber,
    amount_captured: money.amount_captured,
    amount_refunded: money.amount_refunded,
    fee_amount: money.fee_amount,
    net_amount: money.net_amount,
    status: paymentStatusOf(attempt),
    date: dateOf(attempt),
    payment_method: {
      payment_method_id: attempt.savedMethodId,
      type: METHOD_NAMES[attempt.instrument.type],
    },
  }
}

/** Writes an amount that can be negative, in major units. */
function showMinor(minor: bigint, currency: Currency): string {
  const text = formatMoney({ amountMinor: minor < 0n ? -minor : minor, currency })
  return minor < 0n ? `-${text}` : text
}

/** Returns the fields that only payments of virtual accounts have. */
export function payerFields({
  attempt,
  session,
}: {
  readonly attempt: PaymentAttempt
  readonly session: Pick<ShownSession, 'amount' | 'echoedJson'>
}) {
  const { capturedMinor, refundedMinor } = attempt.money
  const { customer_name } = JSON.parse(session.echoedJson) as { readonly customer_name?: string }
  return {
    customer_name,
    customer_email: attempt.customer?.email,
    balance: showMinor(capturedMinor - refundedMinor, session.amount.currency),
    fraud_alert: 'no_alert',
  }
}

/** Returns the reason for a failed payment, and the next step. The real service's values for them are unknown. */
export function failureFields(code: DeclineCode) {
  const { category, nextAction, reason, tip } = DECLINES[code]
  return {
    failure_code: code,
    failure_reason: reason,
    failure_category: category,
    next_action: nextAction,
    tip,
  }
}

/** Returns the amounts of a payment: whole, captured, refunded, of fees, and net. */
export function moneyFields({ money }: PaymentAttempt, session: Pick<ShownSession, 'amount'>) {
  const { amountMinor, currency } = session.amount
  const show = (minor: bigint) => showMinor(minor, currency)
  const totalFeeMinor = money.feeMinor + money.taxMinor
  return {
    amount: show(amountMinor),
    currency,
    amount_captured: show(money.capturedMinor),
    amount_refunded: show(money.refundedMinor),
    fee_amount: show(money.feeMinor),
    net_tax_amount: show(money.taxMinor),
    total_fee_amount: show(totalFeeMinor),
    net_amount: show(money.capturedMinor - money.refundedMinor - totalFeeMinor),
  }
}

/** Returns the date of a payment: whole seconds since 1970. */
export function dateOf({ createdAtMs, decidedAtMs }: PaymentAttempt): number {
  return Math.floor((decidedAtMs ?? createdAtMs) / 1000)
}

/**
 * The name of each method in answers. The real service accepts `netbanking` and answers `net_banking`; Paydesk does the
 * same.
 */
export const METHOD_NAMES = {
  card: 'card',
  upi: 'upi',
  netbanking: 'net_banking',
  wallet: 'wallet',
  bank_transfer: 'bank_transfer',
  ach_debit: 'ach_debit',
  // At a terminal the method is unknown until the customer presents a card or a UPI app. The value is Paydesk's.
  terminal: 'pos',
} as const satisfies Record<InstrumentFacts['type'], string>
/** The names of all methods in answers. */
export const ANSWERED_METHODS = Object.values(METHOD_NAMES)

function methodFields({
  action,
  instrument,
  mandateId,
}: Pick<PaymentAttempt, 'action' | 'instrument' | 'mandateId'>) {
  const type = METHOD_NAMES[instrument.type]
  switch (instrument.type) {
    case 'card':
      return {
        type,
        card: {
          card_holder_name: instrument.holderName,
          last_four_digits: instrument.lastFourDigits,
          expiry_month: String(instrument.expiryMonth).padStart(2, '0'),
          // Two digits. Source: Zoho Payments API reference, payment methods page US (seen 2026-11-28).
          expiry_year: String(instrument.expiryYear).slice(-2),
          brand: instrument.brand,
          funding: instrument.funding,
        },
      }
    case 'upi':
      return {
        type,
        mandate_id: mandateId,
        upi: {
          upi_id: instrument.upiId,
          channel: instrument.channel,
          account_type: instrument.accountType,
        },
      }
    case 'netbanking':
      return { type, net_banking: { bank_name: instrument.bankName } }
    case 'wallet':
      return { type, wallet: { wallet_name: instrument.walletName } }
    case 'bank_transfer':
      return {
        type,
        bank_transfer: {
          virtual_account_number: instrument.virtualAccountNumber ?? payToAccountOf(action),
          mode: instrument.mode,
          payer_name: instrument.payerName,
          payer_ifsc_code: instrument.payerIfscCode,
        },
      }
    case 'ach_debit':
      return {
        type,
        ach_debit: {
          account_holder_name: instrument.accountHolderName,
          last_four_digits: instrument.lastFourDigits,
          account_holder_type:
            instrument.accountHolderType === 'business' ? 'company' : instrument.accountHolderType,
          account_type: instrument.accountType,
          bank_name: instrument.bankName,
          routing_number: instrument.routingNumber,
        },
      }
    case 'terminal':
      return { type }
  }
}

function payToAccountOf(action: CustomerAction | undefined): string | undefined {
  return action?.kind === 'bank_transfer' ? action.accountNumber : undefined
}
