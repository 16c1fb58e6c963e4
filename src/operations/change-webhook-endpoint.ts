import type { AccountId, WebhookEndpointId } from '../domain/id.ts'
import type { Random } from '../domain/random.ts'
import { type Keys, openSealedWithAny, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import {
  moveWebhookEndpoint,
  sealedKeysAt,
  type WebhookEndpoint,
  withNewKey,
} from '../domain/webhook-endpoint.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../domain/webhook-signature.ts'
import { auditedEndpoint } from './audited-endpoint.ts'
import type { EndpointWithKey } from './register-webhook-endpoint.ts'
import type { Store, Transaction } from './store.ts'
import { type TryDeps, tryWebhookUrl } from './try-webhook-url.ts'
import { type AuditDeps, writeAuditEntry } from './write-audit-entry.ts'

/** A merchant's change of an endpoint, checked. An empty `description` removes the stored one. */
export type WebhookEndpointChange = Partial<
  Pick<WebhookEndpoint, 'name' | 'url' | 'description' | 'enabledEvents'>
> & { readonly status?: 'active' | 'inactive' }

type Deps = TryDeps &
  AuditDeps & {
    readonly keys: Keys
    readonly store: Pick<Store, 'webhookEndpoints' | 'transaction'>
  }

/** The key of an endpoint: its account and its id. */
export type EndpointKey = { readonly accountId: AccountId; readonly id: WebhookEndpointId }

/**
 * Changes an endpoint. A new URL gets a test request first, as at registration. If the test fails, nothing is stored,
 * and `unreachable` is the end of a sentence with the reason.
 *
 * Only the endpoint's row changes, even if many deliveries wait for it. Its status decides whether they are sent;
 * their rows follow later. Undefined: the account has no such endpoint. Throws LockedRowError.
 */
export async function changeWebhookEndpoint(
  deps: Deps,
  key: EndpointKey,
  change: WebhookEndpointChange,
): Promise<WebhookEndpoint | { readonly unreachable: string } | undefined> {
  const before = await deps.store.webhookEndpoints.find(key.id)
  if (before?.accountId !== key.accountId) return undefined

  if (change.url !== undefined && change.url !== before.url) {
    const detail = await tryWebhookUrl(deps, {
      accountId: key.accountId,
      endpointId: key.id,
      url: change.url,
      keys: sealedKeysAt(before, deps.clock.nowMs()).map((sealedKey) =>
        openSealedWithAny(sealedKey, deps.keys),
      ),
    })
    if (detail !== undefined) return { unreachable: detail }
  }

  return deps.store.transaction(async (tx) => {
    const lockedEndpoint = await lockWebhookEndpoint(tx, key)
    if (lockedEndpoint === undefined) return undefined
    const nowMs = deps.clock.nowMs()
    const { status, ...fields } = change
    const { description: _, ...rest } = { ...lockedEndpoint, ...fields, changedAtMs: nowMs }
    const description = change.description ?? lockedEndpoint.description ?? ''
    const changedEndpoint = { ...rest, ...(description !== '' && { description }) }
    const after =
      status === undefined
        ? changedEndpoint
        : moveWebhookEndpoint(
            changedEndpoint,
            { type: status === 'active' ? 'activate' : 'deactivate' },
            nowMs,
          )
    await tx.webhookEndpoints.put(after)
    await writeAuditEntry(tx, deps, {
      action: 'webhook_endpoint.update',
      objectId: key.id,
      before: auditedEndpoint(lockedEndpoint, nowMs),
      after: auditedEndpoint(after, nowMs),
    })
    return after
  })
}

/**
 * Gives a locked endpoint a new key. The current key also signs for a day; an older one stops at
 * once.
 */
export async function rotateWebhookKey(
  tx: Transaction,
  deps: AuditDeps & { readonly keys: Keys; readonly random: Random },
  endpoint: WebhookEndpoint,
): Promise<EndpointWithKey> {
  const { keys, random } = deps
  const nowMs = deps.clock.nowMs()
  const signingKey = makeWebhookKey(random.bytes(WEBHOOK_KEY_BYTES))
  const sealedKey = seal(signingKey, keys.sealing, random.bytes(SEAL_NONCE_BYTES))
  const after = withNewKey(endpoint, sealedKey, nowMs)
  await tx.webhookEndpoints.put(after)
  await writeAuditEntry(tx, deps, {
    action: 'webhook_endpoint.rotate_key',
    objectId: endpoint.id,
    before: auditedEndpoint(endpoint, nowMs),
    after: { rotated_keys: ['webhook'], ...auditedEndpoint(after, nowMs) },
  })
  return { endpoint: after, signingKey }
}

/** Deletes an endpoint: nothing more is sent to it. False: the account has no such endpoint. */
export function deleteWebhookEndpoint(
  deps: AuditDeps & { readonly store: Pick<Store, 'transaction'> },
  key: EndpointKey,
): Promise<boolean> {
  return deps.store.transaction(async (tx) => {
    const endpoint = await lockWebhookEndpoint(tx, key)
    if (endpoint === undefined) return false
    const nowMs = deps.clock.nowMs()
    await tx.webhookEndpoints.delete(key.id, nowMs)
    await writeAuditEntry(tx, deps, {
      action: 'webhook_endpoint.delete',
      objectId: key.id,
      before: auditedEndpoint(endpoint, nowMs),
    })
    return true
  })
}

/** Locks an endpoint until the transaction ends. Undefined: the account has no such endpoint. */
export async function lockWebhookEndpoint(
  tx: Transaction,
  { accountId, id }: EndpointKey,
): Promise<WebhookEndpoint | undefined> {
  const endpoints = await tx.webhookEndpoints.lock(accountId)
  return endpoints.find((endpoint) => endpoint.id === id)
}
