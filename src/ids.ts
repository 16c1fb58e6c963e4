import {
  BUCKET_COUNT,
  bucketOf,
  createIdDraw,
  type DrawnIds,
  type PaymentAttemptId,
  type PaymentSessionId,
  type RefundId,
  type TransferId,
  type TransferReversalId,
  type WebhookEndpointId,
  type WebhookEventId,
} from './domain/id.ts'
import type { Clock, Ids, Random } from './operations/ports.ts'

/** Draws the ids of this process from its clock. `drawn`: what it goes on from, and changes. */
export function createIds(clock: Clock, random: Random, drawn?: DrawnIds): Ids {
  const draw = createIdDraw(clock.nowMs, random.below, drawn)
  return {
    paymentSession: (bucket) => draw(bucket) as PaymentSessionId,
    paymentAttempt: (of) => draw(bucketOf(of)) as PaymentAttemptId,
    refund: (of) => draw(bucketOf(of)) as RefundId,
    transfer: (of) => draw(bucketOf(of)) as TransferId,
    transferReversal: (of) => draw(bucketOf(of)) as TransferReversalId,
    webhookEvent: (of) => draw(bucketOf(of)) as WebhookEventId,
    webhookEndpoint: () => draw(random.below(BUCKET_COUNT)) as WebhookEndpointId,
  }
}
