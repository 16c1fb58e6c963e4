import type { Clock } from '../domain/clock.ts'
import {
  BUCKET_COUNT,
  type CustomerId,
  createIdDraw,
  type DisputeId,
  type DrawnIds,
  type MandateId,
  type MandateNotificationId,
  type MessageId,
  type PaymentAttemptId,
  type PaymentLinkId,
  type PaymentMethodId,
  type PaymentMethodSessionId,
  type PaymentSessionId,
  type PayoutId,
  type RefundApprovalId,
  type RefundId,
  type TransferId,
  type TransferReversalId,
  type VirtualAccountId,
  type WebhookEndpointId,
  type WebhookEventId,
} from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import { PLAIN_IDS, type PublicIds } from '../domain/public-id.ts'
import type { Random } from '../domain/random.ts'

/**
 * Draws ids by a clock, in their public form. `publicIds`: the `publicIds` of the store that will keep the drawn ids.
 * Each draw changes `lastIds`.
 */
export function createIds(
  clock: Clock,
  random: Random,
  publicIds: PublicIds = PLAIN_IDS,
  lastIds?: DrawnIds,
): Ids {
  const drawStoredId = createIdDraw(clock.nowMs, random.below, lastIds)
  const draw = (bucket: number) => publicIds.publicIdOf(drawStoredId(bucket))
  const drawAnywhere = () => draw(random.below(BUCKET_COUNT))
  const drawBeside = (id: string) => draw(publicIds.bucketOf(id))
  return {
    paymentSession: (bucket) => draw(bucket) as PaymentSessionId,
    paymentAttempt: (id) => drawBeside(id) as PaymentAttemptId,
    refund: (id) => drawBeside(id) as RefundId,
    refundApproval: (id) => drawBeside(id) as RefundApprovalId,
    transfer: (id) => drawBeside(id) as TransferId,
    transferReversal: (id) => drawBeside(id) as TransferReversalId,
    message: (id) => drawBeside(id) as MessageId,
    webhookEvent: (id) => drawBeside(id) as WebhookEventId,
    webhookEndpoint: () => drawAnywhere() as WebhookEndpointId,
    customer: () => drawAnywhere() as CustomerId,
    paymentLink: (bucket) => draw(bucket) as PaymentLinkId,
    virtualAccount: (bucket) => draw(bucket) as VirtualAccountId,
    payout: () => drawAnywhere() as PayoutId,
    mandate: (id) => drawBeside(id) as MandateId,
    mandateNotification: (id) => drawBeside(id) as MandateNotificationId,
    paymentMethodSession: (id) => drawBeside(id) as PaymentMethodSessionId,
    paymentMethod: (id) => drawBeside(id) as PaymentMethodId,
    dispute: (id) => drawBeside(id) as DisputeId,
  }
}
