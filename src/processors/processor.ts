import type { PaymentAttemptId, RefundId } from '../domain/id.ts'
import type { Instrument, InstrumentFacts } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import type { CustomerAction, DeclineCode } from '../domain/payment-attempt.ts'

/** How a processor answered. There is no fifth answer, and no exception. */
export type ChargeOutcome =
  | {
      readonly kind: 'approved'
      /** 1 to 200 characters, in which nothing looks like a card number. */
      readonly processorReference: string
      /** When it approved, in milliseconds since 1970, where it says so. Not more than a day ago. */
      readonly approvedAtMs?: number
      /** What it knows better than the customer said: a card's funding, a UPI account's type. */
      readonly instrument?: InstrumentFacts
    }
  | { readonly kind: 'declined'; readonly declineCode: DeclineCode }
  /** Accepted, result to follow by `findCharge`. `action`: what the customer has to do for it. */
  | {
      readonly kind: 'pending'
      readonly processorReference: string
      readonly action?: CustomerAction
      /** In how many milliseconds it makes sense to ask, where that is known: 1 s to 5 min. */
      readonly askAfterMs?: number
    }
  /** Nobody knows whether money moved (a timeout, a 500). Never charge again: ask. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** A charge to make. The attempt's id is the idempotency key: the same id never charges twice. */
export type ChargeRequest = {
  readonly attemptId: PaymentAttemptId
  readonly amount: Money
  /** What the customer pays with, whole. It must not be kept or logged. */
  readonly instrument: Instrument
  /** What the customer is told the payment is for. */
  readonly description: string
  /** Where a page of the issuer, the bank or the wallet sends the customer back to. */
  readonly returnUrl: string
}

/** How a processor answered to giving money back. */
export type RefundOutcome =
  | {
      readonly kind: 'succeeded'
      /** What it calls the refund: 1 to 200 characters, in which nothing looks like a card number. */
      readonly processorReference?: string
    }
  /** `reason`: a word of `REFUND_FAILURE_REASONS` in `domain/refund.ts`; any other is told as `unknown`. */
  | { readonly kind: 'failed'; readonly reason: string }
  | {
      readonly kind: 'pending'
      readonly processorReference?: string
      readonly askAfterMs?: number
    }
  | { readonly kind: 'unknown'; readonly askAfterMs?: number }

/** Money to give back. The refund's id is the idempotency key. */
export type RefundRequest = {
  readonly refundId: RefundId
  readonly attemptId: PaymentAttemptId
  readonly amount: Money
}

/** A bank or a wallet that a customer can choose. */
export type PayerChoice = { readonly code: string; readonly name: string }

/** The company whose API moves the money, as our adapter for it. Passes `processor-suite.ts`. */
export type Processor = {
  readonly name: string
  readonly charge: (request: ChargeRequest) => Promise<ChargeOutcome>
  /**
   * Asks what became of a charge. An id that was never charged is `declined`, and can then never be
   * charged any more.
   */
  readonly findCharge: (attemptId: PaymentAttemptId) => Promise<ChargeOutcome>
  /** Gives captured money back, whole or in part. Sent again with the same id, it says what became of it. */
  readonly refund: (request: RefundRequest) => Promise<RefundOutcome>
  /**
   * Gives up a charge that waits for the customer. Answers what became of it, which is an approval
   * when the customer was faster. Without it a customer cannot change the method while it waits.
   */
  readonly cancelCharge?: (attemptId: PaymentAttemptId) => Promise<ChargeOutcome>
  /** What a customer of net banking can choose. */
  readonly banks?: readonly PayerChoice[]
  readonly wallets?: readonly PayerChoice[]
  /** Says before anything is recorded that an instrument can never work here. */
  readonly refuses?: (instrument: Instrument) => 'instrument_refused' | undefined
}

/** Answers whether what a module exports can serve as a processor. */
export function isProcessor(candidate: unknown): candidate is Processor {
  const { name, charge, findCharge, refund } = (candidate ?? {}) as Partial<
    Record<keyof Processor, unknown>
  >
  return (
    typeof name === 'string' &&
    [charge, findCharge, refund].every((member) => typeof member === 'function')
  )
}
