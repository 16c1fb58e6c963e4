import type { Ids } from '../domain/ids.ts'
import type { Random } from '../domain/random.ts'
import { type Keys, SEAL_NONCE_BYTES, seal } from '../domain/secret.ts'
import { WEBHOOK_ENDPOINT_COUNT_MAX, type WebhookEndpoint } from '../domain/webhook-endpoint.ts'
import { makeWebhookKey, WEBHOOK_KEY_BYTES } from '../domain/webhook-signature.ts'
import { answerOnce } from './answer-once.ts'
import {
  type Answer,
  bucketOfIdentity,
  type IdempotentRequest,
  identityHashOf,
  type Replay,
} from './idempotency.ts'
import type { Store, Transaction } from './store.ts'
import { type TryDeps, tryWebhookUrl } from './try-webhook-url.ts'

/** What a merchant asks for, checked. */
export type WebhookEndpointRequest = Pick<
  WebhookEndpoint,
  'accountId' | 'name' | 'url' | 'description' | 'enabledEvents'
>

/** Why an endpoint was not registered, and nothing stored. */
export type RegistrationRefusal =
  /** The account has as many endpoints as it can have. */
  | { readonly notRegistered: 'too_many_endpoints' }
  /** `detail` is the end of a sentence: "it answered with the status 500". */
  | { readonly notRegistered: 'unreachable'; readonly detail: string }

type Deps = TryDeps & {
  readonly random: Random
  readonly keys: Keys
  readonly store: Pick<Store, 'listWebhookEndpoints' | 'publicIds' | 'transaction'>
}

/** An id that is taken is rare, and many in a row mean that something else is wrong. */
const DRAW_COUNT_MAX = 8
const TOO_MANY: RegistrationRefusal = { notRegistered: 'too_many_endpoints' }

/**
 * Registers an endpoint, active and with a key of its own, when its URL has answered a test event.
 *
 * `render` makes the answer, the only one with the key; it is stored, sealed, with the endpoint when the
 * request has an idempotency key. Throws RowHeld.
 */
export async function registerWebhookEndpoint(
  deps: Deps,
  asked: WebhookEndpointRequest,
  render: (endpoint: WebhookEndpoint, signingKey: string) => Answer,
  idempotent: IdempotentRequest | undefined,
): Promise<Answer | Replay | RegistrationRefusal> {
  const { ids, keys, random, store } = deps
  const { accountId, url } = asked
  // Counted before the call too, so that an account that is full calls nobody.
  if (isFull(await store.listWebhookEndpoints(accountId))) return TOO_MANY

  const signingKey = makeWebhookKey(random.bytes(WEBHOOK_KEY_BYTES))
  const endpointId = ids.webhookEndpoint()
  const detail = await tryWebhookUrl(deps, { accountId, endpointId, url, keys: [signingKey] })
  if (detail !== undefined) return { notRegistered: 'unreachable', detail }

  let isRoom = false
  const result = await answerOnce(deps, idempotent, {
    bucket:
      idempotent === undefined
        ? store.publicIds.bucketOf(endpointId)
        : bucketOfIdentity(identityHashOf(idempotent)),
    hold: async (tx) => {
      isRoom = !isFull(await tx.lockWebhookEndpoints(accountId))
      // A repeated request gets its first answer, room or not.
      return true
    },
    change: async (tx) => {
      if (!isRoom) return undefined
      const nowMs = deps.clock.nowMs()
      const endpoint = await insertWith(tx, ids, {
        ...asked,
        id: endpointId,
        status: 'active',
        signingKeySealed: seal(signingKey, keys.sealing, random.bytes(SEAL_NONCE_BYTES)),
        createdAtMs: nowMs,
        changedAtMs: nowMs,
      })
      return { answer: render(endpoint, signingKey), resourceId: endpoint.id }
    },
  })
  return result ?? TOO_MANY
}

function isFull(endpoints: readonly WebhookEndpoint[]): boolean {
  return endpoints.length >= WEBHOOK_ENDPOINT_COUNT_MAX
}

/** Stores an endpoint, with another id where its own is taken. */
async function insertWith(
  tx: Transaction,
  ids: Ids,
  first: WebhookEndpoint,
): Promise<WebhookEndpoint> {
  let endpoint: WebhookEndpoint = first
  for (let drawCount = 1; drawCount <= DRAW_COUNT_MAX; drawCount += 1) {
    if (await tx.insertWebhookEndpoint(endpoint)) return endpoint
    endpoint = { ...first, id: ids.webhookEndpoint() }
  }
  throw new Error(`${DRAW_COUNT_MAX} ids in a row were taken`)
}
