import type { PaymentAttemptId, VirtualAccountId } from '../domain/id.ts'
import type { BankTransferMode } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import type { ReportPage } from './reports.ts'

/** A bank account number to open for one payer. The id is the idempotency key: the same id never opens two. */
export type OpenRequest = {
  readonly virtualAccountId: VirtualAccountId
  /** The merchant's name. */
  readonly beneficiaryName: string
  readonly description: string
}

/** The result of opening an account number. */
export type OpenOutcome =
  | {
      readonly kind: 'opened'
      /**
       * 4 to 34 letters and digits that do not look like a card number. It is never used again.
       */
      readonly accountNumber: string
      /** Shape: `HDFC0000001`. */
      readonly ifscCode: string
      /** The name that payers see. Undefined: the name in the request. */
      readonly beneficiaryName?: string
    }
  /** The bank opens no account number for this merchant. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown'; readonly reason: string }

/** The result of closing an account number. `closed` also if it was closed before. */
export type CloseOutcome =
  | { readonly kind: 'closed' }
  /** Paydesk repeats the call. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** A transfer that has arrived. It is in the list even if the account is closed. */
export type ReportedTransfer = {
  readonly virtualAccountId: VirtualAccountId
  /** The bank's reference: 1 to 50 characters. Repeated reports of a transfer have the same reference. */
  readonly utr: string
  /** In INR. */
  readonly amount: Money
  readonly mode: BankTransferMode
  readonly payerName: string
  readonly payerIfscCode: string
  /** The time of its arrival, in milliseconds since 1970. Undefined: the time of the report. */
  readonly receivedAtMs?: number
}

/** Paydesk's decision about a transfer. */
export type TransferDecision = {
  readonly virtualAccountId: VirtualAccountId
  readonly utr: string
  /** The payment of the transfer: refunds and reports of payouts name it by this id. */
  readonly attemptId: PaymentAttemptId
  /**
   * `returned`: the amount is outside the merchant's limits, or the transfer came too late. The payer must get the
   * money back.
   */
  readonly decision: 'accepted' | 'returned'
}

/** The result of a decision. */
export type DecisionOutcome =
  /** The processor has stored it, and will return the money if it has to. */
  | { readonly kind: 'recorded' }
  /** Paydesk repeats the call. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** The capability of a processor to receive bank transfers to account numbers of single payers. */
export type VirtualAccounts = {
  readonly open: (request: OpenRequest) => Promise<OpenOutcome>
  /** Ends the account number, if the bank can do so. Transfers that arrive later are reported too. */
  readonly close: (id: VirtualAccountId) => Promise<CloseOutcome>
  /** Returns the transfers after a position. Undefined: from the first one. */
  readonly listTransfers: (after: string | undefined) => Promise<ReportPage<ReportedTransfer>>
  /** Receives a decision. A repeated call changes nothing. */
  readonly decideTransfer: (decision: TransferDecision) => Promise<DecisionOutcome>
}
