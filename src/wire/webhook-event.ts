import type { AccountId, WebhookEventId } from '../domain/id.ts'
import type { WebhookEvent } from '../domain/records.ts'
import type { EventSubject, WebhookEventType } from '../domain/webhook-event.ts'

type WebhookEventFacts = {
  readonly id: WebhookEventId
  readonly type: WebhookEventType | 'webhook.test'
  readonly accountId: AccountId
  readonly isLive: boolean
  readonly atMs: number
}

/**
 * Writes the whole body of an event. The ids of the event and the account are JSON numbers. The time is in
 * milliseconds.
 *
 * Source: Zoho Payments webhooks page US, sample (seen 2026-11-22).
 */
export function webhookEventBody(
  { accountId, atMs, id, isLive, type }: WebhookEventFacts,
  object: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({
    event_id: Number(id),
    event_type: type,
    account_id: Number(accountId),
    live_mode: isLive,
    event_time: atMs,
    event_object: object,
  })
}

/** Makes the object of an event in a list. Paydesk only: the real service has no list of events. */
export function webhookEventRow(event: WebhookEvent) {
  return {
    event_id: Number(event.id),
    event_type: event.type,
    ...subjectFields(event.subject),
    event_time: event.createdAtMs,
  }
}

/** The field with the id of the object of an event, by the kind of the object. */
export const SUBJECT_FIELDS = {
  payment_session: 'payments_session_id',
  payment_link: 'payment_link_id',
  virtual_account: 'virtual_account_id',
  payout: 'payout_id',
  mandate: 'mandate_id',
  payment_method: 'payment_method_id',
} as const satisfies Record<EventSubject['kind'], string>
type SubjectField = (typeof SUBJECT_FIELDS)[EventSubject['kind']]

/**
 * Returns the field with the id of the object that an event is about: `{ payments_session_id: '…'
 * }`.
 */
export function subjectFields({ id, kind }: EventSubject): Partial<Record<SubjectField, string>> {
  return { [SUBJECT_FIELDS[kind]]: id }
}
