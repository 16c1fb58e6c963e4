import type { BillingAddress } from '../domain/billing-address.ts'
import type { CardChecks } from '../domain/card-checks.ts'
import type { PaymentMethodId } from '../domain/id.ts'
import type { SavableInstrument, SavedFacts } from '../domain/instrument.ts'
import type { Customer, DeclineCode } from '../domain/payment-attempt.ts'

/** The page of the issuer or the bank on which the customer confirms. */
export type SaveAction = {
  readonly kind: 'redirect'
  readonly to: 'issuer' | 'bank'
  readonly url: string
}

type SavedDetails = {
  /** Identifies the instrument in later charges: 1 to 1,000 characters, without a number that could be a card number. */
  readonly token: string
  /** Facts about the instrument that only the processor has. */
  readonly instrument?: SavedFacts
  /** Only for cards. Undefined: nothing was checked. */
  readonly checks?: CardChecks
}

/** The result of saving an instrument. There is no sixth result, and no exception. No money moves. */
export type SaveOutcome =
  /** The instrument can be charged. */
  | ({ readonly kind: 'saved' } & SavedDetails)
  /** The bank still verifies the instrument; `findSaved` will return `saved` or `declined`. */
  | ({ readonly kind: 'verifying'; readonly askAfterMs?: number } & SavedDetails)
  /** The customer has to confirm first. `askAfterMs`: as in a pending charge. */
  | { readonly kind: 'pending'; readonly action?: SaveAction; readonly askAfterMs?: number }
  /** Refused, or not verified. This outcome is final. */
  | { readonly kind: 'declined'; readonly declineCode: DeclineCode }
  | { readonly kind: 'unknown'; readonly reason: string }

/** An instrument to save. The method's id is the idempotency key: the same id never saves twice. */
export type SaveRequest = {
  readonly paymentMethodId: PaymentMethodId
  /** The complete instrument. Never store or log it. */
  readonly instrument: SavableInstrument
  readonly billingAddress: BillingAddress
  readonly customer: { readonly name: string; readonly email: string }
  /** The address to which the page of the issuer or the bank sends the customer back. */
  readonly returnUrl: string
}

/** An instrument to delete. */
export type ForgetRequest = {
  readonly paymentMethodId: PaymentMethodId
  /** Undefined: Paydesk gave up before it got the token. */
  readonly token?: string
}

/** The result of forgetting an instrument. */
export type ForgetOutcome =
  /** The token can no longer be charged. Also the answer for a token that no longer exists. */
  | { readonly kind: 'forgotten' }
  /** Paydesk asks again. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** A charge of a saved instrument before it is made. */
export type PlannedCharge = {
  readonly facts: SavedFacts
  readonly isOnSession: boolean
  /** The customer's details that Paydesk has. `phone`: digits without the dialing code. */
  readonly customer: Customer & { readonly name: string }
  readonly shippingAddress?: BillingAddress
}

/**
 * The capability of a processor to save instruments. A saved instrument is charged by `charge`, as an instrument of the
 * type `saved`.
 */
export type SavedInstruments = {
  readonly save: (request: SaveRequest) => Promise<SaveOutcome>
  /**
   * Returns the current result. An id that was never saved is `declined`, and must never be saved
   * after that.
   */
  readonly findSaved: (id: PaymentMethodId) => Promise<SaveOutcome>
  readonly forget: (request: ForgetRequest) => Promise<ForgetOutcome>
  /**
   * Returns true if the company would refuse the charge because it has too few details of the customer. The
   * merchant then gets the error `insufficient_customer_details`, and no payment is made. The function must decide
   * at once, without a request to the company. Undefined: the processor needs no details.
   */
  readonly needsDetails?: (charge: PlannedCharge) => boolean
}
