/**
 * Checks of webhooks, for merchants' servers: `paydesk/webhooks`. It loads in Node, edge runtimes
 * and browsers' bundles. `verifyWebhookAsync` uses `crypto.subtle`; `verifyWebhook` needs Node, Bun or
 * Deno.
 */
import { verifyAsync, verifyNow } from './verification/hmac-check.ts'
import {
  type RawBody,
  type ReceivedWebhookEvent,
  type WebhookHeaders,
  webhookEventOf,
} from './verification/webhook.ts'

/** The inputs and the result of `verifyWebhook`. */
export type {
  RawBody,
  ReceivedWebhookEvent as WebhookEvent,
  WebhookHeaders,
} from './verification/webhook.ts'
export {
  WEBHOOK_SIGNATURE_ERROR_CODES,
  WebhookSignatureError,
  type WebhookSignatureErrorCode,
} from './verification/webhook-signature-error.ts'

/** The time of a verification and its tolerance. */
export type WebhookOptions = {
  /** For tests: the time now, in milliseconds. The machine's clock unless given. */
  readonly nowMs?: number | undefined
  /** The largest difference between a signature's time and now, either way. Unit: seconds; 300 unless given. */
  readonly toleranceSeconds?: number | undefined
}

/**
 * Gives the event of a webhook that Paydesk has sent, and throws `WebhookSignatureError` for anything
 * else: its `code` is one of a closed list, its message says the likely cause and what to do.
 *
 * `rawBody`: the body as it was received, before anything parses it; its text or its bytes. `headers`:
 * the request's. `signingKey`: the endpoint's, as its creation answered with it, or a list of keys while
 * one takes the place of another. A signature is good for 300 seconds unless `toleranceSeconds` says
 * otherwise.
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
  rawBody: RawBody,
  headers: WebhookHeaders,
  signingKey: string | readonly string[],
  options: WebhookOptions = {},
): ReceivedWebhookEvent {
  return verifyNow(webhookEventOf(rawBody, headers, signingKey, timed(options)))
}

/**
 * `verifyWebhook` with `crypto.subtle`. The promise rejects with the same errors.
 *
 *     const event = await verifyWebhookAsync(await request.text(), request.headers, signingKey)
 */
export async function verifyWebhookAsync(
  rawBody: RawBody,
  headers: WebhookHeaders,
  signingKey: string | readonly string[],
  options: WebhookOptions = {},
): Promise<ReceivedWebhookEvent> {
  return await verifyAsync(webhookEventOf(rawBody, headers, signingKey, timed(options)))
}

function timed({ nowMs = Date.now(), toleranceSeconds }: WebhookOptions) {
  return { nowMs, toleranceSeconds }
}
