/** What a merchant's server needs to receive webhooks: `paydesk/webhooks`. */

import { systemClock } from './clock.ts'
import * as domain from './domain/webhook-signature.ts'

/** What `verifyWebhook` takes, and what it gives. */
export type {
  RawBody,
  ReceivedWebhookEvent as WebhookEvent,
  WebhookHeaders,
} from './domain/webhook-signature.ts'
export {
  WEBHOOK_SIGNATURE_ERROR_CODES,
  WebhookSignatureError,
  type WebhookSignatureErrorCode,
} from './domain/webhook-signature-error.ts'

/**
 * Gives the event of a webhook that Paydesk has sent, and throws `WebhookSignatureError` for anything
 * else: its `code` is one of a closed list, its message says the likely cause and what to do.
 *
 * `rawBody`: the body as it was received, before anything parses it; its text or its bytes. `headers`:
 * the request's. `signingKey`: the endpoint's, as its creation answered with it, or a list of keys while
 * one takes the place of another. A signature is good for 300 seconds unless `toleranceSeconds` says
 * otherwise; `nowMs` is for tests.
 *
 *     app.post('/webhooks', express.raw({ type: 'application/json' }), (request, response) => {
 *       const event = verifyWebhook(request.body, request.headers, signingKey)
 *       if (isNew(event.event_id)) handle(event)
 *       response.sendStatus(204)
 *     })
 *
 * An event may come more than once, and in any order: keep each `event_id` that was handled.
 */
export function verifyWebhook(
  rawBody: domain.RawBody,
  headers: domain.WebhookHeaders,
  signingKey: string | readonly string[],
  options: { readonly nowMs?: number; readonly toleranceSeconds?: number } = {},
): domain.ReceivedWebhookEvent {
  const { nowMs = systemClock.nowMs(), toleranceSeconds } = options
  return domain.verifyWebhook(rawBody, headers, signingKey, { nowMs, toleranceSeconds })
}
