import type { AccountId, WebhookEndpointId } from './id.ts'
import type { WebhookEventType } from './webhook-event.ts'

/**
 * The statuses of endpoints. `active` and `inactive` are the merchant's choice; Paydesk sets `disabled` when
 * deliveries fail.
 */
export const WEBHOOK_ENDPOINT_STATUSES = ['active', 'inactive', 'disabled'] as const
/** An endpoint's status. */
export type WebhookEndpointStatus = (typeof WEBHOOK_ENDPOINT_STATUSES)[number]

/** The maximum number of endpoints of an account. Source: Zoho Payments webhooks page (seen 2026-11-22). */
export const WEBHOOK_ENDPOINT_COUNT_MAX = 5

/** The time after a change of the key in which the old key also signs, in milliseconds: 24 hours. */
export const PREVIOUS_KEY_LIFE_MS = 24 * 60 * 60_000

/** A merchant's URL, and the event types that it subscribes to. */
export type WebhookEndpoint = {
  readonly id: WebhookEndpointId
  readonly accountId: AccountId
  readonly name: string
  readonly url: string
  readonly description?: string
  readonly status: WebhookEndpointStatus
  readonly enabledEvents: readonly WebhookEventType[]
  readonly signingKeySealed: string
  readonly previousKey?: { readonly sealedKey: string; readonly untilMs: number }
  /** The time of its last accepted delivery, to the minute. */
  readonly acceptedAtMs?: number
  /** The time of its last activation, which restarted the schedules of waiting deliveries. */
  readonly activatedAtMs?: number
  readonly createdAtMs: number
  readonly changedAtMs: number
}

/**
 * The longest remaining time in which a previous key signs, in milliseconds. A longer time was stored while the clock
 * was far ahead: such a key does not sign. The second day allows for a clock that is set back a little.
 */
const REMAINING_MS_MAX = 2 * PREVIOUS_KEY_LIFE_MS

/** Returns the previous key. Undefined: there is none, or it no longer signs. */
export function previousKeyAt(
  { previousKey }: WebhookEndpoint,
  nowMs: number,
): WebhookEndpoint['previousKey'] {
  const remainingMs = (previousKey?.untilMs ?? 0) - nowMs
  return remainingMs > 0 && remainingMs <= REMAINING_MS_MAX ? previousKey : undefined
}

/** Returns the sealed keys that sign at `nowMs`, the older one first. */
export function sealedKeysAt(endpoint: WebhookEndpoint, nowMs: number): readonly string[] {
  const previousKey = previousKeyAt(endpoint, nowMs)
  return previousKey === undefined
    ? [endpoint.signingKeySealed]
    : [previousKey.sealedKey, endpoint.signingKeySealed]
}

/**
 * Returns the endpoint with a new key. The current key also signs for a day; an older key stops.
 */
export function withNewKey(
  endpoint: WebhookEndpoint,
  signingKeySealed: string,
  nowMs: number,
): WebhookEndpoint {
  const { signingKeySealed: sealedKey } = endpoint
  return {
    ...endpoint,
    signingKeySealed,
    previousKey: { sealedKey, untilMs: nowMs + PREVIOUS_KEY_LIFE_MS },
    changedAtMs: nowMs,
  }
}

/** Returns true if an endpoint receives events of a type now. */
export function receivesEvents(endpoint: WebhookEndpoint, type: WebhookEventType): boolean {
  return endpoint.status === 'active' && endpoint.enabledEvents.includes(type)
}

/** The precision of the time of an endpoint's last accepted delivery, in milliseconds. */
export const ACCEPTED_PRECISION_MS = 60_000

/** The shortest schedule that is long compared with that precision, in milliseconds. */
const LONG_SCHEDULE_MS = 30 * ACCEPTED_PRECISION_MS

/** A change of an endpoint's status. */
export type WebhookEndpointMove =
  | { readonly type: 'activate' }
  | { readonly type: 'deactivate' }
  /** All attempts of one delivery have failed, from the first to the last. */
  | {
      readonly type: 'record_dead_delivery'
      readonly failingSinceMs: number
      readonly attemptedAtMs: number
    }

/**
 * The life of an endpoint: status → move → next statuses, printed in docs/reference/webhook-endpoint.md. The merchant
 * activates and deactivates it; Paydesk disables it.
 */
export const WEBHOOK_ENDPOINT_MOVES: Record<
  WebhookEndpointStatus,
  Record<WebhookEndpointMove['type'], readonly WebhookEndpointStatus[]>
> = {
  active: {
    activate: ['active'],
    deactivate: ['inactive'],
    // It stays active if it accepted another delivery in the meantime, or if the merchant activated
    // it again.
    record_dead_delivery: ['disabled', 'active'],
  },
  inactive: {
    activate: ['active'],
    deactivate: ['inactive'],
    record_dead_delivery: ['inactive'],
  },
  disabled: {
    activate: ['active'],
    deactivate: ['inactive'],
    record_dead_delivery: ['disabled'],
  },
}

/** Makes one move of an endpoint. A move that changes nothing returns the same endpoint. */
export function moveWebhookEndpoint(
  endpoint: WebhookEndpoint,
  move: WebhookEndpointMove,
  nowMs: number,
): WebhookEndpoint {
  const { status } = endpoint
  switch (move.type) {
    case 'activate':
      return status === 'active'
        ? endpoint
        : { ...endpoint, status: 'active', activatedAtMs: nowMs, changedAtMs: nowMs }
    case 'deactivate':
      return status === 'inactive'
        ? endpoint
        : { ...endpoint, status: 'inactive', changedAtMs: nowMs }
    case 'record_dead_delivery': {
      const isStale = (endpoint.activatedAtMs ?? 0) > move.attemptedAtMs
      return status !== 'active' || isStale || isAlive(endpoint, move)
        ? endpoint
        : { ...endpoint, status: 'disabled', changedAtMs: nowMs }
    }
  }
}

/**
 * Returns true if an endpoint accepted another delivery while one delivery failed through its whole schedule. The
 * endpoint then works, and only the failed delivery is given up.
 */
export function isAlive(
  { acceptedAtMs = Number.NEGATIVE_INFINITY }: Pick<WebhookEndpoint, 'acceptedAtMs'>,
  delivery: { readonly failingSinceMs: number; readonly attemptedAtMs: number },
): boolean {
  // `acceptedAtMs` has a precision of a minute, so an acceptance in the schedule's first minute may not be recorded. A
  // long schedule has enough later minutes. For a short schedule, an acceptance in the minute before its start is
  // enough.
  const isLong = delivery.attemptedAtMs - delivery.failingSinceMs > LONG_SCHEDULE_MS
  return acceptedAtMs >= delivery.failingSinceMs - (isLong ? 0 : ACCEPTED_PRECISION_MS)
}
