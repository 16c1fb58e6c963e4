import type { PaydeskClient, PaydeskEvent, Payment, PaymentSession } from '../../client/index.ts'
import { isObject } from '../../client/transport.ts'
import { orderTimeline, paymentIdOf, type TimedEntry } from '../../domain/timeline-order.ts'
import { udfNote } from '../../sandbox/control/udf-note.ts'

/** The kinds of timeline entries. */
export const TIMELINE_ENTRIES = [
  'session_created',
  'note',
  'attempt',
  'event',
  'delivery_attempt',
] as const

type TimelineEntry = {
  /** ISO 8601. */
  readonly time: string
  readonly what: (typeof TIMELINE_ENTRIES)[number]
  readonly [detail: string]: unknown
}

/** The maximum number of events of a timeline, because each event and each of its deliveries needs a call. */
const EVENT_COUNT_MAX = 20
const ENTRY_COUNT_MAX = 50

/** Reads a session, its payments, and its timeline. Throws PaydeskError. */
export async function timelineOf(client: PaydeskClient, id: string) {
  const [session, eventPage] = await Promise.all([
    client.paymentSessions.retrieve(id),
    client.events.list({ payments_session_id: id, per_page: EVENT_COUNT_MAX }),
  ])
  const [payments, events] = await Promise.all([
    Promise.all(session.payments.map(({ payment_id: id }) => client.payments.retrieve(id))),
    Promise.all(eventPage.events.map(({ event_id: id }) => client.events.retrieve(id))),
  ])
  const deliveries = await Promise.all(events.map((event) => deliveryEntries(client, event)))
  const entries = orderTimeline<Entry>({
    session: [sessionEntry(session), ...noteEntries(session)],
    requests: [],
    // Lists are sorted from newest to oldest.
    attempts: payments.toReversed().map((payment) => ({
      paymentId: payment.payment_id,
      entries: [attemptEntry(payment)],
    })),
    refunds: [],
    events: events
      .map((event, index) => ({
        paymentId: paymentIdOf(event.payload.event_object),
        entries: [eventEntry(event), ...(deliveries[index] ?? [])],
      }))
      .toReversed(),
  })
  const timeline = entries.map(({ atMs, entry }) => ({
    time: new Date(atMs).toISOString(),
    ...entry,
  }))
  return {
    payments_session: session,
    payments,
    timeline: timeline.slice(0, ENTRY_COUNT_MAX),
    is_cut: eventPage.page_context.has_more_page || timeline.length > ENTRY_COUNT_MAX,
  }
}

type Entry = Omit<TimelineEntry, 'time'>

function sessionEntry(session: PaymentSession): TimedEntry<Entry> {
  const { amount, created_time: seconds, currency } = session
  return { atMs: seconds * 1_000, entry: { what: 'session_created', amount, currency } }
}

function noteEntries({
  configurations = {},
  created_time: seconds,
}: PaymentSession): readonly TimedEntry<Entry>[] {
  const { hosted_page_parameters: parameters }: { readonly hosted_page_parameters?: unknown } =
    configurations
  const note = isObject(parameters) ? udfNote(parameters) : undefined
  return note === undefined ? [] : [{ atMs: seconds * 1_000, entry: { what: 'note', ...note } }]
}

function attemptEntry(payment: Payment): TimedEntry<Entry> {
  const { date: seconds, failure_code, payment_id, payment_method, status } = payment
  return {
    atMs: seconds * 1_000,
    entry: { what: 'attempt', payment_id, status, method: payment_method.type, failure_code },
  }
}

function eventEntry({
  deliveries,
  event_id,
  event_time,
  event_type,
}: PaydeskEvent): TimedEntry<Entry> {
  return {
    // The time is in whole seconds, like the times of the event's deliveries.
    atMs: Math.floor(event_time / 1_000) * 1_000,
    entry: { what: 'event', event_id, event_type, endpoint_count: deliveries.length },
  }
}

async function deliveryEntries(
  client: PaydeskClient,
  { deliveries, event_id, event_type }: PaydeskEvent,
): Promise<readonly TimedEntry<Entry>[]> {
  const reads = deliveries.map(async ({ webhook_url_id }) => {
    const delivery = await client.webhooks.deliveries.retrieve(webhook_url_id, event_id)
    const { attempts, next_attempt_time: next } = delivery
    return attempts.map(({ failure, http_status, number, time }, index) => ({
      atMs: time * 1_000,
      entry: {
        what: 'delivery_attempt' as const,
        event_id,
        event_type,
        webhook_url_id,
        number,
        http_status,
        failure,
        ...(index === attempts.length - 1 &&
          next !== undefined && { tried_again_at: new Date(next * 1_000).toISOString() }),
      },
    }))
  })
  return (await Promise.all(reads)).flat()
}
