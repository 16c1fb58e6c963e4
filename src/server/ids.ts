import type { Clock } from '../domain/clock.ts'
import {
  BUCKET_COUNT,
  createIdDraw,
  type DrawnIds,
  type PaymentAttemptId,
  type PaymentSessionId,
  type RefundId,
  type TransferId,
  type TransferReversalId,
  type WebhookEndpointId,
  type WebhookEventId,
} from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import { PLAIN_IDS, type PublicIds } from '../domain/public-id.ts'
import type { Random } from '../domain/random.ts'

/**
 * Draws the ids of this process from its clock, and gives their public form. `publicIds` are those of the
 * store that is to hold them. `drawn`: what it goes on from, and changes.
 */
export function createIds(
  clock: Clock,
  random: Random,
  publicIds: PublicIds = PLAIN_IDS,
  drawn?: DrawnIds,
): Ids {
  const drawStored = createIdDraw(clock.nowMs, random.below, drawn)
  const draw = (bucket: number) => publicIds.publicOf(drawStored(bucket))
  const drawBeside = (id: string) => draw(publicIds.bucketOf(id))
  return {
    paymentSession: (bucket) => draw(bucket) as PaymentSessionId,
    paymentAttempt: (of) => drawBeside(of) as PaymentAttemptId,
    refund: (of) => drawBeside(of) as RefundId,
    transfer: (of) => drawBeside(of) as TransferId,
    transferReversal: (of) => drawBeside(of) as TransferReversalId,
    webhookEvent: (of) => drawBeside(of) as WebhookEventId,
    webhookEndpoint: () => draw(random.below(BUCKET_COUNT)) as WebhookEndpointId,
  }
}
