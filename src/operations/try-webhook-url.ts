import type { Clock } from '../domain/clock.ts'
import type { AccountId, WebhookEndpointId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import type { Mode } from '../domain/scope.ts'
import { isAccepted } from '../domain/webhook-delivery.ts'
import { signWebhook } from '../domain/webhook-signature.ts'
import type { PostWebhook } from '../webhooks/post-webhook.ts'
import { webhookEventBody } from '../wire/webhook-event.ts'

/** The dependencies of a test request. */
export type TryDeps = {
  /** The clock of the signature. */
  readonly signingClock: Clock
  readonly clock: Clock
  readonly ids: Ids
  readonly mode: Mode
  readonly postWebhook: PostWebhook
}

/** The URL to try, with the keys that sign the test request. */
export type UrlToTry = {
  readonly accountId: AccountId
  readonly endpointId: WebhookEndpointId
  readonly url: string
  readonly keys: readonly string[]
}

/**
 * The answers of a receiver that checks signatures: it does not know its new key yet. They prove that the URL
 * reads requests.
 */
const REFUSED_FOR_ITS_SIGNATURE: readonly number[] = [400, 401, 403]

/**
 * Sends a test event to a URL. It must be called with no transaction open.
 *
 * Returns the problem as the end of a sentence: "it answered with the status 500". Undefined: the URL works.
 */
export async function tryWebhookUrl(
  { clock, ids, mode, postWebhook, signingClock }: TryDeps,
  { accountId, endpointId, keys, url }: UrlToTry,
): Promise<string | undefined> {
  const atMs = clock.nowMs()
  const id = ids.webhookEvent(endpointId)
  const isLive = mode === 'live'
  const body = webhookEventBody({ id, type: 'webhook.test', accountId, isLive, atMs }, {})
  const answer = await postWebhook({
    url,
    headers: signWebhook({ body, eventId: id, atMs: signingClock.nowMs(), keys }),
    body,
  })
  if (answer.kind === 'failed') {
    const { detail } = answer
    return `${detail.charAt(0).toLowerCase()}${detail.slice(1).replace(/\.$/, '')}`
  }
  const { status } = answer
  if (isAccepted(status) || REFUSED_FOR_ITS_SIGNATURE.includes(status)) return undefined
  return status >= 300 && status < 400
    ? `it answered with the status ${status}, and redirects are not followed`
    : `it answered with the status ${status}`
}
