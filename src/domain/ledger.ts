import type { AccountId, PaymentAttemptId, RefundId, TransferId, TransferReversalId } from './id.ts'
import type { Money } from './money.ts'
import type { PaymentAttempt } from './payment-attempt.ts'
import type { Refund } from './refund.ts'
import type { Transfer, TransferReversal } from './transfer.ts'

/**
 * An account of the ledger.
 *
 * `processor`: the acquirer's debt to us. `merchant`: our debt to the merchant.
 * `connected_account/{id}`: our debt to a connected account. `fees`: our income. `taxes`: our debt to the tax office.
 * `customers`: late money that has to be refunded.
 */
export type LedgerAccount =
  | 'processor'
  | 'merchant'
  | 'fees'
  | 'taxes'
  | 'customers'
  | `connected_account/${AccountId}`

/** The debited and the credited account of each kind of posting. */
export const LEDGER_KINDS = {
  capture: ['processor', 'merchant'],
  fee: ['merchant', 'fees'],
  tax: ['merchant', 'taxes'],
  refund: ['merchant', 'processor'],
  transfer: ['merchant', 'connected_account'],
  transfer_reversal: ['connected_account', 'merchant'],
  late_capture: ['processor', 'customers'],
  late_refund: ['customers', 'processor'],
} as const
/** The reason of a posting. */
export type LedgerKind = keyof typeof LEDGER_KINDS

/**
 * One row of the ledger: an amount that goes from the credit of one account to the debit of another.
 * Both sides are in one row, so the books always balance.
 */
export type LedgerPosting = {
  readonly kind: LedgerKind
  /** The id of the cause. Each kind is posted once for a cause. */
  readonly sourceId: PaymentAttemptId | RefundId | TransferId | TransferReversalId
  readonly paymentAttemptId: PaymentAttemptId
  readonly accountId: AccountId
  readonly debit: LedgerAccount
  readonly credit: LedgerAccount
  readonly amount: Money
  readonly createdAtMs: number
}

/** An event that moves money, after it has happened. */
export type LedgerCause =
  | {
      readonly type: 'attempt'
      readonly attempt: PaymentAttempt
      readonly currency: Money['currency']
    }
  | { readonly type: 'refund'; readonly refund: Refund; readonly attempt: PaymentAttempt }
  | { readonly type: 'transfer'; readonly transfer: Transfer }
  | {
      readonly type: 'transfer_reversal'
      readonly reversal: TransferReversal
      readonly transfer: Transfer
    }

/** Gives all postings for a cause. No other function creates postings. */
export function postingsFor(cause: LedgerCause, nowMs: number): readonly LedgerPosting[] {
  switch (cause.type) {
    case 'attempt': {
      const { id, accountId, money, status } = cause.attempt
      const of = { sourceId: id, paymentAttemptId: id, accountId, createdAtMs: nowMs }
      const { currency } = cause
      return [
        post(status === 'refunded' ? 'late_capture' : 'capture', of, money.capturedMinor, currency),
        post('fee', of, money.feeMinor, currency),
        post('tax', of, money.taxMinor, currency),
      ].flat()
    }
    case 'refund': {
      const { id, accountId, amount, paymentAttemptId } = cause.refund
      const of = { sourceId: id, paymentAttemptId, accountId, createdAtMs: nowMs }
      const kind = cause.attempt.status === 'refunded' ? 'late_refund' : 'refund'
      return post(kind, of, amount.amountMinor, amount.currency)
    }
    case 'transfer': {
      const { id, accountId, amount, connectedAccountId, paymentAttemptId } = cause.transfer
      const of = { sourceId: id, paymentAttemptId, accountId, createdAtMs: nowMs }
      return post('transfer', of, amount.amountMinor, amount.currency, connectedAccountId)
    }
    case 'transfer_reversal': {
      const { id, amount } = cause.reversal
      const { accountId, connectedAccountId, paymentAttemptId } = cause.transfer
      const of = { sourceId: id, paymentAttemptId, accountId, createdAtMs: nowMs }
      return post('transfer_reversal', of, amount.amountMinor, amount.currency, connectedAccountId)
    }
  }
}

function post(
  kind: LedgerKind,
  of: Pick<LedgerPosting, 'sourceId' | 'paymentAttemptId' | 'accountId' | 'createdAtMs'>,
  amountMinor: bigint,
  currency: Money['currency'],
  connectedAccountId?: AccountId,
): readonly LedgerPosting[] {
  // An account without a fee has none to post.
  if (amountMinor === 0n) return []
  const [debit, credit] = LEDGER_KINDS[kind].map((account) =>
    account === 'connected_account' ? `connected_account/${connectedAccountId}` : account,
  ) as [LedgerAccount, LedgerAccount]
  return [{ ...of, kind, debit, credit, amount: { amountMinor, currency } }]
}
