import type {
  PaymentAttemptId,
  PaymentSessionId,
  RefundId,
  TransferId,
  TransferReversalId,
  WebhookEndpointId,
  WebhookEventId,
} from './id.ts'

/** Draws ids. Storing one is what makes it ours: another process may have drawn it too. */
export type Ids = {
  readonly paymentSession: (bucket: number) => PaymentSessionId
  /** In its session's bucket. */
  readonly paymentAttempt: (of: PaymentSessionId) => PaymentAttemptId
  /** In its attempt's bucket. */
  readonly refund: (of: PaymentAttemptId) => RefundId
  /** In its attempt's bucket. */
  readonly transfer: (of: PaymentAttemptId) => TransferId
  /** In its transfer's bucket. */
  readonly transferReversal: (of: TransferId) => TransferReversalId
  /** In the bucket of its session, or of the endpoint that is tried. */
  readonly webhookEvent: (of: PaymentSessionId | WebhookEndpointId) => WebhookEventId
  readonly webhookEndpoint: () => WebhookEndpointId
}
