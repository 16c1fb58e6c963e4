import type { WebhookEndpointId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import type { Random } from '../domain/random.ts'
import { type Keys, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import { WEBHOOK_ENDPOINT_COUNT_MAX, type WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../domain/webhook-signature.ts'
import { auditedEndpoint } from './audited-endpoint.ts'
import type { Store, Transaction } from './store.ts'
import { storeWithFreeId } from './store-drawn.ts'
import { type TryDeps, tryWebhookUrl } from './try-webhook-url.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/** A merchant's request for a new endpoint, checked. */
export type WebhookEndpointRequest = Pick<
  WebhookEndpoint,
  'accountId' | 'name' | 'url' | 'description' | 'enabledEvents'
>

/** The reason why an endpoint was not registered. Nothing was stored. */
export type RegistrationRefusal =
  | { readonly notRegistered: 'too_many_endpoints' }
  /** `detail` is the end of a sentence: "it answered with the status 500". */
  | { readonly notRegistered: 'unreachable'; readonly detail: string }

/** A new endpoint whose URL has answered the test event. It is not stored yet. */
type TriedEndpoint = WebhookEndpointRequest & {
  readonly id: WebhookEndpointId
  readonly signingKey: string
}

/** A stored endpoint with its signing key. The key cannot be read later. */
export type EndpointWithKey = {
  readonly endpoint: WebhookEndpoint
  readonly signingKey: string
}

const TOO_MANY: RegistrationRefusal = { notRegistered: 'too_many_endpoints' }

/**
 * Draws an id and a key for a new endpoint, and sends the test event to its URL. It must be called with no
 * transaction open.
 */
export async function tryNewEndpoint(
  deps: TryDeps & { readonly random: Random; readonly store: Pick<Store, 'webhookEndpoints'> },
  request: WebhookEndpointRequest,
): Promise<TriedEndpoint | RegistrationRefusal> {
  const { accountId, url } = request
  // The endpoints are also counted before the call, so that a full account causes no call.
  if (isFull(await deps.store.webhookEndpoints.list(accountId))) return TOO_MANY

  const signingKey = makeWebhookKey(deps.random.bytes(WEBHOOK_KEY_BYTES))
  const id = deps.ids.webhookEndpoint()
  const detail = await tryWebhookUrl(deps, { accountId, endpointId: id, url, keys: [signingKey] })
  return detail === undefined
    ? { ...request, id, signingKey }
    : { notRegistered: 'unreachable', detail }
}

/** Stores a new endpoint, active. `endpoints` are those of the account, locked by the transaction. */
export async function registerWebhookEndpoint(
  tx: Transaction,
  deps: AuditDeps & {
    readonly ids: Ids
    readonly keys: Keys
    readonly random: Random
  },
  endpoints: readonly WebhookEndpoint[],
  { id: firstId, signingKey, ...request }: TriedEndpoint,
): Promise<EndpointWithKey | RegistrationRefusal> {
  if (isFull(endpoints)) return TOO_MANY
  const nonce = deps.random.bytes(SEAL_NONCE_BYTES)
  const signingKeySealed = seal(signingKey, deps.keys.sealing, nonce)
  const nowMs = deps.clock.nowMs()
  const draw = (drawCount: number): WebhookEndpoint => ({
    ...request,
    id: drawCount === 0 ? firstId : deps.ids.webhookEndpoint(),
    status: 'active',
    signingKeySealed,
    createdAtMs: nowMs,
    changedAtMs: nowMs,
  })
  const endpoint = await storeWithFreeId(draw, tx.webhookEndpoints.insert)
  const after = auditedEndpoint(endpoint, nowMs)
  await writeAuditEntry(tx, deps, {
    action: 'webhook_endpoint.create',
    objectId: endpoint.id,
    after,
  })
  return { endpoint, signingKey }
}

function isFull(endpoints: readonly WebhookEndpoint[]): boolean {
  return endpoints.length >= WEBHOOK_ENDPOINT_COUNT_MAX
}
