import type { BillingAddress } from '../domain/billing-address.ts'
import type { CardBrand } from '../domain/card-brand.ts'
import type { PaymentAttemptId, RefundId } from '../domain/id.ts'
import type { Instrument, InstrumentFacts } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import type { CustomerAction, DeclineCode } from '../domain/payment-attempt.ts'
import type { DisputeReports } from './dispute-reports.ts'
import type { Mandates } from './mandates.ts'
import type { PayoutReports } from './payout-reports.ts'
import type { SavedInstruments } from './saved-instruments.ts'
import type { Terminals } from './terminals.ts'
import type { VirtualAccounts } from './virtual-accounts.ts'

/** The result of a charge. There is no fifth result, and no exception. */
export type ChargeOutcome =
  | {
      readonly kind: 'approved'
      /** 1 to 200 characters, without a number that could be a card number. */
      readonly processorReference: string
      /** The time of the approval, in milliseconds since 1970. Undefined: the time of the answer is used. */
      readonly approvedAtMs?: number
      /**
       * Facts about the instrument that only the processor has: a card's funding, the type of a UPI
       * account.
       */
      readonly instrument?: InstrumentFacts
    }
  | { readonly kind: 'declined'; readonly declineCode: DeclineCode }
  /** Accepted and not decided yet; `findCharge` will return the result. `action`: the customer's next step. */
  | {
      readonly kind: 'pending'
      readonly processorReference: string
      readonly action?: CustomerAction
      /**
       * The best time for the next `findCharge`, in milliseconds from now: 1,000 to 300,000. Undefined: Paydesk chooses
       * it.
       */
      readonly askAfterMs?: number
    }
  /** Nobody knows whether money moved (a timeout, a 500). Paydesk queries the charge, and never charges again. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** A charge to make. The attempt's id is the idempotency key: the same id never charges twice. */
export type ChargeRequest = {
  readonly attemptId: PaymentAttemptId
  readonly amount: Money
  /** The complete instrument. Never store or log it. */
  readonly instrument: Instrument
  /** The text that the customer reads about the payment. */
  readonly description: string
  /** The text on the customer's statement, at most 22 characters. Undefined: the processor chooses it. */
  readonly statementDescriptor?: string
  /** The address to which the merchant sends goods. Only for charges of saved instruments. */
  readonly shippingAddress?: BillingAddress
  /** The address to which a page of the issuer, the bank or the wallet sends the customer back. */
  readonly returnUrl: string
}

/** The result of a refund. */
export type RefundOutcome =
  | {
      readonly kind: 'succeeded'
      /**
       * The processor's reference for the refund: 1 to 200 characters, without a number that could be a card number.
       */
      readonly processorReference?: string
    }
  /** `reason`: one of `REFUND_FAILURE_REASONS`. Merchants see any other text as `unknown`. */
  | { readonly kind: 'failed'; readonly reason: string }
  | {
      readonly kind: 'pending'
      readonly processorReference?: string
      readonly askAfterMs?: number
    }
  | { readonly kind: 'unknown'; readonly askAfterMs?: number }

/** Money to refund. The refund's id is the idempotency key. */
export type RefundRequest = {
  readonly refundId: RefundId
  readonly attemptId: PaymentAttemptId
  readonly amount: Money
}

/** A bank or a wallet that a customer can choose. */
export type PayerChoice = { readonly code: string; readonly name: string }

/** The adapter for the API of the company that moves the money. It passes the checks in `processor-checks.ts`. */
export type Processor = {
  readonly name: string
  readonly charge: (request: ChargeRequest) => Promise<ChargeOutcome>
  /**
   * Returns the current result of a charge. An id without a charge is `declined`, and must never be
   * charged after that.
   */
  readonly findCharge: (attemptId: PaymentAttemptId) => Promise<ChargeOutcome>
  /** Refunds captured money, in full or in part. A repeated call with the same id returns the refund's result. */
  readonly refund: (request: RefundRequest) => Promise<RefundOutcome>
  /**
   * Cancels a charge that waits for the customer, and returns its result: an approval if the customer has already
   * paid. Undefined: customers cannot choose another method while a charge waits.
   */
  readonly cancelCharge?: (attemptId: PaymentAttemptId) => Promise<ChargeOutcome>
  /** The choices for net banking. */
  readonly banks?: readonly PayerChoice[]
  readonly wallets?: readonly PayerChoice[]
  /** The card schemes that it accepts, in the order of their marks on the checkout. Undefined: no marks are shown. */
  readonly cardBrands?: readonly CardBrand[]
  /** Receives bank transfers by account numbers of single payers. Undefined: merchants cannot create virtual accounts. */
  readonly virtualAccounts?: VirtualAccounts
  /** Reports the payouts of the company. Undefined: the lists of payouts are empty. */
  readonly payouts?: PayoutReports
  /** Refuses an instrument that can never work with this processor, before anything is recorded. */
  readonly refuses?: (instrument: Instrument) => 'instrument_refused' | undefined
  /** Undefined: the processor has no mandates. */
  readonly mandates?: Mandates
  /** Undefined: the processor cannot save instruments. */
  readonly savedInstruments?: SavedInstruments
  /** Reports the disputes of payments. Undefined: no payment is disputed. */
  readonly disputes?: DisputeReports
  /** Undefined: the processor has no terminals. */
  readonly terminals?: Terminals
}

/** Tests whether a value has the members that every processor needs. */
export function isProcessor(candidate: unknown): candidate is Processor {
  if (typeof candidate !== 'object' || candidate === null) return false
  const typeOf = (member: keyof Processor) => typeof Reflect.get(candidate, member)
  return (
    typeOf('name') === 'string' &&
    (['charge', 'findCharge', 'refund'] as const).every((member) => typeOf(member) === 'function')
  )
}
