import type { AccountId, PaymentAttemptId, PaymentSessionId } from './id.ts'
import type { InstrumentFacts } from './instrument.ts'

/**
 * One try to pay a session; the wire calls it a payment.
 *
 * `initiated`: recorded, and perhaps with the processor. `pending`: the processor took it and will
 * decide later. The others are final: `refunded` is a success that came too late and is given back.
 */
export const PAYMENT_ATTEMPT_STATUSES = [
  'initiated',
  'pending',
  'succeeded',
  'failed',
  'refunded',
] as const
/** A status of a payment attempt, by the word the wire shows. */
export type PaymentAttemptStatus = (typeof PAYMENT_ATTEMPT_STATUSES)[number]

/** Our normalised reason why a payment attempt failed. */
export const DECLINE_CODES = [
  'authentication_failed',
  'bank_declined',
  'canceled_by_customer',
  'card_declined',
  'do_not_honour',
  'expired_card',
  'incorrect_cvv',
  'insufficient_funds',
  'processor_unavailable',
  'transfer_late',
  'transfer_not_received',
  'transfer_over',
  'transfer_short',
  'upi_declined',
  'upi_timeout',
  'wallet_declined',
] as const
/** A reason from the closed list of declines. */
export type DeclineCode = (typeof DECLINE_CODES)[number]

/** Why a payment attempt failed, in a sentence for the merchant. */
export const DECLINE_REASONS: Record<DeclineCode, string> = {
  authentication_failed: 'The customer could not be authenticated by the issuer.',
  bank_declined: 'The customer’s bank declined the payment.',
  canceled_by_customer: 'The customer stopped the payment or did not finish it.',
  card_declined: 'The issuer declined the payment without giving a reason.',
  do_not_honour: 'The issuer does not honour the payment.',
  expired_card: 'The card has expired.',
  incorrect_cvv: 'The security code does not match the card.',
  insufficient_funds: 'There is not enough money in the account.',
  processor_unavailable: 'The processor could not be reached.',
  transfer_late: 'The transfer came too late and goes back.',
  transfer_not_received: 'No transfer was received in time.',
  transfer_over: 'The transfer was for more than the amount and goes back.',
  transfer_short: 'The transfer was for less than the amount and goes back.',
  upi_declined: 'The customer declined the request in the UPI app.',
  upi_timeout: 'The customer did not approve the request in time.',
  wallet_declined: 'The wallet declined the payment.',
}

/** What the customer has to do before the processor can decide. */
export type CustomerAction =
  /** Confirm on a page of the issuer, the bank or the wallet, which sends the customer back. */
  | { readonly kind: 'redirect'; readonly to: 'issuer' | 'bank' | 'wallet'; readonly url: string }
  /** Approve the request that the customer's UPI app has got. */
  | { readonly kind: 'upi_approve' }
  /** Scan or open the link with a UPI app. Shape: `upi://pay?pa=…&am=100.50`. */
  | { readonly kind: 'upi_link'; readonly uri: string }
  /** Send exactly the amount to this account. */
  | {
      readonly kind: 'bank_transfer'
      readonly beneficiary: string
      readonly accountNumber: string
      readonly ifsc: string
    }

/** What a customer has said of themselves. */
export type Customer = {
  readonly email?: string
  /** Digits, at most 15. */
  readonly phone?: string
}

/** What an attempt was worth, in minor units of its session's currency. */
export type AttemptMoney = {
  /** What the processor took. Once taken it stays as it is. */
  readonly capturedMinor: bigint
  /** Our fee on it and the tax on the fee, by the account's rates of that moment. */
  readonly feeMinor: bigint
  readonly taxMinor: bigint
  /** What was given back. */
  readonly refundedMinor: bigint
  /** What is being given back. */
  readonly refundingMinor: bigint
  /** What connected accounts have of it. */
  readonly transferredMinor: bigint
}

/** Of an attempt that has taken nothing. */
export const NO_MONEY: AttemptMoney = {
  capturedMinor: 0n,
  feeMinor: 0n,
  taxMinor: 0n,
  refundedMinor: 0n,
  refundingMinor: 0n,
  transferredMinor: 0n,
}

/** A payment's status on the wire: what is stored, and how much of it went back. */
export type PaymentStatus = PaymentAttemptStatus | 'partially_refunded'

/** Gives the status that the wire shows. */
export function paymentStatusOf({
  money: { capturedMinor, refundedMinor },
  status,
}: Pick<PaymentAttempt, 'money' | 'status'>): PaymentStatus {
  if (status !== 'succeeded' || refundedMinor === 0n) return status
  return refundedMinor === capturedMinor ? 'refunded' : 'partially_refunded'
}

/** One try to pay a session, as it is stored. */
export type PaymentAttempt = {
  readonly id: PaymentAttemptId
  readonly paymentSessionId: PaymentSessionId
  readonly accountId: AccountId
  readonly status: PaymentAttemptStatus
  /** Which attempt of its session this is, from 1. */
  readonly number: number
  readonly createdAtMs: number
  /** A success later than this is not kept. */
  readonly deadlineAtMs: number
  readonly instrument: InstrumentFacts
  readonly customer?: Customer
  /** What the processor calls it. */
  readonly processorReference?: string
  /** Set while the processor waits for the customer. */
  readonly action?: CustomerAction
  /** Set exactly when the attempt failed. */
  readonly declineCode?: DeclineCode
  /** When it came to its final status. */
  readonly decidedAtMs?: number
  /** What was taken, and what became of it. */
  readonly money: AttemptMoney
  /** When to ask the processor what became of it; set exactly while that is open. */
  readonly askAtMs?: number
  /** How often the processor was asked; counted up to a thousand. */
  readonly askedCount: number
}

/** How long an attempt is honoured from its start, in seconds: ten minutes, unless it is configured. */
export const ATTEMPT_LIFE_SECONDS_DEFAULT = 600

/**
 * After how long the processor is asked about an attempt whose charge has not been heard of again, in
 * milliseconds: the process that made it has ended, or waits still. Longer than anybody waits.
 */
export const FIRST_ASK_AFTER_MS = 60_000

/** Waits before the processor is asked again, in seconds; the last one repeats. */
const ASK_DELAYS_SECONDS = [1, 1, 2, 2, 3, 5, 5, 10, 10, 20, 30, 60, 120, 300] as const

/** How long to wait before asking again, in milliseconds, when it was asked so often before. */
export function askDelayMs(askedCount: number): number {
  return (ASK_DELAYS_SECONDS[askedCount] ?? 300) * 1000
}

/** Far beyond the last change of the waits, and far below what a column of two bytes holds. */
const ASKED_COUNT_MAX = 1_000

/** The count of questions after one more: it stops where nothing depends on it any more. */
export function askedOnceMore(askedCount: number): number {
  return Math.min(askedCount + 1, ASKED_COUNT_MAX)
}

/** Answers whether the attempt has come to its end. */
export function isDecided({ status }: Pick<PaymentAttempt, 'status'>): boolean {
  return status !== 'initiated' && status !== 'pending'
}
