/** Stores webhook endpoints for a benchmark without the API. */

import type { AccountId } from '../src/domain/id.ts'
import { SEAL_NONCE_BYTES, seal } from '../src/domain/secret.ts'
import type { WebhookEndpoint } from '../src/domain/webhook-endpoint.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../src/domain/webhook-signature.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import type { Core } from '../src/server/core.ts'

const ACCOUNT_ID = SANDBOX_VALUES.accountId as AccountId

/** The endpoints subscribe to every event of a payment. */
export async function storeEndpoints(
  core: Core,
  urls: readonly string[],
  status: WebhookEndpoint['status'] = 'active',
): Promise<readonly WebhookEndpoint[]> {
  const nowMs = core.clock.nowMs()
  const random = (count: number) => core.random.bytes(count)
  const endpoints = urls.map(
    (url): WebhookEndpoint => ({
      id: core.ids.webhookEndpoint(),
      accountId: ACCOUNT_ID,
      name: 'Benchmark',
      url,
      status,
      enabledEvents: ['payment.succeeded', 'payment.failed'],
      signingKeySealed: seal(
        makeWebhookKey(random(WEBHOOK_KEY_BYTES)),
        core.keys.sealing,
        random(SEAL_NONCE_BYTES),
      ),
      createdAtMs: nowMs,
      changedAtMs: nowMs,
    }),
  )
  await core.store.transaction(async (tx) => {
    for (const endpoint of endpoints) await tx.webhookEndpoints.put(endpoint)
  })
  return endpoints
}
