import { previousKeyAt, type WebhookEndpoint } from '../domain/webhook-endpoint.ts'

/**
 * Makes the webhook object of an answer. Only answers that create a key have `signingKey`. `previous_key_expiry_time`
 * is a Paydesk extension: until then the previous key also signs.
 *
 * Source: Zoho Payments API reference, webhooks page (seen 2026-11-22).
 */
export function webhookEndpointFields(
  endpoint: WebhookEndpoint,
  nowMs: number,
  signingKey?: string,
) {
  const previousKey = previousKeyAt(endpoint, nowMs)
  return {
    webhook_url_id: endpoint.id,
    name: endpoint.name,
    url: endpoint.url,
    description: endpoint.description,
    status: endpoint.status,
    signing_key: signingKey,
    previous_key_expiry_time: previousKey && Math.floor(previousKey.untilMs / 1000),
    enabled_events: endpoint.enabledEvents,
    created_time: Math.floor(endpoint.createdAtMs / 1000),
    last_modified_time: Math.floor(endpoint.changedAtMs / 1000),
  }
}
