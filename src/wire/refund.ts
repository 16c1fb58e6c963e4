import { formatMoney } from '../domain/money.ts'
import { type Refund, referenceNumberOf } from '../domain/refund.ts'

/**
 * Makes the refund object of answers and webhooks.
 *
 * Source: Zoho Payments API reference, refunds page (seen 2026-11-22).
 */
export function refundFields(refund: Refund) {
  return {
    refund_id: refund.id,
    payment_id: refund.paymentAttemptId,
    amount: formatMoney(refund.amount),
    // No amount is converted, and only accounts of the US edition accept dollars.
    default_currency_amount:
      refund.amount.currency === 'USD' ? formatMoney(refund.amount) : undefined,
    type: refund.type,
    reason: refund.reason,
    description: refund.description,
    status: refund.status,
    reference_number: referenceNumberOf(refund.id),
    network_reference_number: refund.processorReference,
    // Empty unless the refund failed, as in the reference.
    failure_reason: refund.failureReason ?? '',
    // The time of the request; it does not change when the refund ends.
    date: Math.floor(refund.createdAtMs / 1000),
    meta_data:
      refund.metaDataJson === undefined ? undefined : (JSON.parse(refund.metaDataJson) as unknown),
  }
}
