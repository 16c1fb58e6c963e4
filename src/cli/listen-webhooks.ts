import { setTimeout as wait } from 'node:timers/promises'
import {
  ApiConnectionError,
  NotFoundError,
  type PaydeskClient,
  PaydeskError,
  type PaydeskEvent,
  RateLimitError,
} from '../client/index.ts'
import type { Clock } from '../domain/clock.ts'
import { isAccepted } from '../domain/webhook-delivery.ts'
import { openEventFeed } from './event-feed.ts'
import { type Forwarded, forwardEvent } from './forward-event.ts'
import { showTime } from './output.ts'

/** The inputs of `listenToWebhooks`, and the functions that show its results. */
type ListenDeps = {
  readonly client: PaydeskClient
  readonly clock: Clock
  /** Ends the listening. */
  readonly signal: AbortSignal
  readonly isWanted: (eventType: string) => boolean
  /** Undefined: events are shown, but not forwarded. */
  readonly forwardTo: { readonly url: string; readonly signingKey: string } | undefined
  readonly onReady: () => void
  readonly onEvent: (event: PaydeskEvent, line: string) => void
  /** Shows a line about the state of the work. */
  readonly onNews: (line: string) => void
}

/** The numbers of events of one run. */
type ListenCounts = {
  readonly shown: number
  readonly forwarded: number
  readonly accepted: number
}

/** The time between two reads of the list of events, in milliseconds. */
const POLL_MS = 1_000

/**
 * Shows and forwards events until the signal aborts. Throws a `PaydeskError` if the API refuses, or if there is no
 * server at the start. If the server stops later, it waits for the server.
 */
export async function listenToWebhooks(deps: ListenDeps): Promise<ListenCounts> {
  const { client, onNews, signal } = deps
  const counts = { shown: 0, forwarded: 0, accepted: 0 }
  const feed = await openEventFeed((page, rowCount) =>
    client.events.list({ page, per_page: rowCount }, { signal }),
  ).catch(unlessAborted(signal))
  if (feed === undefined) return counts
  deps.onReady()
  let isGone = false
  while (!signal.aborted) {
    try {
      const { isCut, rows } = await feed.next()
      if (isGone) onNews('The server is back.')
      isGone = false
      if (isCut)
        onNews(`More than ${rows.length} events arrived at once. Older ones are not shown.`)
      for (const row of rows) {
        if (signal.aborted) break
        if (deps.isWanted(row.event_type)) {
          await handleEvent(deps, row.event_id, counts).catch(unlessMissing)
        }
        feed.take(row)
      }
    } catch (error) {
      if (signal.aborted) break
      if (!isTemporary(error)) throw error
      if (!isGone && !(error instanceof RateLimitError)) {
        onNews('The server does not answer. Waiting until it is back.')
        isGone = true
      }
    }
    await wait(POLL_MS, undefined, { signal }).catch(() => {})
  }
  return counts
}

async function handleEvent(
  { client, clock, forwardTo, onEvent, onNews, signal }: ListenDeps,
  id: number,
  counts: { shown: number; forwarded: number; accepted: number },
): Promise<void> {
  const event = await client.events.retrieve(id, { signal })
  onEvent(event, await lineOf(client, event, signal))
  counts.shown += 1
  if (forwardTo === undefined) return
  const body = JSON.stringify(event.payload)
  const ended = await forwardEvent(forwardTo, { id: String(id), body }, clock, signal)
  // If the end interrupted the forwarding, the event does not count.
  if (signal.aborted) return
  counts.forwarded += 1
  if (ended.kind === 'answered' && isAccepted(ended.status)) counts.accepted += 1
  onNews(forwardedLine(ended))
}

/** Turns the rejection of an aborted call into undefined. */
function unlessAborted(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error
    return undefined
  }
}

/** Ignores a missing event: a server with its data in memory has lost it in a restart. */
function unlessMissing(error: unknown): void {
  if (!(error instanceof NotFoundError)) throw error
}

/** Returns true if the same call may succeed later. */
function isTemporary(error: unknown): boolean {
  if (!(error instanceof PaydeskError)) return false
  return (
    error instanceof ApiConnectionError ||
    error instanceof RateLimitError ||
    (error.status !== undefined && (error.status < 300 || error.status >= 500))
  )
}

/**
 * Writes an event's line: `14:03:22  payment.succeeded  payment 173000002314883  1499.90 INR  event 251234567890123`.
 */
async function lineOf(
  client: PaydeskClient,
  event: PaydeskEvent,
  signal: AbortSignal,
): Promise<string> {
  const [[name, object] = ['', {}]] = Object.entries(event.payload.event_object)
  const fields: Readonly<Record<string, unknown>> = { ...(object ?? {}) }
  // The first id in the object is its own.
  const [, id = ''] = Object.entries(fields).find(([key]) => key.endsWith('_id')) ?? []
  const currency = fields.currency ?? (await currencyOf(client, fields.payment_id, signal))
  return [
    showTime(event.event_time),
    event.event_type.padEnd('payment.succeeded'.length),
    `${name.replace(/s$/, '')} ${id}`,
    `${fields.amount ?? ''} ${currency}`.trim(),
    `event ${event.event_id}`,
  ].join('  ')
}

/** Returns the currency of an event. A refund has none, so its payment is read. */
async function currencyOf(
  client: PaydeskClient,
  paymentId: unknown,
  signal: AbortSignal,
): Promise<string> {
  if (typeof paymentId !== 'string') return ''
  try {
    return (await client.payments.retrieve(paymentId, { signal })).currency
  } catch (error) {
    // The token may not allow reads of payments.
    if (error instanceof PaydeskError && !isTemporary(error)) return ''
    throw error
  }
}

function forwardedLine(ended: Forwarded): string {
  const after = `after ${ended.durationMs} ms`
  if (ended.kind === 'failed') return `          no answer ${after}: ${ended.reason}`
  return isAccepted(ended.status)
    ? `          ${ended.status} ${after}`
    : `          ${ended.status} ${after}: only a status from 200 to 299 accepts an event`
}
