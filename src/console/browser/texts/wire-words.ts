import type { BALANCE_TRANSACTION_TYPES } from '../../../domain/balance-transaction.ts'
import type { DisputeReason, DisputeStatus } from '../../../domain/dispute.ts'
import type { InactiveReason, MandateStatus } from '../../../domain/mandate.ts'
import type { MandateFrequency } from '../../../domain/mandate-terms.ts'
import type { OperatorRole } from '../../../domain/operator.ts'
import type { PaymentAttemptStatus } from '../../../domain/payment-attempt.ts'
import type { PaymentLinkStatus } from '../../../domain/payment-link.ts'
import type { PaymentSessionStatus } from '../../../domain/payment-session.ts'
import type { PAYOUT_STATUSES } from '../../../domain/payout.ts'
import type { REFUND_REASONS, RefundStatus } from '../../../domain/refund.ts'
import type { RefundApprovalStatus } from '../../../domain/refund-approval.ts'
import type { VirtualAccountStatus } from '../../../domain/virtual-account.ts'
import type { WebhookDeliveryStatus } from '../../../domain/webhook-delivery.ts'
import type { WebhookEndpointStatus } from '../../../domain/webhook-endpoint.ts'

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

type FieldWord =
  | (typeof BALANCE_TRANSACTION_TYPES)[number]
  | DisputeReason
  | InactiveReason
  | MandateFrequency
  | OperatorRole
  | (typeof REFUND_REASONS)[number]
  | 'customer_email'
  | 'customer_phone'
  | 'email'
  | 'email_id'
  | 'phone'
  | 'receipt_email'
  | 'upi_id'

/** The words that the console shows as if they were statuses, and the words of the wire in sentences of its server. */
type ShownWord =
  | 'agrees'
  | 'blocked'
  | 'connected_account'
  | 'customer'
  | 'customers'
  | 'd'
  | 'Debit notice'
  | 'deleted'
  | 'differs'
  | 'dispute'
  | 'disputed'
  | 'e-mail'
  | 'enabled'
  | 'endpoint'
  | 'event'
  | 'fees'
  | 'h'
  | 'invited'
  | 'locked'
  | 'mandate'
  | 'merchant'
  | 'min'
  | 'no answer'
  | 'partially_refunded'
  | 'Payment link'
  | 'payment'
  | 'payment_link'
  | 'payout'
  | 'processor'
  | 'Receipt'
  | 'running'
  | 's'
  | 'session'
  | 'success'
  | 'taxes'
  | 'text message'
  | 'transfer'
  | 'unknown'
  | 'UPI app'
  | 'virtual_account'

/** A name of the wire that the console shows as words, and that each language has. */
export type WireWord = StatusWord | FieldWord | ShownWord
