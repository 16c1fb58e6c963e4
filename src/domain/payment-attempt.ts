import type {
  AccountId,
  MandateId,
  PaymentAttemptId,
  PaymentMethodId,
  PaymentSessionId,
} from './id.ts'
import type { InstrumentFacts } from './instrument.ts'
import type { Language } from './language.ts'

/**
 * The statuses of a payment attempt, which is one try to pay a session, and a payment on the wire.
 *
 * `initiated`: recorded, and perhaps sent to the processor. `pending`: the processor accepted it and will
 * decide later. The others are final: `refunded` is a late success, which is refunded.
 */
export const PAYMENT_ATTEMPT_STATUSES = [
  'initiated',
  'pending',
  'succeeded',
  'failed',
  'refunded',
] as const
/** A status of a payment attempt. */
export type PaymentAttemptStatus = (typeof PAYMENT_ATTEMPT_STATUSES)[number]

/** Paydesk's normalized reasons for failed payment attempts. */
export const DECLINE_CODES = [
  'authentication_failed',
  'bank_declined',
  'canceled_by_customer',
  'card_declined',
  'do_not_honour',
  'expired_card',
  'incorrect_cvv',
  'insufficient_funds',
  'mandate_inactive',
  'notification_failed',
  'processor_unavailable',
  'transfer_late',
  'transfer_not_received',
  'transfer_out_of_range',
  'transfer_over',
  'transfer_short',
  'upi_declined',
  'upi_timeout',
  'wallet_declined',
] as const
/** A reason from the closed list of declines. */
export type DeclineCode = (typeof DECLINE_CODES)[number]

/** The categories of failures, by their names on the wire. */
export const FAILURE_CATEGORIES = [
  'customer_action',
  'issuer_decline',
  'processor_error',
  'expired',
] as const
/** The customer's options after a failure. */
export const NEXT_ACTIONS = ['retry', 'use_another_method', 'contact_bank', 'none'] as const

type DeclineDescription = {
  /** The reason, in a sentence. */
  readonly reason: string
  readonly category: (typeof FAILURE_CATEGORIES)[number]
  readonly nextAction: (typeof NEXT_ACTIONS)[number]
  /** Advice for the merchant. */
  readonly tip: string
}

const TRY_ANOTHER = 'Ask the customer to pay with another card or method.'
const TRY_AGAIN = 'Let the customer try again.'
const SEND_EXACTLY =
  'Ask the customer to transfer exactly the amount due, to the account of the new attempt.'

/** The description of each decline. */
export const DECLINES: Record<DeclineCode, DeclineDescription> = {
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
    reason: 'The issuer does not honor the payment.',
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
  mandate_inactive: {
    reason: 'The mandate is not active: the customer paused or canceled it, or it has ended.',
    category: 'customer_action',
    nextAction: 'none',
    tip: 'Ask the customer to resume the mandate, or to approve a new one.',
  },
  notification_failed: {
    reason: 'The customer could not be notified of the debit.',
    category: 'processor_error',
    nextAction: 'retry',
    tip: 'No money was taken. Notify the customer again, and then debit the mandate.',
  },
  processor_unavailable: {
    reason: 'The processor could not be reached.',
    category: 'processor_error',
    nextAction: 'retry',
    tip: 'No money was taken. Let the customer try again in a few minutes.',
  },
  transfer_late: {
    reason: 'The transfer arrived too late and is returned.',
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
  transfer_out_of_range: {
    reason: 'The transfer was outside the limits of the virtual account and is returned.',
    category: 'customer_action',
    nextAction: 'retry',
    tip: 'Ask the customer to transfer an amount within the limits of the virtual account.',
  },
  transfer_over: {
    reason: 'The transfer was for more than the amount due and is returned.',
    category: 'customer_action',
    nextAction: 'retry',
    tip: SEND_EXACTLY,
  },
  transfer_short: {
    reason: 'The transfer was for less than the amount due and is returned.',
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

/** The customer's next step, before the processor can decide. */
export type CustomerAction =
  /** Confirm on a page of the issuer, the bank or the wallet, which sends the customer back. */
  | { readonly kind: 'redirect'; readonly to: 'issuer' | 'bank' | 'wallet'; readonly url: string }
  /** Approve the request in the customer's UPI app. */
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

/** The customer's own contact data. */
export type Customer = {
  readonly email?: string
  /** Digits, at most 15; without the dialing code if that is known. */
  readonly phone?: string
  /** Shape: `+91`. Only with a phone number. Undefined: unknown. */
  readonly dialingCode?: string
  /** The language of the page on which the customer paid. Only with an e-mail address or a phone number. */
  readonly language?: Language
}

/** The amounts of an attempt, in minor units of its session's currency. */
export type AttemptMoney = {
  /** It never changes after the capture. */
  readonly capturedMinor: bigint
  /** The fee and its tax, by the account's rates at the capture. */
  readonly feeMinor: bigint
  readonly taxMinor: bigint
  readonly refundedMinor: bigint
  /** The amount of open refunds. */
  readonly refundingMinor: bigint
  readonly transferredMinor: bigint
  /** The amount of open and lost disputes. */
  readonly disputedMinor: bigint
}

/** The amounts of an attempt without a capture. */
export const NO_MONEY: AttemptMoney = {
  capturedMinor: 0n,
  feeMinor: 0n,
  taxMinor: 0n,
  refundedMinor: 0n,
  refundingMinor: 0n,
  transferredMinor: 0n,
  disputedMinor: 0n,
}

/** A payment's status on the wire: the stored status, a partial refund, or a dispute that is open or lost. */
type PaymentStatus = PaymentAttemptStatus | 'partially_refunded' | 'disputed'

/** Returns a payment's status on the wire. */
export function paymentStatusOf({
  money: { capturedMinor, disputedMinor, refundedMinor },
  status,
}: Pick<PaymentAttempt, 'money' | 'status'>): PaymentStatus {
  if (disputedMinor > 0n) return 'disputed'
  if (status !== 'succeeded' || refundedMinor === 0n) return status
  return refundedMinor === capturedMinor ? 'refunded' : 'partially_refunded'
}

/** One try to pay a session, as it is stored. */
export type PaymentAttempt = {
  readonly id: PaymentAttemptId
  readonly paymentSessionId: PaymentSessionId
  readonly accountId: AccountId
  readonly status: PaymentAttemptStatus
  /** The number of the attempt in its session, from 1. */
  readonly number: number
  readonly createdAtMs: number
  /** A success after this time is refunded. */
  readonly deadlineAtMs: number
  readonly instrument: InstrumentFacts
  readonly customer?: Customer
  /** The text on the customer's statement, at most 22 characters. Undefined: an attempt of an older version. */
  readonly statementDescriptor?: string
  /** True: started by another browser than the one that first opened the session in the widget. */
  readonly isForeign?: boolean
  /** The mandate that the attempt enrolls or debits. */
  readonly mandateId?: MandateId
  readonly savedMethodId?: PaymentMethodId
  /** The texts of the request for this payment. Undefined: its session's. */
  readonly description?: string
  readonly referenceNumber?: string
  readonly processorReference?: string
  /** Set while the processor waits for the customer. */
  readonly action?: CustomerAction
  /** Set exactly when the attempt failed. */
  readonly declineCode?: DeclineCode
  readonly decidedAtMs?: number
  readonly money: AttemptMoney
  /** The time of the next query to the processor; set exactly while the attempt is open. */
  readonly nextQueryAtMs?: number
  /** The number of queries to the processor; counted up to a thousand. */
  readonly queryCount: number
}

/** The time in which an attempt can succeed, in seconds from its start. A setting can change it. */
export const ATTEMPT_LIFE_SECONDS_DEFAULT = 600

/**
 * The wait before the first query about a charge without an answer, in milliseconds. It is longer than the longest wait
 * of a customer (`--processor-timeout`), after which the charging process itself sets the time of the next query.
 */
export const FIRST_QUERY_AFTER_MS = 60_000

/**
 * The query time of an attempt whose charge is not sent yet, because the customer has to be
 * notified first: the last possible time of a Date. The debit's own time makes the charge due.
 */
export const NOT_QUERIED_AT_MS = 8.64e15

/** The waits between queries to the processor, in seconds; the last one repeats. */
const ASK_DELAYS_SECONDS = [1, 1, 2, 2, 3, 5, 5, 10, 10, 20, 30, 60, 120, 300] as const

/** Returns the wait before the next query, in milliseconds, after a number of queries. */
export function queryDelayMs(queryCount: number): number {
  return (ASK_DELAYS_SECONDS[queryCount] ?? 300) * 1000
}

/**
 * The longest wait before a query about an attempt or a refund, in milliseconds. It includes a minute for clocks that
 * differ. Only a wrong clock can have written a later time, so such a row is treated as due.
 */
export const QUERY_WAIT_MS_MAX = 6 * 60_000

/** The highest count of queries: above the last change of the waits, and below the limit of a two-byte column. */
const QUERY_COUNT_MAX = 1_000

/** Returns the count after one more query, up to the highest count. */
export function nextQueryCount(queryCount: number): number {
  return Math.min(queryCount + 1, QUERY_COUNT_MAX)
}

/** Returns true if the attempt has a final status. */
export function isDecided({ status }: Pick<PaymentAttempt, 'status'>): boolean {
  return status !== 'initiated' && status !== 'pending'
}
