import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { clearTimeout, setTimeout } from 'node:timers'
import type { EventTypeName, PaydeskClient, Webhook } from '../client/index.ts'
import { verifyWebhook, type WebhookEvent } from '../client/verification/webhooks.ts'
import { EMITTED_EVENT_TYPES } from '../domain/webhook-event.ts'

/** What a receiver is registered with. */
export type ReceiverOptions = {
  /** Which events it wants; all that happen here unless given. */
  readonly events?: readonly EventTypeName[]
  /** The endpoint's name; `Receiver` unless given. */
  readonly name?: string
  /** A client of the account whose events it is to get; the IN account's unless given. */
  readonly client?: PaydeskClient
}

/** One request, as it came and as it was answered. */
export type ReceivedRequest = {
  readonly headers: IncomingHttpHeaders
  /** Word for word. */
  readonly body: string
  /** Undefined: the signature was not good, and `problem` says why. */
  readonly event: WebhookEvent | undefined
  readonly problem: Error | undefined
  /** What it was answered. 400: the signature was not good. */
  readonly status: number
}

/** How long `next` waits for an event unless another time is given, in milliseconds. */
const NEXT_MS_DEFAULT = 10_000

/** A webhook endpoint that a test asks what it was sent. */
export type Receiver = {
  readonly url: string
  readonly webhook: Webhook
  readonly signingKey: string
  /** The events that it has taken, in the order in which they came. What came twice is there twice. */
  readonly events: readonly WebhookEvent[]
  /** Every request since it was registered, also what was refused. */
  readonly requests: readonly ReceivedRequest[]
  /**
   * Gives the first event, of a type if one is named, that no call of `next` has given yet, and waits for
   * it if need be. Throws after `timeoutMs`, 10,000 unless given, and says what has come instead.
   */
  readonly next: (
    type?: EventTypeName,
    options?: { readonly timeoutMs?: number },
  ) => Promise<WebhookEvent>
  /** Answers the next requests, one unless told otherwise, by a status that makes Paydesk try again; 500 unless given. */
  readonly failNext: (count?: number, status?: number) => void
  /** Deletes the endpoint and stops listening. It may be called twice. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Starts a receiver on this machine and registers it. `nowMs`: what time it is in the sandbox. */
export async function startReceiver(
  client: PaydeskClient,
  nowMs: () => Promise<number>,
  { events: wanted = EMITTED_EVENT_TYPES, name = 'Receiver' }: ReceiverOptions,
): Promise<Receiver> {
  const requests: ReceivedRequest[] = []
  const taken: WebhookEvent[] = []
  const given = new Set<number>()
  const looking = new Set<() => void>()
  let key: string | undefined
  let failing = { count: 0, status: 500 }
  // One after the other, so that they are kept in the order in which they came.
  let turn: Promise<unknown> = Promise.resolve()

  async function receive(headers: IncomingHttpHeaders, body: string): Promise<number> {
    // The test request of the registration: signed with a key that is not known yet.
    if (key === undefined) return 200
    let event: WebhookEvent | undefined
    let problem: Error | undefined
    try {
      event = verifyWebhook(body, headers, key, { nowMs: await nowMs() })
    } catch (error) {
      problem = error as Error
    }
    let status = event === undefined ? 400 : 204
    if (failing.count > 0) {
      status = failing.status
      failing = { ...failing, count: failing.count - 1 }
    }
    requests.push({ headers, body, event, problem, status })
    if (event !== undefined && status === 204) taken.push(event)
    return status
  }

  const server = createServer((message, response) => {
    const chunks: Uint8Array[] = []
    message.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    message.on('end', () => {
      turn = turn
        .then(() => receive(message.headers, Buffer.concat(chunks).toString('utf8')))
        .then((status) => {
          response.writeHead(status).end()
          for (const look of looking) look()
        })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`

  let closing: Promise<void> | undefined
  async function end(): Promise<void> {
    // A sandbox that is gone has taken the endpoint with it.
    if (webhook !== undefined) await client.webhooks.delete(webhook.webhook_url_id).catch(() => {})
    await closed(server)
  }
  const close = () => {
    closing ??= end()
    return closing
  }

  let webhook: Webhook | undefined
  try {
    const { signing_key, ...made } = await client.webhooks.create({
      name,
      url,
      enabled_events: [...wanted],
    })
    webhook = made
    key = signing_key
  } catch (error) {
    await close()
    throw error
  }

  function take(type: EventTypeName | undefined): WebhookEvent | undefined {
    const index = taken.findIndex(
      ({ event_type }, at) => !given.has(at) && (type === undefined || event_type === type),
    )
    if (index >= 0) given.add(index)
    return taken[index]
  }

  return {
    url,
    webhook,
    signingKey: key,
    events: taken,
    requests,
    next: (type, { timeoutMs = NEXT_MS_DEFAULT } = {}) =>
      new Promise((resolve, reject) => {
        const stop = setTimeout(() => {
          looking.delete(look)
          const came = requests.map(({ event, status }) => `${event?.event_type} (${status})`)
          const what = type ?? 'event'
          reject(
            new Error(
              `No ${what} came within ${timeoutMs} ms. Came so far: ${came.join(', ') || 'nothing'}.`,
            ),
          )
        }, timeoutMs)
        const look = () => {
          const event = take(type)
          if (event === undefined) return
          clearTimeout(stop)
          looking.delete(look)
          resolve(event)
        }
        looking.add(look)
        look()
      }),
    failNext: (count = 1, status = 500) => {
      failing = { count, status }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return
  const end = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await end
}
