import type { EnrollmentCharge, MandateTerms } from './mandate-terms.ts'
import type { TerminalMethod } from './terminal.ts'

/**
 * The types of sessions in a create request. A request without a type makes a session for one
 * payment.
 */
export const REQUESTED_SESSION_TYPES = [
  'mandate_enrollment',
  'mandate_execution',
  'pos_payment',
] as const
/** The type of a session in a create request and its answers, the wire's `payments_session_type`. */
export type RequestedSessionType = (typeof REQUESTED_SESSION_TYPES)[number]

/** The facts of the enrollment of a mandate. JSON has no bigint: amounts are digits, in paise. */
export type MandateEnrollmentFacts = Omit<MandateTerms, 'amountMinor'> & {
  readonly type: 'mandate_enrollment'
  /** The request's `max_amount`. Undefined: the session's amount is also the amount of the debits. */
  readonly maxAmountMinor?: string
  readonly charge: EnrollmentCharge['kind']
}

/** Returns the terms of the mandate that a session enrolls. `amountMinor`: the session's amount, in paise. */
export function enrollmentTermsOf(
  facts: MandateEnrollmentFacts,
  amountMinor: bigint,
): MandateTerms {
  const { charge: _, maxAmountMinor, type: __, ...terms } = facts
  return {
    ...terms,
    amountMinor: maxAmountMinor === undefined ? amountMinor : BigInt(maxAmountMinor),
  }
}

/**
 * The facts of a session with a type, as they are stored. They contain no ids, because the store
 * translates ids only in columns. Undefined in a session: a session for one payment.
 */
export type PaymentSessionTypeFacts =
  /** The enrollment of a mandate; the customer approves it on the checkout page. */
  | MandateEnrollmentFacts
  /** A debit of a mandate. It has no page. */
  | { readonly type: 'mandate_execution' }
  /** A payment at a terminal. It has no page. */
  | {
      readonly type: 'pos_payment'
      readonly terminalId: string
      /** The only method that the terminal offers. Undefined: all its methods. */
      readonly method?: TerminalMethod
      /**
       * The maximum number of tries of the customer at a real terminal. There all tries are one attempt.
       * Undefined: each try is an attempt.
       */
      readonly tryCountMax?: number
    }
  /** A charge of a saved payment method. The API does not show its session. */
  | {
      readonly type: 'direct_charge'
      /** True: the customer was on the merchant's page. */
      readonly isOnSession: boolean
    }
