import type { AccountId, WebhookEndpointId } from './id.ts'
import type { WebhookEventType } from './webhook-event.ts'

/** What a merchant can set an endpoint to, and what we set it to when its whole schedule has failed. */
export const WEBHOOK_ENDPOINT_STATUSES = ['active', 'inactive', 'disabled'] as const
/** An endpoint's status, by the word the wire shows. */
export type WebhookEndpointStatus = (typeof WEBHOOK_ENDPOINT_STATUSES)[number]

/** How many endpoints an account can have. Source: Zoho Payments webhooks page (seen 2026-11-22). */
export const WEBHOOK_ENDPOINT_COUNT_MAX = 5

/** For how long after a change of the key the old one signs too, in milliseconds: 24 hours. */
export const PREVIOUS_KEY_LIFE_MS = 24 * 60 * 60_000

/** A merchant's URL, and the events it wants. */
export type WebhookEndpoint = {
  readonly id: WebhookEndpointId
  readonly accountId: AccountId
  readonly name: string
  readonly url: string
  readonly description?: string
  readonly status: WebhookEndpointStatus
  readonly enabledEvents: readonly WebhookEventType[]
  readonly signingKeySealed: string
  /** The key before the last change, while it signs too. */
  readonly previousKey?: { readonly sealed: string; readonly untilMs: number }
  /** When it last took a delivery, to the minute. */
  readonly acceptedAtMs?: number
  readonly createdAtMs: number
  readonly changedAtMs: number
}

/** Gives the sealed keys that sign now, the older one first. */
export function sealedKeysAt(
  { previousKey, signingKeySealed }: WebhookEndpoint,
  nowMs: number,
): readonly string[] {
  return previousKey !== undefined && nowMs < previousKey.untilMs
    ? [previousKey.sealed, signingKeySealed]
    : [signingKeySealed]
}
