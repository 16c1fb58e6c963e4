import type { Clock } from '../domain/clock.ts'
import type { Ids } from '../domain/ids.ts'
import type { Mode } from '../domain/scope.ts'
import type { WebhookEventType } from '../domain/webhook-event.ts'
import { webhookEventBody } from '../wire/webhook-event.ts'
import type { PaymentSessionRecord, SessionTransaction } from './store.ts'
import { storeDrawn } from './store-drawn.ts'

/** The dependencies of writing an event. */
export type EventDeps = { readonly clock: Clock; readonly ids: Ids; readonly mode: Mode }

/** The type of an event with the object that it reports: `{ payment: … }`. */
type EventContent = {
  readonly type: WebhookEventType
  readonly object: Readonly<Record<string, unknown>>
}

/**
 * Stores an event in the transaction of the change that it reports, so that neither exists without the other. Each
 * delivery sends the same body.
 */
export async function writeWebhookEvent(
  tx: Pick<SessionTransaction, 'webhookEvents'>,
  { clock, ids, mode }: EventDeps,
  session: Pick<PaymentSessionRecord, 'accountId' | 'id'>,
  { object, type }: EventContent,
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
