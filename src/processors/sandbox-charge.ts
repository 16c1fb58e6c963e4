import type { MandateId, PaymentAttemptId, RefundId } from '../domain/id.ts'
import type { InstrumentFacts } from '../domain/instrument.ts'
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
  /** The time from consent to the decision, in milliseconds. */
  readonly decideAfterMs: number
  readonly createdAtMs: number
  /** Undefined: the customer has not acted yet. In the future: the charge is pending until then. */
  readonly decided?: { readonly outcome: SandboxOutcome; readonly atMs: number }
}

/** A mandate in the sandbox processor's records, from the customer's approval. */
export type SandboxMandate = {
  readonly mandateId: MandateId
  readonly upiId: string
  readonly status: 'active' | 'paused' | 'revoked'
  /** The time at which the customer cancels it, in milliseconds since 1970. */
  readonly revokeAtMs?: number
}

/** The sandbox processor's records. They survive a crash of the rest. */
export type SandboxCharges = {
  /** Does nothing if the attempt already has a charge. */
  readonly insert: (charge: SandboxCharge) => Promise<void>
  readonly find: (id: PaymentAttemptId) => Promise<SandboxCharge | undefined>
  /**
   * Decides a charge before its planned time. False: it was already decided. Both functions run after the charge is
   * locked: of two decisions at the same time, the later one must not read an earlier time than the first.
   */
  readonly decide: (
    id: PaymentAttemptId,
    decisionAt: (nowMs: number) => NonNullable<SandboxCharge['decided']>,
    readNowMs: () => number,
  ) => Promise<boolean>
  /** Records a refund once and returns the time of its decision, in milliseconds since 1970. */
  readonly bookRefund: (
    id: RefundId,
    attemptId: PaymentAttemptId,
    amountMinor: bigint,
    decidedAtMs: number,
  ) => Promise<number>
  /** Does nothing if the mandate is known already. */
  readonly insertMandate: (mandate: SandboxMandate) => Promise<void>
  readonly findMandate: (id: MandateId) => Promise<SandboxMandate | undefined>
  /** Changes the status of a mandate that the customer has not canceled. */
  readonly changeMandate: (id: MandateId, status: SandboxMandate['status']) => Promise<void>
}
