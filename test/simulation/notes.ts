import type {
  AccountId,
  PaymentAttemptId,
  PaymentSessionId,
  RefundId,
  TransferId,
  TransferReversalId,
  WebhookEndpointId,
  WebhookEventId,
} from '../../src/domain/id.ts'
import type { PaymentAttemptStatus } from '../../src/domain/payment-attempt.ts'
import type { WebhookEventType } from '../../src/domain/webhook-event.ts'

/** The terms of a session at its creation, as the auditor noted them. */
export type Agreement = {
  readonly id: PaymentSessionId
  readonly accountId: AccountId
  readonly amountMinor: bigint
  readonly attemptCountMax: number
  /** The transfers on success, in order. */
  readonly transfersMinor: readonly bigint[]
  /** The subscribed events of each active endpoint of the account. */
  readonly wants: ReadonlyMap<WebhookEndpointId, readonly WebhookEventType[]>
}

/** A granted amount, and its subject. */
export type Granted<Of> = { readonly of: Of; readonly amountMinor: bigint }

/** The merchant's answers and the auditor's observations, in order. */
export type Notes = {
  readonly refunds: Map<RefundId, Granted<PaymentAttemptId>>
  /** The transfers that the merchant requested, not those of the session itself. */
  readonly transfers: Map<TransferId, Granted<PaymentAttemptId>>
  readonly reversals: Map<TransferReversalId, Granted<TransferId>>
  /** The statuses of each attempt after each step. */
  readonly statuses: Map<PaymentAttemptId, Set<PaymentAttemptStatus>>
  /** The checked events, with their bodies. */
  readonly events: Map<WebhookEventId, string>
}

/** Opens an empty notebook. */
export function takeNotes(): Notes {
  return {
    refunds: new Map(),
    transfers: new Map(),
    reversals: new Map(),
    statuses: new Map(),
    events: new Map(),
  }
}

/** Adds amounts up. */
export function sum(amounts: Iterable<bigint>): bigint {
  return [...amounts].reduce((total, one) => total + one, 0n)
}

/** Sums the granted amounts of a subject. */
export function grantedMinor<Of>(granted: Iterable<Granted<Of>>, of: Of): bigint {
  return sum([...granted].filter((one) => one.of === of).map(({ amountMinor }) => amountMinor))
}
