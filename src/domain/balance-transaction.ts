import { paymentAvailableAtMs, transferAvailableAtMs } from './business-day.ts'
import type { Dispute } from './dispute.ts'
import type {
  AccountId,
  DisputeId,
  PaymentAttemptId,
  PayoutId,
  RefundId,
  TransferId,
  TransferReversalId,
} from './id.ts'
import type { Money } from './money.ts'
import type { PaymentAttempt } from './payment-attempt.ts'
import type { Edition } from './payment-method.ts'
import type { Refund } from './refund.ts'
import type { Transfer, TransferReversal } from './transfer.ts'

/** The types of balance transactions on the wire. */
export const BALANCE_TRANSACTION_TYPES = ['charge', 'refund', 'adjustment'] as const
/** A type of balance transactions. */
export type BalanceTransactionType = (typeof BALANCE_TRANSACTION_TYPES)[number]

/**
 * The kinds of balance transactions with their types on the wire. Those of a connected account change its balance, the
 * others that of the merchant.
 */
export const BALANCE_TRANSACTION_KINDS = {
  charge: 'charge',
  refund: 'refund',
  transfer: 'adjustment',
  transfer_reversal: 'adjustment',
  dispute: 'adjustment',
  dispute_return: 'adjustment',
  connected_transfer: 'charge',
  connected_reversal: 'refund',
} as const satisfies Record<string, BalanceTransactionType>
/** A kind of balance transactions. */
export type BalanceTransactionKind = keyof typeof BALANCE_TRANSACTION_KINDS

/** One change of the balance of a merchant or of a connected account. A payout consists of such transactions. */
export type BalanceTransaction = {
  readonly kind: BalanceTransactionKind
  /** The id of its cause. A cause has at most one transaction of each kind. */
  readonly id: PaymentAttemptId | RefundId | TransferId | TransferReversalId | DisputeId
  /** The payment of a refund, a transfer or a dispute; the transfer of a reversal. Undefined for a payment itself. */
  readonly parentId?: PaymentAttemptId | TransferId
  readonly accountId: AccountId
  /** The owner of the balance. Undefined: the merchant. */
  readonly connectedAccountId?: AccountId
  readonly paymentAttemptId: PaymentAttemptId
  /** Negative amounts reduce the balance. */
  readonly amount: Money
  readonly feeMinor: bigint
  readonly taxMinor: bigint
  readonly createdAtMs: number
  /** The time from which a payout can contain it. */
  readonly availableAtMs: number
}

/**
 * A stored balance transaction. `payoutId`: the last payout that took it; its money is free again
 * if that payout failed.
 */
export type BalanceTransactionRecord = BalanceTransaction & { readonly payoutId?: PayoutId }

/** The key of a balance transaction. */
export type BalanceTransactionKey = Pick<BalanceTransaction, 'id' | 'kind'>

/** Returns the change of the balance: the amount minus fee and tax, in minor units. */
export function netMinorOf({
  amount,
  feeMinor,
  taxMinor,
}: Pick<BalanceTransaction, 'amount' | 'feeMinor' | 'taxMinor'>): bigint {
  return amount.amountMinor - feeMinor - taxMinor
}

/**
 * Returns the balance transaction of a successful payment. Undefined: the money was refunded at once, because it came
 * too late, so it never reaches the balance.
 */
export function chargeOf(
  attempt: PaymentAttempt,
  currency: Money['currency'],
  edition: Edition,
): BalanceTransaction | undefined {
  const { accountId, createdAtMs, decidedAtMs = createdAtMs, id, instrument, money } = attempt
  if (attempt.status !== 'succeeded') return undefined
  // A terminal that reports no facts most probably read a card.
  const method = instrument.type === 'terminal' ? 'card' : instrument.type
  return {
    kind: 'charge',
    id,
    accountId,
    paymentAttemptId: id,
    amount: { amountMinor: money.capturedMinor, currency },
    feeMinor: money.feeMinor,
    taxMinor: money.taxMinor,
    createdAtMs: decidedAtMs,
    availableAtMs: paymentAvailableAtMs(edition, method, decidedAtMs),
  }
}

/** Returns the balance transaction of a successful refund. Undefined: it refunded late money. */
export function refundTransactionOf(
  refund: Refund,
  attempt: Pick<PaymentAttempt, 'status'>,
): BalanceTransaction | undefined {
  const { accountId, amount, createdAtMs, decidedAtMs = createdAtMs, id } = refund
  if (attempt.status === 'refunded') return undefined
  return {
    kind: 'refund',
    id,
    parentId: refund.paymentAttemptId,
    accountId,
    paymentAttemptId: refund.paymentAttemptId,
    amount: { ...amount, amountMinor: -amount.amountMinor },
    feeMinor: 0n,
    taxMinor: 0n,
    createdAtMs: decidedAtMs,
    availableAtMs: decidedAtMs,
  }
}

/** Returns the balance transactions of a transfer: the merchant's and the connected account's. */
export function transferTransactionsOf(
  transfer: Transfer,
  attempt: PaymentAttempt,
  edition: Edition,
): readonly BalanceTransaction[] {
  const { accountId, amount, connectedAccountId, createdAtMs, id, paymentAttemptId } = transfer
  const source = {
    id,
    parentId: paymentAttemptId,
    accountId,
    paymentAttemptId,
    feeMinor: 0n,
    taxMinor: 0n,
    createdAtMs,
  }
  const charge = chargeOf(attempt, amount.currency, edition)
  return [
    {
      ...source,
      kind: 'transfer',
      amount: { ...amount, amountMinor: -amount.amountMinor },
      // The same time as the money of the payment: both change the balance together.
      availableAtMs: charge?.availableAtMs ?? createdAtMs,
    },
    {
      ...source,
      kind: 'connected_transfer',
      connectedAccountId,
      amount,
      availableAtMs: transferAvailableAtMs(edition, createdAtMs),
    },
  ]
}

/** Returns the balance transactions of a reversal: the merchant's and the connected account's. */
export function reversalTransactionsOf(
  { accountId, amount, createdAtMs, id }: TransferReversal,
  transfer: Transfer,
): readonly BalanceTransaction[] {
  const source = {
    id,
    parentId: transfer.id,
    accountId,
    paymentAttemptId: transfer.paymentAttemptId,
    feeMinor: 0n,
    taxMinor: 0n,
    createdAtMs,
    availableAtMs: createdAtMs,
  }
  return [
    { ...source, kind: 'transfer_reversal', amount },
    {
      ...source,
      kind: 'connected_reversal',
      connectedAccountId: transfer.connectedAccountId,
      amount: { ...amount, amountMinor: -amount.amountMinor },
    },
  ]
}

/** Returns the balance transaction of a dispute that was opened, or that was won. */
export function disputeTransactionOf(
  kind: 'dispute' | 'dispute_return',
  { accountId, amount, createdAtMs, decidedAtMs = createdAtMs, feeMinor, ...dispute }: Dispute,
): BalanceTransaction {
  const isReturn = kind === 'dispute_return'
  const atMs = isReturn ? decidedAtMs : createdAtMs
  return {
    kind,
    id: dispute.id,
    parentId: dispute.paymentAttemptId,
    accountId,
    paymentAttemptId: dispute.paymentAttemptId,
    amount: { ...amount, amountMinor: isReturn ? amount.amountMinor : -amount.amountMinor },
    feeMinor: isReturn ? -feeMinor : feeMinor,
    taxMinor: 0n,
    createdAtMs: atMs,
    availableAtMs: atMs,
  }
}
