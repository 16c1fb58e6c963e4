import type { PaymentAttemptId, PaymentSessionId } from './id.ts'

/**
 * One try to pay a session; the wire calls it a payment.
 *
 * `initiated`: recorded, and perhaps with the processor. `pending`: the processor took it and will
 * decide later. The other two are final.
 */
export const PAYMENT_ATTEMPT_STATUSES = ['initiated', 'pending', 'succeeded', 'failed'] as const
/** A status of a payment attempt, by the word the wire shows. */
export type PaymentAttemptStatus = (typeof PAYMENT_ATTEMPT_STATUSES)[number]

/** Our normalised reason why a processor declined. */
export const DECLINE_CODES = [
  'authentication_failed',
  'card_declined',
  'do_not_honour',
  'expired_card',
  'incorrect_cvv',
  'insufficient_funds',
  'processor_unavailable',
  'upi_declined',
  'upi_timeout',
] as const
/** A reason from the closed list of declines. */
export type DeclineCode = (typeof DECLINE_CODES)[number]

/** One try to pay a session, as it is stored. */
export type PaymentAttempt = {
  readonly id: PaymentAttemptId
  readonly paymentSessionId: PaymentSessionId
  readonly status: PaymentAttemptStatus
  /** Which attempt of its session this is, from 1. */
  readonly number: number
  readonly createdAtMs: number
  /** A success later than this is not kept. */
  readonly deadlineAtMs: number
  /** Set exactly when the attempt failed. */
  readonly declineCode?: DeclineCode
}

/** How long an attempt is honoured from its start, in milliseconds: ten minutes. */
export const ATTEMPT_DEADLINE_MS = 10 * 60_000
