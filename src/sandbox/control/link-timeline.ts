import { type PaymentLink, paymentLinkStatusAt } from '../../domain/payment-link.ts'
import type { PaymentSessionRecord, WebhookEvent } from '../../operations/store.ts'
import type { LoggedRequest } from '../log/logged-request.ts'
import { LOG_COUNT_MAX, queryLog } from '../log/request-log.ts'
import {
  callEntry,
  deliveryEntries,
  eventEntry,
  messageEntries,
  type TimelineEntry,
  type TimelineSource,
  timelineOf,
} from './session-timeline.ts'
import { showAmount } from './show-amount.ts'

/** The most sessions of a link in its timeline: most links have one or two. */
export const LINK_SESSION_COUNT_MAX = 20
/** The most events of a link in its timeline: it has at most one, unless a developer triggers more. */
const EVENT_COUNT_MAX = 50

/**
 * Returns the timeline of a payment link, oldest first: its moves, the requests and the messages about it, its events with
 * their deliveries, and the timelines of its sessions.
 */
export async function linkTimelineOf(
  source: TimelineSource,
  link: PaymentLink,
  sessions: readonly PaymentSessionRecord[],
  nowMs: number,
): Promise<readonly TimelineEntry[]> {
  const { log, store } = source
  const subject = { kind: 'payment_link', id: link.id } as const
  const { items } = await store.webhookEvents.list(
    link.accountId,
    { subject },
    { page: 1, perPage: EVENT_COUNT_MAX },
  )
  const events = items.toReversed()
  const [messages, deliveries, ofSessions] = await Promise.all([
    messageEntries(store, link.id),
    Promise.all(events.map((event) => deliveryEntries(store, event))),
    Promise.all(sessions.toReversed().map((session) => sessionEntries(source, session, nowMs))),
  ])
  const requests = queryLog(log.entries(), { kind: 'api', countMax: LOG_COUNT_MAX })
    .filter((request) => isAbout(request, link))
    .toReversed()
  const inOrder = [
    createdEntry(link),
    ...requests.map(callEntry),
    ...messages,
    ...ofSessions.flat(),
    ...expiryEntries(link, events, nowMs),
    ...events.flatMap((event, index) => [
      ...endEntries(event),
      eventEntry(event),
      ...(deliveries[index] ?? []),
    ]),
  ]
  // The sort is stable, so causes stay before their effects of the same time.
  return inOrder.toSorted((one, other) => one.time_ms - other.time_ms)
}

/** Returns the timeline of a session of the link. Its entries lead to the session. */
async function sessionEntries(
  source: TimelineSource,
  session: PaymentSessionRecord,
  nowMs: number,
): Promise<readonly TimelineEntry[]> {
  const entries = await timelineOf(source, session, nowMs)
  return entries.map((entry) =>
    entry.kind === 'session' ? { ...entry, payments_session_id: session.id } : entry,
  )
}

/** Returns true for the requests of the API and the forms of the page that name the link. */
function isAbout({ path, response }: LoggedRequest, { id, url }: PaymentLink): boolean {
  const [pathOnly = ''] = path.split('?')
  return (
    pathOnly.split('/').includes(id) ||
    pathOnly.endsWith(url.slice(url.lastIndexOf('/'))) ||
    // The answer to the creation.
    (pathOnly.endsWith('/paymentlinks') &&
      response?.body.includes(`"payment_links":{"payment_link_id":"${id}"`) === true)
  )
}

function createdEntry({ amount, createdAtMs }: PaymentLink): TimelineEntry {
  return {
    time_ms: createdAtMs,
    kind: 'link',
    text: 'Payment link created',
    detail: showAmount(amount),
    status: 'active',
  }
}

const ENDS: ReadonlyMap<string, string> = new Map([
  ['payment_link.paid', 'paid'],
  ['payment_link.canceled', 'canceled'],
  ['payment_link.expired', 'expired'],
])

/** Returns the end of a link that an event reports. */
function endEntries({ createdAtMs, type }: WebhookEvent): readonly TimelineEntry[] {
  const status = ENDS.get(type)
  if (status === undefined) return []
  return [{ time_ms: createdAtMs, kind: 'link', text: `Payment link ${status}`, status }]
}

/** Returns the expiry of a link while no event reports it yet. */
function expiryEntries(
  link: PaymentLink,
  events: readonly WebhookEvent[],
  nowMs: number,
): readonly TimelineEntry[] {
  const isReported = events.some(({ type }) => type === 'payment_link.expired')
  if (isReported || paymentLinkStatusAt(link, nowMs) !== 'expired') return []
  return [
    {
      time_ms: link.expiresAtMs,
      kind: 'link',
      text: 'Payment link expired',
      status: 'expired',
    },
  ]
}
