import type { JSX } from 'preact'
import type { TimelineEntry } from '../../wire/timeline-entry.ts'
import { useConsole } from './context.ts'
import { Card, Status, Time } from './parts.tsx'
import { viewPath } from './router.tsx'
import { methodTextOf, showAmountText } from './show.ts'
import { type PlainKey, type TextKey, text, translateSentence, wordsOf } from './text.ts'

/** The timeline of a session or a payment link, oldest first. */
export function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }): JSX.Element {
  return (
    <Card title={text('Timeline')}>
      <ol class="timeline">
        {entries.map((entry, index) => (
          <TimelineItem key={index} entry={entry} />
        ))}
      </ol>
    </Card>
  )
}

const KINDS: Readonly<Record<TimelineEntry['kind'], PlainKey>> = {
  link: 'Change#noun',
  session: 'Change#noun',
  attempt: 'Change#noun',
  refund: 'Change#noun',
  payout: 'Payout',
  message: 'Message',
  event: 'Event',
  delivery: 'Webhook',
  request: 'Request',
  processor: 'Processor',
}

/** The sentences with a translation. Others, such as those of a sandbox's log, stay in English. */
const SENTENCES: readonly TextKey[] = [
  'Payment session created',
  'Payment session expired',
  'Attempt {number} began',
  'Attempt {number} {status}',
  'Waiting for the processor',
  'Result from the processor',
  'Payout initiated',
  'Payment disputed',
  'Dispute {status}',
  'Refund created',
  'Refund {status}',
  'Event {type}',
  'Webhook {type}, attempt {number}',
  'Payment link created',
  'Payment link {status}',
  '{message} by {channel}',
]

/** Undefined: the object has no view. */
function hrefOf(
  {
    event_id: eventId,
    kind,
    message_id: messageId,
    payment_id: paymentId,
    payments_session_id: sessionId,
    payout_id: payoutId,
    request_id,
    webhook_url_id,
  }: TimelineEntry,
  isLive: boolean,
) {
  if (request_id !== undefined) return viewPath('requests', request_id)
  if (webhook_url_id !== undefined && eventId !== undefined) {
    return viewPath('webhooks', webhook_url_id, 'deliveries', eventId)
  }
  // Only a sandbox shows its outbox.
  if (messageId !== undefined) return isLive ? undefined : viewPath('messages', messageId)
  if (payoutId !== undefined) return viewPath('payouts', payoutId)
  if (kind === 'event' && eventId !== undefined) return viewPath('events', eventId)
  if (paymentId !== undefined) return viewPath('payments', paymentId)
  return sessionId === undefined ? undefined : viewPath('sessions', sessionId)
}

/** The detail of an entry: an amount, a method, or another text of the server, which is in English. */
function Detail({ detail }: { readonly detail: string }): JSX.Element {
  const shownText = methodTextOf(detail) ?? wordsOf(detail) ?? showAmountText(detail)
  return (
    <small lang={shownText === detail ? 'en' : undefined} dir="auto">
      {shownText}
    </small>
  )
}

function TimelineItem({ entry }: { readonly entry: TimelineEntry }): JSX.Element {
  const { isLive } = useConsole()
  const href = hrefOf(entry, isLive)
  const sentence = translateSentence(entry.text, SENTENCES)
  const shownText = (
    <span lang={sentence === undefined ? 'en' : undefined}>{sentence ?? entry.text}</span>
  )
  return (
    <li class={`kind-${entry.kind}`}>
      <Time atMs={entry.time_ms} />
      <span class="kind">{text(KINDS[entry.kind])}</span>
      <span class="what">
        {href === undefined ? shownText : <a href={href}>{shownText}</a>}
        {entry.detail !== undefined && <Detail detail={entry.detail} />}
        {entry.fault_id !== undefined && (
          <small>
            <a href={viewPath('faults')}>{text('caused by {fault}', { fault: entry.fault_id })}</a>
          </small>
        )}
      </span>
      {entry.status === undefined ? <span /> : <Status value={entry.status} />}
    </li>
  )
}
