import { showAccountDay } from '../domain/account-day.ts'
import {
  BALANCE_TRANSACTION_KINDS,
  type BalanceTransactionType,
  netMinorOf,
} from '../domain/balance-transaction.ts'
import { type Currency, formatMoney } from '../domain/money.ts'
import type { Edition } from '../domain/payment-method.ts'
import { netMinorOfSum, PAYOUT_FAILURES, type Payout, type PayoutSum } from '../domain/payout.ts'
import type { BalanceTransactionView, CurrencyBalance } from '../domain/records.ts'
import { METHOD_NAMES } from './payment.ts'

const show = (amountMinor: bigint, currency: Currency): string =>
  formatMoney({ amountMinor, currency })

function stateFields(payout: Payout) {
  const { failureCode, status } = payout
  return {
    status,
    failure_code: failureCode ?? '',
    failure_message: failureCode === undefined ? '' : PAYOUT_FAILURES[failureCode],
    statement_descriptor: payout.statementDescriptor,
  }
}

function timeFields({ arrivesAtMs, createdAtMs, decidedAtMs }: Payout, edition: Edition) {
  return {
    payout_method: edition === 'US' ? 'standard' : undefined,
    // 13 digits as a text.
    initiated_time: String(createdAtMs),
    arrival_date: showAccountDay(edition, arrivesAtMs),
    processed_date: decidedAtMs === undefined ? '' : showAccountDay(edition, decidedAtMs),
    type: 'deposit',
  }
}

/**
 * Makes the object of a payout in lists and events. A payout of a connected account shows less of its bank account.
 *
 * Source: Zoho Payments API reference, payouts pages IN and US (seen 2026-11-22); `arrival_date`: model of the official
 * .NET SDK 1.0.1.
 */
export function payoutRow(payout: Payout, edition: Edition) {
  const { amount, bankAccount, bankReference, connectedAccountId, id } = payout
  const isMerchants = connectedAccountId === undefined
  return {
    payout_id: id,
    amount: formatMoney(amount),
    currency: amount.currency,
    ...stateFields(payout),
    ...timeFields(payout, edition),
    payout_bank_reference_id: bankReference ?? '',
    bank_account_details: {
      bank_name: bankAccount.bankName,
      account_number_last_four_digits: bankAccount.lastFourDigits,
      account_holder_name: isMerchants ? bankAccount.accountHolder : undefined,
      routing_number: isMerchants ? bankAccount.routingNumber : undefined,
    },
  }
}

/**
 * Makes the payout object. A payout of a connected account has no fees and no holder of its bank account.
 *
 * Source: as `payoutRow`.
 */
export function payoutFields(payout: Payout, edition: Edition) {
  const { amount, bankAccount, bankReference, connectedAccountId, id } = payout
  const isMerchants = connectedAccountId === undefined
  const { currency } = amount
  // Payouts are free in a sandbox.
  const none = isMerchants ? show(0n, currency) : undefined
  return {
    payout_id: id,
    amount: formatMoney(amount),
    processing_fee: none,
    currency,
    ...stateFields(payout),
    ...timeFields(payout, edition),
    fee: none,
    fee_rate: isMerchants ? '0.00' : undefined,
    fixed_fee: none,
    tax_amount: none,
    tax_rate: isMerchants ? '0.00' : undefined,
    payout_bank_reference_id: bankReference ?? '',
    comments: commentsOf(payout),
    transaction_summary: {
      charge: sumFields('charge', payout.summary.charge, currency),
      refund: sumFields('refund', payout.summary.refund, currency),
      adjustment: sumFields('adjustment', payout.summary.adjustment, currency),
      total_amount: formatMoney(amount),
    },
    account_details: {
      bank_name: bankAccount.bankName,
      account_holder: isMerchants ? bankAccount.accountHolder : undefined,
      account_number_last_four_digits: bankAccount.lastFourDigits,
      routing_number: bankAccount.routingNumber,
      type: edition === 'US' ? 'checking' : 'current',
      country: edition,
      currency,
    },
  }
}

function sumFields(type: BalanceTransactionType, sum: PayoutSum, currency: Currency) {
  return {
    transaction_type: type,
    count: sum.count,
    net_amount: show(netMinorOfSum(sum), currency),
    fee: show(sum.feeMinor, currency),
    amount: show(sum.amountMinor, currency),
    tax: show(sum.taxMinor, currency),
  }
}

/** Makes the comments of a payout: one for each status that it has had. Their ids follow the payout's. */
function commentsOf({ amount, createdAtMs, decidedAtMs, failureCode, id }: Payout) {
  const comment = (number: bigint, action: string, description: string, atMs: number) => ({
    comment_id: String(BigInt(id) + number),
    amount: formatMoney(amount),
    operation_type: 'payout',
    action_type: action,
    type: 'system',
    description,
    created_by: 'Paydesk',
    created_time: String(atMs),
  })
  const initiation = comment(1n, 'initiated', 'Payout initiated', createdAtMs)
  if (decidedAtMs === undefined) return [initiation]
  const decision =
    failureCode === undefined
      ? comment(2n, 'paid', 'Payout paid', decidedAtMs)
      : comment(2n, 'failed', `Payout failed: ${PAYOUT_FAILURES[failureCode]}`, decidedAtMs)
  return [initiation, decision]
}

function sourceFields({ payment }: BalanceTransactionView) {
  const { description = '' } = JSON.parse(payment.echoedJson) as { description?: string }
  return {
    customer_id: payment.customerId ?? '',
    customer_name: payment.customerName ?? '',
    description,
  }
}

/** Makes the object of a transaction of a payout. */
export function payoutTransactionRow(payoutId: Payout['id'], transaction: BalanceTransactionView) {
  const { amount, createdAtMs, feeMinor, id, kind, parentId, taxMinor } = transaction
  const { currency } = amount
  return {
    payout_id: payoutId,
    transaction_id: id,
    parent_transaction_id: parentId ?? '',
    net_amount: show(netMinorOf(transaction), currency),
    amount: formatMoney(amount),
    fee: show(feeMinor, currency),
    tax: show(taxMinor, currency),
    transaction_type: BALANCE_TRANSACTION_KINDS[kind],
    transaction_time: String(createdAtMs),
    currency,
    ...sourceFields(transaction),
  }
}

/** Makes the object of a transaction of a connected account's payout. */
export function connectedPayoutTransactionRow(
  payoutId: Payout['id'],
  transaction: BalanceTransactionView,
) {
  const { amount, createdAtMs, id, kind, parentId } = transaction
  return {
    payout_id: payoutId,
    // The transfer, even for a reversal.
    merchant_transaction_id: kind === 'connected_reversal' ? (parentId ?? '') : id,
    transaction_id: id,
    parent_transaction_id: parentId ?? '',
    transaction_type: BALANCE_TRANSACTION_KINDS[kind],
    transaction_time: String(createdAtMs),
    net_amount: show(netMinorOf(transaction), amount.currency),
    amount: formatMoney(amount),
    currency: amount.currency,
    ...sourceFields(transaction),
  }
}

/** The statuses of a connected account's transactions. The values are Paydesk's. */
export const CONNECTED_TRANSACTION_STATUSES = ['pending', 'available', 'settled'] as const

/**
 * Makes the object of a transaction of a connected account.
 *
 * Source: model of the official .NET SDK 1.0.1.
 */
export function connectedTransactionRow(transaction: BalanceTransactionView, nowMs: number) {
  const { amount, availableAtMs, createdAtMs, id, kind, parentId, payment, payout } = transaction
  const card = payment.instrument.type === 'card' ? payment.instrument : undefined
  const settledAtMs = payout?.status === 'paid' ? payout.decidedAtMs : undefined
  const status: (typeof CONNECTED_TRANSACTION_STATUSES)[number] =
    settledAtMs !== undefined ? 'settled' : availableAtMs <= nowMs ? 'available' : 'pending'
  return {
    transaction_id: id,
    parent_transaction_id: parentId ?? '',
    transaction_type: BALANCE_TRANSACTION_KINDS[kind],
    transaction_time: String(createdAtMs),
    net_amount: show(netMinorOf(transaction), amount.currency),
    amount: formatMoney(amount),
    currency: amount.currency,
    status,
    // The SDK parses a whole number from the text.
    available_on: String(availableAtMs),
    settled_time: settledAtMs === undefined ? '' : String(settledAtMs),
    payment_method: METHOD_NAMES[payment.instrument.type],
    card_brand: card?.brand ?? '',
    card_type: card?.funding ?? '',
    ...sourceFields(transaction),
    // A reversal has no reason.
    refund_reason: '',
  }
}

/** Makes the object of the merchant's balance in one currency. Paydesk only. */
export function balanceFields(balance: CurrencyBalance) {
  const { availableMinor, currency, inPayoutsMinor, pendingMinor } = balance
  return {
    currency,
    available: show(availableMinor, currency),
    pending: show(pendingMinor, currency),
    in_payouts: show(inPayoutsMinor, currency),
  }
}
