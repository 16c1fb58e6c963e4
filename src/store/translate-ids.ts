import type { WebhookEndpointId } from '../domain/id.ts'
import type { LedgerPosting } from '../domain/ledger.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { PaymentSession } from '../domain/payment-session.ts'
import type { PublicIds } from '../domain/public-id.ts'
import type { Refund } from '../domain/refund.ts'
import type { Transfer, TransferReversal } from '../domain/transfer.ts'
import type { WebhookDelivery } from '../domain/webhook-delivery.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import type {
  ClaimLimits,
  IdempotentAnswer,
  LedgerReport,
  TransferFilter,
  WebhookEvent,
} from '../operations/store.ts'
import type { SandboxCharge } from '../processors/sandbox-charge.ts'

/** Translates records one way. */
export type Translation = ReturnType<typeof translateBy>

/** Makes a translation of records one way: which members of each are ids. Ids of accounts are never translated. */
export function translateBy(id: PublicIds['publicOf']) {
  /** Copies a record with these of its ids translated. Those that are absent stay absent. */
  function within<Record extends object>(
    record: Record,
    ...names: readonly (keyof Record)[]
  ): Record {
    const copy = { ...record }
    for (const name of names) {
      const value = copy[name]
      if (typeof value === 'string') copy[name] = id(value)
    }
    return copy
  }

  return {
    id,
    within,
    /** Translates what was found, if it was. */
    found: <Record, Made>(record: Record | undefined, translate: (one: Record) => Made) =>
      record === undefined ? undefined : translate(record),

    session: <Session extends PaymentSession>(one: Session) =>
      within<Session>(one, 'id', 'currentAttemptId'),
    attempt: (one: PaymentAttempt) => within(one, 'id', 'paymentSessionId'),
    refund: (one: Refund) => within(one, 'id', 'paymentAttemptId'),
    transfer: (one: Transfer) => within(one, 'id', 'paymentAttemptId'),
    reversal: (one: TransferReversal) => within(one, 'id', 'transferId'),
    transferFilter: (one: TransferFilter) =>
      within(one, 'paymentAttemptId', 'transferId', 'soughtId'),
    posting: (one: LedgerPosting) => within(one, 'sourceId', 'paymentAttemptId'),
    event: (one: WebhookEvent) => within(one, 'id', 'paymentSessionId'),
    endpoint: (one: WebhookEndpoint) => within(one, 'id'),
    delivery: <Keyed extends Pick<WebhookDelivery, 'eventId' | 'endpointId'>>(one: Keyed) =>
      within<Keyed>(one, 'eventId', 'endpointId'),
    answer: (one: IdempotentAnswer) => within(one, 'resourceId'),
    sandboxCharge: (one: SandboxCharge) => within(one, 'attemptId'),
    claimLimits: (one: ClaimLimits): ClaimLimits => ({
      ...one,
      roomOfEndpoints: new Map<WebhookEndpointId, number>(
        [...one.roomOfEndpoints].map(([of, room]) => [id(of), room]),
      ),
    }),
    ledgerReport: (one: LedgerReport): LedgerReport => {
      // What is wrong with an account's sums has the account's id, and what is wrong with all of them none.
      const others = new Set<string>([...one.balances.map(({ accountId }) => accountId), '-'])
      return {
        ...one,
        discrepancies: one.discrepancies.map((found) =>
          others.has(found.id) ? found : within(found, 'id'),
        ),
      }
    },
  }
}
