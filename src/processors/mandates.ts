import type { MandateId, MandateNotificationId } from '../domain/id.ts'
import type { Money } from '../domain/money.ts'

/** A notice that informs the customer of a debit. The notification's id is the idempotency key. */
export type NoticeRequest = {
  readonly notificationId: MandateNotificationId
  readonly mandateId: MandateId
  /** The UPI ID that will be debited, if the processor has reported it. */
  readonly upiId?: string
  readonly amount: Money
  /** The day of the debit in India: `2026-12-05`. */
  readonly executionOn: string
  readonly description: string
  readonly invoiceNumber: string
  /**
   * The time of the merchant's request, in milliseconds since 1970. The debit is made at least 24
   * hours later.
   */
  readonly requestedAtMs: number
}

/** The result of a notice. */
export type NoticeOutcome =
  | {
      readonly kind: 'succeeded'
      /** The processor's reference: 1 to 200 characters, without a number that could be a card number. */
      readonly processorReference?: string
    }
  /** The customer was not notified, and will not be. */
  | { readonly kind: 'failed' }
  | {
      readonly kind: 'pending'
      readonly processorReference?: string
      /** The best time for the next call, in milliseconds from now: 1,000 to 300,000. */
      readonly askAfterMs?: number
    }
  /** The reason is for the log. */
  | { readonly kind: 'unknown'; readonly reason?: string; readonly askAfterMs?: number }

/** The current state of a mandate at the customer's bank. */
export type MandateState =
  /** `revoked`: the customer or the bank has ended it for good. */
  | { readonly kind: 'active' | 'paused' | 'revoked' }
  /** The reason is for the log. */
  | { readonly kind: 'unknown'; readonly reason?: string }

/**
 * The capability of a processor to debit mandates. A mandate is enrolled by a charge of the instrument type
 * `mandate_enrollment`, and debited by a charge of `mandate_debit`.
 */
export type Mandates = {
  /** Notifies the customer of a debit. A repeated call with the same id returns the notice's result. */
  readonly notify: (request: NoticeRequest) => Promise<NoticeOutcome>
  /** Returns the current state of a mandate whose enrollment was approved. */
  readonly findMandate: (id: MandateId) => Promise<MandateState>
  /** Ends a mandate for the merchant, and returns its state. A repeated call changes nothing. */
  readonly cancelMandate: (id: MandateId) => Promise<MandateState>
}
