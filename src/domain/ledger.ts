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
import type { Payout } from './payout.ts'
import type { Refund } from './refund.ts'
import type { Transfer, TransferReversal } from './transfer.ts'

/**
 * An account of the ledger.
 *
 * `processor`: the acquirer's debt to us; the acquirer makes the payouts. `merchant`: our debt to the merchant.
 * `connected_account/{id}`: our debt to a connected account. `fees`: our income. `taxes`: our debt to the tax office.
 * `customers`: late money that has to be refunded.
 */
type LedgerAccount =
  | 'processor'
  | 'merchant'
  | 'fees'
  | 'taxes'
  | 'customers'
  | `connected_account/${AccountId}`

/**
 * The debited and the credited account of each kind of posting. A payout of a connected account has
 * `connected_account/{id}` in place of `merchant`.
 */
export const LEDGER_KINDS = {
  capture: ['processor', 'merchant'],
  fee: ['merchant', 'fees'],
  tax: ['merchant', 'taxes'],
  refund: ['merchant', 'processor'],
  transfer: ['merchant', 'connected_account'],
  transfer_reversal: ['connected_account', 'merchant'],
  late_capture: ['processor', 'customers'],
  late_refund: ['customers', 'processor'],
  payout: ['merchant', 'processor'],
  payout_return: ['processor', 'merchant'],
  dispute: ['merchant', 'processor'],
  dispute_return: ['processor', 'merchant'],
  dispute_fee: ['merchant', 'fees'],
  dispute_fee_return: ['fees', 'merchant'],
} as const
type LedgerKind = keyof typeof LEDGER_KINDS

/**
 * One row of the ledger: an amount that is debited to one account and credited to another.
 * Both sides are in one row, so the books always balance.
 */
export type LedgerPosting = {
  readonly kind: LedgerKind
  /** The id of its cause. A cause has at most one posting of each kind. */
  readonly sourceId:
    | PaymentAttemptId
    | RefundId
    | TransferId
    | TransferReversalId
    | PayoutId
    | DisputeId
  /** Undefined: a payout, which has no single payment. */
  readonly paymentAttemptId?: PaymentAttemptId
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
  /** A payout that was initiated, or that has failed. */
  | { readonly type: 'payout' | 'payout_return'; readonly payout: Payout }
  /** A dispute that was opened, or that was won. */
  | { readonly type: 'dispute' | 'dispute_return'; readonly dispute: Dispute }

/** Returns all postings for a cause. No other function creates postings. */
export function postingsFor(cause: LedgerCause, nowMs: number): readonly LedgerPosting[] {
  switch (cause.type) {
    case 'attempt': {
      const { id, accountId, money, status } = cause.attempt
      const source = { sourceId: id, paymentAttemptId: id, accountId, createdAtMs: nowMs }
      const amount = (amountMinor: bigint) => ({ amountMinor, currency: cause.currency })
      return [
        post(
          status === 'refunded' ? 'late_capture' : 'capture',
          source,
          amount(money.capturedMinor),
        ),
        post('fee', source, amount(money.feeMinor)),
        post('tax', source, amount(money.taxMinor)),
      ].flat()
    }
    case 'refund': {
      const { id, accountId, amount, paymentAttemptId } = cause.refund
      const source = { sourceId: id, paymentAttemptId, accountId, createdAtMs: nowMs }
      return post(cause.attempt.status === 'refunded' ? 'late_refund' : 'refund', source, amount)
    }
    case 'transfer': {
      const { id, accountId, amount, connectedAccountId, paymentAttemptId } = cause.transfer
      const source = { sourceId: id, paymentAttemptId, accountId, createdAtMs: nowMs }
      return post('transfer', source, amount, connectedAccountId)
    }
    case 'transfer_reversal': {
      const { id, amount } = cause.reversal
      const { accountId, connectedAccountId, paymentAttemptId } = cause.transfer
      const source = { sourceId: id, paymentAttemptId, accountId, createdAtMs: nowMs }
      return post('transfer_reversal', source, amount, connectedAccountId)
    }
    case 'payout':
    case 'payout_return':
      return postPayout(cause.type, cause.payout, nowMs)
    case 'dispute':
    case 'dispute_return':
      return postDispute(cause.type, cause.dispute, nowMs)
  }
}

function postDispute(
  kind: 'dispute' | 'dispute_return',
  { accountId, amount, feeMinor, id, paymentAttemptId }: Dispute,
  nowMs: number,
): readonly LedgerPosting[] {
  const source = { sourceId: id, paymentAttemptId, accountId, createdAtMs: nowMs }
  const feeKind = kind === 'dispute' ? 'dispute_fee' : 'dispute_fee_return'
  const fee = { ...amount, amountMinor: feeMinor }
  return [...post(kind, source, amount), ...post(feeKind, source, fee)]
}

function postPayout(
  kind: 'payout' | 'payout_return',
  { accountId, amount, connectedAccountId, id }: Payout,
  nowMs: number,
): readonly LedgerPosting[] {
  const source = { sourceId: id, accountId, createdAtMs: nowMs }
  const postings = post(kind, source, amount)
  if (connectedAccountId === undefined) return postings
  const owner: LedgerAccount = `connected_account/${connectedAccountId}`
  return postings.map((posting) =>
    kind === 'payout' ? { ...posting, debit: owner } : { ...posting, credit: owner },
  )
}

function post(
  kind: LedgerKind,
  source: Pick<LedgerPosting, 'sourceId' | 'paymentAttemptId' | 'accountId' | 'createdAtMs'>,
  amount: Money,
  connectedAccountId?: AccountId,
): readonly LedgerPosting[] {
  // An account without fees has no posting for a fee.
  if (amount.amountMinor === 0n) return []
  const accountOf = (account: (typeof LEDGER_KINDS)[LedgerKind][number]): LedgerAccount => {
    if (account !== 'connected_account') return account
    if (connectedAccountId === undefined) throw new Error(`a ${kind} has no connected account`)
    return `connected_account/${connectedAccountId}`
  }
  const [debit, credit] = LEDGER_KINDS[kind]
  return [{ ...source, kind, debit: accountOf(debit), credit: accountOf(credit), amount }]
}
