import type { Clock } from '../domain/clock.ts'
import type { AccountId, WebhookEndpointId } from '../domain/id.ts'
import type { Ids } from '../domain/ids.ts'
import type { Mode } from '../domain/scope.ts'
import { problemOfUrl, type SendWebhook } from '../webhooks/send-webhook.ts'
import { webhookEventBody } from '../wire/webhook-event.ts'

/** The dependencies of a test request. */
export type TryDeps = {
  readonly signingClock: Clock
  readonly clock: Clock
  readonly ids: Ids
  readonly mode: Mode
  readonly sendWebhook: SendWebhook
}

type UrlToTry = {
  readonly accountId: AccountId
  readonly endpointId: WebhookEndpointId
  readonly url: string
  readonly keys: readonly string[]
}

/**
 * Sends a test event to a URL. It must be called outside of transactions.
 *
 * Returns the problem as the end of a sentence: "it answered with the status 500". Undefined: the URL works.
 */
export async function tryWebhookUrl(
  { clock, ids, mode, sendWebhook, signingClock }: TryDeps,
  { accountId, endpointId, keys, url }: UrlToTry,
): Promise<string | undefined> {
  const atMs = clock.nowMs()
  const id = ids.webhookEvent(endpointId)
  const isLive = mode === 'live'
  const body = webhookEventBody({ id, type: 'webhook.test', accountId, isLive, atMs }, {})
  const message = { body, eventId: id, atMs: signingClock.nowMs(), keys }
  return problemOfUrl(await sendWebhook({ url, ...message }))
}
