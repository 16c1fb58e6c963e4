import type { DisputeReason } from '../domain/dispute.ts'
import type { PaymentAttemptId } from '../domain/id.ts'
import type { Money } from '../domain/money.ts'
import type { ReportPage } from './reports.ts'

/** The current state of a dispute. It is reported again after its decision. */
export type ReportedDispute = {
  /**
   * The processor's reference: 1 to 200 characters, without a number that could be a card number.
   */
  readonly disputeReference: string
  readonly attemptId: PaymentAttemptId
  /** In the currency of the payment, at most the captured amount. It never changes. */
  readonly amount: Money
  /**
   * The company's fee, in minor units of the same currency. A won dispute returns it. Undefined:
   * there is none.
   */
  readonly feeMinor?: bigint
  /** An unknown reason becomes `unrecognized`. */
  readonly reason: DisputeReason
  readonly openedAtMs: number
  /** From the merchant's point of view. `won` and `lost` are final. */
  readonly result:
    | { readonly status: 'open' }
    | { readonly status: 'won' | 'lost'; readonly decidedAtMs: number }
}

/** The capability of a processor to report the disputes of payments. Paydesk does not respond to disputes. */
export type DisputeReports = {
  /** Returns the disputes that were opened or decided after a position, oldest change first. Undefined: from the first. */
  readonly listDisputes: (after: string | undefined) => Promise<ReportPage<ReportedDispute>>
}
