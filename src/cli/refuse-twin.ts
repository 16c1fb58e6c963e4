import { type PaydeskClient, PaydeskError } from '../client/index.ts'

/**
 * Refuses a new endpoint with the URL of an active one, because events would arrive there twice. The API
 * accepts such an endpoint, as the real API does, but here it is the mistake of a person or an agent who repeats a
 * command. Throws a PaydeskError that names the active endpoint.
 */
export async function refuseTwin(
  { webhooks }: Pick<PaydeskClient, 'webhooks'>,
  url: string,
): Promise<void> {
  // If the token may create endpoints but not list them, the endpoint is created without this check.
  const endpoints = await webhooks.list().catch(() => [])
  const twin = endpoints.find((one) => one.url === url && one.status === 'active')
  if (twin === undefined) return
  throw new PaydeskError(
    `Endpoint ${twin.webhook_url_id} (${twin.name}) has this URL: each event would arrive there twice if both endpoints subscribe to it. Delete or change endpoint ${twin.webhook_url_id} first.`,
    { code: 'endpoint_exists', field: 'url' },
  )
}
