import type { CardChecks } from '../domain/card-checks.ts'
import type { MandateId, PaymentAttemptId, PaymentMethodId, RefundId } from '../domain/id.ts'
import type { InstrumentFacts, SavedFacts } from '../domain/instrument.ts'
import type { Money } from '../domain/money.ts'
import type { CustomerAction, DeclineCode } from '../domain/payment-attempt.ts'

/** The result of a sandbox charge. */
export type SandboxOutcome = 'approved' | DeclineCode

/** A charge in the sandbox processor's records. */
export type SandboxCharge = {
  readonly attemptId: PaymentAttemptId
  readonly amount: Money
  readonly instrument: InstrumentFacts
  /** The customer's next step. It stays after the customer's action. */
  readonly action?: CustomerAction
  readonly returnUrl: string
  /** The result if the customer consents on a page, in an app or by a transfer. */
  readonly outcomeOnConsent: SandboxOutcome
  /** The time from consent to the decision. */
  readonly decideAfterMs: number
  readonly createdAtMs: number
  /** Undefined: the customer has not acted yet. `atMs` in the future: the charge is pending until then. */
  readonly decision?: { readonly outcome: SandboxOutcome; readonly atMs: number }
}

/** A mandate in the sandbox processor's records. It is recorded with the charge by which the customer approves it. */
export type SandboxMandate = {
  readonly mandateId: MandateId
  readonly upiId: string
  readonly status: 'active' | 'paused' | 'revoked'
  /** The time at which the customer cancels it, in milliseconds since 1970. */
  readonly revokeAtMs?: number
}

/** The sandbox processor's records. Each write is a separate transaction, which no later failure undoes. */
export type SandboxCharges = {
  /** Does nothing if the attempt already has a charge. */
  readonly insert: (charge: SandboxCharge) => Promise<void>
  readonly find: (id: PaymentAttemptId) => Promise<SandboxCharge | undefined>
  /**
   * Decides a charge before its planned time. False: there is no such charge, or it was already decided. `decisionAt`
   * and `readNowMs` are called after the charge is locked: of two decisions at the same time, the later one must not
   * read an earlier time than the first.
   */
  readonly decide: (
    id: PaymentAttemptId,
    decisionAt: (nowMs: number) => NonNullable<SandboxCharge['decision']>,
    readNowMs: () => number,
  ) => Promise<boolean>
  /** Records a refund once and returns the time of its decision, in milliseconds since 1970. */
  readonly bookRefund: (
    id: RefundId,
    attemptId: PaymentAttemptId,
    amountMinor: bigint,
    decidedAtMs: number,
  ) => Promise<number>
  /** Does nothing if the mandate already has a record. */
  readonly insertMandate: (mandate: SandboxMandate) => Promise<void>
  readonly findMandate: (id: MandateId) => Promise<SandboxMandate | undefined>
  /** Changes the status of a mandate that the customer has not canceled. */
  readonly changeMandate: (id: MandateId, status: SandboxMandate['status']) => Promise<void>
}

/** A saved instrument in the sandbox processor's records. */
export type SandboxSave = {
  readonly paymentMethodId: PaymentMethodId
  readonly instrument: SavedFacts
  /** Only for cards. */
  readonly checks?: CardChecks
  readonly returnUrl: string
  /** The result if the customer consents on the issuer's page. Undefined: no consent is needed. */
  readonly outcomeOnConsent?: SandboxOutcome
  /** The time from consent to the decision. */
  readonly decideAfterMs: number
  /** The outcome of every charge of the saved instrument. */
  readonly chargeOutcome: SandboxOutcome
  /** The time from a charge to its outcome. */
  readonly chargeAfterMs: number
  readonly createdAtMs: number
  /** Undefined: the customer has not acted yet. `atMs` in the future: the save is pending until then. */
  readonly decision?: { readonly outcome: SandboxOutcome; readonly atMs: number }
  /** Undefined: the instrument was not deleted. */
  readonly forgottenAtMs?: number
}

/** The saved instruments in the sandbox processor's records. */
export type SandboxSaves = {
  /** Does nothing if the method already has a record. */
  readonly insert: (save: SandboxSave) => Promise<void>
  readonly find: (id: PaymentMethodId) => Promise<SandboxSave | undefined>
  /** Decides a save before its planned time, as `SandboxCharges.decide` decides a charge. */
  readonly decide: (
    id: PaymentMethodId,
    decisionAt: (nowMs: number) => NonNullable<SandboxSave['decision']>,
    readNowMs: () => number,
  ) => Promise<boolean>
  /** Records once that the instrument was deleted. */
  readonly forget: (id: PaymentMethodId, nowMs: number) => Promise<void>
}
