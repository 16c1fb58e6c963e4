import type { DisputeStatus } from '../../../domain/dispute.ts'
import type { MandateStatus } from '../../../domain/mandate.ts'
import type { OperatorRole } from '../../../domain/operator.ts'
import type { PaymentAttemptStatus } from '../../../domain/payment-attempt.ts'
import type { PaymentLinkStatus } from '../../../domain/payment-link.ts'
import type { PaymentMethodType } from '../../../domain/payment-method.ts'
import type { PaymentSessionStatus } from '../../../domain/payment-session.ts'
import type { PAYOUT_STATUSES } from '../../../domain/payout.ts'
import type { REFUND_REASONS, RefundStatus } from '../../../domain/refund.ts'
import type { RefundApprovalStatus } from '../../../domain/refund-approval.ts'
import type { VirtualAccountStatus } from '../../../domain/virtual-account.ts'
import type { WebhookDeliveryStatus } from '../../../domain/webhook-delivery.ts'
import type { WebhookEndpointStatus } from '../../../domain/webhook-endpoint.ts'

/** The statuses of resources. */
type StatusWord =
  | DisputeStatus
  | MandateStatus
  | PaymentAttemptStatus
  | PaymentLinkStatus
  | PaymentSessionStatus
  | (typeof PAYOUT_STATUSES)[number]
  | RefundApprovalStatus
  | RefundStatus
  | VirtualAccountStatus
  | WebhookDeliveryStatus
  | WebhookEndpointStatus

/** The names of the wire in other fields, and the words that the console shows in the place of a status. */
type OtherWord =
  | 'agrees'
  | 'ach_debit'
  | 'blocked'
  | 'closed'
  | 'completed'
  | 'customer_email'
  | 'customer_phone'
  | 'declined'
  | 'deleted'
  | 'differs'
  | 'disabled'
  | 'email'
  | 'email_id'
  | 'invited'
  | 'locked'
  | 'net_banking'
  | 'no answer'
  | 'open'
  | 'phone'
  | 'receipt_email'
  | 'revoked'
  | 'running'
  | 'unknown'
  | 'upi_id'

/** A name of the wire that the console shows as words, and that each language has. */
export type WireWord =
  | StatusWord
  | OperatorRole
  | PaymentMethodType
  | (typeof REFUND_REASONS)[number]
  | 'partially_refunded'
  | 'disputed'
  | OtherWord
