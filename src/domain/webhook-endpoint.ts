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
  /** When it was last set to active again: what waits for it began anew then. */
  readonly activatedAtMs?: number
  readonly createdAtMs: number
  readonly changedAtMs: number
}

/** Gives the key before the last change. Undefined: there is none, or it does not sign any more. */
export function previousKeyAt(
  { previousKey }: WebhookEndpoint,
  nowMs: number,
): WebhookEndpoint['previousKey'] {
  return previousKey !== undefined && nowMs < previousKey.untilMs ? previousKey : undefined
}

/** Gives the sealed keys that sign now, the older one first. */
export function sealedKeysAt(endpoint: WebhookEndpoint, nowMs: number): readonly string[] {
  const previousKey = previousKeyAt(endpoint, nowMs)
  return previousKey === undefined
    ? [endpoint.signingKeySealed]
    : [previousKey.sealed, endpoint.signingKeySealed]
}

/** The endpoint with a new key. The one it had signs too for a day; one from before that, no more. */
export function withNewKey(
  endpoint: WebhookEndpoint,
  signingKeySealed: string,
  nowMs: number,
): WebhookEndpoint {
  const { signingKeySealed: sealed } = endpoint
  return {
    ...endpoint,
    signingKeySealed,
    previousKey: { sealed, untilMs: nowMs + PREVIOUS_KEY_LIFE_MS },
    changedAtMs: nowMs,
  }
}

/** Answers whether an endpoint is sent events of a type now. */
export function takesEvents(endpoint: WebhookEndpoint, type: WebhookEventType): boolean {
  return endpoint.status === 'active' && endpoint.enabledEvents.includes(type)
}
