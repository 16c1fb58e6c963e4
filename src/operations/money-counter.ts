import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Refund } from '../domain/refund.ts'

/** Counts changes of payments and refunds for the metrics of this process, after their commit. */
export type MoneyCounter = {
  /** Counts a payment that has just reached its status. */
  readonly countPayment: (
    attempt: Pick<PaymentAttempt, 'status' | 'instrument' | 'declineCode'>,
  ) => void
  /** Counts a refund that has just ended. */
  readonly countRefund: (refund: Pick<Refund, 'status'>) => void
}
