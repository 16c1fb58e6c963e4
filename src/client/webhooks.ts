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
  /** For tests: the time now, in milliseconds. Default: the machine's clock. */
  readonly nowMs?: number | undefined
  /** The largest difference between a signature's time and now, in either direction. Unit: seconds; default: 300. */
  readonly toleranceSeconds?: number | undefined
}

/**
 * Returns the event of a webhook that Paydesk sent. Throws `WebhookSignatureError` for any other request. The error's
 * `code` is one of a closed list, and its message has the likely cause and the fix. Throws a RangeError for a wrong
 * option.
 *
 * `rawBody`: the received body before anything parses it, as text or bytes. `headers`: the request's headers.
 * `signingKey`: the endpoint's key from the answer to its creation, or a list of keys during a rotation. A signature is
 * valid for 300 seconds, or for `toleranceSeconds`.
 *
 *     app.post('/webhooks', express.raw({ type: 'application/json' }), (request, response) => {
 *       const event = verifyWebhook(request.body, request.headers, signingKey)
 *       if (isNew(event.event_id)) handle(event)
 *       response.sendStatus(204)
 *     })
 *
 * An event can arrive more than once, and in any order: store the `event_id` of each handled event.
 */
export function verifyWebhook(
  rawBody: RawBody,
  headers: WebhookHeaders,
  signingKey: string | readonly string[],
  options: WebhookOptions = {},
): ReceivedWebhookEvent {
  return verifyNow(webhookEventOf(rawBody, headers, signingKey, timeOptions(options)))
}

/**
 * Does the same as `verifyWebhook`, with `crypto.subtle`. The promise rejects with the same errors.
 *
 *     const event = await verifyWebhookAsync(await request.text(), request.headers, signingKey)
 */
export async function verifyWebhookAsync(
  rawBody: RawBody,
  headers: WebhookHeaders,
  signingKey: string | readonly string[],
  options: WebhookOptions = {},
): Promise<ReceivedWebhookEvent> {
  return await verifyAsync(webhookEventOf(rawBody, headers, signingKey, timeOptions(options)))
}

function timeOptions({ nowMs = Date.now(), toleranceSeconds }: WebhookOptions) {
  return { nowMs, toleranceSeconds }
}
