import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import type { Mode } from '../domain/scope.ts'
import type { EventSubject, WebhookEventType } from '../domain/webhook-event.ts'
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

/** The account of an event, and the object that it is about. */
type EventSource = { readonly accountId: AccountId; readonly subject: EventSubject }

/** Returns the source of the events of a session's payments and refunds. */
export function eventSourceOf({
  accountId,
  id,
  virtualAccountId,
}: Pick<PaymentSessionRecord, 'accountId' | 'id' | 'virtualAccountId'>): EventSource {
  const subject: EventSubject =
    virtualAccountId === undefined
      ? { kind: 'payment_session', id }
      : { kind: 'virtual_account', id: virtualAccountId }
  return { accountId, subject }
}

/**
 * Stores an event in the transaction of the change that it reports, so that neither exists without the other. Each
 * delivery sends the same body.
 */
export async function writeWebhookEvent(
  tx: Pick<SessionTransaction, 'webhookEvents'>,
  { clock, ids, mode }: EventDeps,
  { accountId, subject }: EventSource,
  { object, type }: EventContent,
): Promise<void> {
  const atMs = clock.nowMs()
  const draw = () => {
    const id = ids.webhookEvent(subject.id)
    const facts = { id, type, accountId, isLive: mode === 'live', atMs }
    const bodyJson = webhookEventBody(facts, object)
    return { id, accountId, type, subject, bodyJson, createdAtMs: atMs }
  }
  await storeDrawn(draw, tx.webhookEvents.insert)
}
