/** The webhooks of a merchant: the requests, their log, and the keys. */
import { expect, vi } from 'vitest'
import { WEBHOOK_EVENT_TYPES } from '../../src/domain/webhook-event.ts'
import { startReceiver } from '../support/receiver.ts'
import type { Haystack } from '../support/secret-search.ts'
import { call } from '../support/server.ts'

/** The recorded webhooks of an account. */
export type WatchedWebhooks = {
  /** All keys that have signed webhooks. The merchant saw each of them once. */
  readonly keys: readonly string[]
  /** Waits until everything is delivered. Returns the sent requests and their log. */
  readonly collect: () => Promise<{ readonly requests: Haystack[]; readonly log: Haystack[] }>
  readonly close: () => Promise<void>
}

/** The time limit for deliveries, in milliseconds. */
const DELIVERED_MS_MAX = 60_000

/** Registers an endpoint whose receiver always answers the same text, and rotates its key once. */
export async function watchWebhooks(
  baseUrl: string,
  accountId: string,
  description: string,
  answerText: string,
): Promise<WatchedWebhooks> {
  const receiver = await startReceiver(() => ({ status: 200, body: answerText }))
  const ask = async (method: string, path: string, body?: unknown) => {
    const account = `${path.includes('?') ? '&' : '?'}account_id=${accountId}`
    // With an idempotency key the answer is stored, and it contains the signing key.
    const headers = method === 'POST' ? { 'idempotency-key': path } : {}
    const answer = await call(baseUrl, method, `${path}${account}`, body, headers)
    expect([path, answer.status]).toEqual([
      path,
      method === 'POST' && body !== undefined ? 201 : 200,
    ])
    return answer
  }
  const { webhook } = (
    await ask('POST', '/webhooks', {
      name: 'Shop',
      description,
      url: `${receiver.url}/hooks`,
      enabled_events: WEBHOOK_EVENT_TYPES,
    })
  ).body
  const path = `/webhooks/${webhook.webhook_url_id}`
  const rotation = (await ask('POST', `${path}/rotatekey`)).body.webhook
  const pendingCount = async () =>
    (await ask('GET', `${path}/deliveries?status=pending`)).body.deliveries.length

  return {
    keys: [webhook.signing_key, rotation.signing_key],
    collect: async () => {
      await vi.waitFor(async () => expect(await pendingCount()).toBe(0), {
        interval: 200,
        timeout: DELIVERED_MS_MAX,
      })
      const list = await ask('GET', `${path}/deliveries?per_page=200`)
      const log = [{ where: `log of ${accountId}`, text: list.text }]
      for (const { event_id: eventId } of list.body.deliveries) {
        const delivery = await ask('GET', `${path}/deliveries/${eventId}`)
        log.push({ where: `log of ${accountId}: delivery`, text: delivery.text })
      }
      const endpoint = await ask('GET', path)
      log.push({ where: `endpoint of ${accountId}`, text: endpoint.text })
      const requests = receiver.received.map(({ body, headers, path: target }) => {
        // A length or a signature can contain a searched security code by chance.
        const searchedHeaders = Object.entries(headers).filter(
          ([name]) => name !== 'content-length' && !name.endsWith('signature'),
        )
        return {
          where: `webhook of ${accountId}`,
          text: `${target}\n${JSON.stringify(searchedHeaders)}\n${body}`,
        }
      })
      expect(requests.length).toBeGreaterThan(list.body.deliveries.length)
      return { requests, log: log.map(withoutDurations) }
    },
    close: receiver.close,
  }
}

/** Removes the durations of attempts from the searched text, because they can equal a searched security code. */
export function withoutDurations({ text, ...rest }: Haystack): Haystack {
  const inRows = /(webhook_delivery_attempts VALUES \((?:\d+, ){5})\d+/g
  return { ...rest, text: text.replaceAll(/"duration_ms":\d+/g, '').replaceAll(inRows, '$1') }
}
