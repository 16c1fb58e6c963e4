import { h, type JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useConsole } from './context.ts'
import { useResource } from './live.ts'
import {
  Act,
  Card,
  Code,
  Copied,
  Dialog,
  Empty,
  Facts,
  Form,
  Shown,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { RefundButton } from './payments-view.tsx'
import { AttemptInputs, attemptBody, newAttempt } from './play-form.tsx'
import { IdLink, to } from './router.tsx'
import { ask } from './server.ts'
import { showAmount, showDuration, words } from './show.ts'
import type { SessionStory, TimelineEntry } from './wire.ts'

/** All about one session. */
export function SessionView({ id }: { readonly id: string }): JSX.Element {
  const story = useResource<{ session: SessionStory }>(
    `/sessions/${encodeURIComponent(id)}/timeline`,
  )
  const told = story.answer?.session
  const { setAccountId } = useConsole()
  // A link leads to any account's session; from there on the lists are of that account.
  useEffect(() => {
    if (told !== undefined) setAccountId(told.account_id)
  }, [told?.account_id])
  return h(
    'div',
    null,
    h(ViewHead, {
      title: ['Session ', h('span', { class: 'mono', key: 'id' }, id)],
      up: { href: to('sessions'), text: 'Sessions' },
      actions: told && h(SessionActs, { story: told }),
    }),
    h(Shown<{ session: SessionStory }>, {
      of: story,
      children: ({ session }) => h(Story, { story: session }),
    }),
  )
}

function SessionActs({ story }: { readonly story: SessionStory }): JSX.Element {
  const { facts } = useConsole()
  const [isPlaying, setPlaying] = useState(false)
  const { payments_session_id: id, status } = story.payments_session
  const isOpen = status === 'created'
  return h(
    'div',
    { class: 'actions' },
    isOpen &&
      facts.plays_attempts &&
      h(
        'button',
        { type: 'button', class: 'primary', onClick: () => setPlaying(true) },
        'Play an attempt',
      ),
    (isOpen || status === 'in_progress') &&
      h(
        'a',
        { class: 'button', href: story.checkout_url, target: '_blank', rel: 'noreferrer' },
        'Open checkout',
      ),
    isOpen &&
      (['expire', 'cancel'] as const).map((act) =>
        h(
          Act,
          {
            key: act,
            done: act === 'expire' ? 'The session has expired.' : 'The session was canceled.',
            onAct: () => ask('POST', `/sessions/${id}/${act}`, {}),
          },
          act === 'expire' ? 'Expire' : 'Cancel',
        ),
      ),
    isPlaying && h(PlayDialog, { id, onClose: () => setPlaying(false) }),
  )
}

function PlayDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const { say } = useConsole()
  const [attempt, setAttempt] = useState(newAttempt())
  const play = async () => {
    await ask('POST', `/sessions/${id}/attempts`, { attempts: [attemptBody(attempt)] })
    say('The attempt was played.')
    onClose()
  }
  return h(
    Dialog,
    { title: 'Play an attempt', onClose },
    h(
      Form,
      { label: 'Play it', onSend: play },
      h(AttemptInputs, { attempt, onChange: setAttempt }),
    ),
  )
}

function Story({ story }: { readonly story: SessionStory }): JSX.Element {
  const { nowMs } = useConsole()
  const { checkout_url: checkoutUrl, payments, payments_session: session, refunds } = story
  const leftMs = session.expiry_time * 1000 - nowMs()
  return h(
    'div',
    { class: 'columns story' },
    h(
      Card,
      { title: 'Timeline' },
      h(
        'ol',
        { class: 'timeline' },
        story.timeline.map((entry, index) => h(TimelineItem, { key: index, entry })),
      ),
    ),
    h(
      'div',
      null,
      h(
        Card,
        { title: 'Facts' },
        h(Facts, {
          rows: [
            ['Amount', showAmount(session)],
            ['Status', h(Status, { value: session.status })],
            ['Description', session.description],
            ['Invoice number', session.invoice_number],
            ['Reference number', session.reference_number],
            ['Account', h('span', { class: 'mono' }, story.account_id)],
            ['Created', h(Time, { atMs: session.created_time * 1000 })],
            [
              'Expires',
              h(
                'span',
                null,
                h(Time, { atMs: session.expiry_time * 1000 }),
                session.status === 'created' && leftMs > 0 && ` (in ${showDuration(leftMs)})`,
              ),
            ],
            ['Id', h(Copied, { text: session.payments_session_id, what: 'session id' })],
            ['Stored id', h('span', { class: 'mono' }, story.stored_id)],
            ['Checkout', h(Copied, { text: checkoutUrl, what: 'checkout address' })],
          ],
        }),
      ),
      h(
        Card,
        { title: 'Payments' },
        payments.length === 0
          ? h(
              Empty,
              { title: 'Nobody has tried to pay.' },
              'Open the checkout, or play an attempt.',
            )
          : h(
              'ul',
              { class: 'lines' },
              payments.map((payment) =>
                h(
                  'li',
                  { key: payment.payment_id },
                  h(IdLink, { of: 'payments', id: payment.payment_id }),
                  h('span', null, words(payment.payment_method.type)),
                  h(Status, { value: payment.status }),
                  h(RefundButton, { payment, accountId: story.account_id }),
                ),
              ),
            ),
        refunds.length > 0 && h('h3', null, 'Refunds'),
        h(
          'ul',
          { class: 'lines' },
          refunds.map((refund) =>
            h(
              'li',
              { key: refund.refund_id },
              h('span', { class: 'mono' }, refund.refund_id),
              h('span', null, `${session.currency} ${refund.amount}`),
              h(Status, { value: refund.status }),
            ),
          ),
        ),
      ),
      h(
        Card,
        { title: 'As the API answers it' },
        h(Code, {
          label: 'session as JSON',
          text: JSON.stringify(session, undefined, 2),
        }),
      ),
    ),
  )
}

const KINDS: Readonly<Record<TimelineEntry['kind'], string>> = {
  session: 'Move',
  attempt: 'Move',
  refund: 'Move',
  event: 'Event',
  delivery: 'Webhook',
  request: 'Request',
  processor: 'Processor',
}

function hrefOf({
  event_id: eventId,
  kind,
  payment_id: paymentId,
  request_id,
  webhook_url_id,
}: TimelineEntry) {
  if (request_id !== undefined) return to('requests', request_id)
  if (webhook_url_id !== undefined && eventId !== undefined) {
    return to('webhooks', webhook_url_id, 'deliveries', eventId)
  }
  return kind !== 'event' && paymentId !== undefined ? to('payments', paymentId) : undefined
}

function TimelineItem({ entry }: { readonly entry: TimelineEntry }): JSX.Element {
  const href = hrefOf(entry)
  return h(
    'li',
    { class: `kind-${entry.kind}` },
    h(Time, { atMs: entry.time_ms }),
    h('span', { class: 'kind' }, KINDS[entry.kind]),
    h(
      'span',
      { class: 'what' },
      href === undefined ? entry.text : h('a', { href }, entry.text),
      entry.detail !== undefined && h('small', null, entry.detail),
      entry.fault_id !== undefined &&
        h('small', null, h('a', { href: to('faults') }, `by ${entry.fault_id}`)),
    ),
    entry.status === undefined ? h('span', null) : h(Status, { value: entry.status }),
  )
}
