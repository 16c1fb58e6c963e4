import { h, type JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { WEBHOOK_EVENT_TYPES } from '../../../domain/webhook-event.ts'
import { useConsole } from './context.ts'
import { List, Pages } from './list.tsx'
import { useResource } from './live.ts'
import { Card, Dialog, Empty, Field, Form, Shown, Status, Tick, Time, ViewHead } from './parts.tsx'
import { go, IdLink, setQuery, setQueryOf, to } from './router.tsx'
import { ask, readObject, withQuery } from './server.ts'
import { SigningTimeNote } from './signing-time-note.tsx'
import type { Endpoint, EventRow, PageContext } from './wire.ts'

/** Events that happen here by themselves. The others come only when they are asked for. */
const COMMON: readonly string[] = [
  'payment.succeeded',
  'payment.failed',
  'payment.pending',
  'refund.succeeded',
  'refund.failed',
]

/** The account's endpoints, and the events that were there for them. */
export function WebhooksView(): JSX.Element {
  const { accountId } = useConsole()
  const [opened, open] = useState<'endpoint' | 'event'>()
  const endpoints = useResource<{ webhooks: Endpoint[] }>(
    withQuery('/api/webhooks', { account_id: accountId }),
  )
  const query = new URLSearchParams(location.search)
  const type = query.get('type') ?? ''
  const events = useResource<{ events: EventRow[]; page_context: PageContext }>(
    withQuery('/api/events', {
      account_id: accountId,
      event_type: type,
      page: query.get('page') ?? '1',
      per_page: '15',
    }),
  )
  const close = () => open(undefined)
  return h(
    'div',
    null,
    h(
      ViewHead,
      {
        title: 'Webhooks',
        actions: [
          h(
            'button',
            { key: 'new', type: 'button', class: 'primary', onClick: () => open('endpoint') },
            'New endpoint',
          ),
          h(
            'button',
            { key: 'test', type: 'button', onClick: () => open('event') },
            'Send a test event',
          ),
        ],
      },
      'Where events are sent, and each event with its deliveries: what was sent, how it was signed, what came back.',
    ),
    h(SigningTimeNote, null),
    opened === 'endpoint' && h(NewEndpointDialog, { onClose: close }),
    opened === 'event' && h(TestEventDialog, { onClose: close }),
    h(
      Card,
      { title: 'Endpoints' },
      h(Shown<{ webhooks: Endpoint[] }>, {
        of: endpoints,
        children: ({ webhooks: rows }) =>
          rows.length === 0
            ? h(
                Empty,
                { title: 'Nobody is told of anything yet.' },
                'Start your server, then make an endpoint with its URL. Without a server of your own, run ',
                h('code', null, 'npx paydesk webhook listen'),
                '.',
              )
            : h(
                'ul',
                { class: 'lines' },
                rows.map((one) =>
                  h(
                    'li',
                    { key: one.webhook_url_id },
                    h('a', { href: to('webhooks', one.webhook_url_id) }, one.name),
                    h('span', { class: 'mono clip' }, one.url),
                    h(Status, { value: one.status }),
                  ),
                ),
              ),
      }),
    ),
    h(
      Card,
      {
        title: 'Events',
        actions: h(Field, {
          label: 'Type',
          value: type,
          onValue: setQueryOf('type'),
          options: [['', 'all'], ...WEBHOOK_EVENT_TYPES.map((one) => [one, one] as const)],
          class: 'inline',
        }),
      },
      h(Shown<{ events: EventRow[]; page_context: PageContext }>, {
        of: events,
        children: ({ events: rows, page_context: context }) =>
          rows.length === 0
            ? h(
                Empty,
                { title: 'There is no such event yet.' },
                'Pay something, or send a test event with the button above.',
              )
            : [
                h(List, {
                  key: 'list',
                  label: 'Events',
                  columns: [
                    { title: 'Time', class: 'when' },
                    { title: 'Event', class: 'main' },
                    { title: 'Session', class: 'wide' },
                    { title: 'Deliveries' },
                  ],
                  rows: rows.map((one) => ({
                    key: String(one.event_id),
                    cells: [
                      h(Time, { atMs: one.event_time }),
                      one.event_type,
                      h(IdLink, { of: 'sessions', id: one.payments_session_id }),
                      h(DeliveriesOf, {
                        eventId: String(one.event_id),
                        endpoints: endpoints.answer?.webhooks ?? [],
                      }),
                    ],
                  })),
                }),
                h(Pages, {
                  key: 'pages',
                  context,
                  noun: 'event',
                  onPage: (page) => setQuery('page', String(page)),
                }),
              ],
      }),
    ),
  )
}

type EventDeliveries = {
  readonly event: {
    readonly deliveries: readonly { readonly webhook_url_id: string; readonly status: string }[]
  }
}

function DeliveriesOf({
  endpoints,
  eventId,
}: {
  readonly eventId: string
  readonly endpoints: readonly Endpoint[]
}): JSX.Element {
  const { accountId } = useConsole()
  const { answer } = useResource<EventDeliveries>(
    withQuery(`/api/events/${eventId}`, { account_id: accountId }),
  )
  const deliveries = answer?.event.deliveries ?? []
  if (deliveries.length === 0)
    return h('span', { class: 'soft' }, answer ? 'nobody wanted it' : '…')
  return h(
    'span',
    { class: 'chips' },
    deliveries.map(({ status, webhook_url_id: id }) =>
      h(
        'span',
        { key: id },
        h(
          'a',
          { href: to('webhooks', id, 'deliveries', eventId) },
          endpoints.find((one) => one.webhook_url_id === id)?.name ?? id,
        ),
        h(Status, { value: status }),
      ),
    ),
  )
}

function NewEndpointDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { accountId, say } = useConsole()
  const [name, setName] = useState('Shop')
  const [url, setUrl] = useState('http://127.0.0.1:3000/webhooks')
  const [types, setTypes] = useState<readonly string[]>(COMMON)
  const send = async () => {
    const { webhook } = await ask<{ webhook: Endpoint }>(
      'POST',
      withQuery('/api/webhooks', { account_id: accountId }),
      { name, url, enabled_events: types },
    )
    say('The endpoint was made.')
    onClose()
    go(to('webhooks', webhook.webhook_url_id))
  }
  return h(
    Dialog,
    { title: 'New endpoint', onClose },
    h(
      Form,
      { label: 'Make the endpoint', onSend: send },
      h(Field, { label: 'Name', value: name, onValue: setName }),
      h(Field, {
        label: 'URL',
        value: url,
        onValue: setUrl,
        input: { inputmode: 'url' },
        hint: 'Your server has to run: it is sent a test request first.',
      }),
      h(TypesFieldset, { types, onTypes: setTypes }),
    ),
  )
}

/** Chooses types of events. */
export function TypesFieldset({
  onTypes,
  types,
}: {
  readonly types: readonly string[]
  readonly onTypes: (types: readonly string[]) => void
}): JSX.Element {
  return h(
    'fieldset',
    { class: 'ticks' },
    h('legend', null, 'Events'),
    WEBHOOK_EVENT_TYPES.map((type) =>
      h(Tick, {
        key: type,
        label: type,
        isOn: types.includes(type),
        onChange: (isOn) =>
          onTypes(isOn ? [...types, type] : types.filter((other) => other !== type)),
      }),
    ),
  )
}

function TestEventDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { accountId, say } = useConsole()
  const [type, setType] = useState<string>('payment.succeeded')
  const [text, setText] = useState('')
  const sample = useResource<{ sample: Readonly<Record<string, unknown>> }>(
    `/events/samples/${type}`,
  )
  const shownType = useRef('')
  useEffect(() => {
    if (sample.answer === undefined || shownType.current === type) return
    shownType.current = type
    setText(JSON.stringify(sample.answer.sample, undefined, 2))
  }, [sample.answer, type])
  const send = async () => {
    const data = readObject('data', text)
    await ask('POST', '/events', {
      event_type: type,
      account_id: accountId,
      data: patchFrom(sample.answer?.sample ?? {}, data),
    })
    say(`${type} was sent to the endpoints that want it.`)
    onClose()
  }
  return h(
    Dialog,
    { title: 'Send a test event', onClose },
    h('p', { class: 'soft' }, 'Nothing else happens: no money moves.'),
    h(
      Form,
      { label: 'Send it', onSend: send },
      h(Field, {
        label: 'Type',
        value: type,
        onValue: setType,
        options: WEBHOOK_EVENT_TYPES.map((one) => [one, one] as const),
      }),
      h(Field, {
        label: 'What the event is about, as JSON',
        value: text,
        onValue: setText,
        rows: 14,
        class: 'code-field',
      }),
    ),
  )
}

type Fields = Readonly<Record<string, unknown>>

/** The sandbox lays the data over its sample, where null takes a field away (RFC 7396). */
function patchFrom(sample: Fields, wanted: Fields): Fields {
  const removed = Object.keys(sample).filter((name) => !(name in wanted))
  const changed = Object.entries(wanted).map(([name, value]): [string, unknown] => {
    const before = sample[name]
    return [name, isFields(before) && isFields(value) ? patchFrom(before, value) : value]
  })
  return Object.fromEntries([...removed.map((name) => [name, null] as const), ...changed])
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
