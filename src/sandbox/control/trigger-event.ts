import type { AccountId, WebhookEventId } from '../../domain/id.ts'
import type { WebhookEventType } from '../../domain/webhook-event.ts'
import type { WebhookEvent } from '../../operations/store.ts'
import { webhookEventBody } from '../../wire/webhook-event.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'

/**
 * Stores an event, although nothing has changed, with a delivery for each endpoint that subscribes to its type.
 * Undefined: another event has the id.
 */
export async function triggerEvent(
  { clock, ids, random, store }: Pick<SandboxTenant, 'clock' | 'ids' | 'random' | 'store'>,
  {
    accountId,
    eventId,
    object,
    type,
  }: {
    readonly type: WebhookEventType
    readonly accountId: AccountId
    readonly object: Readonly<Record<string, unknown>>
    readonly eventId?: string
  },
): Promise<WebhookEvent | undefined> {
  const atMs = clock.nowMs()
  // The event has no session, so it gets an unused session id.
  const subject = { kind: 'payment_session', id: ids.paymentSession(random.below(256)) } as const
  const id = (eventId as WebhookEventId | undefined) ?? ids.webhookEvent(subject.id)
  if (eventId !== undefined && (await store.webhookEvents.find(id)) !== undefined) return undefined
  const bodyJson = webhookEventBody({ id, type, accountId, isLive: false, atMs }, object)
  const event = { id, accountId, type, subject, bodyJson, createdAtMs: atMs }
  return (await store.transaction((tx) => tx.webhookEvents.insert(event))) ? event : undefined
}
