import type { Dispute } from '../../domain/dispute.ts'
import type { Message, MessageChannel, MessageKind } from '../../domain/message.ts'
import { DECLINES, type PaymentAttempt } from '../../domain/payment-attempt.ts'
import { statusAt } from '../../domain/payment-session.ts'
import type { Refund } from '../../domain/refund.ts'
import { configurationsOf } from '../../operations/configurations.ts'
import type { PaymentSessionRecord, Store, WebhookEvent } from '../../operations/store.ts'
import type { LoggedRequest } from '../log/logged-request.ts'
import { LOG_COUNT_MAX, queryLog, type RequestLog } from '../log/request-log.ts'
import { showAmount } from './show-amount.ts'
import { orderTimeline, paymentIdOf, type TimedEntry, udfNote } from './timeline-order.ts'

/** One entry of the timeline of a session or a payment link, with the ids that it links to. */
export type TimelineEntry = {
  readonly time_ms: number
  readonly kind:
    | 'link'
    | 'session'
    | 'attempt'
    | 'refund'
    | 'payout'
    | 'message'
    | 'event'
    | 'delivery'
    | 'request'
    | 'processor'
  readonly text: string
  readonly detail?: string | undefined
  /** The status or the outcome, if there is one. */
  readonly status?: string | undefined
  /** The session of an entry about one of a payment link's sessions. */
  readonly payments_session_id?: string
  readonly payment_id?: string
  readonly refund_id?: string
  readonly payout_id?: string
  readonly message_id?: string
  readonly event_id?: string
  readonly webhook_url_id?: string
  readonly request_id?: string
  readonly fault_id?: string
}

/** The most events in a session's timeline. Most sessions have only a few. */
const EVENT_COUNT_MAX = 50

/** The most messages about one object in a timeline. Most objects have one or two. */
const MESSAGE_COUNT_MAX = 20

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
  readonly log: Pick<RequestLog, 'entries'>
}

/**
 * Returns the timeline of a session, oldest first: its moves, its requests and processor calls, the receipts and the
 * payouts of its payments, its events, and each POST of their deliveries.
 */
export async function timelineOf(
  { log, store }: TimelineSource,
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
  const calls = callsAbout(log, session, attempts)
  const orderedEntries = orderTimeline({
    session: sessionEntries(session, nowMs).map(timedEntryOf),
    requests: calls
      .filter(({ isOfAttempt }) => !isOfAttempt)
      .map(({ entry }) => timedEntryOf(entry)),
    // Lists are sorted from newest to oldest.
    attempts: attempts
      .map((attempt, index) => {
        const [start, ...ends] = attemptEntries(attempt)
        const own = calls.filter((call) => call.isOfAttempt && call.paymentId === attempt.id)
        const later = consequences[index] ?? []
        const entries = [start, ...own.map(({ entry }) => entry), ...ends, ...later]
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

function sessionEntries(session: PaymentSessionRecord, nowMs: number): readonly TimelineEntry[] {
  const { amount, createdAtMs, expiresAtMs } = session
  const creation: TimelineEntry = {
    time_ms: createdAtMs,
    kind: 'session',
    text: 'Payment session created',
    detail: showAmount(amount),
    status: 'created',
  }
  const entries = [creation, ...udfNotes(session)]
  if (statusAt(session, nowMs) !== 'expired') return entries
  return [
    ...entries,
    { time_ms: expiresAtMs, kind: 'session', text: 'Payment session expired', status: 'expired' },
  ]
}

function udfNotes(session: PaymentSessionRecord): readonly TimelineEntry[] {
  const note = udfNote(configurationsOf(session).hostedPage)
  return note === undefined ? [] : [{ time_ms: session.createdAtMs, kind: 'session', ...note }]
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

/** Returns the entries of a payment's receipt and of the payout that has its money. */
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
    text: 'Paid out',
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
  mandate_notice: 'Notice of a debit',
}
const CHANNEL_NAMES: Readonly<Record<MessageChannel, string>> = {
  email: 'e-mail',
  sms: 'text message',
  upi_app: 'UPI notice',
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
        text: `Webhook ${event.type}, try ${number}`,
        event_id: event.id,
        webhook_url_id: endpointId,
        detail: failure,
        status: httpStatus === undefined ? 'no answer' : String(httpStatus),
      }),
    )
  })
  return (await Promise.all(reads)).flat()
}

/** A call about a session. `isOfAttempt`: a call of the processor. */
type Call = {
  readonly paymentId: string | undefined
  readonly isOfAttempt: boolean
  readonly entry: TimelineEntry
}

/** Returns the calls about a session, without webhooks: the store keeps those longer than the log. */
function callsAbout(
  log: TimelineSource['log'],
  { id }: PaymentSessionRecord,
  attempts: readonly PaymentAttempt[],
): readonly Call[] {
  const paymentIds = attempts.map((attempt): string => attempt.id)
  return queryLog(log.entries(), { paymentSessionId: id, paymentIds, countMax: LOG_COUNT_MAX })
    .toReversed()
    .filter(({ kind }) => kind !== 'webhook')
    .map((request) => ({
      paymentId: request.paymentId,
      isOfAttempt: request.kind === 'processor' && paymentIds.includes(request.paymentId ?? ''),
      entry: callEntry(request),
    }))
}

/** Makes the entry of a logged call. */
export function callEntry({
  atMs,
  failure,
  faultId,
  id,
  kind,
  method,
  path,
  repeatCount,
  response,
}: LoggedRequest): TimelineEntry {
  return {
    time_ms: atMs,
    kind: kind === 'api' ? 'request' : 'processor',
    text: `${method} ${path.split('?')[0]}`,
    detail: failure ?? (repeatCount === undefined ? undefined : `repeated ${repeatCount} times`),
    status: response === undefined ? 'no answer' : String(response.status),
    request_id: String(id),
    ...(faultId !== undefined && { fault_id: faultId }),
  }
}
