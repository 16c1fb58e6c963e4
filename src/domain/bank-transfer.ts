import type { PaymentAttemptId, VirtualAccountId } from './id.ts'

/** The statuses of transfers in lists. A transfer is accepted or refused when it arrives, so none waits. */
export const BANK_TRANSFER_STATUSES = ['succeeded', 'failed', 'refunded', 'disputed'] as const
/** A status of a transfer in lists. */
export type BankTransferStatus = (typeof BANK_TRANSFER_STATUSES)[number]

/** A transfer to a virtual account. Its payment has the other facts. */
export type BankTransfer = {
  /** The id of its payment. */
  readonly id: PaymentAttemptId
  readonly virtualAccountId: VirtualAccountId
  /** The bank's reference. It identifies repeated reports of the transfer. */
  readonly utr: string
  /** In paise. */
  readonly amountMinor: bigint
  readonly createdAtMs: number
  /** The status of its payment in lists. `refunded`: in whole or in part. `disputed`: a dispute is open or lost. */
  readonly status: BankTransferStatus
  /**
   * The time at which the bank will take the money back. Undefined: it will not, or already has.
   */
  readonly reverseAtMs?: number
  /**
   * The time of the next call that tells the processor whether the transfer was accepted.
   * Undefined: the call was made, or the transfer was not reported by a processor.
   */
  readonly decisionDueAtMs?: number
}
