import { createHmac } from 'node:crypto'
import {
  STANDARD_SIGNATURE_HEADER,
  WEBHOOK_ID_HEADER,
  WEBHOOK_TIMESTAMP_HEADER,
  ZOHO_SIGNATURE_HEADER,
} from './webhook-headers.ts'
import { standardKeyBytes, WEBHOOK_KEY_PREFIX } from './webhook-key.ts'

/** The number of random bytes in a webhook signing key. */
export const WEBHOOK_KEY_BYTES = 32

/**
 * Makes a webhook endpoint's signing key of 32 random bytes. Shape: `whsec_<base64 of the bytes>`.
 *
 * One key signs for both headers: Zoho's formula uses the whole text, Standard Webhooks uses the bytes in the base64
 * after the prefix.
 */
export function makeWebhookKey(bytes: Uint8Array): string {
  if (bytes.length !== WEBHOOK_KEY_BYTES)
    throw new RangeError(`a webhook key has ${WEBHOOK_KEY_BYTES} bytes, not ${bytes.length}`)
  return `${WEBHOOK_KEY_PREFIX}${Buffer.from(bytes).toString('base64')}`
}

/** One POST of a delivery, before it is signed. */
export type SignedWebhook = {
  /** The body, exactly as it is sent. */
  readonly body: string
  readonly eventId: string
  readonly atMs: number
  /** The endpoint's keys, the older one first. */
  readonly keys: readonly string[]
}

/**
 * Returns both signature headers of a webhook, with one signature for each key. The older key's signature comes first:
 * a receiver that reads only the first one works until it has the new key.
 *
 * Zoho's: `t=<milliseconds>,v=<hex of HMAC-SHA256 over "t.body">`.
 * Source: Zoho Payments webhooks page (seen 2026-11-22).
 */
export function signWebhook({ body, eventId, atMs, keys }: SignedWebhook): Record<string, string> {
  const zoho = keys.map((key) => `v=${hmac(key, `${atMs}.`, body).toString('hex')}`)
  return {
    [ZOHO_SIGNATURE_HEADER]: [`t=${atMs}`, ...zoho].join(','),
    ...signStandard({ body, id: eventId, atMs, keys }),
  }
}

/** A request to sign by the rules of Standard Webhooks. */
export type StandardRequest = {
  /** The body, byte for byte as it is sent. */
  readonly body: string
  readonly id: string
  readonly atMs: number
  readonly keys: readonly string[]
}

/**
 * Returns the three headers of Standard Webhooks, with one signature for each key: `v1,<base64 of
 * HMAC-SHA256 over "id.timestamp.body">`, with the timestamp in seconds.
 * Source: Standard Webhooks specification 1.0.
 */
export function signStandard({ body, id, atMs, keys }: StandardRequest): Record<string, string> {
  const seconds = Math.floor(atMs / 1000)
  const signatures = keys.map(
    (key) => `v1,${hmac(standardKeyBytes(key), `${id}.${seconds}.`, body).toString('base64')}`,
  )
  return {
    [WEBHOOK_ID_HEADER]: id,
    [WEBHOOK_TIMESTAMP_HEADER]: String(seconds),
    [STANDARD_SIGNATURE_HEADER]: signatures.join(' '),
  }
}

function hmac(key: string | Uint8Array, prefix: string, body: string): Buffer {
  return createHmac('sha256', key).update(prefix, 'utf8').update(body).digest()
}
