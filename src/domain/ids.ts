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

/**
 * Draws ids, each in the bucket of its `source`. Another process may draw the same id; it belongs to the process that
 * stores it first.
 */
export type Ids = {
  readonly paymentSession: (bucket: number) => PaymentSessionId
  readonly paymentAttempt: (source: PaymentSessionId) => PaymentAttemptId
  readonly refund: (source: PaymentAttemptId) => RefundId
  readonly refundApproval: (source: PaymentAttemptId) => RefundApprovalId
  readonly transfer: (source: PaymentAttemptId) => TransferId
  readonly transferReversal: (source: TransferId) => TransferReversalId
  /** `source`: the subject of the event, or the tested endpoint. */
  readonly webhookEvent: (source: EventSubject['id'] | WebhookEndpointId) => WebhookEventId
  readonly message: (source: MessageCause['subjectId']) => MessageId
  readonly webhookEndpoint: () => WebhookEndpointId
  readonly customer: () => CustomerId
  readonly paymentLink: (bucket: number) => PaymentLinkId
  readonly virtualAccount: (bucket: number) => VirtualAccountId
  readonly payout: () => PayoutId
  /** `source`: the enrollment session. */
  readonly mandate: (source: PaymentSessionId) => MandateId
  readonly mandateNotification: (source: MandateId) => MandateNotificationId
  readonly paymentMethodSession: (source: CustomerId) => PaymentMethodSessionId
  readonly paymentMethod: (source: CustomerId) => PaymentMethodId
  readonly dispute: (source: PaymentAttemptId) => DisputeId
}
