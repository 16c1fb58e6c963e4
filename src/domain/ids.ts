import type {
  CustomerId,
  DisputeId,
  MandateId,
  MandateNotificationId,
  MessageId,
  PaymentAttemptId,
  PaymentLinkId,
  PaymentMethodId,
  PaymentMethodSessionId,
  PaymentSessionId,
  PayoutId,
  RefundApprovalId,
  RefundId,
  TransferId,
  TransferReversalId,
  VirtualAccountId,
  WebhookEndpointId,
  WebhookEventId,
} from './id.ts'
import type { MessageCause } from './message.ts'
import type { EventSubject } from './webhook-event.ts'

/** Draws ids. Another process may draw the same id; it belongs to the process that stores it first. */
export type Ids = {
  readonly paymentSession: (bucket: number) => PaymentSessionId
  /** In its session's bucket. */
  readonly paymentAttempt: (source: PaymentSessionId) => PaymentAttemptId
  /** In its attempt's bucket. */
  readonly refund: (source: PaymentAttemptId) => RefundId
  /** In its attempt's bucket. */
  readonly refundApproval: (source: PaymentAttemptId) => RefundApprovalId
  /** In its attempt's bucket. */
  readonly transfer: (source: PaymentAttemptId) => TransferId
  /** In its transfer's bucket. */
  readonly transferReversal: (source: TransferId) => TransferReversalId
  /** In the bucket of its subject, or of the tested endpoint. */
  readonly webhookEvent: (source: EventSubject['id'] | WebhookEndpointId) => WebhookEventId
  /** In the bucket of its subject. */
  readonly message: (source: MessageCause['subjectId']) => MessageId
  readonly webhookEndpoint: () => WebhookEndpointId
  readonly customer: () => CustomerId
  readonly paymentLink: (bucket: number) => PaymentLinkId
  readonly virtualAccount: (bucket: number) => VirtualAccountId
  readonly payout: () => PayoutId
  /** In the bucket of its enrollment session. */
  readonly mandate: (source: PaymentSessionId) => MandateId
  /** In its mandate's bucket. */
  readonly mandateNotification: (source: MandateId) => MandateNotificationId
  /** In its customer's bucket. */
  readonly paymentMethodSession: (source: CustomerId) => PaymentMethodSessionId
  /** In its customer's bucket. */
  readonly paymentMethod: (source: CustomerId) => PaymentMethodId
  /** In its attempt's bucket. */
  readonly dispute: (source: PaymentAttemptId) => DisputeId
}
