import type { AuditValues } from '../domain/audit-log.ts'
import type { WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import { webhookEndpointFields } from '../wire/webhook-endpoint.ts'

/** Returns the values of an endpoint for the audit log: without its key and the query of its URL, which may be secret. */
export function auditedEndpoint(endpoint: WebhookEndpoint, nowMs: number): AuditValues {
  const {
    created_time: _,
    last_modified_time: __,
    ...fields
  } = webhookEndpointFields(endpoint, nowMs)
  return { account_id: endpoint.accountId, ...fields, url: endpoint.url.replace(/\?.*/s, '?…') }
}
