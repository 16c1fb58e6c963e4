import type { AccountId } from '../domain/id.ts'
import type { Money } from '../domain/money.ts'
import type { BankAccount, PayoutFailureCode } from '../domain/payout.ts'
import type { ReportPage } from './reports.ts'

/** The kinds of transactions of a payout, named after Paydesk's objects. */
export const REPORTED_TRANSACTION_KINDS = [
  'payment',
  'refund',
  'transfer',
  'transfer_reversal',
  'dispute',
  'dispute_return',
] as const

/** A transaction of a payout. Its id is Paydesk's id of the attempt, refund, transfer or reversal. */
export type ReportedTransaction = {
  readonly kind: (typeof REPORTED_TRANSACTION_KINDS)[number]
  /** For the kinds `dispute` and `dispute_return`: the id of the disputed attempt. */
  readonly id: string
  /** Set exactly for the kinds `dispute` and `dispute_return`: the reference of the reported dispute. */
  readonly disputeReference?: string
}

/** The current state of a payout. It is reported again after each change of its status. */
export type ReportedPayout = {
  /**
   * The processor's reference: 1 to 200 characters, without a number that could be a card number.
   */
  readonly payoutReference: string
  /** The sum of the net amounts of its transactions: amount less fee and tax. */
  readonly amount: Money
  /** The connected account that is paid. Undefined: the merchant. */
  readonly connectedAccountId?: AccountId
  readonly initiatedAtMs: number
  /** Undefined: unknown. */
  readonly arrivesAtMs?: number
  readonly bankAccount: BankAccount
  /** `paid` and `failed` are final. */
  readonly result:
    | { readonly status: 'initiated' }
    | { readonly status: 'paid'; readonly decidedAtMs: number; readonly bankReference: string }
    | {
        readonly status: 'failed'
        readonly decidedAtMs: number
        readonly failureCode: PayoutFailureCode
      }
}

/** The capability of a processor to report the payouts of its company. Paydesk never computes a live payout. */
export type PayoutReports = {
  /** Returns the payouts that were made or changed after a position, oldest change first. Undefined: from the first. */
  readonly listPayouts: (after: string | undefined) => Promise<ReportPage<ReportedPayout>>
  /** Returns the transactions of a payout after a position. They never change. A page without `next` is the last one. */
  readonly listTransactions: (
    payoutReference: string,
    after: string | undefined,
  ) => Promise<ReportPage<ReportedTransaction>>
}
