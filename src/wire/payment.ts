import type { Account } from '../domain/account.ts'
import { feeOn } from '../domain/fee.ts'
import type { InstrumentFacts } from '../domain/instrument.ts'
import { formatMoney } from '../domain/money.ts'
import { DECLINE_REASONS, type PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Refund } from '../domain/refund.ts'
import type { Page, PaymentSessionRecord } from '../operations/ports.ts'
import { renderPage } from './read-page.ts'

/** A payment as it is told: the attempt, its session, and what was given back of it. */
export type PaymentTold = {
  readonly attempt: PaymentAttempt
  readonly session: PaymentSessionRecord
  readonly refunds: readonly Refund[]
}

/** Renders a retrieve answer's body. */
export function renderPayment(payment: PaymentTold, account: Account): string {
  const { attempt, session } = payment
  const { description, meta_data } = JSON.parse(session.echoedJson) as {
    description?: string
    meta_data?: unknown
  }
  const money = moneyOf(payment, account)
  const fields = {
    payment_id: attempt.id,
    phone: attempt.customer?.phone,
    payments_session_id: session.id,
    amount: money.amount,
    currency: money.currency,
    receipt_email: attempt.customer?.email,
    reference_number: session.referenceNumber,
    transaction_reference_number: attempt.processorReference,
    invoice_number: session.invoiceNumber,
    amount_captured: money.amount_captured,
    amount_refunded: money.amount_refunded,
    fee_amount: money.fee_amount,
    net_tax_amount: money.net_tax_amount,
    total_fee_amount: money.total_fee_amount,
    net_amount: money.net_amount,
    status: attempt.status,
    payment_type: 'ecommerce',
    transaction_type: 'one_time',
    description,
    date: dateOf(attempt),
    ...(attempt.declineCode !== undefined && {
      failure_code: attempt.declineCode,
      failure_reason: DECLINE_REASONS[attempt.declineCode],
    }),
    payment_method: renderMethod(attempt.instrument),
    meta_data,
  }
  return JSON.stringify({ code: 0, message: 'success', payment: fields })
}

/** Renders a list answer's body. */
export function renderPayments(
  payments: readonly PaymentTold[],
  account: Account,
  page: Page,
  total: number,
): string {
  const rows = payments.map((payment) => {
    const { attempt, session } = payment
    const { amount, amount_captured, amount_refunded, currency, fee_amount, net_amount } = moneyOf(
      payment,
      account,
    )
    return {
      payment_id: attempt.id,
      amount,
      currency,
      receipt_email: attempt.customer?.email,
      reference_number: session.referenceNumber,
      amount_captured,
      amount_refunded,
      fee_amount,
      net_amount,
      status: attempt.status,
      date: dateOf(attempt),
      payment_method: { type: METHOD_NAMES[attempt.instrument.type] },
    }
  })
  return JSON.stringify({
    code: 0,
    message: 'success',
    payments: rows,
    page_context: renderPage(page, total),
  })
}

/**
 * What was taken, given back, and is left. Only what counts bears a fee: money that came too late is
 * taken and given back whole.
 *
 * Source of the arithmetic: Zoho Payments API reference, payments page samples (seen 2026-11-22).
 */
function moneyOf({ attempt, refunds, session }: PaymentTold, account: Account) {
  const { amountMinor, currency } = session.amount
  const isTaken = attempt.status === 'succeeded' || attempt.status === 'refunded'
  const capturedMinor = isTaken ? amountMinor : 0n
  const refundedMinor = refunds
    .filter(({ status }) => status === 'succeeded')
    .reduce((sum, { amount }) => sum + amount.amountMinor, 0n)
  const fee = feeOn(attempt.status === 'succeeded' ? capturedMinor : 0n, account.feeRates)
  const show = (minor: bigint) => {
    const text = formatMoney({ amountMinor: minor < 0n ? -minor : minor, currency })
    return minor < 0n ? `-${text}` : text
  }
  return {
    amount: show(amountMinor),
    currency,
    amount_captured: show(capturedMinor),
    amount_refunded: show(refundedMinor),
    fee_amount: show(fee.feeMinor),
    net_tax_amount: show(fee.taxMinor),
    total_fee_amount: show(fee.totalMinor),
    net_amount: show(capturedMinor - refundedMinor - fee.totalMinor),
  }
}

/** Whole seconds since 1970. */
function dateOf({ createdAtMs, decidedAtMs }: PaymentAttempt): number {
  return Math.floor((decidedAtMs ?? createdAtMs) / 1000)
}

/**
 * A method's name in answers. The real service asks for `netbanking` and answers `net_banking`; we do
 * the same.
 */
const METHOD_NAMES: Record<InstrumentFacts['type'], string> = {
  card: 'card',
  upi: 'upi',
  netbanking: 'net_banking',
  wallet: 'wallet',
  bank_transfer: 'bank_transfer',
  ach_debit: 'ach_debit',
}

function renderMethod(instrument: InstrumentFacts) {
  const type = METHOD_NAMES[instrument.type]
  switch (instrument.type) {
    case 'card':
      return {
        type,
        card: {
          card_holder_name: instrument.holderName,
          last_four_digits: instrument.lastFourDigits,
          expiry_month: String(instrument.expiryMonth).padStart(2, '0'),
          expiry_year: String(instrument.expiryYear),
          brand: instrument.brand,
          funding: instrument.funding,
        },
      }
    case 'upi':
      return {
        type,
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
      return { type, bank_transfer: {} }
    case 'ach_debit':
      return {
        type,
        ach_debit: {
          account_holder_name: instrument.accountHolderName,
          last_four_digits: instrument.lastFourDigits,
          account_type: instrument.accountType,
          routing_number: instrument.routingNumber,
        },
      }
  }
}
