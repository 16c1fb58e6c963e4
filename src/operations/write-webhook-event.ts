import type { Clock } from '../domain/clock.ts'
import type { AccountId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import type { PaymentAttempt } from '../domain/payment-attempt.ts'
import type { Mode } from '../domain/scope.ts'
import type { EventSubject, WebhookEventType } from '../domain/webhook-event.ts'
import { webhookEventBody } from '../wire/webhook-event.ts'
import type { PaymentSessionRecord, SessionTransaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'

/** The dependencies of writing an event. */
export type EventDeps = { readonly clock: Clock; readonly ids: Ids; readonly mode: Mode }

/** The type of an event with the object that it reports: `{ payment: … }`. */
type EventContent = {
  readonly type: WebhookEventType
  readonly object: Readonly<Record<string, unknown>>
}

type EventSource = { readonly accountId: AccountId; readonly subject: EventSubject }

/**
 * Returns the source of the events of a session's payments and refunds. The API does not show the session of a transfer
 * or of a direct charge, so their events are about the virtual account or the saved payment method.
 */
export function eventSourceOf(
  session: Pick<PaymentSessionRecord, 'accountId' | 'id' | 'typeFacts' | 'virtualAccountId'>,
  attempt?: Pick<PaymentAttempt, 'savedMethodId'>,
): EventSource {
  const { accountId, id, typeFacts, virtualAccountId } = session
  if (virtualAccountId !== undefined) {
    return { accountId, subject: { kind: 'virtual_account', id: virtualAccountId } }
  }
  const savedMethodId = typeFacts?.type === 'direct_charge' ? attempt?.savedMethodId : undefined
  return savedMethodId === undefined
    ? { accountId, subject: { kind: 'payment_session', id } }
    : { accountId, subject: { kind: 'payment_method', id: savedMethodId } }
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
  await storeWithFreeId(draw, tx.webhookEvents.insert)
}
