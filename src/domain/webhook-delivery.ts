import { UNITS_MS } from './duration.ts'
import type { AccountId, WebhookEndpointId, WebhookEventId } from './id.ts'
import type { WebhookEndpointStatus } from './webhook-endpoint.ts'
import type { WebhookEventType } from './webhook-event.ts'

/**
 * The statuses of deliveries. `pending`: waits for its next attempt. `delivered`: accepted. `given_up`: the whole
 * schedule has failed. `held`: waits until its endpoint is active again. `canceled`: the endpoint was deleted.
 */
export const WEBHOOK_DELIVERY_STATUSES = [
  'pending',
  'delivered',
  'given_up',
  'held',
  'canceled',
] as const
/** A delivery's status. */
export type WebhookDeliveryStatus = (typeof WEBHOOK_DELIVERY_STATUSES)[number]

type WebhookDeliveryMove =
  | 'record_acceptance'
  | 'record_failure'
  /** Its endpoint is not active. */
  | 'hold'
  /** Its endpoint is active again. */
  | 'release'
  /** Its endpoint was deleted. */
  | 'cancel'
  | 'resend'

/**
 * The life of a delivery: status → move → next statuses, printed in docs/reference/webhook-delivery.md. An answer can
 * arrive in any status, because another server may have held, canceled or delivered it in the meantime.
 */
export const WEBHOOK_DELIVERY_MOVES: Record<
  WebhookDeliveryStatus,
  Partial<Record<WebhookDeliveryMove, readonly WebhookDeliveryStatus[]>>
> = {
  pending: {
    record_acceptance: ['delivered'],
    record_failure: ['pending', 'given_up'],
    hold: ['held'],
    cancel: ['canceled'],
    resend: ['pending'],
  },
  held: {
    record_acceptance: ['delivered'],
    record_failure: ['held'],
    release: ['pending'],
    cancel: ['canceled'],
    resend: ['pending'],
  },
  // The delivery is held if its endpoint accepted no other delivery in the meantime.
  given_up: {
    record_acceptance: ['delivered'],
    record_failure: ['given_up'],
    hold: ['held'],
    resend: ['pending'],
  },
  delivered: {
    record_acceptance: ['delivered'],
    record_failure: ['delivered'],
    resend: ['pending'],
  },
  canceled: { record_acceptance: ['delivered'], record_failure: ['canceled'] },
}

/** One event for one endpoint, as it is stored. */
export type WebhookDelivery = {
  readonly eventId: WebhookEventId
  readonly endpointId: WebhookEndpointId
  readonly accountId: AccountId
  readonly eventType: WebhookEventType
  readonly status: WebhookDeliveryStatus
  /** The count of all attempts. */
  readonly attemptCount: number
  /** The count of failed attempts since the start of the schedule, and the time of the first. */
  readonly failureCount: number
  readonly failingSinceMs?: number
  /** The time of the next attempt; stored exactly while the status is `pending`. */
  readonly nextAttemptAtMs?: number
  /** The last attempt, and the status of its answer. */
  readonly attemptedAtMs?: number
  readonly httpStatus?: number
  readonly createdAtMs: number
}

/** One POST of a delivery. */
export type WebhookDeliveryAttempt = {
  /** The number of the attempt within its delivery, from 1. */
  readonly number: number
  readonly startedAtMs: number
  readonly durationMs: number
  /** Undefined: there was no answer. */
  readonly httpStatus?: number
  /** The reason for the missing answer, in a sentence. */
  readonly failure?: string
  /** The beginning of the answer's body. */
  readonly responseBody?: string
}

type EndpointStatus = WebhookEndpointStatus | 'deleted'

/** Returns the status of a delivery that waits, by the status of its endpoint. */
export function waitingStatus(endpoint: EndpointStatus): 'pending' | 'held' | 'canceled' {
  if (endpoint === 'active') return 'pending'
  return endpoint === 'deleted' ? 'canceled' : 'held'
}

/**
 * Returns the delivery as answers show it. A change of an endpoint shows at once; the rows of waiting deliveries
 * follow later.
 */
export function shownDelivery(
  delivery: WebhookDelivery,
  endpoint: EndpointStatus,
): WebhookDelivery {
  if (delivery.status !== 'pending' && delivery.status !== 'held') return delivery
  const status = waitingStatus(endpoint)
  if (status === delivery.status) return delivery
  const { nextAttemptAtMs: _, ...rest } = delivery
  return { ...rest, status }
}

/** Returns the stored statuses of all deliveries that have this status in answers. */
export function storedStatusesOf(
  status: WebhookDeliveryStatus,
  endpoint: EndpointStatus,
): readonly WebhookDeliveryStatus[] {
  const waiting = ['pending', 'held'] as const
  const others = waiting.some((one) => one === status) ? [] : [status]
  return waitingStatus(endpoint) === status ? [...waiting, ...others] : others
}

/** Returns the delivery without the failures before its endpoint's last activation, which restarted the schedule. */
export function withRestartedSchedule(
  delivery: WebhookDelivery,
  activatedAtMs: number | undefined,
): WebhookDelivery {
  const { failingSinceMs, ...rest } = delivery
  if (failingSinceMs === undefined || activatedAtMs === undefined) return delivery
  return failingSinceMs < activatedAtMs ? { ...rest, failureCount: 0 } : delivery
}

const HOUR_MS = 60 * 60_000

/**
 * The waits between the attempts of a delivery, in milliseconds: hourly on the first day, every two hours
 * on the second. After the last attempt the delivery is given up.
 *
 * Source: Zoho Payments webhooks pages (seen 2026-11-22).
 */
export const RETRY_WAITS_MS_DEFAULT: readonly number[] = [
  ...new Array<number>(24).fill(HOUR_MS),
  ...new Array<number>(12).fill(2 * HOUR_MS),
]

const WAIT = /^(?:(\d{1,3})x)?(\d{1,5})([smhd])$/
const WAIT_COUNT_MAX = 200
const WAIT_MS_MAX = 7 * 24 * HOUR_MS

/** Writes waits as a setting: `24x1h,12x2h`. Equal consecutive waits are one part. */
export function formatRetryWaits(waitsMs: readonly number[]): string {
  const parts: { readonly waitMs: number; count: number }[] = []
  for (const waitMs of waitsMs) {
    const last = parts.at(-1)
    if (last?.waitMs === waitMs) last.count += 1
    else parts.push({ waitMs, count: 1 })
  }
  return parts
    .map(({ count, waitMs }) => `${count === 1 ? '' : `${count}x`}${lengthText(waitMs)}`)
    .join(',')
}

function lengthText(waitMs: number): string {
  const units = [...UNITS_MS].slice(1).toReversed()
  const [unit, unitMs] = units.find(([, ms]) => waitMs % ms === 0) ?? ['s', 1000]
  return `${waitMs / unitMs}${unit}`
}

/**
 * Reads waits in the form of the setting: `24x1h,12x2h` is 24 of one hour, then 12 of two. Returns milliseconds.
 * Undefined: the text has another form, more than 200 waits, or a wait above a week.
 */
export function parseRetryWaits(text: string): readonly number[] | undefined {
  const waits: number[] = []
  for (const part of text.split(',')) {
    const match = WAIT.exec(part.trim())
    if (match === null) return undefined
    const [, times = '1', length = '', unit = ''] = match
    const waitMs = Number(length) * (UNITS_MS.get(unit) ?? Number.NaN)
    const count = Number(times)
    if (waitMs === 0 || waitMs > WAIT_MS_MAX || count === 0 || count > WAIT_COUNT_MAX) {
      return undefined
    }
    waits.push(...new Array<number>(count).fill(waitMs))
  }
  return waits.length <= WAIT_COUNT_MAX ? waits : undefined
}

/**
 * The largest random change of a wait, as a share of it, so that retries do not all reach a recovered receiver at
 * once.
 */
export const JITTER_SHARE = 0.1

/**
 * Returns the longest wait of a schedule, in milliseconds, with a minute for leases and for clocks that differ. A later
 * time comes from a wrong clock or from a longer schedule, so such a delivery is treated as due.
 */
export function longestWaitMs(waitsMs: readonly number[]): number {
  return Math.ceil(Math.max(0, ...waitsMs) * (1 + JITTER_SHARE)) + 60_000
}

/** The largest count of failures, far above the length of a schedule. */
const FAILURE_COUNT_MAX = 10_000

/** Returns true if an answer accepts the event: only a 2xx does. */
export function isAccepted(httpStatus: number | undefined): boolean {
  return httpStatus !== undefined && httpStatus >= 200 && httpStatus < 300
}

/**
 * Returns the delivery after one more attempt. `jitter` is in [-1, 1].
 *
 * If the lease ended and another server has delivered it in the meantime, it stays delivered.
 */
export function afterAttempt(
  delivery: WebhookDelivery,
  attempt: {
    readonly startedAtMs: number
    readonly endedAtMs: number
    readonly httpStatus?: number
  },
  waitsMs: readonly number[],
  jitter: number,
): WebhookDelivery {
  const { nextAttemptAtMs: _, httpStatus: __, ...before } = delivery
  const withAttempt = {
    ...before,
    attemptCount: delivery.attemptCount + 1,
    attemptedAtMs: attempt.startedAtMs,
    ...(attempt.httpStatus !== undefined && { httpStatus: attempt.httpStatus }),
  }
  if (delivery.status === 'delivered' || isAccepted(attempt.httpStatus)) {
    return { ...withAttempt, status: 'delivered' }
  }
  const withFailure = {
    ...withAttempt,
    failureCount: Math.min(delivery.failureCount + 1, FAILURE_COUNT_MAX),
    failingSinceMs: delivery.failingSinceMs ?? attempt.startedAtMs,
  }
  // The delivery was held, canceled or given up during the attempt, so its status stays.
  if (delivery.status !== 'pending') return withFailure
  const waitMs = waitsMs[delivery.failureCount]
  if (waitMs === undefined) return { ...withFailure, status: 'given_up' }
  const jitteredMs = Math.round(waitMs * (1 + JITTER_SHARE * jitter))
  return { ...withFailure, status: 'pending', nextAttemptAtMs: attempt.endedAtMs + jitteredMs }
}
