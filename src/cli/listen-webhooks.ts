import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../domain/clock.ts'
import { isAccepted } from '../domain/webhook-delivery.ts'
import { type ApiClient, type ApiEvent, ApiRefused, ServerUnreachable } from './api-client.ts'
import { openEventFeed } from './event-feed.ts'
import { type Forwarded, forwardEvent } from './forward-event.ts'
import { showTime } from './output.ts'

/** What listening needs, and where it tells what it hears. */
export type ListenDeps = {
  readonly client: ApiClient
  readonly clock: Clock
  /** Ends the listening. */
  readonly signal: AbortSignal
  readonly isWanted: (eventType: string) => boolean
  /** Undefined: events are only shown. */
  readonly forwardTo: { readonly url: string; readonly signingKey: string } | undefined
  readonly onReady: () => void
  readonly onEvent: (event: ApiEvent, line: string) => void
  /** A line about what is going on. */
  readonly onNews: (line: string) => void
}

/** What came of listening. */
export type Listened = {
  readonly shownCount: number
  readonly forwardedCount: number
  readonly acceptedCount: number
}

/** How long is waited between two looks, in milliseconds. */
const LOOK_MS = 1_000

/**
 * Shows and forwards what happens, until the signal says to stop. Throws ApiRefused when the API does
 * not let it listen, and ServerUnreachable when there is no server at the start; one that goes later is
 * waited for.
 */
export async function listenToWebhooks(deps: ListenDeps): Promise<Listened> {
  const { client, onNews, signal } = deps
  let [shownCount, forwardedCount, acceptedCount] = [0, 0, 0]
  let isGone = false

  async function deal(id: string): Promise<void> {
    const event = await client.retrieveEvent(id)
    deps.onEvent(event, await lineOf(client, event))
    shownCount += 1
    if (deps.forwardTo === undefined) return
    const body = JSON.stringify(event.payload)
    const ended = await forwardEvent(deps.forwardTo, { id, body }, deps.clock, signal)
    // One that was cut off by the end was not forwarded.
    if (signal.aborted) return
    forwardedCount += 1
    if (ended.kind === 'answered' && isAccepted(ended.status)) acceptedCount += 1
    onNews(forwardedLine(ended))
  }

  const feed = await openEventFeed(client)
  deps.onReady()
  while (!signal.aborted) {
    try {
      const { isCut, rows } = await feed.next()
      if (isGone) onNews('The server is back.')
      isGone = false
      if (isCut) onNews(`More than ${rows.length} events came at once. Older ones are left out.`)
      for (const row of rows) {
        if (signal.aborted) break
        if (deps.isWanted(row.event_type)) await deal(String(row.event_id)).catch(unlessGone)
        feed.take(row)
      }
    } catch (error) {
      if (signal.aborted) break
      if (!isPassing(error)) throw error
      if (!isGone && !isTooMany(error)) {
        onNews('The server does not answer. Waiting until it is back.')
        isGone = true
      }
    }
    await wait(LOOK_MS, undefined, { signal }).catch(() => {})
  }
  return { shownCount, forwardedCount, acceptedCount }
}

/** A server that keeps its data in memory has another past after each start. */
function unlessGone(error: unknown): void {
  if (!(error instanceof ApiRefused && error.status === 404)) throw error
}

function isPassing(error: unknown): boolean {
  return error instanceof ApiRefused
    ? error.status >= 500 || isTooMany(error)
    : error instanceof ServerUnreachable
}

function isTooMany(error: unknown): boolean {
  return error instanceof ApiRefused && error.status === 429
}

/** Such as `14:03:22  payment.succeeded  payment 173000002314883  1499.90 INR  event 251234567890123`. */
async function lineOf(client: ApiClient, event: ApiEvent): Promise<string> {
  const [[name, object = {}] = ['']] = Object.entries(event.payload.event_object)
  // The id of what the event is about stands first in it.
  const [, id = ''] = Object.entries(object).find(([key]) => key.endsWith('_id')) ?? []
  const currency = object.currency ?? (await currencyOf(client, object.payment_id))
  return [
    showTime(event.event_time),
    event.event_type.padEnd('payment.succeeded'.length),
    `${name.replace(/s$/, '')} ${id}`,
    `${object.amount ?? ''} ${currency}`.trim(),
    `event ${event.event_id}`,
  ].join('  ')
}

/** A refund names no currency: it is its payment's. */
async function currencyOf(client: ApiClient, paymentId: unknown): Promise<string> {
  if (typeof paymentId !== 'string') return ''
  try {
    return (await client.retrievePayment(paymentId)).currency
  } catch (error) {
    // A token may be for events alone.
    if (error instanceof ApiRefused && !isPassing(error)) return ''
    throw error
  }
}

function forwardedLine(ended: Forwarded): string {
  const after = `after ${ended.durationMs} ms`
  if (ended.kind === 'failed') return `          no answer ${after}: ${ended.reason}`
  return isAccepted(ended.status)
    ? `          ${ended.status} ${after}`
    : `          ${ended.status} ${after}: only a status from 200 to 299 says that it was taken`
}
