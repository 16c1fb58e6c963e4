import { parseId, type WebhookEndpointId } from '../../domain/id.ts'
import type { WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import type { EndpointKey } from '../../operations/change-webhook-endpoint.ts'
import { type ApiError, notFound } from '../errors.ts'
import type { Call } from '../route.ts'

type WebhookCall = Pick<Call<'/webhooks/{webhook_url_id}'>, 'account' | 'path' | 'tenant'>

/** Returns the key of the endpoint in a path. Throws ApiError for a text that cannot be an id. */
export function webhookKey({ account, path }: Pick<WebhookCall, 'account' | 'path'>): EndpointKey {
  const id = parseId<WebhookEndpointId>(path.webhook_url_id)
  if (id === undefined) throw unknownWebhook()
  return { accountId: account.id, id }
}

/** Finds the endpoint in a path. Throws ApiError if the account has no such endpoint. */
export async function findWebhook(call: WebhookCall): Promise<WebhookEndpoint> {
  const { accountId, id } = webhookKey(call)
  const endpoint = await call.tenant.store.webhookEndpoints.find(id)
  if (endpoint?.accountId !== accountId) throw unknownWebhook()
  return endpoint
}

/** Makes the error for an endpoint that does not exist. */
export function unknownWebhook(): ApiError {
  return notFound('webhook endpoint', 'webhook_url_id')
}
