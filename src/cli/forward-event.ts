import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Clock } from '../domain/clock.ts'
import { signWebhook } from '../domain/webhook-signature.ts'
import { connectionReason } from './connection-reason.ts'

/** The outcome of a forwarded event. */
export type ForwardOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly durationMs: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly durationMs: number }

/** The longest time of a receiver: the same as for webhooks that a server sends. */
const RECEIVER_MS_MAX = 15_000

/**
 * Sends an event's body, signed as by a server, to the developer's receiver. Unlike a server, this function calls any
 * address, because it runs on the developer's machine. Never throws.
 */
export async function forwardEvent(
  to: { readonly url: string; readonly signingKey: string },
  event: { readonly id: string; readonly body: string },
  clock: Clock,
  signal: AbortSignal,
): Promise<ForwardOutcome> {
  const atMs = clock.nowMs()
  // The clock may have been set back in the meantime.
  const durationMs = () => Math.max(0, clock.nowMs() - atMs)
  const { body, id: eventId } = event
  try {
    const headers = signWebhook({ body, eventId, atMs, keys: [to.signingKey] })
    const timeout = AbortSignal.timeout(RECEIVER_MS_MAX)
    const status = await post(to.url, headers, body, AbortSignal.any([signal, timeout]))
    return { kind: 'answered', status, durationMs: durationMs() }
  } catch (error) {
    return { kind: 'failed', reason: connectionReason(error), durationMs: durationMs() }
  }
}

/** Does not use `fetch`, which refuses the ports that browsers block, such as 6000. */
function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const send = new URL(url).protocol === 'https:' ? requestHttps : requestHttp
    const request = send(url, {
      method: 'POST',
      // The receiver could close a reused connection while the next event is sent.
      agent: false,
      signal,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Paydesk-Webhooks/1',
        ...headers,
      },
    })
    request.on('error', (error) => reject(signal.aborted ? signal.reason : error))
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0)
      // Only the status matters. The body is read to its end, so that the connection closes cleanly.
      response.on('error', () => {}).resume()
    })
    request.end(body)
  })
}
