import type { WebhookDelivery, WebhookDeliveryAttempt } from '../domain/webhook-delivery.ts'

/**
 * Makes the object of a delivery in its endpoint's log. Paydesk only: the real service shows its log on its web pages.
 */
export function deliveryFields(delivery: WebhookDelivery) {
  return {
    event_id: Number(delivery.eventId),
    event_type: delivery.eventType,
    ...progressOf(delivery),
  }
}

/** Makes the object of a delivery in the answer about its event. */
export function eventDeliveryFields(delivery: WebhookDelivery) {
  return { webhook_url_id: delivery.endpointId, ...progressOf(delivery) }
}

/** Makes the object of one POST of a delivery. */
export function deliveryAttemptFields(attempt: WebhookDeliveryAttempt) {
  return {
    number: attempt.number,
    time: seconds(attempt.startedAtMs),
    duration_ms: attempt.durationMs,
    http_status: attempt.httpStatus,
    failure: attempt.failure,
    response_body: attempt.responseBody,
  }
}

function progressOf(delivery: WebhookDelivery) {
  return {
    status: delivery.status,
    attempt_count: delivery.attemptCount,
    http_status: delivery.httpStatus,
    last_attempt_time: seconds(delivery.attemptedAtMs),
    next_attempt_time: seconds(delivery.nextAttemptAtMs),
    created_time: seconds(delivery.createdAtMs),
  }
}

function seconds(atMs: number | undefined): number | undefined {
  return atMs === undefined ? undefined : Math.floor(atMs / 1000)
}
