import type { Clock } from '../domain/clock.ts'
import type { Ids } from '../domain/ids.ts'
import type { Mode } from '../domain/scope.ts'
import type { WebhookEventType } from '../domain/webhook-event.ts'
import { webhookEventBody } from '../wire/webhook-event.ts'
import type { PaymentSessionRecord, Transaction } from './store.ts'
import { storeDrawn } from './store-drawn.ts'

/** What writing an event needs. */
export type EventDeps = { readonly clock: Clock; readonly ids: Ids; readonly mode: Mode }

/**
 * Writes an event in the transaction of the change that it reports, so that neither is ever without
 * the other. The body is written once and is the same at each delivery.
 */
export async function writeWebhookEvent(
  tx: Transaction,
  { clock, ids, mode }: EventDeps,
  session: Pick<PaymentSessionRecord, 'accountId' | 'id'>,
  type: WebhookEventType,
  object: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { accountId, id: paymentSessionId } = session
  const atMs = clock.nowMs()
  const draw = () => {
    const id = ids.webhookEvent(paymentSessionId)
    const facts = { id, type, accountId, isLive: mode === 'live', atMs }
    const bodyJson = webhookEventBody(facts, object)
    return { id, accountId, type, paymentSessionId, bodyJson, createdAtMs: atMs }
  }
  await storeDrawn(draw, tx.webhookEvents.insert)
}
