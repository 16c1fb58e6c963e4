import type { PaymentAttemptId } from '../domain/id.ts'
import type { Money } from '../domain/money.ts'
import type { DeclineCode } from '../domain/payment-attempt.ts'

/** How a processor answered. There is no fifth answer, and no exception. */
export type ChargeOutcome =
  | { readonly kind: 'approved'; readonly processorReference: string }
  | { readonly kind: 'declined'; readonly declineCode: DeclineCode }
  /** Accepted, result to follow: by `findCharge`, or by the processor's own webhook. */
  | { readonly kind: 'pending'; readonly processorReference: string }
  /** Nobody knows whether money moved (a timeout, a 500). Never charge again: ask. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** A charge to make. The attempt's id is the idempotency key: the same id never charges twice. */
export type ChargeRequest = {
  readonly attemptId: PaymentAttemptId
  readonly amount: Money
  /** Stands for the customer's card or account; no card number passes here. */
  readonly paymentMethodToken: string
}

/** The company whose API moves the money, as our adapter for it. */
export type Processor = {
  readonly name: string
  readonly charge: (request: ChargeRequest) => Promise<ChargeOutcome>
  /** Asks what became of a charge. An id that was never charged is `declined`. */
  readonly findCharge: (attemptId: PaymentAttemptId) => Promise<ChargeOutcome>
}

/** Answers whether what a module exports can serve as a processor. */
export function isProcessor(candidate: unknown): candidate is Processor {
  const { name, charge, findCharge } = (candidate ?? {}) as Partial<
    Record<keyof Processor, unknown>
  >
  return (
    typeof name === 'string' && typeof charge === 'function' && typeof findCharge === 'function'
  )
}
