import type { WebhookEndpointId, WebhookEventId } from '../../domain/id.ts'
import { type Keys, openSealedWithAny } from '../../domain/secret.ts'
import { sealedKeysAt, type WebhookEndpoint } from '../../domain/webhook-endpoint.ts'
import { signWebhook } from '../../domain/webhook-signature.ts'
import type { WebhookEvent } from '../../operations/store.ts'
import { deliveryFields } from '../../wire/webhook-delivery.ts'
import { subjectFields } from '../../wire/webhook-event.ts'
import type { LoggedRequest } from '../log/logged-request.ts'
import { LOG_COUNT_MAX, queryLog } from '../log/request-log.ts'
import type { SandboxTenant } from '../tenants/tenant.ts'

const ZOHO_HEADER = 'x-zoho-webhook-signature'
const STANDARD_HEADER = 'webhook-signature'

/**
 * Returns a delivery with each POST: its headers and body as sent, and each step of its signatures, so that developers
 * can compare their own computation. Undefined: the event has no delivery to this endpoint.
 */
export async function inspectDelivery(
  { clock, keys: serverKeys, log, store, webhookTime }: SandboxTenant,
  endpointId: WebhookEndpointId,
  eventId: WebhookEventId,
) {
  const [endpoint, event, delivery, attempts] = await Promise.all([
    store.webhookEndpoints.find(endpointId),
    store.webhookEvents.find(eventId),
    store.webhookDeliveries.find(eventId, endpointId),
    store.webhookDeliveries.listAttempts(eventId, endpointId),
  ])
  if (endpoint === undefined || event === undefined || delivery === undefined) return undefined
  const keys = keysOf(endpoint, serverKeys, clock.nowMs())
  const logEntries = queryLog(log.entries(), { kind: 'webhook', eventId, countMax: LOG_COUNT_MAX })
  const posts = attempts.map((attempt, index) => {
    const { startedAtMs } = attempt
    const nextAtMs = attempts[index + 1]?.startedAtMs ?? Number.POSITIVE_INFINITY
    const requests = logEntries
      .filter((entry) =>
        webhookTime === 'sandbox'
          ? signatureTimeMsOf(entry) === startedAtMs
          : startedAtMs <= entry.atMs && entry.atMs < nextAtMs,
      )
      .toReversed()
    return {
      number: attempt.number,
      time_ms: startedAtMs,
      duration_ms: attempt.durationMs,
      http_status: attempt.httpStatus,
      failure: attempt.failure,
      response_body: attempt.responseBody,
      fault_id: requests.find(({ faultId }) => faultId !== undefined)?.faultId,
      request_ids: requests.map(({ id }) => String(id)),
      ...postFields(event, keys, startedAtMs, requests.at(-1)),
    }
  })
  return {
    ...deliveryFields(delivery),
    account_id: endpoint.accountId,
    ...subjectFields(event.subject),
    webhook: { webhook_url_id: endpoint.id, name: endpoint.name, url: endpoint.url },
    body: event.bodyJson,
    posts: posts.toReversed(),
  }
}

/** Returns the keys that sign for an endpoint now, newest first. */
export function keysOf(
  endpoint: WebhookEndpoint,
  serverKeys: Keys,
  nowMs: number,
): readonly string[] {
  return sealedKeysAt(endpoint, nowMs)
    .map((sealedKey) => openSealedWithAny(sealedKey, serverKeys))
    .toReversed()
}

/** The time is the start of the attempt, by the clock of signatures. */
function signatureTimeMsOf({ requestHeaders }: LoggedRequest): number | undefined {
  const [, t] = /^t=(\d+),/.exec(requestHeaders[ZOHO_HEADER] ?? '') ?? []
  return t === undefined ? undefined : Number(t)
}

function postFields(
  event: WebhookEvent,
  keys: readonly string[],
  startedAtMs: number,
  request: LoggedRequest | undefined,
) {
  const atMs = (request && signatureTimeMsOf(request)) ?? startedAtMs
  // The log masks possible secrets, so its body is used only if a fault has changed the body.
  const body = request?.faultId === undefined ? event.bodyJson : request.requestBody
  const signatures = signWebhook({ body: event.bodyJson, eventId: event.id, atMs, keys })
  const headers = request?.requestHeaders ?? { 'content-type': 'application/json', ...signatures }
  return {
    is_logged: request !== undefined,
    headers,
    body,
    changed_at: firstDifference(event.bodyJson, body),
    signatures: keys.flatMap((key) => stepsOf({ eventId: event.id, body, atMs, key }, headers)),
  }
}

function stepsOf(
  {
    atMs,
    body,
    eventId,
    key,
  }: {
    readonly eventId: WebhookEventId
    readonly body: string
    readonly atMs: number
    readonly key: string
  },
  headers: Readonly<Record<string, string>>,
) {
  const signatures = signWebhook({ body, eventId, atMs, keys: [key] })
  const seconds = Math.floor(atMs / 1000)
  const [, hex = ''] = signatures[ZOHO_HEADER]?.split(',v=') ?? []
  const base64 = signatures[STANDARD_HEADER]?.replace('v1,', '') ?? ''
  const zohoHeader = headers[ZOHO_HEADER] ?? ''
  const standardHeader = headers[STANDARD_HEADER] ?? ''
  return [
    {
      family: 'zoho',
      header: 'X-Zoho-Webhook-Signature',
      sent: zohoHeader,
      key,
      prefix: `${atMs}.`,
      prefix_parts: 't (milliseconds), a dot',
      key_use: 'the whole signing key, with whsec_',
      hmac: hex,
      encoding: 'hex',
      value: `v=${hex}`,
      agrees: zohoHeader.split(',').includes(`v=${hex}`),
    },
    {
      family: 'standard',
      header: 'webhook-signature',
      sent: standardHeader,
      key: key.replace(/^whsec_/, ''),
      prefix: `${eventId}.${seconds}.`,
      prefix_parts: 'webhook-id, a dot, webhook-timestamp (seconds), a dot',
      key_use: 'the text after whsec_, decoded from base64',
      hmac: base64,
      encoding: 'base64',
      value: `v1,${base64}`,
      agrees: standardHeader.split(' ').includes(`v1,${base64}`),
    },
  ]
}

/** Undefined: the bodies are equal. */
function firstDifference(signedBody: string, sentBody: string): number | undefined {
  if (signedBody === sentBody) return undefined
  const length = Math.max(signedBody.length, sentBody.length)
  for (let index = 0; index < length; index += 1)
    if (signedBody[index] !== sentBody[index]) return index
  return undefined
}
