import { clearTimeout, setTimeout } from 'node:timers'
import type { EventTypeName, PaydeskClient, Webhook } from '../client/index.ts'
import { refuseUnknownOptions } from '../client/options.ts'
import type { WebhookEvent } from '../client/webhooks.ts'
import { suggestionFor } from '../domain/nearest.ts'
import { SUBSCRIBABLE_EVENT_TYPES, WEBHOOK_EVENT_TYPES } from '../domain/webhook-event.ts'
import { type ReceivedRequest, startWebhookListener } from './webhook-listener.ts'

/** One webhook request, and its answer. */
export type { ReceivedRequest } from './webhook-listener.ts'

/** The options of a receiver. */
export type ReceiverOptions = {
  /** The event types it subscribes to. Default: all types of the real service. */
  readonly events?: readonly EventTypeName[]
  /** The endpoint's name. Default: `Receiver`. */
  readonly name?: string
  /** The client of the account whose events it gets. Default: the IN account's. */
  readonly client?: PaydeskClient
}

const OPTION_NAMES: Record<keyof ReceiverOptions, true> = { events: true, name: true, client: true }

/** The default wait of `next` for an event, in milliseconds. */
const NEXT_MS_DEFAULT = 10_000

/** A registered webhook endpoint in the test's own process. */
export type Receiver = {
  readonly url: string
  readonly webhook: Webhook
  readonly signingKey: string
  /** The accepted events in the order of arrival. An event that arrived twice is listed twice. */
  readonly events: readonly WebhookEvent[]
  /** Every request since the registration, including refused ones. */
  readonly requests: readonly ReceivedRequest[]
  /**
   * Returns the first event that `next` has not returned yet; with a type, the first of that type. Waits for it if
   * needed. Throws after `timeoutMs`, by default 10,000; the error lists the received events. Throws at once if there
   * is no such event type.
   */
  readonly next: (
    type?: EventTypeName,
    options?: { readonly timeoutMs?: number },
  ) => Promise<WebhookEvent>
  /** Answers the next requests, by default one, with a status that makes Paydesk retry, by default 500. */
  readonly failNext: (count?: number, status?: number) => void
  /** Deletes the endpoint and stops listening. It may be called twice. */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Starts a receiver on this machine and registers it. `nowMs`: the sandbox's time. */
export async function startReceiver(
  client: PaydeskClient,
  nowMs: () => Promise<number>,
  options: ReceiverOptions,
): Promise<Receiver> {
  refuseUnknownOptions('A receiver', options, OPTION_NAMES)
  const { events: eventTypes = WEBHOOK_EVENT_TYPES, name = 'Receiver' } = options
  const queue = createEventQueue()
  let failing = { count: 0, status: 500 }
  const listener = await startWebhookListener({
    nowMs,
    onAnswered: queue.serve,
    answer: ({ event }) => {
      if (failing.count > 0) {
        failing = { ...failing, count: failing.count - 1 }
        return failing.status
      }
      if (event === undefined) return 400
      queue.add(event)
      return 204
    },
  })
  let webhook: Webhook | undefined
  let closing: Promise<void> | undefined
  async function end(): Promise<void> {
    // If the sandbox has ended, its endpoint no longer exists.
    if (webhook !== undefined) await client.webhooks.delete(webhook.webhook_url_id).catch(() => {})
    await listener.close()
  }
  const close = () => {
    closing ??= end()
    return closing
  }

  try {
    const { signing_key: signingKey, ...endpoint } = await client.webhooks.create({
      name,
      url: listener.url,
      enabled_events: [...eventTypes],
    })
    webhook = endpoint
    listener.expectKey(signingKey)
    return {
      url: listener.url,
      webhook,
      signingKey,
      events: queue.events,
      requests: listener.requests,
      next: async (type, { timeoutMs = NEXT_MS_DEFAULT } = {}) => {
        refuseUnknownType(type)
        return await queue.next(type, timeoutMs, () => arrivedText(listener.requests))
      },
      failNext: (count = 1, status = 500) => {
        failing = { count, status }
      },
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Throws a TypeError if there is no such event type, because a program without types would otherwise
 * wait for an event in vain.
 */
function refuseUnknownType(type: string | undefined): void {
  if (type === undefined || SUBSCRIBABLE_EVENT_TYPES.some((knownType) => knownType === type)) return
  const suggestion = suggestionFor(type, SUBSCRIBABLE_EVENT_TYPES) || '.'
  throw new TypeError(
    `There is no event type ${type}${suggestion} The types are: ${SUBSCRIBABLE_EVENT_TYPES.join(', ')}.`,
  )
}

function createEventQueue() {
  const events: WebhookEvent[] = []
  const returnedIndexes = new Set<number>()
  const waiting = new Set<() => void>()

  function take(type: EventTypeName | undefined): WebhookEvent | undefined {
    const index = events.findIndex(
      ({ event_type }, position) =>
        !returnedIndexes.has(position) && (type === undefined || event_type === type),
    )
    if (index >= 0) returnedIndexes.add(index)
    return events[index]
  }

  return {
    events,
    add: (event: WebhookEvent) => {
      events.push(event)
    },
    /** Gives new events to the calls that wait for them. */
    serve: () => {
      for (const look of waiting) look()
    },
    next: (type: EventTypeName | undefined, timeoutMs: number, describeArrivals: () => string) =>
      new Promise<WebhookEvent>((resolve, reject) => {
        const stop = setTimeout(() => {
          waiting.delete(look)
          const what = type ?? 'event'
          reject(
            new Error(
              `No ${what} came within ${timeoutMs} ms. Received so far: ${describeArrivals()}.`,
            ),
          )
        }, timeoutMs)
        const look = () => {
          const event = take(type)
          if (event === undefined) return
          clearTimeout(stop)
          waiting.delete(look)
          resolve(event)
        }
        waiting.add(look)
        look()
      }),
  }
}

function arrivedText(requests: readonly ReceivedRequest[]): string {
  const texts = requests.map(
    ({ event, status }) => `${event?.event_type ?? 'an unverified request'} (${status})`,
  )
  return texts.join(', ') || 'nothing'
}
