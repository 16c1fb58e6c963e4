import type {
  AccountId,
  MandateId,
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
import type { ReportedDispute } from '../../src/processors/dispute-reports.ts'

/** The recipient of all transfers. */
export const CONNECTED_ACCOUNT_ID = '60000000002' as AccountId

/** The auditor's notes about a session at its creation. */
export type Agreement = {
  readonly id: PaymentSessionId
  readonly accountId: AccountId
  readonly amountMinor: bigint
  /** The email address of the customers. Undefined: they give none. */
  readonly email?: string
  /** The mandate that the session debits. Undefined: its customers pay it on its page. */
  readonly mandateId?: MandateId
  readonly attemptCountMax: number
  /** The transfers on success, in order. */
  readonly transfersMinor: readonly bigint[]
  /** The subscribed events of each active endpoint of the account. */
  readonly wants: ReadonlyMap<WebhookEndpointId, readonly WebhookEventType[]>
}

/** The amount of a successful request, and the id of its payment or transfer. */
export type Grant<Owner> = { readonly ownerId: Owner; readonly amountMinor: bigint }

/** A dispute that was reported, with the last report. */
export type ReportedNote = Grant<PaymentAttemptId> & { readonly report: ReportedDispute }

/** The successful requests of the merchant, the reported disputes, and the auditor's observations, in order. */
export type Notes = {
  readonly refunds: Map<RefundId, Grant<PaymentAttemptId>>
  /** The transfers that the merchant requested, not those of the session itself. */
  readonly transfers: Map<TransferId, Grant<PaymentAttemptId>>
  readonly reversals: Map<TransferReversalId, Grant<TransferId>>
  /** The disputes that the processor has reported, by its reference. */
  readonly disputes: Map<string, ReportedNote>
  /** The statuses of each attempt after each step. */
  readonly statuses: Map<PaymentAttemptId, Set<PaymentAttemptStatus>>
  /** The checked events, with their bodies. */
  readonly events: Map<WebhookEventId, string>
}

/** Makes empty notes. */
export function takeNotes(): Notes {
  return {
    refunds: new Map(),
    transfers: new Map(),
    reversals: new Map(),
    disputes: new Map(),
    statuses: new Map(),
    events: new Map(),
  }
}

/** Adds up the open and lost disputes of a payment: these have taken money from it. */
export function disputedMinorOf({ disputes }: Notes, id: PaymentAttemptId): bigint {
  const takenDisputes = [...disputes.values()].filter(
    ({ report }) => report.result.status !== 'won',
  )
  return grantedMinor(takenDisputes, id)
}

/** Returns the open dispute of a payment. Undefined: it has none. */
export function openDisputeOf({ disputes }: Notes, id: PaymentAttemptId): ReportedNote | undefined {
  return [...disputes.values()].find(
    ({ ownerId, report }) => ownerId === id && report.result.status === 'open',
  )
}

/** Adds up amounts. */
export function sum(amounts: Iterable<bigint>): bigint {
  return [...amounts].reduce((total, one) => total + one, 0n)
}

/** Adds up the amounts of successful requests for one payment or transfer. */
export function grantedMinor<Owner>(grants: Iterable<Grant<Owner>>, ownerId: Owner): bigint {
  return sum(
    [...grants].filter((one) => one.ownerId === ownerId).map(({ amountMinor }) => amountMinor),
  )
}
