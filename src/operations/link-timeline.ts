import { type PaymentLink, paymentLinkStatusAt } from '../domain/payment-link.ts'
import { showAmount } from '../wire/show-amount.ts'
import type { TimelineEntry } from '../wire/timeline-entry.ts'
import {
  deliveryEntries,
  eventEntry,
  messageEntries,
  type TimelineSource,
  timelineOf,
} from './session-timeline.ts'
import type { PaymentSessionRecord, WebhookEvent } from './store.ts'

/** The maximum number of sessions of a link in its timeline: most links have one or two. */
export const LINK_SESSION_COUNT_MAX = 20
/** The maximum number of events of a link in its timeline: it has at most one, unless a developer triggers more. */
const EVENT_COUNT_MAX = 50

/** The sources of a link's timeline. */
export type LinkTimelineSource = TimelineSource & {
  /** Returns the requests about the link, oldest first. Undefined: there is no log. */
  readonly requestEntriesOf?: (link: PaymentLink) => readonly TimelineEntry[]
}

/**
 * Returns the timeline of a payment link, oldest first: its moves, the requests and the messages about it, its events
 * with their deliveries, and the timelines of its sessions.
 */
export async function linkTimelineOf(
  source: LinkTimelineSource,
  link: PaymentLink,
  sessions: readonly PaymentSessionRecord[],
  nowMs: number,
): Promise<readonly TimelineEntry[]> {
  const { requestEntriesOf, store } = source
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
  const inOrder = [
    createdEntry(link),
    ...(requestEntriesOf?.(link) ?? []),
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

/** Entries about the session itself lead to the session. */
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
