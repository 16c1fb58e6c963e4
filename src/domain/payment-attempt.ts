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

/** Whose matter a failure is. */
export const FAILURE_CATEGORIES = [
  'customer_action',
  'issuer_decline',
  'processor_error',
  'expired',
] as const
/** What the customer can do after a failure. */
export const NEXT_ACTIONS = ['retry', 'use_another_method', 'contact_bank', 'none'] as const

/** What is told of a decline. */
export type DeclineTold = {
  /** Why, in a sentence. */
  readonly reason: string
  readonly category: (typeof FAILURE_CATEGORIES)[number]
  readonly nextAction: (typeof NEXT_ACTIONS)[number]
  /** What the merchant can tell the customer, in a sentence. */
  readonly tip: string
}

const TRY_ANOTHER = 'Ask the customer to pay with another card or method.'
const TRY_AGAIN = 'Let the customer try again.'
const SEND_EXACTLY =
  'Ask the customer to transfer exactly the amount, to the account of the new attempt.'

/** What each decline tells the merchant. */
export const DECLINES: Record<DeclineCode, DeclineTold> = {
  authentication_failed: {
    reason: 'The customer could not be authenticated by the issuer.',
    category: 'customer_action',
    nextAction: 'retry',
    tip: 'Ask the customer to try again and to confirm with the code that the issuer sends.',
  },
  bank_declined: {
    reason: 'The customer’s bank declined the payment.',
    category: 'issuer_decline',
    nextAction: 'contact_bank',
    tip: 'Ask the customer to speak with the bank, or to pay with another method.',
  },
  canceled_by_customer: {
    reason: 'The customer stopped the payment or did not finish it.',
    category: 'customer_action',
    nextAction: 'retry',
    tip: TRY_AGAIN,
  },
  card_declined: {
    reason: 'The issuer declined the payment without giving a reason.',
    category: 'issuer_decline',
    nextAction: 'use_another_method',
    tip: TRY_ANOTHER,
  },
  do_not_honour: {
    reason: 'The issuer does not honour the payment.',
    category: 'issuer_decline',
    nextAction: 'contact_bank',
    tip: 'Ask the customer to speak with the card’s issuer, or to pay with another method.',
  },
  expired_card: {
    reason: 'The card has expired.',
    category: 'issuer_decline',
    nextAction: 'use_another_method',
    tip: 'Ask the customer to pay with a card that is still valid.',
  },
  incorrect_cvv: {
    reason: 'The security code does not match the card.',
    category: 'customer_action',
    nextAction: 'retry',
    tip: 'Ask the customer to try again with the security code that is printed on the card.',
  },
  insufficient_funds: {
    reason: 'There is not enough money in the account.',
    category: 'issuer_decline',
    nextAction: 'use_another_method',
    tip: TRY_ANOTHER,
  },
  processor_unavailable: {
    reason: 'The processor could not be reached.',
    category: 'processor_error',
    nextAction: 'retry',
    tip: 'No money was taken. Let the customer try again in some minutes.',
  },
  transfer_late: {
    reason: 'The transfer came too late and goes back.',
    category: 'expired',
    nextAction: 'retry',
    tip: 'Ask the customer to transfer within the time that the page shows.',
  },
  transfer_not_received: {
    reason: 'No transfer was received in time.',
    category: 'expired',
    nextAction: 'retry',
    tip: 'Ask the customer to transfer within the time that the page shows.',
  },
  transfer_over: {
    reason: 'The transfer was for more than the amount and goes back.',
    category: 'customer_action',
    nextAction: 'retry',
    tip: SEND_EXACTLY,
  },
  transfer_short: {
    reason: 'The transfer was for less than the amount and goes back.',
    category: 'customer_action',
    nextAction: 'retry',
    tip: SEND_EXACTLY,
  },
  upi_declined: {
    reason: 'The customer declined the request in the UPI app.',
    category: 'customer_action',
    nextAction: 'retry',
    tip: TRY_AGAIN,
  },
  upi_timeout: {
    reason: 'The customer did not approve the request in time.',
    category: 'expired',
    nextAction: 'retry',
    tip: 'Ask the customer to try again with the UPI app open.',
  },
  wallet_declined: {
    reason: 'The wallet declined the payment.',
    category: 'issuer_decline',
    nextAction: 'use_another_method',
    tip: 'Ask the customer to pay with another method.',
  },
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
  /** Digits, at most 15, without the dialing code where that is known. */
  readonly phone?: string
  /** Shape: `+91`. There with a phone number alone. Undefined: not known. */
  readonly dialingCode?: string
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
  /** What the customer's statement shows, at most 22 characters. Undefined: an attempt of an older version. */
  readonly statementDescriptor?: string
  /** True: begun by another browser than the one that opened the session in the widget first. */
  readonly isForeign?: boolean
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

/**
 * The longest wait before a processor is asked about an attempt or a refund, in milliseconds, with a minute for clocks
 * that differ. A time further ahead was written by a wrong clock, and counts as due.
 */
export const ASK_WAIT_MS_MAX = 6 * 60_000

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
