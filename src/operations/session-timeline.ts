import type { Dispute } from '../domain/dispute.ts'
import type { Message, MessageChannel, MessageKind } from '../domain/message.ts'
import { DECLINES, type PaymentAttempt } from '../domain/payment-attempt.ts'
import { statusAt } from '../domain/payment-session.ts'
import type { Refund } from '../domain/refund.ts'
import { orderTimeline, paymentIdOf, type TimedEntry } from '../domain/timeline-order.ts'
import { showAmount } from '../wire/show-amount.ts'
import type { TimelineEntry } from '../wire/timeline-entry.ts'
import type { PaymentSessionRecord, Store, WebhookEvent } from './store.ts'

/** The maximum number of events in a session's timeline. Most sessions have only a few. */
const EVENT_COUNT_MAX = 50

/** The maximum number of messages about one object in a timeline. Most objects have one or two. */
const MESSAGE_COUNT_MAX = 20

/** The entries of a session's timeline that are not stored: a sandbox has them in its memory. */
export type LoggedEntries = {
  /** The warnings about the session. */
  readonly notes: readonly TimelineEntry[]
  /** The requests about the session, oldest first. */
  readonly requests: readonly TimelineEntry[]
  /** Returns the calls to the processor about one attempt, oldest first. */
  readonly callsOf: (attempt: PaymentAttempt) => readonly TimelineEntry[]
}

/** The sources of a timeline. */
export type TimelineSource = {
  readonly store: Pick<
    Store,
    | 'balanceTransactions'
    | 'messages'
    | 'paymentAttempts'
    | 'payouts'
    | 'refunds'
    | 'disputes'
    | 'webhookDeliveries'
    | 'webhookEvents'
  >
  /** Undefined: there is no log, so the stored facts show what is known about the calls to the processor. */
  readonly loggedEntriesOf?: (
    session: PaymentSessionRecord,
    attempts: readonly PaymentAttempt[],
  ) => LoggedEntries
}

const STORED_ENTRIES: LoggedEntries = { notes: [], requests: [], callsOf: storedCallEntries }

/**
 * Returns the timeline of a session, oldest first: its moves, its requests and processor calls, the receipts, refunds,
 * disputes and payouts of its payments, its events, and each POST of their deliveries.
 */
export async function timelineOf(
  { loggedEntriesOf, store }: TimelineSource,
  session: PaymentSessionRecord,
  nowMs: number,
): Promise<readonly TimelineEntry[]> {
  const { accountId, id } = session
  const [attempts, { items: events }] = await Promise.all([
    store.paymentAttempts.listBySession(id),
    store.webhookEvents.list(
      accountId,
      { subject: { kind: 'payment_session', id } },
      { page: 1, perPage: EVENT_COUNT_MAX },
    ),
  ])
  const [refunds, consequences, deliveries] = await Promise.all([
    Promise.all(attempts.map((attempt) => store.refunds.listByPayment(attempt.id))),
    Promise.all(attempts.map((attempt) => consequenceEntries(store, attempt))),
    Promise.all(events.map((event) => deliveryEntries(store, event))),
  ])
  const loggedEntries = loggedEntriesOf?.(session, attempts) ?? STORED_ENTRIES
  const orderedEntries = orderTimeline({
    session: sessionEntries(session, loggedEntries.notes, nowMs).map(timedEntryOf),
    requests: loggedEntries.requests.map(timedEntryOf),
    // Lists are sorted from newest to oldest.
    attempts: attempts
      .map((attempt, index) => {
        const [start, ...ends] = attemptEntries(attempt)
        const later = consequences[index] ?? []
        const entries = [start, ...loggedEntries.callsOf(attempt), ...ends, ...later]
        return { paymentId: attempt.id, entries: entries.map(timedEntryOf) }
      })
      .toReversed(),
    refunds: refunds.flat().flatMap(refundEntries).map(timedEntryOf),
    events: events
      .map((event, index) => ({
        paymentId: paymentIdIn(event),
        entries: [eventEntry(event), ...(deliveries[index] ?? [])].map(timedEntryOf),
      }))
      .toReversed(),
  })
  return orderedEntries.map(({ entry }) => entry)
}

function timedEntryOf(entry: TimelineEntry): TimedEntry<TimelineEntry> {
  return { atMs: entry.time_ms, entry }
}

function paymentIdIn({ bodyJson }: WebhookEvent): string | undefined {
  const { event_object: object }: { readonly event_object?: object } = JSON.parse(bodyJson)
  return object && paymentIdOf(object)
}

function sessionEntries(
  session: PaymentSessionRecord,
  notes: readonly TimelineEntry[],
  nowMs: number,
): readonly TimelineEntry[] {
  const { amount, createdAtMs, expiresAtMs } = session
  const creation: TimelineEntry = {
    time_ms: createdAtMs,
    kind: 'session',
    text: 'Payment session created',
    detail: showAmount(amount),
    status: 'created',
  }
  const entries = [creation, ...notes]
  if (statusAt(session, nowMs) !== 'expired') return entries
  return [
    ...entries,
    { time_ms: expiresAtMs, kind: 'session', text: 'Payment session expired', status: 'expired' },
  ]
}

function attemptEntries(
  attempt: PaymentAttempt,
): readonly [started: TimelineEntry, ...ends: TimelineEntry[]] {
  const { createdAtMs, decidedAtMs, declineCode, id, instrument, number, status } = attempt
  const start: TimelineEntry = {
    time_ms: createdAtMs,
    kind: 'attempt',
    payment_id: id,
    text: `Attempt ${number} began`,
    detail: instrument.type,
    status: 'initiated',
  }
  if (decidedAtMs === undefined) {
    return status === 'initiated' ? [start] : [{ ...start, status }]
  }
  return [
    start,
    {
      time_ms: decidedAtMs,
      kind: 'attempt',
      payment_id: id,
      status,
      text: `Attempt ${number} ${status}`,
      detail: declineCode && `${declineCode}: ${DECLINES[declineCode].reason}`,
    },
  ]
}

/**
 * Returns what the stored facts show about the calls to the processor for an attempt: the processor's reference, the
 * number of queries, and the time of the next query about an open attempt.
 */
function storedCallEntries(attempt: PaymentAttempt): readonly TimelineEntry[] {
  const { createdAtMs, decidedAtMs, id, nextQueryAtMs, processorReference, queryCount } = attempt
  const reference = processorReference && `reference ${processorReference}`
  const queries =
    queryCount > 0 ? `${queryCount} ${queryCount === 1 ? 'query' : 'queries'}` : undefined
  const next = nextQueryAtMs && `next query at ${new Date(nextQueryAtMs).toISOString()}`
  return [
    {
      time_ms: decidedAtMs ?? createdAtMs,
      kind: 'processor',
      payment_id: id,
      text: decidedAtMs === undefined ? 'Waiting for the processor' : 'Result from the processor',
      detail: [reference, queries, next].filter(Boolean).join(', ') || undefined,
    },
  ]
}

async function consequenceEntries(
  store: TimelineSource['store'],
  { id }: PaymentAttempt,
): Promise<readonly TimelineEntry[]> {
  const [messages, transaction, dispute] = await Promise.all([
    messageEntries(store, id),
    store.balanceTransactions.find('charge', id),
    store.disputes.findCurrent(id),
  ])
  const disputes = dispute === undefined ? [] : disputeEntries(dispute)
  const { payoutId } = transaction ?? {}
  const payout = payoutId && (await store.payouts.find(payoutId))
  if (payout === undefined) return [...messages, ...disputes]
  const payoutEntry: TimelineEntry = {
    time_ms: payout.createdAtMs,
    kind: 'payout',
    text: 'Payout initiated',
    status: payout.status,
    payout_id: payout.id,
  }
  return [...messages, payoutEntry, ...disputes]
}

function disputeEntries(dispute: Dispute): readonly TimelineEntry[] {
  const { amount, createdAtMs, decidedAtMs, paymentAttemptId, reason, status } = dispute
  const sharedFields = { kind: 'attempt', payment_id: paymentAttemptId } as const
  const opening: TimelineEntry = {
    ...sharedFields,
    time_ms: createdAtMs,
    text: 'Payment disputed',
    detail: `${showAmount(amount)}, ${reason.replaceAll('_', ' ')}`,
    status: 'open',
  }
  if (decidedAtMs === undefined) return [opening]
  return [opening, { ...sharedFields, time_ms: decidedAtMs, text: `Dispute ${status}`, status }]
}

const MESSAGE_NAMES: Readonly<Record<MessageKind, string>> = {
  receipt: 'Receipt',
  payment_link: 'Payment link',
  mandate_notice: 'Debit notice',
}
const CHANNEL_NAMES: Readonly<Record<MessageChannel, string>> = {
  email: 'e-mail',
  sms: 'text message',
  upi_app: 'UPI app',
}

/** Makes the entries of the messages about an object. */
export async function messageEntries(
  { messages }: Pick<TimelineSource['store'], 'messages'>,
  subjectId: Message['subjectId'],
): Promise<readonly TimelineEntry[]> {
  const subjectMessages = await messages.listBySubject(subjectId, MESSAGE_COUNT_MAX)
  return subjectMessages.map(({ channel, content, createdAtMs, id, recipient }) => ({
    time_ms: createdAtMs,
    kind: 'message',
    text: `${MESSAGE_NAMES[content.kind]} by ${CHANNEL_NAMES[channel]}`,
    detail: recipient,
    message_id: id,
  }))
}

function refundEntries(refund: Refund): readonly TimelineEntry[] {
  const { amount, createdAtMs, decidedAtMs, failureReason, id, paymentAttemptId, status } = refund
  const sharedFields = { kind: 'refund', refund_id: id, payment_id: paymentAttemptId } as const
  const start: TimelineEntry = {
    ...sharedFields,
    time_ms: createdAtMs,
    text: 'Refund created',
    status: 'initiated',
    detail: showAmount(amount),
  }
  return decidedAtMs === undefined
    ? [start]
    : [
        start,
        {
          ...sharedFields,
          time_ms: decidedAtMs,
          text: `Refund ${status}`,
          status,
          detail: failureReason,
        },
      ]
}

/** Makes the entry of an event. */
export function eventEntry({ createdAtMs, id, type }: WebhookEvent): TimelineEntry {
  return { time_ms: createdAtMs, kind: 'event', text: `Event ${type}`, event_id: id }
}

/** Makes an entry for each POST of an event's deliveries. */
export async function deliveryEntries(
  store: TimelineSource['store'],
  event: WebhookEvent,
): Promise<readonly TimelineEntry[]> {
  const deliveries = await store.webhookDeliveries.listByEvent(event.id)
  const reads = deliveries.map(async ({ endpointId }) => {
    const attempts = await store.webhookDeliveries.listAttempts(event.id, endpointId)
    return attempts.map(
      ({ failure, httpStatus, number, startedAtMs }): TimelineEntry => ({
        time_ms: startedAtMs,
        kind: 'delivery',
        text: `Webhook ${event.type}, attempt ${number}`,
        event_id: event.id,
        webhook_url_id: endpointId,
        detail: failure,
        status: httpStatus === undefined ? 'no answer' : String(httpStatus),
      }),
    )
  })
  return (await Promise.all(reads)).flat()
}
