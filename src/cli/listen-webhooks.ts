import { setTimeout as wait } from 'node:timers/promises'
import type { Exchange } from '../client/control.ts'
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
import { type ForwardOutcome, forwardEvent } from './forward-event.ts'
import { plain, showTime } from './output.ts'
import { styledStatus } from './styles.ts'

type ListenDeps = {
  readonly client: PaydeskClient
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly isWanted: (eventType: string) => boolean
  /** Undefined: events are shown, but not forwarded. */
  readonly forwardTo: { readonly url: string; readonly signingKey: string } | undefined
  /**
   * Returns all rows that the request log got since the last call, or none for a server without a control API.
   */
  readonly takeRows: () => readonly Exchange[]
  readonly untilRows: () => Promise<void>
  readonly onReady: () => Promise<void>
  readonly onEvent: (event: PaydeskEvent, line: string, isResent: boolean) => void
  readonly onForwarded: (event: PaydeskEvent, outcome: ForwardOutcome) => void
  readonly onDelivery: (row: Exchange) => void
  readonly onConnection: (isConnected: boolean) => void
  /** Shows a line about the state of the work. */
  readonly onNews: (line: string) => void
}

type ListenCounts = {
  readonly shownCount: number
  readonly forwardedCount: number
  readonly acceptedCount: number
}

/** The time between two reads of the list of events. */
const POLL_MS = 1_000

/**
 * Shows and forwards events until the signal aborts. Throws a `PaydeskError` if the API refuses, or if there is no
 * server at the start. If the server stops later, the function waits for it.
 */
export async function listenToWebhooks(deps: ListenDeps): Promise<ListenCounts> {
  const { client, onConnection, onNews, signal } = deps
  const counts = { shownCount: 0, forwardedCount: 0, acceptedCount: 0 }
  const feed = await openEventFeed((page, rowCount) =>
    client.events.list({ page, per_page: rowCount }, { signal }),
  ).catch(throwUnlessAborted(signal))
  if (feed === undefined) return counts
  await deps.onReady()
  let isGone = false
  const log = createLogRows(deps, counts)
  while (!signal.aborted) {
    try {
      log.collect()
      const { isCut, rows } = await feed.next()
      if (isGone) onConnection(true)
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
      // The log is handled after the events, so that an event is shown before its deliveries.
      await log.handle()
    } catch (error) {
      if (signal.aborted) break
      if (!isTemporary(error)) throw error
      if (!isGone && !(error instanceof RateLimitError)) {
        onConnection(false)
        isGone = true
      }
    }
    await Promise.race([
      wait(POLL_MS, undefined, { signal }).catch(() => {}),
      isGone ? NEVER : deps.untilRows(),
    ])
  }
  return counts
}

const NEVER = new Promise<void>(() => {})

const RESEND_PATH = /\/events\/(\d{1,16})\/resend(?:\?|$)/

/** A row that cannot be handled now is handled again. */
function createLogRows(deps: ListenDeps, counts: ListenCountsSoFar) {
  const waiting: Exchange[] = []
  return {
    collect: () => {
      waiting.push(...deps.takeRows())
    },
    handle: async () => {
      for (let row = waiting[0]; row !== undefined && !deps.signal.aborted; row = waiting[0]) {
        const [, resentId] = (row.kind === 'api' && RESEND_PATH.exec(row.path)) || []
        if (resentId !== undefined && row.response?.status === 200) {
          await handleEvent(deps, Number(resentId), counts, true).catch(unlessMissing)
        } else if (row.kind === 'webhook' && row.event_id !== undefined) {
          deps.onDelivery(row)
        }
        waiting.shift()
      }
    },
  }
}

type ListenCountsSoFar = { shownCount: number; forwardedCount: number; acceptedCount: number }

async function handleEvent(
  { client, clock, forwardTo, isWanted, onEvent, onForwarded, signal }: ListenDeps,
  id: number,
  counts: ListenCountsSoFar,
  isResent = false,
): Promise<void> {
  const event = await client.events.retrieve(id, { signal })
  if (!isWanted(event.event_type)) return
  onEvent(event, await lineOf(client, event, signal), isResent)
  counts.shownCount += 1
  if (forwardTo === undefined) return
  const body = JSON.stringify(event.payload)
  const outcome = await forwardEvent(forwardTo, { id: String(id), body }, clock, signal)
  // An event whose forwarding was interrupted by the end does not count.
  if (signal.aborted) return
  counts.forwardedCount += 1
  if (outcome.kind === 'answered' && isAccepted(outcome.status)) counts.acceptedCount += 1
  onForwarded(event, outcome)
}

function throwUnlessAborted(signal: AbortSignal): (error: unknown) => undefined {
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
  const parts = [
    showTime(event.event_time),
    event.event_type.padEnd('payment.succeeded'.length),
    `${name.replace(/s$/, '')} ${id}`,
    `${fields.amount ?? ''} ${currency}`.trim(),
    `event ${event.event_id}`,
  ]
  return plain(parts.join('  '))
}

/** A refund has no currency, so its payment is read. */
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

/** Writes the line about the answer of the receiver, below the line of the event. */
export function forwardedLine(outcome: ForwardOutcome): string {
  const after = `after ${outcome.durationMs} ms`
  if (outcome.kind === 'failed') return `          no answer ${after}: ${plain(outcome.reason)}`
  const status = styledStatus(String(outcome.status))
  return isAccepted(outcome.status)
    ? `          ${status} ${after}`
    : `          ${status} ${after}: only a status from 200 to 299 accepts an event`
}

/** Writes the line about a webhook to an endpoint: `          to http://127.0.0.1:3000/hooks  attempt 2  503 after 3 ms  event 25…`. */
export function deliveryLine(row: Exchange, attempt: number): string {
  const status = row.response?.status
  const answer = status === undefined ? plain(row.failure) : styledStatus(String(status))
  const number = attempt === 1 ? '' : `attempt ${attempt}`
  return [
    `          to ${plain(row.path)}`,
    number,
    `${answer} after ${row.duration_ms} ms`,
    plain(`event ${row.event_id}`),
  ]
    .filter((part) => part !== '')
    .join('  ')
}
