import type { PaymentAttemptId, RefundId } from '../domain/id.ts'
import type { InstrumentFacts } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import type { CustomerAction, DeclineCode } from '../domain/payment-attempt.ts'

/** The result of a sandbox charge. */
export type SandboxOutcome = 'approved' | DeclineCode

/** A charge in the sandbox processor's own books. */
export type SandboxCharge = {
  readonly attemptId: PaymentAttemptId
  readonly amount: Money
  readonly instrument: InstrumentFacts
  /** The customer's next step. It stays after the customer has done it. */
  readonly action?: CustomerAction
  readonly returnUrl: string
  /** The result if the customer consents on a page, in an app or by a transfer. */
  readonly outcomeOnConsent: SandboxOutcome
  /** The time from consent to the decision, in milliseconds. */
  readonly decideAfterMs: number
  readonly createdAtMs: number
  /** Undefined: the customer has done nothing yet. In the future: it is pending until then. */
  readonly decided?: { readonly outcome: SandboxOutcome; readonly atMs: number }
}

/** The sandbox processor's records. They survive a crash of the rest. */
export type SandboxCharges = {
  /** Does nothing when the attempt has a charge already. */
  readonly insert: (charge: SandboxCharge) => Promise<void>
  readonly find: (id: PaymentAttemptId) => Promise<SandboxCharge | undefined>
  /** Decides a charge whose time to be decided has not come. False: it was decided already. */
  readonly decide: (
    id: PaymentAttemptId,
    decided: { readonly outcome: SandboxOutcome; readonly atMs: number },
    nowMs: number,
  ) => Promise<boolean>
  /** Books a refund once and gives when it was decided, in milliseconds since 1970. */
  readonly bookRefund: (
    id: RefundId,
    attemptId: PaymentAttemptId,
    amountMinor: bigint,
    decidedAtMs: number,
  ) => Promise<number>
}
