import { type Currency, formatMoney, type Money } from '../domain/money.ts'
import { paymentStatusOf } from '../domain/payment-attempt.ts'
import { reversibleMinor, type Transfer, type TransferReversal } from '../domain/transfer.ts'
import type { SessionPayment } from './payment.ts'

type NamedTransfer = { readonly transfer: Transfer; readonly connectedAccountName: string }

type FailedTransfer = {
  readonly connectedAccountId: string
  readonly amount: Money
  /** The code of the refusal, and a sentence for it. */
  readonly errorCode: string
  readonly message: string
}

const zeroOf = (currency: Currency) => formatMoney({ amountMinor: 0n, currency })

/** Makes the object of a new transfer in the answer to its request. */
export function newTransferFields({ amount, connectedAccountId, id }: Transfer) {
  return {
    transfer_id: id,
    connected_account_id: connectedAccountId,
    currency: amount.currency,
    transfer_amount: formatMoney(amount),
    net_transfer_amount: formatMoney(amount),
    fee_amount: zeroOf(amount.currency),
    fee_tax_amount: zeroOf(amount.currency),
    status: 'success',
  }
}

/** Makes the object of a refused transfer in the answer to its request. */
export function refusedTransferFields({
  amount,
  connectedAccountId,
  errorCode,
  message,
}: FailedTransfer) {
  const nothing = zeroOf(amount.currency)
  return {
    connected_account_id: connectedAccountId,
    currency: amount.currency,
    transfer_amount: formatMoney(amount),
    net_transfer_amount: nothing,
    fee_amount: nothing,
    fee_tax_amount: nothing,
    status: 'failed',
    error_code: errorCode,
    message,
  }
}

/**
 * Makes the object of a transfer in a list. Transfers have no fee. Times are milliseconds, as texts.
 *
 * Source: Zoho Payments API reference, transfers page IN (seen 2026-11-22).
 */
export function transferRow({ connectedAccountName, transfer }: NamedTransfer) {
  const { amount, reversedMinor } = transfer
  const { currency } = amount
  const nothing = zeroOf(currency)
  return {
    transfer_id: transfer.id,
    payment_id: transfer.paymentAttemptId,
    total_amount: formatMoney(amount),
    net_amount: formatMoney(amount),
    fee_amount: nothing,
    fee_rate: NO_RATE,
    fee_tax_amount: nothing,
    fee_tax_rate: NO_RATE,
    connected_account_id: transfer.connectedAccountId,
    connected_account_name: connectedAccountName,
    description: transfer.description,
    currency,
    status: 'success',
    reversed_amount: formatMoney({ amountMinor: reversedMinor, currency }),
    available_amount_for_reversal: formatMoney({
      amountMinor: reversibleMinor(transfer),
      currency,
    }),
    created_time: String(transfer.createdAtMs),
  }
}

/** The rates of the fee and its tax, in percent. */
const NO_RATE = '0.00'

/** Makes the object of a transfer with its reversals and its payment. */
export function transferFields(
  transfer: NamedTransfer,
  reversals: readonly TransferReversal[],
  { attempt, session }: SessionPayment,
) {
  return {
    ...transferRow(transfer),
    reversals: reversals.map(({ amount, createdAtMs, description, id }) => ({
      reversal_id: id,
      total_amount: formatMoney(amount),
      net_amount: formatMoney(amount),
      fee_amount: zeroOf(amount.currency),
      description,
      status: 'success',
      created_time: String(createdAtMs),
    })),
    payment_details: {
      amount: formatMoney(session.amount),
      currency: session.amount.currency,
      payment_date: String(attempt.decidedAtMs ?? attempt.createdAtMs),
      status: paymentStatusOf(attempt),
    },
  }
}

/**
 * Makes the object of a new reversal in the answer to its request.
 *
 * Source: Zoho Payments API reference, transfer reversals page IN (seen 2026-11-22); the last two fields are
 * Paydesk's.
 */
export function newReversalFields(
  { amount, createdAtMs, description, id, transferId }: TransferReversal,
  { connectedAccountId }: Pick<Transfer, 'connectedAccountId'>,
) {
  return {
    transfer_reversal_id: id,
    transfer_id: transferId,
    transfer_reversal_amount: formatMoney(amount),
    connected_account_id: connectedAccountId,
    currency: amount.currency,
    status: 'success',
    description,
    created_time: String(createdAtMs),
  }
}

/**
 * Makes the object of a retrieved or listed reversal.
 *
 * Source: model of reversals in the official .NET SDK 1.0.1. In Paydesk no refund reverses a transfer, and no
 * reversal fails.
 */
export function reversalFields(
  { amount, createdAtMs, description, id }: TransferReversal,
  { connectedAccountName, transfer }: NamedTransfer,
) {
  return {
    transfer_reversal_id: id,
    transfer_id: transfer.id,
    payment_id: transfer.paymentAttemptId,
    refund_id: '',
    total_amount: formatMoney(amount),
    connected_account_id: transfer.connectedAccountId,
    connected_account_name: connectedAccountName,
    status: 'success',
    failure_code: '',
    description,
    currency: amount.currency,
    created_time: String(createdAtMs),
  }
}
